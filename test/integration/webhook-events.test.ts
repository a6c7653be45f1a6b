import pino from 'pino';
import { account, closeExecution, openExecution, type RunningExecution, takeOver } from '../../db/queries/executions';
import { moveSync } from '../../db/queries/sync-runs';
import { dueDeliveries, findDelivery, listDeliveries, noteAttempt } from '../../db/queries/webhook-deliveries';
import type { Attempt, WebhookEvent } from '../../src/domain/webhooks';
import { keepRetention } from '../../src/worker/retention';
import { tellOfOverdue } from '../../src/worker/webhook-events';
import { givenSync, useDatabase } from '../support/database';

const database = useDatabase();
const NOW = '2026-03-01T08:00:00.000Z';

beforeEach(() => database.sql`truncate webhooks, webhook_events, webhook_deliveries`);

/** A webhook that listens; what it is signed with does not matter here. */
async function givenWebhook(
  events: WebhookEvent[],
  more: { syncIds?: string[]; percent?: number; name?: string } = {},
) {
  const [row] = await database.sql<{ webhook_id: string }[]>`
    insert into webhooks (name, url, events, sync_ids, failure_percent, secret)
    values (${more.name ?? 'a webhook'}, 'https://hooks.example.com', ${events}, ${more.syncIds ?? null}, ${more.percent ?? 5}, '')
    returning webhook_id`;
  return row?.webhook_id ?? '';
}

/** What a webhook is told, in the order in which it happened. */
const told = async (webhookId: string) =>
  (await listDeliveries(database.sql, webhookId, { before: null, state: null, limit: 1_000 })).reverse();

const givenRun = (syncId: string, number = 1) =>
  openExecution(database.sql, { syncId, number, trigger: 'now', scheduledFor: NOW, asOf: NOW });

/** Counts records that were loaded, and perhaps some that failed. */
async function load({ executionId }: RunningExecution, created: number, failed: number) {
  const { epoch } = await takeOver(database.sql, executionId);
  await account(database.sql, { executionId, epoch }, { read: created + failed, created, failed });
}

test('a change of status is told with what it was and is, and only where somebody listens', async () => {
  const syncId = await givenSync(database.sql);
  const other = await givenSync(database.sql);
  const all = await givenWebhook(['sync.statusChanged', 'sync.needsAttention']);
  const some = await givenWebhook(['sync.statusChanged'], { syncIds: [other], name: 'of another sync' });
  const deaf = await givenWebhook(['execution.ended'], { name: 'of other events' });

  await moveSync(database.sql, syncId, ['draft'], { status: 'active', now: NOW });
  await moveSync(database.sql, syncId, ['active'], { status: 'needsAttention', problem: 'Mend it.', now: NOW });
  await moveSync(database.sql, syncId, ['needsAttention'], { status: 'needsAttention', problem: 'Again.', now: NOW });

  expect(
    (await told(all)).map(({ event }) => [event.type, event.syncStatus, event.syncProblem, event.details]),
  ).toEqual([
    ['sync.statusChanged', 'active', null, { from: 'draft', to: 'active' }],
    ['sync.statusChanged', 'needsAttention', 'Mend it.', { from: 'active', to: 'needsAttention' }],
    ['sync.needsAttention', 'needsAttention', 'Mend it.', { problem: 'Mend it.' }],
  ]);
  expect(await told(some)).toEqual([]);
  expect(await told(deaf)).toEqual([]);
});

test('what is rolled back is not told', async () => {
  const syncId = await givenSync(database.sql);
  const webhookId = await givenWebhook(['sync.statusChanged']);

  const rolledBack = database.sql.begin(async (tx) => {
    await moveSync(tx, syncId, ['draft'], { status: 'active', now: NOW });
    throw new Error('the process ends');
  });

  await expect(rolledBack).rejects.toThrow('the process ends');
  expect(await told(webhookId)).toEqual([]);
});

test('the end of an execution is told once, with the execution as it ended', async () => {
  const syncId = await givenSync(database.sql);
  const webhookId = await givenWebhook(['execution.ended', 'execution.missed']);
  const run = await givenRun(syncId);
  await load(run, 10, 0);

  await closeExecution(database.sql, run.executionId, { state: 'succeeded', now: NOW });
  await closeExecution(database.sql, run.executionId, { state: 'failed', now: NOW });
  await openExecution(database.sql, {
    syncId,
    number: 2,
    trigger: 'interval',
    scheduledFor: NOW,
    asOf: NOW,
    state: 'missed',
  });

  const deliveries = await told(webhookId);
  expect(deliveries.map(({ event }) => [event.type, event.execution?.state])).toEqual([
    ['execution.ended', 'succeeded'],
    ['execution.missed', 'missed'],
  ]);
  expect(deliveries[0]?.event.execution).toMatchObject({
    ...{ executionId: run.executionId, syncId, number: 1, finishedAt: NOW, read: 10, created: 10, failed: 0 },
  });
});

