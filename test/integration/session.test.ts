import { Client, Connection } from '@temporalio/client';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { RunningApi } from '../support/running-api';
import { testTemporal } from '../support/temporal';

const HOUR_MS = 3_600_000;

let connection: Connection;
let api: RunningApi;
let now = Date.now();

beforeAll(async () => {
  connection = Connection.lazy({ address: testTemporal().address });
  const engine = new TemporalEngine(new Client({ connection }));
  api = await RunningApi.start({ engine, allowedHosts: [], now: () => new Date(now).toISOString() });
}, 30_000);

afterAll(async () => {
  await api.stop();
  await connection.close();
});

/** What a page of the web UI sends with each call, beside the cookie. */
const FROM_PAGE = { 'x-sync-request': 'true', 'sec-fetch-site': 'same-origin' };

const cookieOf = (headers: Headers): string => headers.get('set-cookie')?.split(';')[0] ?? '';

/** Calls as a browser does, by its cookie. */
const browse = (cookie: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  api.call(method, path, body, { authorization: '', cookie, ...FROM_PAGE, ...headers });

async function signedIn(key = api.key): Promise<string> {
  const reply = await api.call('POST', '/session', undefined, { authorization: `Bearer ${key}` });
  expect(reply.status).toBe(201);
  return cookieOf(reply.headers);
}

async function madeKey(role: string): Promise<{ id: string; key: string; name: string }> {
  const { body } = await api.call('POST', '/api-keys', { name: `A ${role} ${now}`, role });
  return body as unknown as { id: string; key: string; name: string };
}

test('an API key opens a session whose cookie no script and no other site gets, and which may do what the key may (ASVS 7.2.1, 7.2.2, 7.2.3)', async () => {
  const { key, name } = await madeKey('viewer');

  const opened = await api.call('POST', '/session', undefined, { authorization: `Bearer ${key}` });
  const cookie = cookieOf(opened.headers);
  const who = await browse(cookie, 'GET', '/session');
  const refused = await browse(cookie, 'POST', '/syncs', { name: 'Not mine to save' });
  const wrong = await api.call('POST', '/session', undefined, { authorization: 'Bearer sync_none' });

  expect(opened.headers.get('set-cookie')).toMatch(/^sync_session_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict;/);
  expect(who.body).toEqual({ name, role: 'viewer' });
  expect([refused.status, wrong.status]).toEqual([403, 401]);
});

test('a change by a session is refused when another site may have caused it, and reading is not (ASVS 3.5.1, 3.5.2)', async () => {
  const cookie = await signedIn();
  const save = (headers: Record<string, string>) =>
    api.call('POST', '/syncs', { name: 'Saved by a page' }, { authorization: '', cookie, ...headers });
  const { 'x-sync-request': own } = FROM_PAGE;

  const statuses = {
    own: (await save({ ...FROM_PAGE, origin: api.url })).status,
    otherOrigin: (await save({ 'x-sync-request': own, origin: 'http://evil.example.com' })).status,
    otherPort: (await save({ 'x-sync-request': own, 'sec-fetch-site': 'same-site' })).status,
    opaque: (await save({ 'x-sync-request': own, origin: 'null' })).status,
    form: (await save({ origin: api.url })).status,
    reading: (await api.call('GET', '/syncs', undefined, { authorization: '', cookie })).status,
  };

  expect(statuses).toEqual({ own: 201, otherOrigin: 403, otherPort: 403, opaque: 403, form: 403, reading: 200 });
});

test('a session ends when its person signs out, when its key is revoked, after 12 hours without use, and after a week (ASVS 7.3.1, 7.3.2, 7.4.1, 7.4.2, 7.4.3, 7.4.5)', async () => {
  const { id, key } = await madeKey('operator');
  const [left, revoked, idle, old] = await Promise.all([signedIn(), signedIn(key), signedIn(), signedIn()]);
  const status = async (cookie: string) => (await browse(cookie, 'GET', '/session')).status;

  const out = await browse(left, 'DELETE', '/session');
  await api.call('DELETE', `/api-keys/${id}`);
  now += 11 * HOUR_MS;
  const used = await status(old);
  now += 2 * HOUR_MS;
  const after = { left: await status(left), revoked: await status(revoked), idle: await status(idle) };
  const stillUsed = await status(old);
  for (let times = 0; times < 15; times += 1) {
    now += 11 * HOUR_MS;
    await status(old);
  }
  const afterWeek = await status(old);
  now = Date.now();

  expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
  expect([out.status, used, stillUsed]).toEqual([204, 200, 200]);
  expect({ ...after, afterWeek }).toEqual({ left: 401, revoked: 401, idle: 401, afterWeek: 401 });
});

test('who signs in anew ends the session that the same browser had, by key and by link (ASVS 7.2.4)', async () => {
  const signInAnew = (cookie: string) => api.call('POST', '/session', undefined, { cookie });
  const status = async (cookie: string) => (await browse(cookie, 'GET', '/session')).status;
  const [first, elsewhere] = [await signedIn(), await signedIn()];

  const second = cookieOf((await signInAnew(first)).headers);
  const url = String((await api.call('POST', '/session/links')).body.url);
  const third = cookieOf((await fetch(url, { redirect: 'manual', headers: { cookie: second } })).headers);

  const [ofFirst, ofSecond, ofThird, ofOther] = await Promise.all([first, second, third, elsewhere].map(status));
  expect({ ofFirst, ofSecond, ofThird, ofOther }).toEqual({
    ofFirst: 401,
    ofSecond: 401,
    ofThird: 200,
    ofOther: 200,
  });
});

test('a sign-in link opens one session within ten minutes, and leaves nothing of itself in the address (ASVS 6.4.1, 6.5.1, 6.5.5)', async () => {
  const link = async () => String((await api.call('POST', '/session/links')).body.url);
  const follow = (url: string) => fetch(url, { redirect: 'manual' });
  const [url, late] = [await link(), await link()];

  const looked = await fetch(url, { method: 'HEAD', redirect: 'manual' });
  const first = await follow(url);
  const second = await follow(url);
  now += 11 * 60_000;
  const tooLate = await follow(late);
  const who = await browse(cookieOf(first.headers), 'GET', '/session');
  now = Date.now();

  expect(new URL(url).origin).toBe(api.url);
  expect([first.status, first.headers.get('location')]).toEqual([303, '/']);
  expect(who.body).toEqual({ name: 'SYNC_API_KEY', role: 'admin' });
  for (const ended of [looked, second, tooLate]) {
    expect([ended.headers.get('location'), ended.headers.get('set-cookie')]).toEqual(['/?link=ended', null]);
  }
});

test('no table holds what a cookie or a link holds, and the audit tells who signed in', async () => {
  const cookie = await signedIn();
  const { body } = await api.call('POST', '/session/links');

  const tables = await Promise.all([
    api.database.sql`select * from sessions`,
    api.database.sql`select * from sign_in_links`,
    api.database.sql`select * from audit`,
  ]);

  const text = JSON.stringify(tables);
  expect(text).not.toContain(cookie.split('=')[1]);
  expect(text).not.toContain(String(body.url).split('=')[1]);
  expect(text).toContain('session.open');
});
