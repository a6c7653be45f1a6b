import { createSign, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from 'jsforce';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';

const NOW = Date.parse('2026-04-01T09:00:00Z');
const HOUR_MS = 3_600_000;
const client = { client_id: 'sandbox', client_secret: 'sandbox' };
const password = { grant_type: 'password', username: 'sandbox@example.com', password: 'sandbox', ...client };
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

let sandbox: Sandbox;
let url: string;

beforeEach(async () => {
  sandbox = await startSandbox({ startAt: NOW });
  url = sandbox.salesforce.url;
});
afterEach(async () => {
  expect(sandbox.defects).toEqual([]);
  await sandbox.stop();
});

type Settings = Parameters<Sandbox['salesforce']['vendor']['org']['changeSettings']>[0];
const set = (settings: Settings) => sandbox.salesforce.vendor.org.changeSettings(settings);

async function token(form: Record<string, string>, headers: Record<string, string> = {}) {
  const answer = await fetch(`${url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers,
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

async function accessToken(): Promise<string> {
  const { body } = await token({ grant_type: 'client_credentials', ...client });
  return body.access_token ?? '';
}

const useToken = (bearer: string) =>
  fetch(`${url}/services/data/v60.0/limits`, { headers: { authorization: `Bearer ${bearer}` } });
const violations = (): number =>
  sandbox.salesforce.violations().find(({ violation }) => violation === 'expiredTokenUsedAgain')?.count ?? 0;

describe('a token', () => {
  test('is answered as the vendor does, and serves for calls until it is ended', async () => {
    const { body } = await token({ grant_type: 'client_credentials', ...client });
    const { vendor } = sandbox.salesforce;

    const used = await useToken(body.access_token ?? '');
    vendor.expireTokens();
    const late = await useToken(body.access_token ?? '');

    const { organizationId, userId } = vendor.setup;
    expect(body).toEqual({
      access_token: expect.stringMatching(new RegExp(`^${organizationId.slice(0, 15)}![\\w-]{60,}$`)),
      signature: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      scope: 'api',
      instance_url: url,
      id: `${url}/id/${organizationId}/${userId}`,
      token_type: 'Bearer',
      issued_at: expect.stringMatching(/^17750340\d{5}$/),
    });
    expect(used.headers.get('sforce-limit-info')).toBe('api-usage=1/5000000');
    expect(late.status).toBe(401);
    expect(await late.json()).toEqual([{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]);
  });

  test('ends so long after its last use, by the sandbox’s clock', async () => {
    set({ sessionTimeoutMs: 2 * HOUR_MS });
    const bearer = await accessToken();

    sandbox.clock.advance(1.9 * HOUR_MS);
    const first = await useToken(bearer);
    sandbox.clock.advance(1.9 * HOUR_MS);
    const second = await useToken(bearer);
    sandbox.clock.advance(2 * HOUR_MS + 1);
    const third = await useToken(bearer);

    expect([first.status, second.status, third.status]).toEqual([200, 200, 401]);
  });

  test('that has ended is refused again and again, and counted as a violation from the second time on', async () => {
    const bearer = await accessToken();
    sandbox.salesforce.vendor.expireTokens();

    await useToken(bearer);
    const afterFirst = violations();
    const statuses: number[] = [];
    // calls that were on their way when the first refusal came are forgiven, so time has to pass
    while (violations() === 0 && statuses.length < 100_000) statuses.push((await useToken(bearer)).status);
    await useToken('00D000000000000!unknown');
    await useToken('00D000000000000!unknown');

    expect(afterFirst).toBe(0);
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(violations()).toBe(1);
  });

  test('outlives a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sync-sign-in-'));
    let other = await startSandbox({ dataDir });
    try {
      const at = other.salesforce.url;
      const answer = await fetch(`${at}/services/oauth2/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: 'client_credentials', ...client }),
      });
      const { access_token } = (await answer.json()) as { access_token: string };
      await other.stop();
      other = await startSandbox({ dataDir });

      const used = await fetch(`${at}/services/data/v60.0/limits`, {
        headers: { authorization: `Bearer ${access_token}` },
      });

      expect(used.status).toBe(200);
      expect(other.defects).toEqual([]);
    } finally {
      await other.stop();
      rmSync(dataDir, { recursive: true });
    }
  });

  test('that is revoked has ended; one that is unknown cannot be', async () => {
    const bearer = await accessToken();
    const revoke = (value: string) =>
      fetch(`${url}/services/oauth2/revoke`, { method: 'POST', body: new URLSearchParams({ token: value }) });

    const revoked = await revoke(bearer);
    const unknown = await revoke('nothing');

    expect([revoked.status, await revoked.text()]).toEqual([200, '']);
    expect((await useToken(bearer)).status).toBe(401);
    expect([unknown.status, await unknown.json()]).toEqual([
      400,
      { error: 'invalid_token', error_description: 'invalid token' },
    ]);
  });

  test('can be looked into by the client', async () => {
    const bearer = await accessToken();
    const look = async (value: string) => {
      const body = new URLSearchParams({ token: value, ...client });
      return (await fetch(`${url}/services/oauth2/introspect`, { method: 'POST', body })).json();
    };

    expect(await look(bearer)).toMatchObject({ active: true, client_id: 'sandbox', username: 'sandbox@example.com' });
    expect(await look('nothing')).toEqual({ active: false });
  });
});

