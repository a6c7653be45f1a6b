import fc from '../support/fast-check';
import { propertyRuns } from '../support/property-runs';
import {
  encodeSafely,
  type FuzzOrg,
  fieldNames,
  nastyTexts,
  objectNames,
  pathSegments,
  startFuzzOrg,
  texts,
} from './salesforce-fuzz-org';

/** Whatever is asked, an answer of Salesforce comes out: never a crash, never 500. */
let fuzz: FuzzOrg;
beforeAll(async () => {
  fuzz = await startFuzzOrg();
});
afterAll(() => fuzz.org.sandbox.stop());
afterEach(() => expect(fuzz.org.sandbox.defects).toEqual([]));

const VALID_QUERIES = [
  "SELECT Id, Account.Name FROM Contact WHERE (Email LIKE 'a%' OR Title IN ('b', null)) AND CreatedDate >= LAST_N_DAYS:3 ORDER BY LastName DESC NULLS LAST LIMIT 5 OFFSET 2",
  'SELECT Title, COUNT(Id) n, MAX(CreatedDate) FROM Contact GROUP BY Title HAVING COUNT(Id) > 0 ORDER BY Title LIMIT 10',
  "SELECT Name, (SELECT LastName FROM Contacts WHERE Title != 'x' ORDER BY LastName LIMIT 2) FROM Account",
  "SELECT Subject, Who.Name, TYPEOF What WHEN Account THEN Name, Phone ELSE Id END FROM Task WHERE Who.Type = 'Lead'",
  'SELECT FIELDS(ALL) FROM Lead WHERE Id NOT IN (SELECT LeadId FROM CampaignMember) AND (NOT Email = null) LIMIT 200',
  "SELECT COUNT() FROM Contact WHERE Likes__c INCLUDES ('Tea;Beer', 'Tea') AND Number__c < 3.5 AND DoNotCall = false",
  'SELECT MailingAddress, Where__c, Clock__c, Owner.Profile.Name FROM Contact c WHERE c.Birthdate > 2020-02-29',
];
const words = fc.oneof(
  fc.constantFrom(
    ...'SELECT FROM WHERE AND OR NOT IN LIKE INCLUDES EXCLUDES ORDER BY GROUP HAVING LIMIT OFFSET ASC DESC NULLS FIRST'.split(
      ' ',
    ),
    ...'LAST TYPEOF WHEN THEN ELSE END FIELDS ALL COUNT SUM MAX null true TODAY LAST_N_DAYS:2 N_DAYS_AGO:'.split(' '),
    ...'Id Name Contact Account Lead Task Who Owner Email Title Likes__c Where__c MailingAddress Description'.split(
      ' ',
    ),
    ...'Contacts Number__c Clock__c Birthdate CreatedDate DoNotCall AccountId IsDeleted'.split(' '),
    ...['(', ')', ',', '.', '=', '!=', '<', '>=', "'", "''", "'x'", '1', '-1', '1.5', '2026-05-04'],
    ...['2026-05-04T09:30:00Z', '99999999999999999999', "'001000000000000AAA'"],
  ),
  nastyTexts,
);
const mutatedQueries = fc
  .tuple(
    fc.constantFrom(...VALID_QUERIES),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('drop', 'put', 'replace', 'swap'), words), { maxLength: 3 }),
  )
  .map(([soql, changes]) => {
    const tokens: string[] = soql.match(/'[^']*'|-?[\w:]+(?:\.\d+)?|[!<>]?=|\S/g) ?? [];
    for (const [at, change, word] of changes) {
      const index = at % (tokens.length + 1);
      if (change === 'drop') tokens.splice(index, 1);
      else if (change === 'put') tokens.splice(index, 0, word);
      else if (change === 'replace') tokens.splice(index, 1, word);
      else tokens.splice(index, 2, ...tokens.slice(index, index + 2).reverse());
    }
    return tokens.join(' ');
  });
const anyQueries = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(words, { maxLength: 20 }).map((list) => list.join(' ')),
);

test('a query is answered or refused, whatever it is', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.oneof({ weight: 6, arbitrary: mutatedQueries }, { weight: 1, arbitrary: anyQueries }),
      fc.constantFrom('query', 'queryAll', 'query/'),
      fc.constantFrom('q', 'q', 'explain'),
      async (soql, path, name) => {
        const { status, body } = await fuzz.call('GET', `/${path}?${name}=${encodeSafely(soql)}`);
        if (status === 200) answered += 1;
        else expect([status, body]).toEqual([400, [expect.anything()]]);
      },
    ),
    propertyRuns(500),
  );
  // that much was no nonsense: the cases reach further than the parser
  expect(answered).toBeGreaterThan(50);
}, 60_000);

test('an address is answered, whatever it is', async () => {
  const first = fc.constantFrom('sobjects', 'query', 'queryAll', 'limits', 'composite', 'jobs', 'nothing', 'SOBJECTS');
  const further = fc.oneof(pathSegments, objectNames, fc.constantFrom('describe', 'deleted', 'Id', 'Email', 'Ext__c'));
  const parameters = fc.dictionary(
    fc.constantFrom('fields', 'q', 'ids', 'allOrNone', 'explain', 'updateOnly', 'sObjects', 'start', 'end'),
    fc.oneof(texts, fieldNames, fc.constantFrom('Id,Name', 'true', '*')),
  );
  await fc.assert(
    fc.asyncProperty(
      first,
      fc.array(further, { maxLength: 4 }),
      parameters,
      fc.constantFrom('GET', 'HEAD', 'DELETE', 'PUT', 'OPTIONS'),
      async (start, more, given, method) => {
        const query = Object.entries(given).map(([name, value]) => `${name}=${encodeSafely(value)}`);
        await fuzz.call(method, `/${[start, ...more].join('/')}?${query.join('&')}`);
      },
    ),
    propertyRuns(200),
  );
}, 60_000);

test('headers may hold anything', async () => {
  const names = ['Sforce-Query-Options', 'Sforce-Auto-Assign', 'Sforce-Duplicate-Rule-Header', 'Sforce-Call-Options'];
  const conditions = ['If-None-Match', 'If-Modified-Since', 'X-PrettyPrint', 'Accept-Encoding'];
  const values = fc.oneof(
    fc.constantFrom('batchSize=', 'batchSize=99999999999', '*', '"', 'W/"x"', 'Thu, 99 Xyz', 'gzip;q=0', '1'),
    fc.string().map((text) => text.replace(/[^ -~]/g, '').trim()),
  );
  const paths = fc.constantFrom('/sobjects', '/query?q=SELECT+Id+FROM+Lead', '/sobjects/Lead/describe');
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...names, ...conditions), values), paths, async (headers, path) => {
      const { status } = await fuzz.call('GET', path, undefined, headers);
      expect([200, 304]).toContain(status);
    }),
    propertyRuns(80),
  );
}, 60_000);
