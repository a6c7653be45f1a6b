import { MarketoSyncs, type ShownSync } from '../support/marketo-syncs';
import { marketoPeople } from '../support/vendor-rows';

jest.setTimeout(45_000);

const PEOPLE = 600;
const WRITES = { method: 'POST', path: '/rest/v1/leads.json' };
const DAILY = { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2026-01-01T02:30' };

let syncs: MarketoSyncs;
beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: PEOPLE });
}, 60_000);
afterAll(() => syncs.stop());
beforeEach(() => {
  syncs.target.faults.clear();
  syncs.reset();
});

const handleOf = (syncId: string) => syncs.sync.client.workflow.getHandle(`sync/${syncId}`);
const asleep = ({ nextRunAt }: ShownSync) => nextRunAt !== null;

/** Has a workflow begin again behind its first task, as an operator does in Temporal. */
async function reset(workflowId: string): Promise<void> {
  const { client } = syncs.sync;
  const { runId } = await client.workflow.getHandle(workflowId).describe();
  await client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId, runId },
    reason: 'by an operator',
    workflowTaskFinishEventId: 4 as never, // the protocol's type is a class of 64-bit numbers
    requestId: runId,
  });
}

test.each(['', '/execution/1'])(
  'when its workflow%s is reset in the middle of a run, it goes on and loads each record once',
  async (which) => {
    syncs.target.addFault({ match: WRITES, count: 2, action: { type: 'delay', ms: 1_500 } });
    const syncId = await syncs.activated();
    await syncs.until(syncId, ({ lastExecution }) => lastExecution?.phase === 'load');

    await reset(`sync/${syncId}${which}`);
    const done = await syncs.until(syncId, ({ status }) => status !== 'active');

    expect(done).toMatchObject({
      status: 'completed',
      lastExecution: { state: 'succeeded', counts: { created: PEOPLE } },
    });
    expect(marketoPeople(syncs.target)).toHaveLength(PEOPLE);
  },
);

test('a sync that is terminated in its sleep is cancelled, and one that is reset in its sleep sleeps on', async () => {
  const [ended, kept] = [await syncs.activated({ schedule: DAILY }), await syncs.activated({ schedule: DAILY })];
  for (const syncId of [ended, kept]) {
    await syncs.until(syncId, asleep);
    while ((await handleOf(syncId).query<{ status: string }>('state')).status !== 'sleeping');
  }

  await reset(`sync/${kept}`);
  await handleOf(ended).terminate('by an operator');
  const shown = await syncs.until(ended, ({ status }) => status !== 'active');
  const paused = handleOf(kept).executeUpdate('pause');

  expect(shown).toMatchObject({ status: 'cancelled', problem: expect.stringContaining('terminated in Temporal') });
  await paused;
  expect(await syncs.until(kept, () => true)).toMatchObject({ status: 'paused' });
});

test('what an operator asks for by updates in Temporal is shown, and refused where the status forbids it', async () => {
  const syncId = await syncs.activated({ schedule: DAILY });
  await syncs.until(syncId, asleep);

  await handleOf(syncId).executeUpdate('pause');
  const paused = await syncs.until(syncId, () => true);
  const run = handleOf(syncId).executeUpdate('runNow');
  await expect(run).rejects.toMatchObject({ cause: { type: 'Refused' } });
  await handleOf(syncId).executeUpdate('resume');
  const resumed = await syncs.until(syncId, () => true);
  await handleOf(syncId).executeUpdate('cancel');
  const cancelled = await syncs.until(syncId, () => true);

  expect([paused.status, resumed.status, cancelled.status]).toEqual(['paused', 'active', 'cancelled']);
});

test('after a restore of a backup, workflows follow what the database says by then', async () => {
  const { sql } = syncs.sync.database;
  const [paused, ended, foreign] = [
    await syncs.activated({ schedule: DAILY }),
    await syncs.activated({ schedule: DAILY }),
    await syncs.activated({ schedule: DAILY }),
  ];
  for (const syncId of [paused, ended, foreign]) await syncs.until(syncId, asleep);

  await sql`update syncs set status = 'paused' where sync_id = ${paused}`;
  await sql`update syncs set status = 'completed', next_run_at = null where sync_id = ${ended}`;
  await sql`delete from syncs where sync_id = ${foreign}`;

  await Promise.all([handleOf(ended).result(), handleOf(foreign).result()]);
  const stateOf = async () => (await handleOf(paused).query<{ status: string }>('state')).status;
  while ((await stateOf()) !== 'paused');
  await sql`update syncs set status = 'active' where sync_id = ${paused}`;
  while ((await stateOf()) !== 'sleeping');
});

test('while no worker runs, wishes are taken and a late sync is overdue; the next worker carries out each once', async () => {
  await syncs.sync.stopWorker();
  const syncId = await syncs.activated({ schedule: DAILY });
  const key = { 'Idempotency-Key': 'run-once' };
  const ask = () => syncs.api.call('POST', `/syncs/${syncId}/run-now`, undefined, key);

  const [first, again] = [await ask(), await ask()];
  const second = await syncs.control(syncId, 'run-now');
  const late = await syncs.api.until(syncId, ({ overdueSince }) => overdueSince !== null);
  await syncs.sync.startWorker();
  const done = await syncs.until(syncId, ({ lastExecution }) => lastExecution?.state === 'succeeded');

  expect([first.status, again.status, second.status]).toEqual([202, 202, 409]);
  expect(again.body).toEqual(first.body);
  expect(late.status).toBe('active');
  expect(done).toMatchObject({ status: 'active', lastExecution: { number: 1 } });
  expect(await syncs.api.call('GET', `/syncs/${syncId}`)).toMatchObject({ body: { overdueSince: null } });
});
