import type { WebhookPayload } from '../../src/api/schemas/webhooks';
import { WEBHOOK_EVENTS } from '../../src/domain/webhooks';
import { replayProblems, toKept } from '../support/histories';
import { MarketoSyncs } from '../support/marketo-syncs';
import { WebhookReceiver } from '../support/webhook-receiver';

let syncs: MarketoSyncs;
let receiver: WebhookReceiver;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  syncs = await MarketoSyncs.start({ people: 20, moreHosts: [receiver.host] });
}, 60_000);
afterAll(async () => {
  await syncs.stop();
  await receiver.stop();
});

const words = ({ type, details, execution }: WebhookPayload) =>
  [type, details.to ?? details.percent ?? execution?.state].filter((part) => part !== undefined).join(' ');

test('of a sync that needs a person, goes on and ends, a webhook is told in order; its workflow can be replayed', async () => {
  const { body: hook } = await syncs.api.call('POST', '/webhooks', {
    ...{ name: 'All', url: receiver.url, events: WEBHOOK_EVENTS, failurePercent: 0 },
  });
  syncs.target.faults.add({ match: { path: '/rest/v1/leads.json' }, action: { type: 'vendorError', code: '603' } });

  const syncId = await syncs.activated();
  await syncs.until(syncId, ({ status }) => status === 'needsAttention');
  syncs.target.faults.clear();
  await syncs.control(syncId, 'resume');
  const { lastExecution } = await syncs.until(syncId, ({ status }) => status === 'completed');
  const handle = syncs.sync.client.workflow.getHandle(`webhook/${hook.id}`);
  await receiver.until((got) => got.some(({ payload }) => payload.details.to === 'completed'));
  await handle.result();

  expect(receiver.got.map(({ payload }) => words(payload))).toEqual([
    'sync.statusChanged active',
    'sync.statusChanged needsAttention',
    'sync.needsAttention',
    'sync.statusChanged active',
    'execution.ended succeeded',
    'sync.statusChanged completed',
  ]);
  const ended = receiver.got.find(({ payload }) => payload.type === 'execution.ended')?.payload;
  const { body: execution } = await syncs.api.call('GET', `/executions/${lastExecution?.id}`);
  expect(ended?.execution).toEqual(execution);
  expect(receiver.got.map(({ body }) => body).join()).not.toContain('sample@example.com');
  expect(await replayProblems([toKept('webhook', await handle.fetchHistory())])).toEqual({});
}, 60_000);
