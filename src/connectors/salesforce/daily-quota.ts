import type { ConnectorDeps } from '../connector-deps';
import { type Guarded, ownQuotaNotes, QuotaGate, SHARE_USED } from '../quota-gate';

const MINUTE_MS = 60_000;
/**
 * Waits before the first probe and before those after it; the last one repeats. Calls become free all the time, since the 24 hours roll,
 * but each probe leaves a trace in the history of every run that waits, and what is not used now can be used later.
 */
const PROBE_WAITS_MS = [15 * MINUTE_MS, 120 * MINUTE_MS, 240 * MINUTE_MS] as const;

/** The organisation's calls of the last 24 hours, and the share of them that Sync may go to. */
export class DailyQuota {
  private readonly gate: QuotaGate;

  /** @param share from 0 to 1 */
  constructor(
    private readonly share: number,
    private readonly deps: Pick<ConnectorDeps, 'now' | 'quota'>,
  ) {
    this.gate = new QuotaGate({
      now: deps.now,
      notes: deps.quota ?? ownQuotaNotes(),
      share,
      isOfAllCalls: () => true,
      backAt: (_resetsAt, waits) => deps.now() + waitOf(waits),
    });
  }

  /** Makes the call, unless the quota is known to be used up; then throws the refusal that told so. */
  pass<T>(signal: AbortSignal, call: (guarded: Guarded) => Promise<T>): Promise<T> {
    return this.gate.pass(signal, call);
  }

  /**
   * Takes note of `Sforce-Limit-Info: api-usage=18/15000` (REST guide, "Limit Info Header"): the calls of all programs in the last
   * 24 hours, and how many the organisation has.
   */
  async note(limitInfo: string | undefined): Promise<void> {
    const [, used, limit] = /api-usage=(\d+)\/(\d+)/.exec(limitInfo ?? '') ?? [];
    if (!used || !limit) return;
    this.deps.quota?.noteUsage?.({ used: Number(used), limit: Number(limit) });
    if (Number(used) < Number(limit) * this.share) return;
    await this.gate.close(
      `The Salesforce organisation has used ${used} of its ${limit} API calls of 24 hours, which is the share that Sync may go to. It goes on when calls become free, or when the share is raised under Connections.`,
      SHARE_USED,
      new Date(this.deps.now() + waitOf(0)).toISOString(),
    );
  }
}

const waitOf = (waits: number): number => PROBE_WAITS_MS[Math.min(waits, PROBE_WAITS_MS.length - 1)] ?? 0;
