import type { Value, Values } from '../../src/domain/object-description';
import type { OurWrite, Undoable } from '../../src/domain/undo';
import { readBatch } from './batches';
import type { Sql } from './executions';
import { iso } from './instant';
import type { StagedRow } from './staging';

/** What an execution wrote for one source record, as an undo stages it. */
export interface UndoRow extends OurWrite {
  sortKey: string;
  sourceId: string;
  matchKey: string | null;
  /** Null where the answer was lost and the record was not found since. */
  destinationId: string | null;
}

interface Origin {
  executionId: string;
  stagedOn: string;
}

/** Ids of all batches of an execution, those first that were planned first; a record that was sent again is in a later one too. */
export async function batchIdsOf(sql: Sql, executionId: string): Promise<string[]> {
  const rows = await sql<{ batch_id: string }[]>`
    select batch_id from load_batches where execution_id = ${executionId} order by planned_at, batch_id`;
  return rows.map((row) => row.batch_id);
}

/**
 * What came of a batch in the destination, without what an earlier undo of the execution has dealt with.
 * @throws Error when what it wrote is kept no longer
 */
export async function writtenBy(sql: Sql, origin: Origin, batchId: string): Promise<UndoRow[]> {
  const { operation, records } = await readBatch(sql, origin.stagedOn, batchId);
  if (operation === 'delete') return [];
  const sortKeys = records.map(({ sortKey }) => sortKey);
  const rows = await sql<{ sort_key: string; destination_id: string | null; settled_at: string | null }[]>`
    select o.sort_key, o.destination_id, greatest(b.settled_at, b.arrives_until) as settled_at from outcomes o join load_batches b on b.batch_id = ${batchId}
    where o.execution_id = ${origin.executionId} and o.sort_key = any(${sortKeys})
      and o.outcome = ${operation === 'create' ? 'created' : 'updated'}
      and not exists (
        select 1 from follow_ups f join executions e on e.execution_id = f.execution_id and e.trigger = 'undo'
        join outcomes u on u.execution_id = f.execution_id and u.sort_key = o.sort_key and u.outcome = 'updated'
        where f.origin_id = o.execution_id)`;
  const written = new Map(rows.map((row) => [row.sort_key, row]));
  return records.flatMap(({ sortKey, sourceId, matchKey, values, previous = {}, destinationId }) => {
    const known = written.get(sortKey);
    if (known === undefined) return [];
    const settledAt = iso(known.settled_at);
    const knownId = known.destination_id ?? destinationId;
    return [{ sortKey, sourceId, matchKey, destinationId: knownId, operation, values, previous, settledAt }];
  });
}

/** How many records of an execution earlier undos have dealt with, so that nothing is left to do. */
export async function undoneRecords(sql: Sql, executionId: string): Promise<number> {
  const [row] = await sql<{ updated: string | null }[]>`
    select sum(e.updated) as updated from follow_ups f join executions e on e.execution_id = f.execution_id
    where f.origin_id = ${executionId} and e.trigger = 'undo'`;
  return Number(row?.updated ?? 0);
}

/** What an undo has done to a record that the execution had written. */
export interface UndoneRecord {
  executionId: string;
  number: number;
  how: 'deleted' | 'restored';
}

/** Which of some records of an execution an undo has deleted or given their values back, by sort key. */
export async function undoneAmong(
  sql: Sql,
  executionId: string,
  sortKeys: readonly string[],
): Promise<Map<string, UndoneRecord>> {
  if (sortKeys.length === 0) return new Map();
  const rows = await sql<(UndoneRecord & { sortKey: string })[]>`
    select u.sort_key as "sortKey", e.execution_id as "executionId", e.number, u.reason as how
    from follow_ups f join executions e on e.execution_id = f.execution_id and e.trigger = 'undo'
    join outcomes u on u.execution_id = e.execution_id and u.outcome = 'updated' and u.reason in ('deleted', 'restored')
    where f.origin_id = ${executionId} and u.sort_key = any(${[...sortKeys]})`;
  return new Map(rows.map(({ sortKey, ...undone }) => [sortKey, undone]));
}

/** Records of one destination record share what is staged as their key, so that they are found together. */
export const toStaged = (row: UndoRow): StagedRow => ({
  sortKey: row.sortKey,
  sourceId: row.sourceId,
  matchKey: row.destinationId,
  createdAt: null,
  updatedAt: null,
  body: JSON.stringify([row.matchKey, row.operation, row.values, row.previous, row.settledAt]),
});

