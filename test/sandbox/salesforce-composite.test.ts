import { Connection } from 'jsforce';
import { startTestOrg, type TestOrg } from './salesforce-org';

let org: TestOrg;
beforeAll(async () => {
  org = await startTestOrg();
});
afterAll(() => org.sandbox.stop());
afterEach(() => expect(org.sandbox.defects).toEqual([]));

const DATA = '/services/data/v60.0';
const SOBJECTS = `${DATA}/sobjects`;
const HALTED = {
  errorCode: 'PROCESSING_HALTED',
  message: 'The transaction was rolled back since another operation in the same transaction failed.',
};

const composite = (compositeRequest: unknown[], allOrNone = false) =>
  org.call('POST', '/composite', { allOrNone, compositeRequest });
const query = (soql: string) => `${DATA}/query?q=${encodeURIComponent(soql)}`;
const countOf = async (object: string, name: string): Promise<number> =>
  (await org.query(`SELECT Id FROM ${object} WHERE Name = '${name}'`)).length;

describe('a composite request', () => {
  test('later calls name what earlier ones answered, in their address and in their body', async () => {
    const { status, body } = await composite([
      { method: 'POST', url: `${SOBJECTS}/Account`, referenceId: 'acc', body: { Name: "O'Hara & Sons" } },
      {
        method: 'POST',
        url: `${SOBJECTS}/Contact`,
        referenceId: 'con',
        body: { LastName: 'Chained', AccountId: '@{acc.id}' },
      },
      { method: 'GET', url: `${SOBJECTS}/Account/@{acc.id}?fields=Id,Name`, referenceId: 'read' },
      { method: 'GET', url: query("SELECT Id, AccountId FROM Contact WHERE LastName = 'Chained'"), referenceId: 'q' },
      {
        method: 'PATCH',
        url: `${SOBJECTS}/Contact/@{q.records[0].Id}`,
        referenceId: 'patch',
        body: { Title: 'at @{read.Name}' },
      },
    ]);

    expect(status).toBe(200);
    const results = body.compositeResponse;
    expect(results.map((one: { referenceId: string }) => one.referenceId)).toEqual([
      'acc',
      'con',
      'read',
      'q',
      'patch',
    ]);
    expect(results.map((one: { httpStatusCode: number }) => one.httpStatusCode)).toEqual([201, 201, 200, 200, 204]);
    const [acc, con, , found, patch] = results;
    expect(acc).toEqual({
      body: { id: expect.stringMatching(/^001\w{15}$/), success: true, errors: [] },
      httpHeaders: { Location: `${SOBJECTS}/Account/${acc.body.id}` },
      httpStatusCode: 201,
      referenceId: 'acc',
    });
    expect(found.body.records).toEqual([expect.objectContaining({ Id: con.body.id, AccountId: acc.body.id })]);
    expect(patch).toEqual({ body: null, httpHeaders: {}, httpStatusCode: 204, referenceId: 'patch' });
    expect(await org.query(`SELECT Title FROM Contact WHERE Id = '${con.body.id}'`)).toEqual([
      expect.objectContaining({ Title: "at O'Hara & Sons" }),
    ]);
  });

  test('without allOrNone a failure halts what names it, and nothing else', async () => {
    const { status, body } = await composite([
      { method: 'POST', url: `${SOBJECTS}/Account`, referenceId: 'bad', body: {} },
      {
        method: 'POST',
        url: `${SOBJECTS}/Contact`,
        referenceId: 'child',
        body: { LastName: 'X', AccountId: '@{bad.id}' },
      },
      { method: 'POST', url: `${SOBJECTS}/Account`, referenceId: 'good', body: { Name: 'Kept alone' } },
    ]);

    expect(status).toBe(200);
    const [bad, child, good] = body.compositeResponse;
    expect(bad).toMatchObject({
      httpStatusCode: 400,
      body: [{ errorCode: 'REQUIRED_FIELD_MISSING', fields: ['Name'] }],
    });
    expect(child).toMatchObject({
      httpStatusCode: 400,
      body: [
        {
          errorCode: 'PROCESSING_HALTED',
          message: 'Invalid reference specified. No value for bad.id found in bad',
        },
      ],
    });
    expect(good.httpStatusCode).toBe(201);
    expect(await countOf('Account', 'Kept alone')).toBe(1);
  });

  test('with allOrNone one failure undoes all, in the write log too', async () => {
    const { status, body } = await composite(
      [
        { method: 'POST', url: `${SOBJECTS}/Account`, referenceId: 'a', body: { Name: 'Undone' } },
        { method: 'POST', url: `${SOBJECTS}/Contact`, referenceId: 'b', body: { Email: 'no-name@example.org' } },
        { method: 'POST', url: `${SOBJECTS}/Account`, referenceId: 'c', body: { Name: 'Undone' } },
      ],
      true,
    );

    expect(status).toBe(200);
    const [first, culprit, last] = body.compositeResponse;
    expect(first).toEqual({ body: [HALTED], httpHeaders: {}, httpStatusCode: 400, referenceId: 'a' });
    expect(culprit.body).toEqual([expect.objectContaining({ errorCode: 'REQUIRED_FIELD_MISSING' })]);
    expect(last.body).toEqual([HALTED]);
    expect(await countOf('Account', 'Undone')).toBe(0);
    const names = org.sandbox.salesforce.writeLog({ object: 'Account' }).map(({ after }) => after?.Name);
    expect(names).not.toContain('Undone');
  });

  test('a collection that is all or nothing takes the whole request with it, though it answers 200', async () => {
    const collection = (allOrNone: boolean) => ({
      method: 'POST',
      url: `${DATA}/composite/sobjects`,
      referenceId: 'many',
      body: {
        allOrNone,
        records: [{ attributes: { type: 'Account' }, Name: 'In a list' }, { attributes: { type: 'Account' } }],
      },
    });
    const account = { method: 'POST', url: `${SOBJECTS}/Account`, referenceId: 'one', body: { Name: 'Beside a list' } };

    const strict = await composite([account, collection(true)], true);
    const partial = await composite([account, collection(false)], true);

    expect(strict.body.compositeResponse[0]).toMatchObject({ httpStatusCode: 400, body: [HALTED] });
    expect(strict.body.compositeResponse[1].body[1]).toMatchObject({ success: false });
    expect(partial.body.compositeResponse.map((one: { httpStatusCode: number }) => one.httpStatusCode)).toEqual([
      201, 200,
    ]);
    expect(await countOf('Account', 'Beside a list')).toBe(1);
    expect(await countOf('Account', 'In a list')).toBe(1);
  });

  test('a query that is too long for an address fits', async () => {
    await Promise.all(['p1', 'p2', 'p3'].map((Name) => org.create('Campaign', { Name })));
    const names = Array.from({ length: 1_200 }, (_, index) => `'name number ${index}'`);
    const soql = `SELECT Name FROM Campaign WHERE Name IN ('p1', 'p2', ${names.join(', ')}) ORDER BY Name`;

    const { body } = await composite([{ method: 'GET', url: query(soql), referenceId: 'long' }]);

    expect(query(soql).length).toBeGreaterThan(16_384);
    expect(body.compositeResponse[0].body.records.map((one: { Name: string }) => one.Name)).toEqual(['p1', 'p2']);
  });

  test.each([
    ['26 calls', Array.from({ length: 26 }, (_, n) => ({ method: 'GET', url: `${SOBJECTS}`, referenceId: `r${n}` }))],
    [
      'six queries and collections',
      Array.from({ length: 6 }, (_, n) => ({
        method: 'GET',
        url: query('SELECT Id FROM Lead LIMIT 1'),
        referenceId: `r${n}`,
      })),
    ],
  ])('%s are refused as a whole, and counted as a violation', async (_name, calls) => {
    const before = violations();

    const { status, body } = await composite(calls);

    expect(status).toBe(400);
    expect(body).toEqual([expect.objectContaining({ errorCode: 'LIMIT_EXCEEDED' })]);
    expect(violations()).toBe(before + 1);
  });
  const violations = (): number =>
    org.sandbox.salesforce.violations().find(({ violation }) => violation === 'batchTooLarge')?.count ?? 0;

  test.each([
    ['no list', undefined],
    ['an empty list', []],
    ['no referenceId', [{ method: 'GET', url: SOBJECTS }]],
    ['a referenceId with a hyphen', [{ method: 'GET', url: SOBJECTS, referenceId: 'a-b' }]],
    ['one referenceId twice', [1, 2].map(() => ({ method: 'GET', url: SOBJECTS, referenceId: 'same' }))],
    ['no method', [{ url: SOBJECTS, referenceId: 'a' }]],
    ['no url', [{ method: 'GET', referenceId: 'a' }]],
    ['a call that is no object', ['GET']],
  ])('%s is refused as a whole', async (_name, calls) => {
    const { status, body } = await composite(calls as unknown[]);

    expect(status).toBe(400);
    expect(body).toEqual([expect.objectContaining({ errorCode: 'INVALID_INPUT' })]);
  });

  test.each([
    [`${DATA}/limits`, 404],
    [`${DATA}/composite`, 404],
    [`${DATA}/jobs/ingest`, 404],
    ['/elsewhere', 404],
    ['/services/data/v25.0/sobjects', 410],
    [`${SOBJECTS}/Nothing`, 404],
    [`${DATA}/query?q=SELECT`, 400],
  ])('a call of %s is answered with %i, the others go on', async (url, status) => {
    const { body } = await composite([
      { method: 'GET', url, referenceId: 'odd' },
      { method: 'GET', url: `${SOBJECTS}/Lead/describe`, referenceId: 'fine' },
    ]);

    expect(body.compositeResponse.map((one: { httpStatusCode: number }) => one.httpStatusCode)).toEqual([status, 200]);
  });

  test('a library’s request is answered as by hand', async () => {
    const { url: instanceUrl, accessToken } = org;
    const connection = new Connection({ instanceUrl, accessToken, version: '60.0' });

    const answer = await connection.request<{ compositeResponse: { httpStatusCode: number }[] }>({
      method: 'POST',
      url: `${DATA}/composite`,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        compositeRequest: [{ method: 'GET', url: query('SELECT COUNT() FROM Account'), referenceId: 'n' }],
      }),
    });

    expect(answer.compositeResponse[0]).toMatchObject({ httpStatusCode: 200, body: { done: true, records: [] } });
  });
});

