import { Client, Connection } from '@temporalio/client';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { RunningApi } from '../support/running-api';
import { testTemporal } from '../support/temporal';

const TEN_MINUTES_MS = 10 * 60_000;
const CLIENT = { clientId: 'sandbox', clientSecret: 'sandbox' };

let temporal: Connection;
let sandbox: Sandbox;
let api: RunningApi;
let now = Date.now();

beforeAll(async () => {
  temporal = Connection.lazy({ address: testTemporal().address });
  sandbox = await startSandbox();
  api = await RunningApi.start({
    engine: new TemporalEngine(new Client({ connection: temporal })),
    allowedHosts: [new URL(sandbox.salesforce.url).host],
    now: () => new Date(now).toISOString(),
  });
}, 60_000);
afterAll(async () => {
  await api.stop();
  await sandbox.stop();
  await temporal.close();
});

const settings = () => ({ loginUrl: sandbox.salesforce.url, ...CLIENT });

/** Begins a consent. @returns the page of Salesforce's */
async function begin(body: object): Promise<URL> {
  const begun = await api.call('POST', '/salesforce-consents', { settings: settings(), ...body });
  expect(begun).toMatchObject({ status: 201 });
  return new URL(String(begun.body.url));
}

/** What a person does on the page of Salesforce's. @returns where they are sent back to */
async function decide(page: URL, decision: 'allow' | 'deny'): Promise<URLSearchParams> {
  const form = new URLSearchParams([...page.searchParams, ['decision', decision]]);
  const answer = await fetch(page.origin + page.pathname, { method: 'POST', body: form, redirect: 'manual' });
  const back = new URL(answer.headers.get('location') ?? '');
  expect(`${back.origin}${back.pathname}`).toBe(`${api.url}/connections/salesforce`);
  return back.searchParams;
}

const finish = (back: URLSearchParams, authorization = `Bearer ${api.key}`) =>
  api.call(
    'POST',
    '/salesforce-consents/finish',
    { state: back.get('state'), code: back.get('code') },
    { authorization },
  );

test('a person who lets Sync in on the page of Salesforce gets a connection that works, with no secret of it shown', async () => {
  const page = await begin({ name: 'By consent' });
  const back = await decide(page, 'allow');
  const finished = await finish(back);
  const tested = await api.call('POST', `/connections/${String(finished.body.id)}/test`);

  expect(page.searchParams.get('code_challenge_method')).toBe('S256');
  expect(page.searchParams.get('code_challenge')).toMatch(/^[\w-]{43}$/);
  expect(finished).toMatchObject({
    status: 200,
    body: { name: 'By consent', settings: { auth: { type: 'refreshToken', clientId: 'sandbox' } } },
  });
  expect(finished.body.identity).toMatch(/^00D/);
  expect(JSON.stringify(finished.body)).not.toMatch(/clientSecret|"refreshToken":|5Aep/);
  expect(tested.body).toMatchObject({ ok: true, problem: null });
});

test('a connection is connected anew, its secret kept where none is given', async () => {
  const made = await finish(await decide(await begin({ name: 'Anew' }), 'allow'));
  const connectionId = String(made.body.id);
  const { loginUrl, clientId } = settings();

  const page = await begin({ connectionId, settings: { loginUrl, clientId } });
  const finished = await finish(await decide(page, 'allow'));
  const tested = await api.call('POST', `/connections/${connectionId}/test`);

  expect(finished).toMatchObject({ status: 200, body: { id: connectionId, name: 'Anew' } });
  expect(tested.body).toMatchObject({ ok: true });
});

describe('a consent is ended once, by whoever began it, within ten minutes, with what the page gave', () => {
  const refused = { status: 404, body: { detail: expect.stringContaining('Begin again') } };

  test('a second time', async () => {
    const back = await decide(await begin({ name: 'Twice' }), 'allow');
    expect(await finish(back)).toMatchObject({ status: 200 });
    expect(await finish(back)).toMatchObject(refused);
  });

  test('by somebody else, which takes nothing from the one who began (ASVS 10.1.2)', async () => {
    const { body } = await api.call('POST', '/api-keys', { name: 'Somebody else', role: 'admin' });
    const back = await decide(await begin({ name: 'Mine' }), 'allow');
    expect(await finish(back, `Bearer ${String(body.key)}`)).toMatchObject(refused);
    expect(await finish(back)).toMatchObject({ status: 200 });
  });

  test('too late', async () => {
    const back = await decide(await begin({ name: 'Late' }), 'allow');
    now += TEN_MINUTES_MS;
    expect(await finish(back)).toMatchObject(refused);
  });

  test('with the code of another consent, which was made for another verifier (ASVS 10.2.1)', async () => {
    const [one, two] = [await begin({ name: 'One' }), await begin({ name: 'Two' })];
    const mixed = await decide(one, 'allow');
    mixed.set('code', (await decide(two, 'allow')).get('code') ?? '');
    expect(await finish(mixed)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('did not recognise who began the sign-in') },
    });
  });
});

test.each([
  [{ name: 'Elsewhere', settings: { loginUrl: 'https://login.example.com', ...CLIENT } }, 'login.example.com'],
  [{ settings: { loginUrl: 'https://login.salesforce.com', ...CLIENT } }, 'Give a name'],
  [{ name: 'By consent' }, 'name'],
])('what cannot become a connection is refused before anybody is sent away: %j', async (body, words) => {
  const answer = await api.call('POST', '/salesforce-consents', { settings: settings(), ...body });

  expect([409, 422]).toContain(answer.status);
  expect(JSON.stringify(answer.body)).toContain(words);
});

test('nothing that lets anybody in is readable in the database', async () => {
  const page = await begin({ name: 'Kept' });

  const [row] = await api.database.sql`select * from salesforce_consents order by expires_at desc limit 1`;

  expect(JSON.stringify(row)).not.toContain(page.searchParams.get('state'));
  expect(JSON.stringify(row)).not.toMatch(/clientSecret|verifier|Kept/);
});
