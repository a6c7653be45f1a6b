import { openDatabase } from '../../db/client';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { RunningSync } from '../support/running-sync';
import { salesforceRows } from '../support/vendor-rows';

const PEOPLE = 200;
const DAY_MS = 86_400_000;
const STATEMENT_MS = 1_000;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(() => {
  sandbox.salesforce.reset();
  sandbox.marketo.reset();
  sandbox.clock.advance(20_000);
  sandbox.marketo.vendor.stores.settings.change({ jobMs: 0 });
  const createdAt = sandbox.clock.now() - DAY_MS;
  const people = Array.from({ length: PEOPLE }, (_none, index) => ({
    email: `person${index}@example.com`,
    lastName: 'Sample',
    createdAt,
    updatedAt: createdAt,
  }));
  sandbox.marketo.vendor.stores.insertRecords('leads', people);
});

/** Two syncs of the same people into one object, one run of each at the same time, by two connections to one org. */
async function runTwo(sync: RunningSync, meanwhile: () => Promise<void> = async () => undefined) {
  const client = { clientId: 'sandbox', clientSecret: 'sandbox' };
  const source = await sync.addConnection({
    name: 'Marketo',
    kind: 'marketo',
    settings: { baseUrl: sandbox.marketo.url, quotaShare: 1, ...client },
  });
  const auth = { type: 'clientCredentials', ...client };
  const runOf = async (name: string) => {
    const settings = { loginUrl: sandbox.salesforce.url, quotaShare: 0.08, auth };
    const target = await sync.addConnection({ name, kind: 'salesforce', settings });
    return sync.run({
      name,
      source: { connectionId: source, object: 'Lead' },
      destination: { connectionId: target, object: 'Contact' },
      mappings: [
        { from: { field: 'email' }, to: 'Email' },
        { from: { field: 'lastName' }, to: 'LastName' },
      ],
    });
  };
  const runs = Promise.all([runOf('One'), runOf('Other')]);
  await meanwhile();
  return runs;
}

const hosts = () => [sandbox.marketo, sandbox.salesforce].map(({ url }) => new URL(url).host);
async function expectEachOnce(ended: Awaited<ReturnType<typeof runTwo>>): Promise<void> {
  for (const { state, counts } of ended) {
    expect(state).toBe('succeeded');
    expect(counts).toMatchObject({ read: PEOPLE, failed: 0 });
  }
  expect(ended.reduce((sum, { counts }) => sum + counts.created, 0)).toBe(PEOPLE);
  expect(await salesforceRows(sandbox.salesforce, 'SELECT Id FROM Contact')).toHaveLength(PEOPLE);
}

test('with two connections to the database, and statements that take too long, two syncs into one object still end', async () => {
  const sync = await RunningSync.start(hosts(), undefined, {
    max: 2,
    settings: { statement_timeout: `${STATEMENT_MS}ms` },
  });
  const { sql, close } = openDatabase(sync.databaseUrl, { max: 1 });

  const ended = await runTwo(sync, async () => {
    await sync.untilRunning(2);
    // nobody can stage, plan or settle meanwhile; statements that wait are ended by PostgreSQL
    await sql.begin(async (tx) => {
      await tx`set local statement_timeout = 0`;
      await tx`lock table executions in exclusive mode`;
      await tx`select pg_sleep(${(2 * STATEMENT_MS) / 1_000})`;
    });
  });

  expect(await sync.database.sql`show statement_timeout`).toEqual([{ statement_timeout: '1s' }]);
  await expectEachOnce(ended);
  await close();
  await sync.stop();
}, 90_000);

test('when transactions fail because others came first, they are tried again', async () => {
  const sync = await RunningSync.start(hosts(), undefined, {
    max: 4,
    settings: { default_transaction_isolation: 'serializable' },
  });

  const ended = await runTwo(sync);

  const [isolation] = await sync.database.sql`show transaction_isolation`;
  expect(isolation).toEqual({ transaction_isolation: 'serializable' });
  await expectEachOnce(ended);
  await sync.stop();
}, 90_000);
