import pino from 'pino';
import { reconciling } from '../../src/worker/reconcile';
import { givenSync, useDatabase } from '../support/database';

const database = useDatabase();

test('a sync of which not even the start can be told holds up no other', async () => {
  const { sql } = database;
  const [spoilt, sound] = [await givenSync(sql), await givenSync(sql)].sort();
  await sql`update syncs set status = 'active', activation = 1, activated_at = now() - interval '1 minute'`;
  const nothing = async () => undefined;
  const startedSyncs: string[] = [];
  const engine = {
    ...{
      askToLookAgain: nothing,
      endExecution: nothing,
      stopFollowUp: nothing,
      stopPreview: nothing,
      resumeExecution: nothing,
    },
    ...{ startFollowUp: nothing, startPreview: nothing, terminate: nothing },
    isSearchable: async () => true,
    running: async () => new Map(),
    closedSyncs: async () => [],
    look: async () => ({ status: 'missing' as const, activation: null, phase: null }),
    startSync: async ({ syncId }: { syncId: string }) => void startedSyncs.push(syncId),
  };
  const background = reconciling({
    sql,
    engine,
    async startOf({ syncId, activation, name }) {
      if (syncId === spoilt) throw new Error('A secret cannot be opened.');
      return { syncId, activation, name, route: 'A → B', scheduleInWords: 'At once' };
    },
    previewStartOf: async () => {
      throw new Error('There is no preview.');
    },
    followUpStartOf: async () => null,
    now: () => new Date().toISOString(),
    log: pino({ level: 'silent' }),
  });

  for (const each of background) {
    each.start();
    await each.stop();
  }

  expect(startedSyncs).toEqual([sound]);
});