interface Staged {
  sortKey: string;
  sourceId: string;
  destinationId: string | null;
  body: string;
}

function toUndoRow({ sortKey, sourceId, destinationId, body }: Staged): UndoRow {
  // written by `toStaged`, perhaps of an earlier release
  const [matchKey, operation, values, previous, settledAt = null] = JSON.parse(body) as [
    string | null,
    OurWrite['operation'],
    Values,
    Record<string, Value>,
    string | null | undefined,
  ];
  return { sortKey, sourceId, matchKey, destinationId, operation, values, previous, settledAt };
}

/**
 * The next records of the destination that are to be undone, each with all that was written of it, in the order of writing.
 * @param after sort key of the last one of the window before
 */
export async function nextToUndo(
  sql: Sql,
  { executionId, stagedOn }: Origin,
  after: string | null,
  limit: number,
): Promise<UndoRow[][]> {
  const firsts = await sql<Staged[]>`
    select s.sort_key as "sortKey", s.source_id as "sourceId", s.match_key as "destinationId", s.body from staged_records s
    where s.staged_on = ${stagedOn} and s.execution_id = ${executionId} and s.sort_key > ${after ?? ''}
      and not exists (
        select 1 from later_rounds r
        where r.staged_on = s.staged_on and r.execution_id = s.execution_id and r.sort_key = s.sort_key)
    order by s.sort_key limit ${limit}`;
  const groups = firsts.map((row) => [toUndoRow(row)]);
  const byId = new Map(groups.flatMap((group) => (group[0]?.destinationId ? [[group[0].destinationId, group]] : [])));
  const later = await sql<Staged[]>`
    select s.sort_key as "sortKey", s.source_id as "sourceId", s.match_key as "destinationId", s.body
    from later_rounds r join staged_records s
      on s.staged_on = r.staged_on and s.execution_id = r.execution_id and s.sort_key = r.sort_key
    where r.staged_on = ${stagedOn} and r.execution_id = ${executionId} and s.match_key = any(${[...byId.keys()]})
    order by r.round, r.sort_key`;
  for (const row of later) byId.get(row.destinationId ?? '')?.push(toUndoRow(row));
  return groups;
}

/**
 * Until when executions of the sync that came after one wrote records of the destination.
 * @returns the end of the last of them, by the records' Ids
 */
export async function laterWrites(
  sql: Sql,
  executionId: string,
  units: readonly Undoable[],
): Promise<Map<string, string>> {
  const rows = await sql<{ destination_id: string; until: string }[]>`
    select o.destination_id, max(e.finished_at) as until
    from executions origin
    join executions e on e.sync_id = origin.sync_id and e.started_at > origin.started_at
    join outcomes o on o.execution_id = e.execution_id
    where origin.execution_id = ${executionId} and e.finished_at is not null and o.outcome = 'updated'
      and o.sort_key = any(${units.flatMap(({ sortKeys }) => sortKeys)})
      and o.destination_id = any(${units.map(({ destinationId }) => destinationId)})
    group by o.destination_id`;
  return new Map(rows.map((row) => [row.destination_id, new Date(row.until).toISOString()]));
}

/** What an undo has brought to an end of one source record. */
export interface Undone {
  sortKey: string;
  /** The destination's record is gone. */
  isDeleted: boolean;
}

/**
 * Puts right what the sync knows of records that are as before again: a run that reads what changed reads them although they did not
 * change, as a run that reads everything would, and what was deleted is no longer linked. Within the transaction that tells their outcomes.
 */
export async function unlearn(sql: Sql, syncId: string, undone: readonly Undone[]): Promise<void> {
  if (undone.length === 0) return;
  const deleted = undone.filter(({ isDeleted }) => isDeleted).map(({ sortKey }) => sortKey);
  await sql`
    update sync_records set due = true
    where sync_id = ${syncId} and digest is not null and sort_key = any(${undone.map(({ sortKey }) => sortKey)})`;
  await sql`
    delete from sync_records where sync_id = ${syncId} and digest is null and sort_key = any(${deleted})`;
  await sql`
    update sync_records set destination_id = null
    where sync_id = ${syncId} and destination_id is not null and sort_key = any(${deleted})`;
}
