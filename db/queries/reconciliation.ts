import type { SyncStatus, Trigger } from '../../src/domain/outcome';
import type { Sql } from './executions';

export interface LiveSync {
  syncId: string;
  activation: number;
  name: string;
  version: number;
  status: SyncStatus;
  /** Activated so recently that its start may still be under way. */
  isFresh: boolean;
}

/** Syncs that should have an open workflow. */
export async function liveSyncs(sql: Sql): Promise<LiveSync[]> {
  return sql<LiveSync[]>`
    select sync_id as "syncId", activation, name, version, status, activated_at > now() - interval '1 second' as "isFresh"
    from syncs where status in ('active', 'paused', 'needsAttention') order by sync_id`;
}

export interface LiveExecution {
  executionId: string;
  syncId: string;
  number: number;
  trigger: Trigger;
  version: number;
  syncName: string;
  /** Someone wants it to end. */
  isCancelled: boolean;
  isFresh: boolean;
  /** Its sync should have an open workflow. */
  isOfLiveSync: boolean;
}

/** Executions that should have an open workflow. */
export async function liveExecutions(sql: Sql): Promise<LiveExecution[]> {
  return sql<LiveExecution[]>`
    select e.execution_id as "executionId", e.sync_id as "syncId", e.number, e.trigger, e.version,
      s.name as "syncName", e.stop is not distinct from 'cancel' as "isCancelled",
      e.started_at > now() - interval '3 seconds' as "isFresh", s.status in ('active', 'paused', 'needsAttention') as "isOfLiveSync"
    from executions e join syncs s using (sync_id) where e.state = 'running' order by e.execution_id`;
}

/** True where a sync has such an execution, open or ended. */
export async function hasExecution(sql: Sql, syncId: string, number: number): Promise<boolean> {
  const rows = await sql`select 1 from executions where sync_id = ${syncId} and number = ${number}`;
  return rows.length > 0;
}

/** True for an execution, or a preview, that has come to its end: nothing is done for it any more. */
export async function isClosed(sql: Sql, executionId: string): Promise<boolean> {
  const rows = await sql`
    select 1 from executions where execution_id = ${executionId} and state not in ('running', 'previewing')`;
  return rows.length > 0;
}
