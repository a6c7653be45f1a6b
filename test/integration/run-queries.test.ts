import { markSent, markSettled, planBatch, readBatch, unsettledBatchIds } from '../../db/queries/batches';
import {
  closeExecution,
  enterPhase,
  openExecution,
  readExecution,
  SupersededError,
  takeOver,
} from '../../db/queries/executions';
import { appendOutcomes, skipTheRest } from '../../db/queries/ledger';
import { postpone } from '../../db/queries/planning-leases';
import {
  addMapped,
  leaveOutDuplicates,
  listParts,
  type NewMappedRow,
  type StagedRow,
  saveParts,
  stagedAfter,
  stagePage,
} from '../../db/queries/staging';
import type { Outcome } from '../../src/domain/outcome';
import { givenSync, useDatabase } from '../support/database';

const client = useDatabase();

async function givenAttempt() {
  const asOf = new Date().toISOString();
  const opened = { syncId: await givenSync(client.sql), number: 1, trigger: 'now' as const, scheduledFor: asOf, asOf };
  const execution = await openExecution(client.sql, opened);
  const { epoch } = await takeOver(client.sql, execution.executionId);
  const again = await openExecution(client.sql, opened);
  expect(again.executionId).toBe(execution.executionId);
  return { executionId: execution.executionId, epoch, stagedOn: execution.stagedOn };
}

const row = (id: number, more: Partial<StagedRow> = {}): StagedRow => ({
  sortKey: String(id).padStart(20, '0'),
  sourceId: String(id),
  matchKey: `p${id}@example.com`,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  body: JSON.stringify([`Tab\there, line\nbreak, back\\slash, "quote", 👩‍🚀 ${id}`]),
  ...more,
});

const stage = async (attempt: Awaited<ReturnType<typeof givenAttempt>>, rows: StagedRow[], part = 0) => {
  await saveParts(client.sql, attempt, [
    { part: 0, cursor: { n: 0 }, sourceIds: null },
    { part: 1, cursor: { n: 1 }, sourceIds: null },
  ]);
  await stagePage(client.sql, attempt, part, { rows, next: null, total: null });
};

const outcomeOf = (staged: StagedRow, outcome: Outcome['outcome']): Outcome => ({
  sortKey: staged.sortKey,
  sourceId: staged.sourceId,
  matchKey: staged.matchKey,
  outcome,
  reason: null,
  message: null,
  field: null,
  destinationId: null,
});

test('a page comes back as it was staged, and its cursor with it', async () => {
  const attempt = await givenAttempt();
  const rows = [row(2), row(1), row(3, { matchKey: null, updatedAt: null })];

  await stage(attempt, rows);

  const execution = await readExecution(client.sql, attempt.executionId);
  const staged = await stagedAfter(client.sql, execution, null, 10);
  expect(staged.map(({ sourceId, body }) => [sourceId, body])).toEqual(
    [rows[1], rows[0], rows[2]].map((each) => [each?.sourceId, each?.body]),
  );
  expect(execution.counts.read).toBe(3);
  expect(await listParts(client.sql, attempt.executionId)).toMatchObject([
    { cursor: null, records: 3 },
    { cursor: { n: 1 } },
  ]);
});

test('a record that comes in two parts is staged once, as it was read last', async () => {
  const attempt = await givenAttempt();
  await stage(attempt, [row(1), row(2)], 0);

  await stage(attempt, [row(2, { body: '["later"]' }), row(3)], 1);

  const execution = await readExecution(client.sql, attempt.executionId);
  const staged = await stagedAfter(client.sql, execution, null, 10);
  expect(staged.map(({ sourceId }) => sourceId)).toEqual(['1', '2', '3']);
  expect(staged[1]?.body).toBe('["later"]');
  expect(execution.counts.read).toBe(3);
});

