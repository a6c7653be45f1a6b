import { ConnectorError } from '../connector-error';

const MINUTE_MS = 60_000;
/**
 * Waits before the first probe and before those after it; the last one repeats. Calls become free all the time, since the 24 hours roll,
 * but each probe leaves a trace in the history of every run that waits, and what is not used now can be used later.
 */
const PROBE_WAITS_MS = [15 * MINUTE_MS, 120 * MINUTE_MS, 240 * MINUTE_MS] as const;

/**
 * Keeps all calls back while the day's quota, or Sync's share of it, is used up: a refused call is not repeated before the time of
 * the next probe, and then one call alone probes while the others wait for what it finds.
 */
export class QuotaGate {
  private refusal: ConnectorError | null = null;
  private probeAtMs = 0;
  /** Waits so far without a call that passed. */
  private waits = 0;
  private probe: Promise<unknown> | null = null;

  /** @param share the part of the organisation's calls after which Sync leaves the rest to others, from 0 to 1 */
  constructor(
    private readonly now: () => number,
    private readonly share: number,
  ) {}

  /** Makes the call, unless the quota is known to be used up; then throws the refusal that told so. */
  async pass<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    while (this.refusal) {
      if (this.now() < this.probeAtMs) throw this.refusal;
      if (!this.probe) return this.asProbe(call);
      await this.probe;
      signal.throwIfAborted();
    }
    return this.watched(call);
  }

  /**
   * Takes note of `Sforce-Limit-Info: api-usage=18/15000` (REST guide, "Limit Info Header"): the calls of all programs in the last
   * 24 hours, and how many the organisation has.
   */
  note(limitInfo: string | undefined): void {
    const [, used, limit] = /api-usage=(\d+)\/(\d+)/.exec(limitInfo ?? '') ?? [];
    if (!used || !limit || Number(used) < Number(limit) * this.share) return;
    this.close(
      `The Salesforce organisation has used ${used} of its ${limit} API calls of 24 hours, which is the share that Sync may go to. It goes on when calls become free, or when the share is raised under Connections.`,
      'QUOTA_SHARE_USED',
    );
  }

  /** Calls that were on their way when it closed tell nothing new. @returns why, and until when */
  private close(message: string, code: string): ConnectorError {
    if (this.refusal && this.now() < this.probeAtMs) return this.refusal;
    this.probeAtMs = this.now() + (PROBE_WAITS_MS[this.waits] ?? PROBE_WAITS_MS[PROBE_WAITS_MS.length - 1] ?? 0);
    this.waits += 1;
    const resetsAt = new Date(this.probeAtMs).toISOString();
    const text = `${message} Sync asks again at ${resetsAt.slice(0, 10)} ${resetsAt.slice(11, 16)} UTC.`;
    this.refusal = new ConnectorError(text, code, { retry: 'whenQuotaResets', resetsAt });
    return this.refusal;
  }

  private open(): void {
    this.refusal = null;
    this.waits = 0;
  }

  private async asProbe<T>(call: () => Promise<T>): Promise<T> {
    const before = this.refusal;
    const outcome = this.watched(call);
    // whatever it finds, those who wait look again
    this.probe = outcome.then(
      () => undefined,
      () => undefined,
    );
    try {
      const result = await outcome;
      if (this.refusal === before) this.open();
      return result;
    } finally {
      this.probe = null;
    }
  }

  private async watched<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.advice.retry !== 'whenQuotaResets') throw error;
      throw this.close(error.message, error.code);
    }
  }
}
