import { Gauge, type Registry } from 'prom-client';
import type { Figures } from '../../db/queries/figures';
import { BATCH_STATES } from '../../db/schema/executions';
import { EXECUTION_STATES, SYNC_STATUSES } from '../domain/outcome';
import { overdueSince } from '../domain/sync-status';

/** What the gauges say: parts that are there, and, while the database is, what it holds. */
export interface Readings {
  parts: Readonly<Record<string, boolean>>;
  /** Null while the database cannot be read. */
  figures: Figures | null;
  /** Present time, ISO 8601 UTC. */
  now: string;
}

/** Gauges of what is in the database, and of which parts are there. What cannot be read is absent, not zero. */
export class DatabaseMetrics {
  private readonly part: Gauge<'part'>;
  private readonly ofDatabase: Gauge[] = [];
  private readonly syncs: Gauge<'status'>;
  private readonly overdue: Gauge;
  private readonly overdueAge: Gauge;
  private readonly lastRuns: Gauge<'state'>;
  private readonly running: Gauge<'doing'>;
  private readonly wishes: Gauge;
  private readonly wishAge: Gauge;
  private readonly webhooksOff: Gauge;
  private readonly webhookEvents: Gauge;
  private readonly webhookEventAge: Gauge;
  private readonly batches: Gauge<'state'>;
  private readonly batchAge: Gauge<'state'>;
  private readonly quota: Gauge<'connection' | 'system'>;
  private readonly quotaLeft: Gauge<'connection' | 'system'>;
  private readonly quotaToldAt: Gauge<'connection' | 'system'>;
  private readonly quotaUsedUp: Gauge<'connection' | 'system'>;
  private readonly databaseBytes: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    const part = { name: 'sync_part_up', help: '1 where what the API needs is there: see /readyz.' };
    this.part = new Gauge({ ...part, labelNames: ['part'], registers });
    const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> => {
      const made = new Gauge<Label>({ name, help, labelNames, registers });
      this.ofDatabase.push(made);
      return made;
    };
    this.syncs = gauge('sync_syncs', 'Syncs by their status.', 'status');
    this.overdue = gauge('sync_overdue_syncs', 'Active syncs whose next run should have begun and has not.');
    this.overdueAge = gauge('sync_overdue_oldest_seconds', 'How late the latest of the overdue syncs is.');
    this.lastRuns = gauge('sync_last_executions', 'Syncs by the state of their last execution.', 'state');
    this.running = gauge('sync_running_executions', 'Executions that have not ended, by whether they wait.', 'doing');
    this.wishes = gauge('sync_undelivered_wishes', 'Controls (pause, cancel, …) that no workflow has taken yet.');
    this.wishAge = gauge('sync_undelivered_wish_oldest_seconds', 'Age of the oldest of them.');
    this.webhooksOff = gauge('sync_webhooks_switched_off', 'Webhooks that were switched off since they took nothing.');
    this.webhookEvents = gauge('sync_webhook_events_waiting', 'Events that webhooks have not taken yet.');
    this.webhookEventAge = gauge('sync_webhook_event_oldest_seconds', 'Age of the oldest of them.');
    this.batches = gauge('sync_unsettled_batches', 'Batches without a known outcome.', 'state');
    this.batchAge = gauge('sync_unsettled_batch_oldest_seconds', 'Age of the oldest of them.', 'state');
    const ofQuota = (name: string, help: string) => gauge(name, help, 'connection', 'system');
    this.quota = ofQuota('sync_quota_calls', "The day's calls of all programs that the instance allows.");
    this.quotaLeft = ofQuota('sync_quota_calls_left', 'Those that were left when it told so last.');
    this.quotaToldAt = ofQuota('sync_quota_told_timestamp_seconds', 'When that was.');
    this.quotaUsedUp = ofQuota(
      'sync_quota_used_up',
      "1 while the day's calls, or the share of them that is ours, are used up.",
    );
    this.databaseBytes = gauge('sync_database_size_bytes', 'Size of the database on its disk.');
  }

  set({ parts, figures, now }: Readings): void {
    for (const [part, isThere] of Object.entries(parts)) this.part.set({ part }, isThere ? 1 : 0);
    if (figures === null) {
      this.forget();
      return;
    }
    const since = (moment: string | null) => (moment === null ? 0 : Math.max(0, secondsFrom(moment, now)));
    for (const status of SYNC_STATUSES) this.syncs.set({ status }, countOf(figures.syncs, 'status', status));
    for (const state of EXECUTION_STATES) this.lastRuns.set({ state }, countOf(figures.lastRuns, 'state', state));
    const late = figures.due.flatMap(({ last, ...sync }) => overdueSince(sync, last, now) ?? []);
    this.overdue.set(late.length);
    this.overdueAge.set(since(late.sort()[0] ?? null));
    this.running.set({ doing: 'working' }, figures.running.working);
    this.running.set({ doing: 'waiting' }, figures.running.waiting);
    this.wishes.set(figures.wishes.undelivered);
    this.wishAge.set(since(figures.wishes.oldestAskedAt));
    this.webhooksOff.set(figures.webhooks.switchedOff);
    this.webhookEvents.set(figures.webhooks.waiting);
    this.webhookEventAge.set(since(figures.webhooks.oldestAt));
    for (const state of BATCH_STATES.filter((each) => each !== 'settled')) {
      this.batches.set({ state }, countOf(figures.batches, 'state', state));
      this.batchAge.set({ state }, since(figures.batches.find((row) => row.state === state)?.oldestAt ?? null));
    }
    this.setQuotas(figures.quotas, now);
    this.databaseBytes.set(figures.databaseBytes);
  }

  private setQuotas(quotas: Figures['quotas'], now: string): void {
    // a connection that is gone, or has another name, leaves no series behind
    for (const gauge of [this.quota, this.quotaLeft, this.quotaToldAt, this.quotaUsedUp]) gauge.reset();
    for (const { connection, system, usage, usedUpUntilMs } of quotas) {
      const labels = { connection, system };
      this.quotaUsedUp.set(labels, usedUpUntilMs !== null && usedUpUntilMs > Date.parse(now) ? 1 : 0);
      if (!usage) continue;
      this.quota.set(labels, usage.limit);
      this.quotaLeft.set(labels, Math.max(0, usage.limit - usage.used));
      this.quotaToldAt.set(labels, usage.toldAtMs / 1_000);
    }
  }

  private forget(): void {
    for (const gauge of this.ofDatabase) {
      gauge.reset();
      // one without labels is zero after a reset
      gauge.remove();
    }
  }
}

const countOf = <Key extends string>(
  rows: readonly ({ count: number } & Record<Key, string>)[],
  key: Key,
  value: string,
): number => rows.find((row) => row[key] === value)?.count ?? 0;

const secondsFrom = (moment: string, now: string): number => (Date.parse(now) - Date.parse(moment)) / 1_000;
