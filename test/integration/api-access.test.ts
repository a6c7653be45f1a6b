import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { Client, Connection } from '@temporalio/client';
import { ROUTES } from '../../src/api/routes';
import type { Role } from '../../src/api/schemas/roles';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { createLogger } from '../../src/logging';
import { RunningApi } from '../support/running-api';
import { testTemporal } from '../support/temporal';

/** Who may call what. A new route is entered here, or the test fails. */
const LEAST_ROLES: Record<string, Role> = {
  'GET /connections': 'viewer',
  'POST /connections': 'admin',
  'GET /connections/:connectionId': 'viewer',
  'PATCH /connections/:connectionId': 'admin',
  'DELETE /connections/:connectionId': 'admin',
  'POST /connections/:connectionId/test': 'operator',
  'GET /connections/:connectionId/objects': 'viewer',
  'GET /connections/:connectionId/objects/:object': 'viewer',
  'GET /syncs': 'viewer',
  'GET /sync-counts': 'viewer',
  'POST /syncs': 'operator',
  'GET /syncs/:syncId': 'viewer',
  'PUT /syncs/:syncId': 'operator',
  'DELETE /syncs/:syncId': 'operator',
  'GET /syncs/:syncId/versions': 'viewer',
  'GET /syncs/:syncId/query': 'viewer',
  'POST /query': 'viewer',
  'POST /suggest-mappings': 'viewer',
  'POST /examples': 'operator',
  'POST /count': 'operator',
  'POST /schedule': 'viewer',
  'POST /syncs/:syncId/activate': 'operator',
  'POST /syncs/:syncId/pause': 'operator',
  'POST /syncs/:syncId/resume': 'operator',
  'POST /syncs/:syncId/run-now': 'operator',
  'POST /syncs/:syncId/cancel': 'operator',
  'GET /syncs/:syncId/wishes': 'viewer',
  'GET /syncs/:syncId/executions': 'viewer',
  'GET /syncs/:syncId/still-due': 'viewer',
  'GET /still-due': 'viewer',
  'GET /executions/:executionId': 'viewer',
  'GET /executions/:executionId/events': 'viewer',
  'GET /executions/:executionId/causes': 'viewer',
  'GET /executions/:executionId/timeline': 'viewer',
  'GET /executions/:executionId/records': 'viewer',
  'GET /executions/:executionId/records/:sourceId': 'viewer',
  'GET /executions/:executionId/records.csv': 'viewer',
  'POST /executions/:executionId/cancel': 'operator',
  'POST /executions/:executionId/undo': 'operator',
  'POST /executions/:executionId/retry-failed': 'operator',
  'POST /executions/:executionId/give-up': 'operator',
  'POST /syncs/:syncId/preview': 'operator',
  'GET /previews/:previewId': 'viewer',
  'GET /previews/:previewId/records': 'viewer',
  'GET /previews/:previewId/records.csv': 'viewer',
  'GET /previews/:previewId/records.json': 'viewer',
  'POST /previews/:previewId/cancel': 'operator',
  'POST /previews/:previewId/apply': 'operator',
  'GET /webhooks': 'operator',
  'POST /webhooks': 'admin',
  'GET /webhooks/:webhookId': 'operator',
  'PUT /webhooks/:webhookId': 'admin',
  'DELETE /webhooks/:webhookId': 'admin',
  'POST /webhooks/:webhookId/rotate-secret': 'admin',
  'POST /webhooks/:webhookId/test': 'operator',
  'GET /webhooks/:webhookId/deliveries': 'operator',
  'GET /webhooks/:webhookId/deliveries/:deliveryId': 'operator',
  'POST /webhooks/:webhookId/deliveries/:deliveryId/redeliver': 'operator',
  'GET /session': 'viewer',
  'POST /session': 'viewer',
  'DELETE /session': 'viewer',
  'POST /session/links': 'admin',
  'GET /settings': 'viewer',
  'GET /definitions': 'viewer',
  'POST /definitions/validate': 'viewer',
  'POST /definitions/compare': 'viewer',
  'POST /definitions/apply': 'operator',
  'GET /audit': 'admin',
  'GET /audit/verification': 'admin',
  'GET /api-keys': 'admin',
  'POST /api-keys': 'admin',
  'DELETE /api-keys/:apiKeyId': 'admin',
  'POST /secrets/rotate': 'admin',
  'POST /salesforce-consents': 'admin',
  'POST /salesforce-consents/finish': 'admin',
};
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];
const NOBODY = '00000000-0000-4000-8000-000000000000';

