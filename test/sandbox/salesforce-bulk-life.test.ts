import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/ports';
import { type BulkClient, bulkClient, changeSettings, type JobAnswer } from './salesforce-bulk-jobs';
import { startTestOrg, type TestOrg } from './salesforce-org';

const insert = { object: 'Contact', operation: 'insert' };
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const rowsOf = (lastName: string, count: number): string =>
  `LastName,FirstName\n${Array.from({ length: count }, (_, index) => `${lastName},${index}`).join('\n')}\n`;

/** Looks at a job until it is as wished; the test's own time limit ends it. */
async function until(look: () => Promise<JobAnswer>, isSo: (job: JobAnswer) => boolean): Promise<JobAnswer> {
  for (;;) {
    const job = await look();
    if (isSo(job)) return job;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('a job', () => {
  let org: TestOrg;
  let bulk: BulkClient;
  beforeAll(async () => {
    org = await startTestOrg();
    bulk = bulkClient(org);
  });
  afterAll(() => org.sandbox.stop());
  afterEach(async () => {
    await changeSettings(org, { bulkStartDelayMs: 20, bulkFinishDelayMs: 20 });
    expect(org.sandbox.defects).toEqual([]);
  });
  const countOf = async (lastName: string): Promise<number> => {
    const soql = `SELECT COUNT() FROM Contact WHERE LastName = '${lastName}'`;
    return (await org.call('GET', `/query?q=${encodeURIComponent(soql)}`)).body.totalSize;
  };

  test.each([
    ['a cell of more than 131,072 characters', `LastName\n${'x'.repeat(131_073)}\n`],
    [
      'a row of more than 400,000 characters',
      `LastName,FirstName,Title,Department\n${Array(4).fill('x'.repeat(100_001)).join(',')}\n`,
    ],
    ['more than 5,000 columns', `${Array.from({ length: 5_001 }, (_none, index) => `C${index}`).join(',')}\n`],
  ])('with %s fails', async (_what, csv) => {
    const job = await bulk.load(insert, csv);

    expect(job).toMatchObject({ state: 'Failed', errorMessage: expect.stringContaining('InvalidBatch') });
  });

  test('is answered with other members by each call', async () => {
    const created = await bulk.create({ ...insert, object: 'contact' });
    const polled = await bulk.poll(created.id);
    await bulk.upload(created.id, 'LastName\nShape\n');
    const closed = (await bulk.close(created.id)).body;
    const ended = await bulk.ended(created.id);

    const common = {
      id: expect.stringMatching(/^750\w{15}$/),
      operation: 'insert',
      object: 'Contact',
      createdById: expect.stringMatching(/^005\w{15}$/),
      createdDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/),
      systemModstamp: expect.stringMatching(/\.000\+0000$/),
      concurrencyMode: 'Parallel',
      contentType: 'CSV',
      apiVersion: 60,
    };
    const open = {
      ...common,
      state: 'Open',
      contentUrl: `services/data/v60.0/jobs/ingest/${created.id}/batches`,
      lineEnding: 'LF',
      columnDelimiter: 'COMMA',
    };
    const counters = {
      jobType: 'V2Ingest',
      numberRecordsProcessed: 0,
      numberRecordsFailed: 0,
      retries: 0,
      totalProcessingTime: 0,
      apiActiveProcessingTime: 0,
      apexProcessingTime: 0,
    };
    expect(created).toEqual(open);
    expect(polled).toEqual({ ...open, ...counters });
    expect(closed).toEqual({ ...common, state: 'UploadComplete' });
    expect(ended).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1 });
    const headers = { Authorization: `Bearer ${org.accessToken}` };
    const raw = await fetch(`${org.url}/services/data/v60.0/jobs/ingest/${created.id}`, { headers });
    expect(await raw.text()).toContain('"apiVersion":60.0,');
  });

  test('passes through its states as the clock goes, and has no results before the end', async () => {
    await changeSettings(org, { bulkStartDelayMs: 5 * MINUTE_MS, bulkFinishDelayMs: 5 * MINUTE_MS });
    const { id } = await bulk.create(insert);
    await bulk.upload(id, rowsOf('Slow', 3));
    await bulk.close(id);
    const waiting = await bulk.poll(id);
    const early = await bulk.file(id, 'successfulResults');

    org.sandbox.clock.advance(5 * MINUTE_MS);
    const working = await until(
      () => bulk.poll(id),
      ({ numberRecordsProcessed }) => numberRecordsProcessed === 3,
    );
    org.sandbox.clock.advance(5 * MINUTE_MS);
    const ended = await until(
      () => bulk.poll(id),
      ({ state }) => state !== 'InProgress',
    );

    expect(waiting.state).toBe('UploadComplete');
    expect([early.status, early.text]).toEqual([204, '']);
    expect(working.state).toBe('InProgress');
    expect(ended.state).toBe('JobComplete');
    expect(ended.totalProcessingTime).toBeGreaterThanOrEqual(5 * MINUTE_MS);
    expect((await bulk.file(id, 'successfulResults')).rows).toHaveLength(3);
  });

  test('that is aborted keeps what it has written, and gives back the rest', async () => {
    const { id } = await bulk.create(insert);
    await bulk.upload(id, rowsOf('Aborted', 20_000));
    await bulk.close(id);
    await until(
      () => bulk.poll(id),
      ({ numberRecordsProcessed }) => numberRecordsProcessed > 0,
    );
    const { status, body } = await org.call('PATCH', `/jobs/ingest/${id}`, { state: 'Aborted' });

    const { numberRecordsProcessed: processed } = await bulk.poll(id);
    expect([status, body.state]).toEqual([200, 'Aborted']);
    expect(processed).toBeGreaterThan(0);
    expect(processed).toBeLessThan(20_000);
    expect(await countOf('Aborted')).toBe(processed);
    expect((await bulk.file(id, 'successfulResults')).rows).toHaveLength(processed);
    expect((await bulk.file(id, 'unprocessedrecords')).rows).toHaveLength(20_000 - processed);
  });

  test('that was given data twice cannot be closed', async () => {
    const { id } = await bulk.create(insert);
    const first = await bulk.upload(id, rowsOf('Double', 1));
    const second = await bulk.upload(id, '');
    const { status, body } = await bulk.close(id);

    expect([first.status, second.status, first.body]).toEqual([201, 201, null]);
    expect(status).toBe(400);
    expect(body).toEqual([
      {
        errorCode: 'INVALIDJOB',
        message: `Found multipe contents for job: <${id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`,
      },
    ]);
    expect((await bulk.poll(id)).state).toBe('Open');
    expect(await countOf('Double')).toBe(0);
  });

  test('that has ended takes no data, and is neither closed nor aborted again', async () => {
    const { id } = await bulk.load(insert, rowsOf('Over', 1));

    const answers = [
      await bulk.upload(id, rowsOf('Over', 1)),
      await bulk.close(id),
      await org.call('PATCH', `/jobs/ingest/${id}`, { state: 'Aborted' }),
    ];

    for (const { status, body } of answers) {
      expect(status).toBe(400);
      expect(body[0].errorCode).toBe('INVALIDJOBSTATE');
    }
    expect(answers[2]?.body[0].message).toBe('Aborting already Completed Job not allowed');
    expect(await countOf('Over')).toBe(1);
  });

  test('can be deleted when it is neither open nor in work, and is gone then', async () => {
    const open = await bulk.create(insert);
    const ended = await bulk.load(insert, rowsOf('Deleted', 1));
    const [refused, deleted] = [
      await org.call('DELETE', `/jobs/ingest/${open.id}`),
      await org.call('DELETE', `/jobs/ingest/${ended.id}`),
    ];

    expect(refused).toMatchObject({ status: 400, body: [{ errorCode: 'INVALIDJOBSTATE' }] });
    expect([deleted.status, deleted.body]).toEqual([204, null]);
    expect((await org.call('GET', `/jobs/ingest/${ended.id}`)).status).toBe(404);
    expect(await countOf('Deleted')).toBe(1);
  });

  test('that waits and is deleted is never worked on', async () => {
    await changeSettings(org, { bulkStartDelayMs: 5 * MINUTE_MS });
    const { id } = await bulk.create(insert);
    await bulk.upload(id, rowsOf('Withdrawn', 1));
    await bulk.close(id);

    const { status } = await org.call('DELETE', `/jobs/ingest/${id}`);
    await changeSettings(org, { bulkStartDelayMs: 0 });
    org.sandbox.clock.advance(5 * MINUTE_MS);
    await bulk.load(insert, rowsOf('A later job', 1));

    expect(status).toBe(204);
    expect(await countOf('Withdrawn')).toBe(0);
  });

  test('is listed with the others', async () => {
    const { id } = await bulk.create(insert);

    const { body } = await org.call('GET', '/jobs/ingest');

    expect(body).toMatchObject({ done: true, nextRecordsUrl: null });
    expect(body.records.find((one: JobAnswer) => one.id === id)).toMatchObject({ state: 'Open', jobType: 'V2Ingest' });
  });

  test('that stays open for a day is aborted, and after a week it is gone', async () => {
    const { id } = await bulk.create(insert);

    org.sandbox.clock.advance(25 * HOUR_MS);
    const { accessToken } = await signedInAgain(org);
    const get = () => org.call('GET', `/jobs/ingest/${id}`, undefined, { Authorization: `Bearer ${accessToken}` });
    const afterADay = await get();
    org.sandbox.salesforce.vendor.org.changeSettings({ sessionTimeoutMs: 400 * 24 * HOUR_MS });
    await get();
    org.sandbox.clock.advance(7 * 24 * HOUR_MS);
    const afterAWeek = await get();

    expect(afterADay.body.state).toBe('Aborted');
    expect(afterAWeek.status).toBe(404);
  });
});