test('an attempt that was taken over can neither stage, nor send, nor settle', async () => {
  const zombie = await givenAttempt();
  await stage(zombie, [row(1)]);
  const batch = await planBatch(client.sql, zombie, {
    operation: 'create',
    round: 1,
    records: [],
    at: new Date().toISOString(),
  });
  await takeOver(client.sql, zombie.executionId);

  const sent = { handle: null, at: new Date().toISOString() };
  await expect(stage(zombie, [row(2)])).rejects.toThrow(SupersededError);
  await expect(saveParts(client.sql, zombie, [{ part: 9, cursor: {}, sourceIds: null }])).rejects.toThrow(
    SupersededError,
  );
  await expect(markSent(client.sql, zombie, batch.batchId, sent)).rejects.toThrow(SupersededError);
  await expect(client.sql.begin((tx) => appendOutcomes(tx, zombie, [outcomeOf(row(1), 'created')]))).rejects.toThrow(
    SupersededError,
  );
  const execution = await readExecution(client.sql, zombie.executionId);
  expect(execution.counts).toMatchObject({ read: 1, created: 0 });
  expect(await stagedAfter(client.sql, execution, null, 10)).toHaveLength(1);
});

test('nobody takes over an execution that has come to its end', async () => {
  const { executionId } = await givenAttempt();
  await closeExecution(client.sql, executionId, { state: 'cancelled', now: new Date().toISOString() });

  await enterPhase(client.sql, executionId, 'load', new Date().toISOString());
  await expect(takeOver(client.sql, executionId)).rejects.toThrow(SupersededError);

  expect((await readExecution(client.sql, executionId)).phase).toBeNull();
});

test('a record gets one outcome: a second one fails as a whole, and counts nothing', async () => {
  const attempt = await givenAttempt();
  await stage(attempt, [row(1), row(2)]);
  await client.sql.begin((tx) => appendOutcomes(tx, attempt, [outcomeOf(row(1), 'created')]));

  const twice = client.sql.begin((tx) =>
    appendOutcomes(tx, attempt, [outcomeOf(row(2), 'updated'), outcomeOf(row(1), 'created')]),
  );

  await expect(twice).rejects.toThrow(/duplicate key/);
  const { counts } = await readExecution(client.sql, attempt.executionId);
  expect(counts).toMatchObject({ created: 1, updated: 0 });
});

test('a batch keeps its plan and its identity until it is settled, once', async () => {
  const attempt = await givenAttempt();
  const record = { sortKey: 'x', sourceId: '1', matchKey: null, destinationId: null, key: null, values: { Name: 'Ä' } };
  const { batchId } = await planBatch(client.sql, attempt, {
    operation: 'create',
    round: 1,
    records: [record],
    at: new Date().toISOString(),
  });
  await markSent(client.sql, attempt, batchId, { handle: { jobId: '750' }, at: '2026-01-01T00:00:00.000Z' });

  const batch = await readBatch(client.sql, attempt.stagedOn, batchId);
  await markSettled(client.sql, batchId, '2026-01-01T00:00:01.000Z');

  expect(batch).toMatchObject({
    state: 'sent',
    handle: { jobId: '750' },
    sentAt: '2026-01-01T00:00:00.000Z',
    records: [record],
  });
  expect(await unsettledBatchIds(client.sql, attempt.executionId)).toEqual([]);
  await expect(markSettled(client.sql, batchId, '2026-01-01T00:00:02.000Z')).rejects.toThrow(/settled already/);
});

const trio = [
  row(1, { matchKey: 'a', updatedAt: '2026-01-03T00:00:00.000Z', createdAt: '2026-01-02T00:00:00.000Z' }),
  row(2, { matchKey: 'a', updatedAt: '2026-01-03T00:00:00.000Z', createdAt: '2026-01-01T00:00:00.000Z' }),
  row(3, { matchKey: 'a', updatedAt: null, createdAt: null }),
  row(4, { matchKey: null }),
  row(5, { matchKey: null }),
  row(6, { matchKey: 'b' }),
];

