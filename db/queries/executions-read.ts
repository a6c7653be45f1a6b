import { and, eq, gt, ilike, or } from 'drizzle-orm';
import type { ExecutionState, OutcomeKind, Phase } from '../../src/domain/outcome';
import type { Database } from '../client';
import { executions, outcomes } from '../schema/executions';
import type { Sql } from './executions';

/** A row of a run. */
export type ExecutionRow = Omit<typeof executions.$inferSelect, 'state' | 'phase'> & {
  state: ExecutionState;
  phase: Phase | null;
};
export type OutcomeRow = typeof outcomes.$inferSelect;

/** Runs alone: a preview is none. */
const isRun = eq(executions.purpose, 'run');
/** What `isRun` has selected has the states and phases of runs. */
const toRun = (row: typeof executions.$inferSelect) => row as ExecutionRow;

export async function findExecution(db: Database, executionId: string): Promise<ExecutionRow | null> {
  const [row] = await db
    .select()
    .from(executions)
    .where(and(isRun, eq(executions.executionId, executionId)));
  return row ? toRun(row) : null;
}

/** What is shown of executions, by their ids; those that are gone are left out. */
export async function findShownExecutions(
  sql: Sql,
  executionIds: readonly string[],
): Promise<Map<string, ShownExecution>> {
  const rows = await sql<ShownRow[]>`
    select ${shownColumns(sql)} from executions e where e.purpose = 'run' and e.execution_id = any(${[...executionIds]})`;
  return new Map(rows.map(toShown).map((row) => [row.executionId, row]));
}

/** What is shown of an execution; null when there is none, or it is a preview. */
export async function findShownExecution(sql: Sql, executionId: string): Promise<ShownExecution | null> {
  return (await findShownExecutions(sql, [executionId])).get(executionId) ?? null;
}

/** The executions of a sync, the newest first. @param before the number of the last one of the page before */
export async function listExecutions(
  sql: Sql,
  syncId: string,
  before: number | null,
  limit: number,
  state?: ExecutionRow['state'],
): Promise<ShownExecution[]> {
  const rows = await sql<ShownRow[]>`
    select ${shownColumns(sql)} from executions e
    where e.purpose = 'run' and e.sync_id = ${syncId} ${before === null ? sql`` : sql`and e.number < ${before}`}
      ${state === undefined ? sql`` : sql`and e.state = ${state}`}
    order by e.number desc limit ${limit}`;
  return rows.map(toShown);
}

/** What is shown of an execution. */
const SHOWN = [
  'executionId',
  'syncId',
  'number',
  'version',
  'trigger',
  'scheduledFor',
  'startedAt',
  'finishedAt',
  'state',
  'phase',
  'changedSince',
  'readsAllBecause',
  'stop',
  'problem',
  'read',
  'filteredOut',
  'duplicates',
  'created',
  'updated',
  'unchanged',
  'skipped',
  'failed',
  'deleted',
  'progressDone',
  'progressTotal',
  'phaseStartedAt',
] as const satisfies readonly (keyof ExecutionRow)[];
export type ShownExecution = Pick<ExecutionRow, (typeof SHOWN)[number]> & {
  /** The execution that undoes it, or has undone it; absent where that was not asked for. */
  undoneBy?: { id: string; number: number; isRunning: boolean } | null;
  /** The execution that it goes over; likewise. */
  follows?: { id: string; number: number } | null;
  /** Of a retry: how many records were tried with values of a person, as long as those are kept; likewise. */
  corrected?: number;
};

const SHOWN_COLUMNS = SHOWN.map((name) => ({ name, column: executions[name], alias: `run_${executions[name].name}` }));
/** As for `undoneBy` of `follow-ups`. */
const UNDONE_BY = `(
  select json_build_object('id', u.execution_id, 'number', u.number, 'isRunning', u.state = 'running') from follow_ups f join executions u on u.execution_id = f.execution_id
  where f.origin_id = e.execution_id and u.trigger = 'undo' and u.state in ('running', 'succeeded') limit 1) as undone_by`;
const FOLLOWS = `(
  select json_build_object('id', o.execution_id, 'number', o.number) from follow_ups f join executions o on o.execution_id = f.origin_id
  where f.execution_id = e.execution_id) as follows`;
