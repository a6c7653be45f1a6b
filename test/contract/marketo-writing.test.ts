import type { ObjectDescription } from '../../src/domain/object-description';
import { batchOf, person, signal, useMarketo } from '../support/marketo-rig';

const rig = useMarketo();
let lead: ObjectDescription;
let company: ObjectDescription;
beforeAll(async () => {
  lead = await rig.connect().describe('Lead', signal);
  company = await rig.connect().describe('Company', signal);
});
afterEach(() => expect(rig.brokenRules()).toEqual([]));

const found = async (field: string, key: string, fields: string[]) =>
  rig.connect().findByKey({ object: lead, field, keys: [key], fields }, signal);

describe('updates', () => {
  test('go by id, so that even the e-mail can change, and null clears', async () => {
    rig.givenPeople([{ email: 'old@example.com', phone: '111', firstName: 'Ada', unsubscribed: true }]);
    const values = { email: 'new@example.com', phone: null, unsubscribed: null };
    const batch = batchOf(lead, {
      operation: 'update',
      records: [{ destinationId: '1', key: 'old@example.com', values }],
    });

    expect(await rig.connect().write(batch, null, signal)).toEqual([{ result: 'updated', destinationId: '1' }]);

    expect(await found('id', '1', ['email', 'phone', 'firstName', 'unsubscribed'])).toEqual([
      {
        destinationId: '1',
        key: null,
        values: { email: 'new@example.com', phone: null, firstName: 'Ada', unsubscribed: false },
      },
    ]);
  });

  test('of people that are gone are told, the others go through', async () => {
    rig.givenPeople([{ email: 'a@example.com' }]);
    const records = ['7', '1'].map((destinationId) => ({ destinationId, key: null, values: { firstName: 'X' } }));

    const results = await rig.connect().write(batchOf(lead, { operation: 'update', records }), null, signal);

    expect(results.map(({ result }) => result)).toEqual(['notFound', 'updated']);
  });
});

describe('creates', () => {
  test('give the id that Marketo chose, in the order of the records, with and without a key', async () => {
    rig.givenPeople([{ email: 'b@example.com' }]);
    const records = [
      person('a@example.com'),
      person(null, { lastName: 'Solo' }),
      person('B@Example.com'),
      person('c@example.com'),
    ];

    const results = await rig.connect().write(batchOf(lead, { records }), null, signal);

    expect(results).toMatchObject([
      { result: 'created', destinationId: '2' },
      { result: 'created', destinationId: '4' },
      { result: 'exists' },
      { result: 'created', destinationId: '3' },
    ]);
  });

  test('of 300 records of 8,000 bytes go in bodies below 1 MB', async () => {
    const records = Array.from({ length: 300 }, (_, index) =>
      person(`p${index}@example.com`, { mktoPersonNotes: 'ü'.repeat(4_000) }),
    );

    const results = await rig.connect().write(batchOf(lead, { records }), null, signal);

    expect(results.every(({ result }) => result === 'created')).toBe(true);
    expect(rig.calls('POST /rest/v1/leads.json')).toBe(4);
  });

  test('of a record that is larger than 1 MB fail it alone, naming its largest field', async () => {
    const records = [
      person('a@example.com'),
      person('b@example.com', { firstName: 'x'.repeat(100), mktoPersonNotes: 'x'.repeat(1_100_000) }),
      person('c@example.com'),
    ];

    const results = await rig.connect().write(batchOf(lead, { records }), null, signal);

    expect(results).toMatchObject([
      { result: 'created' },
      { result: 'failed', code: 'tooLarge', field: 'mktoPersonNotes' },
      { result: 'created' },
    ]);
  });

  test('when the gateway finds a body too large, the batch goes in halves', async () => {
    rig.marketo.addFault({
      match: { method: 'POST', path: '/rest/v1/leads.json' },
      count: 1,
      action: { type: 'respond', status: 413, body: 'Request Entity Too Large' },
    });
    const records = ['a', 'b', 'c'].map((name) => person(`${name}@example.com`));

    const results = await rig.connect().write(batchOf(lead, { records }), null, signal);

    expect(results.every(({ result }) => result === 'created')).toBe(true);
    expect(rig.calls('POST /rest/v1/leads.json')).toBe(3);
  });

  test('of records whose key Marketo sets itself are not made, since every run would make them anew', async () => {
    const records = [{ destinationId: null, key: '4711', values: { firstName: 'Ada' } }];

    const results = await rig.connect().write(batchOf(lead, { matchField: 'id', records }), null, signal);

    expect(results).toMatchObject([{ result: 'failed', code: 'keyNotWritable', field: 'id' }]);
    expect(rig.calls('POST /rest/v1/leads.json')).toBe(0);
  });

  test.each([
    ['an unknown field', { nothing: 'x' }, '1006', 'nothing'],
    ['a number that is none', { leadScore: 'many' }, '1003', 'leadScore'],
    ['a text that is too long', { firstName: 'x'.repeat(256) }, '1003', 'firstName'],
  ])('with %s fail that record alone, naming the field', async (_what, values, code, field) => {
    const records = [person('a@example.com', values), person('b@example.com')];

    const results = await rig.connect().write(batchOf(lead, { records }), null, signal);

    expect(results).toMatchObject([{ result: 'failed', code, field }, { result: 'created' }]);
  });
});

