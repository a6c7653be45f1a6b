import type { Values } from '../../src/domain/object-description';
import type { OutcomeKind } from '../../src/domain/outcome';
import type { Database } from '../client';
import { corrections as correctionsTable } from '../schema/follow-ups';
import type { Sql } from './executions';

/** Records that stand for a cause. */
const CAUSE_EXAMPLES = 3;
/** Rows of one statement. */
const CORRECTIONS_AT_ONCE = 1_000;

/** Which failed records of an execution are wanted; null: whichever. */
export interface Wanted {
  reasons: readonly string[] | null;
  /** Because of which field they failed; empty: because of none. */
  field: string | null;
  sourceIds: readonly string[] | null;
}

export interface FailedRecord {
  sortKey: string;
  sourceId: string;
}

/** Later executions `e` that have dealt with a failed record `o` of an execution `origin`, or where it was given up, by their outcomes `l` of it. */
const DEALT_WITH = `
  from executions e join outcomes l on l.execution_id = e.execution_id and l.sort_key = o.sort_key
  where e.sync_id = origin.sync_id and e.purpose = 'run' and e.trigger <> 'undo' and e.number > origin.number
    and ((l.outcome <> 'failed' and l.reason is distinct from 'cancelled') or exists (
      select 1 from given_up_records g where g.execution_id = l.execution_id and g.sort_key = l.sort_key))`;

/**
 * Whether an execution, or the run whose failed records it tried again, was undone as a whole: then what failed in it comes with the next run,
 * like all that it had written, and is not tried by itself.
 * @param id the column of its id
 */
export const isUndone = (id: string): string => `exists (
  with recursive line as (
    select ${id} as id union all select f.origin_id from line join follow_ups f on f.execution_id = line.id
  ) select 1 from line join follow_ups f on f.origin_id = line.id join executions u on u.execution_id = f.execution_id
  where u.trigger = 'undo' and u.state = 'succeeded')`;

/**
 * Failed records `o` of an execution `origin` that was not undone, which no person has given up, and no later execution of the sync has dealt
 * with. To be followed by further conditions.
 */
export const DUE = `
  from executions origin join outcomes o on o.execution_id = origin.execution_id
  where o.outcome = 'failed'
    and not exists (select 1 from given_up_records g where g.execution_id = o.execution_id and g.sort_key = o.sort_key)
    and not exists (select 1 ${DEALT_WITH})
    and not ${isUndone('origin.execution_id')}`;

const due = (sql: Sql, executionId: string) => sql`${sql.unsafe(DUE)} and origin.execution_id = ${executionId}`;

/** What is in doubt and has no key to be found by is never tried again unless a person has chosen it. */
const isForAPerson = (sql: Sql) => sql`(o.reason is not distinct from 'inDoubt' and o.match_key is null)`;

const isWanted = (sql: Sql, { reasons, field, sourceIds }: Wanted) => sql`(true
  ${reasons === null ? sql`` : sql`and o.reason = any(${[...reasons]})`}
  ${field === null ? sql`` : sql`and coalesce(o.field, '') = ${field}`}
  ${sourceIds === null ? sql`` : sql`and o.source_id = any(${[...sourceIds]})`}
  ${reasons === null && sourceIds === null ? sql`and not ${isForAPerson(sql)}` : sql``})`;

/** Whether an execution, or the run whose records it tried again, was undone as a whole. */
export async function wasUndone(sql: Sql, executionId: string): Promise<boolean> {
  const [row] = await sql<{ undone: boolean }[]>`
    select ${sql.unsafe(isUndone('e.execution_id'))} as undone from executions e where e.execution_id = ${executionId}`;
  return row?.undone ?? false;
}

/** The next failed records of an execution that are still due, in source order. @param after a sort key; null from the start */
export async function dueRecords(
  sql: Sql,
  executionId: string,
  wanted: Wanted,
  after: string | null,
  limit: number,
): Promise<FailedRecord[]> {
  return sql<FailedRecord[]>`
    select o.sort_key as "sortKey", o.source_id as "sourceId" ${due(sql, executionId)}
      and ${isWanted(sql, wanted)} and o.sort_key > ${after ?? ''}
    order by o.sort_key limit ${limit}`;
}