describe('a batch', () => {
  const batch = (batchRequests: unknown[], haltOnError = false, headers?: Record<string, string>) =>
    org.call('POST', '/composite/batch', { batchRequests, haltOnError }, headers);

  test('calls are answered one by one, whatever became of the others', async () => {
    const { status, body } = await batch([
      { method: 'POST', url: 'v60.0/sobjects/Account', richInput: { Name: 'Batched' } },
      { method: 'GET', url: `${SOBJECTS}/Account/001000000000000AAA` },
      { method: 'GET', url: 'v60.0/limits' },
    ]);

    expect(status).toBe(200);
    expect(body.hasErrors).toBe(true);
    expect(body.results).toEqual([
      { statusCode: 201, result: { id: expect.any(String), success: true, errors: [] } },
      { statusCode: 404, result: [expect.objectContaining({ errorCode: 'NOT_FOUND' })] },
      { statusCode: 200, result: expect.objectContaining({ DailyApiRequests: expect.anything() }) },
    ]);
    expect(await countOf('Account', 'Batched')).toBe(1);
  });

  test('with haltOnError what follows a failure is not done', async () => {
    const { body } = await batch(
      [
        { method: 'POST', url: 'v60.0/sobjects/Account', richInput: { Name: 'Before' } },
        { method: 'POST', url: 'v60.0/sobjects/Account', richInput: {} },
        { method: 'POST', url: 'v60.0/sobjects/Account', richInput: { Name: 'After' } },
      ],
      true,
    );

    expect(body.results.map((one: { statusCode: number }) => one.statusCode)).toEqual([201, 400, 412]);
    expect(body.results[2].result).toEqual([
      { errorCode: 'BATCH_PROCESSING_HALTED', message: 'Batch processing halted per request' },
    ]);
    expect([await countOf('Account', 'Before'), await countOf('Account', 'After')]).toEqual([1, 0]);
  });

  test('more than 25 calls, or one that is a composite itself, are refused', async () => {
    const many = await batch(Array.from({ length: 26 }, () => ({ method: 'GET', url: 'v60.0/limits' })));
    const nested = await batch([{ method: 'POST', url: 'v60.0/composite', richInput: {} }]);
    const empty = await batch([]);

    expect([many.status, many.body[0].errorCode]).toEqual([400, 'LIMIT_EXCEEDED']);
    expect(nested.body.results[0].statusCode).toBe(404);
    expect([empty.status, empty.body[0].errorCode]).toEqual([400, 'INVALID_INPUT']);
  });
});

