import { openDatabase } from '../../db/client';
import { openExecution, takeOver } from '../../db/queries/executions';
import { lastCompleteRun, setReading, signatureOf } from '../../db/queries/record-index';
import { type MarketoHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import type { ActivityRuns } from '../support/activity-runs';
import { connectedRuns } from '../support/connected-runs';
import { createTestDatabase, givenSync } from '../support/database';
import { KEY_HASHES } from '../support/key-hashes';

const SOURCE = '11111111-1111-4111-8111-111111111111';
const TARGET = '33333333-3333-4333-8333-333333333333';
const ANN = 'ann.sample@example.com';

describe('a sync that reads what changed', () => {
  let sandbox: Sandbox;
  let target: MarketoHost;
  let runs: ActivityRuns;

  beforeAll(async () => {
    sandbox = await startSandbox({});
    target = await sandbox.createInstance('marketo', { name: 'second' });
    runs = await connectedRuns(sandbox, { marketo: { [SOURCE]: sandbox.marketo, [TARGET]: target }, salesforce: {} });
  }, 60_000);
  afterAll(async () => {
    await runs.stop();
    await sandbox.stop();
  });

  test('remembers keys by their hashes alone', async () => {
    sandbox.marketo.vendor.stores.insertRecords('leads', [{ email: ANN }, { email: ANN }, { lastName: 'Keyless' }]);
    const sync = await runs.sync({
      name: 'People',
      source: { connectionId: SOURCE, object: 'Lead' },
      destination: { connectionId: TARGET, object: 'Lead' },
      mappings: [{ from: { field: 'email' }, to: 'email' }],
      records: 'changed',
    });

    await runs.run(sync);

    const rows = await runs.database.sql<{ match_key: string | null; key_hash: string | null }[]>`
      select match_key, key_hash from sync_records where sync_id = ${sync} order by sort_key`;
    const hash = KEY_HASHES.of(sync, ANN);
    expect([...rows]).toEqual([hash, hash, null].map((each) => ({ match_key: null, key_hash: each })));
    const text = await runs.database.sql`select 1 from sync_records r where r::text like ${`%${ANN}%`}`;
    expect(text).toHaveLength(0);
  });
});

test('a run that was begun with hashes is refused to a worker of the release before, which knows nothing of them', async () => {
  const testDatabase = await createTestDatabase();
  const { sql, close } = openDatabase(testDatabase.url, { max: 2 });
  const asOf = new Date().toISOString();
  const opened = { syncId: await givenSync(sql), number: 1, trigger: 'now' as const, scheduledFor: asOf, asOf };
  const { executionId } = await openExecution(sql, opened);
  const takeOverAsBefore = () => sql`update executions set epoch = epoch + 1 where execution_id = ${executionId}`;
  await takeOverAsBefore();
  const attempt = await takeOver(sql, executionId);
  const signature = signatureOf('rules', KEY_HASHES.id);
  await setReading(sql, attempt, { changedSince: null, readsAllBecause: 'firstRun', signature });

  await expect(takeOverAsBefore()).rejects.toThrow('workers of a newer release');
  expect((await takeOver(sql, executionId)).execution.hashesKeys).toBe(true);
  expect(await lastCompleteRun(sql, opened.syncId)).toBeNull();
  await close();
  await testDatabase.drop();
});
