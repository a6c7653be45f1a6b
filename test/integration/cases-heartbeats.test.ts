import { setTimeout as nextLook } from 'node:timers/promises';
import { type MarketoHost, type SalesforceHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import type { ActivityRuns, Ran } from '../support/activity-runs';
import { connectedRuns } from '../support/connected-runs';
import fc from '../support/fast-check';

/** One of many; the whole of Sync is killed by `npm run chaos`. */
const SEED = 25;
const PEOPLE = 2_000;
const PAGE_BYTES = 16 * 1_024;
const DAY_MS = 86_400_000;
const AT = {
  marketo: '11111111-1111-4111-8111-111111111111',
  salesforce: '33333333-3333-4333-8333-333333333333',
};

let sandbox: Sandbox;
let runs: ActivityRuns;
beforeAll(async () => {
  sandbox = await startSandbox();
  runs = await connectedRuns(sandbox, {
    marketo: { [AT.marketo]: sandbox.marketo },
    salesforce: { [AT.salesforce]: sandbox.salesforce },
    tuning: { [AT.salesforce]: { jobRecords: 400, firstPollMs: 10 } },
    marketoTuning: { pageBytes: PAGE_BYTES },
  });
});
afterAll(async () => {
  await runs.stop();
  await sandbox.stop();
});
beforeEach(() => {
  for (const host of [sandbox.marketo, sandbox.salesforce]) host.reset();
  sandbox.clock.advance(20_000);
  sandbox.marketo.vendor.stores.settings.change({ jobMs: 0 });
  const at = sandbox.clock.now() - DAY_MS;
  const people = Array.from({ length: PEOPLE }, (_none, index) => ({
    email: `person${index % (PEOPLE - 50)}@example.com`,
    firstName: `Person ${index}`,
    lastName: 'Sample',
    createdAt: at,
    updatedAt: at + index,
  }));
  sandbox.marketo.vendor.stores.insertRecords('leads', people);
});

const calls = (host: MarketoHost | SalesforceHost, endpoint: RegExp): number =>
  host
    .counters()
    .filter((counter) => endpoint.test(counter.endpoint))
    .reduce((sum, { count }) => sum + count, 0);
const pagesRead = () => calls(sandbox.marketo, /export\/.*\/file/);
const jobsMade = () => calls(sandbox.salesforce, /jobs\/ingest$/);
const created = () => sandbox.salesforce.writeLog({ operation: 'create' });

/** Waits until so many calls of a kind were made. */
async function until(count: () => number, wanted: number): Promise<void> {
  while (count() < wanted) await nextLook(1);
}

/** @param lost see `ActivityRuns.run` */
async function run(lost: Parameters<ActivityRuns['run']>[1] = {}): Promise<Ran> {
  const syncId = await runs.sync({
    name: 'Leads to contacts',
    source: { connectionId: AT.marketo, object: 'Lead' },
    destination: { connectionId: AT.salesforce, object: 'Contact' },
    deduplicate: 'youngestByLastUpdate',
    mappings: Object.entries({ email: 'Email', firstName: 'FirstName', lastName: 'LastName' }).map(([field, to]) => ({
      from: { field },
      to,
    })),
  });
  const { clock } = sandbox;
  return runs.run(syncId, { wait: (until) => clock.set(Math.max(clock.now(), Date.parse(until))), ...lost });
}

test('C25: attempts that are lost at random moments, with whatever their heartbeats said, leave all as if nothing had happened', async () => {
  const calm = await run();
  const calmly = { pages: pagesRead(), jobs: jobsMade(), created: created().length };
  sandbox.salesforce.reset();
  sandbox.clock.advance(20_000);
  const moment = (most: number) => fc.sample(fc.integer({ min: 1, max: most }), { seed: SEED, numRuns: 1 })[0] ?? 1;
  const pagesBefore = pagesRead();

  const disturbed = await run({
    twice: ['dedupe'],
    lost: {
      extract: () => until(() => pagesRead() - pagesBefore, moment(calmly.pages - 1)),
      load: () => until(jobsMade, moment(calmly.jobs - 1)),
    },
  });

  expect(calmly.pages).toBeGreaterThan(5);
  expect(calmly.jobs).toBeGreaterThan(3);
  expect(disturbed.counts).toEqual(calm.counts);
  expect([...disturbed.ledger].sort()).toEqual([...calm.ledger].sort());
  // one page is read again, besides the one that the lost attempt had asked for
  expect(pagesRead() - pagesBefore).toBeLessThanOrEqual(calmly.pages + 2);
  expect(created()).toHaveLength(calmly.created);
  expect(new Set(created().map(({ after }) => after?.Email)).size).toBe(calmly.created);
}, 60_000);