let connection: Connection;
let engine: TemporalEngine;
let api: RunningApi;
const keys = new Map<Role, string>();

beforeAll(async () => {
  connection = Connection.lazy({ address: testTemporal().address });
  engine = new TemporalEngine(new Client({ connection }));
  api = await RunningApi.start({ engine, allowedHosts: [] });
  for (const role of ROLES) {
    const { body } = await api.call('POST', '/api-keys', { name: `The ${role}`, role });
    keys.set(role, String(body.key));
  }
}, 30_000);

afterAll(async () => {
  await api.stop();
  await connection.close();
});

const nameOf = ({ method, path }: (typeof ROUTES)[number]) => `${method.toUpperCase()} ${path}`;

test('every route has its line in the table of roles', () => {
  expect(Object.keys(LEAST_ROLES).sort()).toEqual(ROUTES.map(nameOf).sort());
});

test.each(ROUTES.map((spec) => [nameOf(spec), spec] as const))(
  '%s is refused without a key, with a wrong one and to lower roles, and answered to the others (ASVS 6.3.4, 8.2.1, 8.3.1)',
  async (name, spec) => {
    const path = spec.path.replaceAll(/:\w+/g, NOBODY);
    const body = spec.body ? {} : undefined;
    const statusFor = async (authorization: string) =>
      (await api.call(spec.method.toUpperCase(), path, body, { authorization })).status;

    const unknown = [await statusFor(''), await statusFor('Bearer sync_none'), await statusFor(`Basic ${api.key}`)];
    const byRole = await Promise.all(ROLES.map((role) => statusFor(`Bearer ${keys.get(role)}`)));

    const least = ROLES.indexOf(LEAST_ROLES[name] ?? 'viewer');
    expect(unknown).toEqual([401, 401, 401]);
    byRole.forEach((status, at) => {
      if (at < least) expect(status).toBe(403);
      else expect([200, 201, 404, 422]).toContain(status);
    });
  },
);

