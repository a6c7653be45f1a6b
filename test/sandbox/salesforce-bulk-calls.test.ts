import { request as httpRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type BulkClient, bulkClient, changeSettings, declareKey } from './salesforce-bulk-jobs';
import { type OrgAnswer, startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
let bulk: BulkClient;
beforeAll(async () => {
  org = await startTestOrg();
  bulk = bulkClient(org);
  await declareKey(org, 'Contact');
});
beforeEach(() => org.sandbox.salesforce.state.clearViolations());
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

const insert = { object: 'Contact', operation: 'insert' };
const contactsNamed = (lastName: string) => org.query(`SELECT Id FROM Contact WHERE LastName = '${lastName}'`);
const violationsOf = (violation: string): number =>
  org.sandbox.salesforce.violations().find((one) => one.violation === violation)?.count ?? 0;

describe('creating a job', () => {
  test.each([
    [{ operation: 'insert' }, 'INVALIDJOB', 'A value for object is required'],
    [{ object: 'Foo__c', operation: 'insert' }, 'INVALIDENTITY', 'Unable to find object: Foo__c'],
    [{ object: 'Contact', operation: 'merge' }, 'JSON_PARSER_ERROR', 'it is none of [insert, update, upsert, delete'],
    [{ ...insert, columnDelimiter: ';' }, 'JSON_PARSER_ERROR', 'of columnDelimiter'],
    [{ ...insert, colour: 'red' }, 'JSON_PARSER_ERROR', 'Unrecognized field "colour"'],
    [{ object: 'Contact', operation: 'upsert' }, 'INVALIDJOB', 'External ID was blank for Contact'],
    [
      { object: 'Contact', operation: 'upsert', externalIdFieldName: 'Title' },
      'INVALIDJOB',
      'Title does not match an External ID, Salesforce Id, or indexed field for Contact',
    ],
    [{ ...insert, assignmentRuleId: 'active' }, 'INVALIDJOB', 'Invalid assignment rule ID: active'],
  ])('from %j is refused as %s', async (body, errorCode, message) => {
    const answer = await org.call('POST', '/jobs/ingest', body);

    expect(answer.status).toBe(400);
    expect(answer.body).toEqual([{ errorCode, message: expect.stringContaining(message) }]);
  });

  test('and loading and closing it can be one multipart request', async () => {
    const form = new FormData();
    form.set('job', new Blob([JSON.stringify(insert)], { type: 'application/json' }), 'job.json');
    form.set('content', new Blob(['LastName\nMultipart\n'], { type: 'text/csv' }), 'content.csv');

    const job = (await postForm(form)).body;
    const ended = await bulk.ended(job.id);

    expect(job.state).toBe('UploadComplete');
    expect(ended).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1 });
    expect(await contactsNamed('Multipart')).toHaveLength(1);
  });

  test('by a multipart request takes 100,000 characters of data at most, and both parts', async () => {
    const tooLong = new FormData();
    tooLong.set('job', JSON.stringify(insert));
    tooLong.set('content', `LastName\n${'x\n'.repeat(50_000)}`);
    const incomplete = new FormData();
    incomplete.set('job', JSON.stringify(insert));

    const answers = [await postForm(tooLong), await postForm(incomplete)];

    expect(answers.map(({ status, body }) => [status, body[0].errorCode])).toEqual([
      [400, 'CLIENTINPUTERROR'],
      [400, 'CLIENTINPUTERROR'],
    ]);
    expect(violationsOf('bodyTooLarge')).toBe(1);
  });
});

