import { type DatabaseClient, openDatabase } from '../../db/client';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { Gate } from '../support/gate';

/** The driver as installed needs docs/decisions/030-the-database-driver-is-mended.md for these. */
let testDatabase: TestDatabase;
let gate: Gate;
let client: DatabaseClient;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  const url = new URL(testDatabase.url);
  gate = await Gate.before(url.host);
  await gate.open();
  url.host = `127.0.0.1:${gate.port}`;
  // one connection: whatever is wrong with it shows in the next query
  client = openDatabase(url.href, { max: 1 });
});
afterEach(async () => {
  await client.close();
  await gate.close();
  await testDatabase.drop();
});

const answers = async () => (await client.sql`select 1 as one`)[0]?.one;

test('when a connection is cut within a transaction, the transaction fails, and the next one has a new connection', async () => {
  const transaction = client.sql.begin(async (tx) => {
    await tx`select 1`;
    const waiting = tx`select pg_sleep(60)`;
    await gate.close();
    await waiting;
  });

  await expect(transaction).rejects.toThrow();
  await gate.open();

  expect(await answers()).toBe(1);
});

test('when a connection is cut between two statements of a transaction, the second one fails, and the next has a new connection', async () => {
  const transaction = client.sql.begin(async (tx) => {
    await tx`select 1`;
    await gate.close();
    await tx`select 2`;
  });

  await expect(transaction).rejects.toThrow();
  await gate.open();

  expect(await answers()).toBe(1);
});

test('when the server ends a connection while statements are written to it, some fail, and then all is well', async () => {
  const admin = openDatabase(testDatabase.url, { max: 1 });
  for (let round = 0; round < 20; round += 1) {
    const [row] = await client.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const ending = admin.sql`select pg_terminate_backend(${row?.pid ?? 0})`;
    await Promise.allSettled([ending, ...Array.from({ length: round }, answers)]);

    // the first may still meet the end of the old connection
    const [, , last] = [await settled(), await settled(), await settled()];
    expect(last).toBe(1);
  }
  await admin.close();
});

const settled = () => answers().catch((error: Error) => error.message);
