import { readFile } from 'node:fs/promises';
import { type DatabaseClient, openDatabase } from '../../db/client';
import { type NewExecution, openExecution } from '../../db/queries/executions';
import { listShownSyncs } from '../../db/queries/shown-syncs';
import { createTestDatabase, type TestDatabase } from '../support/database';

const BACKFILL = 'db/migrations/0028_last_runs.sql';

let database: TestDatabase;
let client: DatabaseClient;
beforeAll(async () => {
  database = await createTestDatabase();
  client = openDatabase(database.url, { max: 2 });
});
afterAll(async () => {
  await client.close();
  await database.drop();
});
beforeEach(() => client.sql`truncate syncs cascade`);

async function syncOf(name: string): Promise<string> {
  const [row] = await client.sql<{ id: string }[]>`
    with s as (insert into syncs (name, status) values (${name}, 'active') returning sync_id)
    insert into sync_versions (sync_id, version, definition, saved_by) select sync_id, 1, '{}', 'test' from s returning sync_id as id`;
  return row?.id ?? '';
}

const run = (syncId: string, number: number, at: string, more: Partial<NewExecution> = {}) =>
  openExecution(client.sql, { syncId, number, trigger: 'interval', scheduledFor: at, asOf: at, ...more });

async function byLastRun(isDescending: boolean): Promise<string[]> {
  const wanted = { filter: {}, sort: 'lastRun', isDescending, after: null, limit: 50 } as const;
  return (await listShownSyncs(client.sql, wanted)).map(({ name }) => name);
}

/** Three that have run, in an order that is neither that of their names nor that of their age, and one that has not. */
async function givenRuns(): Promise<void> {
  const [early, late, never, missed] = [
    await syncOf('Early'),
    await syncOf('Late'),
    await syncOf('Never'),
    await syncOf('Missed'),
  ];
  await run(late, 1, '2026-12-01T08:00:00.000Z');
  await run(late, 2, '2026-12-01T11:00:00.123Z');
  await run(early, 1, '2026-12-01T09:00:00.000Z');
  await run(missed, 1, '2026-12-01T10:00:00.000Z', { state: 'missed', asOf: '2026-12-01T12:00:00.000Z' });
  // an attempt that comes late changes nothing
  await run(late, 1, '2026-12-01T08:00:00.000Z');
  expect(never).not.toBe('');
}

test('syncs are ordered by when their last execution began, or was to begin and was missed; what has never run comes last', async () => {
  await givenRuns();

  expect(await byLastRun(true)).toEqual(['Late', 'Missed', 'Early', 'Never']);
  expect(await byLastRun(false)).toEqual(['Early', 'Missed', 'Late', 'Never']);
});

test('executions of earlier releases are ordered likewise', async () => {
  await givenRuns();
  await client.sql`update syncs set last_run_at = null`;

  const statements = (await readFile(BACKFILL, 'utf8')).split('--> statement-breakpoint');
  await client.sql.unsafe(statements[1] ?? '');

  expect(await byLastRun(true)).toEqual(['Late', 'Missed', 'Early', 'Never']);
});