describe('an upload', () => {
  test('may be packed', async () => {
    const { id } = await bulk.create(insert);
    const { status } = await bulk.upload(id, gzipSync('LastName\nPacked\n'), { 'Content-Encoding': 'gzip' });
    await bulk.close(id);

    expect(status).toBe(201);
    expect(await bulk.ended(id)).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1 });
  });

  test('that only says that it is packed is refused, and counts for nothing', async () => {
    const { id } = await bulk.create(insert);
    const refused = await bulk.upload(id, 'LastName\nPlain\n', { 'Content-Encoding': 'gzip' });
    await bulk.upload(id, 'LastName\nPlain\n');

    expect(refused.status).toBe(400);
    expect((await bulk.close(id)).status).toBe(200);
    await bulk.ended(id);
  });

  test('must be of CSV', async () => {
    const { id } = await bulk.create(insert);

    const { status } = await bulk.upload(id, '[]', { 'Content-Type': 'application/json' });

    expect(status).toBe(415);
  });

  test('that is too large is refused and counted, and a smaller one can follow', async () => {
    await changeSettings(org, { bulkUploadBytes: 400 });
    const { id } = await bulk.create(insert);

    const large = await bulk.upload(id, `LastName\n${'Large\n'.repeat(50)}`); // 309 bytes, 412 as base64
    const small = await bulk.upload(id, `LastName\n${'Small\n'.repeat(40)}`);
    await bulk.close(id);

    expect(large).toMatchObject({ status: 413, body: [{ errorCode: 'REQUEST_ENTITY_TOO_LARGE' }] });
    expect(small.status).toBe(201);
    expect(await bulk.ended(id)).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 40 });
    expect(violationsOf('bodyTooLarge')).toBe(1);
    await changeSettings(org, { bulkUploadBytes: 150 * 1_048_576 });
  });

  test('whose client goes away in the middle counts for nothing', async () => {
    const { id } = await bulk.create(insert);
    await uploadHalf(`${org.url}/services/data/v60.0/jobs/ingest/${id}/batches`);
    await bulk.upload(id, 'LastName\nComplete\n');

    expect((await bulk.close(id)).status).toBe(200);
    expect(await bulk.ended(id)).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1 });
    expect(await contactsNamed('Half')).toEqual([]);
  });
});

describe('a call', () => {
  test('about a job by another version than it was created with is refused with 409', async () => {
    const { id } = await bulk.create(insert);

    const { status } = await org.call('GET', `/services/data/v61.0/jobs/ingest/${id}`);

    expect(status).toBe(409);
  });

  test.each([
    ['GET', '/jobs', 404],
    ['GET', '/jobs/ingest/abc', 404],
    ['GET', '/jobs/ingest/7505g0000000ZZZAAA', 404],
    ['GET', '/jobs/constructor', 404],
    ['GET', '/jobs/query/7505g0000000ZZZAAA/results', 404],
    ['PUT', '/jobs/ingest', 405],
    ['POST', '/jobs/query/7505g0000000001AAA', 405],
  ])('%s %s is answered with %d', async (method, path, status) => {
    expect((await org.call(method, path)).status).toBe(status);
  });

  test('that asks for a state which clients cannot set is refused', async () => {
    const { id } = await bulk.create(insert);

    const { status } = await org.call('PATCH', `/jobs/ingest/${id}`, { state: 'JobComplete' });

    expect(status).toBe(400);
    expect((await bulk.poll(id)).state).toBe('Open');
  });

  test('for the state of a job may come often, not without pause', async () => {
    const { id } = await bulk.create(insert);

    for (let look = 0; look < 20; look += 1) await bulk.poll(id);
    const often = violationsOf('pollingWithoutPause');
    // whenever so many are within a second
    while (violationsOf('pollingWithoutPause') === 0) await bulk.poll(id);

    expect(often).toBe(0);
  });

  test('is counted as one request, whatever the number of rows', async () => {
    const used = async () => (await org.call('GET', '/limits')).body.DailyApiRequests.Remaining as number;
    const before = await used();
    const { id } = await bulk.create(insert);
    await bulk.upload(id, `LastName\n${'Counted\n'.repeat(1_000)}`);

    expect(before - (await used())).toBe(3);
  });
});

describe('the quota of a day', () => {
  const limits = async () => (await org.call('GET', '/limits')).body;

  test('counts batches of 10,000 rows and query jobs', async () => {
    const before = await limits();
    await bulk.load(insert, `LastName\n${'Batched\n'.repeat(10_001)}`);
    await bulk.query({ query: 'SELECT Id FROM Lead' });
    const after = await limits();

    expect(before.DailyBulkApiBatches.Remaining - after.DailyBulkApiBatches.Remaining).toBe(2);
    expect(before.DailyBulkV2QueryJobs.Remaining - after.DailyBulkV2QueryJobs.Remaining).toBe(1);
  });

  test('refuses further jobs when it is used up', async () => {
    await changeSettings(org, { dailyBulkBatches: 1, dailyBulkQueryJobs: 0 });

    const ingest = await org.call('POST', '/jobs/ingest', insert);
    const query = await org.call('POST', '/jobs/query', { operation: 'query', query: 'SELECT Id FROM Lead' });

    await changeSettings(org, { dailyBulkBatches: 15_000, dailyBulkQueryJobs: 10_000 });
    expect(ingest).toMatchObject({ status: 400, body: [{ errorCode: 'LIMIT_EXCEEDED' }] });
    expect(query).toMatchObject({ status: 400, body: [{ errorCode: 'LIMIT_EXCEEDED' }] });
  });
});

