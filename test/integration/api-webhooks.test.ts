import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { type DatabaseClient, openDatabase } from '../../db/client';
import { resealSecrets } from '../../db/queries/secret-rotation';
import { signingSecrets } from '../../db/queries/webhooks';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { SecretBox } from '../../src/security/secrets';
import { createTestDatabase, givenSync, type TestDatabase } from '../support/database';
import { type ApiReply, RunningApi } from '../support/running-api';
import { testTemporal } from '../support/temporal';
import { isSigned, WebhookReceiver } from '../support/webhook-receiver';

const secretKeys = [randomBytes(32)];
let connection: Connection;
let database: TestDatabase;
let client: DatabaseClient;
let api: RunningApi;
let receiver: WebhookReceiver;
/** Nothing may be sent there. */
let trap: WebhookReceiver;

beforeAll(async () => {
  connection = Connection.lazy({ address: testTemporal().address });
  database = await createTestDatabase();
  client = openDatabase(database.url, { max: 4 });
  receiver = await WebhookReceiver.start();
  trap = await WebhookReceiver.start();
  api = await RunningApi.start({
    ...{ engine: new TemporalEngine(new Client({ connection })), allowedHosts: [receiver.host] },
    shared: { database: client, secretKeys },
  });
}, 30_000);

afterAll(async () => {
  await api.stop();
  await client.close();
  await database.drop();
  await connection.close();
  await Promise.all([receiver.stop(), trap.stop()]);
});

beforeEach(() => receiver.reset());
afterEach(async () => {
  expect(trap.got).toEqual([]);
  await client.sql`truncate webhooks, webhook_events, webhook_deliveries`;
});

const settings = (more: Record<string, unknown> = {}) => ({
  ...{ name: 'Chat', url: receiver.url, events: ['execution.ended'] },
  ...more,
});