const CORRECTED = `(
  select case when e.trigger = 'retry' then (select count(*)::int from corrections c where c.execution_id = e.execution_id) else 0 end) as corrected`;
const SHOWN_TEXT = [
  ...SHOWN_COLUMNS.map(({ column, alias }) => `e.${column.name} as ${alias}`),
  UNDONE_BY,
  FOLLOWS,
  CORRECTED,
].join(', ');

/** A row of `shownColumns`, as the driver gives it. */
export type ShownRow = Record<string, unknown>;

/**
 * What is selected of an execution that is to be shown, of a table named `e`. What is asked most often is asked by the driver itself, whose
 * statements the database prepares once: Drizzle's are described and planned anew each time, which costs more than what they read.
 */
export const shownColumns = (sql: Sql) => sql.unsafe(SHOWN_TEXT);

/** What `shownColumns` have selected. */
export function toShown(row: ShownRow): ShownExecution {
  const shown: Record<string, unknown> = {};
  for (const { name, column, alias } of SHOWN_COLUMNS) {
    const value = row[alias];
    shown[name] = value === null ? null : column.mapFromDriverValue(value);
  }
  return { ...shown, undoneBy: row.undone_by, follows: row.follows, corrected: row.corrected } as ShownExecution; // each member by the column that it is of
}

export interface RecordFilter {
  outcome?: OutcomeKind | undefined;
  reason?: string | undefined;
  /** For whose sake a record failed or was skipped. */
  field?: string | undefined;
  sourceId?: string | undefined;
  /** A source or destination Id, or a part of a match key. */
  search?: string | undefined;
}

/** Finds what holds a text, by `like`. */
export const likeText = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;

/** Which entries of the ledger are wanted, as for `listOutcomes`. @param after sort key of the last one of the page before */
export const isWanted = (executionId: string, after: string | null, filter: RecordFilter) =>
  and(
    eq(outcomes.executionId, executionId),
    after === null ? undefined : gt(outcomes.sortKey, after),
    filter.outcome ? eq(outcomes.outcome, filter.outcome) : undefined,
    filter.reason ? eq(outcomes.reason, filter.reason) : undefined,
    filter.field ? eq(outcomes.field, filter.field) : undefined,
    filter.sourceId ? eq(outcomes.sourceId, filter.sourceId) : undefined,
    filter.search
      ? or(
          eq(outcomes.sourceId, filter.search),
          eq(outcomes.destinationId, filter.search),
          ilike(outcomes.matchKey, likeText(filter.search)),
        )
      : undefined,
  );

/** Outcomes of an execution in source order, by the driver itself, since downloads ask for all. @param after sort key of the last one of the page before */
export const listOutcomes = (
  sql: Sql,
  executionId: string,
  after: string | null,
  limit: number,
  { outcome, reason, field, sourceId, search }: RecordFilter,
): Promise<OutcomeRow[]> => sql<OutcomeRow[]>`
  select execution_id as "executionId", sort_key as "sortKey", source_id as "sourceId", match_key as "matchKey", outcome, reason, message, field,
    destination_id as "destinationId"
  from outcomes
  where execution_id = ${executionId}
    ${after === null ? sql`` : sql`and sort_key > ${after}`}
    ${outcome ? sql`and outcome = ${outcome}` : sql``}
    ${reason ? sql`and reason = ${reason}` : sql``}
    ${field ? sql`and field = ${field}` : sql``}
    ${sourceId ? sql`and source_id = ${sourceId}` : sql``}
    ${search ? sql`and (source_id = ${search} or destination_id = ${search} or match_key ilike ${likeText(search)})` : sql``}
  order by sort_key limit ${limit}`;

/** Leaves a wish to end an execution, if it still runs. @returns the execution; null when it has ended */
export async function cancelRunning(tx: Database, executionId: string): Promise<ExecutionRow | null> {
  const [row] = await tx
    .update(executions)
    .set({ stop: 'cancel' })
    .where(and(isRun, eq(executions.executionId, executionId), eq(executions.state, 'running')))
    .returning();
  return row ? toRun(row) : null;
}
