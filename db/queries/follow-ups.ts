import { and, eq, inArray, sql } from 'drizzle-orm';
import type { FollowUpTrigger } from '../../src/domain/outcome';
import type { Database } from '../client';
import { syncs } from '../schema/definitions';
import { executions } from '../schema/executions';
import { followUps } from '../schema/follow-ups';
import type { Sql } from './executions';
import type { ExecutionRow, ShownExecution } from './executions-read';
import { DUE, type Wanted } from './failed-records';

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
  origin: Pick<ExecutionRow, 'executionId' | 'syncId' | 'number'>;
  trigger: FollowUpTrigger;
  /** The version of the definition that it goes by. */
  version: number;
  /** Which failed records are tried again; null where it does not matter. */
  wanted: { reasons: string[] | null; field: string | null; sourceIds: string[] | null };
  /** ISO 8601 UTC. */
  now: string;
}

/** Opens a follow-up of an execution, within a transaction that has locked the sync. */
export async function openFollowUp(
  tx: Database,
  { origin, trigger, version, wanted, now }: NewFollowUp,
): Promise<ExecutionRow & Pick<ShownExecution, 'follows'>> {
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
  await tx.update(syncs).set({ lastExecutionNumber: number, lastRunAt: now }).where(eq(syncs.syncId, syncId));
  await tx.insert(followUps).values({ executionId: opened.executionId, originId: origin.executionId, ...wanted });
  const follows = { id: origin.executionId, number: origin.number };
  return { ...(opened as ExecutionRow), follows }; // opened as a run, see above
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

/**
 * Gives up failed records of an execution, within a transaction: they are not tried again, by a retry or by a run that reads what changed.
 * Those that are named by their Ids alone are given up although they may be due no more; those of a reason while they are.
 * @returns how many had not been given up before
 */
export async function giveUp(
  tx: Database,
  { executionId, syncId, number }: Pick<ExecutionRow, 'executionId' | 'syncId' | 'number'>,
  { reasons, field, sourceIds }: Wanted,
  by: string,
): Promise<number> {
  const failed = sql.raw(`from outcomes o join executions origin using (execution_id) where o.outcome = 'failed'`);
  const named = sql`
    ${reasons === null ? failed : sql.raw(DUE)} and origin.execution_id = ${executionId}
      ${reasons === null ? sql`` : sql`and o.reason = any(${listed(reasons)})`}
      ${field === null ? sql`` : sql`and coalesce(o.field, '') = ${field}`}
      ${sourceIds === null ? sql`` : sql`and o.source_id = any(${listed(sourceIds)})`}`;
  const [given] = await tx.execute<{ records: string }>(sql`
    with given as (
      insert into given_up_records (execution_id, sort_key, "by", at)
      select origin.execution_id, o.sort_key, ${by}, date_trunc('milliseconds', now()) ${named}
      on conflict do nothing returning 1
    ) select count(*) as records from given`);
  await tx.execute(sql`
    update sync_records r set due = false from given_up_records g
    where g.execution_id = ${executionId} and r.sync_id = ${syncId} and r.sort_key = g.sort_key and r.due and not exists (
      select 1 from executions e join outcomes o on o.execution_id = e.execution_id and o.sort_key = r.sort_key
      where e.sync_id = r.sync_id and e.purpose = 'run' and e.trigger <> 'undo' and e.number > ${number})`);
  return Number(given?.records ?? 0);
}

/** A list as one parameter, however long it is. */
const listed = (texts: readonly string[]) =>
  sql`array(select jsonb_array_elements_text(${JSON.stringify(texts)}::text::jsonb))`;
