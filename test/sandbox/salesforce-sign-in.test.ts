import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';

let sandbox: Sandbox;
let url: string;

beforeAll(async () => {
  sandbox = await startSandbox({});
  url = sandbox.salesforce.url;
});
afterAll(() => sandbox.stop());

const signIn = (form: Record<string, string>) =>
  fetch(`${url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
const client = { client_id: 'sandbox', client_secret: 'sandbox' };

test('a client signs in, and its token serves for calls until it is ended', async () => {
  const answer = await signIn({ grant_type: 'client_credentials', ...client });
  const token = (await answer.json()) as { access_token: string; instance_url: string; id: string };
  const headers = { authorization: `Bearer ${token.access_token}` };

  const limits = await fetch(`${url}/services/data/v60.0/limits`, { headers });
  const identity = await fetch(token.id, { headers });
  sandbox.salesforce.vendor.expireTokens?.();
  const late = await fetch(`${url}/services/data/v60.0/limits`, { headers });

  expect(token).toMatchObject({
    instance_url: url,
    token_type: 'Bearer',
    id: expect.stringMatching(/\/id\/00D\w{15}\/005\w{15}$/),
  });
  expect(limits.headers.get('sforce-limit-info')).toBe('api-usage=1/5000000');
  expect(await limits.json()).toMatchObject({ DailyApiRequests: { Max: 5_000_000, Remaining: 4_999_999 } });
  expect(await identity.json()).toMatchObject({ username: 'sandbox@example.com' });
  expect(late.status).toBe(401);
  expect(await late.json()).toEqual([{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]);
});

test.each([
  [{ grant_type: 'client_credentials', ...client, client_secret: 'wrong' }, 'invalid_client'],
  [{ grant_type: 'client_credentials', ...client, client_id: 'unknown' }, 'invalid_client_id'],
  [{ grant_type: 'password', ...client, username: 'sandbox@example.com', password: 'wrong' }, 'invalid_grant'],
  [{ grant_type: 'guess' }, 'unsupported_grant_type'],
])('%j is refused as %s', async (form, error) => {
  const answer = await signIn(form as Record<string, string>);

  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error });
});
