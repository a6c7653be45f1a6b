import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { type BulkClient, bulkClient } from './salesforce-bulk-jobs';
import { startTestOrg, type TestOrg } from './salesforce-org';

/** What programs that others wrote rely on, each learned by the failure of one of them. */
let org: TestOrg;
let bulk: BulkClient;
beforeAll(async () => {
  org = await startTestOrg();
  bulk = bulkClient(org);
  await org.create('Contact', { LastName: 'Kept' });
  const gone = await org.create('Contact', { LastName: 'Deleted' });
  await org.call('DELETE', `/sobjects/Contact/${gone}`);
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

/** SFDMU waits 5 s between two looks at a job, on one connection. */
const LONGEST_PAUSE_S = 5;
const CONTACTS = 'SELECT Id, LastName FROM Contact';

interface RawAnswer {
  status: number;
  /** Names of the headers as they were sent, with their capitals. */
  headerNames: string[];
  headers: IncomingMessage['headers'];
  text: string;
}

/** A call by a client that keeps its connection, and shows headers as they came. @param path below `/services/data/v60.0` */
async function rawCall(path: string): Promise<RawAnswer> {
  const headers = { Authorization: `Bearer ${org.accessToken}`, Connection: 'keep-alive' };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(`${org.url}/services/data/v60.0${path}`, { headers }, resolve).once('error', reject).end();
  });
  const headerNames = answer.rawHeaders.filter((_name, index) => index % 2 === 0);
  return { status: answer.statusCode ?? 0, headerNames, headers: answer.headers, text: await text(answer) };
}

async function completedQuery(query: string): Promise<string> {
  const job = await bulk.query({ query });
  expect(job).toMatchObject({ state: 'JobComplete' });
  return job.id as string;
}

describe('resources', () => {
  test('versions are told to whoever asks, with or without a slash behind them', async () => {
    for (const path of ['/services/data', '/services/data/']) {
      const answer = await fetch(org.url + path);

      expect(answer.status).toBe(200);
      expect(await answer.json()).toContainEqual({
        label: "Spring '24",
        url: '/services/data/v60.0',
        version: '60.0',
      });
    }
  });

  test('those of a version name the identity URL, which tells who the user is', async () => {
    const { body: resources } = await org.call('GET', '/');

    const identity = await fetch(resources.identity, { headers: { Authorization: `Bearer ${org.accessToken}` } });

    expect(resources.identity).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/id\/00D\w{15}\/005\w{15}$/);
    expect(await identity.json()).toMatchObject({ username: 'sandbox@example.com', id: resources.identity });
  });

  test('queryAll is there beside query, and shows the recycle bin', async () => {
    const soql = encodeURIComponent(`${CONTACTS} ORDER BY LastName DESC LIMIT 10`);

    const [live, all] = await Promise.all(['query', 'queryAll'].map((name) => org.call('GET', `/${name}?q=${soql}`)));

    expect(live?.body.records).toMatchObject([{ LastName: 'Kept' }]);
    expect(all?.body.records).toMatchObject([{ LastName: 'Kept' }, { LastName: 'Deleted' }]);
  });
});

describe('answers', () => {
  test.each(['/limits', '/sobjects/Contact/describe', '/jobs/ingest', '/sobjects/Unknown/describe'])(
    '%s has a Content-Type in capitals, and JSON in UTF-8',
    async (path) => {
      const { headerNames, headers } = await rawCall(path);

      expect(headerNames).toContain('Content-Type');
      expect(headers['content-type']).toMatch(/^application\/json; ?charset=UTF-8$/i);
    },
  );

  test('so has a file of CSV', async () => {
    const id = await completedQuery(CONTACTS);

    const { headerNames, headers } = await rawCall(`/jobs/query/${id}/results`);

    expect(headerNames).toContain('Content-Type');
    expect(headers['content-type']).toMatch(/^text\/csv; ?charset=UTF-8$/i);
  });

  test('leave the connection open for longer than clients pause between two looks at a job', async () => {
    const { headers } = await rawCall('/limits');

    const [, seconds] = /^timeout=(\d+)$/.exec(String(headers['keep-alive'])) ?? [];
    expect(headers.connection).toBe('keep-alive');
    expect(Number(seconds)).toBeGreaterThan(LONGEST_PAUSE_S);
  });
});