test.each([
  ['importEverything', 0, ['1', '2', '3', '4', '5', '6']],
  ['ignoreDuplicates', 3, ['4', '5', '6']],
  ['youngestByLastUpdate', 2, ['1', '4', '5', '6']],
  ['oldestByCreation', 2, ['2', '4', '5', '6']],
] as const)('under %s, %i of three records with one key are left out', async (rule, leftOut, kept) => {
  const attempt = await givenAttempt();
  await stage(attempt, trio);

  expect(await leaveOutDuplicates(client.sql, attempt, rule, null)).toBe(leftOut);
  expect(await leaveOutDuplicates(client.sql, attempt, rule, null)).toBe(0);

  const execution = await readExecution(client.sql, attempt.executionId);
  const staged = await stagedAfter(client.sql, execution, null, 10);
  expect(staged.map(({ sourceId }) => sourceId)).toEqual(kept);
  expect(execution.counts.duplicates).toBe(leftOut);
  const rounds = staged.map(({ round }) => round);
  expect(rounds).toEqual(rule === 'importEverything' ? [1, 2, 3, 1, 1, 1] : kept.map(() => 1));
});

test('records that are put off again and again, since another run is at work for days, keep their order and stay near', async () => {
  const attempt = await givenAttempt();
  const mapped = (id: number, round: number, matchKey: string): NewMappedRow => {
    const { sortKey, sourceId } = row(id);
    return { round, sortKey, sourceId, matchKey, body: '{}', note: null };
  };
  const rows = [mapped(1, 1, 'busy'), mapped(2, 1, 'free'), mapped(3, 2, 'busy'), mapped(4, 3, 'busy')];
  await addMapped(client.sql, attempt, rows);
  const roundsOf = async () =>
    client.sql<{ sourceId: string; round: number }[]>`
      select source_id as "sourceId", round from mapped_records where execution_id = ${attempt.executionId} order by round, sort_key`;

  for (let times = 0; times < 1_000; times += 1) {
    const first = (await roundsOf()).find(({ sourceId }) => sourceId === '1');
    const place = { round: first?.round ?? 0, after: null };
    await postpone(client.sql, attempt, [{ matchKey: 'busy', sortKey: row(1).sortKey }], place);
  }

  const rounds = await roundsOf();
  expect(rounds.map(({ sourceId }) => sourceId)).toEqual(['2', '1', '3', '4']);
  expect(rounds.at(-1)?.round).toBeLessThan(4_000);
});

test('what was not reached is skipped as cancelled, so that the counts add up', async () => {
  const attempt = await givenAttempt();
  await stage(attempt, [row(1), row(2), row(3)]);
  await client.sql.begin((tx) => appendOutcomes(tx, attempt, [outcomeOf(row(2), 'created')]));

  expect(await skipTheRest(client.sql, attempt)).toBe(2);

  const { counts } = await readExecution(client.sql, attempt.executionId);
  expect(counts).toMatchObject({ read: 3, created: 1, skipped: 2 });
});

test('when a sync or an execution is deleted, its outcomes go with it, and no others', async () => {
  const [kept, gone, ofGoneSync] = [await givenAttempt(), await givenAttempt(), await givenAttempt()];
  for (const attempt of [kept, gone, ofGoneSync]) {
    await client.sql.begin((tx) => appendOutcomes(tx, attempt, [outcomeOf(row(1), 'created')]));
  }

  await client.sql`delete from executions where execution_id = ${gone.executionId}`;
  await client.sql`delete from syncs where sync_id in (select sync_id from executions where execution_id = ${ofGoneSync.executionId})`;

  const ids = [kept, gone, ofGoneSync].map(({ executionId }) => executionId);
  const left = await client.sql`select execution_id from outcomes where execution_id = any(${ids})`;
  expect([...left]).toEqual([{ execution_id: kept.executionId }]);
});

test('of an execution that has been deleted no outcome can be stored', async () => {
  const attempt = await givenAttempt();
  await client.sql`delete from executions where execution_id = ${attempt.executionId}`;

  const append = client.sql.begin((tx) => appendOutcomes(tx, attempt, [outcomeOf(row(1), 'created')]));

  await expect(append).rejects.toThrow(SupersededError);
  const left = await client.sql`select 1 from outcomes where execution_id = ${attempt.executionId}`;
  expect(left).toHaveLength(0);
});