test('jobs go on when the sandbox is started again, and what was uploaded is still there', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sync-bulk-'));
  const before = await startTestOrg({ dataDir });
  const client = bulkClient(before);
  await changeSettings(before, { bulkStartDelayMs: HOUR_MS });
  const [open, waiting] = [await client.create(insert), await client.create(insert)];
  for (const { id } of [open, waiting]) await client.upload(id, rowsOf('Restarted', 300));
  await client.close(waiting.id);
  await changeSettings(before, { bulkStartDelayMs: 0 });
  const working = await client.create(insert);
  await client.upload(working.id, rowsOf('Restarted', 5_000));
  await client.close(working.id);
  const halfway = await until(
    () => client.poll(working.id),
    ({ numberRecordsProcessed }) => numberRecordsProcessed > 0,
  );
  await before.sandbox.stop();

  // on another port, where the client has no connection that it takes for open
  const after = await startTestOrg({ dataDir, ports: { salesforce: await freePort() } });
  const again = bulkClient(after);
  const stillWaiting = await again.poll(waiting.id);
  await again.close(open.id);
  const ended = [await again.ended(open.id)];
  after.sandbox.clock.advance(HOUR_MS);
  ended.push(await again.ended(waiting.id));
  const worked = await again.ended(working.id);
  const [few, many] = [
    (await again.file(waiting.id, 'successfulResults')).rows.length,
    (await again.file(working.id, 'successfulResults')).rows.length,
  ];

  expect(stillWaiting.state).toBe('UploadComplete');
  for (const job of ended) expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 300 });
  expect(halfway.state).toBe('InProgress');
  expect(worked).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 5_000, numberRecordsFailed: 0 });
  expect([few, many]).toEqual([300, 5_000]);
  expect([...before.sandbox.defects, ...after.sandbox.defects]).toEqual([]);
  await after.sandbox.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function signedInAgain({ url }: TestOrg): Promise<{ accessToken: string }> {
  const form = { grant_type: 'client_credentials', client_id: 'sandbox', client_secret: 'sandbox' };
  const answer = await fetch(`${url}/services/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
  return { accessToken: ((await answer.json()) as { access_token: string }).access_token };
}
