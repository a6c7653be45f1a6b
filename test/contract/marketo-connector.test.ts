import type { Connector } from '../../src/connectors/connector';
import { createRateLimit } from '../../src/connectors/rate-limit';
import { batchOf, failureOf, person, readAll, requestFor, signal, until, useMarketo } from '../support/marketo-rig';

const rig = useMarketo();
let connector: Connector;
beforeEach(() => {
  connector = rig.connect();
});

const signIns = () => rig.calls(/\/identity\/oauth\/token$/);

async function givenPeople(...emails: (string | null)[]): Promise<string[]> {
  const lead = await connector.describe('Lead', signal);
  const records = emails.map((email, index) => person(email, { firstName: `Person ${index}`, lastName: 'Sample' }));
  const results = await connector.write(batchOf(lead, { records }), null, signal);
  return results.map((result) => ('destinationId' in result ? String(result.destinationId) : ''));
}

test('a connection is tested by signing in and reading the usage', async () => {
  expect(await connector.test(signal)).toMatchObject({ quota: { limit: 50_000 } });
});

test('refused credentials say what to do, and are not tried again by themselves', async () => {
  connector = rig.connect({}, { clientSecret: 'wrong' });

  const refusal = { code: 'SIGN_IN_REFUSED', advice: { retry: 'never' } };
  await expect(connector.objects(signal)).rejects.toMatchObject(refusal);
  await expect(connector.objects(signal)).rejects.toMatchObject(refusal);
  await expect(connector.objects(signal)).rejects.toThrow(/Enter the client id and secret/);
});

test('people and companies are described, and an unknown object is named', async () => {
  const lead = await connector.describe('Lead', signal);
  const company = await connector.describe('Company', signal);

  expect(lead.fields.find(({ name }) => name === 'email')).toMatchObject({
    type: 'email',
    matchable: true,
    length: 255,
  });
  expect(lead.fields.find(({ name }) => name === 'id')).toMatchObject({
    type: 'id',
    createable: false,
    updateable: false,
  });
  expect(company.fields.find(({ name }) => name === 'externalCompanyId')).toMatchObject({
    required: true,
    createable: true,
  });
  await expect(connector.describe('Nothing', signal)).rejects.toMatchObject({ code: 'UNKNOWN_OBJECT' });
});

test('people are exported with their text as it is: quotes, commas, line breaks, letters beyond ASCII', async () => {
  const lead = await connector.describe('Lead', signal);
  const text = 'He said "stay",\nthen\r\nleft — Straße 👩‍🚀';
  const records = [person('export@example.com', { mktoPersonNotes: text, lastName: 'Łódź' })];
  await connector.write(batchOf(lead, { records }), null, signal);

  const read = await readAll(
    connector,
    requestFor(lead, ['email', 'mktoPersonNotes', 'lastName', 'phone', 'unsubscribed']),
  );

  const found = read.find(({ values }) => values[0] === 'export@example.com');
  expect(found?.values).toEqual(['export@example.com', text, 'Łódź', null, false]);
  expect(found?.createdAt).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.000Z$/);
});

test('a filter on a key is asked of Marketo, the rest is left to the caller', async () => {
  await givenPeople('ana+news@example.com', 'ben@example.com', 'eve@example.com');
  const lead = await connector.describe('Lead', signal);
  const byKey = { column: 'email', operator: 'in' as const, value: ['ana+news@example.com', 'ben@example.com'] };
  const local = { column: 'country', operator: 'equals' as const, value: 'DE' };
  const request = requestFor(lead, ['email'], { filter: { all: [byKey, local] } });

  expect(connector.splitFilter(request)).toMatchObject({ pushed: byKey, local, apiCalls: 1 });
  const read = await readAll(connector, request);
  expect(read.map(({ values }) => values[0]).sort()).toEqual(['ana+news@example.com', 'ben@example.com']);
});

test('keys are looked up by their value, several hits and none included, and one with a comma is not asked for', async () => {
  await givenPeople('found@example.com');
  const lead = await connector.describe('Lead', signal);
  const keys = ['found@example.com', 'nobody@example.com', 'Smith, Jones'];

  const found = await connector.findByKey({ object: lead, field: 'email', keys, fields: ['firstName'] }, signal);

  expect(found).toMatchObject([{ key: 'found@example.com', values: { firstName: 'Person 0' } }]);
});

test('a create says which key was there already, an update which record is gone; results keep their order', async () => {
  const [id = ''] = await givenPeople('order@example.com');
  const lead = await connector.describe('Lead', signal);
  const creates = [person('new-1@example.com'), person('order@example.com'), person(null, { lastName: 'Keyless' })];
  const updates = [
    { destinationId: '99999999', key: 'x', values: { firstName: 'X' } },
    { destinationId: id, key: 'order@example.com', values: { firstName: 'Changed', phone: null } },
  ];

  const created = await connector.write(batchOf(lead, { records: creates }), null, signal);
  const updated = await connector.write(batchOf(lead, { operation: 'update', records: updates }), null, signal);

  expect(created.map(({ result }) => result)).toEqual(['created', 'exists', 'created']);
  expect(updated).toMatchObject([{ result: 'notFound' }, { result: 'updated', destinationId: id }]);
});

