import type { ObjectDescription } from '../../src/domain/object-description';
import { batchOf, equals, failureOf, person, readAll, requestFor, signal, useMarketo } from '../support/marketo-rig';

const rig = useMarketo();
let lead: ObjectDescription;
beforeAll(async () => {
  lead = await rig.connect().describe('Lead', signal);
});

const SYNC_LEADS = { method: 'POST', path: '/rest/v1/leads.json', bodyContains: '"input"' };

describe('trouble on the way', () => {
  test('when a kept connection was closed, a reading call is made again at once', async () => {
    const connector = rig.connect();
    rig.marketo.addFault({ match: { path: '/rest/v1/stats/*' }, count: 1, action: { type: 'resetBefore' } });

    await expect(connector.test(signal)).resolves.toBeDefined();
  });

  test.each([
    ['an HTML page', { type: 'respond', status: 502, body: '<h1>Bad Gateway</h1>' } as const],
    ['an empty answer', { type: 'respond', status: 200 } as const],
    ['a page that is no JSON', { type: 'respond', status: 200, body: '{"success":tr' } as const],
    [
      'an answer of another shape',
      { type: 'respond', status: 200, body: { success: true, result: [{ total: 'x' }] } } as const,
    ],
    ['a cut answer', { type: 'cutBody', at: 'letter', ending: 'clean' } as const],
    ['an error that passes', { type: 'vendorError', code: '608' } as const],
    ['an unknown error', { type: 'vendorError', code: '699' } as const],
  ])('%s is told as something to try again', async (_what, action) => {
    const connector = rig.connect();
    rig.marketo.addFault({ match: { path: '/rest/v1/stats/*' }, action });

    const failure = await failureOf(connector.test(signal));

    expect(failure).toMatchObject({ name: 'ConnectorError', advice: { retry: 'soon' }, answerLost: false });
    expect(failure.message).not.toMatch(/<h1>|Bearer/);
  });

  test('an answer that does not come is not waited for without end', async () => {
    const connector = rig.connect({ callMs: 200 });
    rig.marketo.addFault({ match: { path: '/rest/*' }, action: { type: 'hang' } });

    expect(await failureOf(connector.test(signal))).toMatchObject({ code: 'TIMEOUT', advice: { retry: 'soon' } });
  });

  test('an answer that comes drop by drop is not waited for without end', async () => {
    const connector = rig.connect({ callMs: 400 });
    rig.marketo.addFault({ match: { path: '/rest/*' }, action: { type: 'slowBody', bytesPerSecond: 20 } });

    expect(await failureOf(connector.test(signal))).toMatchObject({ code: 'TIMEOUT' });
  });

  test('an abort passes through as it is, in the middle of a call', async () => {
    const connector = rig.connect();
    await connector.test(signal);
    rig.marketo.addFault({ match: { path: '/rest/*' }, action: { type: 'hang' } });
    const abort = new AbortController();
    const reason = new Error('cancelled');
    const failing = failureOf(connector.test(abort.signal));
    setTimeout(() => abort.abort(reason), 50);

    expect(await failing).toBe(reason);
    expect(connector.deps.permits.open).toBe(0);
  });

  test('a redirect is not followed', async () => {
    const connector = rig.connect();
    rig.marketo.addFault({
      match: { path: '/rest/*' },
      action: { type: 'respond', status: 302, headers: { Location: 'http://127.0.0.1:1/' } },
    });

    expect(await failureOf(connector.test(signal))).toMatchObject({ code: 'HTTP_302', advice: { retry: 'never' } });
  });

  test('an address that connections may not use is called by nobody', async () => {
    const connector = rig.connect({}, { baseUrl: 'https://marketo.example.com' });

    expect(await failureOf(connector.test(signal))).toMatchObject({ code: 'ADDRESS_NOT_ALLOWED' });
  });

  test('secrets, tokens and addresses of people are in no error, not even below it', async () => {
    rig.givenPeople([{ email: 'canary.person@example.com' }]);
    const token = /"access_token":"([^"]+)"/;
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'sandbox',
      client_secret: 'sandbox',
    });
    const answer = await (await fetch(`${rig.marketo.url}/identity/oauth/token`, { method: 'POST', body })).text();
    const canaries = ['canary-secret', token.exec(answer)?.[1] ?? 'no token', 'canary.person'];
    const dump = (error: unknown): string =>
      error instanceof Error
        ? JSON.stringify([
            error.message,
            error.stack,
            Object.entries(error).map(([, value]) => dump(value)),
            dump(error.cause),
          ])
        : String(JSON.stringify(error));
    const filter = equals('email', 'canary.person@example.com');
    const calls: (() => Promise<unknown>)[] = [
      () => rig.connect({}, { clientSecret: 'canary-secret' }).test(signal),
      () => readAll(rig.connect({ callMs: 300 }), requestFor(lead, ['email'], { filter })),
      () =>
        rig
          .connect({ callMs: 300 })
          .write(batchOf(lead, { records: [person('canary.person@example.com')] }), null, signal),
    ];
    for (const action of [
      { type: 'resetBefore' },
      { type: 'resetAfter' },
      { type: 'hang' },
      { type: 'respond', status: 500, body: 'canary.person@example.com' },
      {
        type: 'vendorError',
        code: '1003',
        message: "Invalid value for field 'email' and value 'canary.person@example.com'",
      },
      { type: 'vendorError', code: '611', message: 'System error' },
    ] as const) {
      rig.marketo.addFault({ match: { path: '/rest/*' }, action });
      for (const call of calls) {
        const text = dump(await failureOf(call()));
        for (const canary of canaries) expect(text).not.toContain(canary);
      }
      rig.marketo.clearFaults();
    }
  });

  test('no secret is in an address', async () => {
    const seen: string[] = [];
    const connector = rig.connect();
    const { deps } = connector;
    const checkUrl = deps.checkUrl.bind(deps);
    deps.checkUrl = (url) => {
      seen.push(url);
      checkUrl(url);
    };

    await connector.test(signal);
    await connector.describe('Company', signal);

    expect(seen.length).toBeGreaterThan(2);
    for (const url of seen) expect(url).not.toMatch(/secret|access_token|grant_type/);
  });
});

