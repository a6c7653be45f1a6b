import { startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
beforeAll(async () => {
  org = await startTestOrg();
  org.sandbox.salesforce.vendor.org.declareField('Contact', {
    name: 'Likes__c',
    type: 'multipicklist',
    picklist: ['Tea', 'Beer'],
  });
  org.sandbox.salesforce.vendor.org.declareField('Contact', { name: 'Secret__c', type: 'encryptedstring' });
  org.sandbox.salesforce.vendor.org.changeField('Contact', 'Fax', { hidden: true });
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

const refusal = async (soql: string): Promise<{ errorCode: string; message: string }> => {
  const { status, body } = await org.call('GET', `/query?q=${encodeURIComponent(soql)}`);
  expect([status, body]).toEqual([400, [{ errorCode: expect.any(String), message: expect.any(String) }]]);
  return body[0];
};

const CUSTOM_FIELD =
  "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.";

describe('an error shows its place', () => {
  test('as a snippet, a caret, row and column', async () => {
    expect(await refusal('SELECT Id, Emial FROM Contact')).toEqual({
      errorCode: 'INVALID_FIELD',
      message: `\nSELECT Id, Emial FROM Contact\n           ^\nERROR at Row:1:Column:12\nNo such column 'Emial' on entity 'Contact'. ${CUSTOM_FIELD}`,
    });
  });

  test('in a query of several lines', async () => {
    expect((await refusal("SELECT Id\nFROM Contact\nWHERE Phone = '1' AND Title = '2' OR Title = '3'")).message).toBe(
      "\nWHERE Phone = '1' AND Title = '2' OR Title = '3'\n                                  ^\nERROR at Row:3:Column:35\nunexpected token: OR",
    );
  });
});

test.each([
  ['SELECT Id FROM Contact WHERE Nope = 1', "No such column 'Nope' on entity 'Contact'."],
  ['SELECT Account.Nope FROM Contact', "No such column 'Nope' on entity 'Account'."],
  ['SELECT Id FROM Contact ORDER BY Nope', "No such column 'Nope' on entity 'Contact'."],
  // as if it were not there
  ['SELECT Fax FROM Contact', "No such column 'Fax' on entity 'Contact'."],
  ["SELECT Id FROM Contact WHERE Fax = '1'", "No such column 'Fax' on entity 'Contact'."],
  ['SELECT Nope.Name FROM Contact', "Didn't understand relationship 'Nope' in field path."],
  // only fields of Name are there whatever the owner is
  ['SELECT Owner.Department FROM Lead', "No such column 'Department' on entity 'Name'."],
  ["SELECT Id FROM Contact WHERE Description = 'x'", "field 'Description' can not be filtered in a query call"],
  ["SELECT Id FROM Contact WHERE Secret__c = 'x'", "field 'Secret__c' can not be filtered in a query call"],
  ['SELECT Id FROM Contact ORDER BY Description', "field 'Description' can not be sorted in a query call"],
  ['SELECT Id FROM Contact ORDER BY Likes__c', "field 'Likes__c' can not be sorted in a query call"],
  ['SELECT Id FROM Contact ORDER BY MailingAddress', "field 'MailingAddress' can not be sorted in a query call"],
  ['SELECT Amount FROM Opportunity GROUP BY Amount', "field 'Amount' can not be grouped in a query call"],
  ['SELECT Id FROM Contact WHERE Email = 5', 'must be of type string and should be enclosed in quotes'],
])('%s is INVALID_FIELD', async (soql, text) => {
  const { errorCode, message } = await refusal(soql);

  expect(errorCode).toBe('INVALID_FIELD');
  expect(message).toContain(text);
});

test.each([
  ['SELECT Id FROM Foo', "sObject type 'Foo' is not supported."],
  ['SELECT Id FROM Contact WHERE Id IN (SELECT Foo FROM Bar__c)', "sObject type 'Bar__c' is not supported."],
  ['SELECT (SELECT Id FROM Foos) FROM Account', "Didn't understand relationship 'Foos' in FROM part of query call."],
])('%s is INVALID_TYPE', async (soql, text) => {
  const { errorCode, message } = await refusal(soql);

  expect(errorCode).toBe('INVALID_TYPE');
  expect(message).toMatch(/ERROR at Row:1:Column:\d+\n/);
  expect(message).toContain(text);
  expect(message).toMatch(/be sure to append the '__[cr]' after the (?:entity name|custom relationship name)/);
});

test.each([
  ['', 'SOQL statements cannot be empty or null'],
  ['q', 'unexpected token: q'],
  ['SELECT * FROM Contact', "no viable alternative at character '*'"],
  ['SELECT Id', "unexpected token: '<EOF>'"],
  ['SELECT Id FROM Contact WHERE', "unexpected token: '<EOF>'"],
  ["SELECT Id FROM Contact WHERE Title = 'a' AND Title = 'b' OR Title = 'c'", 'unexpected token: OR'],
  ["SELECT Id FROM Contact WHERE Title = 'a' OR Title = 'b' AND Title = 'c'", 'unexpected token: AND'],
  ["SELECT Id FROM Contact WHERE Title = 'a' AND NOT (Title = 'b')", "unexpected token: 'NOT'"],
  ["SELECT Id FROM Contact WHERE Title = 'open", "mismatched character '<EOF>'"],
  ['SELECT Id FROM Contact WHERE CreatedDate = 2026-02-30', 'Invalid date: 2026-02-30'],
  ['SELECT Id FROM Contact LIMIT 1 LIMIT 2', "unexpected token: 'LIMIT'"],
  ['SELECT Id FROM Contact LIMIT -1', "unexpected token: '-1'"],
  ['SELECT Id, id FROM Contact', 'duplicate field selected: Id'],
  ['SELECT Id x FROM Contact', 'only aggregate expressions use field aliasing'],
  ['SELECT Title, COUNT(Id) FROM Contact', 'Field must be grouped or aggregated: Title'],
  ['SELECT Title FROM Contact GROUP BY Title ORDER BY Phone', 'Ordered field must be grouped or aggregated: Phone'],
  ['SELECT COUNT() FROM Contact GROUP BY Title', 'COUNT()'],
  ['SELECT COUNT(), Title FROM Contact GROUP BY Title', 'COUNT()'],
  ['SELECT SUM(Title) FROM Contact', 'field Title does not support aggregate operator'],
  ['SELECT COUNT(MailingAddress) FROM Contact', 'field MailingAddress does not support aggregate operator'],
  ['SELECT Id FROM Contact WHERE Id IN (SELECT LastName FROM Lead)', 'must select an ID or reference field'],
  ['SELECT Id FROM Contact WHERE Title IN (SELECT Id FROM Lead)', 'can only be compared with an ID or reference field'],
])('%s is MALFORMED_QUERY', async (soql, text) => {
  const { errorCode, message } = await refusal(soql);

  expect(errorCode).toBe('MALFORMED_QUERY');
  expect(message).toContain(text);
});

describe('semi-joins', () => {
  const members = '(SELECT ContactId FROM CampaignMember)';

  test('stand on the first level alone', async () => {
    expect(await refusal(`SELECT Id FROM Contact WHERE Title = 'a' AND (Phone = null OR Id IN ${members})`)).toEqual({
      errorCode: 'MALFORMED_QUERY',
      message:
        'Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions.',
    });
  });

  test('are not one of two choices', async () => {
    expect(await refusal(`SELECT Id FROM Contact WHERE Title = 'a' OR Id IN ${members}`)).toEqual({
      errorCode: 'MALFORMED_QUERY',
      message: "Semi join sub-selects are not allowed with the 'OR' operator",
    });
  });

  test('are two at most', async () => {
    const conditions = Array.from({ length: 3 }, () => `Id IN ${members}`).join(' AND ');

    expect((await refusal(`SELECT Id FROM Contact WHERE ${conditions}`)).message).toBe(
      'Maximum 2 semi join sub-selects are allowed',
    );
  });
});

describe('operators that a field has not', () => {
  test.each([
    ['Likes__c', "LIKE 'T%'", 'invalid operator on multipicklist field'],
    ['HasOptedOutOfEmail', '> true', 'invalid operator on boolean field'],
    ['Birthdate', "LIKE '2%'", 'invalid operator on date field'],
    ['MailingAddress', "= 'Graz'", 'invalid operator on address field'],
    ['MailingAddress', '= null', 'invalid operator on address field'],
    ['MailingAddress', "IN ('Graz')", 'invalid operator on address field'],
    ['Id', "= 'abc'", 'invalid ID field: abc'],
    ['AccountId', "IN ('001')", 'invalid ID field: 001'],
  ])('%s %s', async (field, ending, message) => {
    expect(await refusal(`SELECT Id FROM Contact WHERE ${field} ${ending}`)).toEqual({
      errorCode: 'INVALID_QUERY_FILTER_OPERATOR',
      message,
    });
  });
});

describe('sizes', () => {
  /** The URL of a GET would be too long: it stands in the body of a composite request. */
  const composite = async (soql: string) => {
    const url = `/services/data/v60.0/query?q=${encodeURIComponent(soql)}`;
    const { body } = await org.call('POST', '/composite', {
      compositeRequest: [{ method: 'GET', url, referenceId: 'q' }],
    });
    return body.compositeResponse[0];
  };

  test('an address and its headers have 16 KB', async () => {
    const answer = await fetch(`${org.url}/services/data/v60.0/query?q=${'x'.repeat(17_000)}`, {
      headers: { Authorization: `Bearer ${org.accessToken}` },
    });

    expect([414, 431]).toContain(answer.status);
  });

  test('a query has 100,000 characters, a text in it 4,000', async () => {
    const titled = (length: number) => `SELECT Id FROM Contact WHERE Title = '${'x'.repeat(length)}'`;

    expect((await composite(titled(4_000))).httpStatusCode).toBe(200);
    expect(await composite(titled(4_001))).toMatchObject({
      httpStatusCode: 400,
      body: [{ errorCode: 'MALFORMED_QUERY' }],
    });
    expect(await composite(`SELECT Id FROM Contact${' '.repeat(100_000)}`)).toMatchObject({
      httpStatusCode: 400,
      body: [{ errorCode: 'MALFORMED_QUERY', message: expect.stringContaining('longer than 100000') }],
    });
  });

  test.each(['AND', 'OR'])('a hundred conditions may be joined by %s, thousands are too complicated', async (joint) => {
    const joined = (count: number) =>
      `SELECT Id FROM Contact WHERE ${Array.from({ length: count }, (_, index) => `Title != '${index}'`).join(` ${joint} `)}`;

    expect((await composite(joined(900))).httpStatusCode).toBe(200);
    expect(await composite(joined(4_500))).toMatchObject({
      httpStatusCode: 400,
      body: [{ errorCode: 'QUERY_TOO_COMPLICATED' }],
    });
  });

  test('conditions may be nested, but not without end', async () => {
    const nested = (depth: number) =>
      `SELECT Id FROM Contact WHERE ${'(NOT ('.repeat(depth)}Title = 'x'${'))'.repeat(depth)}`;

    expect((await composite(nested(40))).httpStatusCode).toBe(200);
    expect((await composite(nested(5_000))).httpStatusCode).toBe(400);
  });

  test('a query has 20 lists of children and 55 parents', async () => {
    const { vendor } = org.sandbox.salesforce;
    for (let number = 1; number <= 21; number += 1)
      vendor.org.declareField('Lead', {
        name: `Account${number}__c`,
        type: 'reference',
        referenceTo: ['Account'],
        childRelationshipName: `Leads${number}__r`,
      });
    const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
    const children = (count: number) =>
      `SELECT ${numbers(count)
        .map((number) => `(SELECT Id FROM Leads${number}__r)`)
        .join()} FROM Account`;
    // each of the lookups leads to an account, its parent and that one's parent
    const parents = (count: number) =>
      `SELECT ${numbers(count)
        .map((number) => `Account${Math.ceil(number / 3)}__r.${'Parent.'.repeat((number - 1) % 3)}Name`)
        .join()} FROM Lead`;

    expect((await composite(children(20))).httpStatusCode).toBe(200);
    expect((await composite(children(21))).body).toMatchObject([{ errorCode: 'MALFORMED_QUERY' }]);
    expect((await composite(parents(55))).httpStatusCode).toBe(200);
    expect((await composite(parents(56))).body).toMatchObject([{ errorCode: 'MALFORMED_QUERY' }]);
  });

  test('a path goes up five levels, lists of children go down one', async () => {
    const up = (levels: number) => `SELECT ${'Parent.'.repeat(levels)}Name FROM Account`;

    expect((await composite(up(5))).httpStatusCode).toBe(200);
    expect((await refusal(up(6))).errorCode).toBe('MALFORMED_QUERY');
    expect(
      (await refusal('SELECT (SELECT Id FROM Contacts), (SELECT Name FROM Contacts) FROM Account')).message,
    ).toContain('duplicate field selected: Contacts');
    expect((await refusal('SELECT (SELECT (SELECT Id FROM Tasks) FROM Contacts) FROM Account')).errorCode).toBe(
      'MALFORMED_QUERY',
    );
  });
});
