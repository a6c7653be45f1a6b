import type postgres from 'postgres';
import { FOLLOW_UP_TRIGGERS, type SyncStatus } from '../../src/domain/outcome';
import { SYNC_TRANSITIONS, type SyncControl, whyNot } from '../../src/domain/sync-status';
import { NOT_BEGUN, refuseAskedRun } from './asked-runs';
import { hasOpenFollowUp, type Sql } from './executions';
import { iso } from './instant';

/** What deciding about the next run of a sync needs. */
export interface SyncSchedule {
  syncId: string;
  name: string;
  status: SyncStatus;
  version: number;
  activation: number;
  activatedAt: string;
  /** The preview whose plan this activation carries out. */
  applies: string | null;
  lastExecutionNumber: number;
  /** The newest tick of this activation that has an execution, run or missed; null before the first. */
  lastTick: string | null;
  /** A run that is still open, as after an outage of the engine. */
  openExecution: { executionId: string; number: number } | null;
  /** A run was asked for that the workflow has been told of, and that has not begun. */
  isRunAsked: boolean;
}

export async function readSyncSchedule(sql: Sql, syncId: string): Promise<SyncSchedule | null> {
  const [row] = await sql<
    {
      name: string;
      status: SyncStatus;
      version: number;
      activation: number;
      activated_at: string;
      applies: string | null;
      last_execution_number: number;
      last_tick: string | null;
      open: { executionId: string; number: number } | null;
      is_run_asked: boolean;
    }[]
  >`
    select s.name, s.status, s.version, s.activation, s.activated_at, s.applies, s.last_execution_number,
      (select max(scheduled_for) from executions e
        where e.sync_id = s.sync_id and e.activation = s.activation and e.trigger in ('now', 'once', 'interval')) as last_tick,
      (select jsonb_build_object('executionId', execution_id, 'number', number) from executions e
        where e.sync_id = s.sync_id and e.state = 'running' and e.trigger <> all(${[...FOLLOW_UP_TRIGGERS]})
        order by number desc limit 1) as open,
      exists (select 1 from sync_wishes w where w.sync_id = s.sync_id and w.activation = s.activation
        and w.delivered_at is not null and ${sql.unsafe(NOT_BEGUN)}) as is_run_asked
    from syncs s where s.sync_id = ${syncId}`;
  if (!row) return null;
  return {
    syncId,
    name: row.name,
    status: row.status,
    version: row.version,
    activation: row.activation,
    activatedAt: iso(row.activated_at) ?? '',
    applies: row.applies,
    lastExecutionNumber: row.last_execution_number,
    lastTick: iso(row.last_tick),
    openExecution: row.open,
    isRunAsked: row.is_run_asked,
  };
}

/** One activation of a sync: what an earlier one still does must not touch the present one. */
export interface Activation {
  syncId: string;
  activation: number;
}

/** What the list shows as the next run. */
export async function setNextRun(
  sql: Sql,
  { syncId, activation }: Activation,
  nextRunAt: string | null,
): Promise<void> {
  await sql`update syncs set next_run_at = ${nextRunAt} where sync_id = ${syncId} and activation = ${activation}`;
}

/**
 * Ends an activation, unless a person has ended it already; a run of it that was asked for and has not begun is said not to come.
 * @param end.problem what people are told of an end that nobody asked for here
 * @returns whether it was open
 */
export async function endActivation(
  sql: postgres.Sql,
  { syncId, activation }: Activation,
  end: { status: 'completed' | 'cancelled'; problem?: string; now: string },
): Promise<boolean> {
  return sql.begin(async (tx) => {
    await setNextRun(tx, { syncId, activation }, null);
    const result = await tx`
      update syncs set status = ${end.status}, problem = ${end.problem ?? null}, updated_at = ${end.now}
      where sync_id = ${syncId} and activation = ${activation} and status in ('active', 'paused', 'needsAttention')`;
    await refuseAskedRun(tx, { syncId, activation });
    return result.count === 1;
  });
}

/** What the audit calls whoever acts in Temporal, of whom no more is known. */
const IN_TEMPORAL = 'someone in Temporal';

/** How each control shows to the activities of a running execution. */
const STOPS = { pause: 'pause', resume: null, cancel: 'cancel', runNow: undefined } as const;

/**
 * Takes a control that was asked for in Temporal: status, the wish for running activities, and the audit, in one transaction.
 * @returns why the status forbids it; null when it was taken, or had been before
 */
export async function controlActivation(
  sql: postgres.Sql,
  { syncId, activation, kind }: Activation & { kind: Exclude<SyncControl, 'activate'> },
  now: string,
): Promise<string | null> {
  const { from, to } = SYNC_TRANSITIONS[kind];
  return sql.begin(async (tx) => {
    const [row] = await tx<{ status: SyncStatus }[]>`
      select status from syncs where sync_id = ${syncId} and activation = ${activation} for update`;
    if (!row) return 'This activation of the sync is over.';
    // the activity may be tried again after its answer was lost
    if (row.status === to && kind !== 'runNow') return null;
    if (!(from as readonly SyncStatus[]).includes(row.status)) return whyNot(kind, row.status);
    if (kind === 'runNow' && (await hasOpenFollowUp(tx, syncId)))
      return 'An execution of the sync is undone or tried again.';
    await moveSync(tx, syncId, from, { status: to, now });
    const stop = STOPS[kind];
    if (stop !== undefined) {
      await tx`
        update executions set stop = ${stop}
        where sync_id = ${syncId} and state = 'running' and trigger <> all(${[...FOLLOW_UP_TRIGGERS]})
          and (stop is distinct from 'cancel' or ${stop}::text = 'cancel')`;
    }
    await tx`
      insert into audit (at, who, action, subject)
      values (date_trunc('milliseconds', now()), ${IN_TEMPORAL}, ${`sync.${kind}`}, ${`sync/${syncId}`})`;
    return null;
  });
}

/** Changes a sync's status if it is one of `from`; a status that a person set meanwhile is kept. */
export async function moveSync(
  sql: Sql,
  syncId: string,
  from: readonly SyncStatus[],
  to: { status: SyncStatus; problem?: string | null; now: string },
): Promise<boolean> {
  const result = await sql`
    update syncs set status = ${to.status}, problem = ${to.problem ?? null}, updated_at = ${to.now}
    where sync_id = ${syncId} and status = any(${[...from]})`;
  return result.count === 1;
}