describe('writes whose answer is lost', () => {
  const records = () => [
    person('one@example.com', { firstName: 'One' }),
    person('two@example.com', { firstName: 'Two' }),
  ];
  const sentNow = () => new Date().toISOString();
  const peopleMade = () => rig.marketo.writeLog({ object: 'lead', operation: 'create' }).length;

  test.each([
    ['the connection was cut after the effect', { type: 'resetAfter' } as const],
    ['604 came after the effect', { type: 'vendorError', code: '604', afterEffect: true } as const],
    ['611 came after the effect', { type: 'vendorError', code: '611', afterEffect: true } as const],
    ['502 came after the effect', { type: 'respond', status: 502, afterEffect: true } as const],
    ['the answer is cut', { type: 'cutBody', at: 'letter', ending: 'clean' } as const],
  ])('when %s, the people are found by their keys', async (_what, action) => {
    const connector = rig.connect();
    rig.marketo.addFault({ match: SYNC_LEADS, count: 1, action });
    const batch = batchOf(lead, { records: records(), sentAt: sentNow() });

    expect(await failureOf(connector.write(batch, null, signal))).toMatchObject({ answerLost: true });

    expect(await connector.settle(batch, null, signal)).toMatchObject({
      results: [{ result: 'created' }, { result: 'created' }],
    });
    expect(peopleMade()).toBe(2);
  });

  test.each([
    ['the connection was cut before', { type: 'resetBefore' } as const],
    ['604 came and nothing was done', { type: 'vendorError', code: '604' } as const],
  ])('when %s, the batch may be sent again', async (_what, action) => {
    const connector = rig.connect();
    rig.marketo.addFault({ match: SYNC_LEADS, count: 1, action });
    const batch = batchOf(lead, { records: records(), sentAt: sentNow() });

    expect(await failureOf(connector.write(batch, null, signal))).toMatchObject({ answerLost: true });

    expect(await connector.settle(batch, null, signal)).toEqual({ mayBeRepeated: true });
    expect(await connector.write(batch, null, signal)).toMatchObject([{ result: 'created' }, { result: 'created' }]);
    expect(peopleMade()).toBe(2);
  });

  test('when the effect comes late, after the batch was sent again, nobody is made twice', async () => {
    const connector = rig.connect();
    rig.marketo.addFault({ match: SYNC_LEADS, count: 1, action: { type: 'late', afterMs: 60_000 } });
    const batch = batchOf(lead, { records: records(), sentAt: sentNow() });
    await failureOf(connector.write(batch, null, signal));
    expect(await connector.settle(batch, null, signal)).toEqual({ mayBeRepeated: true });

    await connector.write(batch, null, signal);
    rig.sandbox.clock.advance(61_000);
    await connector.test(signal);

    expect(peopleMade()).toBe(2);
  });

  test('when a late effect comes before the repeat, the repeat is told that they exist', async () => {
    const connector = rig.connect();
    rig.marketo.addFault({ match: SYNC_LEADS, count: 1, action: { type: 'late', afterMs: 60_000 } });
    const batch = batchOf(lead, { records: records(), sentAt: sentNow() });
    await failureOf(connector.write(batch, null, signal));
    await connector.settle(batch, null, signal);
    rig.sandbox.clock.advance(61_000);
    await connector.test(signal);

    expect(await connector.write(batch, null, signal)).toMatchObject([{ result: 'exists' }, { result: 'exists' }]);
    expect(peopleMade()).toBe(2);
  });

  test('when a part of the batch was applied, only the rest is sent again', async () => {
    const connector = rig.connect();
    rig.marketo.addFault({ match: SYNC_LEADS, count: 1, action: { type: 'partial', records: 1 } });
    const batch = batchOf(lead, { records: records(), sentAt: sentNow() });
    await failureOf(connector.write(batch, null, signal));

    expect(await connector.settle(batch, null, signal)).toMatchObject({
      results: [{ result: 'created' }, { result: 'again' }],
    });
  });

  test('when the key was there before, it is not taken for ours', async () => {
    rig.givenPeople([{ email: 'one@example.com', createdAt: '2020-01-01T00:00:00Z' }]);
    const batch = batchOf(lead, { records: records().slice(0, 1), sentAt: sentNow() });

    expect(await rig.connect().settle(batch, null, signal)).toEqual({ mayBeRepeated: true });
  });

  test('when somebody else made the same key meanwhile, it is not taken for ours', async () => {
    const batch = batchOf(lead, { records: records(), sentAt: sentNow() });
    rig.givenPeople([{ email: 'one@example.com', firstName: 'Somebody', createdAt: rig.sandbox.clock.now() }]);

    expect(await rig.connect().settle(batch, null, signal)).toMatchObject({
      results: [{ result: 'exists' }, { result: 'again' }],
    });
  });

  test('an update may always be sent again', async () => {
    const batch = batchOf(lead, { operation: 'update', records: [{ destinationId: '1', key: null, values: {} }] });

    expect(await rig.connect().settle(batch, null, signal)).toEqual({ mayBeRepeated: true });
  });

  test('when a call was refused, its answer is not lost', async () => {
    for (const code of ['603', '607', '609', '608', '1003']) {
      rig.marketo.addFault({ match: SYNC_LEADS, count: 1, action: { type: 'vendorError', code } });
      expect(await failureOf(rig.connect().write(batchOf(lead, { records: records() }), null, signal))).toMatchObject({
        answerLost: false,
      });
    }
    rig.marketo.addFault({ action: { type: 'outage' } });
    expect(await failureOf(rig.connect().write(batchOf(lead, { records: records() }), null, signal))).toMatchObject({
      advice: { retry: 'soon' },
    });
  });

  test('people without a key are found by the log of new people, each once', async () => {
    const connector = rig.connect();
    rig.givenPeople([{ lastName: 'Twin' }]);
    const keyless = [
      person(null, { lastName: 'Twin' }),
      person(null, { lastName: 'Twin' }),
      person(null, { lastName: 'Solo' }),
    ];
    rig.marketo.addFault({ match: SYNC_LEADS, count: 1, action: { type: 'resetAfter' } });
    const batch = batchOf(lead, { records: keyless, sentAt: sentNow() });
    await failureOf(connector.write(batch, null, signal));

    const settled = await connector.settle(batch, null, signal);

    const ids =
      'results' in settled ? settled.results.map((result) => 'destinationId' in result && result.destinationId) : [];
    expect([...ids].sort()).toEqual(['2', '3', '4']);
  });

  test("when Marketo's clock is behind ours, people without a key are found all the same", async () => {
    rig.sandbox.clock.set(Date.now() - 86_400_000);
    try {
      rig.marketo.addFault({ match: SYNC_LEADS, count: 1, action: { type: 'resetAfter' } });
      const batch = batchOf(lead, { records: [person(null, { lastName: 'Solo' })], sentAt: sentNow() });
      await failureOf(rig.connect().write(batch, null, signal));

      expect(await rig.connect().settle(batch, null, signal)).toMatchObject({ results: [{ result: 'created' }] });
    } finally {
      rig.sandbox.clock.set(Date.now());
    }
  });

  test('people without a key that nobody has seen are waited for ten minutes, and then in doubt', async () => {
    const connector = rig.connect();
    const batch = batchOf(lead, { records: [person(null, { lastName: 'Nobody' })], sentAt: sentNow() });
    await connector.test(signal);

    const early = await connector.settle(batch, null, signal);
    connector.deps.advance(10 * 60_000);
    const late = await connector.settle(batch, null, signal);

    expect(early).toMatchObject({ askAgainAt: expect.stringMatching(/Z$/) });
    expect(late).toMatchObject({ results: [{ result: 'inDoubt' }] });
  });

  test('when those with a key were made and the call for those without was refused, those alone are sent again', async () => {
    const connector = rig.connect();
    rig.marketo.addFault({
      match: { ...SYNC_LEADS, bodyContains: 'createDuplicate' },
      count: 1,
      action: { type: 'vendorError', code: '608' },
    });
    const batch = batchOf(lead, {
      records: [person('one@example.com'), person(null, { lastName: 'Solo' })],
      sentAt: sentNow(),
    });

    expect(await connector.write(batch, null, signal)).toMatchObject([
      { result: 'created' },
      { result: 'again', code: '608' },
    ]);
  });
});
