import { ConnectorError } from '../connector-error';
import { QUOTA_PROBE_MS } from './errors';

/**
 * Keeps all calls back while the day's quota, or Sync's share of it, is used up: a refused call is not repeated before the time of
 * the next probe, and then one call alone probes while the others wait for what it finds.
 */
export class QuotaGate {
  private refusal: ConnectorError | null = null;
  private resetsAtMs = 0;
  private probe: Promise<unknown> | null = null;

  /** @param share the part of the organisation's calls after which Sync leaves the rest to others, from 0 to 1 */
  constructor(
    private readonly now: () => number,
    private readonly share: number,
  ) {}

  /** Makes the call, unless the quota is known to be used up; then throws the refusal that told so. */
  async pass<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    while (this.refusal) {
      if (this.now() < this.resetsAtMs) throw this.refusal;
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
    const resetsAt = new Date(this.now() + QUOTA_PROBE_MS).toISOString();
    this.close(
      new ConnectorError(
        `The Salesforce organisation has used ${used} of its ${limit} API calls of 24 hours, which is the share that Sync may go to. It goes on when calls become free, or when the share is raised under Connections.`,
        'QUOTA_SHARE_USED',
        { retry: 'whenQuotaResets', resetsAt },
      ),
      resetsAt,
    );
  }

  private close(refusal: ConnectorError, resetsAt: string): void {
    this.refusal = refusal;
    this.resetsAtMs = Date.parse(resetsAt);
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
      if (this.refusal === before) this.refusal = null;
      return result;
    } finally {
      this.probe = null;
    }
  }

  private async watched<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ConnectorError && error.advice.retry === 'whenQuotaResets') {
        this.close(error, error.advice.resetsAt);
      }
      throw error;
    }
  }
}
