import { and, sql as drizzleSql, eq, getTableColumns } from 'drizzle-orm';
import type postgres from 'postgres';
import type { SyncStatus } from '../../src/domain/outcome';
import {
  ATTEMPTS_IN_ORDER,
  type Attempt,
  type DeliveryState,
  holdAfter,
  type Next,
  nextAfter,
  reasonToSwitchOff,
  TEST_EVENT,
  type WebhookEvent,
} from '../../src/domain/webhooks';
import type { Database } from '../client';
import { executions } from '../schema/executions';
import { webhookDeliveries, webhookEvents, webhooks } from '../schema/webhooks';
import { noteDone } from './committed';
import type { Sql } from './executions';
import type { ExecutionRow } from './executions-read';
import { iso } from './instant';
import { SWITCHED_OFF } from './webhooks';

/** An event as it was written. */
export interface EventRow {
  eventId: string;
  type: WebhookEvent | typeof TEST_EVENT;
  at: string;
  syncId: string | null;
  syncName: string | null;
  syncStatus: SyncStatus | null;
  syncProblem: string | null;
  execution: ExecutionRow | null;
  details: Record<string, unknown>;
}

/** A delivery as the log has it. */
export interface DeliveryRow {
  deliveryId: string;
  webhookId: string;
  position: number;
  state: DeliveryState;
  attempts: number;
  status: number | null;
  problem: string | null;
  answer: string | null;
  durationMs: number | null;
  createdAt: string;
  lastAttemptAt: string | null;
  nextAttemptAt: string | null;
  endedAt: string | null;
  event: EventRow;
}

/** The row of an execution as the database wrote it into an event. */
const executionOf = (written: Record<string, unknown> | null): ExecutionRow | null =>
  written &&
  (Object.fromEntries(
    Object.entries(getTableColumns(executions)).map(([name, column]) => {
      const value = written[column.name] ?? null;
      return [name, value === null ? null : column.mapFromDriverValue(value)];
    }),
  ) as unknown as ExecutionRow); // the trigger writes rows of runs alone

/** As the driver gives it: a big number and moments are texts. */
interface Row extends Omit<DeliveryRow, 'position' | 'event'>, Omit<EventRow, 'execution'> {
  position: string;
  execution: Record<string, unknown> | null;
}

const columns = (sql: Sql) => sql`
  d.delivery_id as "deliveryId", d.webhook_id as "webhookId", d.position, d.state, d.attempts, d.status, d.problem, d.answer,
  d.duration_ms as "durationMs", d.created_at as "createdAt", d.last_attempt_at as "lastAttemptAt",
  d.next_attempt_at as "nextAttemptAt", d.ended_at as "endedAt",
  e.event_id as "eventId", e.type, e.at, e.sync_id as "syncId", e.sync_name as "syncName", e.sync_status as "syncStatus",
  e.sync_problem as "syncProblem", e.execution, e.details`;

const moment = (text: string): string => new Date(text).toISOString();

const toDelivery = (row: Row): DeliveryRow => ({
  deliveryId: row.deliveryId,
  webhookId: row.webhookId,
  position: Number(row.position),
  state: row.state,
  attempts: row.attempts,
  status: row.status,
  problem: row.problem,
  answer: row.answer,
  durationMs: row.durationMs,
  createdAt: moment(row.createdAt),
  lastAttemptAt: iso(row.lastAttemptAt),
  nextAttemptAt: iso(row.nextAttemptAt),
  endedAt: iso(row.endedAt),
  event: {
    eventId: row.eventId,
    type: row.type,
    at: moment(row.at),
    syncId: row.syncId,
    syncName: row.syncName,
    syncStatus: row.syncStatus,
    syncProblem: row.syncProblem,
    execution: executionOf(row.execution),
    details: row.details,
  },
});

