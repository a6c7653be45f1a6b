import type postgres from 'postgres';
import {
  type Counts,
  type ExecutionState,
  FOLLOW_UP_TRIGGERS,
  type Phase,
  type Trigger,
} from '../../src/domain/outcome';
import type { PreviewPhase } from '../../src/domain/preview';
import type { Purpose, StopKind } from '../schema/executions';
import { noteDone } from './committed';
import { iso } from './instant';

/** A connection of the driver, or a transaction on one. */
export type Sql = postgres.Sql | postgres.TransactionSql;

/** One attempt of an activity: what it commits counts only while no later attempt has taken over. */
export interface Attempt {
  executionId: string;
  epoch: number;
}

/** A later attempt has taken over the execution; nothing of this one may be written any more. */
export class SupersededError extends Error {
  override readonly name = 'SupersededError';
  constructor(executionId: string) {
    super(`A later attempt has taken over execution ${executionId}; this one stops.`);
  }
}

export interface RunningExecution {
  executionId: string;
  syncId: string;
  purpose: Purpose;
  number: number;
  version: number;
  /** The preview to whose plan it keeps. */
  applies: string | null;
  trigger: Trigger;
  scheduledFor: string;
  state: ExecutionState;
  phase: Phase | PreviewPhase | null;
  stagedOn: string;
  asOf: string;
  changedSince: string | null;
  readingSignature: string | null;
  /** The index that it uses and builds holds hashes of keys; false where a worker of an earlier release began it. */
  hashesKeys: boolean;
  stop: StopKind | null;
  filterCursor: string | null;
  mapCursor: string | null;
  loadRound: number;
  loadCursor: string | null;
  counts: Counts;
  progressDone: number;
  progressTotal: number | null;
  phaseStartedAt: string | null;
  problem: string | null;
}

interface Row {
  execution_id: string;
  sync_id: string;
  purpose: Purpose;
  number: number;
  version: number;
  applies: string | null;
  trigger: Trigger;
  scheduled_for: string;
  state: ExecutionState;
  phase: Phase | PreviewPhase | null;
  staged_on: string;
  as_of: string;
  changed_since: string | null;
  reading_signature: string | null;
  hashed_epoch: number | null;
  stop: StopKind | null;
  filter_cursor: string | null;
  map_cursor: string | null;
  load_round: number;
  load_cursor: string | null;
  epoch: number;
  read: string;
  filtered_out: string;
  duplicates: string;
  created: string;
  updated: string;
  unchanged: string;
  skipped: string;
  failed: string;
  progress_done: string;
  progress_total: string | null;
  phase_started_at: string | null;
  problem: string | null;
}

const toExecution = (row: Row): RunningExecution => ({
  executionId: row.execution_id,
  syncId: row.sync_id,
  purpose: row.purpose,
  number: row.number,
  version: row.version,
  applies: row.applies,
  trigger: row.trigger,
  scheduledFor: new Date(row.scheduled_for).toISOString(),
  state: row.state,
  phase: row.phase,
  stagedOn: row.staged_on,
  asOf: new Date(row.as_of).toISOString(),
  changedSince: iso(row.changed_since),
  readingSignature: row.reading_signature,
  hashesKeys: row.hashed_epoch !== null,
  stop: row.stop,
  filterCursor: row.filter_cursor,
  mapCursor: row.map_cursor,
  loadRound: row.load_round,
  loadCursor: row.load_cursor,
  counts: {
    read: Number(row.read),
    filteredOut: Number(row.filtered_out),
    duplicates: Number(row.duplicates),
    created: Number(row.created),
    updated: Number(row.updated),
    unchanged: Number(row.unchanged),
    skipped: Number(row.skipped),
    failed: Number(row.failed),
  },
  progressDone: Number(row.progress_done),
  progressTotal: row.progress_total === null ? null : Number(row.progress_total),
  phaseStartedAt: iso(row.phase_started_at),
  problem: row.problem,
});

export interface NewExecution {
  syncId: string;
  number: number;
  trigger: Trigger;
  scheduledFor: string;
  /** The run's instant (ISO 8601 UTC); its day names the partition of everything staged. */
  asOf: string;
  state?: ExecutionState;
}

/**
 * Makes the row of a sync's n-th execution, or finds it when an earlier attempt made it already.
 * @throws Error when the sync is gone
 */
export async function openExecution(sql: Sql, input: NewExecution): Promise<RunningExecution> {
  const opened = await insertExecution(sql, input, sql`true`);
  if (!opened) throw new Error(`Sync ${input.syncId} is gone; execution ${input.number} cannot be opened.`);
  return opened;
}

