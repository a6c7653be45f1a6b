import { MarketoSyncs } from '../support/marketo-syncs';
import { marketoPeople } from '../support/vendor-rows';
import { incompatibleBundle } from '../support/workflow-bundle';

jest.setTimeout(120_000);

const PEOPLE = 900;

let syncs: MarketoSyncs;
beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: PEOPLE });
}, 60_000);
afterAll(() => syncs.stop());

/** Waits until workers have failed at the present task of a workflow more than once. */
async function untilStuck(workflowId: string): Promise<void> {
  for (let attempt = 0; attempt < 2; ) {
    const { raw } = await syncs.sync.client.workflow.getHandle(workflowId).describe();
    attempt = raw.pendingWorkflowTask?.attempt ?? 0;
  }
}

test('C27: a run that meets code that it does not fit is not failed, and goes on when the right code is back', async () => {
  const slow = syncs.target.addFault({
    match: { method: 'POST', path: '/rest/v1/leads.json' },
    action: { type: 'delay', ms: 1_000 },
  });
  const syncId = await syncs.activated();
  await syncs.until(syncId, ({ lastExecution }) => lastExecution?.phase === 'load');

  await syncs.sync.stopWorker();
  syncs.target.faults.remove(slow.id);
  const { codePath } = await incompatibleBundle();
  await syncs.sync.startWorker(codePath);
  await untilStuck(`sync/${syncId}/execution/1`);
  const stuck = await syncs.until(syncId, () => true);
  await syncs.sync.stopWorker();
  await syncs.sync.startWorker();
  const done = await syncs.until(syncId, ({ status }) => status === 'completed');

  expect(stuck).toMatchObject({ status: 'active', lastExecution: { state: 'running' } });
  expect(done.lastExecution).toMatchObject({ number: 1, state: 'succeeded', counts: { created: PEOPLE, updated: 0 } });
  expect(marketoPeople(syncs.target)).toHaveLength(PEOPLE);
  expect(syncs.target.writeLog()).toHaveLength(PEOPLE);
});

test('a worker that is asked to end in the middle of a load ends at the border of a batch, and the next one repeats nothing', async () => {
  syncs.reset();
  syncs.target.addFault({
    match: { method: 'POST', path: '/rest/v1/leads.json' },
    action: { type: 'delay', ms: 1_000 },
  });
  const syncId = await syncs.activated();
  await syncs.until(syncId, ({ lastExecution }) => lastExecution?.phase === 'load');

  await syncs.sync.stopWorker();
  const between = await syncs.until(syncId, () => true);
  const sentBefore = syncs.target.writeLog().length;
  await syncs.sync.startWorker();
  const done = await syncs.until(syncId, ({ status }) => status === 'completed');

  expect(between.lastExecution?.counts.created).toBe(sentBefore);
  expect(done.lastExecution).toMatchObject({ state: 'succeeded', counts: { created: PEOPLE } });
  expect(syncs.target.writeLog()).toHaveLength(PEOPLE);
});
