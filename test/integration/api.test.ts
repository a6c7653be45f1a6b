import { type MarketoHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { RunningApi, settingsOf } from '../support/running-api';
import { RunningSync } from '../support/running-sync';

let sandbox: Sandbox;
let target: MarketoHost;
let sync: RunningSync;
let api: RunningApi;
let sourceId: string;
let targetId: string;

const hostOf = (url: string) => new URL(url).host;

beforeAll(async () => {
  sandbox = await startSandbox({});
  target = await sandbox.createInstance('marketo', { name: 'second' });
  const allowedHosts = [hostOf(sandbox.marketo.url), hostOf(target.url)];
  sync = await RunningSync.start(allowedHosts);
  api = await RunningApi.start({ engine: sync.engine, allowedHosts, shared: sync });
  sourceId = await connect('Source', sandbox.marketo);
  targetId = await connect('Target', target);
  const people = Array.from({ length: 5 }, (_, index) => ({
    email: `p${index}@example.com`,
    firstName: `=1+${index}`,
    lastName: 'Sample',
  }));
  const source = await api.call('GET', `/connections/${sourceId}/objects/Lead`);
  expect(source.status).toBe(200);
  await seed(people);
}, 60_000);

afterAll(async () => {
  await api.stop();
  await sync.stop();
  await sandbox.stop();
});

async function connect(name: string, host: MarketoHost): Promise<string> {
  const reply = await api.call('POST', '/connections', { name, kind: 'marketo', settings: settingsOf(host) });
  expect(reply.status).toBe(201);
  return String(reply.body.id);
}

async function seed(input: unknown[]): Promise<void> {
  const { clientId, clientSecret } = settingsOf(sandbox.marketo);
  const query = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: String(clientId),
    client_secret: String(clientSecret),
  });
  const { access_token } = (await (await fetch(`${sandbox.marketo.url}/identity/oauth/token?${query}`)).json()) as {
    access_token: string;
  };
  const answer = await fetch(`${sandbox.marketo.url}/rest/v1/leads.json`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ action: 'createOnly', input }),
  });
  expect(await answer.json()).toMatchObject({ success: true });
}

const definition = (more: Record<string, unknown> = {}) => ({
  name: 'Copy people',
  source: { connectionId: sourceId, object: 'Lead' },
  destination: { connectionId: targetId, object: 'Lead' },
  mappings: ['email', 'firstName', 'lastName'].map((field) => ({ from: { field }, to: field })),
  schedule: { type: 'now' },
  ...more,
});

async function given(more: Record<string, unknown> = {}): Promise<string> {
  const reply = await api.call('POST', '/syncs', definition(more));
  expect(reply.status).toBe(201);
  return String(reply.body.id);
}

test('a sync that is activated by the API runs, and its records can be read and downloaded', async () => {
  const syncId = await given();

  const activated = await api.call('POST', `/syncs/${syncId}/activate`);
  const done = await api.until(syncId, ({ status }) => status === ('completed' as never));

  expect(activated).toMatchObject({
    status: 202,
    body: { id: syncId, status: 'active', workflowId: `sync/${syncId}` },
  });
  expect(done.lastExecution).toMatchObject({
    state: 'succeeded',
    trigger: 'now',
    counts: { read: 5, created: 5, failed: 0 },
  });
  const execution = done.lastExecution as unknown as { id: string };
  const records = await api.call('GET', `/executions/${execution.id}/records?outcome=created&limit=3`);
  expect(records.body.items).toHaveLength(3);
  const rest = await api.call(
    'GET',
    `/executions/${execution.id}/records?outcome=created&limit=3&cursor=${String(records.body.nextCursor)}`,
  );
  expect(rest.body).toMatchObject({
    items: [{ matchKey: 'p3@example.com' }, { matchKey: 'p4@example.com' }],
    nextCursor: null,
  });
  const csv = await api.call('GET', `/executions/${execution.id}/records.csv`);
  expect(String(csv.body.text).split('\n')).toHaveLength(7);
  const events = await api.call('GET', `/executions/${execution.id}/events`);
  expect(String(events.body.text)).toContain('"state":"succeeded"');
}, 60_000);

test('an interval sync sleeps, is paused, resumed and cancelled, and says why when something is not possible', async () => {
  const every = { amount: 1, unit: 'day' };
  const syncId = await given({
    schedule: { type: 'interval', every, start: '2026-01-01T02:30', timeZone: 'Europe/Vienna' },
  });
  await api.call('POST', `/syncs/${syncId}/activate`);
  const sleeping = await api.until(syncId, ({ nextRunAt }) => nextRunAt !== null);

  const replies = [];
  for (const control of ['activate', 'pause', 'pause', 'resume', 'cancel', 'cancel', 'run-now']) {
    replies.push(await api.call('POST', `/syncs/${syncId}/${control}`));
  }
  await sync.client.workflow.result(`sync/${syncId}`);

  expect(String(sleeping.nextRunAt)).toMatch(/T0[01]:30:00.000Z$/);
  expect(replies.map(({ status }) => status)).toEqual([409, 202, 409, 202, 202, 409, 409]);
  expect(replies[5]?.body).toMatchObject({
    title: 'Not possible now',
    detail: expect.stringContaining('The sync is cancelled'),
  });
  expect((await api.call('GET', `/syncs/${syncId}`)).body.status).toBe('cancelled');
}, 60_000);

