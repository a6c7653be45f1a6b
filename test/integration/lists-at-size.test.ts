import { type DatabaseClient, openDatabase } from '../../db/client';
import { listExecutions } from '../../db/queries/executions-read';
import {
  countSyncs,
  type ListedSync,
  listShownSyncs,
  type SyncFilter,
  type SyncPosition,
} from '../../db/queries/shown-syncs';
import type { SyncStatus } from '../../src/domain/outcome';
import { SYNC_SORTS, type SyncSort } from '../../src/domain/sync-list';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
/** With one connection, on which PostgreSQL counts. */
let client: DatabaseClient;

const SYNCS = 3_000;
const EXECUTIONS_EACH = 30;
const PAGE = 50;
/** For each item of a page its row, its definition, its last execution and nine more, and some to spare. */
const FEW = 16 * PAGE;

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

interface Wanted {
  filter?: SyncFilter;
  sort?: SyncSort;
  isDescending?: boolean;
  after?: SyncPosition | null;
  limit?: number;
}

const list = ({ filter = {}, sort = 'age', isDescending = false, after = null, limit = PAGE }: Wanted) =>
  listShownSyncs(client.sql, { filter, sort, isDescending, after, limit });

test.each<[SyncStatus | undefined, number]>([
  [undefined, SYNCS],
  ['active', SYNCS * 0.9],
  ['needsAttention', SYNCS * 0.1],
])(
  'every page of the syncs, of status %s, is found without reading those before it, or others, and tells of their last executions without reading more',
  async (status, all) => {
    const seen: string[] = [];
    let after: SyncPosition | null = null;
    do {
      const { result, rows } = await counted(() => list({ filter: { status }, after }));
      expect(rows).toBeLessThanOrEqual(FEW);
      for (const { last, recent } of result) expect([last?.number, recent.length]).toEqual([EXECUTIONS_EACH, 10]);
      seen.push(...idsOf(result));
      after = result.at(-1)?.position ?? null;
    } while (after);

    expect(new Set(seen).size).toBe(all);
    expect(seen).toHaveLength(all);
  },
);

test('in each order and either direction pages hold every sync once, in that order', async () => {
  const limit = 70;
  const filter = { status: 'needsAttention' } as const;
  const pagesOf = async (sort: SyncSort, isDescending: boolean): Promise<ListedSync[]> => {
    const seen: ListedSync[] = [];
    let after: SyncPosition | null = null;
    do {
      const page = await list({ filter, sort, isDescending, after, limit });
      seen.push(...page);
      after = page.length === limit ? (page.at(-1)?.position ?? null) : null;
    } while (after);
    return seen;
  };

  for (const sort of SYNC_SORTS) {
    for (const isDescending of [false, true]) {
      const seen = await pagesOf(sort, isDescending);
      const whole = await list({ filter, sort, isDescending, limit: SYNCS });
      expect(new Set(idsOf(seen)).size).toBe(SYNCS * 0.1);
      expect(idsOf(seen)).toEqual(idsOf(whole));
    }
  }
  const names = (await list({ filter, sort: 'name', limit: 12 })).map(({ name }) => name);
  expect(names).toEqual(Array.from({ length: 12 }, (_none, n) => `sync ${10 * (n + 1)}`));
});

test('syncs are counted: all, by status, and those that are looked for', async () => {
  const byStatus = { active: SYNCS * 0.9, needsAttention: SYNCS * 0.1 };

  expect(await countSyncs(client.sql, {})).toEqual({ all: SYNCS, found: SYNCS, byStatus });
  const filter = { status: 'active', words: ['SYNC', '299'] } as const;
  expect(await countSyncs(client.sql, filter)).toEqual({ all: SYNCS, found: 12, byStatus });
});

test('a page of executions is found without reading the newer ones', async () => {
  const [syncId = ''] = idsOf(await list({ limit: 1 }));

  const { result, rows } = await counted(() => listExecutions(client.sql, syncId, 11, 5));

  expect(result.map(({ number }) => number)).toEqual([10, 9, 8, 7, 6]);
  expect(rows).toBeLessThanOrEqual(5);
});
