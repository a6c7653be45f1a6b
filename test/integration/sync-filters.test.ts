import { type DatabaseClient, openDatabase } from '../../db/client';
import { listShownSyncs, type SyncFilter } from '../../db/queries/shown-syncs';
import { overdueSince } from '../../src/domain/sync-status';
import { createTestDatabase, type TestDatabase } from '../support/database';

const NOW = '2026-12-01T12:00:00.000Z';

let database: TestDatabase;
let client: DatabaseClient;
let marketo: string;
let salesforce: string;
let archive: string;

/** A sync as it stands, with its last execution, if it has any. */
interface Given {
  name: string;
  ends?: readonly [from: readonly [string, string], to?: readonly [string, string]];
  status?: string;
  nextRunAt?: string;
  activatedAt?: string;
  run?: { state: string; failed?: number; at?: string };
}

beforeAll(async () => {
  database = await createTestDatabase();
  client = openDatabase(database.url, { max: 2 });
  marketo = await connection('Marketo EU', 'marketo');
  salesforce = await connection('Sales', 'salesforce');
  archive = await connection('Archive 100%', 'marketo');
  const earlier = '2026-12-01T11:00:00Z';
  const active = { status: 'active' };
  const given: Given[] = [
    {
      name: 'People',
      ends: [
        [marketo, 'Lead'],
        [salesforce, 'Contact'],
      ],
    },
    {
      name: 'Back',
      ends: [
        [salesforce, 'Account'],
        [archive, 'Company'],
      ],
      run: { state: 'partial', failed: 2 },
    },
    { name: 'Begun', ends: [[archive, 'Lead']] },
    { name: 'Runs', ...active, nextRunAt: earlier, run: { state: 'running', failed: 1 } },
    { name: 'Stopped', status: 'completed', nextRunAt: earlier, run: { state: 'failed' } },
    { name: 'Late', ...active, nextRunAt: earlier, run: { state: 'succeeded' } },
    { name: 'In time', ...active, nextRunAt: '2026-12-01T11:59:56Z' },
    { name: 'Never taken up', ...active, activatedAt: earlier },
    {
      name: 'Activated again',
      ...active,
      activatedAt: earlier,
      run: { state: 'succeeded', at: '2026-12-01T10:00:00Z' },
    },
    { name: 'Has run since', ...active, activatedAt: earlier, run: { state: 'succeeded', at: '2026-12-01T11:00:01Z' } },
  ];
  for (const sync of given) await insert(sync);
});
afterAll(async () => {
  await client.close();
  await database.drop();
});

async function connection(name: string, kind: string): Promise<string> {
  const [row] = await client.sql<{ id: string }[]>`
    insert into connections (name, kind, settings, secrets) values (${name}, ${kind}, '{}', '') returning connection_id as id`;
  return row?.id ?? '';
}

async function insert({ name, ends, status = 'draft', nextRunAt, activatedAt, run }: Given): Promise<void> {
  const [source, destination] = (ends ?? []).map((end) => end && { connectionId: end[0], object: end[1] });
  const definition = JSON.stringify({ name, source, destination });
  const [sync] = await client.sql<{ id: string }[]>`
    with s as (
      insert into syncs (name, status, next_run_at, activated_at, last_execution_number)
      values (${name}, ${status}, ${nextRunAt ?? null}, ${activatedAt ?? null}, ${run ? 1 : 0}) returning sync_id
    )
    insert into sync_versions (sync_id, version, definition, saved_by) select sync_id, 1, ${definition}::text::jsonb, 'test' from s
    returning sync_id as id`;
  if (!run) return;
  const at = run.at ?? '2026-12-01T09:00:00Z';
  await client.sql`
    insert into executions (sync_id, number, version, trigger, scheduled_for, started_at, state, failed, staged_on, as_of)
    values (${sync?.id ?? ''}, 1, 1, 'interval', ${at}, ${at}, ${run.state}, ${run.failed ?? 0}, '2026-12-01', ${at})`;
}

const found = async (filter: SyncFilter) => {
  const wanted = { filter, sort: 'name', isDescending: false, after: null, limit: 50 } as const;
  return (await listShownSyncs(client.sql, wanted)).map(({ name }) => name);
};

test.each<[string[], string[]]>([
  [['peo'], ['People']],
  [['LEAD'], ['Begun', 'People']],
  [['sales', 'company'], ['Back']],
  [['100%'], ['Back', 'Begun']],
  [['100_'], []],
  [['contact', 'archive'], []],
])('words %p are each found in the name, in an object or in the name of a connection', async (words, names) => {
  expect(await found({ words })).toEqual(names);
});

test('syncs are found by a connection, by where they go from and to, and by both; a draft without a destination goes nowhere', async () => {
  expect(await found({ connectionId: archive })).toEqual(['Back', 'Begun']);
  expect(await found({ direction: 'marketoToSalesforce' })).toEqual(['People']);
  expect(await found({ direction: 'salesforceToMarketo' })).toEqual(['Back']);
  expect(await found({ direction: 'salesforceToMarketo', connectionId: marketo })).toEqual([]);
});

test('syncs are found by how their last execution stands', async () => {
  expect(await found({ lastExecution: 'running' })).toEqual(['Runs']);
  expect(await found({ lastExecution: 'failures' })).toEqual(['Back', 'Runs', 'Stopped']);
  expect(await found({ lastExecution: 'failures', status: 'completed' })).toEqual(['Stopped']);
});

test('those that are found as overdue are those whose answer says so', async () => {
  const all = await listShownSyncs(client.sql, {
    filter: {},
    sort: 'name',
    isDescending: false,
    after: null,
    limit: 50,
  });
  const overdue = all.filter((sync) => overdueSince(sync, sync.last ?? undefined, NOW) !== null);

  expect(overdue.map(({ name }) => name)).toEqual(['Activated again', 'Late', 'Never taken up']);
  expect(await found({ overdueAt: NOW })).toEqual(overdue.map(({ name }) => name));
});