describe('callers are held apart', () => {
  let limited: RunningApi;
  beforeAll(async () => {
    const shared = { database: api.database, secretKeys: [randomBytes(32)] };
    limited = await RunningApi.start({ engine, allowedHosts: [], shared, callsPerMinute: 3 });
  });
  afterAll(() => limited.stop());
  const statusOf = async (key: string | undefined) =>
    (await limited.call('GET', '/syncs', undefined, { authorization: `Bearer ${key}` })).status;

  test('one that calls too often is told when to try again, and takes nothing from the others (ASVS 2.4.1, 15.2.2)', async () => {
    for (let call = 0; call < 3; call += 1) expect(await statusOf(keys.get('viewer'))).toBe(200);

    const refused = await limited.call('GET', '/syncs', undefined, { authorization: `Bearer ${keys.get('viewer')}` });

    expect(refused).toMatchObject({ status: 429, body: { detail: expect.stringMatching(/Try again in \d+ s/) } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await statusOf(keys.get('operator'))).toBe(200);
  });

  test('who tries one key after the other is not answered any more, but who had a right one is (ASVS 6.3.1)', async () => {
    await statusOf(keys.get('admin'));
    const tried: number[] = [];
    for (let at = 0; at < 700; at += 1) tried.push(await statusOf(`wrong-${at}`));

    expect(tried.indexOf(429)).toBe(600);
    expect(await statusOf('wrong-again')).toBe(429);
    expect(await statusOf(keys.get('admin'))).toBe(200);
    // sessions that are invented count likewise, so that they cost the database nothing either
    const { port } = new URL(limited.url);
    const invented = { authorization: '', cookie: `sync_session_${port}=invented` };
    expect((await limited.call('GET', '/syncs', undefined, invented)).status).toBe(429);
  });
});

describe('behind a proxy', () => {
  const PROXIES = { trusted: ['127.0.0.1', '10.0.0.0/8'], none: [] };
  const logged: string[] = [];
  const statusOf = async (proxied: RunningApi, key: string, forwardedFor: string) =>
    (
      await proxied.call('GET', '/syncs', undefined, {
        authorization: `Bearer ${key}`,
        'x-forwarded-for': forwardedFor,
      })
    ).status;

  test.each([
    ['a trusted one is believed, and whoever calls it is not', PROXIES.trusted, '198.51.100.7'],
    ['one that is not trusted is who calls', PROXIES.none, '127.0.0.1'],
  ])('%s (ASVS 15.3.4)', async (_title, trustedProxies, expected) => {
    logged.length = 0;
    const log = createLogger('api', 'info', { write: (line) => void logged.push(line) });
    const shared = { database: api.database, secretKeys: [randomBytes(32)] };
    const proxied = await RunningApi.start({ engine, allowedHosts: [], shared, trustedProxies, log });

    // the first address is what the caller says itself
    await statusOf(proxied, 'wrong', '203.0.113.1, 198.51.100.7, 10.1.2.3');
    await proxied.stop();

    const requests = logged.map((line) => JSON.parse(line) as { msg: string; address: string });
    expect(requests.filter(({ msg }) => msg === 'request')).toMatchObject([{ address: expected }]);
  });

  test('who guesses keys takes nothing from others who call by the same proxy (ASVS 15.3.4)', async () => {
    const shared = { database: api.database, secretKeys: [randomBytes(32)] };
    const proxied = await RunningApi.start({ engine, allowedHosts: [], shared, trustedProxies: PROXIES.trusted });
    for (let at = 0; at < 600; at += 1) await statusOf(proxied, `wrong-${at}`, '203.0.113.1');

    expect(await statusOf(proxied, 'wrong', '203.0.113.1')).toBe(429);
    expect(await statusOf(proxied, 'wrong', '203.0.113.2')).toBe(401);
    await proxied.stop();
  });
});

test('a key that was revoked is refused at once, and the audit tells who made and who revoked it', async () => {
  const made = await api.call('POST', '/api-keys', { name: 'Short-lived', role: 'viewer' });
  const authorization = `Bearer ${String(made.body.key)}`;

  const before = await api.call('GET', '/syncs', undefined, { authorization });
  const revoked = await api.call('DELETE', `/api-keys/${String(made.body.id)}`);
  const after = await api.call('GET', '/syncs', undefined, { authorization });
  const again = await api.call('DELETE', `/api-keys/${String(made.body.id)}`);
  const audit = await api.call('GET', '/audit?limit=2');

  expect([before.status, revoked.status, after.status, again.status]).toEqual([200, 204, 401, 404]);
  expect(after.headers.get('www-authenticate')).toContain('Bearer');
  expect(audit.body.items).toMatchObject([
    {
      who: 'SYNC_API_KEY',
      whoText: 'the built-in administrator',
      action: 'api-key.revoke',
      subject: `api-key/${String(made.body.id)}`,
    },
    { who: 'SYNC_API_KEY', action: 'api-key.create', details: { name: 'Short-lived', role: 'viewer' } },
  ]);
});

test('a key that has expired is refused like one that was revoked, and so are sessions that it has opened (ASVS 6.3.4)', async () => {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const made = await api.call('POST', '/api-keys', { name: 'For an hour', role: 'viewer', expiresAt });
  const authorization = `Bearer ${String(made.body.key)}`;
  const opened = await api.call('POST', '/session', undefined, { authorization });
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const statuses = async () => [
    (await api.call('GET', '/session', undefined, { authorization })).status,
    (await api.call('GET', '/session', undefined, { authorization: '', cookie })).status,
  ];
  const before = await statuses();
  const listed = await api.call('GET', '/api-keys?limit=1000');

  await api.database.sql`update api_keys set expires_at = now() where api_key_id = ${String(made.body.id)}`;
  const after = await statuses();

  expect(made.body).toMatchObject({ expiresAt });
  expect(listed.body.items).toContainEqual(expect.objectContaining({ name: 'For an hour', expiresAt }));
  expect(listed.body.items).toContainEqual(expect.objectContaining({ name: 'The viewer', expiresAt: null }));
  expect([before, after]).toEqual([
    [200, 200],
    [401, 401],
  ]);
});

test.each(['2020-01-01T00:00:00Z', 'tomorrow'])(
  'a key that ends %s is refused, by the name of the member',
  async (expiresAt) => {
    const refused = await api.call('POST', '/api-keys', { name: 'Over already', role: 'viewer', expiresAt });

    expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: 'expiresAt' }] } });
  },
);

test('a query parameter that a route does not know is refused, also where it knows none', async () => {
  for (const path of ['/session', '/settings', '/sync-counts?statu=active', '/syncs?statu=active']) {
    const refused = await api.call('GET', path.includes('?') ? path : `${path}?statu=active`);
    expect([path, refused.status, refused.body.errors]).toEqual([
      path,
      422,
      [{ path: 'statu', message: 'There is no member "statu".' }],
    ]);
  }
  expect(await api.call('POST', '/session/links?for=ever')).toMatchObject({ status: 422 });
});

