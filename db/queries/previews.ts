import type postgres from 'postgres';
import type { Values } from '../../src/domain/object-description';
import type { Planned } from '../../src/domain/plan-gate';
import type { PreviewMode, PreviewState, Sampling } from '../../src/domain/preview';
import { copyInto } from './copy';
import { type Attempt, account, type Sql } from './executions';

type StagedAttempt = Attempt & { stagedOn: string };

/** What is to be written of one record, as a preview plans it. */
export interface PlannedValues {
  sortKey: string;
  round: number;
  matchKey: string | null;
  /** JSON object of the present values of the fields that change; null for a record to be created. */
  before: string | null;
  /** JSON object of the values to be written. */
  after: string;
  /** JSON array of what is probably not meant so; null where there is nothing. */
  warnings: string | null;
}

const PLANNED = {
  name: 'planned_records',
  columns: ['staged_on', 'execution_id', 'sort_key', 'round', 'match_key', 'before', 'after', 'warnings'],
} as const;

/** Appends planned values; called in the transaction that moves the cursor past their records. */
export async function addPlanned(sql: Sql, attempt: StagedAttempt, rows: readonly PlannedValues[]): Promise<void> {
  if (rows.length === 0) return;
  await copyInto(sql, PLANNED, rows, (row) => [
    attempt.stagedOn,
    attempt.executionId,
    row.sortKey,
    row.round,
    row.matchKey,
    row.before,
    row.after,
    row.warnings,
  ]);
}

/** What earlier rounds plan under some keys, in the order in which a run would write it. */
export async function plannedBefore(
  sql: Sql,
  { executionId, stagedOn }: { executionId: string; stagedOn: string },
  round: number,
  matchKeys: readonly string[],
): Promise<{ matchKey: string; after: string }[]> {
  if (matchKeys.length === 0) return [];
  return sql<{ matchKey: string; after: string }[]>`
    select match_key as "matchKey", after from planned_records
    where staged_on = ${stagedOn} and execution_id = ${executionId} and match_key = any(${[...matchKeys]}) and round < ${round}
    order by round`;
}

/** What a preview planned of some records, by sort key, for the run that carries it out; nothing where it is kept no longer. */
export async function plannedOf(
  sql: Sql,
  previewId: string,
  sortKeys: readonly string[],
): Promise<Map<string, Planned>> {
  const rows = await sql<
    { sortKey: string; isCreate: boolean; destinationId: string | null; before: string | null; after: string }[]
  >`
    select o.sort_key as "sortKey", o.outcome = 'created' as "isCreate", o.destination_id as "destinationId", p.before, p.after
    from executions e
    join outcomes o on o.execution_id = e.execution_id and o.sort_key = any(${[...sortKeys]})
    join planned_records p on p.staged_on = e.staged_on and p.execution_id = e.execution_id and p.sort_key = o.sort_key
    where e.execution_id = ${previewId}`;
  const planned = rows.map(({ sortKey, isCreate, destinationId, before, after }): [string, Planned] => [
    sortKey,
    {
      action: isCreate ? 'create' : 'update',
      destinationId,
      // written by the activity that plans
      before: before === null ? {} : (JSON.parse(before) as Values),
      after: JSON.parse(after) as Values,
    },
  ]);
  return new Map(planned);
}

/** What was read of some records: sort key and the JSON array of values. */
export async function stagedBodies(
  sql: Sql,
  { executionId, stagedOn }: { executionId: string; stagedOn: string },
  sortKeys: readonly string[],
): Promise<{ sortKey: string; body: string }[]> {
  return sql<{ sortKey: string; body: string }[]>`
    select sort_key as "sortKey", body from staged_records
    where staged_on = ${stagedOn} and execution_id = ${executionId} and sort_key = any(${[...sortKeys]})`;
}

/**
 * Makes a sample of what was staged: the first records in source order stay, the others are as if they had never been read.
 * @returns how many went
 */
