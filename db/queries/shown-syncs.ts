import type postgres from 'postgres';
import type { DraftDefinition, Schedule } from '../../src/domain/definition';
import { isFollowUp, SYNC_STATUSES, type SyncStatus } from '../../src/domain/outcome';
import { type Direction, type LAST_EXECUTIONS, SYSTEMS, type SyncSort } from '../../src/domain/sync-list';
import { OVERDUE_AFTER_MS } from '../../src/domain/sync-status';
import type { Sql } from './executions';
import { likeText, type ShownExecution, type ShownRow, shownColumns, toShown } from './executions-read';
import { iso } from './instant';
import type { SyncRow } from './syncs';

/** What the list of syncs shows of an execution besides the last one. */
interface RecentExecution extends Pick<ShownExecution, 'number' | 'trigger' | 'state'> {
  /** Records that it has read. */
  read: number;
  /** An undo of it has succeeded. */
  isUndone: boolean;
}

/** A run, and how many records retries of it have loaded, and no undo has taken back. */
export interface ShownRun extends ShownExecution {
  loadedLater: number;
}

/** How a sync has run. */
export interface Runs {
  last: ShownExecution | null;
  /** The newest one that is itself no retry and no undo. */
  lastRun: ShownRun | null;
  /** The last few executions, the newest first. */
  recent: RecentExecution[];
}

/** A sync as it is shown: with how it has run. */
export interface ShownSync extends SyncRow, Runs {}

/** A sync of a list, and its place there. */
export interface ListedSync extends Omit<SyncRow, 'definition'>, Runs {
  /** Its definition as JSON, which lists send on as it is. */
  definitionText: string;
  schedule: Schedule | undefined;
  position: SyncPosition;
}

/** Which syncs are wanted; each member narrows. */
export interface SyncFilter {
  status?: SyncStatus | undefined;
  /** A part of the name. */
  search?: string | undefined;
  /** Each is a part of the name, of an object's name or of a connection's. */
  words?: readonly string[] | undefined;
  /** One end of the sync. */
  connectionId?: string | undefined;
  direction?: Direction | undefined;
  lastExecution?: (typeof LAST_EXECUTIONS)[number] | undefined;
  /** At this instant (ISO 8601 UTC) they should have run and did not, as `overdueSince` of the domain decides. */
  overdueAt?: string | undefined;
}

/**
 * The place of a sync in an order. `key`: what that goes by, if it is not the name; an instant as ISO 8601 UTC; null comes last in either
 * direction.
 */
export interface SyncPosition {
  key: string | null;
  name: string;
  syncId: string;
}

type Fragment = postgres.PendingQuery<postgres.Row[]>;

const MOST_RECENT = 10;

/** What each order goes by, with its type; instants to the millisecond, as positions carry them. */
const KEYS: Record<SyncSort, { type: string; text: string }> = {
  age: { type: 'timestamptz', text: 's.created_at' },
  // as people order names, whatever the case, 2 before 10: a collation of the migrations
  name: { type: 'text', text: 's.name collate natural_order' },
  status: { type: 'int', text: `array_position('{${SYNC_STATUSES.join(',')}}'::text[], s.status)` },
  nextRun: { type: 'timestamptz', text: `date_trunc('milliseconds', s.next_run_at)` },
  lastRun: { type: 'timestamptz', text: 's.last_run_at' },
};
/** Orders that no two syncs share a place in but by chance, so that a position is a place in an index. */
const IS_PLACE: Record<SyncSort, boolean> = { age: true, name: true, status: false, nextRun: false, lastRun: false };

/** Newest definition and last execution of each sync `s`; executions are looked up one by one, since joined all of these syncs would be read. */
const VERSION = 'join sync_versions v on v.sync_id = s.sync_id and v.version = s.version';
const EXECUTION = `
  left join lateral (
    select * from executions where sync_id = s.sync_id and number = s.last_execution_number and purpose = 'run' limit 1
  ) e on true`;
const JOINS = `${VERSION} ${EXECUTION}`;

/** What of them has to be looked at to tell whether a sync is wanted. */
function joinsFor({ words = [], connectionId, direction, lastExecution, overdueAt }: SyncFilter): string {
  const needsVersion = words.length > 0 || connectionId !== undefined || direction !== undefined;
  const needsExecution = lastExecution !== undefined || overdueAt !== undefined;
  return `${needsVersion ? VERSION : ''} ${needsExecution ? EXECUTION : ''}`;
}

interface Row extends ShownRow {
  sync_id: string;
  name: string;
  status: SyncStatus;
  version: number;
  problem: string | null;
  next_run_at: string | null;
  activation: number;
  activated_at: string | null;
  created_at: string;
  updated_at: string;
  /** As JSON; null before the first. */
  recent: string | null;
}

/** Whether an undo of an execution `newest` has succeeded. */
const IS_UNDONE = `exists (
  select 1 from follow_ups f join executions u on u.execution_id = f.execution_id
  where f.origin_id = newest.execution_id and u.trigger = 'undo' and u.state = 'succeeded')`;