test('a preview tells nobody', async () => {
  const syncId = await givenSync(database.sql);
  const webhookId = await givenWebhook(['execution.ended', 'execution.missed', 'execution.failuresPassed']);
  await database.sql`
    insert into executions (sync_id, purpose, number, version, trigger, scheduled_for, state, staged_on, as_of)
    values (${syncId}, 'preview', -1, 1, 'now', now(), 'previewing', current_date, now())`;

  await database.sql`update executions set state = 'completed', failed = 500 where sync_id = ${syncId}`;

  expect(await told(webhookId)).toEqual([]);
});

test('when more than a share of the records has failed, that is told once to each webhook with that share', async () => {
  const syncId = await givenSync(database.sql);
  const five = await givenWebhook(['execution.failuresPassed'], { percent: 5, name: 'five' });
  const twenty = await givenWebhook(['execution.failuresPassed'], { percent: 20, name: 'twenty' });
  const run = await givenRun(syncId);

  await load(run, 0, 50); // too few to judge
  expect(await told(five)).toEqual([]);
  await load(run, 450, 0); // ten in a hundred
  await load(run, 0, 10);
  expect((await told(five)).map(({ event }) => event.details)).toEqual([{ percent: 5, failed: 60, of: 510 }]);
  await load(run, 0, 200);
  await load(run, 0, 1);

  expect((await told(five)).length).toBe(1);
  expect((await told(twenty)).map(({ event }) => [event.details, event.execution?.state])).toEqual([
    [{ percent: 20, failed: 260, of: 710 }, 'running'],
  ]);
});

test('of few records a share of failures is told when the execution has ended', async () => {
  const syncId = await givenSync(database.sql);
  const webhookId = await givenWebhook(['execution.failuresPassed', 'execution.ended'], { percent: 0 });
  const run = await givenRun(syncId);
  await load(run, 4, 1);

  await closeExecution(database.sql, run.executionId, { state: 'partial', now: NOW });

  expect((await told(webhookId)).map(({ event }) => [event.type, event.details])).toEqual([
    ['execution.failuresPassed', { percent: 0, failed: 1, of: 5 }],
    ['execution.ended', {}],
  ]);
});

test('an overdue sync is told once for each run that is due, and one that is on time is not', async () => {
  const webhookId = await givenWebhook(['sync.overdue']);
  const late = await givenSync(database.sql);
  const onTime = await givenSync(database.sql);
  await database.sql`update syncs set status = 'active', activated_at = '2026-02-01', next_run_at = '2026-03-01T07:50:00Z' where sync_id = ${late}`;
  await database.sql`update syncs set status = 'active', activated_at = '2026-02-01', next_run_at = '2026-03-01T09:00:00Z' where sync_id = ${onTime}`;

  await tellOfOverdue(database.sql, NOW);
  await tellOfOverdue(database.sql, '2026-03-01T08:30:00.000Z');

  const deliveries = await told(webhookId);
  expect(deliveries.map(({ event }) => [event.syncId, event.details])).toEqual([
    [late, { dueAt: '2026-03-01T07:50:00.000Z' }],
  ]);
});

const attempt = (more: Partial<Attempt> = {}): Attempt => ({
  ...{ status: 500, problem: 'The receiver answered 500.', answer: 'no', durationMs: 5, retryAfterMs: null },
  ...more,
});
const taken = attempt({ status: 204, problem: null, answer: null });

async function givenEvents(webhookId: string, syncId: string, events: number) {
  for (let made = 0; made < events; made += 1) {
    const to = made % 2 === 0 ? 'active' : 'paused';
    await moveSync(database.sql, syncId, ['draft', 'active', 'paused'], { status: to, now: NOW });
  }
  return (await told(webhookId)).map(({ deliveryId }) => deliveryId);
}

const due = async (webhookId: string) =>
  (await dueDeliveries(database.sql, webhookId, 10)).map(({ deliveryId }) => deliveryId);
const letTimePass = () => database.sql`update webhook_deliveries set next_attempt_at = now() where state = 'waiting'`;

/** Makes an attempt of what is due first. */
async function attempted(webhookId: string, made: Attempt) {
  const [next] = await dueDeliveries(database.sql, webhookId, 1);
  if (!next) throw new Error('Nothing is due.');
  await noteAttempt(database.sql, next, made);
  return next;
}

test('events of a sync are sent one after the other, those of another sync meanwhile', async () => {
  const webhookId = await givenWebhook(['sync.statusChanged']);
  const [one, other] = [await givenSync(database.sql), await givenSync(database.sql)];
  const [first, second] = await givenEvents(webhookId, one, 2);
  const [, , third] = await givenEvents(webhookId, other, 1);

  expect(await due(webhookId)).toEqual([first, third]);
  await attempted(webhookId, taken);
  expect(await due(webhookId)).toEqual([second, third]);
});