test('a definition with faults is refused as a whole before anything starts, each fault with its path', async () => {
  const syncId = await given({
    match: { source: 'nothing', destination: 'email' },
    mappings: [
      { from: { field: 'emial' }, to: 'email' },
      { from: { constant: 'x@example.com' }, to: 'email' },
      { from: { constant: 'x' }, to: 'id' },
      { from: { expression: 'lastName +' }, to: 'lastName' },
    ],
    filter: {
      all: [
        { column: 'country', operator: 'lessThan', value: 'A' },
        { column: 'email', operator: 'in', value: [] },
      ],
    },
    schedule: { type: 'once', at: '2026-02-30T09:00', timeZone: 'Europe/Nowhere' },
  });

  const reply = await api.call('POST', `/syncs/${syncId}/activate`);

  expect(reply).toMatchObject({ status: 422, type: expect.stringContaining('application/problem+json') });
  const paths = (reply.body.errors as unknown as { path: string }[]).map(({ path }) => path);
  expect(paths).toEqual([
    'match.source',
    'filter.all[0].operator',
    'filter.all[1].value',
    'mappings[0].from.field',
    'mappings[2].to',
    'mappings[3].from.expression',
    'mappings[1].to',
    'schedule.timeZone',
  ]);
  expect((await api.call('GET', `/syncs/${syncId}`)).body.status).toBe('draft');
});

test('bad input gets the status that fits it', async () => {
  const nobody = '00000000-0000-4000-8000-000000000000';

  expect((await api.call('GET', `/syncs/${nobody}`)).status).toBe(404);
  expect((await api.call('GET', '/syncs/none')).status).toBe(404);
  expect((await api.call('GET', '/nothing')).status).toBe(404);
  expect((await api.call('PUT', '/syncs')).status).toBe(405);
  expect((await api.call('POST', '/syncs', '{"name":')).status).toBe(400);
  expect((await api.call('POST', '/syncs', 'name', { 'content-type': 'text/plain' })).status).toBe(415);
  expect((await api.call('GET', '/syncs', undefined, { authorization: 'Bearer wrong' })).status).toBe(401);
  expect(await api.call('POST', '/syncs', { name: 'x', mapings: [] })).toMatchObject({
    status: 422,
    body: { errors: [{ message: expect.stringContaining('mapings') }] },
  });
});

test('secrets are never returned, a connection in use is kept, and a bad secret is told by the test', async () => {
  const shown = await api.call('GET', `/connections/${sourceId}`);
  const tested = await api.call('POST', `/connections/${sourceId}/test`);
  await given();
  const deleted = await api.call('DELETE', `/connections/${sourceId}`);
  const settings = { ...settingsOf(target), clientSecret: 'wrong' };
  const bad = await api.call('POST', '/connections', { name: 'Bad', kind: 'marketo', settings });
  const badTest = await api.call('POST', `/connections/${String(bad.body.id)}/test`);

  expect(JSON.stringify(shown.body)).not.toContain('clientSecret');
  expect(tested.body).toMatchObject({ ok: true, problem: null });
  expect(deleted.status).toBe(409);
  expect(badTest).toMatchObject({
    status: 200,
    body: { ok: false, problem: expect.stringContaining('refused the sign-in') },
  });
});

test('a POST with an Idempotency-Key is done once', async () => {
  const headers = { 'idempotency-key': 'the same' };

  const first = await api.call('POST', '/syncs', definition({ name: 'Once' }), headers);
  const second = await api.call('POST', '/syncs', definition({ name: 'Once' }), headers);
  const other = await api.call('POST', '/syncs', definition({ name: 'Other' }), headers);

  expect(second.body).toEqual(first.body);
  expect(other.status).toBe(422);
  expect((await api.call('GET', '/syncs?search=Once')).body.items).toHaveLength(1);
});

test('a change that was made on an old version is refused', async () => {
  const syncId = await given();

  const changed = await api.call('PUT', `/syncs/${syncId}`, definition({ name: 'Renamed' }), { 'if-match': '"1"' });
  const late = await api.call('PUT', `/syncs/${syncId}`, definition({ name: 'Late' }), { 'if-match': '"1"' });

  expect(changed).toMatchObject({ status: 200, body: { name: 'Renamed', version: 2 } });
  expect(changed.headers.get('etag')).toBe('"2"');
  expect(late.status).toBe(412);
});

test('every version of a sync stays as it was saved, the newest comes first', async () => {
  const syncId = await given();
  await api.call('PUT', `/syncs/${syncId}`, { name: 'Second', schedule: { type: 'now' } });
  await api.call('PUT', `/syncs/${syncId}`, { name: 'Third' });

  const { body } = await api.call('GET', `/syncs/${syncId}/versions?limit=2`);
  const rest = await api.call('GET', `/syncs/${syncId}/versions?limit=2&cursor=${body.nextCursor}`);

  expect(body.items).toMatchObject([
    { version: 3, definition: { name: 'Third' }, scheduleText: null, savedBy: expect.stringMatching(/./) },
    {
      version: 2,
      definition: { name: 'Second', schedule: { type: 'now' } },
      scheduleText: 'Once, as soon as it is activated',
    },
  ]);
  expect(body.items).toHaveLength(2);
  expect(rest.body).toMatchObject({ items: [{ version: 1, definition: definition() }], nextCursor: null });
});

test('a foreign Host is refused, so that no web page can use the API under a name of its own', async () => {
  const { port } = new URL(api.url);
  const { request } = await import('node:http');

  const status = await new Promise((resolve, reject) => {
    const call = request({ port, path: '/openapi.json', headers: { host: 'evil.example.com' } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    call.on('error', reject).end();
  });

  expect(status).toBe(403);
});
