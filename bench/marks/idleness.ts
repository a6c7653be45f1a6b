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

/** The kernel's figures of a thread: nanoseconds on a core, and waiting for one; and what it does now. */
interface Thread {
  spending: number;
  state: number;
  spent: Spent;
}

/** Nanoseconds of a thread. The kernel adds a wait for a core when it is over. */
interface Spent {
  onCoreNs: number;
  waitingNs: number;
}

/** What was left of a twentieth of a second that ended then. */
interface Rest {
  endedMs: number;
  idleMs: number;
  isAtDisk: boolean;
}

/** Milliseconds of a run. */
interface Idle {
  /** Nothing was done. */
  idleMs: number;
  /** No thread ran, but one waited for the disk. */
  diskMs: number;
}

/**
 * Finds the time in which nothing is done: of each twentieth of a second, what is left of it when all time is taken away in which a
 * thread of the worker, PostgreSQL, Temporal or the sandbox ran, or waited for a core. The sandbox answers as fast as it can, so a call
 * is under way while its threads run. Where a thread waits for the disk at the end of such a twentieth, all of that is apart.
 */
export class Idleness {
  readonly #threads = new Map<string, Thread>();
  readonly #rests: Rest[] = [];
  #lastMs = performance.now();

  private constructor(private readonly marks: readonly string[]) {}

  /** Looks for as long as some work takes. */
  static async during<T>({ settings: { dataDir } }: Everything, work: () => Promise<T>): Promise<[T, Idle]> {
    const idleness = new Idleness(AT_WORK.map((part) => markOf(part, dataDir)));
    await idleness.#findThreads();
    idleness.#lastMs = performance.now();
    const looking = setInterval(() => idleness.#look(), LOOK_EVERY_MS);
    const searching = setInterval(() => void idleness.#findThreads(), SEARCH_EVERY_MS);
    try {
      const result = await work();
      idleness.#look();
      return [result, idleness.#idle()];
    } finally {
      clearInterval(looking);
      clearInterval(searching);
      for (const path of idleness.#threads.keys()) idleness.#forget(path);
    }
  }

  #look(): void {
    const now = performance.now();
    let spentNs = 0;
    let longestWaitNs = 0;
    for (const [path, thread] of this.#threads) {
      const present = spentIn(thread.spending);
      if (present === undefined) {
        this.#forget(path);
        continue;
      }
      const waitedNs = present.waitingNs - thread.spent.waitingNs;
      spentNs += present.onCoreNs - thread.spent.onCoreNs + waitedNs;
      longestWaitNs = Math.max(longestWaitNs, waitedNs);
      thread.spent = present;
    }
    // a thread that has waited all the while had something to do
    const waitingSinceMs = now - longestWaitNs / NS_PER_MS;
    for (let at = this.#rests.length - 1; at >= 0; at -= 1) {
      const rest = this.#rests[at];
      if (!rest || rest.endedMs < waitingSinceMs) break;
      rest.idleMs = 0;
    }
    const idleMs = Math.max(0, now - this.#lastMs - spentNs / NS_PER_MS);
    const isAtDisk = idleMs > 0 && [...this.#threads.values()].some(({ state }) => waitsForDisk(state));
    this.#rests.push({ endedMs: now, idleMs, isAtDisk });
    this.#lastMs = now;
  }

  #idle(): Idle {
    const sum = (atDisk: boolean) =>
      this.#rests.reduce((all, { idleMs, isAtDisk }) => (isAtDisk === atDisk ? all + idleMs : all), 0);
    return { idleMs: sum(false), diskMs: sum(true) };
  }

  #forget(path: string): void {
    const thread = this.#threads.get(path);
    if (!thread) return;
    closeSync(thread.spending);
    closeSync(thread.state);
    this.#threads.delete(path);
  }

  async #findThreads(): Promise<void> {
    const ours = (await runningProcesses()).filter(({ commandLine }) =>
      this.marks.some((mark) => commandLine.includes(mark)),
    );
    for (const path of ours.flatMap(({ pid }) => threadsOf(pid))) {
      if (this.#threads.has(path)) continue;
      try {
        const [spending, state] = [openSync(`${path}/schedstat`, 'r'), openSync(`${path}/stat`, 'r')];
        this.#threads.set(path, { spending, state, spent: spentIn(spending) ?? { onCoreNs: 0, waitingNs: 0 } });
      } catch {
        // it has ended meanwhile
      }
    }
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
  } catch {
    return []; // it has ended meanwhile
  }
}

const line = Buffer.alloc(LONGEST_LINE);

/** Undefined for a thread that has ended. */
function spentIn(file: number): Spent | undefined {
  const text = beginningOf(file);
  const [onCoreNs = 0, waitingNs = 0] = text.split(' ').map(Number);
  return text === '' ? undefined : { onCoreNs, waitingNs };
}

/** The state follows the program's name, which stands in parentheses. */
const waitsForDisk = (file: number): boolean => beginningOf(file).includes(') D ');

/** Empty for a thread that has ended. */
function beginningOf(file: number): string {
  try {
    return line.toString('latin1', 0, readSync(file, line, 0, LONGEST_LINE, 0));
  } catch {
    return '';
  }
}