test('a refused value fails its record alone, naming the field', async () => {
  const lead = await connector.describe('Lead', signal);
  const records = [person('good@example.com'), person('bad@example.com', { leadScore: 'many' })];

  const results = await connector.write(batchOf(lead, { records }), null, signal);

  expect(results).toMatchObject([{ result: 'created' }, { result: 'failed', code: '1003', field: 'leadScore' }]);
});

test('when the answer to a create is lost, it is sent again, and what is there is told instead of made twice', async () => {
  const lead = await connector.describe('Lead', signal);
  const records = [person('lost-1@example.com'), person('lost-2@example.com')];
  const batch = batchOf(lead, { records, sentAt: new Date(rig.sandbox.clock.now()).toISOString() });
  await connector.write(batch, null, signal);

  const settled = await connector.settle(batch, null, signal);
  const again = await connector.write(batch, null, signal);

  expect(settled).toEqual({ mayBeRepeated: true });
  expect(again).toMatchObject([{ result: 'exists' }, { result: 'exists' }]);
});

test('when a create never arrived, it may be sent again', async () => {
  const lead = await connector.describe('Lead', signal);
  const batch = batchOf(lead, {
    records: [person('never@example.com')],
    sentAt: new Date(rig.sandbox.clock.now()).toISOString(),
  });

  expect(await connector.settle(batch, null, signal)).toEqual({ mayBeRepeated: true });
});

test('companies are walked by their ids, made by their external id, and updated by their own', async () => {
  const company = await connector.describe('Company', signal);
  const records = ['Johnson & Johnson', 'Smith, Jones Ltd'].map((name, index) => ({
    destinationId: null,
    key: `C-${index}`,
    values: { externalCompanyId: `C-${index}`, company: name },
  }));
  const batch = batchOf(company, { matchField: 'externalCompanyId', records });
  const created = await connector.write(batch, null, signal);
  const [first] = created.map((result) => ('destinationId' in result ? result.destinationId : null));
  const update = { destinationId: first ?? null, key: 'C-0', values: { industry: 'Health Care' } };
  await connector.write({ ...batch, operation: 'update', records: [update] }, null, signal);

  const read = await readAll(connector, requestFor(company, ['externalCompanyId', 'company', 'industry']));

  expect(read.map(({ values }) => values)).toEqual([
    ['C-0', 'Johnson & Johnson', 'Health Care'],
    ['C-1', 'Smith, Jones Ltd', null],
  ]);
});

describe('tokens', () => {
  test('one sign-in serves all calls, even those that begin together', async () => {
    const connector = rig.connect();

    await Promise.all(Array.from({ length: 8 }, () => connector.test(signal)));

    expect(signIns()).toBe(1);
  });

  test.each(['601', '602'])(
    'when a token is refused with %s, a new one is taken and the call is made again',
    async (code) => {
      const connector = rig.connect();
      await connector.test(signal);
      rig.marketo.addFault({ match: { path: '/rest/v1/stats/*' }, nth: 1, action: { type: 'vendorError', code } });

      await connector.test(signal);

      expect(signIns()).toBe(2);
    },
  );

  test('when every token ends after three calls, all records are written once, with one sign-in for each token', async () => {
    rig.marketo.addFault({ match: { path: '/rest/*' }, every: 3, action: { type: 'expireTokens' } });
    const connector = rig.connect();
    connector.deps.rateLimit = createRateLimit({ calls: 0, windowMs: 0, atOnce: 4 });
    const lead = await connector.describe('Lead', signal);
    const batches = Array.from({ length: 20 }, (_, batch) =>
      batchOf(lead, { records: Array.from({ length: 5 }, (_, index) => person(`b${batch}-${index}@example.com`)) }),
    );

    const results = await Promise.all(batches.map((batch) => connector.write(batch, null, signal)));

    expect(results.flat().every(({ result }) => result === 'created')).toBe(true);
    expect(rig.marketo.writeLog({ object: 'lead', operation: 'create' })).toHaveLength(100);
    const tokens = signIns();
    expect(tokens).toBeLessThanOrEqual(1 + rig.marketo.faults.list().reduce((sum, { acted }) => sum + acted, 0));
    expect(rig.marketo.violations().find(({ violation }) => violation === 'expiredTokenUsedAgain')?.count).toBe(0);
  });

  test('when fresh tokens are refused as well, a person is asked after two of them; then it begins anew', async () => {
    const connector = rig.connect();
    rig.marketo.addFault({ match: { path: '/rest/*' }, action: { type: 'vendorError', code: '601' } });

    const failures = await Promise.all([1, 2, 3].map(() => failureOf(connector.test(signal))));

    for (const failure of failures) expect(failure).toMatchObject({ code: '601', advice: { retry: 'never' } });
    expect(signIns()).toBe(2);
    rig.marketo.clearFaults();
    await expect(connector.test(signal)).resolves.toBeDefined();
  });

  test('when a token of no life is handed out, its end is waited for', async () => {
    rig.marketo.vendor.stores.settings.change({ tokenLifeMs: 300 });
    const connector = rig.connect({ tokenWaitMs: 200 });

    const tested = connector.test(signal);
    await until(() => signIns() > 0);
    rig.marketo.vendor.stores.settings.change({ tokenLifeMs: 3_600_000 });

    await expect(tested).resolves.toBeDefined();
    expect(signIns()).toBeLessThanOrEqual(3);
  });

  test('refused credentials are told, for a person to act, with one sign-in', async () => {
    const connector = rig.connect({}, { clientSecret: 'canary-secret' });

    const failure = await failureOf(connector.test(signal));

    expect(failure).toMatchObject({ code: 'SIGN_IN_REFUSED', advice: { retry: 'never' } });
    expect(failure.message).toMatch(/Enter the client id and secret/);
    expect(await failureOf(connector.objects(signal))).toMatchObject({ code: 'SIGN_IN_REFUSED' });
    expect(signIns()).toBe(1);
    // a person who asks for a test gets one
    await failureOf(connector.test(signal));
    expect(signIns()).toBe(2);
  });

  test('when signing in meets trouble that passes, it may be tried again', async () => {
    rig.marketo.addFault({ match: { path: '/identity/*' }, count: 1, action: { type: 'respond', status: 503 } });
    const connector = rig.connect();

    expect(await failureOf(connector.test(signal))).toMatchObject({ advice: { retry: 'soon' } });
    await expect(connector.test(signal)).resolves.toBeDefined();
  });

  test('whoever aborts while others sign in leaves alone', async () => {
    rig.marketo.addFault({ match: { path: '/identity/*' }, count: 1, action: { type: 'delay', ms: 200 } });
    const connector = rig.connect();
    const abort = new AbortController();
    const reason = new Error('stopped');
    const leaving = failureOf(connector.test(abort.signal));
    const staying = connector.test(signal);

    abort.abort(reason);

    expect(await leaving).toBe(reason);
    await expect(staying).resolves.toBeDefined();
    expect(signIns()).toBe(1);
  });
});

