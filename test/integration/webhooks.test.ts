import { account, closeExecution, openExecution, takeOver } from '../../db/queries/executions';
import { moveSync } from '../../db/queries/sync-runs';
import type { WebhookEvent } from '../../src/domain/webhooks';
import { givenSync } from '../support/database';
import { RunningApi } from '../support/running-api';
import { RunningSync } from '../support/running-sync';
import { type Got, isSigned, WebhookReceiver } from '../support/webhook-receiver';

let sync: RunningSync;
let api: RunningApi;
let receiver: WebhookReceiver;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  sync = await RunningSync.start([receiver.host]);
  api = await RunningApi.start({ engine: sync.engine, allowedHosts: [receiver.host], shared: sync });
}, 60_000);

afterAll(async () => {
  await api.stop();
  await sync.stop();
  await receiver.stop();
});

beforeEach(async () => {
  receiver.reset();
  await sync.database.sql`delete from webhooks`;
});

let names = 0;

async function givenWebhook(events: WebhookEvent[], more: Record<string, unknown> = {}) {
  names += 1;
  const { status, body } = await api.call('POST', '/webhooks', {
    ...{ name: `Webhook ${names}`, url: receiver.url, events },
    ...more,
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return { id: String(body.id), secret: String(body.secret) };
}

const change = (syncId: string, status: 'active' | 'paused' | 'cancelled') =>
  moveSync(sync.database.sql, syncId, ['draft', 'active', 'paused'], { status, now: new Date().toISOString() });

const deliveriesOf = async (webhookId: string, more = '') =>
  (await api.call('GET', `/webhooks/${webhookId}/deliveries${more}`)).body.items as unknown as Record<
    string,
    unknown
  >[];

/** Waits until nothing is under way to a webhook any more. */
async function untilSettled(webhookId: string): Promise<void> {
  await sync.client.workflow.getHandle(`webhook/${webhookId}`).result();
}

const idsOf = (got: readonly Got[]) => got.map(({ headers }) => String(headers['webhook-id']));
const statusesOf = (got: readonly Got[]) => got.map(({ payload }) => payload.details.to);

test('a webhook is told of the end of an execution with what the API says of it, signed, with links', async () => {
  const syncId = await givenSync(sync.database.sql);
  await change(syncId, 'active');
  const { id, secret } = await givenWebhook(['execution.ended']);
  const now = new Date().toISOString();
  const { sql } = sync.database;
  const { executionId } = await openExecution(sql, { syncId, number: 1, trigger: 'now', scheduledFor: now, asOf: now });
  const { epoch } = await takeOver(sql, executionId);
  await account(sql, { executionId, epoch }, { read: 12, created: 9, failed: 3 });

  await closeExecution(sql, executionId, { state: 'partial', now: new Date().toISOString() });
  const [got] = await receiver.until(({ length }) => length === 1);
  await untilSettled(id);

  const { body: execution } = await api.call('GET', `/executions/${executionId}`);
  expect(got?.payload).toMatchObject({
    type: 'execution.ended',
    sync: { id: syncId, name: 'a sync', status: 'active', problem: null },
    execution,
    links: {
      sync: `http://sync.example.com/syncs/${syncId}`,
      execution: `http://sync.example.com/executions/${executionId}`,
    },
  });
  expect(got && (await isSigned(got, secret))).toBe(true);
  expect(await deliveriesOf(id)).toEqual([
    expect.objectContaining({
      ...{ eventId: got?.payload.id, type: 'execution.ended', syncId, state: 'delivered', attempts: 1, status: 204 },
      ...{ problem: null, answer: null, nextAttemptAt: null },
    }),
  ]);
});

test('while the receiver is down events wait; when it is up again each comes once, in order', async () => {
  const syncId = await givenSync(sync.database.sql);
  const { id } = await givenWebhook(['sync.statusChanged']);
  receiver.answer = (_got, response) => response.writeHead(503).end('closed');
  await change(syncId, 'active');
  await change(syncId, 'paused');
  await change(syncId, 'active');
  await receiver.until(({ length }) => length === 1);
  await waitFor(async () => (await deliveriesOf(id)).some(({ attempts }) => attempts === 1));
  const [, , first] = await deliveriesOf(id);
  expect(first).toMatchObject({ state: 'waiting', attempts: 1, status: 503, answer: 'closed' });

  receiver.reset();
  await sync.database.sql`update webhook_deliveries set next_attempt_at = now(), announced_at = null`;
  await untilSettled(id);

  expect(statusesOf(receiver.got)).toEqual(['active', 'paused', 'active']);
  expect(new Set(idsOf(receiver.got)).size).toBe(3);
});

test('what happens while no worker runs is told when one does', async () => {
  const syncId = await givenSync(sync.database.sql);
  const { id } = await givenWebhook(['sync.statusChanged']);
  await sync.stopWorker();
  await change(syncId, 'active');

  await sync.startWorker();
  await receiver.until(({ length }) => length === 1);
  await untilSettled(id);

  expect(statusesOf(receiver.got)).toEqual(['active']);
});

test('when the worker ends before the answer came, the event is sent again with its id', async () => {
  const syncId = await givenSync(sync.database.sql);
  const { id } = await givenWebhook(['sync.statusChanged']);
  receiver.answer = () => undefined; // it thinks about it
  await change(syncId, 'active');
  await receiver.until(({ length }) => length === 1);

  await sync.stopWorker();
  receiver.answer = (_got, response) => response.writeHead(200).end();
  await sync.startWorker();
  await receiver.until(({ length }) => length === 2);
  await untilSettled(id);

  expect(new Set(idsOf(receiver.got)).size).toBe(1);
  expect(receiver.got[1]?.body).toBe(receiver.got[0]?.body);
  expect(await deliveriesOf(id)).toEqual([expect.objectContaining({ state: 'delivered', attempts: 1 })]);
});

test('when its workflow is terminated in Temporal, another one sends what waits', async () => {
  const syncId = await givenSync(sync.database.sql);
  const { id } = await givenWebhook(['sync.statusChanged']);
  receiver.answer = (_got, response) => response.writeHead(500).end();
  await change(syncId, 'active');
  await waitFor(async () => (await deliveriesOf(id)).some(({ attempts }) => attempts === 1));

  await sync.client.workflow.getHandle(`webhook/${id}`).terminate('a test');
  receiver.reset();
  await sync.database
    .sql`update webhook_deliveries set next_attempt_at = now(), announced_at = now() - interval '1 minute'`;
  await receiver.until(({ length }) => length === 1);
  await untilSettled(id);

  expect(await deliveriesOf(id)).toEqual([expect.objectContaining({ state: 'delivered', attempts: 2 })]);
});

test('a burst of a thousand events is told, each once, by a short history', async () => {
  const { id } = await givenWebhook(['sync.statusChanged']);
  await sync.database.sql`
    with made as (insert into syncs (name) select 'sync ' || n from generate_series(1, 1000) n returning sync_id, version)
    insert into sync_versions (sync_id, version, definition, saved_by) select sync_id, version, '{}'::jsonb, 'test' from made`;

  await sync.database.sql`update syncs set status = 'cancelled' where name like 'sync %'`;
  await receiver.until(({ length }) => length >= 1_000);
  await untilSettled(id);

  expect(new Set(idsOf(receiver.got)).size).toBe(1_000);
  expect(receiver.got.length).toBe(1_000);
  const { historyLength } = await sync.client.workflow.getHandle(`webhook/${id}`).describe();
  expect(historyLength).toBeLessThan(100);
}, 120_000);

test('an event can be sent again, with its id; one that was given up too', async () => {
  const syncId = await givenSync(sync.database.sql);
  const { id } = await givenWebhook(['sync.statusChanged']);
  receiver.answer = (_got, response) => response.writeHead(410).end();
  await change(syncId, 'active');
  await receiver.until(({ length }) => length === 1);
  await untilSettled(id);
  const [failed] = await deliveriesOf(id, '?state=failed');
  const { body: off } = await api.call('GET', `/webhooks/${id}`);
  const refused = await api.call('POST', `/webhooks/${id}/deliveries/${failed?.id}/redeliver`);

  receiver.reset();
  const { name, url, events, syncIds, failurePercent } = off;
  await api.call('PUT', `/webhooks/${id}`, { name, url, events, syncIds, failurePercent, enabled: true });
  const again = await api.call('POST', `/webhooks/${id}/deliveries/${failed?.id}/redeliver`);
  await receiver.until(({ length }) => length === 1);
  await untilSettled(id);

  expect(off).toMatchObject({ enabled: false, offReason: expect.stringContaining('410') });
  expect(refused.status).toBe(409);
  expect(again).toMatchObject({ status: 202, body: { state: 'waiting', attempts: 0, eventId: failed?.eventId } });
  expect(idsOf(receiver.got)).toEqual([failed?.eventId]);
  expect((await deliveriesOf(id)).map(({ state }) => state)).toEqual(['delivered', 'failed']);
});

test('what waits for a webhook that is switched off or deleted is not sent', async () => {
  const syncId = await givenSync(sync.database.sql);
  const off = await givenWebhook(['sync.statusChanged']);
  const deleted = await givenWebhook(['sync.statusChanged']);
  receiver.answer = (_got, response) => response.writeHead(500).end();
  await change(syncId, 'active');
  await waitFor(async () => (await deliveriesOf(off.id)).some(({ attempts }) => attempts === 1));
  await waitFor(async () => (await deliveriesOf(deleted.id)).some(({ attempts }) => attempts === 1));

  const { name, url, events } = (await api.call('GET', `/webhooks/${off.id}`)).body;
  await api.call('PUT', `/webhooks/${off.id}`, { name, url, events, enabled: false });
  await api.call('DELETE', `/webhooks/${deleted.id}`);
  await change(syncId, 'paused');
  await Promise.all([off, deleted].map(({ id }) => sync.engine.wakeWebhook(id)));
  await Promise.all([off, deleted].map(({ id }) => untilSettled(id)));

  expect(receiver.got.length).toBe(2);
  expect(await deliveriesOf(off.id)).toEqual([
    expect.objectContaining({ state: 'failed', problem: 'The webhook was switched off.' }),
  ]);
  expect((await api.call('GET', `/webhooks/${deleted.id}/deliveries`)).status).toBe(404);
});

/** Looks until something holds; the test's own time limit ends it. */
async function waitFor(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}
