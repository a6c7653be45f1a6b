import type { Logger } from 'pino';

/** Longest wait after failures of work that is done more often than that: an outage of hours is not logged each moment. */
const LONGEST_WAIT_MS = 5_000;

/** Work that is done again and again, never twice at once; a failure is logged and does not end it, but makes the next wait longer. */
export class Repeating {
  private timer: NodeJS.Timeout | undefined;
  private busy: Promise<void> | undefined;
  private stopped = false;
  private failuresInARow = 0;

  constructor(
    private readonly name: string,
    private readonly everyMs: number,
    private readonly work: () => Promise<void>,
    private readonly log: Logger,
  ) {}

  /** Does it at once, and then at its pace. */
  start(): void {
    this.busy = this.once().finally(() => {
      this.busy = undefined;
      if (!this.stopped) this.timer = setTimeout(() => this.start(), this.waitMs);
    });
  }

  /** Ends it; what is under way is waited for. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.busy;
  }

  private get waitMs(): number {
    const longest = Math.max(this.everyMs, LONGEST_WAIT_MS);
    return Math.min(this.everyMs * 2 ** this.failuresInARow, longest);
  }

  private async once(): Promise<void> {
    try {
      await this.work();
      this.failuresInARow = 0;
    } catch (error) {
      this.failuresInARow += 1;
      this.log.warn({ err: error, work: this.name }, 'background work failed; it is tried again');
    }
  }
}