describe('limits', () => {
  test('when the window of calls is used up by others, it pauses for all and makes the call again', async () => {
    const connector = rig.connect();
    rig.marketo.addFault({ match: { path: '/rest/*' }, count: 2, action: { type: 'vendorError', code: '606' } });

    await connector.test(signal);

    expect(connector.deps.pauses).toEqual([1, 2]);
  });

  test('when too many calls run at once, it pauses shortly, and longer each time', async () => {
    const connector = rig.connect({ concurrencyWaitMs: 100 });
    rig.marketo.addFault({ match: { path: '/rest/*' }, count: 2, action: { type: 'vendorError', code: '615' } });

    await connector.test(signal);

    expect(connector.deps.pauses).toHaveLength(2);
    expect(connector.deps.pauses[0]).toBeLessThanOrEqual(150);
  });

  test('when a limit does not end, the caller is told when to try again', async () => {
    const connector = rig.connect();
    rig.marketo.addFault({ match: { path: '/rest/*' }, action: { type: 'vendorError', code: '606' } });

    expect(await failureOf(connector.test(signal))).toMatchObject({
      code: '606',
      advice: { retry: 'after', delayMs: 20_000 },
    });
  });

  test('when the daily quota is used up, the next midnight of Chicago is told', async () => {
    const connector = rig.connect();
    rig.marketo.addFault({ match: { path: '/rest/*' }, action: { type: 'vendorError', code: '607' } });

    const { advice } = await failureOf(connector.objects(signal));

    expect(advice.retry).toBe('whenQuotaResets');
  });

  test('when Sync has used its share of the day, it leaves the rest to others', async () => {
    const connector = rig.connect({}, { dailyQuota: 20, quotaShare: 0.5 });

    const failure = await failureOf(
      (async () => {
        for (;;) await connector.objects(signal);
      })(),
    );

    expect(failure).toMatchObject({ code: 'QUOTA_SHARE_USED', advice: { retry: 'whenQuotaResets' } });
    expect(rig.calls(/^GET \/rest/)).toBeLessThanOrEqual(12);
  });

  test('every permit is given back, whatever happens', async () => {
    const connector = rig.connect({ callMs: 300 });
    for (const action of [
      { type: 'vendorError', code: '603' },
      { type: 'respond', status: 502, body: '<html>' },
      { type: 'resetBefore' },
      { type: 'hang' },
    ] as const) {
      rig.marketo.addFault({ match: { path: '/rest/*' }, count: 2, action });
      await failureOf(connector.test(signal));
      rig.marketo.clearFaults();
    }

    expect(connector.deps.permits.taken).toBeGreaterThan(0);
    expect(connector.deps.permits.open).toBe(0);
  });
});
