import { request } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { type MarketoFixture, standingStill, startMarketo } from './marketo-host';

const USAGE = '/rest/v1/stats/usage.json';

describe('identity', () => {
  let marketo: MarketoFixture;
  beforeEach(async () => {
    marketo = await startMarketo({}, standingStill);
  });
  afterEach(async () => {
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });

  const GOOD = { grant_type: 'client_credentials', client_id: 'sandbox', client_secret: 'sandbox' };
  const ask = async (parameters: Record<string, string>, init?: RequestInit) => {
    const answer = await fetch(`${marketo.url}/identity/oauth/token?${new URLSearchParams(parameters)}`, init);
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
  };

  test('when the token is asked for again, it is the same one with less life, and a new one after its end', async () => {
    const first = await ask(GOOD);
    marketo.clock.advance(3_590_000);
    const second = await ask(GOOD);
    marketo.clock.advance(9_500);
    const dying = await ask(GOOD);
    marketo.clock.advance(1_000);
    const renewed = await ask(GOOD);

    expect(first.body).toMatchObject({ token_type: 'bearer', scope: 'sync-api@example.com' });
    expect(first.body.access_token).toMatch(/^[0-9a-f-]{36}:[a-z]+$/);
    expect(second.body.access_token).toBe(first.body.access_token);
    expect(second.body.expires_in).toBe(10);
    expect(dying.body).toMatchObject({ access_token: first.body.access_token, expires_in: 0 });
    expect(renewed.body.access_token).not.toBe(first.body.access_token);
    expect(renewed.body.expires_in).toBe(3600);
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(first.headers.get('pragma')).toBe('no-cache');
  });

  test('when the token is asked for by POST, query and form both do', async () => {
    const byQuery = await ask(GOOD, { method: 'POST' });
    const byForm = await ask({}, { method: 'POST', body: new URLSearchParams(GOOD) });

    expect([byQuery.status, byForm.status]).toEqual([200, 200]);
    expect(byForm.body.access_token).toBe(byQuery.body.access_token);
  });

  test.each([
    [{ ...GOOD, client_secret: 'wrong' }, 401, 'invalid_client', 'Bad client credentials'],
    [{ ...GOOD, client_id: 'nobody' }, 401, 'unauthorized', 'No client with requested id: nobody'],
    [{ client_id: 'sandbox', client_secret: 'sandbox' }, 400, 'invalid_request', 'Missing grant type'],
    [{ ...GOOD, grant_type: 'password' }, 400, 'unsupported_grant_type', 'Unsupported grant type: password'],
  ])('when the request is %j, the answer is %i %s', async (parameters, status, error, description) => {
    const answer = await ask(parameters);

    expect(answer).toMatchObject({ status, body: { error, error_description: description } });
  });

  test('when no, an unknown or an expired token is sent, it is 600, 601 or 602 within HTTP 200', async () => {
    const error = async (headers: Record<string, string>) => {
      const answer = await fetch(marketo.url + USAGE, { headers });
      return {
        status: answer.status,
        ...((await answer.json()) as { errors: { code: string; message: string }[] }).errors[0],
      };
    };
    const token = await marketo.token();

    expect(await error({})).toEqual({ status: 200, code: '600', message: 'Empty access token' });
    expect(await error({ Authorization: 'Bearer x' })).toMatchObject({ code: '601', message: 'Access token invalid' });
    marketo.vendor.expireTokens();
    expect(await error({ Authorization: `Bearer ${token}` })).toMatchObject({
      code: '602',
      message: 'Access token expired',
    });
    const byQuery = await fetch(`${marketo.url + USAGE}?access_token=${await marketo.token()}`);
    expect(await byQuery.json()).toMatchObject({ errors: [{ code: '600' }] });
    const underRest = await fetch(`${marketo.url}/rest/identity/oauth/token?${new URLSearchParams(GOOD)}`);
    expect(await underRest.json()).toMatchObject({ errors: [{ code: '600' }] });
  });

  test('when an expired token is used again later, it counts as a violation; calls on their way do not', async () => {
    const headers = { Authorization: `Bearer ${await marketo.token()}` };
    marketo.vendor.expireTokens();
    await Promise.all(Array.from({ length: 5 }, () => fetch(marketo.url + USAGE, { headers })));
    const count = () => marketo.host.violations().find(({ violation }) => violation === 'expiredTokenUsedAgain')?.count;
    expect(count()).toBe(0);

    await new Promise((resolve) => setTimeout(resolve, 1_020));
    await fetch(marketo.url + USAGE, { headers });

    expect(count()).toBe(1);
  });
});