describe('streams of events', () => {
  const open: AbortController[] = [];
  let limited: RunningApi;
  let path: string;
  beforeAll(async () => {
    const shared = { database: api.database, secretKeys: [randomBytes(32)] };
    limited = await RunningApi.start({ engine, allowedHosts: [], shared, eventStreams: { ofOne: 2, ofAll: 3 } });
    const { body } = await api.call('POST', '/syncs', { name: 'Followed' });
    const [row] = await api.database.sql<{ execution_id: string }[]>`
      insert into executions (sync_id, number, version, trigger, scheduled_for, state, staged_on, as_of)
      values (${String(body.id)}, 1, 1, 'now', now(), 'running', now(), now()) returning execution_id`;
    path = `/executions/${row?.execution_id}/events`;
  });
  afterAll(async () => {
    for (const stream of open) stream.abort();
    await limited.stop();
  });
  async function follow(role: Role): Promise<Response> {
    const stream = new AbortController();
    open.push(stream);
    const headers = { authorization: `Bearer ${keys.get(role)}` };
    return fetch(`${limited.url}/api/v1${path}`, { headers, signal: stream.signal });
  }

  test('are counted for each key and for all together, and one more is told what to do (ASVS 15.2.2)', async () => {
    const first = [await follow('viewer'), await follow('viewer')];
    const third = await follow('viewer');
    const other = await follow('operator');
    const forAll = await follow('operator');
    open[0]?.abort();
    let again = await follow('viewer');
    while (again.status === 429) again = await follow('viewer');

    expect([...first, other, again].map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect([third.status, forAll.status]).toEqual([429, 429]);
    expect(third.headers.get('retry-after')).toBe('10');
    expect(((await third.json()) as { detail: string }).detail).toBe(
      '2 executions are followed with this key or session already. End one of them, or ask for the execution itself now and then (GET /executions/:id).',
    );
    expect(((await forAll.json()) as { detail: string }).detail).toMatch(/^3 executions are followed already/);
  });
});

test('a key is shown once: it is in no list, and in no table (ASVS 15.3.1)', async () => {
  const headers = { 'idempotency-key': 'make a key' };
  const made = await api.call('POST', '/api-keys', { name: 'Shown once', role: 'viewer' }, headers);
  const again = await api.call('POST', '/api-keys', { name: 'Shown once', role: 'viewer' }, headers);
  const list = await api.call('GET', '/api-keys?limit=200');
  const tables = await Promise.all([
    api.database.sql`select * from api_keys`,
    api.database.sql`select * from idempotency_keys`,
    api.database.sql`select * from audit`,
  ]);

  const key = String(made.body.key);
  expect(made.status).toBe(201);
  expect(again.status).toBe(409);
  expect(JSON.stringify(list.body.items)).toContain('Shown once');
  expect(JSON.stringify([list.body, tables])).not.toContain(key.slice(5, 40));
});

test('two keys that are in use never share a name, by which the audit tells them apart', async () => {
  const name = 'Nightly';

  const first = await api.call('POST', '/api-keys', { name, role: 'viewer' });
  const second = await api.call('POST', '/api-keys', { name, role: 'admin' });
  const settings = await api.call('POST', '/api-keys', { name: 'SYNC_API_KEY', role: 'admin' });

  expect([first.status, second.status, settings.status]).toEqual([201, 409, 409]);
});

/** `fetch` sets `Host` by itself. */
const statusWith = (path: string, headers: Record<string, string>) =>
  new Promise<number | undefined>((resolve, reject) => {
    const { port } = new URL(api.url);
    const call = request({ port, path, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode));
    });
    call.on('error', reject).end();
  });

test('a foreign Host is refused even with the right key, so that no web page can use the API under a name of its own', async () => {
  const authorization = `Bearer ${api.key}`;

  const foreign = await statusWith('/api/v1/syncs', { host: 'evil.example.com', authorization });
  const own = await statusWith('/api/v1/syncs', { host: 'localhost:3000', authorization });
  const probe = await statusWith('/healthz', { host: '10.1.2.3:3000' });

  expect([foreign, own, probe]).toEqual([403, 200, 200]);
});

test('no answer lets pages of other origins read it (ASVS 3.4.2, 14.2.2, 14.3.2)', async () => {
  const reply = await api.call('GET', '/syncs', undefined, { origin: 'https://evil.example.com' });

  expect(reply.headers.get('access-control-allow-origin')).toBeNull();
  expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(reply.headers.get('cache-control')).toBe('no-store');
});
