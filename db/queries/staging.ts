import type postgres from 'postgres';
import type { Cursor } from '../../src/connectors/connector';
import type { DeduplicateRule } from '../../src/domain/definition';
import { copyInto } from './copy';
import { type Attempt, account, type RunningExecution, type Sql, SupersededError } from './executions';
import type { IndexOf } from './record-index';

export interface StagedRow {
  sortKey: string;
  sourceId: string;
  matchKey: string | null;
  /** Where the sync keeps an index. */
  keyHash?: string | null;
  createdAt: string | null;
  updatedAt: string | null;
  /** JSON array of the values read. */
  body: string;
}

export interface ExtractPart {
  part: number;
  cursor: Cursor | null;
  records: number;
  total: number | null;
  /** It reads these records by their Ids; null: it is a part of the execution's own reading. */
  sourceIds: string[] | null;
}

const STAGED = {
  name: 'staged_records',
  columns: [
    'staged_on',
    'execution_id',
    'sort_key',
    'source_id',
    'match_key',
    'key_hash',
    'created_at',
    'updated_at',
    'body',
  ],
} as const;

/** A part of a read that has not begun. */
export type NewPart = Pick<ExtractPart, 'part' | 'sourceIds'> & { cursor: Cursor };

/**
 * Stores how a read is split; a later attempt that planned it again keeps the first split.
 * @throws SupersededError when a later attempt has taken over: it may have decided to read something else
 */
export async function saveParts(sql: Sql, { executionId, epoch }: Attempt, parts: readonly NewPart[]): Promise<void> {
  const rows = parts.map(({ part, cursor, sourceIds }) => ({ part, cursor, source_ids: sourceIds }));
  const [fence] = await sql`
    with fence as (
      select execution_id from executions where execution_id = ${executionId} and epoch = ${epoch} for no key update
    ), saved as (
      insert into extract_parts (execution_id, part, cursor, source_ids)
      select f.execution_id, part, cursor, nullif(source_ids, 'null')
      from fence f, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as t (part int, cursor jsonb, source_ids jsonb)
      on conflict do nothing
    )
    select 1 from fence`;
  if (!fence) throw new SupersededError(executionId);
}

/** How a read is split, and where each part stands. @param range parts behind a number, so many at most; all where it is left out */
export async function listParts(
  sql: Sql,
  executionId: string,
  { after = -1, limit = null }: { after?: number; limit?: number | null } = {},
): Promise<ExtractPart[]> {
  const rows = await sql<
    { part: number; cursor: Cursor | null; records: string; total: string | null; source_ids: string[] | null }[]
  >`
    select part, cursor, records, total, source_ids from extract_parts
    where execution_id = ${executionId} and part > ${after} order by part limit ${limit}`;
  return rows.map((row) => ({
    part: row.part,
    cursor: row.cursor,
    records: Number(row.records),
    total: row.total === null ? null : Number(row.total),
    sourceIds: row.source_ids,
  }));
}

/** The part of a read that was planned last; null while there is none. */
export async function lastPart(sql: Sql, executionId: string): Promise<ExtractPart | null> {
  const [row] = await sql<{ part: number }[]>`
    select max(part) as part from extract_parts where execution_id = ${executionId} having max(part) is not null`;
  const [last = null] = row ? await listParts(sql, executionId, { after: row.part - 1 }) : [];
  return last;
}

/**
 * Commits a page and the cursor that follows it together. A record that another part brought already is replaced, not doubled.
 * @param page.next null when the part has been read to its end
 */
export async function stagePage(
  sql: postgres.Sql,
  attempt: Attempt & { stagedOn: string },
  part: number,
  page: { rows: readonly StagedRow[]; next: Cursor | null; total: number | null },
): Promise<void> {
  const bySortKey = new Map(page.rows.map((row) => [row.sortKey, row]));
  const keys = [...bySortKey.keys()];
  await sql.begin(async (tx) => {
    const replaced =
      keys.length === 0
        ? { count: 0 }
        : await tx`
            delete from staged_records where staged_on = ${attempt.stagedOn} and execution_id = ${attempt.executionId}
              and sort_key = any(${keys})`;
    if (keys.length > 0) {
      await copyInto(tx, STAGED, bySortKey.values(), (row) => [
        attempt.stagedOn,
        attempt.executionId,
        row.sortKey,
        row.sourceId,
        row.matchKey,
        row.keyHash ?? null,
        row.createdAt,
        row.updatedAt,
        row.body,
      ]);
    }
    const added = keys.length - replaced.count;
    await tx`
      update extract_parts set cursor = ${page.next === null ? null : JSON.stringify(page.next)}::text::jsonb,
        records = records + ${added}, total = coalesce(${page.total}::bigint, total)
      where execution_id = ${attempt.executionId} and part = ${part}`;
    await account(tx, attempt, { read: added, progress: added });
  });
}

