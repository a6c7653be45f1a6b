import { LATE_EFFECT_MS } from '../../src/domain/late-effects';
import type { PlannedRecord } from './batches';
import type { Attempt, Sql } from './executions';
import { iso } from './instant';

/** How long a lease lasts without being renewed: longer than a look-up takes, short enough to wait for when a holder has died. */
const LEASE_SECONDS = 30;

/** The name of an object in an instance, whichever connection leads to it. */
export async function destinationOf(sql: Sql, connectionId: string, object: string): Promise<string> {
  const [row] = await sql<{ destination: string }[]>`
    select kind || ' ' || coalesce(identity, connection_id::text) || ' ' || ${object}::text as destination
    from connections where connection_id = ${connectionId}`;
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

/**
 * The records of a destination that nothing can be decided about yet: other running executions are creating them, or something that was sent
 * to them, by whomever, has no answer and may take effect yet.
 * @param how.reusesIds see the connector: creations and deletions that may take effect yet count as well
 * @param how.at present time, ISO 8601 UTC
 * @returns by what tells a record, see `tellingOf` and `tellingOfId`, until when (ISO 8601 UTC); null where that depends on another execution
 */
export async function recordsInFlight(
  sql: Sql,
  { executionId, syncId }: { executionId: string; syncId: string },
  destination: string,
  { reusesIds, at }: { reusesIds: boolean; at: string },
): Promise<Map<string, string | null>> {
  const open = sql`b.state <> 'settled' and e.execution_id <> ${executionId}`;
  const plans = await sql<{ plan: string; until: string | null; isOfSync: boolean }[]>`
    with open as (
      select b.batch_id, e, null::timestamptz as until from load_batches b join executions e using (execution_id)
      where ${open} and b.operation = 'create' and e.state = 'running'
        and (b.sent_at is not null or b.planned_at > ${earlier(at, PLAN_IS_LEFT_AFTER_MS)})
      union all
      -- the answer to what was sent just now will be there soon
      select b.batch_id, e, case when e.state <> 'running' or b.sent_at < ${earlier(at, ANSWERED_AFTER_MS)}
        then b.sent_at + ${LATE_EFFECT_MS} * interval '1 millisecond' end
      from load_batches b join executions e using (execution_id)
      where ${open} and (b.operation = 'update' or ${reusesIds}) and b.state = 'sent' and b.sent_at > ${earlier(at, LATE_EFFECT_MS)}
      union all
      select b.batch_id, e, b.arrives_until from load_batches b join executions e using (execution_id)
      where b.arrives_until > ${at} and (b.operation = 'update' or ${reusesIds})
    )
    select p.plan, until, (open.e).sync_id = ${syncId} as "isOfSync"
    from open
    join batch_plans p on p.staged_on = (open.e).staged_on and p.batch_id = open.batch_id
    where (open.e).execution_id = ${executionId} or exists (
      select from sync_versions v join connections c on c.connection_id = (v.definition -> 'destination' ->> 'connectionId')::uuid
      where v.sync_id = (open.e).sync_id and v.version = (open.e).version
        and c.kind || ' ' || coalesce(c.identity, c.connection_id::text) || ' ' || (v.definition -> 'destination' ->> 'object') = ${destination})`;
  const inFlight = new Map<string, string | null>();
  for (const { plan, until, isOfSync } of plans) {
    const end = iso(until);
    // not read by the database, which refuses half of a surrogate pair
    for (const record of JSON.parse(plan) as PlannedRecord[]) {
      const { matchKey, destinationId } = record;
      const tellings = [
        ...(matchKey !== null || isOfSync ? [tellingOf(record)] : []),
        ...(destinationId === null ? [] : [tellingOfId(destinationId)]),
      ];
      for (const telling of tellings) inFlight.set(telling, later(inFlight.get(telling), end));
    }
  }
  return inFlight;
}

const earlier = (at: string, ms: number): string => new Date(Date.parse(at) - ms).toISOString();

/** @param known of the same record; undefined where nothing is */
const later = (known: string | null | undefined, until: string | null): string | null =>
  known === null || until === null ? null : known === undefined || until > known ? until : known;

/**
 * Moves records to the end of a run: they and all later ones of their keys go behind the last round, in the order that they have.
 * @param records that are still to be planned, in this round or a later one
 * @param after sort key of the last record of this round that has been planned, or null
 */
export async function postpone(
  sql: Sql,
  { stagedOn, executionId }: { stagedOn: string; executionId: string },
  records: readonly Told[],
  { round, after }: { round: number; after: string | null },
): Promise<void> {
  const matchKeys = records.flatMap(({ matchKey }) => matchKey ?? []);
  const keyless = records.flatMap(({ matchKey, sortKey }) => (matchKey === null ? [sortKey] : []));
  await sql`
    update mapped_records m
    set round = m.round - ${round}::int + 1
      + (select max(round) from mapped_records l where l.staged_on = ${stagedOn} and l.execution_id = ${executionId})
    where m.staged_on = ${stagedOn} and m.execution_id = ${executionId}
      and (m.match_key = any(${matchKeys}) or m.sort_key = any(${keyless}))
      and (m.round > ${round} or (m.round = ${round} and m.sort_key > ${after ?? ''}))`;
}
