import { addsUp, type Counts } from '../../src/domain/outcome';
import { MarketoSyncs, type ShownSync } from '../support/marketo-syncs';
import { marketoPeople } from '../support/vendor-rows';

/** Twenty full batches: more than are sent at once. */
const PEOPLE = 6_000;
const BATCH = 300;

let syncs: MarketoSyncs;

beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: 0 });
  syncs.sandbox.marketo.vendor.stores.insertRecords(
    'leads',
    Array.from({ length: PEOPLE }, (_none, index) => ({ email: `person${index}@example.com`, lastName: 'Sample' })),
  );
});
afterAll(() => syncs.stop());
beforeEach(() => syncs.reset());

const needsAttention = ({ status }: ShownSync) => status === 'needsAttention';
const completed = ({ status }: ShownSync) => status === 'completed';
const countsOf = ({ lastExecution }: ShownSync): Counts => {
  if (!lastExecution) throw new Error('The sync has not run.');
  return lastExecution.counts;
};
const loadedOf = ({ created, updated, unchanged, failed, skipped }: Counts) =>
  created + updated + unchanged + failed + skipped;

test('a first run loads so many records, waits until somebody has looked, and then loads the rest', async () => {
  const syncId = await syncs.activated({ firstRun: { records: 50 } });

  const waiting = await syncs.until(syncId, needsAttention);
  const there = marketoPeople(syncs.target).length;
  await syncs.control(syncId, 'resume');
  const done = await syncs.until(syncId, completed);

  expect(waiting.problem).toContain('The first 50 records have been loaded');
  expect(loadedOf(countsOf(waiting))).toBe(50);
  expect(there).toBe(50);
  expect(done.lastExecution).toMatchObject({ state: 'succeeded', counts: { read: PEOPLE } });
  expect(addsUp(countsOf(done))).toBe(true);
});

test('a run stops before the rest is damaged when too many of its last records have failed (ASVS 2.3.2)', async () => {
  syncs.target.addFault({
    match: { method: 'POST', path: '/rest/v1/leads.json', bodyContains: 'createOnly' },
    action: {
      type: 'respond',
      status: 200,
      body: {
        requestId: '1',
        success: true,
        result: Array.from({ length: BATCH }, () => ({
          status: 'skipped',
          reasons: [{ code: '1003', message: 'Refused' }],
        })),
      },
    },
    count: 1,
  });
  const syncId = await syncs.activated({ stopAfterFailures: { percent: 10, of: 1_000 } });

  const waiting = await syncs.until(syncId, needsAttention);
  await syncs.control(syncId, 'resume');
  const done = await syncs.until(syncId, completed);

  expect(waiting.problem).toContain('more than 10 % of 1000');
  expect(countsOf(waiting).failed).toBe(BATCH);
  expect(loadedOf(countsOf(waiting))).toBeLessThan(PEOPLE);
  expect(done.lastExecution).toMatchObject({ state: 'partial', counts: { failed: BATCH } });
  expect(addsUp(countsOf(done))).toBe(true);
});
