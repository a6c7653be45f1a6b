import { createVerify, generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { createSalesforceConnector } from '../../src/connectors/salesforce/connector';
import { DEFAULT_TUNING, type SalesforceTuning } from '../../src/connectors/salesforce/tuning';
import { type SalesforceSettings, salesforceSettings } from '../../src/domain/connection';
import { connectorDeps, type TestDeps } from '../support/connector-deps';
import { json, type ScriptedServer, type SeenRequest, startScriptedServer } from '../support/scripted-server';

const TOKEN_PATH = '/services/oauth2/token';
const ORGANISATION = '00D000000000001EAA';
const USER = '005000000000001AAA';
const signal = () => AbortSignal.timeout(20_000);

let server: ScriptedServer | undefined;
let deps: TestDeps;
afterEach(async () => {
  await server?.close();
  server = undefined;
  expect(deps.permits.open).toBe(0);
});

type Answer = (request: SeenRequest, response: ServerResponse, call: number) => void;
type Script = { token?: Answer; api?: Answer };

/** An organisation that signs everybody in, and answers calls as the test says; `call` counts each kind by itself. */
async function organisation({ token = grant(), api = globalDescribe }: Script): Promise<ScriptedServer> {
  const calls = { token: 0, api: 0 };
  deps = connectorDeps();
  server = await startScriptedServer((request, response) => {
    const kind = request.path.startsWith(TOKEN_PATH) || request.path.startsWith('/services/Soap') ? 'token' : 'api';
    calls[kind] += 1;
    (kind === 'token' ? token : api)(request, response, calls[kind]);
  });
  return server;
}

const grant =
  (more: object = {}): Answer =>
  (request, response, call) => {
    const host = `http://${request.headers.host}`;
    const id = `${host}/id/${ORGANISATION}/${USER}`;
    json(response, 200, { access_token: `token-${call}`, instance_url: host, id, token_type: 'Bearer', ...more });
  };
const globalDescribe: Answer = (_request, response) => json(response, 200, { encoding: 'UTF-8', sobjects: [] });
const expired: Answer = (_request, response) =>
  json(response, 401, [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]);
const refused =
  (error: string, error_description: string): Answer =>
  (_request, response) =>
    json(response, 400, { error, error_description });

const APP = { type: 'clientCredentials', clientId: 'app', clientSecret: 'hush' };
const connect = (url: string, auth: object = APP, tuning: Partial<SalesforceTuning> = {}) =>
  createSalesforceConnector(settings(url, auth), deps, { ...DEFAULT_TUNING, ...tuning });
const settings = (loginUrl: string, auth: object): SalesforceSettings => salesforceSettings.parse({ loginUrl, auth });
const signIns = () => server?.requests.filter(({ path }) => !path.startsWith('/services/data')).length;

describe('signing in', () => {
  test('when several calls need a session, one sign-in serves them all', async () => {
    const { url } = await organisation({});
    const connector = connect(url);

    await Promise.all([1, 2, 3].map(() => connector.objects(signal())));

    expect(signIns()).toBe(1);
    expect(server?.requests[0]?.body).toBe('grant_type=client_credentials&client_id=app&client_secret=hush');
    expect(server?.requests[1]?.headers.authorization).toBe('Bearer token-1');
  });

  test('when a token has expired and the user belongs to another organisation now, nothing is asked of that one', async () => {
    const { url } = await organisation({
      token: (request, response, call) => {
        const host = `http://${request.headers.host}`;
        const id = `${host}/id/${call === 1 ? ORGANISATION : '00D000000000002EAA'}/${USER}`;
        json(response, 200, { access_token: `token-${call}`, instance_url: host, id, token_type: 'Bearer' });
      },
      api: (request, response, call) =>
        (request.headers.authorization === 'Bearer token-1' && call > 1 ? expired : globalDescribe)(
          request,
          response,
          call,
        ),
    });
    const connector = connect(url);
    await connector.objects(signal());

    const led = connector.objects(signal());

    await expect(led).rejects.toMatchObject({ code: 'OTHER_ORGANISATION', advice: { retry: 'never' } });
    expect(server?.requests.filter(({ headers }) => headers.authorization === 'Bearer token-2')).toEqual([]);
    expect(await connector.identity(signal())).toBe(ORGANISATION);
  });

  test('when a token has expired, calls side by side sign in once and are repeated', async () => {
    const { url } = await organisation({
      api: (request, response, call) =>
        (request.headers.authorization === 'Bearer token-1' ? expired : globalDescribe)(request, response, call),
    });
    const connector = connect(url);

    await Promise.all([1, 2, 3].map(() => connector.objects(signal())));

    expect(signIns()).toBe(2);
  });

  test('when even a fresh token is refused, it stops after two sign-ins, and asks for a person', async () => {
    const { url } = await organisation({ api: expired });
    const connector = connect(url);

    await expect(connector.objects(signal())).rejects.toMatchObject({
      code: 'INVALID_SESSION_ID',
      advice: { retry: 'never' },
    });
    await expect(connector.objects(signal())).rejects.toMatchObject({ code: 'INVALID_SESSION_ID' });

    expect(signIns()).toBe(2);
  });

  test('when the sign-in is refused, other calls do not try it again, but a test of the connection does', async () => {
    const { url } = await organisation({ token: refused('invalid_grant', 'authentication failure') });
    const connector = connect(url);

    const errors = await Promise.allSettled([1, 2, 3].map(() => connector.objects(signal())));
    await expect(connector.objects(signal())).rejects.toMatchObject({
      code: 'invalid_grant',
      advice: { retry: 'never' },
    });

    expect(errors.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(signIns()).toBe(1);
    await expect(connector.test(signal())).rejects.toMatchObject({ code: 'invalid_grant' });
    expect(signIns()).toBe(2);
  });

  test.each([
    ['expired access/refresh token', /Connect the organisation again/],
    ["user hasn't approved this consumer", /approve the user/],
    ['no client credentials user enabled', /user to run as/],
    ['request not supported on this domain', /My Domain/],
  ])('a refusal for “%s” says what to do', async (description, says) => {
    const { url } = await organisation({ token: refused('invalid_grant', description) });

    await expect(connect(url).objects(signal())).rejects.toMatchObject({ message: expect.stringMatching(says) });
  });

  test('when the login server is down, it is tried again later', async () => {
    const { url } = await organisation({
      token: (_request, response) => response.writeHead(503, { 'content-type': 'text/html' }).end('<html>hush</html>'),
    });

    await expect(connect(url).objects(signal())).rejects.toMatchObject({
      code: 'HTTP_503',
      advice: { retry: 'soon' },
      message: expect.not.stringContaining('hush'),
    });
  });

  test('when a new refresh token is handed out, it is stored before it is used', async () => {
    const { url } = await organisation({
      token: (request, response, call) => grant({ refresh_token: `refresh-${call}` })(request, response, call),
      api: (request, response, call) => (call === 1 ? expired : globalDescribe)(request, response, call),
    });

    await connect(url, { type: 'refreshToken', clientId: 'app', refreshToken: 'refresh-0' }).objects(signal());

    const tokens = server?.requests
      .filter(({ path }) => path === TOKEN_PATH)
      .map(({ body }) => new URLSearchParams(body).get('refresh_token'));
    expect(tokens).toEqual(['refresh-0', 'refresh-1']);
    expect(deps.refreshTokens).toEqual(['refresh-1', 'refresh-2']);
  });

  test('a signed sign-in names app, user and audience, and is signed with the key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { url } = await organisation({});
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });

    await connect(url, { type: 'jwt', clientId: 'app', username: 'u@example.com', privateKey: pem }).objects(signal());

    const form = new URLSearchParams(server?.requests[0]?.body);
    const [header = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'RS256' });
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: 'app',
      sub: 'u@example.com',
      aud: url,
    });
    expect(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url')).toBe(
      true,
    );
  });

  test('a key that cannot sign is told as such, and nothing is sent', async () => {
    const { url } = await organisation({});
    const connector = connect(url, { type: 'jwt', clientId: 'app', username: 'u@example.com', privateKey: 'no key' });

    await expect(connector.objects(signal())).rejects.toMatchObject({
      code: 'INVALID_PRIVATE_KEY',
      advice: { retry: 'never' },
    });
    expect(server?.requests).toEqual([]);
  });

  test('a password is sent with its security token, and a refusal of it is for a person', async () => {
    const fault =
      '<faultcode>INVALID_LOGIN</faultcode><faultstring>INVALID_LOGIN: Invalid username, password, security token; or user locked out.</faultstring>';
    const { url } = await organisation({
      token: (_request, response) => response.writeHead(500, { 'content-type': 'text/xml' }).end(fault),
    });
    const connector = connect(url, {
      type: 'password',
      username: 'u@example.com',
      password: 'pw',
      securityToken: 'st',
    });

    await expect(connector.objects(signal())).rejects.toMatchObject({
      code: 'INVALID_LOGIN',
      advice: { retry: 'never' },
    });
    expect(server?.requests[0]?.path).toBe('/services/Soap/u/60.0');
    expect(server?.requests[0]?.body).toContain('<password>pwst</password>');
  });

  test('an instance at an address that is not allowed gets no token', async () => {
    const { url } = await organisation({ token: grant({ instance_url: 'http://elsewhere.example.com' }) });

    await expect(connect(url).objects(signal())).rejects.toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
  });
});

