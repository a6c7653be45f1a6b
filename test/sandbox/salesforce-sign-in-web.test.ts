import { createHash, randomBytes } from 'node:crypto';
import { Connection, OAuth2 } from 'jsforce';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';

const RETURN_TO = 'http://localhost:9/back?kept=1';

let sandbox: Sandbox;
let url: string;

beforeEach(async () => {
  sandbox = await startSandbox({});
  url = sandbox.salesforce.url;
});
afterEach(async () => {
  expect(sandbox.defects).toEqual([]);
  await sandbox.stop();
});

const org = () => sandbox.salesforce.vendor.org;
const wish = (more: Record<string, string> = {}) => ({
  response_type: 'code',
  client_id: 'sandbox',
  redirect_uri: RETURN_TO,
  state: 'a "state" & more',
  ...more,
});
const page = (parameters: Record<string, string>) =>
  fetch(`${url}/services/oauth2/authorize?${new URLSearchParams(parameters)}`);
/** The user presses a button: where the browser is sent. */
async function decide(decision: string, parameters: Record<string, string>): Promise<URLSearchParams> {
  const answer = await fetch(`${url}/services/oauth2/authorize`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ ...parameters, decision }),
  });
  expect(answer.status).toBe(302);
  return new URL(answer.headers.get('location') ?? '').searchParams;
}
async function token(form: Record<string, string>) {
  const answer = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}
const exchange = (code: string | null, more: Record<string, string>) =>
  token({ grant_type: 'authorization_code', code: code ?? '', redirect_uri: RETURN_TO, client_id: 'sandbox', ...more });