/** What is selected of a sync, and of its executions: of the recent ones JSON put together as text, which takes half of what `jsonb` takes. */
const shown = (sql: Sql) => sql`
  s.sync_id, s.name, s.status, s.version, s.problem, s.next_run_at, s.activation, s.activated_at, s.created_at, s.updated_at,
  ${shownColumns(sql)}, (
    select '[' || string_agg(format('{"number":%s,"trigger":"%s","state":"%s","read":%s,"isUndone":%s}',
      number, trigger, state, read, ${sql.unsafe(IS_UNDONE)}::text), ',') || ']' from (
      select execution_id, number, trigger, state, read from executions
      where sync_id = s.sync_id and purpose = 'run' order by number desc limit ${sql.unsafe(String(MOST_RECENT))}) newest
  ) as recent`;

const toSync = (row: Row, lastRuns: ReadonlyMap<string, ShownRun>): Omit<ShownSync, 'definition'> => ({
  syncId: row.sync_id,
  name: row.name,
  status: row.status,
  version: row.version,
  problem: row.problem,
  nextRunAt: iso(row.next_run_at),
  activation: row.activation,
  activatedAt: iso(row.activated_at),
  createdAt: new Date(row.created_at).toISOString(),
  updatedAt: new Date(row.updated_at).toISOString(),
  last: row.run_execution_id === null ? null : toShown(row),
  lastRun: lastRuns.get(row.sync_id) ?? null,
  recent: JSON.parse(row.recent ?? '[]') as RecentExecution[],
});

/** The last runs of syncs by their ids: most are the last execution, and only for those of the others the database is asked. */
async function lastRunsOf(sql: Sql, rows: readonly Row[]): Promise<Map<string, ShownRun>> {
  const runs = new Map<string, ShownRun>();
  const followed: string[] = [];
  for (const row of rows) {
    if (row.run_execution_id === null) continue;
    const last = toShown(row);
    if (isFollowUp(last.trigger)) followed.push(row.sync_id);
    else runs.set(row.sync_id, { ...last, loadedLater: 0 });
  }
  if (followed.length === 0) return runs;
  const found = await sql<(ShownRow & { loaded_later: string | null })[]>`
    select ${shownColumns(sql)}, (
      with recursive line as (
        select e.execution_id as id
        union all select f.execution_id from line join follow_ups f on f.origin_id = line.id
          join executions r on r.execution_id = f.execution_id and r.trigger = 'retry')
      select sum(r.created + r.updated + r.unchanged) from line join executions r on r.execution_id = line.id
      where r.trigger = 'retry' and not exists (
        select 1 from follow_ups f join executions u on u.execution_id = f.execution_id
        where f.origin_id = r.execution_id and u.trigger = 'undo' and u.state = 'succeeded')
    ) as loaded_later
    from unnest(${followed}::uuid[]) as wanted (sync_id) cross join lateral (
      select * from executions where sync_id = wanted.sync_id and purpose = 'run' and trigger not in ('retry', 'undo')
      order by number desc limit 1) e`;
  for (const row of found) {
    const run = toShown(row);
    runs.set(run.syncId, { ...run, loadedLater: Number(row.loaded_later ?? 0) });
  }
  return runs;
}

/** A sync as it is shown; null when it is not there. */
export async function findShownSync(sql: Sql, syncId: string): Promise<ShownSync | null> {
  const [row] = await sql<(Row & { definition: DraftDefinition })[]>`
    select ${shown(sql)}, v.definition from syncs s ${sql.unsafe(JOINS)} where s.sync_id = ${syncId}`;
  return row ? { ...toSync(row, await lastRunsOf(sql, [row])), definition: row.definition } : null;
}

/** Syncs in an order, from a place on. */
export async function listShownSyncs(
  sql: Sql,
  wanted: { filter: SyncFilter; sort: SyncSort; isDescending: boolean; after: SyncPosition | null; limit: number },
): Promise<ListedSync[]> {
  const { filter, sort, isDescending, after, limit } = wanted;
  const key = sql.unsafe(KEYS[sort].text);
  const direction = sql.unsafe(isDescending ? 'desc' : 'asc');
  const order = IS_PLACE[sort]
    ? sql`${key} ${direction}, s.sync_id ${direction}`
    : sql`${key} ${direction} nulls last, s.name collate natural_order, s.sync_id`;
  // The page is found first, so that no more than its syncs are looked at closely. How long it is, is a part of the statement: for an unknown
  // number PostgreSQL expects a tenth of all, and plans each call anew.
  const rows = await sql<(Row & { definition_text: string; schedule: Schedule | null; key: string | null })[]>`
    select ${shown(sql)}, v.definition::text as definition_text, v.definition->'schedule' as schedule, (${key})::text as key
    from (
      select s.* from syncs s ${sql.unsafe(joinsFor(filter))}
      where ${isWanted(sql, filter)} and ${isBehind(sql, sort, isDescending, after)}
      order by ${order} limit ${sql.unsafe(String(limit))}
    ) s ${sql.unsafe(JOINS)}
    order by ${order}`;
  const lastRuns = await lastRunsOf(sql, rows);
  const isInstant = KEYS[sort].type === 'timestamptz';
  return rows.map((row) => ({
    ...toSync(row, lastRuns),
    definitionText: row.definition_text,
    schedule: row.schedule ?? undefined,
    position: { key: isInstant ? iso(row.key) : row.key, name: row.name, syncId: row.sync_id },
  }));
}