describe('keys', () => {
  test('that several people hold give all of them', async () => {
    rig.givenPeople([{ email: 'twin@example.com' }, { email: 'TWIN@example.com' }, { email: 'x@example.com' }]);

    const twins = await found('email', 'twin@example.com', []);

    expect(twins.map(({ destinationId }) => destinationId).sort()).toEqual(['1', '2']);
  });

  test('that more than a thousand people hold are ambiguous, and do not stop the others', async () => {
    rig.givenPeople([
      ...Array.from({ length: 1_001 }, () => ({ email: 'all@example.com' })),
      { email: 'x@example.com' },
    ]);
    const keys = ['x@example.com', 'all@example.com'];

    const existing = await rig.connect().findByKey({ object: lead, field: 'email', keys, fields: [] }, signal);

    expect(existing.filter(({ key }) => key === 'all@example.com').length).toBeGreaterThan(1);
    expect(existing.filter(({ key }) => key === 'x@example.com')).toHaveLength(1);
  });

  test('with a comma are not asked for, so that their parts find nobody', async () => {
    rig.marketo.vendor.stores.fields.add({ name: 'code', displayName: 'Code', dataType: 'string' });
    rig.givenPeople([{ code: 'Smith' }, { code: 'Jones Ltd' }]);

    expect(await found('code', 'Smith, Jones Ltd', [])).toEqual([]);
    expect(rig.calls(/leads\.json/)).toBe(0);
  });

  test('with a comma that are there already fail with the reason, and change nobody', async () => {
    rig.marketo.vendor.stores.fields.add({ name: 'code', displayName: 'Code', dataType: 'string' });
    rig.givenPeople([{ code: 'Smith' }, { code: 'Jones Ltd' }]);
    const connector = rig.connect();
    const described = await connector.describe('Lead', signal);
    const records = [{ destinationId: null, key: 'Smith, Jones Ltd', values: { code: 'Smith, Jones Ltd' } }];
    const batch = batchOf(described, { matchField: 'code', records });

    expect(await connector.write(batch, null, signal)).toMatchObject([{ result: 'created', destinationId: '3' }]);
    expect(await connector.write(batch, null, signal)).toMatchObject([
      { result: 'failed', code: 'exists', message: expect.stringMatching(/comma/) },
    ]);
    expect(rig.marketo.writeLog({ object: 'lead' })).toHaveLength(1);
  });

  test('that cannot be an id find nobody', async () => {
    expect(await found('id', 'none', [])).toEqual([]);
    expect(await found('id', '12', [])).toEqual([]);
  });

  test('no call is made for no keys', async () => {
    expect(await rig.connect().findByKey({ object: lead, field: 'email', keys: [], fields: [] }, signal)).toEqual([]);
    expect(rig.calls(/leads\.json/)).toBe(0);
  });
});

