import { addsUp } from '../../src/domain/outcome';
import { MarketoSyncs, type ShownSync } from '../support/marketo-syncs';
import { marketoPeople, openBulkJobs, salesforceRows } from '../support/vendor-rows';

jest.setTimeout(120_000);

/** Thirty requests to Marketo, ten of them at once. */
const PEOPLE = 9_000;
const BATCH = 300;
const DAY_MS = 86_400_000;
const NEXT_WEEK = {
  type: 'interval',
  every: { amount: 1, unit: 'week' },
  start: new Date(Date.now() - DAY_MS).toISOString(),
};
const WRITES = { method: 'POST', path: '/rest/v1/leads.json' };

let syncs: MarketoSyncs;
let salesforceId: string;

beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: PEOPLE });
  const { url, credentials } = syncs.sandbox.salesforce;
  const { clientId, clientSecret } = credentials;
  const auth = { type: 'clientCredentials', clientId, clientSecret };
  const settings = { loginUrl: url, quotaShare: 1, auth };
  const reply = await syncs.api.call('POST', '/connections', { name: 'Org', kind: 'salesforce', settings });
  salesforceId = String(reply.body.id);
}, 60_000);
afterAll(() => syncs.stop());
beforeEach(() => {
  syncs.target.faults.clear();
  syncs.reset();
});

const isRunning = ({ lastExecution }: ShownSync) => lastExecution?.state === 'running';

/** Cancels, and waits until nothing is left of the sync in Temporal. @returns the sync by then */
async function cancelled(syncId: string): Promise<ShownSync> {
  expect(await syncs.control(syncId, 'cancel')).toMatchObject({ status: 202, body: { status: 'cancelled' } });
  return ended(syncId);
}

async function ended(syncId: string): Promise<ShownSync> {
  const { workflow } = syncs.sync.client;
  await workflow.getHandle(`sync/${syncId}`).result();
  const shown = await syncs.until(syncId, (sync) => !isRunning(sync));
  const open = [];
  for await (const { workflowId } of workflow.list({ query: `ExecutionStatus = 'Running'` }))
    if (workflowId.startsWith(`sync/${syncId}`)) open.push(workflowId);
  expect(open).toEqual([]);
  expect(shown).toMatchObject({ status: 'cancelled', nextRunAt: null });
  return shown;
}

/** The account of a cancelled execution, which has to be true. */
function accountOf({ lastExecution }: ShownSync) {
  expect(lastExecution).toMatchObject({ number: 1, state: 'cancelled', phase: null });
  const counts = lastExecution?.counts;
  if (!counts) throw new Error('It has no execution.');
  expect(counts.read).toBe(PEOPLE);
  expect(addsUp(counts)).toBe(true);
  return counts;
}

describe('C26: cancel means cancelled, soon', () => {
  test('in the middle of the batches: what was sent has its outcomes, the rest is skipped, and nothing is sent later', async () => {
    syncs.target.addFault({ match: WRITES, action: { type: 'delay', ms: 1_000 } });
    const syncId = await syncs.activated();
    await syncs.until(syncId, ({ lastExecution }) => (lastExecution?.counts.created ?? 0) >= BATCH);

    const counts = accountOf(await cancelled(syncId));

    const { body } = await syncs.api.call('GET', `/syncs/${syncId}`);
    const { id } = body.lastExecution as unknown as { id: string };
    const skipped = await syncs.api.call('GET', `/executions/${id}/records?outcome=skipped&limit=1`);
    expect(counts.created).toBeGreaterThanOrEqual(BATCH);
    expect(counts.skipped).toBe(PEOPLE - counts.created);
    expect(skipped.body.items).toMatchObject([{ outcome: 'skipped', reason: 'cancelled' }]);
    expect(marketoPeople(syncs.target)).toHaveLength(counts.created);
    expect(syncs.target.writeLog()).toHaveLength(counts.created);
  });

  test('while a job is polled that has not begun: it is aborted', async () => {
    const { salesforce } = syncs.sandbox;
    const before = salesforce.vendor.org.settings.bulkStartDelayMs;
    salesforce.vendor.org.changeSettings({ bulkStartDelayMs: 3_600_000 });
    const syncId = await syncs.activated({
      destination: { connectionId: salesforceId, object: 'Contact' },
      mappings: [
        { from: { field: 'email' }, to: 'Email' },
        { from: { field: 'lastName' }, to: 'LastName' },
      ],
    });
    while (!(await openBulkJobs(salesforce)).some(({ state }) => state === 'UploadComplete'))
      await syncs.until(syncId, isRunning);

    const counts = accountOf(await cancelled(syncId));

    salesforce.vendor.org.changeSettings({ bulkStartDelayMs: before });
    expect(counts.skipped).toBe(PEOPLE);
    expect(await openBulkJobs(salesforce)).toEqual([]);
    expect(await salesforceRows(salesforce, 'SELECT Id FROM Contact')).toEqual([]);
  });

  test('twice at once: the second is told why not', async () => {
    const syncId = await syncs.activated({ schedule: NEXT_WEEK });

    const replies = await Promise.all([syncs.control(syncId, 'cancel'), syncs.control(syncId, 'cancel')]);

    const [first, second] = replies.sort((one, other) => one.status - other.status);
    expect(first?.status).toBe(202);
    expect(second).toMatchObject({ status: 409, body: { detail: expect.stringContaining('The sync is cancelled') } });
    await ended(syncId);
  });

  test('at the same moment as a pause: it is cancelled, whichever came first', async () => {
    syncs.target.addFault({ match: WRITES, action: { type: 'delay', ms: 1_000 } });
    const syncId = await syncs.activated();
    await syncs.until(syncId, ({ lastExecution }) => lastExecution?.phase === 'load');

    const [paused, cancel] = await Promise.all([syncs.control(syncId, 'pause'), syncs.control(syncId, 'cancel')]);

    expect(cancel.status).toBe(202);
    expect([202, 409]).toContain(paused.status);
    const counts = accountOf(await ended(syncId));
    expect(marketoPeople(syncs.target)).toHaveLength(counts.created);
  });

  test('while it sleeps until next week: it ends without a run', async () => {
    const syncId = await syncs.activated({ schedule: NEXT_WEEK });
    await syncs.until(syncId, ({ nextRunAt }) => nextRunAt !== null);

    const shown = await cancelled(syncId);

    expect(shown.lastExecution).toBeNull();
  });

  // the last one: what an instance has said of its quota is remembered
  test('while it waits for a quota: the wait ends with it', async () => {
    syncs.target.addFault({ match: WRITES, action: { type: 'vendorError', code: '607' } });
    const syncId = await syncs.activated();
    await syncs.until(syncId, ({ lastExecution }) => Boolean(lastExecution?.problem?.includes('607')));

    const counts = accountOf(await cancelled(syncId));

    expect(counts.skipped).toBe(PEOPLE);
    expect(marketoPeople(syncs.target)).toEqual([]);
  });
});