/**
 * The same for a run that an activation is due to do.
 * @returns null when the activation is not active any more (paused, ended, or followed by another), or an earlier run is being undone or
 * tried again: nothing has been opened
 */
export const openRunOf = (sql: Sql, input: NewExecution & { activation: number }): Promise<RunningExecution | null> =>
  insertExecution(
    sql,
    input,
    sql`activation = ${input.activation} and status in ('active', 'needsAttention') and not ${isFollowedUp(sql, input.syncId)}`,
  );

const followUps = (sql: Sql) => sql`(${[...FOLLOW_UP_TRIGGERS]}::text[])`;

/** What holds while an execution goes over an earlier one of the sync. */
const isFollowedUp = (sql: Sql, syncId: string) => sql`exists (
  select 1 from executions f where f.sync_id = ${syncId} and f.state = 'running' and f.trigger = any${followUps(sql)})`;

/** True while an execution goes over an earlier one of the sync. */
export async function hasOpenFollowUp(sql: Sql, syncId: string): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`select ${isFollowedUp(sql, syncId)} as found`;
  return row?.found ?? false;
}

/** @param holds what must hold of the sync; its row is locked while that is looked at, so a control comes before or after */
async function insertExecution(
  sql: Sql,
  input: NewExecution,
  holds: postgres.PendingQuery<postgres.Row[]>,
): Promise<RunningExecution | null> {
  const stagedOn = input.asOf.slice(0, 10);
  const [row] = await sql<(Row & { is_new: boolean })[]>`
    with present as (
      select sync_id, version, activation, applies from syncs where sync_id = ${input.syncId} and ${holds} for no key update
    ), opened as (
      insert into executions (sync_id, number, version, activation, applies, trigger, scheduled_for, started_at, finished_at, state, staged_on, as_of)
      select sync_id, ${input.number}, version, activation, applies, ${input.trigger}, ${input.scheduledFor},
        ${input.state === 'missed' ? null : input.asOf}, ${input.state === 'missed' ? input.asOf : null},
        ${input.state ?? 'running'}, ${stagedOn}, ${input.asOf}
      from present
      on conflict (sync_id, number) do nothing
      returning *
    ), numbered as (
      update syncs set last_execution_number = greatest(last_execution_number, ${input.number}),
        last_run_at = case when last_execution_number > ${input.number} then last_run_at
          else date_trunc('milliseconds', ${input.state === 'missed' ? input.scheduledFor : input.asOf}::timestamptz) end
      where sync_id in (select sync_id from present)
    )
    select *, true as is_new from opened
    union all
    select *, false from executions
    where sync_id = ${input.syncId} and number = ${input.number} and trigger <> all${followUps(sql)} and not exists (select 1 from opened)`;
  if (row?.is_new && input.state === 'missed') noteDone(sql, { ended: 'missed' });
  return row ? toExecution(row) : null;
}

export async function readExecution(sql: Sql, executionId: string): Promise<RunningExecution> {
  const [row] = await sql<Row[]>`select * from executions where execution_id = ${executionId}`;
  if (!row) throw new Error(`Execution ${executionId} is not in the database.`);
  return toExecution(row);
}

/** Whether an earlier execution of the same version of the definition has found or made anything in the destination. */
export async function hasLoadedBefore(
  sql: Sql,
  { syncId, version, number }: Pick<RunningExecution, 'syncId' | 'version' | 'number'>,
): Promise<boolean> {
  const rows = await sql`
    select 1 from executions
    where sync_id = ${syncId} and purpose = 'run' and version = ${version} and number < ${number}
      and created + updated + unchanged > 0 limit 1`;
  return rows.length > 0;
}

/** Workers that do not know of hashed keys cannot take over what is begun with them: the database refuses them (in the migration). */
const nextEpoch = (sql: Sql) => sql`
  epoch = epoch + 1, hashed_epoch = case when hashed_epoch is not null then epoch + 1 end`;

/** What holds of the waits in the timeline of an execution that have not ended. */
export const isOpenWait = (sql: Sql, executionId: string) =>
  sql`execution_id = ${executionId} and kind = 'waiting' and ended_at is null`;

/**
 * Starts an attempt: every earlier one is fenced off from now on, and what was waited for is over.
 * @throws SupersededError for an execution that has come to its end: nothing is done for it any more
 */
export async function takeOver(sql: Sql, executionId: string): Promise<Attempt & { execution: RunningExecution }> {
  const [row] = await sql<Row[]>`
    with waited as (update timeline set ended_at = now() where ${isOpenWait(sql, executionId)})
    update executions set ${nextEpoch(sql)}
    where execution_id = ${executionId} and state in ('running', 'previewing') returning *`;
  if (!row) throw new SupersededError(executionId);
  return { executionId, epoch: row.epoch, execution: toExecution(row) };
}