/** How many failed records of an execution a retry of all would take, without those that are named. */
export async function dueBeside(sql: Sql, executionId: string, named: Wanted): Promise<number> {
  const [row] = await sql<{ records: string }[]>`
    select count(*) as records ${due(sql, executionId)} and not ${isForAPerson(sql)} and ${isWanted(sql, named)} is not true`;
  return Number(row?.records ?? 0);
}

/** Which of some records have failed in an execution, whatever has become of them since. */
export async function failedAmong(sql: Sql, executionId: string, sourceIds: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ source_id: string }[]>`
    select source_id from outcomes
    where execution_id = ${executionId} and outcome = 'failed' and source_id = any(${[...sourceIds]})`;
  return new Set(rows.map((row) => row.source_id));
}

/** What a retry is of, and which records it takes. */
export async function wantedOf(sql: Sql, executionId: string): Promise<{ originId: string; wanted: Wanted }> {
  const [row] = await sql<({ originId: string } & Wanted)[]>`
    select origin_id as "originId", reasons, field, source_ids as "sourceIds" from follow_ups where execution_id = ${executionId}`;
  if (!row) throw new Error(`Execution ${executionId} follows no other.`);
  const { originId, ...wanted } = row;
  return { originId, wanted };
}

/** Keeps what a person has put in place of values, for the execution that uses it. @param corrections each record once */
export async function saveCorrections(
  tx: Database,
  executionId: string,
  corrections: readonly { sourceId: string; values: Values }[],
): Promise<void> {
  for (let from = 0; from < corrections.length; from += CORRECTIONS_AT_ONCE) {
    const some = corrections.slice(from, from + CORRECTIONS_AT_ONCE);
    await tx
      .insert(correctionsTable)
      .values(some.map(({ sourceId, values }) => ({ executionId, sourceId, cells: JSON.stringify(values) })));
  }
}

/** What a person has put in place of values, by source Id: JSON object, source field → value. */
export async function correctionsOf(
  sql: Sql,
  executionId: string,
  sourceIds: readonly string[],
): Promise<Map<string, string>> {
  if (sourceIds.length === 0) return new Map();
  const rows = await sql<{ source_id: string; cells: string }[]>`
    select source_id, cells from corrections where execution_id = ${executionId} and source_id = any(${[...sourceIds]})`;
  return new Map(rows.map((row) => [row.source_id, row.cells]));
}

/**
 * Keeps what the source said of what a person has corrected.
 * @param cells by source Id: JSON object, source field → value
 */
export async function saveSourceCells(
  sql: Sql,
  executionId: string,
  cells: ReadonlyMap<string, string>,
): Promise<void> {
  if (cells.size === 0) return;
  await sql`
    update corrections c set source_cells = said.cells
    from unnest(${[...cells.keys()]}::text[], ${[...cells.values()]}::text[]) as said (source_id, cells)
    where c.execution_id = ${executionId} and c.source_id = said.source_id`;
}

export interface GivenUp {
  at: string;
  by: string;
}

/** Which of some failed records of an execution have been given up, by sort key. */
export async function givenUpAmong(
  sql: Sql,
  executionId: string,
  sortKeys: readonly string[],
): Promise<Map<string, GivenUp>> {
  if (sortKeys.length === 0) return new Map();
  const rows = await sql<{ sort_key: string; by: string; at: string }[]>`
    select sort_key, "by", at from given_up_records where execution_id = ${executionId} and sort_key = any(${[...sortKeys]})`;
  return new Map(rows.map((row) => [row.sort_key, { by: row.by, at: new Date(row.at).toISOString() }]));
}

/** What a later execution has made of a record. */
export interface LaterOutcome {
  executionId: string;
  number: number;
  outcome: OutcomeKind;
}

/** The first of them. */
const LATER = `select e.execution_id as "executionId", e.number, l.outcome ${DEALT_WITH} order by e.number limit 1`;

/**
 * The first later execution of the sync that has dealt with each of some failed records, or whose record was given up (it says `failed` then):
 * what `DUE` leaves out.
 * @returns by sort key; nothing of those that no later execution has dealt with
 */
