import { connect } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { RunningApi } from '../support/running-api';
import { testTemporal } from '../support/temporal';

let connection: Connection;
let api: RunningApi;
let syncId: string;

beforeAll(async () => {
  connection = Connection.lazy({ address: testTemporal().address });
  api = await RunningApi.start({ engine: new TemporalEngine(new Client({ connection })), allowedHosts: [] });
  const { body } = await api.call('POST', '/syncs', { name: 'A draft' });
  syncId = String(body.id);
}, 30_000);

afterAll(async () => {
  await api.stop();
  await connection.close();
});

const NOBODY = '00000000-0000-4000-8000-000000000000';
const deep = `{"name":"x","filter":${'{"not":'.repeat(20_000)}1${'}'.repeat(20_000)}}`;
const marketo = {
  name: 'M',
  kind: 'marketo',
  settings: { baseUrl: 'https://a.mktorest.com', clientId: 'c', clientSecret: 's' },
};
const json = { 'content-type': 'application/json' };

type Case = [
  what: string,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
  status: number,
];
const cases: Case[] = [
  ['an unknown path', 'GET', '/nothing', undefined, {}, 404],
  ['an unknown sync', 'GET', `/syncs/${NOBODY}`, undefined, {}, 404],
  ['an id that is none', 'GET', '/syncs/1', undefined, {}, 404],
  ['an id with NUL', 'GET', '/syncs/%00', undefined, {}, 422],
  ['a path that is not percent-encoded', 'GET', '/syncs/%E0%A4%A', undefined, {}, 400],
  ['a path that leads out', 'GET', '/..%2f..%2fetc%2fpasswd', undefined, {}, 404],
  ['a method that a path does not take', 'PUT', '/syncs', {}, {}, 405],
  ['a body that is cut', 'POST', '/syncs', '{"name":', json, 400],
  ['a body that is no object', 'POST', '/syncs', '"name"', json, 422],
  ['no body at all', 'POST', '/syncs', undefined, json, 422],
  ['a body without a type', 'POST', '/syncs', undefined, {}, 415],
  ['a body of another type', 'POST', '/syncs', 'name: x', { 'content-type': 'application/yaml' }, 415],
  [
    'a body in another character set',
    'POST',
    '/syncs',
    '{}',
    { 'content-type': 'application/json; charset=shift_jis' },
    415,
  ],
  ['a body of 2 MB', 'POST', '/connections', { ...marketo, name: 'x'.repeat(2_000_000) }, {}, 413],
  ['a definition of 17 MB', 'POST', '/syncs', { name: 'x', description: 'x'.repeat(17_000_000) }, {}, 413],
  ['a filter that is nested without end', 'POST', '/syncs', deep, json, 422],
  ['a text with NUL', 'POST', '/syncs', { name: 'x\0' }, {}, 422],
  ['half of a surrogate pair', 'POST', '/syncs', '{"name":"\\ud800"}', json, 422],
  ['a member that is not known', 'POST', '/syncs', { name: 'x', mapings: [] }, {}, 422],
  ['a member named __proto__', 'POST', '/syncs', '{"name":"x","__proto__":{"status":"active"}}', json, 422],
  [
    'an operator that is not known',
    'POST',
    '/syncs',
    { name: 'x', filter: { column: 'a', operator: 'like' } },
    {},
    422,
  ],
  ['a name that is empty', 'POST', '/syncs', { name: '  ' }, {}, 422],
  ['a limit beyond all measure', 'GET', '/syncs?limit=100000', undefined, {}, 422],
  ['a limit twice', 'GET', '/syncs?limit=1&limit=2', undefined, {}, 422],
  ['a filter of a list that is not known', 'GET', '/syncs?stauts=active', undefined, {}, 422],
  ['a status that is not known', 'GET', '/syncs?status=running', undefined, {}, 422],
  ['a cursor that is none', 'GET', '/syncs?cursor=abc', undefined, {}, 422],
  ['a search with NUL', 'GET', '/syncs?search=%00', undefined, {}, 422],
  [
    'an Idempotency-Key beyond all measure',
    'POST',
    '/syncs',
    { name: 'x' },
    { 'idempotency-key': 'x'.repeat(300) },
    422,
  ],
  ['an If-Match that is no version', 'PUT', '/syncs/:sync', { name: 'x' }, { 'if-match': '"abc"' }, 412],
  ['a sync without a source to View Query of', 'GET', '/syncs/:sync/query', undefined, {}, 422],
  ['a draft that is activated', 'POST', '/syncs/:sync/activate', undefined, {}, 422],
  ['a draft that is paused', 'POST', '/syncs/:sync/pause', undefined, {}, 409],
  ['a connection of an unknown kind', 'POST', '/connections', { ...marketo, kind: 'hubspot' }, {}, 422],
  ['a connection without its secret', 'POST', '/connections', { ...marketo, settings: { baseUrl: 'x' } }, {}, 422],
  [
    'a connection with another protocol',
    'POST',
    '/connections',
    { ...marketo, settings: { ...marketo.settings, baseUrl: 'ftp://a.b' } },
    {},
    422,
  ],
  [
    'a query over an unknown connection',
    'POST',
    '/query',
    { source: { connectionId: NOBODY, object: 'Lead' } },
    {},
    422,
  ],
  [
    'a zone that is none',
    'POST',
    '/query',
    { source: { connectionId: NOBODY, object: 'Lead' }, schedule: { type: 'now', timeZone: 'x' } },
    {},
    422,
  ],
];

test.each(cases)(
  '%s is refused with the status that fits it, in the one shape (ASVS 2.2.1, 2.2.2, 5.2.1, 16.5.1)',
  async (_what, method, path, body, headers, status) => {
    const reply = await api.call(method, path.replace(':sync', syncId), body, headers);

    expect(reply.status).toBe(status);
    expect(reply.type).toContain('application/problem+json');
    expect(reply.body).toMatchObject({
      type: 'about:blank',
      title: expect.any(String),
      status,
      detail: expect.any(String),
    });
  },
);

