import type postgres from 'postgres';
import type { ConnectionKind } from '../../src/domain/connection';
import type { InstanceLimit, InstanceUsage } from '../../src/domain/instance-limit';
import type { ExecutionState, SyncStatus } from '../../src/domain/outcome';
import { LIVE_STATUSES } from '../../src/domain/sync-status';
import type { BatchState } from '../schema/executions';
import { iso } from './instant';

/** A sync whose next run may be late, with what `overdueSince` decides by. */
export interface DueSync {
  syncId: string;
  status: SyncStatus;
  nextRunAt: string | null;
  activatedAt: string | null;
  last: { state: ExecutionState; startedAt: string | null; scheduledFor: string } | undefined;
}

/** What an instance told of its day's calls, for each connection that leads there. */
export interface ConnectionQuota {
  /** The connection's name. */
  connection: string;
  system: ConnectionKind;
  usage: InstanceUsage | null;
  /** Until then nothing is asked of it (milliseconds since 1970); null while calls may be made. */
  usedUpUntilMs: number | null;
}

/** What operations watch of the database. */
export interface Figures {
  syncs: { status: SyncStatus; count: number }[];
  /** Active syncs whose next run should have begun by now. */
  due: DueSync[];
  /** The last run of each sync, by its state. */
  lastRuns: { state: ExecutionState; count: number }[];
  running: { waiting: number; working: number };
  wishes: { undelivered: number; oldestAskedAt: string | null };
  webhooks: { switchedOff: number; waiting: number; oldestAt: string | null };
  batches: { state: BatchState; count: number; oldestAt: string | null }[];
  quotas: ConnectionQuota[];
  databaseBytes: number;
}

/**
 * Counts what is watched, by indexes and by the rows of syncs alone: what grows with each run (executions, outcomes) is never read as a whole.
 * @param now ISO 8601 UTC
 */
export async function readFigures(sql: postgres.Sql, now: string): Promise<Figures> {
  const [syncs, due, lastRuns, running, wishes, webhooks, batches, quotas, size] = await Promise.all([
    sql<Figures['syncs']>`select status, count(*)::int as count from syncs group by status`,
    dueSyncs(sql, now),
    sql<Figures['lastRuns']>`
      select e.state, count(*)::int as count
      from syncs s join executions e on e.sync_id = s.sync_id and e.number = s.last_execution_number
      where s.status = any(${[...LIVE_STATUSES, 'completed']}) group by e.state`,
    sql<Figures['running'][]>`
      select count(*) filter (where is_waiting)::int as waiting, count(*) filter (where not is_waiting)::int as working
      from (
        select exists (
          select from timeline t where t.execution_id = e.execution_id and t.kind = 'waiting' and t.ended_at is null) as is_waiting
        from executions e where e.state = 'running'
      ) as open`,
    sql<{ undelivered: number; oldestAskedAt: string | null }[]>`
      select count(*)::int as undelivered, min(asked_at) as "oldestAskedAt" from sync_wishes where delivered_at is null`,
    sql<Figures['webhooks'][]>`
      select (select count(*)::int from webhooks where off_reason is not null) as "switchedOff",
        count(*)::int as waiting, min(created_at) as "oldestAt"
      from webhook_deliveries where state = 'waiting'`,
    sql<Figures['batches']>`
      select state, count(*)::int as count, min(case state when 'sent' then sent_at else planned_at end) as "oldestAt"
      from load_batches where state <> 'settled' group by state`,
    quotasOf(sql),
    sql<{ bytes: string }[]>`select pg_database_size(current_database()) as bytes`,
  ]);
  const { undelivered = 0, oldestAskedAt = null } = wishes[0] ?? {};
  const { switchedOff = 0, waiting = 0, oldestAt = null } = webhooks[0] ?? {};
  return {
    syncs: [...syncs],
    due,
    lastRuns: [...lastRuns],
    running: running[0] ?? { waiting: 0, working: 0 },
    wishes: { undelivered, oldestAskedAt: iso(oldestAskedAt) },
    webhooks: { switchedOff, waiting, oldestAt: iso(oldestAt) },
    batches: batches.map((row) => ({ ...row, oldestAt: iso(row.oldestAt) })),
    quotas,
    databaseBytes: Number(size[0]?.bytes ?? 0),
  };
}

/** An instance is known by kind and identity: those of connections that have never signed in are left out. */
async function quotasOf(sql: postgres.Sql): Promise<ConnectionQuota[]> {
  const rows = await sql<{ connection: string; system: ConnectionKind; state: Partial<InstanceLimit> }[]>`
    select c.name as connection, c.kind as system, l.state
    from connections c join instance_limits l on l.instance = c.kind || ' ' || c.identity
    order by c.name`;
  return rows.map(({ connection, system, state }) => ({
    connection,
    system,
    usage: state.usage ?? null,
    usedUpUntilMs: state.quota?.untilMs ?? null,
  }));
}

/** Active syncs whose next run should have begun by now. */
export async function dueSyncs(sql: postgres.Sql, now: string): Promise<DueSync[]> {
  const rows = await sql<
    {
      syncId: string;
      status: SyncStatus;
      nextRunAt: string | null;
      activatedAt: string | null;
      state: ExecutionState | null;
      startedAt: string | null;
      scheduledFor: string;
    }[]
  >`
    select s.sync_id as "syncId", s.status, s.next_run_at as "nextRunAt", s.activated_at as "activatedAt",
      e.state, e.started_at as "startedAt", e.scheduled_for as "scheduledFor"
    from syncs s left join executions e on e.sync_id = s.sync_id and e.number = s.last_execution_number
    where s.status = 'active' and coalesce(s.next_run_at, s.activated_at) < ${now}`;
  return rows.map(({ syncId, status, nextRunAt, activatedAt, state, startedAt, scheduledFor }) => ({
    syncId,
    status,
    nextRunAt: iso(nextRunAt),
    activatedAt: iso(activatedAt),
    last: state === null ? undefined : { state, startedAt: iso(startedAt), scheduledFor: iso(scheduledFor) ?? '' },
  }));
}