describe('what administrators have built', () => {
  afterEach(() => org.control('DELETE', '/rules'));

  test('an assignment rule acts when the job names one, and not otherwise', async () => {
    const owner = (await org.query("SELECT Id FROM Group WHERE Type = 'Queue'"))[0]?.Id;
    await org.control('POST', '/rules/assignment', { object: 'Lead', name: 'All', ownerId: owner });
    const lead = { object: 'Lead', operation: 'insert' };

    await bulk.load(lead, 'LastName,Company\nUnassigned,x\n');
    await bulk.load({ ...lead, assignmentRuleId: '01Q5g0000000001' }, 'LastName,Company\nAssigned,x\n');

    const ownerOf = async (name: string) =>
      (await org.query(`SELECT OwnerId FROM Lead WHERE LastName = '${name}'`))[0]?.OwnerId;
    expect(await ownerOf('Assigned')).toBe(owner);
    expect(await ownerOf('Unassigned')).not.toBe(owner);
  });

  test('a duplicate rule that alerts refuses rows, since nothing can be said against it', async () => {
    const rule = { object: 'Contact', name: 'Same mail', action: 'alert', matchFields: ['Email'] };
    await org.control('POST', '/rules/duplicate', rule);
    await org.create('Contact', { LastName: 'First', Email: 'same@example.org' });

    const job = await bulk.load(insert, 'LastName,Email\nSecond,same@example.org\n');

    expect((await bulk.file(job.id, 'failedResults')).rows).toMatchObject([
      { sf__Error: 'DUPLICATES_DETECTED:Use one of these records?:--' },
    ]);
  });

  test('jobs that load children of one account at the same time are in each other’s way', async () => {
    await changeSettings(org, { parentLocks: true });
    const account = await org.create('Account', { Name: 'Parent of many' });
    const csv = `LastName,AccountId\n${`Sibling,${account}\n`.repeat(3_000)}`;
    const ids = [(await bulk.create(insert)).id, (await bulk.create(insert)).id];
    for (const id of ids) await bulk.upload(id, csv);
    for (const id of ids) await bulk.close(id);
    const jobs = [await bulk.ended(ids[0]), await bulk.ended(ids[1])];
    await changeSettings(org, { parentLocks: false });

    const failed = jobs.find(({ numberRecordsFailed }) => numberRecordsFailed > 0);
    const [row] = (await bulk.file(failed?.id, 'failedResults')).rows;
    expect(row?.sf__Error).toBe(
      `UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: ${account}:--`,
    );
    expect(jobs.every(({ numberRecordsProcessed }) => numberRecordsProcessed === 3_000)).toBe(true);
    const alone = await bulk.load(insert, csv);
    expect(alone.numberRecordsFailed).toBe(0);
  });
});

async function postForm(form: FormData): Promise<Pick<OrgAnswer, 'status' | 'body'>> {
  const headers = { Authorization: `Bearer ${org.accessToken}` };
  const answer = await fetch(`${org.url}/services/data/v60.0/jobs/ingest`, { method: 'POST', headers, body: form });
  return { status: answer.status, body: await answer.json() };
}

/** Sends the beginning of a file, and cuts the connection. */
function uploadHalf(url: string): Promise<void> {
  return new Promise((resolve) => {
    const sent = httpRequest(url, {
      method: 'PUT',
      agent: false,
      headers: { Authorization: `Bearer ${org.accessToken}`, 'Content-Type': 'text/csv', 'Content-Length': 1_000_000 },
    });
    sent.on('error', () => undefined); // the connection is cut on purpose
    sent.once('close', () => resolve());
    sent.write(`LastName\n${'Half\n'.repeat(500)}`, () => sent.destroy());
  });
}
