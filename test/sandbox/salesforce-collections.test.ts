import { startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
beforeEach(async () => {
  org = await startTestOrg();
  const { vendor } = org.sandbox.salesforce;
  vendor.org.declareField('Contact', { name: 'Ext__c', type: 'string', length: 20, externalId: true, unique: true });
  vendor.org.declareField('Contact', { name: 'Number__c', type: 'double', precision: 6, externalId: true });
});
afterEach(async () => {
  expect(org.sandbox.defects).toEqual([]);
  await org.sandbox.stop();
});

type Sent = Record<string, unknown>;
const PATH = '/composite/sobjects';
const contact = (more: Sent = {}): Sent => ({ attributes: { type: 'Contact' }, LastName: 'Lee', ...more });
const account = (more: Sent = {}): Sent => ({ attributes: { type: 'Account' }, Name: 'Acme', ...more });
const create = (records: unknown, more: Sent = {}) => org.call('POST', PATH, { records, ...more });
const update = (records: unknown, more: Sent = {}) => org.call('PATCH', PATH, { records, ...more });
const upsert = (records: unknown, more: Sent = {}, key = 'Ext__c') =>
  org.call('PATCH', `${PATH}/Contact/${key}`, { records, ...more });
const many = (count: number): Sent[] => Array.from({ length: count }, (_, index) => contact({ LastName: `L${index}` }));
const success = { id: expect.stringMatching(/^003\w{15}$/), success: true, errors: [] };
const failure = (statusCode: string, message: unknown = expect.any(String), fields: unknown = expect.any(Array)) => ({
  success: false,
  errors: [{ statusCode, message, fields }],
});
const lastNames = async () =>
  (await org.query('SELECT LastName FROM Contact ORDER BY LastName')).map(({ LastName }) => LastName);
const violations = (name: string) =>
  org.sandbox.salesforce.violations().find(({ violation }) => violation === name)?.count ?? 0;
const ROLLED_BACK = failure(
  'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  'Record rolled back because not all records were valid and the request was using AllOrNone header',
  [],
);

describe('a collection', () => {
  test('is answered with 200 and a result for each record, in order, even when each one failed', async () => {
    const mixed = await create([contact(), contact({ LastName: null }), contact({ Email: 'no' }), contact()]);
    const failed = await create([contact({ LastName: '' })]);

    expect([mixed.status, mixed.body]).toEqual([
      200,
      [
        success,
        failure('REQUIRED_FIELD_MISSING', 'Required fields are missing: [LastName]', ['LastName']),
        failure('INVALID_EMAIL_ADDRESS', 'Email: invalid email address: no', ['Email']),
        success,
      ],
    ]);
    expect([failed.status, failed.body.length]).toEqual([200, 1]);
    expect(await lastNames()).toEqual(['Lee', 'Lee']);
  });

  test('is one request', async () => {
    const used = async () =>
      Number(/=(\d+)\//.exec((await org.call('GET', '/limits')).headers.get('sforce-limit-info') ?? '')?.[1]);
    const before = await used();

    await create(many(200));

    expect((await used()) - before).toBe(2);
    expect(await lastNames()).toHaveLength(200);
  });

  test.each(['POST', 'PATCH', 'DELETE', 'upsert'])('has 200 records at most: %s', async (method) => {
    const ids = Array.from({ length: 201 }, () => '0035g0000000001').join();
    const answer =
      method === 'DELETE'
        ? await org.call('DELETE', `${PATH}?ids=${ids}`)
        : method === 'upsert'
          ? await upsert(many(201))
          : await org.call(method, PATH, { records: many(201) });

    expect(answer).toMatchObject({
      status: 400,
      body: [
        {
          errorCode: 'EXCEEDED_ID_LIMIT',
          message: 'record limit reached. cannot submit more than 200 records into this call',
        },
      ],
    });
    expect(violations('batchTooLarge')).toBe(1);
    expect(await lastNames()).toEqual([]);
  });

  test.each([{ records: [] }, {}, { records: null }, { records: {} }])('has one record at least: %j', async (body) => {
    expect(await org.call('POST', PATH, body)).toMatchObject({
      status: 400,
      body: [{ errorCode: 'REQUIRED_FIELD_MISSING', message: 'At least 1 record is required' }],
    });
  });

  test('may hold several objects, in ten runs at most', async () => {
    const runs = (count: number) =>
      Array.from({ length: count }, (_, index) => (index % 2 === 0 ? contact() : account()));

    expect((await create(runs(10))).body.every(({ success: isDone }: Sent) => isDone)).toBe(true);
    expect(await create(runs(11))).toMatchObject({ status: 400, body: [{ errorCode: 'LIMIT_EXCEEDED' }] });
    // sorted by object they are two
    expect((await create([...runs(12)].sort((a) => (a.Name ? 1 : -1)))).status).toBe(200);
  });

  test.each([[[1]], [['text']], [[null]], [[[]]], [[{ LastName: 'Lee' }]], [[{ attributes: { type: 'Foo' } }]]])(
    'is refused as a whole when %j is no record',
    async (records) => {
      expect(await create(records)).toMatchObject({
        status: 400,
        body: [{ errorCode: expect.stringMatching(/^(?:JSON_PARSER_ERROR|INVALID_TYPE)$/) }],
      });
    },
  );
});

describe('a value of the wrong JSON type', () => {
  const records = [contact({ LastName: 'Good' }), contact({ Birthdate: 'tomorrow' })];
  const text = /^Cannot deserialize instance of date from VALUE_STRING value tomorrow .* at \[line:1, column:\d+\]$/;

  test('sinks the whole request', async () => {
    const { status, body } = await create(records);

    expect([status, body]).toEqual([400, [{ errorCode: 'JSON_PARSER_ERROR', message: expect.stringMatching(text) }]]);
    expect(await lastNames()).toEqual([]);
  });

  test('sinks its record alone where the org is set so', async () => {
    await org.control('PATCH', '/settings', { jsonTypeErrors: 'record' });

    expect((await create(records)).body).toEqual([
      success,
      failure('JSON_PARSER_ERROR', expect.stringMatching(text), ['Birthdate']),
    ]);
  });

  test('may stand in a key too', async () => {
    expect((await upsert([contact({ Ext__c: 7 })])).body).toMatchObject([{ errorCode: 'JSON_PARSER_ERROR' }]);
    await org.control('PATCH', '/settings', { jsonTypeErrors: 'record' });
    expect((await upsert([contact({ Ext__c: 7 }), contact({ Ext__c: '7' })])).body).toMatchObject([
      failure('JSON_PARSER_ERROR'),
      { success: true },
    ]);
  });
});

describe('allOrNone', () => {
  test('undoes all when one fails', async () => {
    const { status, body } = await create([contact(), contact({ LastName: '' }), contact()], { allOrNone: true });

    expect([status, body]).toEqual([200, [ROLLED_BACK, failure('REQUIRED_FIELD_MISSING'), ROLLED_BACK]]);
    expect(await lastNames()).toEqual([]);
    expect(org.sandbox.salesforce.writeLog()).toEqual([]);
  });

  test('changes nothing in how all are written when none fails', async () => {
    expect((await create([contact(), contact()], { allOrNone: true })).body).toEqual([success, success]);
  });

  test('undoes updates, upserts and deletes too', async () => {
    const id = await org.create('Contact', contact({ attributes: undefined, Ext__c: 'k' }));

    await update([contact({ id, LastName: 'Changed' }), contact({ id: '0035g00000zzzzz' })], { allOrNone: true });
    await upsert([contact({ Ext__c: 'k', LastName: 'Changed' }), contact({ Ext__c: 'n', LastName: '' })], {
      allOrNone: true,
    });
    const { body } = await org.call('DELETE', `${PATH}?ids=${id},0035g00000zzzzz&allOrNone=true`);

    expect(body).toEqual([ROLLED_BACK, expect.objectContaining(failure('INVALID_CROSS_REFERENCE_KEY'))]);
    expect(await lastNames()).toEqual(['Lee']);
  });
});

describe('an update', () => {
  test('names each record by its Id', async () => {
    const id = await org.create('Contact', { LastName: 'Old' });
    const gone = await org.create('Contact', { LastName: 'Gone' });
    await org.call('DELETE', `/sobjects/Contact/${gone}`);

    const { body } = await update([
      contact({ id, LastName: 'New' }),
      contact(),
      contact({ id: 'nonsense' }),
      contact({ Id: gone }),
      contact({ id: '0035g00000zzzzz' }),
      contact({ ID: '00Q5g0000000001' }),
      contact({ id: gone.replace(/...$/, ''), Nope: 1 }),
    ]);

    expect(body).toMatchObject([
      { id, success: true, errors: [] },
      failure('MISSING_ARGUMENT', 'Id not specified in an update call'),
      failure('MALFORMED_ID', 'malformed id nonsense'),
      failure('DUPLICATE_VALUE'),
      failure('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id'),
      failure('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id'),
      failure('DUPLICATE_VALUE'),
    ]);
    expect(await lastNames()).toEqual(['New']);
  });

  test('of a record in the bin is refused', async () => {
    const id = await org.create('Contact', { LastName: 'Gone' });
    await org.call('DELETE', `/sobjects/Contact/${id}`);

    expect((await update([contact({ id })])).body).toEqual([
      { id, ...failure('ENTITY_IS_DELETED', 'entity is deleted', []) },
    ]);
  });

  test('that names a record twice writes neither', async () => {
    const id = await org.create('Contact', { LastName: 'Once' });

    const { body } = await update([contact({ id, LastName: 'A' }), contact({ id: id.slice(0, 15), LastName: 'B' })]);

    expect(body).toMatchObject([failure('DUPLICATE_VALUE'), failure('DUPLICATE_VALUE')]);
    expect(await lastNames()).toEqual(['Once']);
    expect(violations('sameKeyTwiceInBatch')).toBe(1);
  });
});

test('an insert may not say the Id', async () => {
  for (const name of ['id', 'Id', 'ID'])
    expect((await create([contact({ [name]: '0035g0000000001' })])).body).toEqual([failure('INVALID_FIELD')]);
});

describe('an upsert', () => {
  test('tells what was made and what was changed', async () => {
    const first = await upsert([contact({ Ext__c: 'a' }), contact({ Ext__c: 'b' })]);
    const second = await upsert([contact({ Ext__c: 'A', LastName: 'Changed' }), { LastName: 'New', Ext__c: 'c' }]);

    expect(first.body).toEqual([
      { ...success, created: true },
      { ...success, created: true },
    ]);
    expect(second.body).toEqual([
      { ...success, id: first.body[0].id, created: false },
      { ...success, created: true },
    ]);
    expect(await lastNames()).toEqual(['Changed', 'Lee', 'New']);
  });

  test('that has a key twice writes neither of the two', async () => {
    const { body } = await upsert([contact({ Ext__c: 'k' }), contact({ Ext__c: 'other' }), contact({ Ext__c: 'K ' })]);
    const twice = (key: string) => failure('DUPLICATE_VALUE', `Duplicate external id specified: ${key}`, []);

    expect(body).toMatchObject([twice('k'), { success: true }, twice('K ')]);
    expect(await lastNames()).toEqual(['Lee']);
    expect(violations('sameKeyTwiceInBatch')).toBe(1);
  });

  test('refuses a blank key, a key of several records, an Id beside the key', async () => {
    for (const LastName of ['A', 'B']) await org.create('Contact', { LastName, Email: 'two@acme.test' });

    expect((await upsert([contact(), contact({ Ext__c: ' ' }), contact({ Ext__c: 'x', Id: 'y' })])).body).toMatchObject(
      [failure('MISSING_ARGUMENT'), failure('MISSING_ARGUMENT'), failure('INVALID_FIELD')],
    );
    expect((await upsert([contact({ Email: 'TWO@acme.test' })], {}, 'Email')).body).toMatchObject([
      failure(
        'DUPLICATE_EXTERNAL_ID',
        expect.stringMatching(/^Email: more than one record found for external id field: \[003\w+, 003\w+\]$/),
      ),
    ]);
  });

  test('goes by e-mail address, by number and by Id', async () => {
    const [mailed, numbered] = [
      await upsert([contact({ Email: 'New@acme.test' })], {}, 'Email'),
      await upsert([contact({ Number__c: 5 }), contact({ Number__c: '6' })], {}, 'Number__c'),
    ];
    const { id } = mailed.body[0];

    expect((await upsert([contact({ Id: id, Title: 'T' })], {}, 'Id')).body).toEqual([
      { ...success, id, created: false },
    ]);
    expect(numbered.body).toMatchObject([{ created: true }, { created: true }]);
    expect((await upsert([contact({ Number__c: 6 })], {}, 'Number__c')).body).toMatchObject([{ created: false }]);
  });

  test('by a field that is no key, or not there, is 404', async () => {
    for (const key of ['Title', 'Nope__c'])
      expect(await upsert([contact()], {}, key)).toMatchObject({
        status: 404,
        body: [
          { errorCode: 'NOT_FOUND', message: `Provided external ID field does not exist or is not accessible: ${key}` },
        ],
      });
  });
});

describe('a delete', () => {
  test('has a result for each Id', async () => {
    const id = await org.create('Contact', { LastName: 'Lee' });
    const other = await org.create('Account', { Name: 'Acme' });

    const { status, body } = await org.call('DELETE', `${PATH}?ids=${id},nonsense,${id},${other}&allOrNone=false`);

    expect([status, body]).toEqual([
      200,
      [
        { id, success: true, errors: [] },
        failure('MALFORMED_ID'),
        { id, ...failure('ENTITY_IS_DELETED', 'entity is deleted', []) },
        { id: other, success: true, errors: [] },
      ],
    ]);
  });

  test.each(['', '?ids=', '?ids=,'])('needs an Id: %s', async (query) => {
    expect((await org.call('DELETE', `${PATH}${query}`)).body).toMatchObject([{ errorCode: 'REQUIRED_FIELD_MISSING' }]);
  });
});

describe('a retrieval', () => {
  test('gives records by their place, and null for what is not there', async () => {
    const id = await org.create('Contact', { LastName: 'Lee' });
    const gone = await org.create('Contact', { LastName: 'Gone' });
    await org.call('DELETE', `/sobjects/Contact/${gone}`);
    const ids = [gone, id, '0035g00000zzzzz', id.slice(0, 15), '00Q5g0000000001'];
    const lee = expect.objectContaining({ attributes: expect.objectContaining({ type: 'Contact' }), LastName: 'Lee' });

    const byBody = await org.call('POST', `${PATH}/Contact`, { ids, fields: ['lastname', 'Account.Name'] });
    const byQuery = await org.call('GET', `${PATH}/Contact?ids=${ids.join()}&fields=LastName`);

    expect([byBody.status, byBody.body]).toEqual([200, [null, lee, null, lee, null]]);
    expect(byQuery.body).toEqual([null, lee, null, lee, null]);
  });

  test.each([
    ['an Id that is none', ['nonsense'], ['Id'], 'MALFORMED_ID'],
    ['no fields', [], [], 'REQUIRED_FIELD_MISSING'],
    ['unknown fields', [], ['Nope'], 'INVALID_FIELD'],
    ['more than fields', [], ['Id FROM Lead'], 'INVALID_FIELD'],
    ['2,001 Ids', Array.from({ length: 2_001 }, () => '0035g0000000001'), ['Id'], 'EXCEEDED_ID_LIMIT'],
  ])('of %s is refused', async (_what, ids, fields, errorCode) => {
    expect(await org.call('POST', `${PATH}/Contact`, { ids, fields })).toMatchObject({
      status: 400,
      body: [{ errorCode }],
    });
  });
});