/** The deliveries of a webhook, the newest first. @param before position of the last one of the page before */
export async function listDeliveries(
  sql: Sql,
  webhookId: string,
  { before, state, limit }: { before: number | null; state: DeliveryState | null; limit: number },
): Promise<DeliveryRow[]> {
  const rows = await sql<Row[]>`
    select ${columns(sql)} from webhook_deliveries d join webhook_events e using (event_id)
    where d.webhook_id = ${webhookId} and (${before}::bigint is null or d.position < ${before}::bigint)
      and (${state}::text is null or d.state = ${state}::text)
    order by d.position desc limit ${limit}`;
  return rows.map(toDelivery);
}

export async function findDelivery(sql: Sql, webhookId: string, deliveryId: string): Promise<DeliveryRow | null> {
  const [row] = await sql<Row[]>`
    select ${columns(sql)} from webhook_deliveries d join webhook_events e using (event_id)
    where d.webhook_id = ${webhookId} and d.delivery_id = ${deliveryId}`;
  return row ? toDelivery(row) : null;
}

/** Webhooks with deliveries that are due and that their workflow has not been told of lately, with the ids of these. */
export async function unannounced(sql: Sql): Promise<{ webhookId: string; deliveryIds: string[] }[]> {
  return sql<{ webhookId: string; deliveryIds: string[] }[]>`
    select d.webhook_id as "webhookId", array_agg(d.delivery_id) as "deliveryIds"
    from webhook_deliveries d join webhooks w using (webhook_id)
    where d.state = 'waiting' and d.next_attempt_at <= now() and w.is_enabled and coalesce(w.hold_until <= now(), true)
      and coalesce(d.announced_at < now() - interval '30 seconds', true)
    group by d.webhook_id`;
}

/** Notes that the workflow of a webhook was told of deliveries; it is told again where they are still there after a while. */
export async function noteAnnounced(sql: Sql, deliveryIds: readonly string[]): Promise<void> {
  await sql`update webhook_deliveries set announced_at = now() where delivery_id = any(${[...deliveryIds]}::uuid[])`;
}

/** What holds of a delivery that may be sent once its time has come: no earlier one of its sync is to go first. */
const isInTurn = (sql: Sql) => sql`(
  d.state = 'waiting' and w.is_enabled and not exists (
    select from webhook_deliveries b
    where b.webhook_id = d.webhook_id and b.sync_id = d.sync_id and b.state = 'waiting'
      and b.position < d.position and b.attempts < ${ATTEMPTS_IN_ORDER}))`;

/** A delivery that is due, and where it goes. */
export type DueDelivery = DeliveryRow & { url: string };

/** The next deliveries of a webhook that are due and whose turn it is. */
export async function dueDeliveries(sql: Sql, webhookId: string, limit: number): Promise<DueDelivery[]> {
  const rows = await sql<(Row & { url: string })[]>`
    select ${columns(sql)}, w.url
    from webhook_deliveries d join webhook_events e using (event_id) join webhooks w using (webhook_id)
    where d.webhook_id = ${webhookId} and d.next_attempt_at <= now() and coalesce(w.hold_until <= now(), true) and ${isInTurn(sql)}
    order by d.position limit ${limit}`;
  return rows.map((row) => ({ ...toDelivery(row), url: row.url }));
}

/** In how many milliseconds the next delivery of a webhook is due; null where none waits. */
export async function nextDueInMs(sql: Sql, webhookId: string): Promise<number | null> {
  const [row] = await sql<{ ms: number | null }[]>`
    select ceil(extract(epoch from min(greatest(d.next_attempt_at, w.hold_until)) - now()) * 1000)::float8 as ms
    from webhook_deliveries d join webhooks w using (webhook_id)
    where d.webhook_id = ${webhookId} and ${isInTurn(sql)}`;
  return row?.ms == null ? null : Math.max(0, row.ms);
}

