import { addsUp, type Counts } from '../../src/domain/outcome';
import { type MarketoHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { type ApiReply, RunningApi, settingsOf } from '../support/running-api';
import { RunningSync } from '../support/running-sync';

let sandbox: Sandbox;
let target: MarketoHost;
let sync: RunningSync;
let api: RunningApi;
let sourceId: string;
let targetId: string;

beforeAll(async () => {
  sandbox = await startSandbox({ people: 400 });
  target = await sandbox.createInstance('marketo', { name: 'second' });
  const allowedHosts = [sandbox.marketo.url, target.url].map((url) => new URL(url).host);
  sync = await RunningSync.start(allowedHosts);
  api = await RunningApi.start({ engine: sync.engine, allowedHosts, shared: sync });
  const ids = [];
  for (const [name, host] of [
    ['Source', sandbox.marketo],
    ['Target', target],
  ] as const) {
    const reply = await api.call('POST', '/connections', { name, kind: 'marketo', settings: settingsOf(host) });
    ids.push(String(reply.body.id));
  }
  [sourceId = '', targetId = ''] = ids;
}, 60_000);

afterAll(async () => {
  await api.stop();
  await sync.stop();
  await sandbox.stop();
});

beforeEach(() => {
  target.faults.clear();
  // fresh windows of calls
  sandbox.clock.advance(20_000);
});

async function activated(more: Record<string, unknown> = {}): Promise<string> {
  const saved = await api.call('POST', '/syncs', {
    name: 'Copy people',
    source: { connectionId: sourceId, object: 'Lead' },
    destination: { connectionId: targetId, object: 'Lead' },
    mappings: ['email', 'lastName'].map((field) => ({ from: { field }, to: field })),
    schedule: { type: 'now' },
    ...more,
  });
  const reply = await api.call('POST', `/syncs/${String(saved.body.id)}/activate`);
  expect(reply.status).toBe(202);
  return String(saved.body.id);
}

const executionOf = (body: ApiReply['body']) =>
  body.lastExecution as unknown as { id: string; state: string; phase: string; counts: Counts; problem: string | null };

test('when the vendor refuses for good, the sync says what a person has to do, and goes on after resume', async () => {
  target.faults.add({ match: { path: '/rest/v1/leads.json' }, action: { type: 'vendorError', code: '603' } });
  const syncId = await activated();

  const waiting = await api.until(syncId, ({ status }) => status === ('needsAttention' as never));
  target.faults.clear();
  const resumed = await api.call('POST', `/syncs/${syncId}/resume`);
  const done = await api.until(syncId, ({ status }) => status === ('completed' as never));

  expect(waiting.problem).toContain('603');
  expect(executionOf(waiting)).toMatchObject({ state: 'running', phase: 'load', counts: { created: 0 } });
  expect(resumed.status).toBe(202);
  expect(done.problem).toBeNull();
  expect(executionOf(done)).toMatchObject({ state: 'succeeded', problem: null });
  expect(addsUp(executionOf(done).counts)).toBe(true);
}, 60_000);

test('when a sync is cancelled in mid-run, it ends soon with a true account', async () => {
  target.faults.add({ match: { path: '/rest/v1/leads.json' }, action: { type: 'delay', ms: 1_500 } });
  const syncId = await activated({ importRule: 'createAndUpdate' });
  await api.until(syncId, (body) => executionOf(body)?.phase === 'load');

  const reply = await api.call('POST', `/syncs/${syncId}/cancel`);
  const askedAt = Date.now();
  const ended = await api.until(syncId, (body) => executionOf(body).state !== 'running');

  expect(reply).toMatchObject({ status: 202, body: { status: 'cancelled' } });
  expect(Date.now() - askedAt).toBeLessThan(10_000);
  const { state, counts } = executionOf(ended);
  expect(state).toBe('cancelled');
  expect(counts.skipped).toBeGreaterThan(0);
  expect(addsUp(counts)).toBe(true);
  // its workflow ends too, or the test runs out of time
  await sync.client.workflow.result(`sync/${syncId}`);
}, 60_000);

test('a sync that is cancelled in the Temporal Web UI is cancelled here too', async () => {
  const every = { amount: 1, unit: 'day' };
  const syncId = await activated({ schedule: { type: 'interval', every, start: '2026-01-01T02:30' } });
  await api.until(syncId, ({ nextRunAt }) => nextRunAt !== null);

  await sync.client.workflow.getHandle(`sync/${syncId}`).cancel();

  expect(await api.until(syncId, ({ status }) => status === ('cancelled' as never))).toMatchObject({ nextRunAt: null });
}, 60_000);
