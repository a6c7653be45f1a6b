import { type OrgAnswer, startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
beforeAll(async () => {
  org = await startTestOrg();
  const { vendor } = org.sandbox.salesforce;
  vendor.org.declareField('Lead', { name: 'Ext__c', type: 'string', length: 20, externalId: true, unique: true });
  vendor.org.declareField('Lead', { name: 'Shared__c', type: 'string', length: 20, externalId: true });
  vendor.org.declareField('Lead', { name: 'Number__c', type: 'double', precision: 6, scale: 0, externalId: true });
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

const lead = (more: Record<string, unknown> = {}) => ({ LastName: 'Lee', Company: 'Lions', ...more });
const read = async (id: string, fields = '') => (await org.call('GET', `/sobjects/Lead/${id}${fields}`)).body;
const refusal = ({ status, body }: OrgAnswer) => [status, body?.[0]?.errorCode];
const NOT_FOUND = { errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' };
const UNKNOWN_ID = '00Q5g0000000zzzEAA';

describe('a record', () => {
  test('is made with 201, its Id and its address', async () => {
    const { status, body, headers } = await org.call('POST', '/sobjects/Lead', lead());

    expect([status, body]).toEqual([
      201,
      { id: expect.stringMatching(/^00Q[A-Za-z0-9]{15}$/), success: true, errors: [] },
    ]);
    expect(headers.get('location')).toBe(`/services/data/v60.0/sobjects/Lead/${body.id}`);
  });

  test('is read whole, or in part', async () => {
    const id = await org.create('Lead', lead({ Title: 'T', attributes: { type: 'Lead' } }));

    expect(await read(id)).toMatchObject({
      attributes: { type: 'Lead', url: `/services/data/v60.0/sobjects/Lead/${id}` },
      Id: id,
      LastName: 'Lee',
      Name: 'Lee',
      Status: 'Open - Not Contacted',
      IsConverted: false,
      IsDeleted: false,
      Email: null,
      CreatedDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/),
    });
    expect(await read(id.slice(0, 15), '?fields=title,Owner.Name,Title')).toEqual({
      attributes: expect.anything(),
      Title: 'T',
      Owner: expect.objectContaining({ Name: 'Sandbox User' }),
    });
  });

  test.each(['Nope', 'Id FROM Lead WHERE Name != null', '(SELECT Id FROM Tasks)', 'COUNT()', 'Id,,Name', ' x y '])(
    'has no field %j',
    async (fields) => {
      const id = await org.create('Lead', lead());

      expect(refusal(await org.call('GET', `/sobjects/Lead/${id}?fields=${encodeURIComponent(fields)}`))).toEqual([
        400,
        'INVALID_FIELD',
      ]);
    },
  );

  test('is changed and deleted with 204 and nothing more', async () => {
    const id = await org.create('Lead', lead());
    const before = await read(id);
    org.sandbox.clock.advance(2_000);

    const changed = await org.call('PATCH', `/sobjects/Lead/${id}`, { FirstName: 'Ann' });
    const after = await read(id);
    const deleted = await org.call('DELETE', `/sobjects/Lead/${id}`);

    expect([changed.status, changed.body]).toEqual([204, null]);
    expect(after).toMatchObject({ FirstName: 'Ann', Name: 'Ann Lee', CreatedDate: before.CreatedDate });
    expect(after.SystemModstamp > before.SystemModstamp).toBe(true);
    expect(after.LastModifiedDate).toBe(after.SystemModstamp);
    expect([deleted.status, deleted.body]).toEqual([204, null]);
  });

  test('in the recycle bin is 404 and ENTITY_IS_DELETED to all', async () => {
    const id = await org.create('Lead', lead());
    await org.call('DELETE', `/sobjects/Lead/${id}`);

    const answers = [
      await org.call('GET', `/sobjects/Lead/${id}`),
      await org.call('PATCH', `/sobjects/Lead/${id}`, { Title: 'T' }),
      await org.call('DELETE', `/sobjects/Lead/${id}`),
    ];

    for (const { status, body } of answers)
      expect([status, body]).toEqual([
        404,
        [{ errorCode: 'ENTITY_IS_DELETED', message: 'entity is deleted', fields: [] }],
      ]);
  });

  test.each([
    ['GET', `/sobjects/Lead/${UNKNOWN_ID}`, NOT_FOUND],
    ['PATCH', `/sobjects/Lead/${UNKNOWN_ID}`, NOT_FOUND],
    ['DELETE', `/sobjects/Lead/${UNKNOWN_ID}`, NOT_FOUND],
    // of another org, and of another object
    ['GET', '/sobjects/Lead/00QABC00000abcd', NOT_FOUND],
    ['GET', '/sobjects/Contact/00Q5g0000000001EAA', NOT_FOUND],
    ['GET', '/sobjects/Nothing/00Q5g0000000001EAA', NOT_FOUND],
    ['POST', '/sobjects/Nothing', NOT_FOUND],
    [
      'GET',
      '/sobjects/Lead/nonsense',
      { errorCode: 'NOT_FOUND', message: 'Provided external ID field does not exist or is not accessible: nonsense' },
    ],
  ])('that is not there is 404: %s %s', async (method, path, error) => {
    const { status, body } = await org.call(method, path, method === 'GET' || method === 'DELETE' ? undefined : {});

    expect([status, body]).toEqual([404, [error]]);
  });

  test.each([
    ['POST', '', { Id: UNKNOWN_ID }, 'INVALID_FIELD'],
    ['PATCH', '/Id', { id: UNKNOWN_ID }, 'INVALID_FIELD'],
    ['POST', '', [{}], 'JSON_PARSER_ERROR'],
    ['POST', '', 'text', 'JSON_PARSER_ERROR'],
    ['POST', '', undefined, 'JSON_PARSER_ERROR'],
  ])('refuses a body that is none: %s%s %j', async (method, part, body, errorCode) => {
    const id = await org.create('Lead', lead());

    expect(refusal(await org.call(method, `/sobjects/Lead${part === '' ? '' : `/${id}`}`, body))).toEqual([
      400,
      errorCode,
    ]);
  });

  test('refuses a body that says it is no JSON', async () => {
    expect(await org.call('POST', '/sobjects/Lead', lead(), { 'Content-Type': 'text/plain' })).toMatchObject({
      status: 415,
      body: [{ errorCode: 'UNSUPPORTED_MEDIA_TYPE' }],
    });
  });

  test('refuses a broken body, and says where', async () => {
    const answer = await fetch(`${org.url}/services/data/v60.0/sobjects/Lead`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${org.accessToken}`, 'Content-Type': 'application/json' },
      body: '{"LastName": "Lee",',
    });

    expect([answer.status, await answer.json()]).toEqual([
      400,
      [{ errorCode: 'JSON_PARSER_ERROR', message: expect.stringMatching(/at \[line:1, column:\d+\]$/) }],
    ]);
  });
});

describe('an upsert', () => {
  const upsert = (path: string, body: unknown, version = 'v60.0') =>
    org.call('PATCH', `/services/data/${version}/sobjects/Lead/${path}`, body);

  test('makes what is not there with 201, and changes what is with 200', async () => {
    const made = await upsert('Ext__c/E%2F1%20%C3%A9', lead());
    const changed = await upsert('Ext__c/e%2F1%20%C3%89', { Title: 'T' });

    expect([made.status, made.body]).toEqual([
      201,
      { id: expect.anything(), success: true, errors: [], created: true },
    ]);
    expect([changed.status, changed.body]).toEqual([
      200,
      { id: made.body.id, success: true, errors: [], created: false },
    ]);
    expect(await read(made.body.id)).toMatchObject({ Ext__c: 'E/1 é', Title: 'T', LastName: 'Lee' });
  });

  test('answered a change with 204 before version 46', async () => {
    await upsert('Ext__c/old', lead());

    expect([
      (await upsert('Ext__c/old', { Title: 'T' }, 'v45.0')).status,
      (await upsert('Ext__c/old', {}, 'v46.0')).status,
    ]).toEqual([204, 200]);
  });

  test('goes by e-mail address too, and lists all when several have it', async () => {
    const first = await upsert('Email/Two@Lions.Test', lead());
    const second = await org.create('Lead', lead({ Email: 'TWO@lions.test' }));

    const several = await upsert('Email/two@lions.test', { Title: 'T' });
    const read = await org.call('GET', '/sobjects/Lead/Email/two@lions.test');
    const deleted = await org.call('DELETE', '/sobjects/Lead/Email/two@lions.test');

    expect(first.status).toBe(201);
    for (const answer of [several, read, deleted])
      expect([answer.status, answer.body]).toEqual([
        300,
        [first.body.id, second].map((id) => `/services/data/v60.0/sobjects/Lead/${id}`),
      ]);
  });

  test('goes by a number', async () => {
    const made = await upsert('Number__c/42', lead());

    expect(made.status).toBe(201);
    expect(await read(made.body.id)).toMatchObject({ Number__c: 42 });
    expect((await upsert('Number__c/42.0', {})).body).toMatchObject({ id: made.body.id, created: false });
    expect((await org.call('GET', '/sobjects/Lead/Number__c/42')).body.Id).toBe(made.body.id);
    expect((await org.call('GET', '/sobjects/Lead/Number__c/many')).status).toBe(404);
    expect(refusal(await upsert('Number__c/many', lead()))).toEqual([400, 'INVALID_TYPE_ON_FIELD_IN_RECORD']);
  });

  test('goes by the Id, but makes none', async () => {
    const id = await org.create('Lead', lead());

    expect((await upsert(`Id/${id}`, { Title: 'T' })).body).toMatchObject({ id, created: false });
    expect(refusal(await upsert(`Id/${UNKNOWN_ID}`, lead()))).toEqual([404, 'NOT_FOUND']);
  });

  test('may be told to change only', async () => {
    expect(refusal(await upsert('Ext__c/never?updateOnly=true', lead()))).toEqual([404, 'NOT_FOUND']);
    expect(await org.query("SELECT Id FROM Lead WHERE Ext__c = 'never'")).toEqual([]);
  });

  test.each([
    ['Nope__c/1', lead(), 404, 'NOT_FOUND'],
    ['Title/1', lead(), 404, 'NOT_FOUND'],
    ['Ext__c/%20', lead(), 400, 'MISSING_ARGUMENT'],
    ['Ext__c/1', lead({ Ext__c: '1' }), 400, 'INVALID_FIELD'],
    ['Ext__c/1', lead({ Id: UNKNOWN_ID }), 400, 'INVALID_FIELD'],
    ['Ext__c/123456789012345678901', lead(), 400, 'STRING_TOO_LONG'],
    ['Ext__c/%E0%A4%A', lead(), 404, 'NOT_FOUND'],
  ])('by %s is refused', async (path, body, status, errorCode) => {
    expect(refusal(await upsert(path, body))).toEqual([status, errorCode]);
  });

  test('by a field that is no key says so', async () => {
    expect((await upsert('Nope__c/1', lead())).body[0].message).toBe(
      'Provided external ID field does not exist or is not accessible: Nope__c',
    );
  });
});

describe('a key in the path', () => {
  test('goes by a key that ends like the name of a file', async () => {
    const id = await org.create('Lead', lead({ Shared__c: 'report.json' }));

    const found = await org.call('GET', '/sobjects/Lead/Shared__c/report.json?fields=Id');

    expect(found.body).toMatchObject({ Id: id });
  });

  test('finds, shows and deletes one record', async () => {
    const id = await org.create('Lead', lead({ Shared__c: 'S 1' }));

    const found = await org.call('GET', '/sobjects/Lead/Shared__c/s%201?fields=Id,Shared__c');
    const deleted = await org.call('DELETE', '/sobjects/Lead/Shared__c/S%201');

    expect(found.body).toMatchObject({ Id: id, Shared__c: 'S 1' });
    expect([deleted.status, deleted.body]).toEqual([204, null]);
    // what is in the recycle bin is not found by its key
    expect(refusal(await org.call('GET', '/sobjects/Lead/Shared__c/S%201'))).toEqual([404, 'NOT_FOUND']);
    expect(refusal(await org.call('DELETE', '/sobjects/Lead/Shared__c/S%201'))).toEqual([404, 'NOT_FOUND']);
  });
});