describe('client credentials', () => {
  test('may come as HTTP Basic', async () => {
    set({ clientSecret: 'a:b/ü%' });
    const basic = Buffer.from(`sandbox:${encodeURIComponent('a:b/ü%')}`).toString('base64');

    const good = await token({ grant_type: 'client_credentials' }, { authorization: `Basic ${basic}` });
    const bad = await token(
      { grant_type: 'client_credentials' },
      { authorization: `Basic ${Buffer.from('sandbox:sandbox').toString('base64')}` },
    );

    expect(good.status).toBe(200);
    expect(bad.body).toMatchObject({ error: 'invalid_client' });
  });

  test('a library signs in by them', async () => {
    const connection = new Connection({
      oauth2: { loginUrl: url, clientId: 'sandbox', clientSecret: 'sandbox' },
      version: '60.0',
    });

    const user = await connection.authorize({ grant_type: 'client_credentials' });
    const identity = await connection.identity();

    expect(user).toMatchObject(idsOf());
    expect(connection.instanceUrl).toBe(url);
    expect(identity).toMatchObject({ user_id: user.id, username: 'sandbox@example.com' });
  });
});

const idsOf = () => {
  const { userId, organizationId } = sandbox.salesforce.vendor.setup;
  return { id: userId, organizationId };
};

describe('the password flow', () => {
  test('takes the password with the security token behind it, whatever the case of the user name', async () => {
    set({ securityToken: 'T0ken' });

    const bare = await token(password);
    const whole = await token({ ...password, username: 'SANDBOX@example.com', password: 'sandboxT0ken' });

    expect(bare.body).toEqual({ error: 'invalid_grant', error_description: 'authentication failure' });
    expect(whole.status).toBe(200);
    expect(whole.body.refresh_token).toBeUndefined();
  });

  test('a library with a client uses it to log in', async () => {
    const connection = new Connection({
      oauth2: { loginUrl: url, clientId: 'sandbox', clientSecret: 'sandbox' },
      version: '60.0',
    });

    expect(await connection.login('sandbox@example.com', 'sandbox')).toMatchObject(idsOf());
  });
});

describe('a signed assertion', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const seconds = (ms: number) => Math.floor(ms / 1_000);
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const assertion = (changes: Record<string, unknown> = {}, alg = 'RS256') => {
    const claims = {
      iss: 'sandbox',
      sub: 'sandbox@example.com',
      aud: 'https://login.salesforce.com',
      exp: seconds(NOW) + 180,
      ...changes,
    };
    const signed = `${encoded({ alg })}.${encoded(claims)}`;
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
  };
  const signIn = (value: string) => token({ grant_type: JWT_BEARER, assertion: value });

  beforeEach(() => set({ jwtPublicKey: pem }));

  test.each([['https://login.salesforce.com'], ['https://test.salesforce.com'], ['own address']])(
    'for %s signs in without a secret',
    async (audience) => {
      const { status, body } = await signIn(assertion({ aud: audience === 'own address' ? url : audience }));

      expect(status).toBe(200);
      expect((await useToken(body.access_token ?? '')).status).toBe(200);
    },
  );

  test.each([
    ['of another audience', () => assertion({ aud: 'https://elsewhere.example' }), 'audience is invalid'],
    ['that has expired', () => assertion({ exp: seconds(NOW) - 1 }), 'assertion is expired'],
    ['for another user', () => assertion({ sub: 'nobody@example.com' }), "user hasn't approved this consumer"],
    ['of another algorithm', () => assertion({}, 'none'), 'invalid assertion'],
    ['without claims', () => 'e30.e30.e30', 'invalid assertion'],
    ['that was changed', () => assertion().replace(/.{8}$/, 'AAAAAAAA'), 'invalid assertion'],
  ])('%s is refused', async (_name, make, description) => {
    const { status, body } = await signIn(make());

    expect([status, body]).toEqual([400, { error: 'invalid_grant', error_description: description }]);
  });

  test('is refused when its client is unknown, its user not approved, or the app has no key', async () => {
    const stranger = await signIn(assertion({ iss: 'stranger' }));
    set({ jwtPreApproved: false });
    const notApproved = await signIn(assertion());
    set({ jwtPreApproved: true, jwtPublicKey: null });
    const withoutKey = await signIn(assertion());

    expect(stranger.body.error).toBe('invalid_client_id');
    expect(notApproved.body.error_description).toBe("user hasn't approved this consumer");
    expect(withoutKey.body.error_description).toBe('invalid assertion');
  });
});

