import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Connection } from 'jsforce';
import { createRecordFiller } from '../../src/sandbox/salesforce/record-filler';
import { fromSetUp, SERVICE_VARIABLES } from '../support/service-variables';
import { startTestOrg, type TestOrg } from './salesforce-org';

const MANY = 4_100;
const MANY_SOQL = "SELECT Id, LastName FROM Lead WHERE Company = 'Many' ORDER BY LastName";

let org: TestOrg;
beforeAll(async () => {
  org = await startTestOrg({ tlsPorts: {} });
  const { vendor } = org.sandbox.salesforce;
  vendor.org.declareField('Contact', { name: 'Ext__c', type: 'string', length: 40, externalId: true, unique: true });
  const filler = createRecordFiller(vendor.org, vendor.setup.userReference);
  const at = org.sandbox.clock.now();
  vendor.org.transaction(() => {
    for (let number = 0; number < MANY; number += 1)
      filler.add('Lead', {
        values: { LastName: `N${number + 10_000}`, Company: 'Many' },
        createdAt: at,
        updatedAt: at,
      });
  });
  for (const LastName of ['One', 'Two']) await org.create('Contact', { LastName, Email: 'two@acme.test' });
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

describe('jsforce', () => {
  let connection: Connection;
  beforeAll(async () => {
    connection = new Connection({ loginUrl: org.url, version: '60.0' });
    const { username = '', password = '' } = org.sandbox.salesforce.credentials;
    await connection.login(username, password);
  });

  test('knows who it is, and how many calls are left', async () => {
    const identity = await connection.identity();
    const limits = await connection.limits();

    expect(identity).toMatchObject({ username: 'sandbox@example.com', user_id: connection.userInfo?.id });
    expect(limits.DailyApiRequests?.Max).toBe(5_000_000);
    expect(connection.limitInfo).toEqual({ apiUsage: { limit: 5_000_000, used: expect.any(Number) } });
  });

  test('describes the org, and an object', async () => {
    const everything = await connection.describeGlobal();
    const contact = await connection.sobject('Contact').describe();

    expect(everything.sobjects.map(({ name }) => name)).toContain('Contact');
    expect(contact.fields.find(({ name }) => name === 'Ext__c')).toMatchObject({ externalId: true, type: 'string' });
    expect(await connection.sobject('Contact').describe$()).toEqual(contact);
    await expect(connection.describe('Nothing')).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
  });

  test('makes, reads, changes, upserts and deletes single records', async () => {
    const contacts = connection.sobject('Contact');

    const made = await contacts.create({ LastName: "O'Hara", Email: 'Js@Acme.test' });
    const id = made.id ?? '';
    const read = await contacts.retrieve(id);
    const changed = await contacts.update({ Id: id, Title: 'Chief' });
    const upserted = [
      await contacts.upsert({ LastName: 'Upserted', Ext__c: 'js-1' }, 'Ext__c'),
      await contacts.upsert({ LastName: 'Upserted', Ext__c: 'js-1', Title: 'again' }, 'Ext__c'),
    ];
    const deleted = await contacts.destroy(id);

    expect(made).toMatchObject({ success: true, errors: [] });
    expect(read).toMatchObject({ Id: id, LastName: "O'Hara", Email: 'js@acme.test' });
    expect(changed).toMatchObject({ id, success: true });
    expect(upserted).toMatchObject([
      { success: true, created: true },
      { success: true, created: false },
    ]);
    expect(deleted).toMatchObject({ id, success: true });
    await expect(contacts.retrieve(id)).rejects.toMatchObject({ errorCode: 'ENTITY_IS_DELETED' });
    await expect(contacts.create({ FirstName: 'nameless' })).rejects.toMatchObject({
      errorCode: 'REQUIRED_FIELD_MISSING',
    });
    await expect(contacts.upsert({ LastName: 'L', Email: 'two@acme.test' }, 'Email')).rejects.toMatchObject({
      errorCode: 'MULTIPLE_CHOICES',
    });
  });

  test('makes, changes, upserts, reads and deletes many at a time', async () => {
    const contacts = connection.sobject('Contact');
    const records = Array.from({ length: 250 }, (_, index) => ({ LastName: `Js ${index}`, Ext__c: `many-${index}` }));

    const made = await contacts.create(records, { allowRecursive: true });
    const ids = made.map(({ id }) => id ?? '');
    const changed = await contacts.update(
      ids.slice(0, 3).map((Id, index) => ({ Id, Email: index === 1 ? 'no' : 'yes@acme.test' })),
    );
    const upserted = await contacts.upsert(
      [
        { Ext__c: 'many-0', LastName: 'Up' },
        { Ext__c: 'many-new', LastName: 'New' },
      ],
      'Ext__c',
    );
    const read = await contacts.retrieve(ids.slice(0, 2));
    const deleted = await contacts.destroy(ids.slice(0, 200));

    expect(made.every(({ success }) => success)).toBe(true);
    expect(changed).toMatchObject([
      { success: true },
      { success: false, errors: [{ statusCode: 'INVALID_EMAIL_ADDRESS', fields: ['Email'] }] },
      { success: true },
    ]);
    expect(upserted).toMatchObject([{ created: false, id: ids[0] }, { created: true }]);
    expect(read).toMatchObject([
      { LastName: 'Up', Email: 'yes@acme.test' },
      { LastName: 'Js 1', Email: null },
    ]);
    expect(deleted).toHaveLength(200);
    expect(await contacts.count({ Ext__c: { $like: 'many-%' } })).toBe(51);
  });

  test('queries, page by page or all at once', async () => {
    const first = await connection.query<{ LastName: string }>(MANY_SOQL);
    const second = await connection.queryMore<{ LastName: string }>(first.nextRecordsUrl ?? '');
    const all = await connection.query(MANY_SOQL, { autoFetch: true, maxFetch: 10_000 });
    const explained = await connection.sobject('Lead').find({ Company: 'Many' }).explain();

    expect([first.records.length, first.done, second.records[0]?.LastName]).toEqual([2_000, false, 'N12000']);
    expect([all.records.length, all.totalSize, all.done]).toEqual([MANY, MANY, true]);
    expect(explained.plans).toMatchObject([{ sobjectType: 'Lead', cardinality: MANY }]);
    await expect(connection.query('SELECT Nope FROM Lead')).rejects.toMatchObject({ errorCode: 'INVALID_FIELD' });
  });

  test('follows relationships in both directions', async () => {
    const { id: AccountId } = await connection.sobject('Account').create({ Name: 'Acme' });
    await connection.sobject('Contact').create({ LastName: 'Child', AccountId });

    const contact = await connection
      .sobject('Contact')
      .findOne({ 'Account.Name': 'Acme' }, ['LastName', 'Account.Name']);
    const account = await connection
      .sobject('Account')
      .find({ Name: 'Acme' })
      .include('Contacts')
      .select(['LastName'])
      .end();

    expect(contact).toMatchObject({ LastName: 'Child', Account: { Name: 'Acme' } });
    expect(account).toMatchObject([{ Contacts: { records: [{ LastName: 'Child' }] } }]);
  });
});

test('simple-salesforce describes, writes, reads, pages and is refused', async () => {
  const python = fromSetUp(SERVICE_VARIABLES.python);
  const script = `${__dirname}/python/salesforce_rest_client.py`;
  const env = { ...process.env, REQUESTS_CA_BUNDLE: org.sandbox.certificatePath };
  const parameters = [script, org.sandbox.salesforce.tlsUrl ?? '', org.accessToken];

  const { stdout } = await promisify(execFile)(python, parameters, { env });

  expect(JSON.parse(stdout)).toEqual({
    objects: expect.any(Number),
    fields: ['Id', 'IsDeleted', 'MasterRecordId'],
    described: '003',
    limits: ['Max', 'Remaining'],
    usage: ['api-usage'],
    created: { id: expect.stringMatching(/^003/), success: true, errors: [] },
    read: { LastName: "O'Hara", FirstName: 'Żoë', Email: 'py@acme.test', Title: null },
    updated: 204,
    upserted: [201, 200],
    by_key: 'again',
    query: [1, true, 'Chief'],
    pages: [2_000, false, 2_000, false],
    query_all: [MANY, MANY, `N${MANY + 9_999}`],
    query_all_iter: MANY,
    deleted: 204,
    in_bin: expect.arrayContaining([true]),
    refusals: [
      ['SalesforceMalformedRequest', 400, 'REQUIRED_FIELD_MISSING'],
      ['SalesforceResourceNotFound', 404, 'ENTITY_IS_DELETED'],
      ['SalesforceResourceNotFound', 404, 'NOT_FOUND'],
      ['SalesforceMalformedRequest', 400, 'INVALID_FIELD'],
      ['SalesforceMoreThanOneRecord', 300, expect.stringContaining('/sobjects/Contact/003')],
      ['SalesforceExpiredSession', 401, 'INVALID_SESSION_ID'],
    ],
    composite: 200,
  });
}, 60_000);

test('none of these clients has done what a well-behaved client never does', () => {
  expect(org.sandbox.salesforce.violations().filter(({ count }) => count > 0)).toEqual([]);
});
