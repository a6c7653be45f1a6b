import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { LogFiles } from '../../../src/local/log-files';
import { spawnPart } from '../../../src/local/part-command';
import { findProcesses, signalProcess, stopProcesses } from '../../../src/local/processes';
import type { Part } from '../../../src/local/supervised-part';

/** On a machine that is busy with much else. */
const START_TIMEOUT_MS = 180_000;
const LEFT_OVER_PATIENCE_MS = 5_000;

/** A part of the installation as a process that can be hit: killed, asked to end, frozen, and started again. */
export class PartProcess {
  private child: ChildProcess | null = null;
  /** A blow that has hit it is not over yet. */
  isHit = false;

  constructor(
    readonly name: string,
    private readonly part: Part,
    private readonly logs: LogFiles,
  ) {}

  /** Returns when the process has been started; see `whenReady`. */
  async start(): Promise<void> {
    // what a killed PostgreSQL leaves behind holds its files
    await stopProcesses(this.part.mark, { signal: 'SIGKILL', patienceMs: LEFT_OVER_PATIENCE_MS });
    const command = await this.part.prepare();
    this.child = await this.logs.withOpen(this.name, (output) => spawnPart(command, { output, detached: false }));
  }

  /** Returns when it answers. @throws when it ends before, or takes too long */
  async whenReady(): Promise<void> {
    const ended = new AbortController();
    this.child?.once('exit', () => ended.abort(new Error(`${this.name} ended before it was ready`)));
    await this.part.whenReady(AbortSignal.any([ended.signal, AbortSignal.timeout(START_TIMEOUT_MS)]));
  }

  /** Ends it at once, with all that it started. */
  async kill(): Promise<void> {
    const exit = this.whenEnded();
    this.child?.kill('SIGKILL');
    await exit;
    await stopProcesses(this.part.mark, { signal: 'SIGKILL', patienceMs: LEFT_OVER_PATIENCE_MS });
  }

  /** Asks it to end, as a stop of all of Sync does. */
  async end(): Promise<void> {
    const exit = this.whenEnded();
    this.child?.kill(this.part.stopSignal);
    const impatience = setTimeout(() => this.child?.kill('SIGKILL'), this.part.patienceMs);
    await exit;
    clearTimeout(impatience);
  }

  /** All of its processes stand still until they are told to go on. */
  async freeze(): Promise<void> {
    await this.signal('SIGSTOP');
  }

  async thaw(): Promise<void> {
    await this.signal('SIGCONT');
  }

  private async whenEnded(): Promise<void> {
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  private async signal(signal: NodeJS.Signals): Promise<void> {
    for (const { pid } of await findProcesses(this.part.mark)) signalProcess(pid, signal);
  }
}