/**
 * Notes what came of sending an event, and what follows: for the delivery, and for its webhook, which is held where the receiver is away, and
 * switched off where that lasts for days. An attempt that another one has overtaken is not noted.
 */
export async function noteAttempt(sql: postgres.Sql, delivery: DueDelivery, attempt: Attempt): Promise<void> {
  const next = nextAfter(attempt, delivery.attempts + 1);
  if (next.state === 'delivered') return noteTaken(sql, delivery, attempt);
  const { webhookId } = delivery;
  await sql.begin(async (tx) => {
    // before the delivery, as whoever changes a webhook and then what waits for it
    await tx`select from webhooks where webhook_id = ${webhookId} for no key update`;
    if (!(await noteOfDelivery(tx, delivery, attempt, next))) return;
    const { failuresInRow, failingSince, now } = await noteFailed(tx, webhookId);
    const hold = holdAfter(failuresInRow);
    if (hold !== null) await holdFor(tx, webhookId, hold);
    const reason = next.state === 'failed' ? reasonToSwitchOff({ isGone: next.isGone, failingSince }, now) : null;
    if (reason !== null) await switchOff(tx, webhookId, reason);
  });
}

/** @returns false where another attempt was noted meanwhile */
async function noteOfDelivery(
  sql: Sql,
  { deliveryId, attempts }: DueDelivery,
  { status, problem, answer, durationMs }: Attempt,
  next: Next,
): Promise<boolean> {
  const isOver = next.state !== 'waiting';
  const wait = isOver ? sql`null::timestamptz` : sql`now() + ${`${next.inMs} milliseconds`}::interval`;
  const { count } = await sql`
    update webhook_deliveries set state = ${next.state}, attempts = attempts + 1, last_attempt_at = now(),
      status = ${status}, problem = ${problem}, answer = ${answer}, duration_ms = ${durationMs},
      next_attempt_at = ${wait}, announced_at = ${wait}, ended_at = ${isOver ? sql`now()` : null}
    where delivery_id = ${deliveryId} and state = 'waiting' and attempts = ${attempts}`;
  if (count === 0) return false;
  noteDone(sql, { webhookAttempt: problem === null ? 'taken' : 'failed', webhookGivenUp: next.state === 'failed' });
  return true;
}

/** The row of a webhook is shared by all that is sent to it: it is written by itself, and where that says something new. */
async function noteTaken(sql: Sql, delivery: DueDelivery, attempt: Attempt): Promise<void> {
  if (!(await noteOfDelivery(sql, delivery, attempt, { state: 'delivered' }))) return;
  await sql`
    update webhooks set last_delivered_at = now(), failing_since = null, failures_in_row = 0, hold_until = null
    where webhook_id = ${delivery.webhookId}
      and (failures_in_row > 0 or coalesce(last_delivered_at < now() - interval '1 second', true))`;
}

async function noteFailed(
  tx: Sql,
  webhookId: string,
): Promise<{ failuresInRow: number; failingSince: string; now: string }> {
  const [row] = await tx<{ failures: number; since: string; now: string }[]>`
    update webhooks set failures_in_row = failures_in_row + 1, failing_since = coalesce(failing_since, now())
    where webhook_id = ${webhookId} returning failures_in_row as failures, failing_since as since, now() as now`;
  // a webhook that was deleted meanwhile is neither held nor switched off
  const now = new Date(row?.now ?? 0).toISOString();
  return { failuresInRow: row?.failures ?? 0, failingSince: iso(row?.since ?? null) ?? now, now };
}

const holdFor = (tx: Sql, webhookId: string, ms: number) => tx`
  update webhooks set hold_until = now() + ${`${ms} milliseconds`}::interval where webhook_id = ${webhookId}`;

/** Who switched it off, as the audit has it. */
const BY_SYNC = 'worker';

