import pino from 'pino';
import { type DatabaseClient, openDatabase } from '../../db/client';
import { planBatch, readBatch } from '../../db/queries/batches';
import { closeExecution, openExecution, readExecution, takeOver } from '../../db/queries/executions';
import { appendOutcomes } from '../../db/queries/ledger';
import { neededDays, oneAtATime } from '../../db/queries/retention';
import { addMapped, saveParts, stagePage } from '../../db/queries/staging';
import { OUTCOMES, type Outcome } from '../../src/domain/outcome';
import { keepRetention } from '../../src/worker/retention';
import { createTestDatabase, givenSync, type TestDatabase } from '../support/database';

/** The staged values of a record, its previous value, its key and the vendor's words about it: what must go. */
const MARKER = 'marker-of-a-person';
const STARTED = '2026-03-01T08:00:00.000Z';
const daysLater = (days: number) => new Date(Date.parse(STARTED) + days * 86_400_000).toISOString();

let database: TestDatabase;
let client: DatabaseClient;

beforeEach(async () => {
  database = await createTestDatabase();
  client = openDatabase(database.url, { max: 4 });
  await client.sql`select create_day_partitions('2026-03-01', '2026-03-02')`;
});

afterEach(async () => {
  await client.close();
  await database.drop();
});

const retain = (now: string) =>
  keepRetention({ sql: client.sql, retentionDays: 30, now: () => now, log: pino({ level: 'silent' }) });

/** Opens an execution with a record of each outcome, each with its values. */
async function givenExecution({ asOf = STARTED }: { asOf?: string } = {}) {
  const opened = await openExecution(client.sql, {
    ...{ syncId: await givenSync(client.sql), number: 1, trigger: 'now' as const, scheduledFor: asOf, asOf },
  });
  const { executionId, stagedOn } = opened;
  const { epoch } = await takeOver(client.sql, executionId);
  const attempt = { executionId, epoch, stagedOn };
  const outcomes = OUTCOMES.map(
    (outcome, index): Outcome => ({
      sortKey: String(index).padStart(20, '0'),
      sourceId: `source-${outcome}`,
      matchKey: `${MARKER}-${outcome}@example.com`,
      outcome,
      reason: outcome === 'failed' ? 'INVALID_EMAIL_ADDRESS' : null,
      message: outcome === 'failed' ? `Invalid: ${MARKER}` : outcome === 'duplicate' ? 'Record 7 is kept.' : null,
      field: outcome === 'failed' ? 'Email' : null,
      destinationId: outcome === 'created' ? '0035g00000AbCdEAAV' : null,
    }),
  );
  const rows = outcomes.map(({ sortKey, sourceId, matchKey }) => ({ sortKey, sourceId, matchKey }));
  await saveParts(client.sql, { executionId, epoch }, [{ part: 0, cursor: { n: 0 }, sourceIds: null }]);
  await stagePage(client.sql, attempt, 0, {
    rows: rows.map((row) => ({ ...row, createdAt: null, updatedAt: null, body: `["${MARKER}"]` })),
    next: null,
    total: null,
  });
  await addMapped(
    client.sql,
    attempt,
    rows.map((row) => ({ ...row, round: 1, body: `{"Email":"${MARKER}"}`, note: null })),
  );
  const planned = { ...rows[3], key: MARKER, values: {}, previous: { Phone: MARKER }, destinationId: '1' };
  const batch = await planBatch(client.sql, attempt, {
    operation: 'update',
    round: 1,
    records: [planned as never],
    at: new Date().toISOString(),
  });
  await client.sql.begin((tx) => appendOutcomes(tx, attempt, outcomes));
  return { executionId, stagedOn, batchId: batch.batchId };
}

const end = (executionId: string, now: string) => closeExecution(client.sql, executionId, { state: 'partial', now });

const staged = async (executionId: string) => {
  const rows = await client.sql<{ source_id: string }[]>`
    select source_id from staged_records where execution_id = ${executionId} order by sort_key`;
  return rows.map(({ source_id: sourceId }) => sourceId.replace('source-', ''));
};