describe('calls', () => {
  test('a redirect is not followed, so that the token goes nowhere else', async () => {
    const { url } = await organisation({
      api: (_request, response) => response.writeHead(302, { location: '/elsewhere' }).end(),
    });

    await expect(connect(url).objects(signal())).rejects.toMatchObject({
      code: 'HTTP_302',
      advice: { retry: 'never' },
    });
    expect(server?.requests).toHaveLength(2);
  });

  test('when an answer is cut, a read is made once more on a fresh connection', async () => {
    const { url } = await organisation({
      api: (request, response, call) => {
        if (call > 1) return globalDescribe(request, response, call);
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
          .write('{"sobjects":[');
        setImmediate(() => response.destroy());
      },
    });

    await expect(connect(url).objects(signal())).resolves.toEqual([]);
    expect(server?.requests).toHaveLength(3);
  });

  test('when answers stay cut, the read is to be tried again later', async () => {
    const { url } = await organisation({ api: (_request, response) => response.destroy() });

    await expect(connect(url).objects(signal())).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      advice: { retry: 'soon' },
    });
    expect(server?.requests).toHaveLength(3);
  });

  test.each([
    ['a page of another server', 'text/html', '<html>hush</html>'],
    ['an empty body', 'application/json', ''],
    ['JSON that ends early', 'application/json', '{"sobjects":['],
    ['JSON of another shape', 'application/json', '{"sobjects":7}'],
  ])('%s with status 200 is tried again later, and not shown', async (_what, type, body) => {
    const { url } = await organisation({
      api: (_request, response) => response.writeHead(200, { 'content-type': type }).end(body),
    });

    await expect(connect(url).objects(signal())).rejects.toMatchObject({
      code: 'UNREADABLE_ANSWER',
      advice: { retry: 'soon' },
      message: expect.not.stringContaining('hush'),
    });
  });

  test.each<[string, Answer]>([
    ['does not answer', () => undefined],
    ['falls silent in the middle of an answer', (_request, response) => void response.writeHead(200).write('{')],
  ])('when Salesforce %s, the call ends and is tried again later', async (_what, api) => {
    const { url } = await organisation({ api });

    await expect(connect(url, APP, { readAnswerMs: 50, idleMs: 50 }).objects(signal())).rejects.toMatchObject({
      code: 'TIMEOUT',
      advice: { retry: 'soon' },
    });
  });

  test('when it is stopped in the middle of an answer, the reason of the stop comes through', async () => {
    const stop = new AbortController();
    const { url } = await organisation({
      api: (_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{');
        stop.abort(new Error('stopped by the test'));
      },
    });

    await expect(connect(url).objects(stop.signal)).rejects.toThrow('stopped by the test');
  });

  test('when it is stopped while others wait for the same sign-in, the others get their session', async () => {
    const stop = new AbortController();
    const { url } = await organisation({
      token: (request, response, call) => {
        stop.abort(new Error('stopped by the test'));
        setImmediate(() => grant()(request, response, call));
      },
    });
    const connector = connect(url);

    const [stopped, other] = await Promise.allSettled([connector.objects(stop.signal), connector.objects(signal())]);

    expect([stopped.status, other.status]).toEqual(['rejected', 'fulfilled']);
    expect(signIns()).toBe(1);
  });

  test('when Salesforce throttles, all calls of the instance pause', async () => {
    const { url } = await organisation({
      api: (_request, response) => response.writeHead(429, { 'retry-after': '3' }).end(),
    });

    await expect(connect(url).objects(signal())).rejects.toMatchObject({ advice: { retry: 'after', delayMs: 3_000 } });
    expect(deps.pauses).toEqual([3_000]);
  });

  test('when the quota is used up, nothing is sent until the next probe, and then one call alone probes', async () => {
    let isUsedUp = true;
    const { url } = await organisation({
      api: (request, response, call) => {
        if (!isUsedUp) return globalDescribe(request, response, call);
        json(response, 403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }]);
      },
    });
    const connector = connect(url);
    const calls = () => server?.requests.filter(({ path }) => path.startsWith('/services/data')).length;
    const tryThree = () => Promise.allSettled([1, 2, 3].map(() => connector.objects(signal())));

    await expect(connector.objects(signal())).rejects.toMatchObject({ advice: { retry: 'whenQuotaResets' } });
    await tryThree();
    expect(calls()).toBe(1);

    deps.advance(16 * 60_000);
    const refusedAgain = await tryThree();
    expect(refusedAgain.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(calls()).toBe(2);

    // the longer it lasts, the seldomer it is asked for
    deps.advance(16 * 60_000);
    await tryThree();
    expect(calls()).toBe(2);

    isUsedUp = false;
    deps.advance(2 * 60 * 60_000);
    const served = await tryThree();
    expect(served.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  });

  test("when Sync's share of the quota is used up, the rest is left to others, but a test of the connection is made", async () => {
    const { url } = await organisation({
      api: (request, response) => {
        response.setHeader('sforce-limit-info', 'api-usage=12000/15000');
        json(
          response,
          200,
          request.path.endsWith('/limits') ? { DailyApiRequests: { Max: 15_000, Remaining: 3_000 } } : { sobjects: [] },
        );
      },
    });
    const connector = connect(url);

    await connector.objects(signal());
    await expect(connector.objects(signal())).rejects.toMatchObject({
      code: 'QUOTA_SHARE_USED',
      advice: { retry: 'whenQuotaResets' },
      message: expect.stringMatching(/12000 of its 15000/),
    });

    await expect(connector.test(signal())).resolves.toMatchObject({
      identity: ORGANISATION,
      quota: { used: 12_000, limit: 15_000 },
    });
    deps.advance(16 * 60_000);
    await expect(connector.objects(signal())).resolves.toEqual([]);
    await expect(connector.objects(signal())).rejects.toMatchObject({ code: 'QUOTA_SHARE_USED' });
  });
});