async function switchOff(tx: Sql, webhookId: string, reason: string): Promise<void> {
  const { count } = await tx`
    update webhooks set is_enabled = false, off_reason = ${reason}, version = version + 1, updated_at = now()
    where webhook_id = ${webhookId} and is_enabled`;
  if (count === 0) return;
  await tx`
    update webhook_deliveries set state = 'failed', problem = coalesce(problem, ${SWITCHED_OFF}), next_attempt_at = null, ended_at = now()
    where webhook_id = ${webhookId} and state = 'waiting'`;
  await tx`
    insert into audit (at, who, action, subject, details)
    values (date_trunc('milliseconds', now()), ${BY_SYNC}, 'webhook.switch-off', ${`webhook/${webhookId}`}, jsonb_build_object('reason', ${reason}::text))`;
}

/** Tells the webhooks that listen that a sync should have run and did not; once for each run that is due. */
export async function tellOverdue(sql: Sql, syncId: string, dueAt: string): Promise<void> {
  await sql`
    select tell_webhooks('sync.overdue', ${syncId}, null, jsonb_build_object('dueAt', ${dueAt}::text), ${`overdue/${syncId}/${dueAt}`}, null)`;
}

/** Forgets what became of events long ago, and what waits for webhooks that are gone or off. @param since ISO 8601 UTC */
export async function forgetDeliveries(sql: Sql, since: string): Promise<void> {
  await sql`
    delete from webhook_deliveries d
    where coalesce(d.ended_at, d.created_at) < ${since}
      and (d.state <> 'waiting' or not exists (select from webhooks w where w.webhook_id = d.webhook_id and w.is_enabled))`;
  await sql`
    delete from webhook_events e
    where e.at < ${since} and not exists (select from webhook_deliveries d where d.event_id = e.event_id)`;
}

/** An event that tells of nothing, to try a webhook. @param at ISO 8601 UTC */
export const testEvent = (eventId: string, at: string): EventRow => ({
  ...{ eventId, at, type: TEST_EVENT, details: {} },
  ...{ syncId: null, syncName: null, syncStatus: null, syncProblem: null, execution: null },
});

/** Writes a test into the log, within a transaction. @returns the id of the delivery */
export async function noteTest(
  tx: Database,
  webhookId: string,
  { eventId, at }: EventRow,
  attempt: Attempt,
): Promise<string> {
  await tx.insert(webhookEvents).values({ eventId, at, type: TEST_EVENT });
  const { status, problem, answer, durationMs } = attempt;
  const [row] = await tx
    .insert(webhookDeliveries)
    .values({
      ...{ webhookId, eventId, status, problem, answer, durationMs, attempts: 1, nextAttemptAt: null },
      state: problem === null ? 'delivered' : 'failed',
      lastAttemptAt: at,
      endedAt: drizzleSql`now()`,
    })
    .returning({ deliveryId: webhookDeliveries.deliveryId });
  if (!row) throw new Error('A delivery that was just inserted is missing.');
  return row.deliveryId;
}

/**
 * Has an event sent again, within a transaction: one that waits for its next attempt at once.
 * @returns the delivery that does it
 */
export async function redeliver(
  tx: Database,
  { deliveryId, webhookId, state, event }: DeliveryRow,
): Promise<DeliveryRow> {
  await tx.update(webhooks).set({ holdUntil: null }).where(eq(webhooks.webhookId, webhookId));
  const due = { nextAttemptAt: drizzleSql`now()`, announcedAt: null };
  const isThisOne = and(eq(webhookDeliveries.deliveryId, deliveryId), eq(webhookDeliveries.state, 'waiting'));
  const [waiting] = state === 'waiting' ? await tx.update(webhookDeliveries).set(due).where(isThisOne).returning() : [];
  if (waiting) return { ...waiting, event };
  const { eventId, syncId } = event;
  const [made] = await tx.insert(webhookDeliveries).values({ webhookId, eventId, syncId }).returning();
  if (!made) throw new Error('A delivery that was just inserted is missing.');
  return { ...made, event };
}
