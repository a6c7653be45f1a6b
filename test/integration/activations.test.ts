import { createActivities } from '../../activities';
import { addsUp } from '../../src/domain/outcome';
import { KEY_HASHES } from '../support/key-hashes';
import { MarketoSyncs } from '../support/marketo-syncs';
import { marketoPeople } from '../support/vendor-rows';

const DAILY = { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2026-01-01T02:30' };
/** The sandbox answers each write after this time: a run is in mid-load for a while. */
const SLOW_MS = 1_500;

let syncs: MarketoSyncs;

beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: 400 });
}, 60_000);
afterAll(() => syncs.stop());
beforeEach(() => syncs.reset());

const slowly = () =>
  syncs.target.faults.add({ match: { path: '/rest/v1/leads.json' }, action: { type: 'delay', ms: SLOW_MS } });

/** Activities alone, over the same database, without the workflows that call them. */
const activities = () => {
  const unused = () => Promise.reject(new Error('not needed here'));
  const { database } = syncs.sync;
  return createActivities({
    sql: database.sql,
    connect: unused,
    definitionOf: unused,
    routeOf: unused,
    now: () => new Date().toISOString(),
    defaultTimeZone: 'UTC',
    keyHashes: KEY_HASHES,
    log: { info: unused, warn: unused } as never, // nothing is logged here
  });
};

test('when a sync was activated again, the end of its old workflow leaves the new activation as it is', async () => {
  const syncId = await syncs.activated({ schedule: DAILY });
  const { nextRunAt } = await syncs.until(syncId, (sync) => sync.nextRunAt !== null);
  await syncs.sync.database.sql`update syncs set activation = 2 where sync_id = ${syncId}`;

  await activities().endSync({ syncId, activation: 1, status: 'cancelled' });
  const openedByOld = await activities().openRun({ syncId, activation: 1, dueAt: null, now: new Date().toISOString() });

  expect(await syncs.until(syncId, () => true)).toMatchObject({ status: 'active', nextRunAt, lastExecution: null });
  expect(openedByOld).toBeNull();
});

test('a sync that is cancelled and activated again within moments, again and again, is active in the end', async () => {
  const syncId = await syncs.activated({ schedule: DAILY });

  for (let round = 0; round < 3; round += 1) {
    await syncs.until(syncId, ({ nextRunAt }) => nextRunAt !== null);
    expect((await syncs.control(syncId, 'cancel')).status).toBe(202);
    while ((await syncs.control(syncId, 'activate')).status !== 202); // refused until the wish has come to the workflow
  }

  expect(await syncs.until(syncId, ({ nextRunAt }) => nextRunAt !== null)).toMatchObject({ status: 'active' });
}, 60_000);

test('a wish of a sync whose workflow could not be started yet is kept until it runs', async () => {
  const api = await syncs.apiWith({
    startSync: () => Promise.reject(new Error('Temporal is away.')),
    startPreview: () => Promise.reject(new Error('Temporal is away.')),
    stopPreview: () => Promise.reject(new Error('Temporal is away.')),
    startFollowUp: () => Promise.reject(new Error('Temporal is away.')),
    stopFollowUp: () => Promise.reject(new Error('Temporal is away.')),
    readiness: () => Promise.resolve({ temporal: false, worker: false }),
  });
  const syncId = await syncs.saved({ schedule: DAILY });

  const activated = await api.call('POST', `/syncs/${syncId}/activate`);
  const asked = await api.call('POST', `/syncs/${syncId}/run-now`);
  await api.stop();

  expect([activated.status, asked.status]).toEqual([202, 202]);
  const done = await syncs.until(syncId, ({ lastExecution }) => lastExecution?.state === 'succeeded');
  expect(done).toMatchObject({ status: 'active', lastExecution: { number: 1, trigger: 'manual' } });
}, 60_000);

test('when the workflow of an execution is terminated in Temporal, what was sent is settled and accounted for', async () => {
  slowly();
  const syncId = await syncs.activated();
  await syncs.until(syncId, ({ lastExecution }) => lastExecution?.phase === 'load');

  await syncs.sync.client.workflow.getHandle(`sync/${syncId}/execution/1`).terminate();
  const ended = await syncs.until(syncId, ({ status }) => status === 'cancelled');

  const counts = ended.lastExecution?.counts;
  expect(ended.lastExecution).toMatchObject({ number: 1, state: 'cancelled' });
  expect(counts && addsUp(counts)).toBe(true);
  expect(marketoPeople(syncs.target)).toHaveLength(counts?.created ?? -1);
}, 60_000);

test('when the workflow of a sync is terminated in Temporal, the sync is cancelled and says so', async () => {
  slowly();
  const syncId = await syncs.activated();
  await syncs.until(syncId, ({ lastExecution }) => lastExecution?.phase === 'load');

  await syncs.sync.client.workflow.getHandle(`sync/${syncId}`).terminate();
  const ended = await syncs.until(
    syncId,
    (sync) => sync.lastExecution?.state !== 'running' && sync.status !== 'active',
  );

  expect(ended).toMatchObject({ status: 'cancelled', lastExecution: { state: 'cancelled' } });
  expect(ended.problem).toContain('terminated in Temporal');
  expect(ended.lastExecution && addsUp(ended.lastExecution.counts)).toBe(true);
}, 60_000);
