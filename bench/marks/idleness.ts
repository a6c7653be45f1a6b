import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { markOf } from '../../src/local/parts';
import { runningProcesses } from '../../src/local/processes';
import type { PartName } from '../../src/local/supervised-part';
import type { Everything } from '../everything';

/** What works on a run, or answers its calls. The API is left out: it serves people. */
const AT_WORK: readonly PartName[] = ['worker', 'postgres', 'temporal', 'sandbox'];
const LOOK_EVERY_MS = 50;
/** Processes and threads that have come are looked for so often. */
const SEARCH_EVERY_MS = 2_000;
const NS_PER_MS = 1e6;
const LONGEST_LINE = 100;

/** The kernel's figures of a thread: nanoseconds on a core, and waiting for one. */
interface Thread {
  file: number;
  spentNs: number;
}

/**
 * Finds the time in which nothing is done: of each twentieth of a second, what is left of it when all time is taken away in which a
 * thread of the worker, PostgreSQL, Temporal or the sandbox ran, or waited for a core. The sandbox answers as fast as it can, so a call
 * is under way while its threads run.
 */
export class Idleness {
  readonly #threads = new Map<string, Thread>();
  #idleMs = 0;
  #lastMs = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #search: NodeJS.Timeout | undefined;

  private constructor(private readonly marks: readonly string[]) {}

  /** Begins to look. */
  static async watch({ settings: { dataDir } }: Everything): Promise<Idleness> {
    const idleness = new Idleness(AT_WORK.map((part) => markOf(part, dataDir)));
    await idleness.#findThreads();
    idleness.#lastMs = performance.now();
    idleness.#timer = setInterval(() => idleness.#look(), LOOK_EVERY_MS);
    idleness.#search = setInterval(() => void idleness.#findThreads(), SEARCH_EVERY_MS);
    return idleness;
  }

  /** Ends looking. @returns the milliseconds in which nothing was done */
  stop(): number {
    clearInterval(this.#timer);
    clearInterval(this.#search);
    this.#look();
    for (const { file } of this.#threads.values()) closeSync(file);
    this.#threads.clear();
    return this.#idleMs;
  }

  #look(): void {
    const now = performance.now();
    let spentNs = 0;
    for (const [path, thread] of this.#threads) {
      const present = spentIn(thread.file);
      if (present === undefined) {
        closeSync(thread.file);
        this.#threads.delete(path);
        continue;
      }
      spentNs += present - thread.spentNs;
      thread.spentNs = present;
    }
    this.#idleMs += Math.max(0, now - this.#lastMs - spentNs / NS_PER_MS);
    this.#lastMs = now;
  }

  async #findThreads(): Promise<void> {
    const ours = (await runningProcesses()).filter(({ commandLine }) =>
      this.marks.some((mark) => commandLine.includes(mark)),
    );
    for (const path of ours.flatMap(({ pid }) => threadsOf(pid))) {
      if (this.#threads.has(path)) continue;
      try {
        const file = openSync(path, 'r');
        this.#threads.set(path, { file, spentNs: spentIn(file) ?? 0 });
      } catch {
        // it has ended meanwhile
      }
    }
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`);
  } catch {
    return []; // it has ended meanwhile
  }
}

const line = Buffer.alloc(LONGEST_LINE);

/** Undefined for a thread that has ended. */
function spentIn(file: number): number | undefined {
  try {
    const length = readSync(file, line, 0, LONGEST_LINE, 0);
    const [onCore = 0, waiting = 0] = line.toString('latin1', 0, length).split(' ').map(Number);
    return length === 0 ? undefined : onCore + waiting;
  } catch {
    return undefined;
  }
}