export async function laterOutcomesAmong(
  sql: Sql,
  executionId: string,
  sortKeys: readonly string[],
): Promise<Map<string, LaterOutcome>> {
  if (sortKeys.length === 0) return new Map();
  const rows = await sql<(LaterOutcome & { sortKey: string })[]>`
    select o.sort_key as "sortKey", later."executionId", later.number, later.outcome
    from executions origin
    join outcomes o on o.execution_id = origin.execution_id and o.sort_key = any(${[...sortKeys]})
    cross join lateral (${sql.unsafe(LATER)}) later
    where origin.execution_id = ${executionId}`;
  return new Map(rows.map(({ sortKey, ...later }) => [sortKey, later]));
}

/** Records of an execution that were not loaded for one and the same reason. */
export interface Cause {
  outcome: 'failed' | 'skipped';
  reason: string | null;
  field: string | null;
  records: number;
  /** Those that a retry would take: failed, not given up, and not loaded since. */
  due: number;
  /** Of those that are not due: what has become of them, as `laterOutcomesAmong` tells it of each. */
  since: { loaded: number; leftOut: number; givenUp: number; undone: number };
  /** That of one of them. */
  message: string | null;
  /** All of them have this message. */
  isOfAll: boolean;
  /** A few of them, in source order. */
  examples: { sourceId: string; matchKey: string | null }[];
}

/** As the driver gives it; counts are texts, or null where there are none. */
interface CauseRow extends Omit<Cause, 'records' | 'due' | 'since'>, Record<keyof Cause['since'], string | null> {
  records: string;
  due: string | null;
}

/** Why records of an execution were not loaded: what failed first, the most frequent first. */
export async function causesOf(sql: Sql, executionId: string): Promise<Cause[]> {
  const rows = await sql<CauseRow[]>`
    with causes as (
      select outcome, reason, field, count(*) as records, min(message) as message,
        min(message) is not distinct from max(message) and count(message) in (0, count(*)) as "isOfAll"
      from outcomes where execution_id = ${executionId} and outcome in ('failed', 'skipped') group by 1, 2, 3
    ), fates as (
      select o.reason, o.field, case
        when exists (select 1 from given_up_records g where g.execution_id = o.execution_id and g.sort_key = o.sort_key) then 'givenUp'
        when later.outcome is null then case when undone.whole then 'undone' else 'due' end
        when later.outcome = 'failed' then 'givenUp'
        when later.outcome in ('created', 'updated', 'unchanged') then 'loaded'
        else 'leftOut' end as fate
      from executions origin join outcomes o on o.execution_id = origin.execution_id and o.outcome = 'failed'
      cross join lateral (select ${sql.unsafe(isUndone('origin.execution_id'))} as whole) undone
      left join lateral (${sql.unsafe(LATER)}) later on true
      where origin.execution_id = ${executionId}
    ), fated as (
      select reason, field, count(*) filter (where fate = 'due') as due, count(*) filter (where fate = 'loaded') as loaded,
        count(*) filter (where fate = 'leftOut') as "leftOut", count(*) filter (where fate = 'givenUp') as "givenUp",
        count(*) filter (where fate = 'undone') as undone
      from fates group by 1, 2
    )
    select c.*, d.due, d.loaded, d."leftOut", d."givenUp", d.undone, (
      select json_agg(json_build_object('sourceId', e.source_id, 'matchKey', e.match_key) order by e.sort_key) from (
        select source_id, match_key, sort_key from outcomes o
        where o.execution_id = ${executionId} and o.outcome = c.outcome
          and o.reason is not distinct from c.reason and o.field is not distinct from c.field
        order by sort_key limit ${CAUSE_EXAMPLES}) e) as examples
    from causes c left join fated d
      on c.outcome = 'failed' and d.reason is not distinct from c.reason and d.field is not distinct from c.field
    order by c.outcome, c.records desc, c.reason, c.field`;
  // of what was skipped there is no fate
  return rows.map(({ loaded, leftOut, givenUp, undone, ...row }) => ({
    ...row,
    records: Number(row.records),
    due: Number(row.due),
    since: { loaded: Number(loaded), leftOut: Number(leftOut), givenUp: Number(givenUp), undone: Number(undone) },
  }));
}