describe('graphs', () => {
  test('each is all or nothing by itself', async () => {
    const graph = (graphId: string, name: string, contact: Record<string, unknown>) => ({
      graphId,
      compositeRequest: [
        { method: 'POST', url: `${SOBJECTS}/Account`, referenceId: 'a', body: { Name: name } },
        { method: 'POST', url: `${SOBJECTS}/Contact`, referenceId: 'c', body: { AccountId: '@{a.id}', ...contact } },
      ],
    });

    const { status, body } = await org.call('POST', '/composite/graph', {
      graphs: [graph('one', 'Graph one', { LastName: 'Fine' }), graph('two', 'Graph two', {})],
    });

    expect(status).toBe(200);
    expect(body.graphs.map((one: Record<string, unknown>) => [one.graphId, one.isSuccessful])).toEqual([
      ['one', true],
      ['two', false],
    ]);
    expect(body.graphs[1].graphResponse.compositeResponse[0]).toMatchObject({ httpStatusCode: 400, body: [HALTED] });
    expect([await countOf('Account', 'Graph one'), await countOf('Account', 'Graph two')]).toEqual([1, 0]);
  });

  test('a query is no node of a graph', async () => {
    const { body } = await org.call('POST', '/composite/graph', {
      graphs: [
        { graphId: 'q', compositeRequest: [{ method: 'GET', url: query('SELECT Id FROM Lead'), referenceId: 'a' }] },
      ],
    });

    expect(body.graphs[0]).toMatchObject({ isSuccessful: false });
  });
});

