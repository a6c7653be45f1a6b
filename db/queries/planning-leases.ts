import type { WriteOperation } from '../../src/connectors/connector';
import { JOB_EFFECT_MS, LATE_EFFECT_MS } from '../../src/domain/late-effects';
import type { PlannedRecord } from './batches';
import type { Attempt, RunningExecution, Sql } from './executions';
import { iso } from './instant';
import { lastRoundOf } from './staging';

/** How long a lease lasts without being renewed: longer than a look-up takes, short enough to wait for when a holder has died. */
const LEASE_SECONDS = 30;

/** The name that `destinationOf` gives, within a statement that has the connection as `c`. @param object SQL for the object's name */
export const destinationName = (sql: Sql, object: ReturnType<Sql>) =>
  sql`c.kind || ' ' || coalesce(c.identity, c.connection_id::text) || ' ' || lower(${object})`;

/** The name of an object in an instance, whichever connection leads to it and however it is spelt: vendors tell no case in names of objects. */
export async function destinationOf(sql: Sql, connectionId: string, object: string): Promise<string> {
  const [row] = await sql<{ destination: string }[]>`
    select ${destinationName(sql, sql`${object}::text`)} as destination from connections c where c.connection_id = ${connectionId}`;
  if (!row) throw new Error(`Connection ${connectionId} is gone.`);
  return row.destination;
}

/** Takes the lease of a destination, or renews it. @returns false while another execution has it */
export async function takeLease(sql: Sql, attempt: Attempt, destination: string): Promise<boolean> {
  const result = await sql`
    insert into planning_leases (destination, execution_id, epoch, until)
    values (${destination}, ${attempt.executionId}, ${attempt.epoch}, now() + ${LEASE_SECONDS} * interval '1 second')
    on conflict (destination) do update set execution_id = excluded.execution_id, epoch = excluded.epoch, until = excluded.until
    where planning_leases.until < now() or planning_leases.execution_id = excluded.execution_id`;
  return result.count === 1;
}

/**
 * Gives the lease back, within the transaction that stores what was planned under it.
 * @throws Error when it has ended meanwhile: what was planned may be out of date, and has to be planned anew
 */
export async function returnLease(sql: Sql, attempt: Attempt, destination: string): Promise<void> {
  const result = await sql`
    delete from planning_leases
    where destination = ${destination} and execution_id = ${attempt.executionId} and epoch = ${attempt.epoch} and until >= now()`;
  if (result.count !== 1) throw new Error(`The look-up in ${destination} took too long; it is done anew.`);
}

/** Gives the lease back where nothing was planned. */
export async function giveUpLease(sql: Sql, attempt: Attempt, destination: string): Promise<void> {
  await sql`
    delete from planning_leases
    where destination = ${destination} and execution_id = ${attempt.executionId} and epoch = ${attempt.epoch}`;
}

/** A record that is to be loaded. */
export type Told = { matchKey: string | null; sortKey: string };

/** What tells a record: its key; where it has none, itself. */
export const tellingOf = ({ matchKey, sortKey }: Told): string =>
  matchKey === null ? `record ${sortKey}` : `key ${matchKey}`;

/** What tells a record of the destination, by its Id. */
export const tellingOfId = (destinationId: string): string => `id ${destinationId}`;

/** What was planned and not sent for so long is planned anew before it is sent: nobody has to wait for it. */
const PLAN_IS_LEFT_AFTER_MS = 15 * 60_000;
/** Most of what is sent is answered within this time. */
const ANSWERED_AFTER_MS = 60_000;

/** Why nothing can be decided about a record yet. */
export interface InFlight {
  /** When that is over (ISO 8601 UTC); null where it depends on another execution. */
  until: string | null;
  /** The sync of that execution. */
  syncName: string;
  isPaused: boolean;
}

/**
 * The records of a destination that nothing can be decided about yet: other running executions are creating them, something that was sent
 * to them, by whomever, has no answer and may take effect yet, or an undo is about to write them. An undo, which must not write over what others
 * write, is told as well of what other executions have planned, but not of what it has sent itself: it writes a record once.
 * @param how.reusesIds see the connector: creations that may take effect yet count as well, and deletions also by their keys
 * @param how.at present time, ISO 8601 UTC
 * @returns by what tells a record, see `tellingOf` and `tellingOfId`
 */