describe('the token endpoint refuses', () => {
  const credentials = { grant_type: 'client_credentials', ...client };

  test.each([
    ['a wrong secret', {}, { ...credentials, client_secret: 'wrong' }, 'invalid_client', 'invalid client credentials'],
    [
      'no secret',
      {},
      { grant_type: 'client_credentials', client_id: 'sandbox' },
      'invalid_client',
      'invalid client credentials',
    ],
    ['an unknown client', {}, { ...credentials, client_id: 'x' }, 'invalid_client_id', 'client identifier invalid'],
    ['a wrong password', {}, { ...password, password: 'wrong' }, 'invalid_grant', 'authentication failure'],
    ['an unknown user', {}, { ...password, username: 'x' }, 'invalid_grant', 'authentication failure'],
    ['no user name', {}, { ...password, username: '' }, 'invalid_request', 'missing required parameter: username'],
    ['a flow that there is not', {}, { grant_type: 'guess' }, 'unsupported_grant_type', 'grant type not supported'],
    ['no flow', {}, {}, 'unsupported_grant_type', 'grant type not supported'],
    ['a name every object has', {}, { grant_type: 'toString' }, 'unsupported_grant_type', 'grant type not supported'],
    [
      'client credentials without a run-as user',
      { clientCredentialsEnabled: false },
      credentials,
      'invalid_grant',
      'no client credentials user enabled',
    ],
    [
      'passwords when switched off',
      { passwordFlowEnabled: false },
      password,
      'invalid_grant',
      'authentication failure',
    ],
    [
      'an unknown refresh token',
      {},
      { grant_type: 'refresh_token', refresh_token: 'x', ...client },
      'invalid_grant',
      'expired access/refresh token',
    ],
    [
      'an unknown code',
      {},
      { grant_type: 'authorization_code', code: 'x', redirect_uri: 'http://localhost/', ...client },
      'invalid_grant',
      'expired authorization code',
    ],
  ])('%s', async (_name, settings, form, error, description) => {
    set(settings);

    const { status, body } = await token(form as Record<string, string>);

    expect([status, body]).toEqual([400, { error, error_description: description }]);
  });

  test('a user who was deactivated', async () => {
    const { setup } = sandbox.salesforce.vendor;
    await fetch(`${url}/services/data/v60.0/sobjects/User/${setup.userId}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${await accessToken()}`, 'content-type': 'application/json' },
      body: JSON.stringify({ IsActive: false }),
    });

    const { status, body } = await token({ grant_type: 'client_credentials', ...client });

    expect([status, body.error]).toEqual([400, 'inactive_user']);
  });

  test('what is no form, and what is asked by GET', async () => {
    const post = (body: string, type: string) =>
      fetch(`${url}/services/oauth2/token`, { method: 'POST', body, headers: { 'content-type': type } });

    const json = await post(JSON.stringify(credentials), 'application/json');
    const odd = await post('%E0%A4%A&&==', 'application/x-www-form-urlencoded; charset=x-none');
    const got = await fetch(`${url}/services/oauth2/token`);

    expect(await json.json()).toMatchObject({ error: 'unsupported_grant_type' });
    expect(await odd.json()).toMatchObject({ error: 'unsupported_grant_type' });
    expect([got.status, await got.json()]).toEqual([
      400,
      { error: 'invalid_request', error_description: 'must use HTTP POST' },
    ]);
  });
});

test.each([
  ['/id/%E0%A4%A/005', 404],
  ['//', 404],
  ['/services/Soap/u/%', 404],
])('an address that cannot be understood (%s) is answered with %i', async (path, status) => {
  const { hostname, port } = new URL(url);

  const answer = await new Promise<number | undefined>((resolve, reject) => {
    // fetch would put the address right
    get({ hostname, port, path }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });

  expect(answer).toBe(status);
});

test('a client that goes away while it signs in is no failure', async () => {
  const { hostname, port } = new URL(url);
  const head = [
    'POST /services/oauth2/token HTTP/1.1',
    `Host: ${hostname}`,
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Length: 1000',
  ];
  const socket = connect(Number(port), hostname);
  await new Promise<void>((resolve) => socket.write(`${head.join('\r\n')}\r\n\r\ngrant`, () => resolve()));
  socket.destroy();

  // the next answer comes after the broken request has been dealt with
  expect((await fetch(`${url}/services/data`)).status).toBe(200);
});
