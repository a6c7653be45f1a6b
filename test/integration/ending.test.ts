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