describe('a tree', () => {
  const tree = (records: unknown[]) => org.call('POST', '/composite/tree/Account', { records });
  const node = (type: string, referenceId: string, fields: Record<string, unknown>) => ({
    attributes: { type, referenceId },
    ...fields,
  });

  test('parents and children are made, children below their parents', async () => {
    const { status, body } = await tree([
      node('Account', 'root1', {
        Name: 'Tree',
        Contacts: {
          records: [node('Contact', 'leaf1', { LastName: 'Leaf' }), node('Contact', 'leaf2', { LastName: 'Leaf' })],
        },
      }),
      node('Account', 'root2', { Name: 'Tree' }),
    ]);

    expect(status).toBe(201);
    expect(body).toEqual({
      hasErrors: false,
      results: ['root1', 'root2', 'leaf1', 'leaf2'].map((referenceId) => ({ referenceId, id: expect.any(String) })),
    });
    const [root] = body.results;
    const leaves = await org.query(`SELECT Id FROM Contact WHERE AccountId = '${root.id}'`);
    expect(leaves).toHaveLength(2);
  });

  test('one record that cannot be made leaves none, and only it is named', async () => {
    const { status, body } = await tree([
      node('Account', 'fine', { Name: 'Felled' }),
      node('Account', 'parent', {
        Name: 'Felled',
        Contacts: { records: [node('Contact', 'culprit', { LastName: 'L', Email: 'nowhere' })] },
      }),
    ]);

    expect(status).toBe(400);
    expect(body).toEqual({
      hasErrors: true,
      results: [
        {
          referenceId: 'culprit',
          errors: [
            {
              statusCode: 'INVALID_EMAIL_ADDRESS',
              message: 'Email: invalid email address: nowhere',
              fields: ['Email'],
            },
          ],
        },
      ],
    });
    expect(await countOf('Account', 'Felled')).toBe(0);
  });

  test('a referenceId that comes twice refuses the tree', async () => {
    const { status, body } = await tree([node('Account', 'r', { Name: 'A' }), node('Account', 'r', { Name: 'B' })]);

    expect(status).toBe(400);
    expect(body.results[0]).toMatchObject({ referenceId: 'r', errors: [{ statusCode: 'INVALID_INPUT' }] });
  });

  test.each([
    [
      'more than 200 records',
      Array.from({ length: 201 }, (_, n) => node('Account', `r${n}`, { Name: 'N' })),
      'LIMIT_EXCEEDED',
    ],
    ['a record of another object', [node('Contact', 'r', { LastName: 'L' })], 'INVALID_INPUT'],
    ['a record without attributes', [{ Name: 'N' }], 'INVALID_INPUT'],
    ['an unknown list of children', [node('Account', 'r', { Name: 'N', Pets: { records: [] } })], 'INVALID_FIELD'],
    ['no records', [], 'INVALID_INPUT'],
  ])('%s: the request is refused', async (_name, records, errorCode) => {
    const { status, body } = await tree(records);

    expect(status).toBe(400);
    expect(body).toEqual([expect.objectContaining({ errorCode })]);
  });
});
