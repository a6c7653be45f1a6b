import { ConnectorError } from '../connector-error';

/**
 * Keeps all calls back while the day's quota is used up: a refused call is not repeated before the time of the next probe, and
 * then one call alone probes while the others wait for what it finds.
 */
export class QuotaGate {
  private refusal: ConnectorError | null = null;
  private resetsAtMs = 0;
  private probe: Promise<unknown> | null = null;

  constructor(private readonly now: () => number) {}

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

  private async asProbe<T>(call: () => Promise<T>): Promise<T> {
    const outcome = this.watched(call);
    // whatever it finds, those who wait look again
    this.probe = outcome.then(
      () => undefined,
      () => undefined,
    );
    try {
      const result = await outcome;
      this.refusal = null;
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
        this.refusal = error;
        this.resetsAtMs = Date.parse(error.advice.resetsAt);
      }
      throw error;
    }
  }
}
