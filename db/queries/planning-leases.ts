import type { Attempt, Sql } from './executions';

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

/** The keys that other running executions are creating in a destination: planned or sent, and not settled. */
export async function keysInFlight(sql: Sql, { executionId }: Attempt, destination: string): Promise<Set<string>> {
  const rows = await sql<{ key: string }[]>`
    select record ->> 'matchKey' as key
    from load_batches b
    join executions e on e.execution_id = b.execution_id and e.state = 'running' and e.execution_id <> ${executionId}
    join sync_versions v on v.sync_id = e.sync_id and v.version = e.version
    join connections c on c.connection_id = (v.definition -> 'destination' ->> 'connectionId')::uuid
    join batch_plans p on p.staged_on = e.staged_on and p.batch_id = b.batch_id
    cross join lateral jsonb_array_elements(p.plan::jsonb) as record
    where b.state <> 'settled' and b.operation = 'create' and record ->> 'matchKey' is not null
      and c.kind || ' ' || coalesce(c.identity, c.connection_id::text) || ' ' || (v.definition -> 'destination' ->> 'object') = ${destination}`;
  return new Set(rows.map(({ key }) => key));
}

/**
 * Moves records to the end of a run: they and all later ones of their keys go behind the last round, in the order that they have.
 * @param matchKeys of records that are still to be planned, in this round or a later one
 * @param after sort key of the last record of this round that has been planned, or null
 */
export async function postpone(
  sql: Sql,
  { stagedOn, executionId }: { stagedOn: string; executionId: string },
  matchKeys: readonly string[],
  { round, after }: { round: number; after: string | null },
): Promise<void> {
  await sql`
    update mapped_records m
    set round = m.round + (select max(round) from mapped_records l where l.staged_on = ${stagedOn} and l.execution_id = ${executionId})
    where m.staged_on = ${stagedOn} and m.execution_id = ${executionId} and m.match_key = any(${[...matchKeys]})
      and (m.round > ${round} or (m.round = ${round} and m.sort_key > ${after ?? ''}))`;
}