export async function keepFirst(sql: postgres.Sql, attempt: StagedAttempt, records: number): Promise<number> {
  return sql.begin(async (tx) => {
    const result = await tx`
      delete from staged_records
      where staged_on = ${attempt.stagedOn} and execution_id = ${attempt.executionId} and sort_key > (
        select sort_key from staged_records where staged_on = ${attempt.stagedOn} and execution_id = ${attempt.executionId}
        order by sort_key offset ${records - 1} limit 1)`;
    await account(tx, attempt, { read: -result.count, progress: -result.count });
    return result.count;
  });
}

export interface Extent {
  parts: number;
  /** Records that have been read, also those that a sample has not kept. */
  read: number;
  /** Every part has been read to its end. */
  isWhole: boolean;
  /** Records of all parts; null until each has told, or has been read to its end. */
  total: number | null;
}

/** How much there is to be read, as far as the source has told. */
export async function readExtent(sql: Sql, executionId: string): Promise<Extent> {
  const [row] = await sql<{ parts: number; read: string | null; whole: boolean | null; total: string | null }[]>`
    select count(*)::int as parts, sum(records) as read, bool_and(cursor is null) as whole,
      case when bool_and(cursor is null or total is not null)
        then sum(case when cursor is null then records else total end) end as total
    from extract_parts where execution_id = ${executionId}`;
  return {
    parts: row?.parts ?? 0,
    read: Number(row?.read ?? 0),
    isWhole: row?.whole ?? true,
    total: row?.total == null ? null : Number(row.total),
  };
}

/** Ends a preview; ending it twice keeps the first end. */
export async function closePreview(
  sql: postgres.Sql,
  previewId: string,
  end: {
    state: Exclude<PreviewState, 'previewing'>;
    now: string;
    problem: string | null;
    found?: { exact: boolean; total: number | null; report: string };
  },
): Promise<boolean> {
  return sql.begin(async (tx) => {
    const closed = await tx`
      update executions set state = ${end.state}, finished_at = ${end.now}, stop = null, problem = ${end.problem}, phase = null,
        epoch = epoch + 1
      where execution_id = ${previewId} and state = 'previewing'`;
    if (closed.count === 1 && end.found) {
      const { exact, total, report } = end.found;
      await tx`update previews set exact = ${exact}, total = ${total}, report = ${report} where preview_id = ${previewId}`;
    }
    return closed.count === 1;
  });
}

/** State of a preview, and the instant at which it was asked for; null when it is gone. */
export async function previewState(
  sql: Sql,
  previewId: string,
): Promise<{ state: PreviewState; startedAt: string } | null> {
  const [row] = await sql<{ state: PreviewState; started_at: string }[]>`
    select state, started_at from executions where execution_id = ${previewId} and purpose = 'preview'`;
  return row ? { state: row.state, startedAt: new Date(row.started_at).toISOString() } : null;
}

export interface OpenPreview {
  previewId: string;
  syncId: string;
  version: number;
  syncName: string;
  mode: PreviewMode;
  sampling: Sampling | null;
  /** Someone wants it to end. */
  isCancelled: boolean;
  /** Asked for so recently that its start may still be under way. */
  isFresh: boolean;
}

/** Previews that should have an open workflow. */
export async function openPreviews(sql: Sql): Promise<OpenPreview[]> {
  const rows = await sql<
    (Omit<OpenPreview, 'sampling'> & { sampleAbove: number | null; sampleRecords: number | null })[]
  >`
    select p.preview_id as "previewId", e.sync_id as "syncId", e.version, s.name as "syncName", p.mode,
      p.sample_above as "sampleAbove", p.sample_records as "sampleRecords", e.stop is not null as "isCancelled",
      e.started_at > now() - interval '3 seconds' as "isFresh"
    from previews p join executions e on e.execution_id = p.preview_id join syncs s on s.sync_id = e.sync_id
    where e.state = 'previewing' order by p.preview_id`;
  return rows.map(({ sampleAbove, sampleRecords, ...row }) => ({
    ...row,
    sampling: sampleAbove === null || sampleRecords === null ? null : { above: sampleAbove, records: sampleRecords },
  }));
}