test('a request that cannot be read is refused in the same shape', async () => {
  const { port } = new URL(api.url);
  const answerTo = async (text: string): Promise<string> => {
    const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
    socket.write(text);
    let answer = '';
    for await (const part of socket) answer += part;
    return answer;
  };

  const long = await answerTo(`GET /api/v1/syncs?search=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const garbage = await answerTo('HELLO\r\n\r\n');

  expect(long).toMatch(/^HTTP\/1.1 431 .*problem\+json.*"status":431/s);
  expect(garbage).toMatch(/^HTTP\/1.1 400 .*problem\+json.*"status":400/s);
});

test('a method that a path does not take is answered with those that it takes', async () => {
  const reply = await api.call('PUT', '/connections');
  const outside = await fetch(`${api.url}/openapi.json`, { method: 'POST' });

  expect(reply.headers.get('allow')).toBe('GET, POST');
  expect([outside.status, outside.headers.get('allow')]).toEqual([405, 'GET']);
});

test('a draft that is activated learns of every member that is missing', async () => {
  const reply = await api.call('POST', `/syncs/${syncId}/activate`);

  const errors = reply.body.errors as unknown as { path: string }[];
  expect(errors.map(({ path }) => path)).toEqual(['source', 'destination', 'mappings', 'schedule']);
});

test('a definition with an unknown connection learns of all else that is wrong as well', async () => {
  const end = { connectionId: NOBODY, object: 'Lead' };
  const saved = await api.call('POST', '/syncs', {
    name: 'Much is wrong',
    source: end,
    destination: end,
    mappings: [
      { from: { field: 'a' }, to: 'b' },
      { from: { field: 'c' }, to: 'b' },
    ],
    schedule: { type: 'once', at: '2026-02-30T09:00', timeZone: 'Europe/Vienna' },
  });

  const reply = await api.call('POST', `/syncs/${String(saved.body.id)}/activate`);

  const errors = reply.body.errors as unknown as { path: string }[];
  expect(reply.status).toBe(422);
  expect(errors.map(({ path }) => path)).toEqual([
    'source.connectionId',
    'destination.connectionId',
    'mappings[1].to',
    'schedule.at',
  ]);
});

test('a connection to a host that is not the vendor’s is told by its test, and nothing is sent there', async () => {
  const settings = { ...marketo.settings, baseUrl: 'https://evil-mktorest.com' };
  const made = await api.call('POST', '/connections', { ...marketo, name: 'Elsewhere', settings });
  const id = String(made.body.id);

  const tested = await api.call('POST', `/connections/${id}/test`);
  const objects = await api.call('GET', `/connections/${id}/objects/Lead`);

  expect(tested).toMatchObject({ status: 200, body: { ok: false, account: null, quota: null } });
  expect(String(tested.body.problem)).toContain('SYNC_ALLOWED_HOSTS');
  expect(objects.status).toBe(409);
  expect(String(objects.body.detail)).toContain('Connection "Elsewhere"');
});

test('lists are read page by page, each item once, though names are alike', async () => {
  const made = await Promise.all(Array.from({ length: 7 }, () => api.call('POST', '/syncs', { name: 'Paged' })));

  const seen: unknown[] = [];
  for (let cursor: unknown = ''; cursor !== null; ) {
    const more: string = cursor === '' ? '' : `&cursor=${String(cursor)}`;
    const { body } = await api.call('GET', `/syncs?search=pAGED&limit=3${more}`);
    seen.push(...(body.items as unknown as { id: string }[]).map(({ id }) => id));
    cursor = body.nextCursor;
  }
  const audited: unknown[] = [];
  for (let cursor: unknown = ''; cursor !== null; ) {
    const more: string = cursor === '' ? '' : `&cursor=${String(cursor)}`;
    const { body } = await api.call('GET', `/audit?limit=2${more}`);
    audited.push(...(body.items as unknown as { subject: string }[]).map(({ subject }) => subject));
    cursor = body.nextCursor;
  }

  const ids = made.map(({ body }) => String(body.id));
  expect([...seen].sort()).toEqual([...ids].sort());
  expect(audited).toEqual(expect.arrayContaining(ids.map((id) => `sync/${id}`)));
  expect(new Set(audited).size).toBe(audited.length);
});

test('an answer can be sent back with a change; what is not of the definition is ignored', async () => {
  const { body } = await api.call('GET', `/syncs/${syncId}`);

  const reply = await api.call('PUT', `/syncs/${syncId}`, { ...body, name: 'Renamed', status: 'active', version: 99 });

  expect(reply).toMatchObject({ status: 200, body: { name: 'Renamed', status: 'draft', version: 2 } });
});

test('when the database is away, the answer says so, and that it is worth trying again (ASVS 16.5.2)', async () => {
  await using ended = await startedAlone();
  await ended.api.database.close();

  const reply = await ended.api.call('GET', '/syncs');
  const ready = await fetch(`${ended.api.url}/readyz`);
  const alive = await fetch(`${ended.api.url}/healthz`);

  expect(reply).toMatchObject({ status: 503, body: { detail: expect.stringContaining('database') } });
  expect(reply.headers.get('retry-after')).toBe('2');
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({
    database: false,
    missing: expect.arrayContaining(['database', 'worker']),
  });
  expect(alive.status).toBe(200);
});

async function startedAlone() {
  const alone = await RunningApi.start({ engine: new TemporalEngine(new Client({ connection })), allowedHosts: [] });
  return { api: alone, [Symbol.asyncDispose]: () => alone.stop() };
}
