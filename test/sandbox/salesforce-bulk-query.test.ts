import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { type BulkClient, bulkClient, changeSettings, type JobAnswer } from './salesforce-bulk-jobs';
import { startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
let bulk: BulkClient;
let account: string;
beforeAll(async () => {
  org = await startTestOrg();
  bulk = bulkClient(org);
  account = await org.create('Account', { Name: 'Say "Acme", Ltd' });
  const rows = Array.from({ length: 5 }, (_, index) => `Person ${index},Łia,${account},2001-02-0${index + 1}`);
  await bulk.load(
    { object: 'Contact', operation: 'insert' },
    `LastName,FirstName,AccountId,Birthdate\n${rows.join('\n')}\nWithout,,,\n`,
  );
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

const people = "SELECT LastName FROM Contact WHERE LastName LIKE 'Person%' ORDER BY LastName";
const namesIn = (rows: readonly Record<string, string>[]) => rows.map(({ LastName }) => LastName);

describe('a query job', () => {
  test('is closed from its beginning on, and its calls answer other members', async () => {
    const { status, body: created } = await org.call('POST', '/jobs/query', { operation: 'query', query: people });
    const pending = await org.call('GET', `/jobs/query/${created.id}/results`);
    let polled: JobAnswer = created;
    while (polled.state !== 'JobComplete') polled = (await org.call('GET', `/jobs/query/${created.id}`)).body;

    const common = {
      id: expect.stringMatching(/^750\w{15}$/),
      operation: 'query',
      object: 'Contact',
      createdById: expect.stringMatching(/^005\w{15}$/),
      createdDate: expect.stringMatching(/\.000\+0000$/),
      systemModstamp: expect.stringMatching(/\.000\+0000$/),
      concurrencyMode: 'Parallel',
      contentType: 'CSV',
      apiVersion: 60,
      lineEnding: 'LF',
      columnDelimiter: 'COMMA',
    };
    expect(status).toBe(200);
    expect(created).toEqual({ ...common, state: 'UploadComplete' });
    expect(pending).toMatchObject({ status: 400, body: [{ errorCode: 'INVALIDJOBSTATE' }] });
    expect(polled).toEqual({
      ...common,
      state: 'JobComplete',
      jobType: 'V2Query',
      numberRecordsProcessed: 5,
      retries: 0,
      totalProcessingTime: expect.any(Number),
      isPkChunkingSupported: true,
    });
  });

  test('answers in quotes, with columns in the order of the query and in the spelling of describe', async () => {
    const query =
      "SELECT lastname, account.name, FirstName, Birthdate, HasOptedOutOfEmail, CreatedDate, Title FROM contact WHERE LastName IN ('Person 0', 'Without') ORDER BY LastName";

    const { id } = await bulk.query({ query });

    const { text, headers } = await bulk.page(id);
    const lines = text.split('\n');
    const time = String.raw`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z"`;
    expect(lines[0]).toBe(
      '"LastName","Account.Name","FirstName","Birthdate","HasOptedOutOfEmail","CreatedDate","Title"',
    );
    expect(lines[1]).toMatch(new RegExp(`^"Person 0","Say ""Acme"", Ltd","Łia","2001-02-01","false",${time},""$`));
    expect(lines[2]).toMatch(new RegExp(`^"Without","","","","false",${time},""$`));
    expect(lines.slice(3)).toEqual(['']);
    expect(headers.get('content-type')).toContain('text/csv');
  });

  test('can be read in pages, each with the headings; the last one says null', async () => {
    const { id } = await bulk.query({ query: people });

    const pages = [await bulk.page(id, 'maxRecords=2')];
    for (let locator = locatorOf(pages); locator !== 'null'; locator = locatorOf(pages))
      pages.push(await bulk.page(id, `maxRecords=2&locator=${locator}`));

    expect(pages.map(({ headers }) => headers.get('sforce-numberofrecords'))).toEqual(['2', '2', '1']);
    expect(pages.every(({ text }) => text.startsWith('"LastName"\n'))).toBe(true);
    expect(namesIn(pages.flatMap(({ rows }) => rows))).toEqual([0, 1, 2, 3, 4].map((n) => `Person ${n}`));
    const again = await bulk.page(id, `maxRecords=2&locator=${pages[0]?.headers.get('sforce-locator')}`);
    expect(again.text).toBe(pages[1]?.text);
  });

  test('without a wish for the size of pages has the usual one', async () => {
    await changeSettings(org, { bulkResultRows: 3 });
    const { id } = await bulk.query({ query: people });

    const { headers, rows } = await bulk.page(id);

    await changeSettings(org, { bulkResultRows: 100_000 });
    expect(rows).toHaveLength(3);
    expect(headers.get('sforce-locator')).not.toBe('null');
  });

  test.each(['maxRecords=0', 'maxRecords=many', 'locator=abc', 'locator=OTk5'])('refuses %s', async (parameters) => {
    const { id } = await bulk.query({ query: people });

    expect((await bulk.page(id, parameters)).status).toBe(400);
  });

  test('keeps its answer whatever happens to the records afterwards', async () => {
    const gone = await org.create('Contact', { LastName: 'Soon gone' });
    const { id } = await bulk.query({ query: "SELECT LastName FROM Contact WHERE LastName = 'Soon gone'" });
    await org.call('DELETE', `/sobjects/Contact/${gone}`);

    expect(namesIn((await bulk.page(id)).rows)).toEqual(['Soon gone']);
    const query = "SELECT LastName, IsDeleted FROM Contact WHERE LastName = 'Soon gone'";
    const [live, all] = [await bulk.query({ query }), await bulk.query({ query, operation: 'queryAll' })];
    expect((await bulk.page(live.id)).text).toBe('"LastName","IsDeleted"\n');
    expect((await bulk.page(all.id)).rows).toEqual([{ LastName: 'Soon gone', IsDeleted: 'true' }]);
  });

  test('that finds nothing answers the headings alone', async () => {
    const { id } = await bulk.query({ query: 'SELECT Id FROM Lead' });

    const { headers, text } = await bulk.page(id);

    expect(text).toBe('"Id"\n');
    expect([headers.get('sforce-locator'), headers.get('sforce-numberofrecords')]).toEqual(['null', '0']);
  });

  test('answers with the delimiter and line ends that it was created with', async () => {
    const format = { columnDelimiter: 'TAB', lineEnding: 'CRLF' };

    const { id } = await bulk.query({
      query: `SELECT LastName, FirstName FROM Contact WHERE LastName = 'Without'`,
      ...format,
    });

    expect((await bulk.page(id)).text).toBe('"LastName"\t"FirstName"\r\n"Without"\t""\r\n');
  });

  test('packs its answer whenever that is accepted, however short it is', async () => {
    const { id } = await bulk.query({ query: 'SELECT Id FROM Lead' });
    const path = `/services/data/v60.0/jobs/query/${id}/results`;

    const packed = await rawGet(path, { 'Accept-Encoding': 'gzip' });
    const plain = await rawGet(path, { 'Accept-Encoding': 'identity' });

    expect(packed.encoding).toBe('gzip');
    expect(gunzipSync(packed.bytes).toString()).toBe('"Id"\n');
    expect(plain).toEqual({ encoding: undefined, bytes: Buffer.from('"Id"\n') });
  });

  test('can be aborted while it waits, and deleted when it has ended', async () => {
    await changeSettings(org, { bulkStartDelayMs: 60_000 });
    const { body } = await org.call('POST', '/jobs/query', { operation: 'query', query: people });
    const aborted = await org.call('PATCH', `/jobs/query/${body.id}`, { state: 'Aborted' });
    await changeSettings(org, { bulkStartDelayMs: 20 });
    const { id } = await bulk.query({ query: people });
    const deleted = await org.call('DELETE', `/jobs/query/${id}`);

    expect(aborted).toMatchObject({ status: 200, body: { state: 'Aborted' } });
    expect(deleted.status).toBe(204);
    expect((await bulk.page(id)).status).toBe(404);
    const { body: list } = await org.call('GET', '/jobs/query');
    expect(list.records.map((job: JobAnswer) => job.id)).toContain(body.id);
    expect(list.records.map((job: JobAnswer) => job.id)).not.toContain(id);
  });

  test('is asked for by the version that it was created with', async () => {
    const { id } = await bulk.query({ query: people });

    const { status } = await org.call('GET', `/services/data/v62.0/jobs/query/${id}/results`);

    expect(status).toBe(409);
  });

  test('over a whole object is what Bulk is for: no violation', async () => {
    await bulk.query({ query: 'SELECT Id FROM Contact' });

    const count = org.sandbox.salesforce.violations().find(({ violation }) => violation === 'unboundedQuery')?.count;
    expect(count).toBe(0);
  });
});

test('a client that goes away while it reads an answer is no failure of the sandbox', async () => {
  const row = `Left,x,"${'long '.repeat(200)}"\n`;
  await bulk.load({ object: 'Lead', operation: 'insert' }, `LastName,Company,Description\n${row.repeat(10_000)}`);
  const { id } = await bulk.query({ query: 'SELECT Description FROM Lead' });

  const received = await readABit(`/services/data/v60.0/jobs/query/${id}/results`);

  expect(received).toBeGreaterThan(0);
  expect((await bulk.page(id, 'maxRecords=1')).rows).toHaveLength(1);
});

test.each([
  ['SELECT COUNT() FROM Contact', 'FUNCTIONALITY_NOT_ENABLED', 'Aggregate Relationships not supported in Bulk Query'],
  [
    'SELECT AccountId, COUNT(Id) FROM Contact GROUP BY AccountId',
    'FUNCTIONALITY_NOT_ENABLED',
    'Aggregate Relationships not supported in Bulk Query',
  ],
  [
    'SELECT Id, (SELECT Id FROM Contacts) FROM Account',
    'FUNCTIONALITY_NOT_ENABLED',
    'Aggregate Relationships not supported in Bulk Query',
  ],
  [
    'SELECT MailingAddress FROM Contact',
    'FUNCTIONALITY_NOT_ENABLED',
    'Selecting compound data not supported in Bulk Query',
  ],
  ['SELECT Id FROM Contact LIMIT 5 OFFSET 5', 'FUNCTIONALITY_NOT_ENABLED', 'OFFSET not supported in Bulk Query'],
  ['SELECT Id, Emial FROM Contact', 'INVALID_FIELD', "No such column 'Emial' on entity 'Contact'"],
  ['SELECT Id FROM Foo', 'INVALID_TYPE', "sObject type 'Foo' is not supported"],
  ['SELECT FROM Contact', 'MALFORMED_QUERY', 'unexpected token'],
])('the query %s is refused in Bulk', async (query, errorCode, message) => {
  const { status, body } = await org.call('POST', '/jobs/query', { operation: 'query', query });

  expect(status).toBe(400);
  expect(body).toEqual([{ errorCode, message: expect.stringContaining(message) }]);
});

function locatorOf(pages: readonly { headers: Headers }[]): string | null {
  return pages.at(-1)?.headers.get('sforce-locator') ?? null;
}

/** Without the unpacking that fetch does by itself. */
async function rawGet(
  path: string,
  headers: Record<string, string>,
): Promise<{ encoding: string | undefined; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    const options = { agent: false, headers: { Authorization: `Bearer ${org.accessToken}`, ...headers } };
    const sent = request(org.url + path, options, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => resolve({ encoding: answer.headers['content-encoding'], bytes: Buffer.concat(parts) }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Cuts the connection at the first piece of the answer. @returns bytes that had come */
function readABit(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${org.accessToken}` };
    const sent = request(org.url + path, { agent: false, headers }, (answer) => {
      answer.once('data', (piece: Buffer) => {
        answer.destroy();
        answer.once('close', () => resolve(piece.length));
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}
