import type { PlannedRecord } from './batches';
import type { Sql } from './executions';
import { iso } from './instant';

interface Filed {
  executionId: string;
  stagedOn: string;
}

/** What was mapped of a record, as JSON: destination field → value; null where nothing is kept of it. */
export async function mappedBody(sql: Sql, { executionId, stagedOn }: Filed, sortKey: string): Promise<string | null> {
  const [row] = await sql<{ body: string }[]>`
    select body from mapped_records
    where staged_on = ${stagedOn} and execution_id = ${executionId} and sort_key = ${sortKey} order by round limit 1`;
  return row?.body ?? null;
}

/** What a person has put in place of values of a record, and what the source said: JSON objects, source field → value. */
export async function correctionOf(
  sql: Sql,
  executionId: string,
  sourceId: string,
): Promise<{ cells: string; sourceCells: string } | null> {
  const [row] = await sql<{ cells: string; sourceCells: string }[]>`
    select cells, source_cells as "sourceCells" from corrections
    where execution_id = ${executionId} and source_id = ${sourceId} and source_cells is not null`;
  return row ?? null;
}

/** A record on its way to the destination, once for each batch that it was in. */
export interface Sending {
  operation: 'create' | 'update' | 'delete';
  /** Null for what is planned and not sent yet. */
  sentAt: string | null;
  values: PlannedRecord['values'];
  previous: PlannedRecord['values'];
}

/** How a record was sent, first to last; empty where that is kept no longer. */
export async function sendingsOf(sql: Sql, { executionId, stagedOn }: Filed, sortKey: string): Promise<Sending[]> {
  // as `planBatch` writes it
  const wanted = `"sortKey":${JSON.stringify(sortKey)}`;
  const rows = await sql<{ operation: Sending['operation']; sent_at: string | null; plan: string }[]>`
    select b.operation, b.sent_at, p.plan
    from load_batches b join batch_plans p on p.batch_id = b.batch_id and p.staged_on = ${stagedOn}
    where b.execution_id = ${executionId} and position(${wanted} in p.plan) > 0
    order by b.planned_at, b.batch_id`;
  return rows.flatMap(({ operation, sent_at: sentAt, plan }) => {
    const record = (JSON.parse(plan) as PlannedRecord[]).find((each) => each.sortKey === sortKey);
    return record ? [{ operation, sentAt: iso(sentAt), values: record.values, previous: record.previous ?? {} }] : [];
  });
}