describe('limits', () => {
  let marketo: MarketoFixture;
  beforeEach(async () => {
    marketo = await startMarketo({ callsPerWindow: 100, callsAtOnce: 10 }, standingStill);
  });
  afterEach(async () => {
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });
  const violations = (name: string) => marketo.host.violations().find(({ violation }) => violation === name)?.count;
  const errorOf = async () => (await marketo.get(USAGE)).errors?.[0];

  test('when 100 calls were made within 20 s, the next is 606 until the window has moved on', async () => {
    for (let call = 0; call < 100; call += 1) expect(await errorOf()).toBeUndefined();

    expect(await errorOf()).toEqual({ code: '606', message: "Max rate limit '100' exceeded with in '20' secs" });
    expect(violations('callsPerWindow')).toBe(1);
    marketo.clock.advance(20_001);
    expect(await errorOf()).toBeUndefined();
  });

  /** Calls that run until they are ended, all of which have arrived. @returns a function that ends them */
  const hangingCalls = async (count: number): Promise<() => void> => {
    const fault = marketo.host.addFault({ match: { path: '/rest/v1/hang' }, action: { type: 'hang' } });
    const headers = { Authorization: `Bearer ${await marketo.token()}` };
    const calls = Array.from({ length: count }, () => request(`${marketo.url}/rest/v1/hang`, { headers }));
    for (const call of calls) call.on('error', () => undefined).end();
    while (marketo.host.faults.list().find(({ id }) => id === fault.id)?.acted !== count) await setImmediate();
    return () => {
      for (const call of calls) call.destroy();
    };
  };

  test('when ten calls are running, the eleventh is 615', async () => {
    const end = await hangingCalls(10);

    expect(await errorOf()).toEqual({ code: '615', message: "Concurrent access limit '10' reached" });
    expect(violations('callsAtOnce')).toBe(1);
    end();
  });

  test('when a client goes away, its call runs no more', async () => {
    marketo.vendor.stores.settings.change({ callsAtOnce: 1, callsPerWindow: 0 });
    const end = await hangingCalls(1);
    expect(await errorOf()).toMatchObject({ code: '615' });

    end();

    // until the other side of the connection has noticed
    while ((await errorOf()) !== undefined);
  });

  test('when the day’s calls are used up, it is 607 until midnight Central, and refused calls were counted', async () => {
    marketo.vendor.stores.settings.change({ callsPerDay: 3 });
    const codes = [];
    for (let call = 0; call < 5; call += 1) codes.push((await errorOf())?.code);

    expect(codes).toEqual([undefined, undefined, undefined, '607', '607']);
    marketo.clock.set(Date.parse('2026-08-31T04:59:58Z'));
    expect((await errorOf())?.code).toBe('607');
    marketo.clock.set(Date.parse('2026-08-31T05:00:00Z'));
    expect(await errorOf()).toBeUndefined();
  });

  test('when it is winter, the day begins at 06:00 UTC', async () => {
    marketo.vendor.stores.settings.change({ callsPerDay: 1 });
    marketo.clock.set(Date.parse('2026-12-01T05:59:58Z'));
    expect(await errorOf()).toBeUndefined();
    expect((await errorOf())?.code).toBe('607');

    marketo.clock.set(Date.parse('2026-12-01T06:00:00Z'));

    expect(await errorOf()).toBeUndefined();
  });

  test('when calls and errors were made, usage tells them by day, user and code; 605 does not count', async () => {
    await marketo.get('/rest/v1/leads.json');
    await marketo.get('/rest/v1/nothing.json');
    await marketo.send('/rest/v1/leads/describe.json', { method: 'DELETE' });

    const usage = await marketo.get(USAGE);
    const errors = await marketo.get('/rest/v1/stats/errors.json');
    const week = await marketo.get('/rest/v1/stats/usage/last7days.json');

    expect(usage.result).toEqual([
      { date: '2026-08-30', total: 3, users: [{ userId: 'sync-api@example.com', count: 3 }] },
    ]);
    expect(errors.result).toEqual([
      {
        date: '2026-08-30',
        total: 3,
        errors: expect.arrayContaining([
          { errorCode: '1002', count: 1 },
          { errorCode: '605', count: 1 },
          { errorCode: '610', count: 1 },
        ]),
      },
    ]);
    expect(week.result).toHaveLength(7);
  });

  test('when requests are malformed below the record, they are told apart by code', async () => {
    const leads = '/rest/v1/leads.json';
    const json = { 'Content-Type': 'application/json' };
    const code = async (path: string, init: RequestInit) => {
      const answer = await marketo.send(path, init);
      return answer.status === 200
        ? ((await answer.json()) as { errors: { code: string }[] }).errors[0]?.code
        : answer.status;
    };

    expect(await code(leads, { method: 'POST', headers: json, body: '{' })).toBe('609');
    expect(await code(leads, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: '{}' })).toBe('612');
    expect(await code('/rest/v1/leads/describe.json', { method: 'POST' })).toBe('605');
    expect(await code('/rest/v1/xyz', {})).toBe('610');
    expect(await code('/leads.json', {})).toBe(404);
    expect(await code('/rest/v1/%E0%A4%A', {})).toBe(500);
    expect(await code(leads, { method: 'POST', headers: json, body: JSON.stringify('x'.repeat(1024 * 1024)) })).toBe(
      413,
    );
    expect(violations('bodyTooLarge')).toBe(1);
  });

  test('when the role lacks a permission, it is 603', async () => {
    marketo.vendor.addApiUser({ clientId: 'reader', clientSecret: 'r', permissions: ['Read-Only Lead'] });
    const query = 'grant_type=client_credentials&client_id=reader&client_secret=r';
    const { access_token } = (await (await fetch(`${marketo.url}/identity/oauth/token?${query}`)).json()) as {
      access_token: string;
    };
    const as = (path: string, method: string) =>
      marketo.send(path, {
        method,
        headers: { Authorization: `Bearer ${access_token}`, 'Content-Type': 'application/json' },
      });

    expect(await (await as('/rest/v1/leads/describe.json', 'GET')).json()).toMatchObject({ success: true });
    expect(await (await as('/rest/v1/leads.json', 'POST')).json()).toMatchObject({
      errors: [{ code: '603', message: 'Access denied' }],
    });
    expect(await (await as('/rest/v1/companies/describe.json', 'GET')).json()).toMatchObject({
      errors: [{ code: '603' }],
    });
  });

  test('when gzip is accepted, answers of 1 KB and more are compressed, bulk answers never', async () => {
    const raw = async (path: string) => {
      const authorization = `Bearer ${await marketo.token()}`;
      return new Promise<Record<string, unknown>>((resolve, reject) => {
        request(
          marketo.url + path,
          { headers: { Authorization: authorization, 'Accept-Encoding': 'gzip' } },
          (response) => {
            response.resume();
            resolve({ encoding: response.headers['content-encoding'], names: response.rawHeaders });
          },
        )
          .on('error', reject)
          .end();
      });
    };

    expect((await raw('/rest/v1/leads/describe.json')).encoding).toBe('gzip');
    expect((await raw(USAGE)).encoding).toBeUndefined();
    const bulk = await raw('/bulk/v1/leads/export.json');
    expect(bulk.encoding).toBeUndefined();
    expect(bulk.names).toEqual(expect.arrayContaining(['Content-Type', 'application/json;charset=UTF-8']));
  });
});
