import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import pino from 'pino';
import { endActivation } from '../../db/queries/sync-runs';
import { undeliveredWishes } from '../../db/queries/wish-delivery';
import { isRunAsked, listWishes, noteWish } from '../../db/queries/wishes';
import { FailureType } from '../../src/domain/failures';
import { deliveringWishes } from '../../src/worker/wish-delivery';
import { givenSync, useDatabase } from '../support/database';

const database = useDatabase();

/** An active sync, somebody who wants it to run, and perhaps a run that has begun since. */
async function givenWish({ isRunning }: { isRunning: boolean }): Promise<string> {
  const { sql } = database;
  const syncId = await givenSync(sql);
  await sql`update syncs set status = 'active', activation = 1 where sync_id = ${syncId}`;
  await sql`insert into sync_wishes (sync_id, activation, kind, asked_by) values (${syncId}, 1, 'runNow', 'test')`;
  if (isRunning) {
    await sql`
      insert into executions (sync_id, number, version, trigger, scheduled_for, state, staged_on, as_of)
      values (${syncId}, 2, 1, 'schedule', now(), 'running', current_date, now())`;
  }
  return syncId;
}

/** Delivers to a workflow whose run, as far as it has heard, goes on for so many deliveries. @returns how often it was asked */
async function delivered(refusals: number): Promise<number> {
  let asked = 0;
  const engine = {
    async deliver() {
      asked += 1;
      if (asked > refusals) return;
      const cause = ApplicationFailure.nonRetryable('The sync is running already.', FailureType.AlreadyRunning);
      throw new WorkflowUpdateFailedError('Workflow Update failed', cause);
    },
  };
  const delivering = deliveringWishes(database.sql, engine, pino({ level: 'silent' }));
  delivering.start();
  while ((await database.sql`select from sync_wishes where delivered_at is null`).length > 0);
  await delivering.stop();
  return asked;
}

const refusalOf = async (syncId: string) =>
  (await database.sql<{ refusal: string | null }[]>`select refusal from sync_wishes where sync_id = ${syncId}`)[0]
    ?.refusal;

test('when the last run has ended and its workflow has not heard of it yet, a run that is asked for is not forgotten', async () => {
  const syncId = await givenWish({ isRunning: false });

  expect(await delivered(2)).toBe(3);
  expect(await refusalOf(syncId)).toBeNull();
});

test('when a run has begun since, it is the one that was asked for', async () => {
  const syncId = await givenWish({ isRunning: true });

  expect(await delivered(2)).toBe(1);
  expect(await refusalOf(syncId)).toBe('The sync is running already.');
});

test('wishes are delivered in the order in which the status has changed, whichever transaction began first', async () => {
  const { db, sql } = database;
  const syncId = await givenSync(sql);
  await db.transaction(async (first) => {
    await first.execute('select 1');
    await db.transaction((second) => noteWish(second, { syncId, kind: 'resume', askedBy: 'one' }));
    await noteWish(first, { syncId, kind: 'pause', askedBy: 'another' });
  });

  const wishes = (await undeliveredWishes(sql)).filter((wish) => wish.syncId === syncId);

  expect(wishes.map(({ kind }) => kind)).toEqual(['resume', 'pause']);
});

test('a run that the workflow has been told of is asked for until it has begun; where the sync ends before, that is said', async () => {
  const { db, sql } = database;
  const syncId = await givenWish({ isRunning: false });
  await delivered(0);

  const isAsked = await isRunAsked(db, syncId);
  await endActivation(sql, { syncId, activation: 1 }, { status: 'completed', now: new Date().toISOString() });

  expect([isAsked, await isRunAsked(db, syncId)]).toEqual([true, false]);
  expect(await refusalOf(syncId)).toContain('before the run had begun');
  expect(await listWishes(db, syncId, null, 10)).toMatchObject([{ kind: 'runNow', isToCome: false }]);
});