describe('ingest jobs', () => {
  test('may be named with a slash behind their Id, in each call', async () => {
    const { body: job } = await org.call('POST', '/jobs/ingest/', { object: 'Contact', operation: 'insert' });
    const path = `/jobs/ingest/${job.id}/`;
    await bulk.upload(job.id, 'LastName\nSlash\n');

    const closed = await org.call('PATCH', path, { state: 'UploadComplete' });
    const polled = await org.call('GET', path);
    const ended = await bulk.ended(job.id);
    const results = await bulk.file(job.id, 'successfulResults/');
    const deleted = await org.call('DELETE', path);

    expect([closed.status, polled.status, results.status, deleted.status]).toEqual([200, 200, 200, 204]);
    expect(ended).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1, numberRecordsFailed: 0 });
  });

  test('say that they are closed when they are, not that they are complete', async () => {
    const { id } = await bulk.create({ object: 'Contact', operation: 'insert' });
    await bulk.upload(id, 'LastName\nClosed\n');

    const { body } = await bulk.close(id);

    expect(body).toMatchObject({ id, state: 'UploadComplete' });
    await bulk.ended(id);
  });
});

describe('query jobs', () => {
  test('count the records of each page, and say null where no page follows', async () => {
    await Promise.all(['One', 'Two'].map((name) => org.create('Lead', { LastName: name, Company: 'Paged' })));
    const id = await completedQuery("SELECT LastName FROM Lead WHERE Company = 'Paged' ORDER BY LastName");

    const first = await rawCall(`/jobs/query/${id}/results?maxRecords=1`);
    const second = await rawCall(`/jobs/query/${id}/results?maxRecords=1&locator=${first.headers['sforce-locator']}`);

    expect([first, second].map(({ headers }) => headers['sforce-numberofrecords'])).toEqual(['1', '1']);
    expect(first.headers['sforce-locator']).toMatch(/^\w+$/);
    expect(first.headers['sforce-locator']).not.toBe('null');
    expect(second.headers['sforce-locator']).toBe('null');
    expect(second.text).toBe('"LastName"\n"Two"\n');
  });

  test('can be deleted', async () => {
    const id = await completedQuery(CONTACTS);

    const { status } = await org.call('DELETE', `/jobs/query/${id}`);

    expect(status).toBe(204);
    expect((await org.call('GET', `/jobs/query/${id}`)).status).toBe(404);
  });
});

test('Marketo gives tokens by GET and by POST, and describes leads and activity types in the older way too', async () => {
  const { url } = org.sandbox.marketo;
  const query = 'grant_type=client_credentials&client_id=sandbox&client_secret=sandbox';

  const byGet = await fetch(`${url}/identity/oauth/token?${query}`);
  const byPost = await fetch(`${url}/identity/oauth/token?${query}`, { method: 'POST' });
  const { access_token: token } = (await byGet.json()) as { access_token: string };
  const described = await Promise.all(
    ['leads/describe.json', 'activities/types.json'].map(async (path) => {
      const answer = await fetch(`${url}/rest/v1/${path}`, { headers: { Authorization: `Bearer ${token}` } });
      return (await answer.json()) as { success: boolean; result: unknown[] };
    }),
  );

  expect(byPost.status).toBe(200);
  expect(await byPost.json()).toMatchObject({ access_token: token });
  for (const { success, result } of described) {
    expect(success).toBe(true);
    expect(result.length).toBeGreaterThan(0);
  }
});

test('the Date header tells the time of the sandbox: by it clients find out what the vendor calls now', async () => {
  const before = Date.parse((await rawCall('/limits')).headers.date ?? '');
  org.sandbox.clock.advance(3_600_000);
  const after = Date.parse((await rawCall('/limits')).headers.date ?? '');

  expect(after - before).toBeGreaterThanOrEqual(3_600_000);
});
