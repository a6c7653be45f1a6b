import { and, eq, inArray, sql } from 'drizzle-orm';
import type { FollowUpTrigger } from '../../src/domain/outcome';
import type { Database } from '../client';
import { syncs } from '../schema/definitions';
import { executions } from '../schema/executions';
import { followUps } from '../schema/follow-ups';
import type { Sql } from './executions';
import type { ExecutionRow } from './executions-read';

/** The execution that a follow-up goes over. */
export async function originOf(sql: Sql, executionId: string): Promise<string> {
  const [row] = await sql<{ origin_id: string }[]>`
    select origin_id from follow_ups where execution_id = ${executionId}`;
  if (!row) throw new Error(`Execution ${executionId} follows no other.`);
  return row.origin_id;
}

/** Locks a sync against executions that are opened, to the end of the transaction. */
export async function lockSync(tx: Database, syncId: string): Promise<void> {
  await tx.select({ syncId: syncs.syncId }).from(syncs).where(eq(syncs.syncId, syncId)).for('no key update');
}

export interface NewFollowUp {
  origin: Pick<ExecutionRow, 'executionId' | 'syncId'>;
  trigger: FollowUpTrigger;
  /** The version of the definition that it goes by. */
  version: number;
  /** Which failed records are tried again; null where it does not matter. */
  wanted: { reasons: string[] | null; sourceIds: string[] | null };
  /** ISO 8601 UTC. */
  now: string;
}

/** Opens a follow-up of an execution, within a transaction that has locked the sync. */
export async function openFollowUp(
  tx: Database,
  { origin, trigger, version, wanted, now }: NewFollowUp,
): Promise<ExecutionRow> {
  const { syncId } = origin;
  const [sync] = await tx
    .select({ last: syncs.lastExecutionNumber, activation: syncs.activation })
    .from(syncs)
    .where(eq(syncs.syncId, syncId));
  if (!sync) throw new Error(`Sync ${syncId} is gone; nothing of it can be followed up.`);
  const number = sync.last + 1;
  const [opened] = await tx
    .insert(executions)
    .values({
      syncId,
      number,
      version,
      activation: sync.activation,
      trigger,
      scheduledFor: now,
      startedAt: now,
      state: 'running',
      stagedOn: now.slice(0, 10),
      asOf: now,
    })
    .returning();
  if (!opened) throw new Error('An execution that was just inserted is missing.');
  await tx.update(syncs).set({ lastExecutionNumber: number }).where(eq(syncs.syncId, syncId));
  await tx.insert(followUps).values({ executionId: opened.executionId, originId: origin.executionId, ...wanted });
  return opened as ExecutionRow; // opened as a run, see above
}

/** The number of the undo that has brought an execution back to what was before; null while there is none. */
export async function undoneBy(tx: Database, executionId: string): Promise<number | null> {
  const [row] = await tx
    .select({ number: executions.number })
    .from(followUps)
    .innerJoin(executions, eq(executions.executionId, followUps.executionId))
    .where(
      and(
        eq(followUps.originId, executionId),
        eq(executions.trigger, 'undo'),
        inArray(executions.state, ['running', 'succeeded']),
      ),
    );
  return row?.number ?? null;
}

/** Most Ids that one statement takes. */
const IDS_AT_ONCE = 10_000;

/**
 * Gives up failed records of an execution, within a transaction: they are not tried again, by a retry or by a run that reads what changed.
 * @returns how many had not been given up before
 */
export async function giveUp(
  tx: Database,
  origin: Pick<ExecutionRow, 'executionId' | 'syncId' | 'number'>,
  sourceIds: readonly string[],
  by: string,
): Promise<number> {
  let given = 0;
  for (let from = 0; from < sourceIds.length; from += IDS_AT_ONCE) {
    given += await giveUpSome(tx, origin, sourceIds.slice(from, from + IDS_AT_ONCE), by);
  }
  return given;
}

async function giveUpSome(
  tx: Database,
  { executionId, syncId, number }: Pick<ExecutionRow, 'executionId' | 'syncId' | 'number'>,
  sourceIds: readonly string[],
  by: string,
): Promise<number> {
  const ids = sql`(${sql.join(
    sourceIds.map((sourceId) => sql`${sourceId}`),
    sql`, `,
  )})`;
  const given = await tx.execute(sql`
    insert into given_up_records (execution_id, sort_key, "by", at)
    select execution_id, sort_key, ${by}, date_trunc('milliseconds', now()) from outcomes
    where execution_id = ${executionId} and outcome = 'failed' and source_id in ${ids}
    on conflict do nothing returning sort_key`);
  await tx.execute(sql`
    update sync_records r set due = false
    where r.sync_id = ${syncId} and r.due and r.source_id in ${ids} and not exists (
      select 1 from executions e join outcomes o on o.execution_id = e.execution_id and o.sort_key = r.sort_key
      where e.sync_id = r.sync_id and e.purpose = 'run' and e.trigger <> 'undo' and e.number > ${number})`);
  return given.length;
}