/** How often the marker is found in any row of the database. */
async function traces(): Promise<number> {
  const tables = await client.sql<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind = 'r'`;
  let found = 0;
  for (const { name } of tables) {
    const [row] = await client.sql<{ times: number }[]>`
      select count(*)::int as times from ${client.sql(name)} t where t::text like ${`%${MARKER}%`}`;
    found += row?.times ?? 0;
  }
  return found;
}

test('when an execution has ended, values of what was left out or is unchanged are gone, and the others kept (ASVS 11.7.2)', async () => {
  const { executionId, stagedOn, batchId } = await givenExecution();
  await retain(daysLater(1));
  expect(await staged(executionId)).toHaveLength(OUTCOMES.length);

  await end(executionId, daysLater(1));
  await retain(daysLater(1));

  expect(await staged(executionId)).toEqual(['created', 'updated', 'skipped', 'failed']);
  expect((await readBatch(client.sql, stagedOn, batchId)).records[0]?.previous).toEqual({ Phone: MARKER });
});

test('when values have been kept long enough, they go with their day, and no trace of a person is left (ASVS 14.2.4)', async () => {
  const { executionId } = await givenExecution();
  await end(executionId, daysLater(0));

  await retain(daysLater(29));
  expect(await staged(executionId)).not.toEqual([]);
  await retain(daysLater(32));

  expect(await traces()).toBe(0);
  const days = await client.sql`select 1 from pg_class where relname = 'staged_records_20260301'`;
  expect(days).toHaveLength(0);
});

test('outcomes stay without values: Ids, what became of each record, and the code of a failure', async () => {
  const { executionId } = await givenExecution();
  await end(executionId, daysLater(0));

  await retain(daysLater(32));

  const outcomes = await client.sql<
    Outcome[]
  >`select * from outcomes where execution_id = ${executionId} order by sort_key`;
  expect(outcomes).toHaveLength(OUTCOMES.length);
  expect(outcomes[6]).toMatchObject({
    ...{ source_id: 'source-failed', match_key: null, outcome: 'failed', reason: 'INVALID_EMAIL_ADDRESS' },
    ...{ message: null, field: 'Email' },
  });
  expect(outcomes[1]).toMatchObject({ outcome: 'duplicate', match_key: null, message: 'Record 7 is kept.' });
  expect(outcomes[2]).toMatchObject({ outcome: 'created', destination_id: '0035g00000AbCdEAAV' });
  expect((await readExecution(client.sql, executionId)).counts).toMatchObject({ read: 7, created: 1, failed: 1 });
});

test('a run that is older than what is kept has all it needs, also for as long after its end; others of its day go', async () => {
  const long = await givenExecution();
  const short = await givenExecution();
  await end(short.executionId, daysLater(0));

  await retain(daysLater(40));

  expect(await staged(long.executionId)).toHaveLength(OUTCOMES.length);
  expect(await staged(short.executionId)).toEqual([]);
  await end(long.executionId, daysLater(41));
  await retain(daysLater(70));
  expect(await staged(long.executionId)).not.toEqual([]);
  await retain(daysLater(72));
  expect(await traces()).toBe(0);
});

test('what a running execution keeps to stays with it: the plan of an applied preview', async () => {
  const planned = await givenExecution();
  const applying = await givenExecution({ asOf: daysLater(1) });
  await end(planned.executionId, daysLater(0));
  await client.sql`update executions set applies = ${planned.executionId} where execution_id = ${applying.executionId}`;

  expect(await neededDays(client.sql, daysLater(2))).toEqual(new Set(['2026-03-01', '2026-03-02']));
  await end(applying.executionId, daysLater(1));
  expect(await neededDays(client.sql, daysLater(2))).toEqual(new Set());
});

test('one process does it at a time; the others leave it', async () => {
  const done: boolean[] = [];
  const first = await oneAtATime(client.sql, 'retention', async () => {
    done.push(await oneAtATime(client.sql, 'retention', async () => undefined));
  });

  expect([first, done]).toEqual([true, [false]]);
});

test('a partition that is being read stays for the next time', async () => {
  const { executionId } = await givenExecution();
  await end(executionId, daysLater(0));

  await client.sql.begin(async (reader) => {
    await reader`select 1 from staged_records_20260301`;
    await retain(daysLater(32));
  });
  const kept = () => client.sql`select relname from pg_class where relname ~ '^(staged|mapped)_records_20260301$'`;
  expect((await kept()).map(({ relname }) => relname)).toEqual(['staged_records_20260301']);
  await retain(daysLater(32));

  expect(await kept()).toHaveLength(0);
});
