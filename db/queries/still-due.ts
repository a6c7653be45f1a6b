import type { Sql } from './executions';
import { isUndone } from './failed-records';

/** Failed records of a sync that are still to be loaded. */
export interface StillDue {
  /** Each counts once, however often it has failed. */
  records: number;
  /** Whose retry takes them, the oldest first; each record counts for one of them. */
  executions: { id: string; number: number; records: number }[];
}

/**
 * What of some syncs is still to be loaded, over all executions of each: the records that `DUE` of `failed-records` holds for any of them. A
 * record is due when it failed in the last execution that dealt with it; one that a retry did not load belongs to the execution whose records
 * were tried again. What failed in a run that was undone as a whole, or in a retry of that, is not due: it comes with the next run.
 * @returns by the id of the sync, without those of which nothing is due
 */
export async function stillDueOf(sql: Sql, syncIds: readonly string[]): Promise<Map<string, StillDue>> {
  const rows = await sql<{ syncId: string; id: string; number: number; records: string }[]>`
    with recursive latest as (
      select distinct on (e.sync_id, o.sort_key) e.sync_id, o.sort_key, e.execution_id, e.number
      from executions e join outcomes o on o.execution_id = e.execution_id and o.outcome = 'failed'
      where e.sync_id = any(${[...syncIds]}::uuid[]) and e.purpose = 'run' and e.trigger <> 'undo' and e.failed > 0
        and not ${sql.unsafe(isUndone('e.execution_id'))}
      order by e.sync_id, o.sort_key, e.number desc
    ), due as (
      select * from latest
      where not exists (
        select 1 from given_up_records g where g.execution_id = latest.execution_id and g.sort_key = latest.sort_key)
        and not exists (
          select 1 from executions e join outcomes l on l.execution_id = e.execution_id and l.sort_key = latest.sort_key
          where e.sync_id = latest.sync_id and e.purpose = 'run' and e.trigger <> 'undo' and e.number > latest.number and e.read > 0
            and l.outcome <> 'failed' and l.reason is distinct from 'cancelled')
    ), tried as (
      select * from due
      union all
      select t.sync_id, t.sort_key, origin.execution_id, origin.number
      from tried t join follow_ups f on f.execution_id = t.execution_id join executions origin on origin.execution_id = f.origin_id
      where not exists (
        select 1 from given_up_records g where g.execution_id = origin.execution_id and g.sort_key = t.sort_key)
    ), firsts as (select distinct on (sync_id, sort_key) * from tried order by sync_id, sort_key, number)
    select sync_id as "syncId", execution_id as id, number, count(*) as records from firsts group by 1, 2, 3 order by 1, 3`;
  const due = new Map<string, StillDue>();
  for (const { syncId, id, number, records: text } of rows) {
    const { records, executions } = due.get(syncId) ?? NOTHING_DUE;
    const more = Number(text);
    due.set(syncId, { records: records + more, executions: [...executions, { id, number, records: more }] });
  }
  return due;
}

/** Of a sync whose records are all loaded, or given up. */
export const NOTHING_DUE: StillDue = { records: 0, executions: [] };
