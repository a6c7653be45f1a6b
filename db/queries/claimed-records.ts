import type postgres from 'postgres';
import type { Claim } from '../../src/connectors/connector';
import { changeBatch, type LoadBatch, type PlannedRecord } from './batches';
import type { Attempt } from './executions';
import { destinationName, destinationOf } from './planning-leases';

/** What ended so long before a batch was sent has made older records than those that the batch may have made: clocks differ by less. */
const LEDGER_MARGIN = '10 seconds';

/**
 * Decides which of some new records of a destination were made by a batch whose answer was lost: for one batch of a destination at a time, and the
 * choice is kept with the batch until its outcomes are in the ledger.
 * @param choose as a `Claim` has it
 */
export async function claimRecords(
  sql: postgres.Sql,
  attempt: Attempt,
  { batchId, sentAt }: Pick<LoadBatch, 'batchId' | 'sentAt'>,
  { connectionId, object }: { connectionId: string; object: string },
  ids: readonly string[],
  choose: Parameters<Claim>[1],
): Promise<void> {
  const destination = await destinationOf(sql, connectionId, object);
  await sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtextextended(${destination}, 0))`;
    const intoIt = tx`
      select s.sync_id, v.version from syncs s join sync_versions v on v.sync_id = s.sync_id
      join connections c on c.connection_id = (v.definition -> 'destination' ->> 'connectionId')::uuid
      where ${destinationName(tx, tx`v.definition -> 'destination' ->> 'object'`)} = ${destination}`;
    // links are remembered in the transaction that appends the outcome
    const taken = await tx<{ id: string }[]>`
      with into_it as materialized (${intoIt}),
      recent as materialized (
        select e.execution_id from executions e join into_it using (sync_id, version)
        where e.finished_at is null or e.finished_at > ${sentAt}::timestamptz - ${LEDGER_MARGIN}::interval
      )
      select o.destination_id as id from recent join outcomes o using (execution_id)
      where o.outcome = 'created' and o.destination_id = any(${[...ids]})
      union all
      select unnest(string_to_array(b.handle ->> 'claimed', ' '))
      from load_batches b join executions e using (execution_id) join into_it using (sync_id, version)
      where b.state <> 'settled' and b.batch_id <> ${batchId} and b.handle ->> 'claimed' is not null`;
    const plans = await tx<{ plan: string; is_asked_about: boolean }[]>`
      with into_it as materialized (${intoIt})
      select p.plan, b.arrives_until is not null as is_asked_about
      from load_batches b join executions e using (execution_id) join into_it using (sync_id, version)
      join batch_plans p on p.staged_on = e.staged_on and p.batch_id = b.batch_id
      where b.state = 'sent' and b.operation = 'create' and b.batch_id <> ${batchId}`;
    const others = plans.flatMap(({ plan, is_asked_about: isAskedAbout }) => {
      const records = JSON.parse(plan) as PlannedRecord[]; // written by planBatch
      return records.map((record) => ({ ...record, isAskedAbout }));
    });
    const known = new Set(taken.map(({ id }) => id));
    const own = choose(
      new Set(ids.filter((id) => !known.has(id))),
      others.filter(({ key }) => key === null),
    );
    const handle =
      own.length > 0
        ? tx`coalesce(b.handle, '{}'::jsonb) || jsonb_build_object('claimed', ${own.join(' ')}::text)`
        : tx`nullif(b.handle - 'claimed', '{}'::jsonb)`;
    await changeBatch(tx, attempt, batchId, tx`handle = ${handle}`);
  });
}
