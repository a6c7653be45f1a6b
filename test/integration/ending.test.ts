import pino from 'pino';
import { createActivities } from '../../activities';
import { openExecution, SupersededError, takeOver } from '../../db/queries/executions';
import { appendOutcomes } from '../../db/queries/ledger';
import { setReading } from '../../db/queries/record-index';
import { saveParts, stagePage } from '../../db/queries/staging';
import { type Definition, definition as definitionSchema } from '../../src/domain/definition';
import { outcomeOf } from '../../src/domain/outcome';
import { givenSync, useDatabase } from '../support/database';
import { KEY_HASHES } from '../support/key-hashes';

jest.setTimeout(60_000);

const database = useDatabase();

const DEFINITION = definitionSchema.parse({
  name: 'Leads to contacts',
  source: { connectionId: '11111111-1111-4111-8111-111111111111', object: 'Lead' },
  destination: { connectionId: '33333333-3333-4333-8333-333333333333', object: 'Contact' },
  mappings: [{ from: { field: 'email' }, to: 'Email' }],
  records: 'changed',
  schedule: { type: 'now' },
});
const RECORD = { sortKey: '00000000000000000001', sourceId: '1', matchKey: 'one@example.com' };

/** @param definitionOf may let something happen while a run is being ended */
const finish = (executionId: string, cancelled: boolean, definitionOf = async (): Promise<Definition> => DEFINITION) =>
  createActivities({
    sql: database.sql,
    connect: async () => {
      throw new Error('The end of a run needs no connection.');
    },
    definitionOf,
    routeOf: async () => 'A → B',
    now: () => new Date().toISOString(),
    defaultTimeZone: 'UTC',
    keyHashes: KEY_HASHES,
    log: pino({ level: 'silent' }),
  }).finish({ executionId, cancelled });

/** A run that has loaded its only record, and is to be ended. */
async function givenRun(): Promise<{ syncId: string; executionId: string }> {
  const { sql } = database;
  const syncId = await givenSync(sql);
  const asOf = new Date().toISOString();
  const opened = { syncId, number: 1, trigger: 'interval' as const, scheduledFor: asOf, asOf };
  const { executionId, stagedOn } = await openExecution(sql, opened);
  const attempt = { ...(await takeOver(sql, executionId)), stagedOn };
  await setReading(sql, attempt, { changedSince: null, readsAllBecause: null, signature: 'key.rules' });
  await saveParts(sql, attempt, [{ part: 0, cursor: {}, sourceIds: null }]);
  const row = { ...RECORD, keyHash: 'hash', createdAt: null, updatedAt: null, body: '["one@example.com"]' };
  await stagePage(sql, attempt, 0, { rows: [row], next: null, total: null });
  await sql.begin((tx) => appendOutcomes(tx, attempt, [outcomeOf(RECORD, 'created', { destinationId: '003' })]));
  return { syncId, executionId };
}

test('an attempt that ends a run although it was taken over leaves what later runs have learnt as it is', async () => {
  const { sql } = database;
  const { syncId, executionId } = await givenRun();
  let isFirst = true;

  const late = finish(executionId, false, async () => {
    if (isFirst) {
      isFirst = false;
      await finish(executionId, false);
      // in a later run the record fails
      await sql`update sync_records set due = true where sync_id = ${syncId}`;
    }
    return DEFINITION;
  });

  await expect(late).rejects.toThrow(SupersededError);
  expect(await sql`select due from sync_records where sync_id = ${syncId}`).toEqual([{ due: true }]);
});

test('a run that is cancelled while it waits for a person leaves no sync behind that waits for one', async () => {
  const { sql } = database;
  const { syncId, executionId } = await givenRun();
  await sql`update syncs set status = 'needsAttention', problem = 'The password is wrong.' where sync_id = ${syncId}`;

  await finish(executionId, true);

  expect(await sql`select status, problem from syncs where sync_id = ${syncId}`).toEqual([
    { status: 'active', problem: null },
  ]);
});

/** Stages more records than are dealt with in one transaction. */
async function givenLargeRun(): Promise<{ syncId: string; executionId: string }> {
  const given = await givenRun();
  await database.sql`
    insert into staged_records (staged_on, execution_id, sort_key, source_id, match_key, body)
    select staged_on, execution_id, lpad(n::text, 20, '0'), n::text, n || '@example.com', '[]'
    from executions, generate_series(2, ${RECORDS}) n where execution_id = ${given.executionId}`;
  return given;
}
const RECORDS = 20_002;
const LAST = String(RECORDS).padStart(20, '0');

/** Has the database refuse the last record in one table, as where the connection to it breaks off. @returns what lets it through again */
async function brokenAtLast(table: string): Promise<() => Promise<unknown>> {
  const { sql } = database;
  await sql.unsafe(`
    create function break_off() returns trigger language plpgsql as $$ begin raise exception 'broken off'; end $$;
    create trigger broken before insert on ${table} for each row when (new.sort_key = '${LAST}') execute function break_off()`);
  return () => sql.unsafe(`drop trigger broken on ${table}; drop function break_off()`);
}

test('a cancelled run whose end breaks off keeps what it has told, and the next attempt tells the rest', async () => {
  const { executionId } = await givenLargeRun();
  const mend = await brokenAtLast('outcomes');

  await expect(finish(executionId, true)).rejects.toThrow('broken off');
  const [told] = await database.sql`select count(*)::int as records from outcomes where execution_id = ${executionId}`;
  await mend();
  const { state, counts } = await finish(executionId, true);

  expect(told?.records).toBe(20_000);
  expect({ state, skipped: counts.skipped }).toEqual({ state: 'cancelled', skipped: RECORDS - 1 });
});

test('a run whose end breaks off keeps what it has remembered, and the next attempt remembers the rest', async () => {
  const { sql } = database;
  const { syncId, executionId } = await givenLargeRun();
  await sql`
    insert into outcomes (execution_id, sort_key, source_id, match_key, outcome)
    select execution_id, sort_key, source_id, match_key, 'unchanged' from staged_records
    where execution_id = ${executionId} and sort_key <> ${RECORD.sortKey}`;
  // of an earlier run; it was not read again
  await sql`insert into sync_records (sync_id, sort_key, source_id, digest) values (${syncId}, '9', '9', 1)`;
  const remembered = async () =>
    (await sql<{ n: number }[]>`select count(*)::int as n from sync_records where sync_id = ${syncId}`)[0]?.n;
  const mend = await brokenAtLast('sync_records');

  await expect(finish(executionId, false)).rejects.toThrow('broken off');
  const first = await remembered();
  await mend();
  await finish(executionId, false);

  expect([first, await remembered()]).toEqual([20_000, RECORDS]);
  const left = await sql`select sort_key from staged_records where execution_id = ${executionId}`;
  expect(left).toMatchObject([{ sort_key: RECORD.sortKey }]);
});
