import { request } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Client, Connection } from '@temporalio/client';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { createLogger } from '../../src/logging';
import { RunningApi } from '../support/running-api';
import { testTemporal } from '../support/temporal';

const HTTPS = 'https://sync.example.com';

let connection: Connection;
let api: RunningApi;
const logged: string[] = [];

beforeAll(async () => {
  connection = Connection.lazy({ address: testTemporal().address });
  const engine = new TemporalEngine(new Client({ connection }));
  const log = createLogger('api', 'trace', { write: (line) => void logged.push(line) });
  api = await RunningApi.start({ engine, allowedHosts: [], log, publicUrl: HTTPS });
}, 30_000);
beforeEach(() => {
  logged.length = 0;
});
afterAll(async () => {
  await api.stop();
  await connection.close();
});

interface LoggedRequest {
  msg: string;
  time: number;
  path: string;
  status: number;
  address: string;
  callerId?: string;
}

/** What the log says of requests, once it says so much; lines are written when an answer is out. */
async function loggedRequests(count: number): Promise<LoggedRequest[]> {
  for (;;) {
    const lines = logged.map((line) => JSON.parse(line) as LoggedRequest).filter(({ msg }) => msg === 'request');
    if (lines.length >= count) return lines;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const ADDRESSES = ['/api/v1/syncs', '/api/v1/nothing', '/openapi.json', '/docs', '/healthz', '/metrics', '/nowhere'];

test.each(ADDRESSES)(
  'the answer of %s has the headers that keep browsers safe (ASVS 3.2.1, 3.4.1, 3.4.3, 3.4.4, 3.4.5, 3.4.6, 4.1.1, 14.2.3)',
  async (path) => {
    const { headers } = await fetch(`${api.url}${path}`, { headers: { authorization: `Bearer ${api.key}` } });

    const policy = headers.get('content-security-policy') ?? '';
    for (const part of [
      "default-src 'none'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "script-src 'self'",
    ]) {
      expect(policy.split(';')).toContain(part);
    }
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-type')).toMatch(/^(application|text)\/[\w+.-]+; ?(version=[\d.]+; ?)?charset=utf-8/);
    expect(headers.get('x-powered-by')).toBeNull();
  },
);

test('a session over https has a cookie that no other host, script or site gets (ASVS 3.3.1, 3.3.2, 3.3.3, 3.3.4)', async () => {
  const { headers } = await api.call('POST', '/session');

  expect(headers.get('set-cookie')).toMatch(
    /^__Host-sync_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/,
  );
});

test('TRACE is not answered, and nothing lists a folder (ASVS 5.3.2, 13.4.3, 13.4.4)', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request(`${api.url}/api/v1/syncs`, { method: 'TRACE' }, (answer) => resolve(answer.resume().statusCode))
      .once('error', reject)
      .end();
  });
  const folders = await Promise.all(
    ['/assets/', '/assets', '/.git/', '/.git/config', '/..%2f..%2f'].map((path) => fetch(`${api.url}${path}`)),
  );

  expect(status).toBe(405);
  expect(folders.map((answer) => answer.status)).toEqual(folders.map(() => 404));
});

test('each request is logged with when, what, who and from where, also one that is refused (ASVS 16.2.1, 16.2.4, 16.3.1, 16.3.2, 16.3.3)', async () => {
  const { body } = await api.call('POST', '/api-keys', { name: 'Reads', role: 'viewer' });
  const viewer = { authorization: `Bearer ${String(body.key)}` };

  await api.call('GET', '/syncs', undefined, { authorization: 'Bearer sync_wrong' });
  await api.call('GET', '/audit', undefined, viewer);
  await api.call('GET', '/syncs', undefined, viewer);

  const [made, unknown, refused, read] = await loggedRequests(4);
  expect(made).toMatchObject({ path: '/api/v1/api-keys', status: 201, callerId: 'SYNC_API_KEY', address: '127.0.0.1' });
  expect(unknown).toMatchObject({ path: '/api/v1/syncs', status: 401, address: '127.0.0.1' });
  expect(unknown).not.toHaveProperty('callerId');
  expect(refused).toMatchObject({ path: '/api/v1/audit', status: 403, callerId: body.id });
  expect(read).toMatchObject({ path: '/api/v1/syncs', status: 200, callerId: body.id });
  for (const line of [made, unknown, refused, read])
    expect(Math.abs(Date.now() - (line?.time ?? 0))).toBeLessThan(60_000);
  expect(logged.join('')).not.toContain('sync_wrong');
});