/** What was read of some records, by sort key: JSON arrays of values. What is kept no longer is left out. */
export async function stagedBodies(
  sql: Sql,
  { executionId, stagedOn }: { executionId: string; stagedOn: string },
  sortKeys: readonly string[],
): Promise<Map<string, string>> {
  const rows = await sql<{ sort_key: string; body: string }[]>`
    select sort_key, body from staged_records
    where staged_on = ${stagedOn} and execution_id = ${executionId} and sort_key = any(${[...sortKeys]})`;
  return new Map(rows.map((row) => [row.sort_key, row.body]));
}

/** Those of some records that have neither been staged nor told of. */
export async function unstagedOf<Record extends { sortKey: string }>(
  sql: Sql,
  { executionId, stagedOn }: { executionId: string; stagedOn: string },
  records: readonly Record[],
): Promise<Record[]> {
  const keys = records.map(({ sortKey }) => sortKey);
  const rows = await sql<{ sort_key: string }[]>`
    select sort_key from staged_records s
    where s.staged_on = ${stagedOn} and s.execution_id = ${executionId} and s.sort_key = any(${keys})
    union select sort_key from outcomes o where o.execution_id = ${executionId} and o.sort_key = any(${keys})`;
  const there = new Set(rows.map((row) => row.sort_key));
  return records.filter(({ sortKey }) => !there.has(sortKey));
}

/** The whole of a read, once every part has said how much it holds; null before. */
export async function totalOfParts(sql: Sql, executionId: string): Promise<number | null> {
  const [row] = await sql<{ total: string | null }[]>`
    select case when bool_and(total is not null) then sum(total) end as total from extract_parts where execution_id = ${executionId}`;
  return row?.total == null ? null : Number(row.total);
}

/**
 * Tells the planner what the freshly filled tables hold; without it, it believes them empty and reads them row by row.
 * @param stagedOn the day whose partitions were filled
 */
export async function analyzeStaging(
  sql: Sql,
  stagedOn: string,
  table: 'staged_records' | 'mapped_records' | 'planned_records',
): Promise<void> {
  await sql.unsafe(`analyze ${table}_${stagedOn.replaceAll('-', '')}`);
}

/** The next staged rows in source order that have no outcome yet. */
export async function stagedAfter(
  sql: Sql,
  execution: RunningExecution,
  after: string | null,
  limit: number,
): Promise<(StagedRow & { round: number })[]> {
  return sql<(StagedRow & { round: number })[]>`
    select s.sort_key as "sortKey", s.source_id as "sourceId", s.match_key as "matchKey", s.body, coalesce(r.round, 1) as round
    from staged_records s
    left join later_rounds r on r.staged_on = s.staged_on and r.execution_id = s.execution_id and r.sort_key = s.sort_key
    where s.staged_on = ${execution.stagedOn} and s.execution_id = ${execution.executionId}
      and s.sort_key > ${after ?? ''}
      and not exists (select 1 from outcomes o where o.execution_id = s.execution_id and o.sort_key = s.sort_key)
    order by s.sort_key limit ${limit}`;
}

/** How each rule orders the records of one key: the first is the one that is kept. */
export const KEEPS: Record<Exclude<DeduplicateRule, 'importEverything' | 'ignoreDuplicates'>, string> = {
  youngestByLastUpdate: 'updated_at desc nulls last, sort_key',
  oldestByCreation: 'created_at asc nulls last, sort_key',
};

/** The date that each of them goes by. */
export const DECIDED_BY = { youngestByLastUpdate: 'updated_at', oldestByCreation: 'created_at' } as const;

/**
 * Applies the duplicate rule to all staged records that are not left out yet, in one statement. Under `importEverything` nobody
 * is left out: the second and later records of a key are given their round. What is left out is stored in the order of the ledger's
 * key, which takes half the time of any other.
 * @param index has the records that did not change and were not read; null where all have been read
 * @returns how many records were left out
 */
