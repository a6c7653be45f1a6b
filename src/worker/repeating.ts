import type { Logger } from 'pino';

/** Work that is done again and again, never twice at once; a failure is logged and does not end it. */
export class Repeating {
  private timer: NodeJS.Timeout | undefined;
  private busy: Promise<void> | undefined;
  private stopped = false;

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
      if (!this.stopped) this.timer = setTimeout(() => this.start(), this.everyMs);
    });
  }

  /** Does it as soon as possible instead of at its next turn. */
  hurry(): void {
    if (this.stopped || this.busy) return;
    clearTimeout(this.timer);
    this.start();
  }

  /** Ends it; what is under way is waited for. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.busy;
  }

  private async once(): Promise<void> {
    try {
      await this.work();
    } catch (error) {
      this.log.warn({ err: error, work: this.name }, 'background work failed; it is tried again');
    }
  }
}