const add = (more: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  api.call('POST', '/webhooks', settings(more), headers);

const problems = ({ body }: ApiReply) =>
  (body.errors as unknown as { path: string; message: string }[] | undefined)?.map(({ path }) => path);

const audited = async (webhookId: string) =>
  client.sql`select action, details from audit where subject = ${`webhook/${webhookId}`} order by at, action`;

test('a webhook is added, with a secret that is shown once, listed, changed and deleted; the audit knows all of it but the address', async () => {
  const syncId = await givenSync(client.sql);

  const added = await add({ url: `${receiver.url}?token=marker-of-a-token`, syncIds: [syncId] });
  const { id, secret, ...rest } = added.body;
  const shown = await api.call('GET', `/webhooks/${id}`);
  const listed = await api.call('GET', '/webhooks');
  const changed = await api.call('PUT', `/webhooks/${id}`, settings({ failurePercent: 20 }), { 'if-match': '"1"' });
  const deleted = await api.call('DELETE', `/webhooks/${id}`);

  expect(added).toMatchObject({
    status: 201,
    body: { syncIds: [syncId], failurePercent: 5, enabled: true, version: 1 },
  });
  expect(added.headers.get('location')).toBe(`/api/v1/webhooks/${id}`);
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(shown.body).toEqual({ id, ...rest });
  expect(shown.headers.get('etag')).toBe('"1"');
  expect(listed.body).toEqual({ items: [shown.body], nextCursor: null });
  expect(changed).toMatchObject({ status: 200, body: { version: 2, syncIds: null, failurePercent: 20 } });
  expect(deleted.status).toBe(204);
  expect((await api.call('GET', `/webhooks/${id}`)).status).toBe(404);
  const entries = await audited(String(id));
  expect(entries.map(({ action }) => action)).toEqual(['webhook.create', 'webhook.change', 'webhook.delete']);
  expect(JSON.stringify(entries)).not.toContain('marker-of-a-token');
  const stored = await client.sql`select * from webhooks`;
  expect(JSON.stringify(stored)).not.toContain(String(secret));
});

test('of an address, which may hold a key, only an admin sees more than the host', async () => {
  const { body } = await add({ url: `${receiver.url}/services/T0/B0/secret-part` });
  const { body: made } = await api.call('POST', '/api-keys', { name: 'Looks on', role: 'operator' });
  const operator = { authorization: `Bearer ${String(made.key)}` };

  const shown = await api.call('GET', `/webhooks/${String(body.id)}`, undefined, operator);
  const listed = await api.call('GET', '/webhooks', undefined, operator);
  const toAdmin = await api.call('GET', `/webhooks/${String(body.id)}`);

  expect(shown.body.url).toBe(`${new URL(receiver.url).origin}/…`);
  expect(JSON.stringify(listed.body)).not.toContain('secret-part');
  expect(toAdmin.body.url).toContain('secret-part');
});

test('a change that was made on another version is refused', async () => {
  const { id } = (await add()).body;

  const stale = await api.call('PUT', `/webhooks/${id}`, settings(), { 'if-match': '"7"' });

  expect(stale.status).toBe(412);
});

test('names are taken once', async () => {
  await add();
  const { id } = (await add({ name: 'Pager' })).body;

  expect(await add()).toMatchObject({ status: 409, body: { errors: [{ path: 'name' }] } });
  expect((await api.call('PUT', `/webhooks/${id}`, settings())).status).toBe(409);
  expect((await api.call('PUT', `/webhooks/${id}`, settings({ name: 'Pager' }))).status).toBe(200);
});

test.each([
  ['an address of this machine', () => ({ url: trap.url }), ['url']],
  ['one of a private network', () => ({ url: 'https://192.168.0.10/hooks' }), ['url']],
  ['plain http', () => ({ url: 'http://example.com/hooks' }), ['url']],
  ['what is no address', () => ({ url: 'javascript:alert(1)' }), ['url']],
  ['an unknown event', () => ({ events: ['execution.began'] }), ['events[0]']],
  ['no event', () => ({ events: [] }), ['events']],
  ['a sync that is not there', () => ({ syncIds: ['00000000-0000-4000-8000-000000000000'] }), ['syncIds[0]']],
  ['a share of more than all', () => ({ failurePercent: 100 }), ['failurePercent']],
])('%s is refused, and named', async (_title, more, paths) => {
  const refused = await add(more());

  expect(refused.status).toBe(422);
  expect(problems(refused)).toEqual(paths);
});

test('a call that is repeated adds no second webhook, and does not show the secret again', async () => {
  const key = { 'idempotency-key': 'one and the same' };

  const first = await add({}, key);
  const again = await add({}, key);

  expect([first.status, again.status]).toEqual([201, 409]);
  expect((await api.call('GET', '/webhooks')).body.items).toHaveLength(1);
});

test('a test is sent at once, signed, and stands in the log with its payload', async () => {
  const { id, secret } = (await add()).body;

  const tested = await api.call('POST', `/webhooks/${id}/test`);

  const [got] = receiver.got;
  expect(tested).toMatchObject({ status: 200, body: { ok: true, status: 204, problem: null } });
  expect(got?.payload).toMatchObject({ type: 'webhook.test', sync: null, execution: null });
  expect(got && (await isSigned(got, String(secret)))).toBe(true);
  const shown = await api.call('GET', `/webhooks/${id}/deliveries/${tested.body.deliveryId}`);
  expect(shown.body).toMatchObject({ type: 'webhook.test', state: 'delivered', attempts: 1, payload: got?.payload });
  expect((await api.call('POST', `/webhooks/${id}/deliveries/${tested.body.deliveryId}/redeliver`)).status).toBe(409);
});

test('a test tells what is wrong, also where the address was allowed once', async () => {
  const { id } = (await add()).body;
  receiver.answer = (_got, response) => response.writeHead(302, { location: trap.url }).end();
  const redirected = await api.call('POST', `/webhooks/${id}/test`);
  await client.sql`update webhooks set url = ${trap.url}`;

  const refused = await api.call('POST', `/webhooks/${id}/test`);

  expect(redirected.body).toMatchObject({ ok: false, status: 302, problem: expect.stringContaining('redirect') });
  expect(refused.body).toMatchObject({
    ok: false,
    status: null,
    problem: expect.stringContaining('SYNC_ALLOWED_HOSTS'),
  });
});

test('a secret is replaced; for a day events are signed with the one before as well', async () => {
  const { id, secret: before } = (await add()).body;

  const { status, body } = await api.call('POST', `/webhooks/${id}/rotate-secret`);
  await api.call('POST', `/webhooks/${id}/test`);
  await client.sql`update webhooks set previous_until = now()`;
  await api.call('POST', `/webhooks/${id}/test`);

  const verified = receiver.got.map(async (got) => [
    await isSigned(got, String(body.secret)),
    await isSigned(got, String(before)),
  ]);
  expect([status, body.version]).toEqual([200, 2]);
  expect(await Promise.all(verified)).toEqual([
    [true, true],
    [true, false],
  ]);
});

test('signing secrets are sealed anew with the others, and one that no key opens is named', async () => {
  const { id, secret: before } = (await add()).body;
  const { secret } = (await api.call('POST', `/webhooks/${id}/rotate-secret`)).body;
  const newest = randomBytes(32);
  const both = new SecretBox([newest, ...secretKeys]);

  const resealed = await client.db.transaction((tx) => resealSecrets(tx, both));
  const closed = await client.db.transaction((tx) => resealSecrets(tx, new SecretBox([randomBytes(32)])));

  expect(resealed).toMatchObject({ webhooks: 1, closed: [] });
  expect(await signingSecrets(client.db, new SecretBox([newest]), String(id))).toEqual([secret, before]);
  expect(closed).toMatchObject({ webhooks: 0, closed: ['Chat'] });
});

test('the log is paged, the newest first, and narrowed by state', async () => {
  const { id } = (await add()).body;
  for (let tests = 0; tests < 3; tests += 1) {
    if (tests === 1) receiver.answer = (_got, response) => response.writeHead(500).end();
    await api.call('POST', `/webhooks/${id}/test`);
  }

  const first = await api.call('GET', `/webhooks/${id}/deliveries?limit=2`);
  const second = await api.call('GET', `/webhooks/${id}/deliveries?limit=2&cursor=${first.body.nextCursor}`);
  const delivered = await api.call('GET', `/webhooks/${id}/deliveries?state=delivered`);

  const idsOf = ({ body }: ApiReply) =>
    (body.items as unknown as { id: string; state: string }[]).map((item) => item.id);
  expect([...idsOf(first), ...idsOf(second)].length).toBe(3);
  expect(second.body.nextCursor).toBeNull();
  expect(idsOf(delivered)).toEqual(idsOf(second));
});
