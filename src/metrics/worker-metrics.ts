import { Counter, type Registry } from 'prom-client';
import type { Committed } from '../../db/queries/committed';
import { countedAs, EXECUTION_STATES, OUTCOMES } from '../domain/outcome';
import { CallMetrics } from './call-metrics';

/** How an attempt of an activity ended. */
export type ActivityEnd = 'completed' | 'quota' | 'needsAttention' | 'cancelled' | 'failed';

/** What a worker counts of its own doing, since its start. */
export class WorkerMetrics {
  readonly calls: CallMetrics;
  private readonly read: Counter;
  private readonly records: Counter<'outcome'>;
  private readonly batches: Counter<'event'>;
  private readonly executions: Counter<'state'>;
  private readonly webhookAttempts: Counter<'end'>;
  private readonly webhooksGivenUp: Counter;
  private readonly activities: Counter<'activity' | 'end'>;

  constructor(registry: Registry) {
    const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
      new Counter<Label>({ name, help, labelNames, registers: [registry] });
    this.calls = new CallMetrics(registry);
    this.read = counter('sync_records_read_total', 'Source records that were read and staged by runs.');
    this.records = counter('sync_records_total', 'Records of runs by their outcome.', 'outcome');
    this.batches = counter('sync_batches_total', 'Batches that were sent, and that were settled.', 'event');
    this.executions = counter('sync_executions_ended_total', 'Executions that ended, by their state.', 'state');
    this.activities = counter('sync_activities_total', 'Attempts of activities by how they ended.', 'activity', 'end');
    this.webhookAttempts = counter(
      'sync_webhook_attempts_total',
      'Events sent to webhooks, by whether they were taken.',
      'end',
    );
    this.webhooksGivenUp = counter(
      'sync_webhook_events_given_up_total',
      'Events that a webhook has not taken for a day.',
    );
    // what has not happened yet is zero, so that the first time is a rise
    for (const outcome of OUTCOMES) this.records.inc({ outcome }, 0);
    for (const end of ['taken', 'failed']) this.webhookAttempts.inc({ end }, 0);
    for (const event of ['sent', 'settled']) this.batches.inc({ event }, 0);
    for (const state of EXECUTION_STATES) if (state !== 'running') this.executions.inc({ state }, 0);
  }

  /** Counts what a transaction has committed. */
  readonly committed = (done: Committed): void => {
    // what turned out not to have changed is taken back from what was read; a counter only grows
    this.read.inc(Math.max(0, done.read ?? 0));
    for (const outcome of OUTCOMES) this.records.inc({ outcome }, Math.max(0, done[countedAs[outcome]] ?? 0));
    if (done.batchesSent) this.batches.inc({ event: 'sent' }, done.batchesSent);
    if (done.batchesSettled) this.batches.inc({ event: 'settled' }, done.batchesSettled);
    if (done.ended) this.executions.inc({ state: done.ended });
    if (done.webhookAttempt) this.webhookAttempts.inc({ end: done.webhookAttempt });
    if (done.webhookGivenUp) this.webhooksGivenUp.inc();
  };

  /** @param activity the name of a function of ours */
  activityEnded(activity: string, end: ActivityEnd): void {
    this.activities.inc({ activity, end });
  }
}
