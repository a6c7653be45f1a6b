import type { Logger } from 'pino';
import type postgres from 'postgres';
import { changeInstanceLimit } from '../../db/queries/instance-limits';
import type { QuotaNotes } from '../connectors/quota-gate';
import { type Exchange, SharedRateLimit } from '../connectors/shared-rate-limit';
import { type RateLimitRule, shareOut } from '../domain/instance-limit';
import type { UsedUpQuota } from '../domain/used-up-quota';

/** What is known of a quota is read again after so long; while calls are made it comes with the limit's renewals. */
const KNOWN_MS = 2_000;

/** What an instance tells of its day's calls, with each answer some of them, is written down no more often than this. */
const USAGE_EVERY_MS = 30_000;

/** The limits of all instances that this process uses, shared with all other processes on the same database. */
export class InstanceLimits {
  private readonly rateLimits = new Map<string, SharedRateLimit>();
  private readonly quotas = new Map<string, SharedQuota>();

  constructor(
    private readonly sql: postgres.Sql,
    private readonly log: Pick<Logger, 'warn'>,
  ) {}

  /** The rate limit of an instance; connections with one share of it have one together. */
  rateLimit(instance: string, rule: RateLimitRule): SharedRateLimit {
    const key = `${instance} ${JSON.stringify(rule)}`;
    const known = this.rateLimits.get(key);
    if (known) return known;
    const trouble = (err: unknown) =>
      this.log.warn({ err, instance }, 'the limits of an instance cannot be shared just now; it is tried again');
    const rateLimit = new SharedRateLimit(rule, this.exchangeOf(instance), trouble);
    this.rateLimits.set(key, rateLimit);
    return rateLimit;
  }

  quota(instance: string): QuotaNotes {
    return this.quotaOf(instance);
  }

  /** Gives back what this process holds. */
  async close(): Promise<void> {
    const all = [...this.rateLimits.values(), ...this.quotas.values()];
    await Promise.all(all.map((each) => each.close()));
  }

  private exchangeOf(instance: string): Exchange {
    const quota = this.quotaOf(instance);
    return async (ask) => {
      const { result, version } = await changeInstanceLimit(this.sql, instance, (before, nowMs) => {
        const shared = shareOut(before, ask, nowMs);
        return { limit: shared.limit, result: { grant: shared.grant, used: before.quota } };
      });
      quota.learn(result.used, version);
      return result.grant;
    };
  }

  private quotaOf(instance: string): SharedQuota {
    const trouble = (err: unknown) => this.log.warn({ err, instance }, 'the usage of an instance could not be noted');
    const quota = this.quotas.get(instance) ?? new SharedQuota(this.sql, instance, trouble);
    this.quotas.set(instance, quota);
    return quota;
  }
}

class SharedQuota implements QuotaNotes {
  private last: UsedUpQuota | null = null;
  private learntAtMs = Number.NEGATIVE_INFINITY;
  private reading: Promise<UsedUpQuota | null> | null = null;
  private usageNotedAtMs = Number.NEGATIVE_INFINITY;
  private noting: Promise<unknown> = Promise.resolve();
  private version = 0;

  constructor(
    private readonly sql: postgres.Sql,
    private readonly instance: string,
    private readonly onTrouble: (error: unknown) => void,
  ) {}

  noteUsage(usage: { used: number; limit: number }): void {
    const atMs = performance.now();
    if (atMs < this.usageNotedAtMs + USAGE_EVERY_MS) return;
    this.usageNotedAtMs = atMs;
    this.noting = changeInstanceLimit(this.sql, this.instance, (limit, nowMs) => ({
      limit: { ...limit, usage: { ...usage, toldAtMs: nowMs } },
      result: undefined,
    })).catch(this.onTrouble);
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.noting;
  }

  /** Takes what was read, unless something later is known: answers of the database come in any order. */
  learn(quota: UsedUpQuota | null, version: number): void {
    // the row of an instance may have been made anew, by the restore of a backup
    if (version < this.version && this.isFresh()) return;
    this.last = quota;
    this.version = version;
    this.learntAtMs = performance.now();
  }

  private isFresh = (): boolean => performance.now() < this.learntAtMs + KNOWN_MS;

  async known(): Promise<UsedUpQuota | null> {
    // that it is used up is looked at anew, since that may have been taken back: then the very next call is let through
    if (this.isFresh() && this.last === null) return null;
    this.reading ??= this.change((known) => known).finally(() => {
      this.reading = null;
    });
    await this.reading;
    return this.last;
  }

  async change(changed: (known: UsedUpQuota | null) => UsedUpQuota | null): Promise<UsedUpQuota | null> {
    const { result, version } = await changeInstanceLimit(this.sql, this.instance, (limit) => {
      const next = changed(limit.quota);
      return { limit: next === limit.quota ? limit : { ...limit, quota: next }, result: next };
    });
    this.learn(result, version);
    return result;
  }
}
