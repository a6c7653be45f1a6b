import { setTimeout as nextLook } from 'node:timers/promises';
import { openDatabase } from '../../db/client';
import { createLogger } from '../../src/logging';
import { createRecordFiller } from '../../src/sandbox/salesforce/record-filler';
import { startSandbox } from '../../src/sandbox/sandbox';
import { DatabaseClock } from '../../src/worker/database-clock';
import { createTestDatabase } from '../support/database';
import { RunningSync } from '../support/running-sync';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const LOG = createLogger('worker', 'silent');

describe('the time of the database', () => {
  let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
  let opened: ReturnType<typeof openDatabase>;
  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    opened = openDatabase(testDatabase.url);
  });
  afterAll(async () => {
    await opened.close();
    await testDatabase.drop();
  });

  const aheadMs = async (clock: DatabaseClock) => {
    const [row] = await opened.sql<{ at: string }[]>`select clock_timestamp() as at`;
    return Math.abs(Date.parse(clock.now()) - Date.parse(row?.at ?? ''));
  };

  test.each([0, YEAR_MS])('is what workers go by, whatever their own clocks say (%d ms)', async (passed) => {
    // a count that began at any time, as those of two processes do
    const own = { passedMs: () => passed + performance.now(), clockMs: () => 0 };

    expect(await aheadMs(await DatabaseClock.of(opened.sql, LOG, own))).toBeLessThan(5_000);
  });

  test('is asked for at once when a machine has slept, in which time its count stands still', async () => {
    let sleptMs = 0;
    // it woke up before it began to sleep, so that its clock is an hour ahead of its count
    const own = { passedMs: () => performance.now() - sleptMs, clockMs: () => Date.now() };
    const clock = await DatabaseClock.of(opened.sql, LOG, own);
    sleptMs = HOUR_MS;

    while ((await aheadMs(clock)) > 5_000) await nextLook(10);
  });
});

test('connectors compare moments by the clock that the activities go by: what we created is told as ours', async () => {
  const sandbox = await startSandbox();
  const { marketo, salesforce } = sandbox;
  const ofDatabase = DatabaseClock.of.bind(DatabaseClock);
  const spy = jest.spyOn(DatabaseClock, 'of').mockImplementation(async (...args) => {
    const clock = await ofDatabase(...args);
    const { now } = clock;
    clock.now = () => new Date(Date.parse(now()) + 5_000).toISOString();
    return clock;
  });
  const sync = await RunningSync.start([marketo, salesforce].map(({ url }) => new URL(url).host));
  try {
    const { org, setup } = salesforce.vendor;
    const at = Date.now() - HOUR_MS;
    createRecordFiller(org, setup.userReference).add('Contact', {
      values: { LastName: 'Sample', Email: 'ann@example.com' },
      createdAt: at,
      updatedAt: at,
    });
    const client = { clientId: 'sandbox', clientSecret: 'sandbox' };
    const auth = { type: 'clientCredentials', ...client };
    const [source, destination] = [
      await sync.addConnection({ name: 'S', kind: 'salesforce', settings: { loginUrl: salesforce.url, auth } }),
      await sync.addConnection({ name: 'M', kind: 'marketo', settings: { baseUrl: marketo.url, ...client } }),
    ];
    marketo.addFault({
      match: { method: 'POST', path: '/rest/v1/leads.json', bodyContains: 'createOnly' },
      nth: 1,
      action: { type: 'resetAfter' },
    });

    const { counts } = await sync.run({
      name: 'Contacts to leads',
      source: { connectionId: source, object: 'Contact' },
      destination: { connectionId: destination, object: 'Lead' },
      mappings: [
        { from: { field: 'Email' }, to: 'email' },
        { from: { field: 'LastName' }, to: 'lastName' },
      ],
    });

    expect(counts).toMatchObject({ created: 1, unchanged: 0 });
  } finally {
    spy.mockRestore();
    await sync.stop();
    await sandbox.stop();
  }
}, 120_000);