const secret = { client_secret: 'sandbox' };
const isGood = async (accessToken: string | undefined): Promise<boolean> => {
  const answer = await fetch(`${url}/services/data/v60.0/limits`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  return answer.ok;
};

describe('the sign-in page', () => {
  test('names app and user, carries everything along, and runs no script', async () => {
    const answer = await page(wish({ scope: '<script>' }));

    const html = await answer.text();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(html).toContain('sandbox@example.com');
    expect(html).toContain('name="state" value="a &quot;state&quot; &amp; more"');
    expect(html).not.toContain('<script>');
  });

  test('returns with a code that gives a token and a refresh token, once', async () => {
    const back = await decide('allow', wish());
    const first = await exchange(back.get('code'), secret);
    const second = await exchange(back.get('code'), secret);

    expect(Object.fromEntries(back)).toEqual({ kept: '1', state: 'a "state" & more', code: expect.any(String) });
    expect(first.body).toMatchObject({ refresh_token: expect.stringMatching(/^5Aep/), scope: 'api refresh_token' });
    expect(await isGood(first.body.access_token)).toBe(true);
    expect(second.body).toEqual({ error: 'invalid_grant', error_description: 'expired authorization code' });
  });

  test('returns with an error when the user denies', async () => {
    expect(Object.fromEntries(await decide('deny', wish()))).toMatchObject({
      error: 'access_denied',
      state: 'a "state" & more',
    });
  });

  test.each([
    ['an unknown client', { client_id: 'x' }, 'invalid_client_id'],
    ['an address that is none', { redirect_uri: 'back' }, 'redirect_uri_mismatch'],
    [
      'an address that is not among those of the app',
      { redirect_uri: 'http://localhost:9/other' },
      'redirect_uri_mismatch',
    ],
    ['another kind of answer', { response_type: 'token' }, 'unsupported_response_type'],
    ['a challenge in the clear', { code_challenge: 'c', code_challenge_method: 'plain' }, 'invalid_request'],
  ])('refuses %s on the spot', async (_name, change, error) => {
    org().changeSettings({ redirectUris: [RETURN_TO] });

    const answer = await page(wish(change));

    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(`error=${error}&`);
  });
});

describe('a code', () => {
  test('expires after a quarter of an hour', async () => {
    const code = (await decide('allow', wish())).get('code');
    sandbox.clock.advance(15 * 60_000);

    expect((await exchange(code, secret)).body.error_description).toBe('expired authorization code');
  });

  test('belongs to the address that it was sent to', async () => {
    const code = (await decide('allow', wish())).get('code');

    expect((await exchange(code, { ...secret, redirect_uri: 'http://localhost:9/' })).body.error).toBe(
      'redirect_uri_mismatch',
    );
  });

  test('with a challenge needs its verifier, and then no secret', async () => {
    const verifier = randomBytes(48).toString('base64url');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const code = async () =>
      (await decide('allow', wish({ code_challenge: challenge, code_challenge_method: 'S256' }))).get('code');

    const right = await exchange(await code(), { code_verifier: verifier });
    const wrong = await exchange(await code(), { code_verifier: `${verifier}x` });
    const none = await exchange(await code(), secret);

    expect(right.status).toBe(200);
    expect(wrong.body).toEqual({ error: 'invalid_grant', error_description: 'invalid code verifier' });
    expect(none.body).toEqual(wrong.body);
  });

  test('without a challenge needs the secret', async () => {
    const code = (await decide('allow', wish())).get('code');

    expect((await exchange(code, {})).body.error).toBe('invalid_client');
  });

  test('gives no refresh token unless that was asked for', async () => {
    const code = (await decide('allow', wish({ scope: 'api web' }))).get('code');

    expect((await exchange(code, secret)).body.refresh_token).toBeUndefined();
  });
});

describe('a refresh token', () => {
  const given = async (): Promise<Record<string, string>> =>
    (await exchange((await decide('allow', wish())).get('code'), secret)).body;
  const refresh = (refreshToken: string | undefined, more: Record<string, string> = {}) =>
    token({ grant_type: 'refresh_token', refresh_token: refreshToken ?? '', client_id: 'sandbox', ...more });

  test('gives new tokens again and again, with the secret or without, not with a wrong one', async () => {
    const { refresh_token } = await given();

    const first = await refresh(refresh_token, secret);
    const second = await refresh(refresh_token);
    const wrong = await refresh(refresh_token, { client_secret: 'wrong' });

    expect(await isGood(first.body.access_token)).toBe(true);
    expect(second.status).toBe(200);
    expect(second.body.access_token).not.toBe(first.body.access_token);
    expect(second.body.refresh_token).toBeUndefined();
    expect(wrong.body.error).toBe('invalid_client');
  });

  test('where the org rotates them, each is good once', async () => {
    org().changeSettings({ rotateRefreshTokens: true });
    const { refresh_token } = await given();

    const first = await refresh(refresh_token);
    const again = await refresh(refresh_token);
    const next = await refresh(first.body.refresh_token);

    expect(first.body.refresh_token).toMatch(/^5Aep/);
    expect(again.body).toEqual({ error: 'invalid_grant', error_description: 'expired access/refresh token' });
    expect(next.status).toBe(200);
  });

  test('that is revoked takes its access tokens with it', async () => {
    const { access_token, refresh_token } = await given();
    const renewed = await refresh(refresh_token);

    await fetch(`${url}/services/oauth2/revoke?${new URLSearchParams({ token: refresh_token ?? '' })}`);

    expect((await refresh(refresh_token)).status).toBe(400);
    expect([await isGood(access_token), await isGood(renewed.body.access_token)]).toEqual([false, false]);
  });
});

test('a library signs in by the page, and refreshes by itself when its token has ended', async () => {
  const oauth2 = new OAuth2({
    loginUrl: url,
    clientId: 'sandbox',
    clientSecret: 'sandbox',
    redirectUri: RETURN_TO,
    useVerifier: true,
  });
  const asked = Object.fromEntries(new URL(oauth2.getAuthorizationUrl({ scope: 'api refresh_token' })).searchParams);
  const connection = new Connection({ oauth2, version: '60.0' });
  await connection.authorize((await decide('allow', asked)).get('code') ?? '');
  const before = connection.accessToken;
  sandbox.salesforce.vendor.expireTokens();

  const answers = await Promise.all([connection.query('SELECT Id FROM Lead'), connection.sobject('Lead').describe()]);

  expect(answers[0]).toMatchObject({ done: true });
  expect(connection.accessToken).not.toBe(before);
  await connection.logout();
  expect(connection.accessToken).toBeNull();
});

describe('who a token belongs to', () => {
  const signedIn = async () =>
    (await token({ grant_type: 'client_credentials', client_id: 'sandbox', ...secret })).body;
  const ask = (address: string, bearer?: string) =>
    fetch(address, bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } });

  test('is told at the identity URL and at the user information', async () => {
    const { access_token, id = '' } = await signedIn();
    const { organizationId, userId } = sandbox.salesforce.vendor.setup;

    const identity = await (await ask(id, access_token)).json();
    const userInfo = await (await ask(`${url}/services/oauth2/userinfo`, access_token)).json();

    const common = { user_id: userId, organization_id: organizationId, active: true };
    expect(identity).toMatchObject({
      ...common,
      id,
      username: 'sandbox@example.com',
      display_name: 'Sandbox User',
      email: 'sandbox@example.com',
      urls: { rest: `${url}/services/data/v{version}/`, partner: expect.stringContaining(organizationId.slice(0, 15)) },
    });
    expect(userInfo).toMatchObject({
      ...common,
      sub: id,
      preferred_username: 'sandbox@example.com',
      family_name: 'User',
    });
  });

  test('is named among the resources of the API', async () => {
    const { access_token, id } = await signedIn();

    const resources = await (await ask(`${url}/services/data/v60.0/`, access_token)).json();

    expect(resources).toMatchObject({ identity: id, sobjects: '/services/data/v60.0/sobjects' });
  });

  test('is refused in one word', async () => {
    const { access_token, id = '' } = await signedIn();
    const [organization = '', user = ''] = id.split('/').slice(-2);
    const refusal = async (address: string, bearer?: string) => {
      const answer = await ask(address, bearer);
      return [answer.status, await answer.text()];
    };

    expect(await refusal(id, 'nothing')).toEqual([403, 'Bad_OAuth_Token']);
    expect(await refusal(id)).toEqual([403, 'Missing_OAuth_Token']);
    expect(await refusal(id.replace(organization, '00D000000000001EAA'), access_token)).toEqual([403, 'Wrong_Org']);
    expect(await refusal(id.replace(user, '005000000000001AAA'), access_token)).toEqual([404, 'Bad_Id']);
  });
});
