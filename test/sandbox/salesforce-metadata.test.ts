import { startTestOrg, type TestOrg } from './salesforce-org';

const HOUR_MS = 3_600_000;

let org: TestOrg;
beforeEach(async () => {
  org = await startTestOrg();
});
afterEach(async () => {
  expect(org.sandbox.defects).toEqual([]);
  await org.sandbox.stop();
});

type Described = Record<string, unknown>;
const describeObject = async (object: string) => (await org.call('GET', `/sobjects/${object}/describe`)).body;
const refusalOf = async (call: ReturnType<TestOrg['call']>): Promise<unknown> => {
  const { status, body } = await call;
  return [status, body?.[0]?.errorCode, body?.[0]?.message];
};
const forbidden = [403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object'];
const missing = [404, 'NOT_FOUND', 'The requested resource does not exist'];

describe('versions', () => {
  test('are listed to anybody, and not counted', async () => {
    const answer = await fetch(`${org.url}/services/data/`);
    const versions = (await answer.json()) as Described[];

    expect(answer.status).toBe(200);
    expect(answer.headers.get('sforce-limit-info')).toBeNull();
    expect(versions).toContainEqual({ label: "Spring '24", url: '/services/data/v60.0', version: '60.0' });
    expect(versions).toContainEqual({ label: "Winter '26", url: '/services/data/v65.0', version: '65.0' });
    expect(versions).toContainEqual({ label: "Summer '26", url: '/services/data/v67.0', version: '67.0' });
    expect(versions[0]).toMatchObject({ version: '31.0' });
  });

  test.each([
    ['v30.0', 410, 'GONE'],
    ['v21.0', 410, 'GONE'],
    ['v20.0', 404, 'NOT_FOUND'],
    ['v68.0', 404, 'NOT_FOUND'],
    ['v60', 404, 'NOT_FOUND'],
    ['60.0', 404, 'NOT_FOUND'],
    ['latest', 404, 'NOT_FOUND'],
  ])('%s is %i', async (version, status, errorCode) => {
    expect(await org.call('GET', `/services/data/${version}/sobjects`)).toMatchObject({
      status,
      body: [{ errorCode }],
    });
  });

  test('each tells its resources, and who asks', async () => {
    const { body } = await org.call('GET', '/services/data/v58.0/');

    expect(body).toMatchObject({
      sobjects: '/services/data/v58.0/sobjects',
      query: '/services/data/v58.0/query',
      limits: '/services/data/v58.0/limits',
      composite: '/services/data/v58.0/composite',
      jobs: '/services/data/v58.0/jobs',
      identity: expect.stringMatching(/\/id\/00D[A-Za-z0-9]{15}\/005[A-Za-z0-9]{15}$/),
    });
  });
});

describe('requests', () => {
  test.each([
    ['GET', '/nothing', 404, 'NOT_FOUND', 'The requested resource does not exist'],
    ['GET', '/sobjects/Contact/describe/more/of/it', 404, 'NOT_FOUND', 'The requested resource does not exist'],
    [
      'PATCH',
      '/sobjects/Contact',
      405,
      'METHOD_NOT_ALLOWED',
      "HTTP Method 'PATCH' not allowed. Allowed are GET,HEAD,POST",
    ],
    ['POST', '/limits', 405, 'METHOD_NOT_ALLOWED', "HTTP Method 'POST' not allowed. Allowed are GET,HEAD"],
  ])('%s %s is %i', async (method, path, ...refusal) => {
    expect(await refusalOf(org.call(method, path, method === 'GET' ? undefined : {}))).toEqual(refusal);
  });

  test.each([undefined, 'Bearer', 'Bearer nonsense', 'Basic c2FuZGJveDpzYW5kYm94'])(
    '%s is no session',
    async (header) => {
      const answer = await fetch(`${org.url}/services/data/v60.0/sobjects`, {
        headers: header === undefined ? {} : { Authorization: header },
      });

      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual([{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]);
    },
  );

  test('are counted, and tell how many there were', async () => {
    const [first, second] = [await org.call('GET', '/limits'), await org.call('GET', '/nothing')];
    const used = (headers: Headers) =>
      Number(/^api-usage=(\d+)\/5000000$/.exec(headers.get('sforce-limit-info') ?? '')?.[1]);

    expect(used(second.headers) - used(first.headers)).toBe(1);
    expect(first.body.DailyApiRequests).toEqual({ Max: 5_000_000, Remaining: 5_000_000 - used(first.headers) });
    for (const limit of [
      'DailyBulkApiBatches',
      'DailyBulkV2QueryJobs',
      'DailyBulkV2QueryFileStorageMB',
      'DataStorageMB',
    ])
      expect(first.body[limit]).toEqual({ Max: expect.any(Number), Remaining: expect.any(Number) });
  });

  test('are refused when the day has no more, and let in a day later', async () => {
    await org.control('PATCH', '/settings', { dailyApiRequests: 2, sessionTimeoutMs: 48 * HOUR_MS });
    const codes: unknown[] = [];
    for (let count = 0; count < 3; count += 1) codes.push(await refusalOf(org.call('GET', '/limits')));

    org.sandbox.clock.advance(25 * HOUR_MS);

    expect(codes).toEqual([
      [200, undefined, undefined],
      [200, undefined, undefined],
      [403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'],
    ]);
    expect((await org.call('GET', '/limits')).status).toBe(200);
  });

  test('are answered in lines where that is asked for', async () => {
    const headers = { Authorization: `Bearer ${org.accessToken}`, 'X-PrettyPrint': '1' };

    const text = await (await fetch(`${org.url}/services/data/v60.0/query?q=SELECT+Id+FROM+Lead`, { headers })).text();

    expect(text).toBe('{\n  "totalSize": 0,\n  "done": true,\n  "records": []\n}');
  });

  test('records are counted by and by', async () => {
    await org.create('Account', { Name: 'One' });

    expect((await org.call('GET', '/limits/recordCount?sObjects=Account,Contact')).body).toEqual({
      sObjects: [
        { count: 1, name: 'Account' },
        { count: 0, name: 'Contact' },
      ],
    });
  });
});

describe('a description that is known already', () => {
  test.each(['/sobjects', '/sobjects/Lead/describe'])('%s is not sent again, until something changes', async (path) => {
    const first = await org.call('GET', path);
    const [since, tag] = [first.headers.get('last-modified') ?? '', first.headers.get('etag') ?? ''];

    const known = [
      await org.call('GET', path, undefined, { 'If-Modified-Since': since }),
      await org.call('GET', path, undefined, { 'If-None-Match': tag }),
    ];
    const older = await org.call('GET', path, undefined, { 'If-Modified-Since': 'Thu, 01 Jan 2015 00:00:00 GMT' });
    await org.control('PATCH', '/objects/Lead/fields/Title', { hidden: true });
    const changed = [
      await org.call('GET', path, undefined, { 'If-Modified-Since': since }),
      await org.call('GET', path, undefined, { 'If-None-Match': tag }),
    ];

    expect(known.map(({ status, body }) => [status, body])).toEqual([
      [304, null],
      [304, null],
    ]);
    expect(older.status).toBe(200);
    expect(changed.map(({ status }) => status)).toEqual([200, 200]);
  });
});

test('a custom object has fields of every type, each with what describe says of it', async () => {
  const fields = [
    { name: 'Text__c', type: 'string', length: 60 },
    { name: 'Phone__c', type: 'phone' },
    { name: 'Mail__c', type: 'email', externalId: true },
    { name: 'Url__c', type: 'url' },
    { name: 'Area__c', type: 'textarea', length: 255 },
    { name: 'Long__c', type: 'textarea', length: 32_768 },
    { name: 'Rich__c', type: 'textarea', length: 32_768, htmlFormatted: true },
    {
      name: 'Pick__c',
      type: 'picklist',
      picklist: ['A', { value: 'B', label: 'Bee', active: false }],
      restricted: true,
    },
    { name: 'Multi__c', type: 'multipicklist', picklist: ['A', 'B'] },
    { name: 'Flag__c', type: 'boolean', defaultValue: true },
    { name: 'Whole__c', type: 'int' },
    { name: 'Number__c', type: 'double', precision: 10, scale: 3 },
    { name: 'Money__c', type: 'currency', precision: 16, scale: 2 },
    { name: 'Share__c', type: 'percent', precision: 5, scale: 2 },
    { name: 'Day__c', type: 'date', required: true },
    { name: 'Moment__c', type: 'datetime' },
    { name: 'Clock__c', type: 'time' },
    { name: 'Place__c', type: 'location' },
    { name: 'Secret__c', type: 'encryptedstring' },
    { name: 'Lead__c', type: 'reference', referenceTo: ['Lead'], childRelationshipName: 'Visits' },
    { name: 'Formula__c', type: 'string', calculated: true },
    { name: 'Number_Text__c', type: 'string', autoNumber: 'V-{0000}' },
  ];
  await org.control('POST', '/objects', { name: 'Visit__c', fields });

  const body = await describeObject('Visit__c');
  const described = new Map<string, Described>(body.fields.map((field: Described) => [field.name, field]));
  const id = await org.create('Visit__c', {
    Name: 'All',
    Pick__c: 'A',
    Multi__c: 'B;A',
    Whole__c: 7,
    Number__c: 1.23456,
    Money__c: 10_000_000,
    Day__c: '2026-05-04',
    Moment__c: '2026-05-04T11:30:00+02:00',
    Clock__c: '09:30:00.000Z',
    Place__Latitude__s: 47.07,
    Place__Longitude__s: 15.43,
    Secret__c: '1234-5678',
  });

  expect(body).toMatchObject({ custom: true, keyPrefix: 'a00', label: 'Visit', createable: true });
  expect(described.get('Name')).toMatchObject({ length: 80, nameField: true, idLookup: true, createable: true });
  expect(described.get('Mail__c')).toMatchObject({ externalId: true, idLookup: true, unique: false });
  expect(described.get('Area__c')).toMatchObject({ filterable: true, extraTypeInfo: 'plaintextarea' });
  expect(described.get('Long__c')).toMatchObject({ filterable: false, sortable: false, length: 32_768 });
  expect(described.get('Rich__c')).toMatchObject({ htmlFormatted: true });
  expect(described.get('Pick__c')).toMatchObject({ restrictedPicklist: true });
  expect(described.get('Multi__c')).toMatchObject({ length: 4_099, filterable: true, sortable: false });
  expect(described.get('Flag__c')).toMatchObject({ nillable: false, defaultedOnCreate: true, defaultValue: true });
  expect(described.get('Number__c')).toMatchObject({ soapType: 'xsd:double', precision: 10, scale: 3, length: 0 });
  expect(described.get('Day__c')).toMatchObject({ soapType: 'xsd:date', nillable: false, length: 0 });
  expect(described.get('Clock__c')).toMatchObject({ soapType: 'xsd:time' });
  expect(described.get('Place__c')).toMatchObject({ soapType: 'urn:location', createable: false });
  expect(described.get('Place__Latitude__s')).toMatchObject({ type: 'double', createable: true });
  expect(described.get('Secret__c')).toMatchObject({ encrypted: true, filterable: false });
  expect(described.get('Lead__c')).toMatchObject({ relationshipName: 'Lead__r', referenceTo: ['Lead'] });
  expect(described.get('Formula__c')).toMatchObject({ calculated: true, createable: false, updateable: false });
  expect(described.get('Number_Text__c')).toMatchObject({ autoNumber: true, createable: false });
  expect((await describeObject('Lead')).childRelationships).toContainEqual(
    expect.objectContaining({ childSObject: 'Visit__c', field: 'Lead__c', relationshipName: 'Visits' }),
  );
  expect((await org.call('GET', `/sobjects/Visit__c/${id}`)).body).toMatchObject({
    Multi__c: 'A;B',
    Flag__c: true,
    Whole__c: 7,
    Number__c: 1.235,
    Money__c: 1e7,
    Day__c: '2026-05-04',
    Moment__c: '2026-05-04T09:30:00.000+0000',
    Clock__c: '09:30:00.000Z',
    Place__c: { latitude: 47.07, longitude: 15.43 },
    Secret__c: 'XXXXX5678',
    Formula__c: null,
    Number_Text__c: 'V-0001',
  });
});

test('record types are listed beside Master, and their field appears', async () => {
  const before = (await describeObject('Lead')).fields.some(({ name }: Described) => name === 'RecordTypeId');
  const { body: made } = await org.control('POST', '/objects/Lead/record-types', { name: 'Partner' });

  const { recordTypeInfos, fields } = await describeObject('Lead');

  expect(before).toBe(false);
  expect(fields).toContainEqual(expect.objectContaining({ name: 'RecordTypeId', referenceTo: ['RecordType'] }));
  expect(recordTypeInfos).toEqual([
    expect.objectContaining({ name: 'Partner', developerName: 'Partner', recordTypeId: made.id, master: false }),
    expect.objectContaining({ name: 'Master', master: true }),
  ]);
});

describe('a user without permission', () => {
  test('may read, but not change', async () => {
    const id = await org.create('Lead', { LastName: 'L', Company: 'C' });
    const change = await org.control('PATCH', '/settings', { objectAccess: { lead: 'read' } });
    const lead = { LastName: 'M', Company: 'C' };

    expect(change.status).toBe(200);
    expect(await describeObject('Lead')).toMatchObject({ queryable: true, createable: false, deletable: false });
    expect(await org.query('SELECT LastName FROM Lead')).toHaveLength(1);
    expect(await refusalOf(org.call('POST', '/sobjects/Lead', lead))).toEqual(forbidden);
    expect(await refusalOf(org.call('PATCH', `/sobjects/Lead/${id}`, { Title: 'T' }))).toEqual(forbidden);
    expect(await refusalOf(org.call('DELETE', `/sobjects/Lead/${id}`))).toEqual(forbidden);
    const { body } = await org.call('POST', '/composite/sobjects', {
      records: [{ attributes: { type: 'Lead' }, ...lead }],
    });
    expect(body).toMatchObject([{ success: false, errors: [{ statusCode: 'INSUFFICIENT_ACCESS_OR_READONLY' }] }]);
  });

  test('does not even see an object', async () => {
    await org.control('PATCH', '/settings', { objectAccess: { Opportunity: 'none' } });

    const { body } = await org.call('GET', '/sobjects');

    expect(body.sobjects.map(({ name }: Described) => name)).not.toContain('Opportunity');
    expect(await refusalOf(org.call('GET', '/sobjects/Opportunity/describe'))).toEqual(missing);
    expect(await refusalOf(org.call('POST', '/sobjects/Opportunity', {}))).toEqual(missing);
    expect((await org.call('GET', '/query?q=SELECT+Id+FROM+Opportunity')).body[0].errorCode).toBe('INVALID_TYPE');
    expect((await describeObject('Account')).childRelationships).not.toContainEqual(
      expect.objectContaining({ childSObject: 'Opportunity' }),
    );
    await org.control('PATCH', '/settings', { objectAccess: {} });
    expect((await org.call('GET', '/sobjects/Opportunity/describe')).status).toBe(200);
  });

  test.each([
    [{ apiEnabled: false }, 'API_DISABLED_FOR_ORG'],
    [{ passwordExpired: true }, 'INVALID_OPERATION_WITH_EXPIRED_PASSWORD'],
  ])('%j is 403', async (settings, errorCode) => {
    await org.control('PATCH', '/settings', settings);

    expect(await org.call('GET', '/limits')).toMatchObject({ status: 403, body: [{ errorCode }] });
  });
});
