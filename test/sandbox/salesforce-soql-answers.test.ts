import { startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
let acme: string;
let ana: string;
let lead: string;
beforeAll(async () => {
  org = await startTestOrg();
  const { vendor } = org.sandbox.salesforce;
  vendor.org.declareField('Contact', { name: 'Points__c', type: 'double', precision: 6, scale: 2 });
  vendor.org.declareObject({
    name: 'Visit__c',
    fields: [{ name: 'Contact__c', type: 'reference', referenceTo: ['Contact'] }],
  });
  const group = await org.create('Account', { Name: 'Group', Industry: 'Energy' });
  acme = await org.create('Account', { Name: 'Acme', ParentId: group, BillingCity: 'Graz', BillingCountry: 'Austria' });
  ana = await org.create('Contact', { LastName: 'Ana', Email: 'ana@acme.test', AccountId: acme, Points__c: 10 });
  await org.create('Contact', { LastName: 'bo', Title: 'chief', AccountId: acme, Points__c: 2.5 });
  await org.create('Contact', { LastName: 'Éva', Title: 'Chief' });
  await org.create('Contact', { LastName: 'fox', Title: 'aide', Points__c: 1 });
  lead = await org.create('Lead', { LastName: 'Lee', Company: 'Lions' });
  await org.create('Visit__c', { Name: 'First', Contact__c: ana });
  await org.create('Task', { Subject: 'To Ana', WhoId: ana, WhatId: acme });
  await org.create('Task', { Subject: 'To Lee', WhoId: lead });
  const campaign = await org.create('Campaign', { Name: 'Fair' });
  await org.create('CampaignMember', { CampaignId: campaign, ContactId: ana });
  await org.create('CampaignMember', { CampaignId: campaign, LeadId: lead });
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

const answer = async (soql: string) => (await org.call('GET', `/query?q=${encodeURIComponent(soql)}`)).body;
/** One field of all records of an answer. */
const column = async (soql: string, name: string): Promise<unknown[]> =>
  (await org.query(soql)).map((record) => record[name]);
const attributes = (type: string, id: string) => ({ type, url: `/services/data/v60.0/sobjects/${type}/${id}` });

describe('records of an answer', () => {
  test('have their address, and the fields in the order of the query and the spelling of describe', async () => {
    const soql = `select email, ID, lastname, account.name, title from contact where id = '${ana}'`;

    const body = await answer(soql);

    expect(body).toEqual({ totalSize: 1, done: true, records: [expect.anything()] });
    expect(Object.entries(body.records[0])).toEqual([
      ['attributes', attributes('Contact', ana)],
      ['Email', 'ana@acme.test'],
      ['Id', ana],
      ['LastName', 'Ana'],
      ['Account', { attributes: attributes('Account', acme), Name: 'Acme' }],
      ['Title', null],
    ]);
  });

  test('reach parents of parents; who has no parent has null', async () => {
    const soql = 'SELECT LastName, Account.Parent.Industry, Account.Parent.Id FROM Contact ORDER BY LastName LIMIT 3';

    expect(await column(soql, 'Account')).toMatchObject([
      { Parent: { attributes: { type: 'Account' }, Industry: 'Energy' } },
      { Parent: { Industry: 'Energy' } },
      null,
    ]);
    expect(await column(`SELECT Contact__r.Account.Name FROM Visit__c`, 'Contact__r')).toMatchObject([
      { attributes: attributes('Contact', ana), Account: { Name: 'Acme' } },
    ]);
    expect(await column(`SELECT a.LastName FROM Contact a WHERE a.Account.Parent.Name = 'group'`, 'LastName')).toEqual([
      'Ana',
      'bo',
    ]);
  });

  test('show whichever object a lookup leads to by the fields of Name', async () => {
    const soql = 'SELECT Subject, Who.Name, Who.Type, Who.Email, What.Name FROM Task ORDER BY Subject';

    expect(await org.query(soql)).toMatchObject([
      {
        Who: { attributes: attributes('Contact', ana), Name: 'Ana', Type: 'Contact', Email: 'ana@acme.test' },
        What: { attributes: attributes('Account', acme), Name: 'Acme' },
      },
      { Who: { attributes: attributes('Lead', lead), Name: 'Lee', Type: 'Lead', Email: null }, What: null },
    ]);
    expect(await column("SELECT Subject FROM Task WHERE Who.Type = 'Lead'", 'Subject')).toEqual(['To Lee']);
    expect(await column("SELECT LastName FROM Lead WHERE Owner.Name = 'Sandbox User'", 'LastName')).toEqual(['Lee']);
  });

  test('show by TYPEOF what each object has', async () => {
    const soql =
      'SELECT TYPEOF Who WHEN Contact THEN LastName WHEN Lead THEN Company ELSE Name END FROM Task ORDER BY Subject';

    const body = await answer(soql);

    expect(body.records).toMatchObject([
      { Who: { attributes: attributes('Contact', ana), LastName: 'Ana' } },
      { Who: { attributes: attributes('Lead', lead), Company: 'Lions' } },
    ]);
    expect(body.records[1].Who).not.toHaveProperty('LastName');
  });

  test('show an address as an object, or null where all of it is', async () => {
    const [group, own] = await column('SELECT BillingAddress FROM Account ORDER BY Name DESC', 'BillingAddress');

    expect(group).toBeNull();
    expect(own).toEqual({
      city: 'Graz',
      country: 'Austria',
      geocodeAccuracy: null,
      latitude: null,
      longitude: null,
      postalCode: null,
      state: null,
      street: null,
    });
  });

  test('hold lists of their children, or null', async () => {
    const soql =
      "SELECT Name, (SELECT LastName, Account.Name FROM Contacts WHERE Title = 'chief' OR Points__c > 5 ORDER BY LastName DESC) FROM Account ORDER BY Name";

    expect(await column(soql, 'Contacts')).toEqual([
      {
        totalSize: 2,
        done: true,
        records: [
          expect.objectContaining({ LastName: 'bo', Account: expect.objectContaining({ Name: 'Acme' }) }),
          expect.objectContaining({ attributes: attributes('Contact', ana), LastName: 'Ana' }),
        ],
      },
      null,
    ]);
    expect(
      await column("SELECT (SELECT Id FROM Contacts LIMIT 1) FROM Account WHERE Name = 'Acme'", 'Contacts'),
    ).toMatchObject([{ totalSize: 1 }]);
    expect(
      await column(`SELECT (SELECT Name FROM Visits__r) FROM Contact WHERE Id = '${ana}'`, 'Visits__r'),
    ).toMatchObject([{ records: [{ Name: 'First' }] }]);
  });

  test('are chosen by what other objects say', async () => {
    const members = "SELECT ContactId FROM CampaignMember WHERE Campaign.Name = 'fair'";

    expect(await column(`SELECT LastName FROM Contact WHERE Id IN (${members})`, 'LastName')).toEqual(['Ana']);
    expect(
      await column(`SELECT LastName FROM Contact WHERE Id NOT IN (${members}) AND Title = 'aide'`, 'LastName'),
    ).toEqual(['fox']);
    expect(
      await column(
        "SELECT LastName FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Name LIKE 'a%')",
        'LastName',
      ),
    ).toEqual(['Ana', 'bo']);
  });
});

describe('FIELDS', () => {
  test('STANDARD and CUSTOM together are ALL', async () => {
    const names = async (soql: string) => Object.keys((await org.query(soql))[0] ?? {}).slice(1);

    const all = await names('SELECT FIELDS(ALL) FROM Contact LIMIT 1');
    const standard = await names('SELECT FIELDS(STANDARD) FROM Contact WHERE LastName != null');
    const custom = await names('SELECT FIELDS(CUSTOM) FROM Contact LIMIT 200');

    expect(custom).toEqual(['Points__c']);
    expect(new Set([...standard, ...custom])).toEqual(new Set(all));
    const described = await org.call('GET', '/sobjects/Contact/describe');
    expect(all).toEqual(described.body.fields.map(({ name }: { name: string }) => name));
  });

  test.each(['ALL', 'CUSTOM'])('%s needs a limit of 200', async (group) => {
    for (const ending of ['', ' LIMIT 201'])
      expect(await answer(`SELECT FIELDS(${group}) FROM Contact${ending}`)).toEqual([
        { errorCode: 'MALFORMED_QUERY', message: 'The SOQL FIELDS function must have a LIMIT of at most 200' },
      ]);
  });
});

describe('the order', () => {
  test.each([
    ['is without case and accents', 'LastName', 'Ana bo Éva fox'],
    ['may be turned', 'LastName DESC', 'fox Éva bo Ana'],
    ['has nulls first', 'Points__c, LastName', 'Éva fox bo Ana'],
    ['or last, when asked', 'Points__c ASC NULLS LAST', 'fox bo Ana Éva'],
    ['or last, turned', 'Points__c DESC NULLS LAST', 'Ana bo fox Éva'],
    ['may go by several fields', 'Title NULLS LAST, LastName DESC', 'fox Éva bo Ana'],
    ['may go by fields of parents, which a missing parent lacks', 'Account.Name, LastName DESC', 'fox Éva bo Ana'],
    ['may go by the Id', 'Id', 'Ana bo Éva fox'],
  ])('%s: %s', async (_rule, order, names) => {
    expect((await column(`SELECT LastName FROM Contact ORDER BY ${order}`, 'LastName')).join(' ')).toBe(names);
  });

  test('LIMIT and OFFSET cut it', async () => {
    expect(await column('SELECT LastName FROM Contact ORDER BY LastName LIMIT 2 OFFSET 1', 'LastName')).toEqual([
      'bo',
      'Éva',
    ]);
    expect(await answer('SELECT Id FROM Contact LIMIT 0')).toEqual({ totalSize: 0, done: true, records: [] });
    expect((await answer('SELECT Id FROM Contact ORDER BY Id LIMIT 10 OFFSET 2000')).records).toEqual([]);
    expect(await answer('SELECT Id FROM Contact ORDER BY Id LIMIT 10 OFFSET 2001')).toEqual([
      { errorCode: 'NUMBER_OUTSIDE_VALID_RANGE', message: 'Maximum SOQL offset allowed is 2000' },
    ]);
  });
});

describe('aggregates', () => {
  const result = (values: Record<string, unknown>) => ({ attributes: { type: 'AggregateResult' }, ...values });

  test('COUNT() answers a number alone', async () => {
    expect(await answer("SELECT COUNT() FROM Contact WHERE Title = 'chief'")).toEqual({
      totalSize: 2,
      done: true,
      records: [],
    });
    expect((await answer('SELECT count() FROM Contact LIMIT 3')).totalSize).toBe(3);
  });

  test('functions are called by their alias, or numbered', async () => {
    const soql =
      'SELECT COUNT(Id), COUNT(Title) titles, COUNT_DISTINCT(Title), SUM(Points__c), AVG(Points__c) mean, MIN(Points__c), MAX(Points__c) FROM Contact';

    expect(await answer(soql)).toEqual({
      totalSize: 1,
      done: true,
      records: [result({ expr0: 4, titles: 3, expr1: 2, expr2: 13.5, mean: 4.5, expr3: 1, expr4: 10 })],
    });
  });

  test('groups are made without regard to case, null is one of them', async () => {
    const soql = 'SELECT Title, COUNT(Id) n FROM Contact GROUP BY Title ORDER BY Title NULLS LAST';

    expect(await org.query(soql)).toEqual([
      result({ Title: 'aide', n: 1 }),
      result({ Title: expect.stringMatching(/^chief$/i), n: 2 }),
      result({ Title: null, n: 1 }),
    ]);
  });

  test('groups may be made by fields of parents, and chosen by HAVING', async () => {
    const soql =
      'SELECT Account.Name, COUNT(Id) FROM Contact GROUP BY Account.Name HAVING COUNT(Id) > 1 AND MAX(Points__c) > 5';

    expect(await org.query(soql)).toEqual([result({ Name: 'Acme', expr0: 2 })]);
    expect(await org.query('SELECT AccountId a FROM Contact WHERE AccountId != null GROUP BY AccountId')).toEqual([
      result({ a: acme }),
    ]);
    expect(await org.query("SELECT MAX(Id) FROM Account WHERE Name = 'Acme'")).toEqual([result({ expr0: acme })]);
  });
});