test('an event that fails keeps back the later ones of its sync for some attempts, not for a day', async () => {
  const webhookId = await givenWebhook(['sync.statusChanged']);
  const [first, second] = await givenEvents(webhookId, await givenSync(database.sql), 2);

  await attempted(webhookId, attempt());
  expect(await due(webhookId)).toEqual([]);
  for (let made = 1; made < 5; made += 1) {
    await letTimePass();
    expect(await due(webhookId)).toEqual([first]);
    await attempted(webhookId, attempt());
  }
  await database.sql`update webhooks set hold_until = null`;

  expect(await due(webhookId)).toEqual([second]);
});

test('when a receiver is away, its webhook is held as a whole, until an event is taken', async () => {
  const webhookId = await givenWebhook(['sync.statusChanged']);
  for (let sync = 0; sync < 6; sync += 1) await givenEvents(webhookId, await givenSync(database.sql), 1);

  for (let made = 0; made < 5; made += 1) await attempted(webhookId, attempt());
  expect(await due(webhookId)).toEqual([]);
  await database.sql`update webhooks set hold_until = now()`;
  await attempted(webhookId, taken);

  const [row] =
    await database.sql`select failing_since, failures_in_row, hold_until, last_delivered_at is not null as delivered from webhooks`;
  expect(row).toEqual({ failing_since: null, failures_in_row: 0, hold_until: null, delivered: true });
});

test('an attempt that another one has overtaken is not noted', async () => {
  const webhookId = await givenWebhook(['sync.statusChanged']);
  await givenEvents(webhookId, await givenSync(database.sql), 1);
  const next = await attempted(webhookId, taken);

  await noteAttempt(database.sql, next, attempt());

  expect(await findDelivery(database.sql, webhookId, next.deliveryId)).toMatchObject({
    state: 'delivered',
    attempts: 1,
  });
});

test('an event that was not taken for a day is given up; after days of that the webhook is switched off, which the audit knows', async () => {
  const webhookId = await givenWebhook(['sync.statusChanged']);
  const [first, second] = await givenEvents(webhookId, await givenSync(database.sql), 2);
  await database.sql`update webhook_deliveries set attempts = 9 where delivery_id = ${first ?? ''}`;
  await database.sql`update webhooks set failing_since = now() - interval '4 days'`;

  await attempted(webhookId, attempt());

  expect((await told(webhookId)).map(({ deliveryId, state, attempts }) => [deliveryId, state, attempts])).toEqual([
    [first, 'failed', 10],
    [second, 'failed', 0],
  ]);
  const [row] = await database.sql`select is_enabled, off_reason from webhooks`;
  expect(row).toEqual({ is_enabled: false, off_reason: expect.stringContaining('3 days') });
  const [entry] = await database.sql`select who, action from audit where subject = ${`webhook/${webhookId}`}`;
  expect(entry).toEqual({ who: 'worker', action: 'webhook.switch-off' });
  await moveSync(database.sql, (await told(webhookId))[0]?.event.syncId ?? '', ['active', 'paused'], {
    status: 'cancelled',
    now: NOW,
  });
  expect((await told(webhookId)).length).toBe(2);
});

test('the log is kept as long as values are; what still waits is not forgotten, unless its webhook is gone', async () => {
  const webhookId = await givenWebhook(['sync.statusChanged']);
  const gone = await givenWebhook(['sync.statusChanged'], { name: 'gone' });
  const [first, second] = await givenEvents(webhookId, await givenSync(database.sql), 2);
  await attempted(webhookId, taken);
  await database.sql`delete from webhooks where webhook_id = ${gone}`;
  const later = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
  const retain = (days: number) =>
    keepRetention({ sql: database.sql, retentionDays: 30, now: () => later(days), log: pino({ level: 'silent' }) });

  await retain(29);
  expect((await told(webhookId)).map(({ deliveryId }) => deliveryId)).toEqual([first, second]);
  await retain(31);

  expect((await told(webhookId)).map(({ deliveryId }) => deliveryId)).toEqual([second]);
  expect(await told(gone)).toEqual([]);
  const [events] = await database.sql`select count(*)::int as events from webhook_events`;
  expect(events).toEqual({ events: 1 });
});

test('what was told of a sync is still told when it has been deleted', async () => {
  const syncId = await givenSync(database.sql);
  const webhookId = await givenWebhook(['execution.ended']);
  const run = await givenRun(syncId);
  await closeExecution(database.sql, run.executionId, { state: 'succeeded', now: NOW });

  await database.sql`delete from syncs where sync_id = ${syncId}`;

  const [delivery] = await dueDeliveries(database.sql, webhookId, 1);
  expect(delivery?.event).toMatchObject({ syncId, syncName: 'a sync', execution: { executionId: run.executionId } });
});
