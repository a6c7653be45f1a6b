import { FOLLOW_UP_TRIGGERS, type SyncStatus, type Trigger } from '../../src/domain/outcome';
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
  /** Its sync waits for nobody. */
  isOfActiveSync: boolean;
}

/** Executions that should have an open workflow. */
export async function liveExecutions(sql: Sql): Promise<LiveExecution[]> {
  return sql<LiveExecution[]>`
    select e.execution_id as "executionId", e.sync_id as "syncId", e.number, e.trigger, e.version,
      s.name as "syncName", e.stop is not distinct from 'cancel' as "isCancelled",
      e.started_at > now() - interval '3 seconds' as "isFresh", s.status in ('active', 'paused', 'needsAttention') as "isOfLiveSync",
      s.status = 'active' as "isOfActiveSync"
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

/**
 * Has activities told what the status of their sync says: a database that was taken back may hold the one without the other.
 * @returns the syncs whose workflows may have heeded the wrong one
 */
export async function alignStops(sql: Sql): Promise<string[]> {
  const rows = await sql<{ sync_id: string }[]>`
    with odd as (
      select e.execution_id, case when s.status = 'paused' then 'pause' end as stop
      from syncs s join executions e using (sync_id)
      where e.state = 'running' and e.trigger <> all(${[...FOLLOW_UP_TRIGGERS]}) and (
        (s.status = 'paused' and e.stop is null) or (s.status in ('active', 'needsAttention') and e.stop = 'pause'))
      -- as the controls do, which change both
      for no key update of s
    )
    update executions e set stop = odd.stop from odd
    where e.execution_id = odd.execution_id and e.stop is distinct from 'cancel' and e.stop is distinct from odd.stop
    returning e.sync_id`;
  return rows.map((row) => row.sync_id);
}

/** Syncs that wait for a person although no execution of theirs does. */
export async function needlesslyWaiting(sql: Sql): Promise<string[]> {
  const rows = await sql<{ sync_id: string }[]>`
    select s.sync_id from syncs s where s.status = 'needsAttention' and not exists (
      select 1 from executions e where e.sync_id = s.sync_id and e.state = 'running' and e.problem is not null
        and e.trigger <> all(${[...FOLLOW_UP_TRIGGERS]}))`;
  return rows.map((row) => row.sync_id);
}