/** What a transaction of an attempt has come to. `deleted`: those of `updated` that an undo has deleted. */
export type Added = Partial<Counts> & { deleted?: number; progress?: number };

/**
 * Adds to the counts and the progress of the phase; progress shows that an earlier problem is over. Called in each transaction of an attempt, at its end, so that the row is
 * locked for a moment only.
 * @throws SupersededError when a later attempt has taken over; the transaction is rolled back with it
 */
export async function account(sql: Sql, attempt: Attempt, added: Added & { total?: number | null }): Promise<void> {
  const result = await sql<{ purpose: Purpose }[]>`
    update executions set
      read = read + ${added.read ?? 0}, filtered_out = filtered_out + ${added.filteredOut ?? 0},
      duplicates = duplicates + ${added.duplicates ?? 0}, created = created + ${added.created ?? 0},
      updated = updated + ${added.updated ?? 0}, unchanged = unchanged + ${added.unchanged ?? 0},
      skipped = skipped + ${added.skipped ?? 0}, failed = failed + ${added.failed ?? 0}, deleted = deleted + ${added.deleted ?? 0},
      progress_done = progress_done + ${added.progress ?? 0},
      progress_total = ${added.total === undefined ? sql`progress_total` : added.total},
      problem = case when ${added.progress ?? 0} > 0 then null else problem end
    where execution_id = ${attempt.executionId} and epoch = ${attempt.epoch} returning purpose`;
  if (result.count !== 1) throw new SupersededError(attempt.executionId);
  if (result[0]?.purpose === 'run') noteDone(sql, added);
}

/** Enters a phase, and says so in the timeline of a run; entering the present one again (a retry) changes nothing. */
export async function enterPhase(
  sql: Sql,
  executionId: string,
  phase: Phase | PreviewPhase,
  now: string,
): Promise<void> {
  await sql`
    with entered as (
      update executions set phase = ${phase}, progress_done = 0, progress_total = null, phase_started_at = ${now}
      where execution_id = ${executionId} and phase is distinct from ${phase} and state in ('running', 'previewing')
      returning execution_id, purpose
    )
    insert into timeline (execution_id, at, kind, phase)
    select execution_id, now(), 'phaseBegun', ${phase} from entered where purpose = 'run'`;
}

export async function saveCursor(
  sql: Sql,
  attempt: Attempt,
  cursor: { filter?: string; map?: string; load?: { round: number; cursor: string | null } },
): Promise<void> {
  await sql`
    update executions set
      filter_cursor = coalesce(${cursor.filter ?? null}, filter_cursor), map_cursor = coalesce(${cursor.map ?? null}, map_cursor),
      load_round = ${cursor.load?.round ?? sql`load_round`}, load_cursor = ${cursor.load ? cursor.load.cursor : sql`load_cursor`}
    where execution_id = ${attempt.executionId} and epoch = ${attempt.epoch}`;
}

/** The wish to stop that activities look for between pages and batches. */
export async function stopWish(sql: Sql, executionId: string): Promise<StopKind | null> {
  const [row] = await sql<{ stop: StopKind | null }[]>`select stop from executions where execution_id = ${executionId}`;
  return row?.stop ?? null;
}

export async function setStop(sql: Sql, executionId: string, stop: StopKind | null): Promise<void> {
  await sql`update executions set stop = ${stop} where execution_id = ${executionId} and state = 'running'`;
}

export async function setProblem(sql: Sql, executionId: string, problem: string | null): Promise<void> {
  await sql`update executions set problem = ${problem} where execution_id = ${executionId} and problem is distinct from ${problem}`;
}

/** Ends an execution and what it waits for, and forgets what a person has corrected for it and it has not read; ending it twice keeps the first end. */
export async function closeExecution(
  sql: Sql,
  executionId: string,
  end: { state: ExecutionState; now: string; problem?: string | null },
): Promise<RunningExecution> {
  const { count } = await sql`
    with waited as (update timeline set ended_at = now() where ${isOpenWait(sql, executionId)})
    update executions set state = ${end.state}, finished_at = ${end.now}, stop = null,
      problem = ${end.problem ?? null}, phase = null, ${nextEpoch(sql)}
    where execution_id = ${executionId} and state = 'running'`;
  if (count === 1) noteDone(sql, { ended: end.state });
  await sql`delete from corrections where execution_id = ${executionId} and source_cells is null`;
  return readExecution(sql, executionId);
}
