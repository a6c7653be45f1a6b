import { MarketoSyncs, type ShownSync } from '../support/marketo-syncs';

jest.setTimeout(120_000);

/** What the database says of a sync, after it was taken back. */
const SAID = ['active', 'paused', 'needsAttention', 'completed', 'gone'] as const;
type Said = (typeof SAID)[number];
/** What its workflow does meanwhile. */
const DONE = ['sleeping', 'running', 'paused asleep', 'paused in a run', 'waiting for a person'] as const;
type Done = (typeof DONE)[number];

/** Two batches for each of the syncs, whose records are their own. */
const PEOPLE = 310;
const WRITES = { method: 'POST', path: '/rest/v1/leads.json' };
const DAILY = { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2026-01-01T02:30' };

let syncs: MarketoSyncs;
beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: 0 });
  const { stores } = syncs.sandbox.marketo.vendor;
  stores.settings.change({ jobMs: 0 });
  for (const said of SAID) {
    stores.insertRecords(
      'leads',
      Array.from({ length: PEOPLE }, (_none, index) => ({ email: `${said}${index}@example.com`, lastName: 'Sample' })),
    );
  }
}, 60_000);
afterAll(() => syncs.stop());
beforeEach(() => {
  syncs.target.faults.clear();
  syncs.reset();
});

const handleOf = (syncId: string) => syncs.sync.client.workflow.getHandle(`sync/${syncId}`);
const stateOf = async (syncId: string) => (await handleOf(syncId).query<{ status: string }>('state')).status;
const isRunning = async (syncId: string) => (await handleOf(syncId).describe()).status.name === 'RUNNING';
const inLoad = ({ lastExecution }: ShownSync) => lastExecution?.phase === 'load';

/** A sync whose workflow is as it is wanted. */
async function givenWorkflow(done: Done, said: Said): Promise<string> {
  const filter = { column: 'email', operator: 'startsWith', value: said };
  const syncId = await syncs.activated({ schedule: DAILY, filter });
  await syncs.until(syncId, ({ nextRunAt }) => nextRunAt !== null);
  while ((await stateOf(syncId)) !== 'sleeping');
  if (done === 'paused asleep') await syncs.control(syncId, 'pause');
  if (done === 'running' || done === 'paused in a run' || done === 'waiting for a person') {
    await syncs.runNow(syncId);
    const begun = done === 'waiting for a person' ? ({ status }: ShownSync) => status === 'needsAttention' : inLoad;
    await syncs.until(syncId, begun);
  }
  if (done === 'paused in a run') await syncs.control(syncId, 'pause');
  if (done.startsWith('paused')) while ((await stateOf(syncId)) !== 'paused');
  return syncId;
}

/** As a restore of a backup does. What activities are told is taken back with the status, or not. */
async function takeBack(syncId: string, said: Said): Promise<void> {
  const { sql } = syncs.sync.database;
  if (said === 'gone') await sql`delete from syncs where sync_id = ${syncId}`;
  else await sql`update syncs set status = ${said}, next_run_at = null where sync_id = ${syncId}`;
}

/** Both say the same, and what runs comes to its end; the test's own time limit ends it. */
async function agreement(syncId: string, said: Said, done: Done): Promise<void> {
  if (said === 'completed' || said === 'gone') {
    while (await isRunning(syncId));
    return;
  }
  if (said === 'paused') {
    const { sql } = syncs.sync.database;
    const isPaused = async () => (await isThere(syncId)) && (await stateOf(syncId)) === 'paused';
    while (!(await isPaused()));
    expect(await sql`select status from syncs where sync_id = ${syncId}`).toEqual([{ status: 'paused' }]);
    return;
  }
  if (done === 'waiting for a person') {
    await syncs.until(syncId, ({ status }) => status === 'needsAttention');
    return;
  }
  await syncs.until(syncId, ({ status }) => status === 'active');
  while (!(await isThere(syncId)) || (await stateOf(syncId)) !== 'sleeping');
  if (done === 'running' || done === 'paused in a run') {
    await syncs.until(syncId, ({ lastExecution }) => lastExecution?.state === 'succeeded');
  }
}

const isThere = (syncId: string) =>
  handleOf(syncId)
    .describe()
    .then(
      () => true,
      () => false,
    );

test.each(DONE)('where the workflow is %s, it and the database come to agree, whatever that says', async (done) => {
  const isHeldUp = done === 'waiting for a person';
  if (isHeldUp) syncs.target.faults.add({ match: WRITES, action: { type: 'vendorError', code: '603' } });
  else syncs.target.addFault({ match: WRITES, count: 100, action: { type: 'delay', ms: 2_500 } });
  await Promise.all(
    SAID.map(async (said) => {
      const syncId = await givenWorkflow(done, said);
      await takeBack(syncId, said);
      await agreement(syncId, said, done);
    }),
  );
});