export async function leaveOutDuplicates(
  sql: postgres.Sql,
  attempt: Attempt & { stagedOn: string },
  rule: DeduplicateRule,
  index: Pick<IndexOf, 'syncId' | 'key'> | null,
): Promise<number> {
  return sql.begin(async (tx) => {
    const { executionId, stagedOn } = attempt;
    const key = tx(index?.key ?? 'match_key');
    const staged = tx`
      select s.sort_key, s.source_id, s.match_key, s.${key} as same_key, s.created_at, s.updated_at, true as is_staged
      from staged_records s
      where s.staged_on = ${stagedOn} and s.execution_id = ${executionId} and s.match_key is not null
        and not exists (select 1 from outcomes o where o.execution_id = s.execution_id and o.sort_key = s.sort_key)`;
    const candidates =
      index === null || rule === 'importEverything'
        ? staged
        : tx`
          with staged as (${staged})
          select * from staged
          union all
          select i.sort_key, i.source_id, null, i.${key}, i.created_at, i.updated_at, false from sync_records i
          where i.sync_id = ${index.syncId} and i.digest is not null and i.${key} in (select same_key from staged)
            and not exists (
              select 1 from staged_records s
              where s.staged_on = ${stagedOn} and s.execution_id = ${executionId} and s.sort_key = i.sort_key)`;
    let leftOut = 0;
    if (rule === 'importEverything') {
      await tx`
        insert into later_rounds (staged_on, execution_id, sort_key, round)
        select ${stagedOn}::date, ${executionId}::uuid, sort_key, round from (
          select sort_key, row_number() over (partition by same_key order by sort_key)::int as round from (${candidates}) c
        ) numbered where round > 1
        on conflict do nothing`;
    } else if (rule === 'ignoreDuplicates') {
      const result = await tx`
        insert into outcomes (execution_id, sort_key, source_id, match_key, outcome, reason, message)
        select ${executionId}::uuid, sort_key, source_id, match_key, 'duplicate', ${rule},
          'Its key occurs in ' || times || ' records; none of them is imported.'
        from (select c.*, count(*) over (partition by same_key) as times from (${candidates}) c) counted where is_staged and times > 1
        order by sort_key`;
      leftOut = result.count;
    } else {
      const keepOrder = tx.unsafe(KEEPS[rule]);
      const result = await tx`
        insert into outcomes (execution_id, sort_key, source_id, match_key, outcome, reason, message)
        select ${executionId}::uuid, sort_key, source_id, match_key, 'duplicate', ${rule}, 'Record ' || kept || ' is kept.'
        from (
          select c.*, row_number() over keyed as place, first_value(source_id) over keyed as kept from (${candidates}) c
          window keyed as (partition by same_key order by ${keepOrder})
        ) placed where is_staged and place > 1 order by sort_key`;
      leftOut = result.count;
    }
    await account(tx, attempt, { duplicates: leftOut });
    return leftOut;
  });
}

export interface MappedRow {
  round: number;
  sortKey: string;
  sourceId: string;
  matchKey: string | null;
  /** JSON object: destination field → value. */
  body: string;
  /** What people are told of the record although it is loaded; null where there is nothing. */
  note: string | null;
  /** How often it was sent before it was put back to be planned again. */
  putBack: number;
}

/** One that is to be loaded for the first time. */
export type NewMappedRow = Omit<MappedRow, 'putBack'>;

const MAPPED = {
  name: 'mapped_records',
  columns: ['staged_on', 'execution_id', 'round', 'sort_key', 'source_id', 'match_key', 'body', 'note'],
} as const;

/** Appends what is to be written; called in the transaction that moves the map cursor. */
export async function addMapped(
  sql: Sql,
  attempt: Attempt & { stagedOn: string },
  rows: readonly NewMappedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await copyInto(sql, MAPPED, rows, (row) => [
    attempt.stagedOn,
    attempt.executionId,
    row.round,
    row.sortKey,
    row.sourceId,
    row.matchKey,
    row.body,
    row.note,
  ]);
}

/** The next mapped rows of a round, in source order. */
export async function mappedAfter(
  sql: Sql,
  execution: { executionId: string; stagedOn: string },
  round: number,
  after: string | null,
  limit: number,
): Promise<MappedRow[]> {
  return sql<MappedRow[]>`
    select round, sort_key as "sortKey", source_id as "sourceId", match_key as "matchKey", body, note, put_back as "putBack"
    from mapped_records
    where staged_on = ${execution.stagedOn} and execution_id = ${execution.executionId} and round = ${round}
      and sort_key > ${after ?? ''}
    order by sort_key limit ${limit}`;
}

/** Mapped rows of a round by their sort keys, in source order. @throws Error where one is missing */
export async function mappedOf(
  sql: Sql,
  execution: { executionId: string; stagedOn: string },
  round: number,
  sortKeys: readonly string[],
): Promise<MappedRow[]> {
  const rows = await sql<MappedRow[]>`
    select round, sort_key as "sortKey", source_id as "sourceId", match_key as "matchKey", body, note, put_back as "putBack"
    from mapped_records
    where staged_on = ${execution.stagedOn} and execution_id = ${execution.executionId} and round = ${round}
      and sort_key = any(${[...sortKeys]})
    order by sort_key`;
  if (rows.length !== sortKeys.length)
    throw new Error(`Of ${sortKeys.length} mapped records ${rows.length} are there.`);
  return rows;
}

/** The last round that has mapped records; 1 where nothing was mapped. */
export async function lastRoundOf(sql: Sql, execution: { executionId: string; stagedOn: string }): Promise<number> {
  const [row] = await sql<{ round: number }[]>`
    select round from mapped_records where staged_on = ${execution.stagedOn} and execution_id = ${execution.executionId}
    order by round desc limit 1`;
  return row?.round ?? 1;
}

/** The number of mapped records, and the last round that has any (1 where nothing was mapped). */
export async function mappedExtent(
  sql: Sql,
  execution: { executionId: string; stagedOn: string },
): Promise<{ records: number; rounds: number }> {
  const [row] = await sql<{ records: number; rounds: number | null }[]>`
    select count(*)::int as records, max(round) as rounds from mapped_records
    where staged_on = ${execution.stagedOn} and execution_id = ${execution.executionId}`;
  return { records: row?.records ?? 0, rounds: row?.rounds ?? 1 };
}