/** Whether a sync comes after a position. */
function isBehind(sql: Sql, sort: SyncSort, isDescending: boolean, after: SyncPosition | null): Fragment {
  if (after === null) return sql`true`;
  const { type, text } = KEYS[sort];
  const [key, comes] = [sql.unsafe(text), sql.unsafe(isDescending ? '<' : '>')];
  const place = sql`${sort === 'name' ? after.name : after.key}::${sql.unsafe(type)}`;
  if (IS_PLACE[sort]) return sql`(${key}, s.sync_id) ${comes} (${place}, ${after.syncId}::uuid)`;
  const isLater = sql`(s.name collate natural_order, s.sync_id) > (${after.name}::text, ${after.syncId}::uuid)`;
  if (after.key === null) return sql`(${key} is null and ${isLater})`;
  return sql`(${key} ${comes} ${place} or ${key} is null or (${key} = ${place} and ${isLater}))`;
}

/** Whether a sync is of those that a filter wants, of the tables that are joined above. */
function isWanted(sql: Sql, filter: SyncFilter): Fragment {
  const { status, search, words = [], connectionId, direction, lastExecution, overdueAt } = filter;
  const [sourceId, destinationId] = [
    sql`v.definition->'source'->>'connectionId'`,
    sql`v.definition->'destination'->>'connectionId'`,
  ];
  const connectionsOf = (kind: string) => sql`(select connection_id::text from connections where kind = ${kind})`;
  const conditions: Fragment[] = [];
  // each status has a statement of its own, since some are rare: what is planned for any of them would read thousands of others
  if (status !== undefined) conditions.push(sql.unsafe(`s.status = '${SYNC_STATUSES[SYNC_STATUSES.indexOf(status)]}'`));
  if (search !== undefined) conditions.push(sql`s.name ilike ${likeText(search)}`);
  for (const word of words) conditions.push(hasWord(sql, likeText(word)));
  if (connectionId !== undefined) conditions.push(sql`${connectionId} in (${sourceId}, ${destinationId})`);
  if (direction !== undefined) {
    const [source, destination] = SYSTEMS[direction];
    conditions.push(sql`${sourceId} in ${connectionsOf(source)} and ${destinationId} in ${connectionsOf(destination)}`);
  }
  if (lastExecution === 'running') {
    conditions.push(sql`s.sync_id in (select sync_id from executions where state = 'running') and e.state = 'running'`);
  }
  if (lastExecution === 'failures') conditions.push(sql`(e.state = 'failed' or e.failed > 0)`);
  if (overdueAt !== undefined) conditions.push(isOverdue(sql, overdueAt));
  return conditions.reduce((all, one) => sql`${all} and ${one}`, sql`true`);
}

const hasWord = (sql: Sql, word: string): Fragment => sql`(
  s.name ilike ${word} or v.definition->'source'->>'object' ilike ${word} or v.definition->'destination'->>'object' ilike ${word}
  or v.definition->'source'->>'connectionId' in (select connection_id::text from connections where name ilike ${word})
  or v.definition->'destination'->>'connectionId' in (select connection_id::text from connections where name ilike ${word}))`;

/** As `overdueSince` decides of one sync. */
const isOverdue = (sql: Sql, now: string): Fragment => sql`(
  s.status = 'active' and e.state is distinct from 'running' and ${now}::timestamptz - interval '1 millisecond' * ${OVERDUE_AFTER_MS} > coalesce(
    s.next_run_at, case when e.execution_id is null or coalesce(e.started_at, e.scheduled_for) < s.activated_at then s.activated_at end))`;

/** How many syncs there are. */
interface SyncCounts {
  all: number;
  /** Of those that a filter wants. */
  found: number;
  /** All of each status, whatever the filter wants; none where there is none. */
  byStatus: Partial<Record<SyncStatus, number>>;
}

/** Counts all syncs, and those that a filter wants. */
export async function countSyncs(sql: Sql, filter: SyncFilter): Promise<SyncCounts> {
  const rows = await sql<{ status: SyncStatus; all: number; found: number }[]>`
    select s.status, count(*)::int as all, (count(*) filter (where ${isWanted(sql, filter)}))::int as found
    from syncs s ${sql.unsafe(joinsFor(filter))} group by s.status`;
  const counts: SyncCounts = { all: 0, found: 0, byStatus: {} };
  for (const { status, all, found } of rows) {
    counts.all += all;
    counts.found += found;
    counts.byStatus[status] = all;
  }
  return counts;
}
