import type { SyncStatus } from '../../src/domain/outcome';
import type { Sql } from './executions';
import { iso } from './instant';

/** What deciding about the next run of a sync needs. */
export interface SyncSchedule {
  syncId: string;
  name: string;
  status: SyncStatus;
  version: number;
  activation: number;
  activatedAt: string;
  lastExecutionNumber: number;
  /** The newest tick of this activation that has an execution, run or missed; null before the first. */
  lastTick: string | null;
  /** An execution that is still open, as after an outage of the engine. */
  openExecution: { executionId: string; number: number } | null;
}

export async function readSyncSchedule(sql: Sql, syncId: string): Promise<SyncSchedule | null> {
  const [row] = await sql<
    {
      name: string;
      status: SyncStatus;
      version: number;
      activation: number;
      activated_at: string;
      last_execution_number: number;
      last_tick: string | null;
      open: { executionId: string; number: number } | null;
    }[]
  >`
    select s.name, s.status, s.version, s.activation, s.activated_at, s.last_execution_number,
      (select max(scheduled_for) from executions e
        where e.sync_id = s.sync_id and e.trigger in ('now', 'once', 'interval') and coalesce(e.started_at, e.finished_at) >= s.activated_at) as last_tick,
      (select jsonb_build_object('executionId', execution_id, 'number', number) from executions e
        where e.sync_id = s.sync_id and e.state = 'running' order by number desc limit 1) as open
    from syncs s where s.sync_id = ${syncId}`;
  if (!row) return null;
  return {
    syncId,
    name: row.name,
    status: row.status,
    version: row.version,
    activation: row.activation,
    activatedAt: iso(row.activated_at) ?? '',
    lastExecutionNumber: row.last_execution_number,
    lastTick: iso(row.last_tick),
    openExecution: row.open,
  };
}

/** What the list shows as the next run. */
export async function setNextRun(sql: Sql, syncId: string, nextRunAt: string | null): Promise<void> {
  await sql`update syncs set next_run_at = ${nextRunAt} where sync_id = ${syncId}`;
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
