import { addsUp, type Counts } from '../../src/domain/outcome';
import { MarketoSyncs } from '../support/marketo-syncs';
import { type ApiReply, LOOK_EVERY_MS } from '../support/running-api';

let syncs: MarketoSyncs;

beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: 400 });
}, 60_000);

afterAll(() => syncs.stop());

beforeEach(() => syncs.reset());

const executionOf = (body: ApiReply['body']) =>
  body.lastExecution as unknown as { id: string; state: string; phase: string; counts: Counts; problem: string | null };

test('when the vendor refuses for good, the sync says what a person has to do, and goes on after resume', async () => {
  syncs.target.faults.add({ match: { path: '/rest/v1/leads.json' }, action: { type: 'vendorError', code: '603' } });
  const syncId = await syncs.activated();

  const waiting = await syncs.api.until(syncId, ({ status }) => status === ('needsAttention' as never));
  syncs.target.faults.clear();
  const resumed = await syncs.control(syncId, 'resume');
  const done = await syncs.api.until(syncId, ({ status }) => status === ('completed' as never));

  expect(waiting.problem).toContain('603');
  expect(executionOf(waiting)).toMatchObject({ state: 'running', phase: 'load', counts: { created: 0 } });
  expect(resumed.status).toBe(202);
  expect(done.problem).toBeNull();
  expect(executionOf(done)).toMatchObject({ state: 'succeeded', problem: null });
  expect(addsUp(executionOf(done).counts)).toBe(true);
}, 60_000);

test('when a sync is cancelled in mid-run, it ends soon with a true account', async () => {
  syncs.target.faults.add({ match: { path: '/rest/v1/leads.json' }, action: { type: 'delay', ms: 1_500 } });
  const syncId = await syncs.activated({ importRule: 'createAndUpdate' });
  await syncs.api.until(syncId, (body) => executionOf(body)?.phase === 'load');

  const reply = await syncs.control(syncId, 'cancel');
  let looks = 0;
  const ended = await syncs.api.until(syncId, (body) => {
    looks += 1;
    return executionOf(body).state !== 'running';
  });

  expect(reply).toMatchObject({ status: 202, body: { status: 'cancelled' } });
  // by looks and not by the clock: where the machine pauses, nobody looks either
  expect(looks * LOOK_EVERY_MS).toBeLessThan(10_000);
  const { state, counts } = executionOf(ended);
  expect(state).toBe('cancelled');
  expect(counts.skipped).toBeGreaterThan(0);
  expect(addsUp(counts)).toBe(true);
  // its workflow ends too, or the test runs out of time
  await syncs.sync.client.workflow.result(`sync/${syncId}`);
}, 60_000);

test('a sync that is cancelled in the Temporal Web UI is cancelled here too', async () => {
  const every = { amount: 1, unit: 'day' };
  const syncId = await syncs.activated({ schedule: { type: 'interval', every, start: '2026-01-01T02:30' } });
  await syncs.api.until(syncId, ({ nextRunAt }) => nextRunAt !== null);

  await syncs.sync.client.workflow.getHandle(`sync/${syncId}`).cancel();

  expect(await syncs.api.until(syncId, ({ status }) => status === ('cancelled' as never))).toMatchObject({
    nextRunAt: null,
  });
}, 60_000);
