import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogFiles } from './log-files';
import { type PartCommand, spawnPart } from './part-command';
import { signalProcess, stopProcesses } from './processes';
import type { Say } from './tool-ladder';

export const PART_NAMES = ['postgres', 'temporal', 'sandbox', 'api', 'worker'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** One part of Sync on this machine: what starts it, what tells that it is ready, and how it is stopped. */
export interface Part {
  name: PartName;
  /** Stands in the command line of each of its processes, and in no other part's or data folder's. */
  mark: string;
  /** Makes ready what the part needs; called before each start, also after it died. */
  prepare(): Promise<PartCommand>;
  /** Returns when the part answers. */
  whenReady(signal: AbortSignal): Promise<void>;
  stopSignal: NodeJS.Signals;
  /** How long the part may take to end before it is killed. */
  patienceMs: number;
}

interface Surroundings {
  /** Folder of the files with the parts' process ids. */
  runDir: string;
  logs: LogFiles;
  say: Say;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** After so long a life an end is a new trouble, not the old one again. */
const STEADY_AFTER_MS = 60_000;
/** So many ends before it was ever ready: it will not get better by itself. */
const MAX_FIRST_ATTEMPTS = 3;
const SHOWN_LOG_LINES = 15;

/** Keeps a part running: starts it, notes its process id, and starts it again, after growing pauses, whenever it ends. */
export class SupervisedPart {
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(
    readonly part: Part,
    private readonly surroundings: Surroundings,
  ) {}

  /**
   * Starts the part and returns when it is ready.
   * @throws when it ends again and again before it ever was, with the end of its log
   */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#loop = this.#keepRunning(resolve).catch(reject);
    });
  }

  /** Ends the part: first asked, then killed. Returns when it has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child && isAlive(child)) {
      const ended = once(child, 'exit');
      child.kill(this.part.stopSignal);
      const impatience = setTimeout(() => this.kill(), this.part.patienceMs);
      await ended;
      clearTimeout(impatience);
    }
    await this.#loop;
    await rm(this.#pidFile, { force: true });
  }

  /** Ends the part's process and those that it started, at once. */
  kill(): void {
    const pid = this.#child?.pid;
    if (pid !== undefined && this.#child && isAlive(this.#child)) signalProcess(-pid, 'SIGKILL');
  }

  get #pidFile(): string {
    return join(this.surroundings.runDir, `${this.part.name}.pid`);
  }

  async #keepRunning(firstReady: () => void): Promise<void> {
    const { part, surroundings } = this;
    const stopped = this.#stopping.signal;
    let wasReady = false;
    let attempts = 0;
    let pauseMs = FIRST_PAUSE_MS;
    while (!stopped.aborted) {
      const startedAt = performance.now();
      const life = await this.#liveOnce(() => {
        if (wasReady) surroundings.say(`${part.name} runs again (process ${this.#child?.pid})`);
        wasReady = true;
        firstReady();
      });
      if (stopped.aborted) return;
      attempts += 1;
      if (!wasReady && attempts >= MAX_FIRST_ATTEMPTS) {
        const log = await surroundings.logs.tail(part.name, SHOWN_LOG_LINES);
        throw new Error(
          `${part.name} does not start: it ${life}. From ${surroundings.logs.pathOf(part.name)}:\n${log}`,
        );
      }
      if (performance.now() - startedAt > STEADY_AFTER_MS) pauseMs = FIRST_PAUSE_MS;
      surroundings.say(`${part.name} ${life}; starting it again in ${pauseMs / 1000} s`);
      await sleep(pauseMs, undefined, { signal: stopped }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Starts the part once. @returns how it ended, in words */
  async #liveOnce(onReady: () => void): Promise<string> {
    const { part, surroundings } = this;
    try {
      // processes that a killed one left behind still hold its files and ports
      await stopProcesses(part.mark, { signal: part.stopSignal, patienceMs: part.patienceMs });
      const command = await part.prepare();
      if (this.#stopping.signal.aborted) return 'is not needed any more';
      await surroundings.logs.setAsideIfLarge(part.name);
      const child = await surroundings.logs.withOpen(part.name, (output) => {
        this.#child = spawnPart(command, { output, detached: true });
        return this.#child;
      });
      if (this.#stopping.signal.aborted) child.kill(part.stopSignal); // the wish came while the log was opened
      const ended = howItEnds(child);
      await this.#notePid(child.pid);
      const over = new AbortController();
      void ended.then(() => over.abort());
      await part.whenReady(AbortSignal.any([over.signal, this.#stopping.signal])).then(onReady, (error: unknown) => {
        if (!over.signal.aborted && !this.#stopping.signal.aborted) throw error;
      });
      return await ended;
    } catch (error) {
      this.kill();
      return `failed: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  async #notePid(pid: number | undefined): Promise<void> {
    if (pid === undefined) return;
    await mkdir(this.surroundings.runDir, { recursive: true, mode: 0o700 });
    // renamed into place, so that nobody reads half a number
    await writeFile(`${this.#pidFile}.new`, `${pid}\n`);
    await rename(`${this.#pidFile}.new`, this.#pidFile);
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Settles when the process has ended, or could not be started at all. */
function howItEnds(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(signal ? `was ended by ${signal}` : `ended with code ${code}`));
  });
}
