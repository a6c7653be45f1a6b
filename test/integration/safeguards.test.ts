import { addsUp, type Counts } from '../../src/domain/outcome';
import { type MarketoHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { type ApiReply, RunningApi, settingsOf } from '../support/running-api';
import { RunningSync } from '../support/running-sync';
import { marketoPeople } from '../support/vendor-rows';

/** Twenty full batches: more than are sent at once. */
const PEOPLE = 6_000;
const BATCH = 300;

let sandbox: Sandbox;
let target: MarketoHost;
let sync: RunningSync;
let api: RunningApi;
let sourceId: unknown;
let targetId: unknown;

beforeAll(async () => {
  sandbox = await startSandbox();
  sandbox.marketo.vendor.stores.insertRecords(
    'leads',
    Array.from({ length: PEOPLE }, (_none, index) => ({ email: `person${index}@example.com`, lastName: 'Sample' })),
  );
  target = await sandbox.createInstance('marketo', { name: 'second' });
  const allowedHosts = [sandbox.marketo.url, target.url].map((url) => new URL(url).host);
  sync = await RunningSync.start(allowedHosts);
  api = await RunningApi.start({ engine: sync.engine, allowedHosts, shared: sync });
  const connect = async (name: string, host: MarketoHost) =>
    (await api.call('POST', '/connections', { name, kind: 'marketo', settings: settingsOf(host) })).body.id;
  sourceId = await connect('Source', sandbox.marketo);
  targetId = await connect('Target', target);
}, 60_000);
afterAll(async () => {
  await api.stop();
  await sync.stop();
  await sandbox.stop();
});
beforeEach(() => {
  target.reset();
  sandbox.clock.advance(20_000);
});

async function activated(more: Record<string, unknown>): Promise<string> {
  const saved = await api.call('POST', '/syncs', {
    name: 'Copy people',
    source: { connectionId: sourceId, object: 'Lead' },
    destination: { connectionId: targetId, object: 'Lead' },
    mappings: ['email', 'lastName'].map((field) => ({ from: { field }, to: field })),
    schedule: { type: 'now' },
    ...more,
  });
  const syncId = String(saved.body.id);
  const reply = await api.call('POST', `/syncs/${syncId}/activate`);
  expect(reply).toMatchObject({ status: 202 });
  return syncId;
}

const lastOf = (body: ApiReply['body']) => body.lastExecution as unknown as { state: string; counts: Counts };
const loadedOf = ({ created, updated, unchanged, failed, skipped }: Counts) =>
  created + updated + unchanged + failed + skipped;
const needsAttention = ({ status }: ApiReply['body']) => status === ('needsAttention' as never);
const completed = ({ status }: ApiReply['body']) => status === ('completed' as never);

test('a first run loads so many records, waits until somebody has looked, and then loads the rest', async () => {
  const syncId = await activated({ firstRun: { records: 50 } });

  const waiting = await api.until(syncId, needsAttention);
  const there = marketoPeople(target).length;
  await api.call('POST', `/syncs/${syncId}/resume`);
  const done = await api.until(syncId, completed);

  expect(waiting.problem).toContain('The first 50 records have been loaded');
  expect(loadedOf(lastOf(waiting).counts)).toBe(50);
  expect(there).toBe(50);
  expect(lastOf(done)).toMatchObject({ state: 'succeeded', counts: { read: PEOPLE } });
  expect(addsUp(lastOf(done).counts)).toBe(true);
}, 60_000);

test('a run stops before the rest is damaged when too many of its last records have failed', async () => {
  target.addFault({
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
  const syncId = await activated({ stopAfterFailures: { percent: 10, of: 1_000 } });

  const waiting = await api.until(syncId, needsAttention);
  await api.call('POST', `/syncs/${syncId}/resume`);
  const done = await api.until(syncId, completed);

  expect(waiting.problem).toContain('more than 10 % of 1000');
  expect(lastOf(waiting).counts.failed).toBe(BATCH);
  expect(loadedOf(lastOf(waiting).counts)).toBeLessThan(PEOPLE);
  expect(lastOf(done)).toMatchObject({ state: 'partial', counts: { failed: BATCH } });
  expect(addsUp(lastOf(done).counts)).toBe(true);
}, 60_000);
