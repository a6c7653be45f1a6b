import { type DatabaseClient, openDatabase } from '../../db/client';
import { lastExecutions, listExecutions, recentExecutions } from '../../db/queries/executions-read';
import { listSyncs } from '../../db/queries/syncs';
import type { SyncStatus } from '../../src/domain/outcome';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
/** With one connection, on which PostgreSQL counts. */
let client: DatabaseClient;

const SYNCS = 3_000;
const EXECUTIONS_EACH = 30;
const PAGE = 50;
/** For each item of a page its row, one that belongs to it, and some to spare. */
const FEW = 3 * PAGE;

/** So many that reading them all would show; one in ten needs attention. */
beforeAll(async () => {
  database = await createTestDatabase();
  client = openDatabase(database.url, { max: 1 });
  const { sql: run } = client;
  await run`
    insert into syncs (name, status, last_execution_number, created_at)
    select 'sync ' || n, case when n % 10 = 0 then 'needsAttention' else 'active' end, ${EXECUTIONS_EACH}, '2026-01-01T00:00:00Z'::timestamptz + make_interval(mins => n / 2)
    from generate_series(1, ${SYNCS}::int) as n`;
  await run`insert into sync_versions (sync_id, version, definition, saved_by) select sync_id, 1, jsonb_build_object('name', name, 'description', repeat('as long as definitions are ', 60)), 'test' from syncs`;
  await run`
    insert into executions (sync_id, number, version, trigger, scheduled_for, state, staged_on, as_of)
    select sync_id, number, 1, 'interval', created_at, 'succeeded', created_at::date, created_at
    from syncs, generate_series(1, ${EXECUTIONS_EACH}::int) as number`;
  await run`analyze`;
});
afterAll(async () => {
  await client.close();
  await database.drop();
});

/** How many rows of tables the connection has read in a while. */
async function rowsRead(): Promise<number> {
  const [read] = await client.sql<{ rows: number }[]>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_xact_user_tables`;
  return read?.rows ?? Number.NaN;
}

/** What some work returns, and how many rows of tables PostgreSQL has read for it: within a transaction it keeps count. */
async function counted<Result>(work: () => Promise<Result>): Promise<{ result: Result; rows: number }> {
  await client.sql`begin`;
  const before = await rowsRead();
  const result = await work();
  const rows = (await rowsRead()) - before;
  await client.sql`commit`;
  return { result, rows };
}

const idsOf = (syncs: readonly { syncId: string }[]) => syncs.map(({ syncId }) => syncId);

test.each<[SyncStatus | undefined, number]>([
  [undefined, SYNCS],
  ['active', SYNCS * 0.9],
  ['needsAttention', SYNCS * 0.1],
])(
  'every page of the syncs, of status %s, is found without reading those before it, or others',
  async (status, all) => {
    const seen: string[] = [];
    let after: { createdAt: string; syncId: string } | null = null;
    do {
      const { result, rows } = await counted(() => listSyncs(client.db, after, PAGE, { status }));
      expect(rows).toBeLessThanOrEqual(FEW);
      seen.push(...idsOf(result));
      after = result.at(-1) ?? null;
    } while (after);

    expect(new Set(seen).size).toBe(all);
    expect(seen).toHaveLength(all);
  },
);

test('the last executions of syncs are found without reading the others', async () => {
  const syncIds = idsOf(await listSyncs(client.db, null, PAGE, {}));

  const last = await counted(() => lastExecutions(client.db, syncIds));

  expect([...last.result.values()].map(({ number }) => number)).toEqual(syncIds.map(() => EXECUTIONS_EACH));
  expect(last.rows).toBeLessThanOrEqual(FEW);
});

test('the executions that the list of syncs shows are found without reading the others', async () => {
  const syncIds = idsOf(await listSyncs(client.db, null, PAGE, {}));

  const recent = await counted(() => recentExecutions(client.sql, syncIds));

  expect([...recent.result.values()].map(({ length }) => length)).toEqual(syncIds.map(() => 10));
  expect(recent.rows).toBeLessThanOrEqual(10 * PAGE);
});

test('a page of executions is found without reading the newer ones', async () => {
  const [syncId = ''] = idsOf(await listSyncs(client.db, null, 1, {}));

  const { result, rows } = await counted(() => listExecutions(client.db, syncId, 11, 5));

  expect(result.map(({ number }) => number)).toEqual([10, 9, 8, 7, 6]);
  expect(rows).toBeLessThanOrEqual(5);
});

test('of no sync there is no last execution', async () => {
  expect(await lastExecutions(client.db, [])).toEqual(new Map());
});