test('what a caller writes cannot begin a line of the log, nor is a query in it (ASVS 16.4.1)', async () => {
  const hostile = '/api/v1/%0a{"level":60,"msg":"forged"}%0d%1b[2J/?search=jane.doe@example.com';

  await fetch(`${api.url}${hostile}`);
  await loggedRequests(1);

  expect(logged).toHaveLength(1);
  expect(logged[0]?.trimEnd()).not.toMatch(/\p{Cc}/u);
  expect(JSON.parse(logged[0] ?? '')).toMatchObject({ level: 30, msg: 'request' });
  expect(logged.join('')).not.toContain('jane.doe');
});

test('members that a route does not know are refused, in the query too, and each is named (ASVS 15.3.3, 15.3.7)', async () => {
  const made = await api.call('POST', '/api-keys', { name: 'Sly', role: 'viewer', isAdmin: true, apiKeyId: 'mine' });
  const twice = await api.call('GET', '/syncs?limit=1&limit=1000');

  expect(made).toMatchObject({ status: 422, body: { errors: [{ path: 'isAdmin' }, { path: 'apiKeyId' }] } });
  expect(twice).toMatchObject({ status: 422, body: { errors: [{ path: 'limit' }] } });
});

test('names that lead to the prototype of objects change nothing (ASVS 15.3.6)', async () => {
  const body =
    '{"name":"Polluted","role":"viewer","__proto__":{"role":"admin","polluted":true},"constructor":{"prototype":{"polluted":true}}}';

  const reply = await api.call('POST', '/api-keys', body);

  expect(reply.status).toBe(422);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('a value that is an array or an object where a text is meant is refused (ASVS 15.3.5)', async () => {
  for (const name of [['Nightly'], { toString: 'x' }, 7, true, null]) {
    expect(await api.call('POST', '/api-keys', { name, role: 'viewer' })).toMatchObject({
      status: 422,
      body: { errors: [expect.objectContaining({ path: 'name' })] },
    });
  }
});

test('who calls is not told by headers that anybody can write (ASVS 4.1.3)', async () => {
  const forged = {
    'x-forwarded-for': '8.8.8.8',
    forwarded: 'for=8.8.8.8',
    'x-real-ip': '8.8.8.8',
    'x-user-id': 'admin',
  };

  await api.call('GET', '/syncs', undefined, { authorization: '', ...forged });

  expect((await loggedRequests(1))[0]).toMatchObject({ status: 401, address: '127.0.0.1' });
});

test('a request whose end is told in two ways is refused (ASVS 4.2.1)', async () => {
  const answerTo = async (head: string): Promise<string> => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1').setEncoding('utf8');
    const lines = ['POST /api/v1/query HTTP/1.1', 'Host: localhost', 'Content-Type: application/json', head];
    socket.write(`${lines.join('\r\n')}\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    let answer = '';
    for await (const part of socket) answer += part;
    return answer;
  };

  for (const head of [
    'Content-Length: 5\r\nTransfer-Encoding: chunked',
    'Content-Length: 5\r\nContent-Length: 6',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding : chunked',
  ]) {
    expect([head, await answerTo(head)]).toEqual([head, expect.stringMatching(/^HTTP\/1.1 400 /)]);
  }
  expect(logged.join('')).not.toContain('smuggled');
});

test('a body that is small only as long as it is packed is refused by its real size (ASVS 5.2.1, 5.2.3)', async () => {
  const packed = gzipSync(JSON.stringify({ name: 'x'.repeat(50_000_000), role: 'viewer' }));

  const reply = await api.call('POST', '/api-keys', new Uint8Array(packed), {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  });

  expect(packed.length).toBeLessThan(100_000);
  expect(reply.status).toBe(413);
});

test.each([`'); drop table audit; --`, `' or '1'='1`, `\\'; select pg_sleep(10); --`, '%', '_', '$1', `{"$ne":null}`])(
  'to the database, %j is a name like any other (ASVS 1.2.4)',
  async (name) => {
    const other = await api.call('POST', '/syncs', { name: `Other than ${name.length} signs` });
    const made = await api.call('POST', '/syncs', { name });

    const found = await api.call('GET', `/syncs?search=${encodeURIComponent(name)}`);

    expect([other.status, made.status, found.status]).toEqual([201, 201, 200]);
    const names = (found.body.items as unknown as { name: string }[]).map((item) => item.name);
    expect(names).toContain(name);
    expect(names.filter((each) => !each.includes(name))).toEqual([]);
  },
);