describe('companies', () => {
  const companyBatch = (...keys: string[]) =>
    batchOf(company, {
      matchField: 'externalCompanyId',
      records: keys.map((key) => ({
        destinationId: null,
        key,
        values: { externalCompanyId: key, company: `${key} Ltd` },
      })),
    });

  test('are made by their external id, and told when they are there', async () => {
    const connector = rig.connect();
    await connector.write(companyBatch('C-1'), null, signal);

    expect(await connector.write(companyBatch('C-2', 'C-1'), null, signal)).toMatchObject([
      { result: 'created', destinationId: '2' },
      { result: 'exists' },
    ]);
  });

  test('when the answer is lost, are found by their external id', async () => {
    const connector = rig.connect();
    rig.marketo.addFault({
      match: { path: '/rest/v1/companies.json', bodyContains: '"input"' },
      count: 1,
      action: { type: 'resetAfter' },
    });
    const batch = { ...companyBatch('C-1'), sentAt: new Date().toISOString() };
    await expect(connector.write(batch, null, signal)).rejects.toMatchObject({ answerLost: true });

    expect(await connector.settle(batch, null, signal)).toMatchObject({ results: [{ result: 'created' }] });
  });

  test('when the native CRM sync owns them, the refusal says so', async () => {
    rig.marketo.vendor.stores.settings.change({ crmSync: true });

    await expect(rig.connect().write(companyBatch('C-1'), null, signal)).rejects.toMatchObject({
      code: '1018',
      message: expect.stringMatching(/native CRM sync/),
      advice: { retry: 'never' },
    });
  });
});

describe('descriptions', () => {
  test('of people say what can be written, matched and selected', () => {
    const field = (name: string) => lead.fields.find((each) => each.name === name);

    expect(field('email')).toMatchObject({
      type: 'email',
      length: 255,
      matchable: true,
      unique: false,
      filterable: true,
      required: false,
    });
    expect(field('id')).toMatchObject({
      type: 'id',
      createable: false,
      updateable: false,
      matchable: true,
      unique: true,
    });
    expect(field('mktoName')).toMatchObject({ createable: false, updateable: false });
    expect(field('createdAt')).toMatchObject({ type: 'datetime', updateable: false, filterable: true });
    expect(field('firstName')).toMatchObject({
      createable: true,
      updateable: true,
      matchable: false,
      filterable: false,
    });
    expect(field('mktoPersonNotes')).toMatchObject({ type: 'text', length: 30_000 });
    expect(field('annualRevenue')).toMatchObject({ type: 'number', length: null });
    expect(field('staticListId')).toMatchObject({ createable: false, updateable: false, filterable: true });
    expect(lead).toMatchObject({ idOrder: 'number', defaultMatchField: 'email', readableAsWhole: true });
  });

  test('of companies demand their external id, which is set once', () => {
    const field = (name: string) => company.fields.find((each) => each.name === name);

    expect(field('externalCompanyId')).toMatchObject({ required: true, createable: true, unique: true });
    expect(field('company')).toMatchObject({ required: false, matchable: true, unique: false });
    expect(field('id')).toMatchObject({ createable: false, updateable: false });
    expect(company).toMatchObject({ idOrder: 'number', readableAsWhole: true, idField: 'id' });
  });

  test('of what is not there tell that there is no such object', async () => {
    await expect(rig.connect().describe('Nothing', signal)).rejects.toMatchObject({
      code: 'UNKNOWN_OBJECT',
      advice: { retry: 'never' },
    });
  });

  test.each(['603', '703', '1026'])(
    'when custom objects are not to be had (%s), the others are listed',
    async (code) => {
      rig.marketo.addFault({ match: { path: '*/customobjects.json' }, action: { type: 'vendorError', code } });

      expect((await rig.connect().objects(signal)).map(({ name }) => name)).toEqual([
        'Lead',
        'Company',
        'Opportunity',
        'OpportunityRole',
      ]);
    },
  );

  test('when the API user lacks a permission, that is told and not taken for wrong credentials', async () => {
    rig.marketo.vendor.addApiUser({ clientId: 'limited', clientSecret: 'limited', permissions: [] });

    await expect(
      rig.connect({}, { clientId: 'limited', clientSecret: 'limited' }).describe('Lead', signal),
    ).rejects.toMatchObject({ code: '603', message: expect.stringMatching(/permission/) });
  });
});

test('a test of the connection names the instance and the calls of its day', async () => {
  const connector = rig.connect({}, { dailyQuota: 12_345 });
  await connector.objects(signal);

  const tested = await connector.test(signal);

  expect(tested).toEqual({
    identity: new URL(rig.marketo.url).host,
    account: new URL(rig.marketo.url).host,
    quota: { used: 3, limit: 12_345 },
  });
});
