import { and, asc, desc, eq, gt, ilike, inArray, lt, or, sql } from 'drizzle-orm';
import type { ExecutionState, OutcomeKind, Phase } from '../../src/domain/outcome';
import type { Database } from '../client';
import { syncs } from '../schema/definitions';
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

/** Executions by their ids; those that are gone are left out. */
export async function findExecutions(
  db: Database,
  executionIds: readonly string[],
): Promise<Map<string, ExecutionRow>> {
  const rows = await db
    .select()
    .from(executions)
    .where(and(isRun, inArray(executions.executionId, [...executionIds])));
  return new Map(rows.map((row) => [row.executionId, toRun(row)]));
}

/** The executions of a sync, the newest first. @param before the number of the last one of the page before */
export async function listExecutions(
  db: Database,
  syncId: string,
  before: number | null,
  limit: number,
): Promise<ExecutionRow[]> {
  const rows = await db
    .select()
    .from(executions)
    .where(and(isRun, eq(executions.syncId, syncId), before === null ? undefined : lt(executions.number, before)))
    .orderBy(desc(executions.number))
    .limit(limit);
  return rows.map(toRun);
}

/** The last execution of each sync that has one. */
export async function lastExecutions(db: Database, syncIds: readonly string[]): Promise<Map<string, ExecutionRow>> {
  const wanted = db
    .select({ syncId: syncs.syncId, number: syncs.lastExecutionNumber })
    .from(syncs)
    .where(inArray(syncs.syncId, [...syncIds]))
    .as('wanted');
  // looked up one by one: joined, all executions of these syncs would be read
  const last = db
    .select()
    .from(executions)
    .where(and(isRun, eq(executions.syncId, wanted.syncId), eq(executions.number, wanted.number)))
    .limit(1)
    .as('last');
  const rows = await db.select().from(wanted).innerJoinLateral(last, sql`true`);
  return new Map(rows.map((row) => [row.last.syncId, toRun(row.last)]));
}

/** What the list of syncs shows of an execution besides the last one. */
export interface RecentExecution {
  number: number;
  state: ExecutionState;
  /** Records that it has read. */
  read: number;
}

const MOST_RECENT = 10;

/** The last executions of each sync that has any, the newest first. */
export async function recentExecutions(sql: Sql, syncIds: readonly string[]): Promise<Map<string, RecentExecution[]>> {
  const rows = await sql<{ sync_id: string; runs: RecentExecution[] }[]>`
    select wanted.sync_id, jsonb_agg(jsonb_build_object('number', number, 'state', state, 'read', read) order by number desc) as runs
    from unnest(${[...syncIds]}::uuid[]) as wanted(sync_id), lateral (
      select number, state, read from executions e
      where e.sync_id = wanted.sync_id and purpose = 'run' order by number desc limit ${MOST_RECENT}
    ) newest
    group by wanted.sync_id`;
  return new Map(rows.map(({ sync_id: syncId, runs }) => [syncId, runs]));
}

export interface RecordFilter {
  outcome?: OutcomeKind | undefined;
  reason?: string | undefined;
  sourceId?: string | undefined;
  /** A source or destination Id, or a part of a match key. */
  search?: string | undefined;
}

const likeText = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;

/** Which entries of the ledger are wanted. @param after sort key of the last one of the page before */
export const isWanted = (executionId: string, after: string | null, filter: RecordFilter) =>
  and(
    eq(outcomes.executionId, executionId),
    after === null ? undefined : gt(outcomes.sortKey, after),
    filter.outcome ? eq(outcomes.outcome, filter.outcome) : undefined,
    filter.reason ? eq(outcomes.reason, filter.reason) : undefined,
    filter.sourceId ? eq(outcomes.sourceId, filter.sourceId) : undefined,
    filter.search
      ? or(
          eq(outcomes.sourceId, filter.search),
          eq(outcomes.destinationId, filter.search),
          ilike(outcomes.matchKey, likeText(filter.search)),
        )
      : undefined,
  );

/** Outcomes of an execution in source order. @param after sort key of the last one of the page before */
export const listOutcomes = (
  db: Database,
  executionId: string,
  after: string | null,
  limit: number,
  filter: RecordFilter,
): Promise<OutcomeRow[]> =>
  db
    .select()
    .from(outcomes)
    .where(isWanted(executionId, after, filter))
    .orderBy(asc(outcomes.sortKey))
    .limit(limit);

/** Leaves a wish to end an execution, if it still runs. @returns the execution; null when it has ended */
export async function cancelRunning(tx: Database, executionId: string): Promise<ExecutionRow | null> {
  const [row] = await tx
    .update(executions)
    .set({ stop: 'cancel' })
    .where(and(isRun, eq(executions.executionId, executionId), eq(executions.state, 'running')))
    .returning();
  return row ? toRun(row) : null;
}
