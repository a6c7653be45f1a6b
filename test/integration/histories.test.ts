import { type KeptHistory, keepHistories, replayProblems, toKept } from '../support/histories';
import { MarketoSyncs } from '../support/marketo-syncs';
import { marketoPeople } from '../support/vendor-rows';
import { WebhookReceiver } from '../support/webhook-receiver';

jest.setTimeout(120_000);

/** The name of a release: what runs here is then kept as its histories. See docs/architecture.md, "Tests". */
const RELEASE_TO_KEEP = process.env.SYNC_KEEP_HISTORIES;
/** Each write takes so long, so that there is time to come in between. */
const SLOW_MS = 1_500;

let syncs: MarketoSyncs;
let receiver: WebhookReceiver;
beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  syncs = await MarketoSyncs.start({ people: 400, moreHosts: [receiver.host] });
}, 60_000);
afterAll(async () => {
  await syncs.stop();
  await receiver.stop();
});
beforeEach(() => {
  syncs.reset();
  syncs.target.faults.clear();
});

const completed = ({ status }: { status: string }) => status === 'completed';
const needsAttention = ({ status }: { status: string }) => status === 'needsAttention';
const slowly = () =>
  syncs.target.faults.add({ match: { path: '/rest/v1/leads.json' }, action: { type: 'delay', ms: SLOW_MS } });
const inLoad = (syncId: string) => syncs.until(syncId, ({ lastExecution }) => lastExecution?.phase === 'load');

const control = async (syncId: string, kind: string) =>
  expect(await syncs.control(syncId, kind)).toMatchObject({ status: 202 });

/** What operators and programs do with syncs; each gives the id of its sync, whose workflows have ended. */
const SCENARIOS: Record<string, () => Promise<string>> = {
  async now() {
    const syncId = await syncs.activated();
    await syncs.until(syncId, completed);
    return syncId;
  },
  async once() {
    // a time that has not passed when it is activated, however slow the machine is
    for (let aheadMs = 3_000; ; aheadMs *= 2) {
      const at = new Date(Date.now() + aheadMs).toISOString();
      const syncId = await syncs.saved({ schedule: { type: 'once', at } });
      if ((await syncs.control(syncId, 'activate')).status === 422) continue;
      await syncs.until(syncId, completed);
      return syncId;
    }
  },
  async interval() {
    const every = { amount: 1, unit: 'day' };
    const syncId = await syncs.activated({ schedule: { type: 'interval', every, start: '2026-01-01T02:30' } });
    for (const number of [1, 2]) {
      await syncs.runNow(syncId);
      await syncs.until(
        syncId,
        ({ lastExecution }) => lastExecution?.number === number && lastExecution.state === 'succeeded',
      );
    }
    await control(syncId, 'cancel');
    return syncId;
  },
  async paused() {
    slowly();
    const syncId = await syncs.activated();
    await inLoad(syncId);
    await control(syncId, 'pause');
    await syncs.until(syncId, ({ status }) => status === 'paused');
    await control(syncId, 'resume');
    await syncs.until(syncId, completed);
    return syncId;
  },
  async cancelled() {
    slowly();
    const syncId = await syncs.activated();
    await inLoad(syncId);
    await control(syncId, 'cancel');
    return syncId;
  },
  async needsAttention() {
    syncs.target.faults.add({ match: { path: '/rest/v1/leads.json' }, action: { type: 'vendorError', code: '603' } });
    const syncId = await syncs.activated();
    await syncs.until(syncId, needsAttention);
    syncs.target.faults.clear();
    await control(syncId, 'resume');
    await syncs.until(syncId, completed);
    return syncId;
  },
  async firstRun() {
    const syncId = await syncs.activated({ firstRun: { records: 50 } });
    await syncs.until(syncId, needsAttention);
    await control(syncId, 'resume');
    await syncs.until(syncId, completed);
    return syncId;
  },
  async terminatedExecution() {
    slowly();
    const syncId = await syncs.activated();
    await inLoad(syncId);
    await syncs.sync.client.workflow.getHandle(`sync/${syncId}/execution/1`).terminate();
    await syncs.until(syncId, ({ status }) => status === 'cancelled');
    return syncId;
  },
};

async function historiesOf(scenario: string, syncId: string): Promise<KeptHistory[]> {
  const { workflow } = syncs.sync.client;
  await workflow.getHandle(`sync/${syncId}`).result();
  const kept = [];
  for (const [name, workflowId] of [
    [`${scenario}.sync`, `sync/${syncId}`],
    [`${scenario}.execution`, `sync/${syncId}/execution/1`],
  ] as const) {
    kept.push(toKept(name, await workflow.getHandle(workflowId).fetchHistory()));
  }
  return kept;
}

test.each(Object.entries(SCENARIOS))('%s: what has run decides the same when it is replayed', async (name, run) => {
  const histories = await historiesOf(name, await run());

  if (RELEASE_TO_KEEP) await keepHistories(RELEASE_TO_KEEP, histories);
  expect(await replayProblems(histories)).toEqual({});
});

test('preview: what has run decides the same when it is replayed', async () => {
  const syncId = await syncs.saved();
  const asked = await syncs.api.call('POST', `/syncs/${syncId}/preview`, {});
  const handle = syncs.sync.client.workflow.getHandle(`preview/${String(asked.body.previewId)}`);
  await handle.result();

  const histories = [toKept('preview', await handle.fetchHistory())];

  if (RELEASE_TO_KEEP) await keepHistories(RELEASE_TO_KEEP, histories);
  expect(await replayProblems(histories)).toEqual({});
});

test('webhook: what has sent, been refused, waited and been woken decides the same when it is replayed', async () => {
  let isOver = false;
  receiver.answer = (_got, response) => response.writeHead(isOver ? 204 : 503).end();
  const { body: hook } = await syncs.api.call('POST', '/webhooks', {
    ...{ name: 'History', url: receiver.url, events: ['sync.statusChanged', 'execution.ended'], failurePercent: 0 },
  });

  const syncId = await syncs.activated();
  await syncs.until(syncId, completed);
  isOver = true;
  const handle = syncs.sync.client.workflow.getHandle(`webhook/${String(hook.id)}`);
  await handle.result();

  const histories = [toKept('webhook', await handle.fetchHistory())];
  const text = JSON.stringify(histories);
  for (const kind of ['timerStarted', 'workflowExecutionSignaled']) expect(text).toContain(`${kind}EventAttributes`);
  if (RELEASE_TO_KEEP) await keepHistories(RELEASE_TO_KEEP, histories);
  expect(await replayProblems(histories)).toEqual({});
  await syncs.api.call('DELETE', `/webhooks/${String(hook.id)}`);
});

test('histories hold no value of a record', async () => {
  const run = SCENARIOS.now as () => Promise<string>; // it is above
  const histories = await historiesOf('now', await run());

  const text = JSON.stringify(histories);
  const addresses = marketoPeople(syncs.sandbox.marketo).flatMap(({ email }) => (email ? [String(email)] : []));
  expect(text).toContain('Copy people');
  expect(addresses.length).toBeGreaterThan(100);
  expect(addresses.filter((address) => text.includes(address))).toEqual([]);
});
