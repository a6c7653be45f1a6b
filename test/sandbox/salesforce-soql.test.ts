import { startTestOrg, type TestOrg } from './salesforce-org';

/** A Wednesday noon in UTC; in Auckland it is Thursday, 01:00. */
const NOW = Date.parse('2026-03-11T12:00:00Z');

let org: TestOrg;
beforeAll(async () => {
  org = await startTestOrg({ startAt: NOW });
  const { vendor } = org.sandbox.salesforce;
  vendor.org.declareField('Contact', { name: 'Points__c', type: 'double', precision: 6, scale: 2 });
  vendor.org.declareField('Contact', { name: 'Member__c', type: 'boolean' });
  vendor.org.declareField('Contact', { name: 'Seen__c', type: 'datetime' });
  vendor.org.declareField('Contact', { name: 'Due__c', type: 'date' });
  vendor.org.declareField('Contact', { name: 'Likes__c', type: 'multipicklist', picklist: ['Tea', 'Beer', 'Wine'] });
  vendor.org.declareField('Contact', {
    name: 'Exact__c',
    type: 'string',
    length: 40,
    externalId: true,
    unique: true,
    caseSensitive: true,
  });
  const parent = await org.create('Account', { Name: 'Parent Group' });
  const acme = await org.create('Account', { Name: 'Acme', ParentId: parent, Industry: 'Energy' });
  await org.create('Contact', {
    LastName: 'Ana',
    FirstName: '100%',
    Email: 'ana@acme.test',
    Title: 'Chief',
    AccountId: acme,
    Points__c: 10,
    Member__c: true,
    Seen__c: '2026-03-11T11:00:00Z',
    Due__c: '2026-03-11',
    Likes__c: 'Tea;Wine',
    Exact__c: 'Key',
  });
  await org.create('Contact', {
    LastName: 'Bo',
    FirstName: '100_x',
    Title: 'chief',
    AccountId: parent,
    Points__c: -2.5,
    Seen__c: '2026-03-10T10:30:00Z',
    Due__c: '2026-03-10',
    Likes__c: 'Beer',
  });
  await org.create('Contact', { LastName: "C'y", FirstName: 'back\\slash', Points__c: 7.25, Likes__c: 'Tea' });
  await org.create('Contact', { LastName: 'Do', FirstName: 'two\nlines' });
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

/** Last names of the contacts that a condition finds, in order. */
const found = async (condition: string): Promise<string> => {
  const records = await org.query(`SELECT LastName FROM Contact WHERE ${condition} ORDER BY LastName`);
  return records.map(({ LastName }) => LastName).join(' ');
};
const refusal = async (soql: string): Promise<{ errorCode: string; message: string }> => {
  const { status, body } = await org.call('GET', `/query?q=${encodeURIComponent(soql)}`);
  expect(status).toBe(400);
  expect(body).toHaveLength(1);
  return body[0];
};

describe('comparisons', () => {
  test.each([
    ['text is compared without regard to case', "Title = 'CHIEF'", 'Ana Bo'],
    ['but in a case-sensitive field', "Exact__c = 'KEY'", ''],
    ['where it must be written as it is', "Exact__c = 'Key'", 'Ana'],
    ['keywords and names have no case', "tItLe liKE 'ch%' aNd account.NAME = 'acme'", 'Ana'],
    ['e-mail addresses have none either', "Email = 'ANA@Acme.Test'", 'Ana'],
    ['numbers', 'Points__c >= 7.25', "Ana C'y"],
    ['negative numbers', 'Points__c < 0', 'Bo'],
    ['<> means !=', 'Points__c <> 10', "Bo C'y Do"],
    ['text by its order', "LastName > 'bo'", "C'y Do"],
    ['booleans', 'Member__c = TRUE', 'Ana'],
    ['several joined by AND', "Title = 'chief' AND Points__c > 0 AND Member__c = true", 'Ana'],
    ['several joined by OR', "LastName = 'do' OR Points__c < 0 OR Member__c = true", 'Ana Bo Do'],
    ['parentheses within', "(LastName = 'do' OR Points__c < 0) AND Title = null", 'Do'],
    ['NOT at the beginning', "NOT Title = 'chief'", "C'y Do"],
    ['NOT in parentheses after AND', "Points__c != null AND (NOT Title = 'chief')", "C'y"],
    ['IN', "LastName IN ('ANA', 'do', 'x')", 'Ana Do'],
    ['NOT IN', "LastName NOT IN ('ANA', 'do', 'x')", "Bo C'y"],
    ['IN with numbers', 'Points__c IN (10, -2.5)', 'Ana Bo'],
  ])('%s: %s', async (_rule, condition, names) => {
    expect(await found(condition)).toBe(names);
  });

  test('Ids of 15 and of 18 characters are the same', async () => {
    const [{ Id }] = (await org.query("SELECT Id FROM Contact WHERE LastName = 'Ana'")) as [{ Id: string }];

    expect(await found(`Id = '${Id}'`)).toBe('Ana');
    expect(await found(`Id = '${Id.slice(0, 15)}'`)).toBe('Ana');
    expect(await found(`Id IN ('${Id.slice(0, 15)}', '003000000000000AAA')`)).toBe('Ana');
    expect(await found(`Id > '${Id}'`)).toBe("Bo C'y Do");
  });
});

describe('null', () => {
  test.each([
    ['is a value to be compared with', 'Title = null', "C'y Do"],
    ['or to be told from', 'Title != null', 'Ana Bo'],
    ['is the same as empty text', "Title = ''", "C'y Do"],
    ['is also among what differs from a value', "Title != 'other'", "Ana Bo C'y Do"],
    ['is what a checkbox never is: it is not ticked then', 'Member__c = null', "Bo C'y Do"],
    ['is no number below another', 'Points__c < 100', "Ana Bo C'y"],
    ['becomes true by NOT', 'NOT Points__c < 100', 'Do'],
    ['can stand in a list', "Title IN ('chief', null)", "Ana Bo C'y Do"],
    ['is the field of a parent that is missing', 'Account.Name = null', "C'y Do"],
    ['is never like a pattern', "Title LIKE '%'", 'Ana Bo'],
  ])('%s: %s', async (_rule, condition, names) => {
    expect(await found(condition)).toBe(names);
  });

  test('IS NULL is no SOQL', async () => {
    expect(await refusal('SELECT Id FROM Contact WHERE Title IS NULL')).toMatchObject({
      errorCode: 'MALFORMED_QUERY',
      message: expect.stringContaining("unexpected token: 'IS'"),
    });
  });
});

describe('text', () => {
  test.each([
    ['LIKE has % for any run', "FirstName LIKE '%S'", 'Do'],
    ['and _ for one character', "LastName LIKE '_o'", 'Bo Do'],
    ['both stand for themselves behind a backslash', "FirstName LIKE '100\\%'", 'Ana'],
    ['as does the other', "FirstName LIKE '100\\_%'", 'Bo'],
    ['without it, % finds both', "FirstName LIKE '100%'", 'Ana Bo'],
    ['a quote behind a backslash', "LastName = 'c\\'y'", "C'y"],
    ['a backslash behind a backslash', "FirstName = 'back\\\\slash'", "C'y"],
    ['a line break', "FirstName = 'two\\nlines'", 'Do'],
    ['a character by its number', "LastName = '\\u0041na'", 'Ana'],
    ['% means nothing to =', "FirstName = '100%'", 'Ana'],
  ])('%s: %s', async (_rule, condition, names) => {
    expect(await found(condition)).toBe(names);
  });

  test.each(["'\\q'", "'\\_'", "'100\\%'"])('%s is no text for =', async (literal) => {
    expect(await refusal(`SELECT Id FROM Contact WHERE LastName = ${literal}`)).toMatchObject({
      errorCode: 'MALFORMED_QUERY',
      message: expect.stringContaining('Illegal character sequence'),
    });
  });
});

describe('several choices', () => {
  test.each([
    ['INCLUDES one or another', "Likes__c INCLUDES ('tea', 'beer')", "Ana Bo C'y"],
    ['INCLUDES two at once', "Likes__c INCLUDES ('Tea;Wine')", 'Ana'],
    ['two at once, or one', "Likes__c INCLUDES ('Wine;Tea', 'Beer')", 'Ana Bo'],
    ['EXCLUDES', "Likes__c EXCLUDES ('Tea') AND Likes__c != null", 'Bo'],
    ['= is the whole set, in any order', "Likes__c = 'Wine;Tea'", 'Ana'],
    ['!= is any other', "Likes__c != 'Tea' AND Likes__c != null", 'Ana Bo'],
    ['IN', "Likes__c IN ('Tea', 'Wine;Tea')", "Ana C'y"],
  ])('%s: %s', async (_rule, condition, names) => {
    expect(await found(condition)).toBe(names);
  });

  test.each(["LIKE 'T%'", "> 'Tea'"])('%s is not for them', async (ending) => {
    expect(await refusal(`SELECT Id FROM Contact WHERE Likes__c ${ending}`)).toEqual({
      errorCode: 'INVALID_QUERY_FILTER_OPERATOR',
      message: 'invalid operator on multipicklist field',
    });
  });

  test('INCLUDES is for nothing else', async () => {
    expect((await refusal("SELECT Id FROM Contact WHERE Title INCLUDES ('a')")).errorCode).toBe(
      'INVALID_QUERY_FILTER_OPERATOR',
    );
  });
});

describe('dates and times', () => {
  test.each([
    ['a date', 'Due__c = 2026-03-10', 'Bo'],
    ['a time with its zone', 'Seen__c = 2026-03-11T12:00:00+01:00', 'Ana'],
    ['milliseconds', 'Seen__c < 2026-03-11T11:00:00.000Z', 'Bo'],
    ['days begin in the zone of the user: there it is Thursday since 11:00 in UTC', 'Seen__c = TODAY', 'Ana'],
    ['and 10:30 was the end of Tuesday', 'Seen__c = YESTERDAY', ''],
    ['weeks begin there on Sunday', 'Seen__c = THIS_WEEK', 'Ana Bo'],
    ['dates have no zone, but today has', 'Due__c = YESTERDAY', 'Ana'],
    ['LAST_N_DAYS counts back from today, with today', 'Due__c = LAST_N_DAYS:1', 'Ana'],
    ['N_DAYS_AGO is one day', 'Due__c = N_DAYS_AGO:2', 'Bo'],
    ['< is before the beginning', 'Due__c < N_DAYS_AGO:1', 'Bo'],
    ['> is after the end', 'Due__c > N_DAYS_AGO:2', 'Ana'],
    ['>= begins with it', 'Due__c >= N_DAYS_AGO:2', 'Ana Bo'],
    ['months', 'Due__c = THIS_MONTH', 'Ana Bo'],
    ['quarters', 'Due__c = THIS_FISCAL_QUARTER', 'Ana Bo'],
    ['next days begin tomorrow', 'Due__c = NEXT_N_DAYS:3', ''],
    ['in a list', 'Due__c IN (YESTERDAY, 2026-03-10)', 'Ana Bo'],
  ])('%s: %s', async (_rule, condition, names) => {
    org.sandbox.salesforce.vendor.org.changeSettings({ timeZone: 'Pacific/Auckland' });

    expect(await found(condition)).toBe(names);
  });

  test.each([
    ['GMT', 'Seen__c = TODAY', 'Ana'],
    ['GMT', 'Seen__c = YESTERDAY', 'Bo'],
    ['Pacific/Auckland', 'Seen__c = N_DAYS_AGO:2', 'Bo'],
    ['America/Los_Angeles', 'Seen__c = LAST_N_DAYS:1', 'Ana Bo'],
    ['America/Los_Angeles', 'Due__c = TODAY', 'Ana'],
  ])('in %s, %s', async (timeZone, condition, names) => {
    org.sandbox.salesforce.vendor.org.changeSettings({ timeZone });

    expect(await found(condition)).toBe(names);
  });

  test.each([
    ['Seen__c', "'2026-03-11T11:00:00Z'", 'dateTime'],
    ['Due__c', "'2026-03-11'", 'date'],
    ['Points__c', "'10'", 'double'],
    ['Member__c', "'true'", 'boolean'],
    ['Seen__c', '2026-03-11', 'dateTime'],
    ['Due__c', '2026-03-11T11:00:00Z', 'date'],
  ])('%s is not compared with %s', async (field, literal, type) => {
    const { errorCode, message } = await refusal(`SELECT Id FROM Contact WHERE ${field} = ${literal}`);

    expect(errorCode).toBe('INVALID_FIELD');
    expect(message).toContain(
      `value of filter criterion for field '${field}' must be of type ${type} and should not be enclosed in quotes`,
    );
  });
});
