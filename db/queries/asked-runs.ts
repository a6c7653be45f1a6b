import type { Sql } from './executions';

/**
 * What holds of a wish `w` for a run that has not begun. Workers of earlier releases do not note which execution a wish has led to: whatever
 * has begun since is it then.
 */
export const NOT_BEGUN = `
  w.kind = 'runNow' and w.refusal is null and w.execution_id is null and not exists (
    select 1 from executions e where e.sync_id = w.sync_id and e.started_at >= w.asked_at and e.trigger in ('now', 'once', 'interval', 'manual'))`;

interface Asked {
  syncId: string;
  activation: number;
}

/** Notes that an execution is the one that was asked for, within the transaction that opens it. */
export async function noteAskedRun(sql: Sql, { syncId, activation }: Asked, executionId: string): Promise<void> {
  await sql`
    update sync_wishes w set execution_id = ${executionId}
    where w.sync_id = ${syncId} and w.activation = ${activation} and w.kind = 'runNow' and w.refusal is null and w.execution_id is null`;
}

/** Says of a run that was asked for and has not begun that it will not: its activation is over. */
export async function refuseAskedRun(sql: Sql, { syncId, activation }: Asked): Promise<void> {
  await sql`
    update sync_wishes w set delivered_at = coalesce(w.delivered_at, now()), refusal = 'The sync came to its end before the run had begun.'
    where w.sync_id = ${syncId} and w.activation = ${activation} and ${sql.unsafe(NOT_BEGUN)}`;
}