export async function recordsInFlight(
  sql: Sql,
  { executionId, syncId, trigger }: Pick<RunningExecution, 'executionId' | 'syncId' | 'trigger'>,
  destination: string,
  { reusesIds, at }: { reusesIds: boolean; at: string },
): Promise<Map<string, InFlight>> {
  const open = sql`b.state <> 'settled' and e.execution_id <> ${executionId}`;
  const isUndo = trigger === 'undo';
  const after = (ms: number) => sql`b.sent_at + ${ms} * interval '1 millisecond'`;
  const plans = await sql<
    {
      plan: string;
      operation: WriteOperation;
      until: string | null;
      isOfSync: boolean;
      syncName: string;
      isPaused: boolean;
    }[]
  >`
    with open as (
      select b.batch_id, b.operation, e, null::timestamptz as until from load_batches b join executions e using (execution_id)
      where ${open} and b.operation = 'create' and e.state = 'running'
        and (b.sent_at is not null or b.planned_at > ${earlier(at, PLAN_IS_LEFT_AFTER_MS)})
      union all
      select b.batch_id, b.operation, e, null from load_batches b join executions e using (execution_id)
      where ${open} and b.operation <> 'create' and e.state = 'running' and (e.trigger = 'undo' or ${isUndo})
        and b.state = 'planned' and b.ask_again_at is null and b.planned_at > ${earlier(at, PLAN_IS_LEFT_AFTER_MS)}
      union all
      select * from (
        select b.batch_id, b.operation, e, case
          -- a job may take hours; whoever made it waits for it
          when has_job and e.state = 'running' then 'infinity'
          when has_job then ${after(JOB_EFFECT_MS)}
          -- the answer to what was sent just now will be there soon
          when e.state = 'running' and e.stop is null and b.sent_at > ${earlier(at, ANSWERED_AFTER_MS)} then 'infinity'
          -- the last of its calls may have left long after the first
          else ${after(2 * LATE_EFFECT_MS)} end as until
        from load_batches b join executions e using (execution_id),
          lateral (select coalesce(b.handle, '{}') - 'asked' - 'claimed' <> '{}' as has_job) s
        where ${open} and (b.operation <> 'create' or ${reusesIds}) and b.state = 'sent'
      ) sent where until > ${at}
      union all
      select b.batch_id, b.operation, e, b.arrives_until from load_batches b join executions e using (execution_id)
      where b.arrives_until > ${at} and (b.operation <> 'create' or ${reusesIds})
        and (e.execution_id <> ${executionId} or not ${isUndo})
    )
    select p.plan, open.operation, nullif(until, 'infinity') as until, (open.e).sync_id = ${syncId} as "isOfSync", s.name as "syncName",
      coalesce((open.e).stop = 'pause', false) as "isPaused"
    from open
    join syncs s on s.sync_id = (open.e).sync_id
    join batch_plans p on p.staged_on = (open.e).staged_on and p.batch_id = open.batch_id
    where (open.e).execution_id = ${executionId} or exists (
      select from sync_versions v join connections c on c.connection_id = (v.definition -> 'destination' ->> 'connectionId')::uuid
      where v.sync_id = (open.e).sync_id and v.version = (open.e).version
        and ${destinationName(sql, sql`v.definition -> 'destination' ->> 'object'`)} = ${destination})`;
  const inFlight = new Map<string, InFlight>();
  for (const { plan, operation, until, isOfSync, syncName, isPaused } of plans) {
    const one = { until: iso(until), syncName, isPaused };
    // who makes it anew makes another one
    const isById = operation === 'delete' && !reusesIds;
    // not read by the database, which refuses half of a surrogate pair
    for (const record of JSON.parse(plan) as PlannedRecord[]) {
      const { matchKey, destinationId } = record;
      const tellings = [
        ...(!isById && (matchKey !== null || isOfSync) ? [tellingOf(record)] : []),
        ...(destinationId === null ? [] : [tellingOfId(destinationId)]),
      ];
      for (const telling of tellings) inFlight.set(telling, later(inFlight.get(telling) ?? one, one));
    }
  }
  return inFlight;
}

const earlier = (at: string, ms: number): string => new Date(Date.parse(at) - ms).toISOString();

/** That of the two which ends later. */
export function later(one: InFlight, other: InFlight): InFlight {
  if (one.until === null) return one;
  return other.until === null || other.until > one.until ? other : one;
}

/**
 * Moves records to the end of a run: they and all later ones of their keys go behind the last round, in the order that they have.
 * @param records of this round, that are still to be planned
 * @param how.after sort key of the last record of this round that has been planned, or null
 * @param how.attempts how often they were sent in vain since they were planned
 */
export async function postpone(
  sql: Sql,
  { stagedOn, executionId }: { stagedOn: string; executionId: string },
  records: readonly Told[],
  { round, after, attempts = 0 }: { round: number; after: string | null; attempts?: number },
): Promise<void> {
  const last = await lastRoundOf(sql, { stagedOn, executionId });
  const own = sql`m.staged_on = ${stagedOn} and m.execution_id = ${executionId}`;
  const matchKeys = records.flatMap(({ matchKey }) => matchKey ?? []);
  // most runs have one round: a look at all of its rows for each window would take longer than the load
  if (matchKeys.length > 0 && last > round)
    await sql`
      update mapped_records m set round = m.round - ${round}::int + 1 + ${last}::int
      where ${own} and m.round > ${round} and m.match_key = any(${matchKeys})`;
  await sql`
    update mapped_records m set round = ${last}::int + 1, put_back = m.put_back + ${attempts}::int
    where ${own} and m.round = ${round} and m.sort_key = any(${records.map(({ sortKey }) => sortKey)}) and m.sort_key > ${after ?? ''}`;
}
