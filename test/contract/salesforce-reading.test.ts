import type { Cursor, ReadRequest, SourceRecord } from '../../src/connectors/connector';
import { contactDescription } from '../support/salesforce-description';
import {
  ofOneQuery,
  refusal,
  resultOf,
  type ScriptedAnswer,
  useScriptedOrganisation,
} from '../support/scripted-organisation';

const JOB = '750000000000001AAA';
const LOOK_AT_JOB = `GET /jobs/query/${JOB}`;
const RESULTS = `${LOOK_AT_JOB}/results`;
const QUERY = 'SELECT Id, CreatedDate, LastModifiedDate, LastName FROM Contact';
const signal = () => AbortSignal.timeout(20_000);
const id = (number: number) => `0030000000000${String(number).padStart(2, '0')}AAA`;
const request: ReadRequest = {
  object: contactDescription,
  fields: ['LastName'],
  filter: null,
  changedSince: null,
  asOf: '2026-03-01T10:00:00.000Z',
  timeZone: 'UTC',
};

const organisation = useScriptedOrganisation();
const { script } = organisation;

/** Records `from` to `to` as a page of a REST query. */
const page = (from: number, to: number, totalSize: number, next?: string): ScriptedAnswer => ({
  status: 200,
  body: {
    totalSize,
    done: next === undefined,
    ...(next ? { nextRecordsUrl: `/services/data/v60.0/query/${next}` } : {}),
    records: numbers(from, to).map((number) => ({
      attributes: { type: 'Contact' },
      Id: id(number),
      CreatedDate: '2026-01-01T00:00:00.000+0000',
      LastModifiedDate: '2026-02-01T00:00:00.000+0000',
      LastName: `N${number}`,
    })),
  },
});
const numbers = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_none, index) => from + index);
const file = (from: number, to: number, locator: string, announced = Math.max(0, to - from + 1)): ScriptedAnswer => ({
  csv: `"Id","CreatedDate","LastModifiedDate","LastName"\n${numbers(from, to)
    .map((number) => `"${id(number)}","2026-01-01T00:00:00.000Z","2026-02-01T00:00:00.000Z","N${number}"\n`)
    .join('')}`,
  headers: { 'sforce-numberofrecords': String(announced), 'sforce-locator': locator },
});
/** A place in the files of a job. */
const inFiles = (more: object = {}): Cursor => ({
  ...{ via: 'bulk', after: null, before: 0, jobId: JOB, polls: 2, locator: null, read: 0, total: null, failures: 0 },
  ...more,
});
const job = (state: string, processed = 0): ScriptedAnswer => ({
  status: 200,
  body: { id: JOB, state, numberRecordsProcessed: processed },
});

/** Reads from a cursor to the end, as a run does. */
async function readAll(start?: Cursor): Promise<SourceRecord[]> {
  const { connector } = organisation;
  const records: SourceRecord[] = [];
  let cursor: Cursor | null = start ?? (await connector.planRead(request, signal()))[0] ?? null;
  while (cursor) {
    const next = await connector.readPage(request, JSON.parse(JSON.stringify(cursor)), signal());
    records.push(...next.records);
    cursor = next.next;
  }
  return records;
}
const ids = (records: SourceRecord[]) => records.map(({ sourceId }) => sourceId);

describe('few records are read by REST', () => {
  test('one call reads one page, with the dates that decide between duplicates', async () => {
    await script({ 'GET /query': page(1, 2, 2) });

    const records = await readAll();

    expect(records).toEqual([
      { sourceId: id(1), createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-02-01T00:00:00.000Z', values: ['N1'] },
      { sourceId: id(2), createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-02-01T00:00:00.000Z', values: ['N2'] },
    ]);
    expect(organisation.calls()).toEqual([`GET /query?q=${QUERY} ORDER BY Id`]);
  });

  test('filter and change stamp are asked of Salesforce', async () => {
    const connector = await script({ 'GET /query': page(1, 0, 0) });
    const filtered: ReadRequest = {
      ...request,
      filter: { column: 'LastName', operator: 'equals', value: 'Holt' },
      changedSince: '2026-02-28T23:50:00.700Z',
    };
    const [cursor] = await connector.planRead(filtered, signal());

    await connector.readPage(filtered, cursor ?? {}, signal());

    expect(organisation.calls()[0]).toContain(
      "WHERE LastName = 'Holt' AND SystemModstamp >= 2026-02-28T23:50:00Z ORDER BY Id",
    );
    expect(connector.splitFilter(filtered).query).toContain("WHERE LastName = 'Holt' AND SystemModstamp >=");
  });

  test('a count asks for what a read would give, without its rows', async () => {
    const connector = await script({ 'GET /query': page(1, 0, 1_204) });
    const filter = { column: 'LastName', operator: 'equals' as const, value: 'Holt' };

    expect(await connector.count({ ...request, filter }, signal())).toBe(1_204);

    expect(organisation.calls()).toEqual(["GET /query?q=SELECT COUNT() FROM Contact WHERE LastName = 'Holt'"]);
  });

  test('further pages come by their locator; a lost one begins again behind the last record', async () => {
    await script({
      [`GET /query?q=${QUERY} WHERE Id > `]: page(5, 6, 2),
      'GET /query?q': page(1, 2, 6, '0r8-2'),
      'GET /query/0r8-2': page(3, 4, 6, '0r8-4'),
      'GET /query/0r8-4': refusal(400, 'INVALID_QUERY_LOCATOR'),
    });

    const records = await readAll();

    expect(ids(records)).toEqual(numbers(1, 6).map(id));
    expect(organisation.calls().at(-1)).toContain(`WHERE Id > '${id(4)}' ORDER BY Id`);
  });

  test('when a result ends before its announced size, the rest is asked for', async () => {
    await script({ [`GET /query?q=${QUERY} WHERE`]: page(3, 4, 2), 'GET /query': page(1, 2, 4) });

    expect(ids(await readAll())).toEqual(numbers(1, 4).map(id));
  });

  test('when the gap remains, the error names both numbers', async () => {
    await script({ [`GET /query?q=${QUERY} WHERE`]: page(1, 0, 2), 'GET /query': page(1, 2, 4) });

    await expect(readAll()).rejects.toMatchObject({
      code: 'INCOMPLETE_READ',
      advice: { retry: 'soon' },
      message: expect.stringMatching(/4 records, but gave 2/),
    });
  });

  test('a next page at another address gets no token', async () => {
    await script({ 'GET /query': page(1, 2, 4, '../../elsewhere') });

    await expect(readAll()).rejects.toMatchObject({ code: 'UNREADABLE_ANSWER' });
    expect(organisation.calls()).toHaveLength(1);
  });

  test('a query that is too long for an address travels inside of a request', async () => {
    const value = Array.from({ length: 900 }, (_none, index) => `person${index}@example.com`);
    const long: ReadRequest = { ...request, filter: { column: 'Email', operator: 'in', value } };
    const body = (page(1, 2, 2) as { body: unknown }).body;
    const connector = await script({ 'POST /composite': ofOneQuery(body) });

    const [cursor] = await connector.planRead(long, signal());
    const { records } = await connector.readPage(long, cursor ?? {}, signal());

    expect(ids(records)).toEqual([id(1), id(2)]);
  });
});

describe('many records are read by a bulk query of what lies behind the first page', () => {
  const bulk = { bulkFrom: 3, pageRows: 2 };

  test('the job is waited for, and its files are read one by one', async () => {
    await script(
      {
        'GET /query': page(1, 2, 7, '0r8-2'),
        'POST /jobs/query': job('UploadComplete'),
        [`${RESULTS}?maxRecords=2&locator=L1`]: file(5, 6, 'L2'),
        [`${RESULTS}?maxRecords=2&locator=L2`]: file(7, 7, 'null'),
        [RESULTS]: file(3, 4, 'L1'),
        [LOOK_AT_JOB]: [job('UploadComplete'), job('InProgress'), job('JobComplete', 5)],
      },
      bulk,
    );

    const records = await readAll();

    expect(ids(records)).toEqual(numbers(1, 7).map(id));
    const creation = organisation
      .requests()
      .find(({ method, path }) => method === 'POST' && path.endsWith('/jobs/query'));
    expect(JSON.parse(creation?.body ?? '').query).toBe(`${QUERY} WHERE Id > '${id(2)}'`);
  });

  test('both ways give the same record', async () => {
    await script(
      {
        'GET /query': page(1, 1, 2, '0r8-1'),
        'POST /jobs/query': job('UploadComplete'),
        [RESULTS]: file(1, 1, 'null'),
        [LOOK_AT_JOB]: job('JobComplete', 1),
      },
      { bulkFrom: 1 },
    );

    const records = await readAll();

    expect(records[1]).toEqual(records[0]);
  });

  test('a caller is told to wait, longer each time', async () => {
    const connector = await script(
      {
        'GET /query': page(1, 2, 7, '0r8-2'),
        'POST /jobs/query': job('UploadComplete'),
        [LOOK_AT_JOB]: job('InProgress'),
      },
      { ...bulk, firstPollMs: 100, longestPollMs: 5_000 },
    );
    let cursor: Cursor | null | undefined = (await connector.planRead(request, signal()))[0];
    const waits: (number | undefined)[] = [];
    while (cursor && waits.length < 10) {
      const next = await connector.readPage(request, cursor, signal());
      waits.push(next.waitMs);
      cursor = next.next;
    }

    expect(waits).toEqual([undefined, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  });

  test('the same cursor gives the same page', async () => {
    const connector = await script({ [RESULTS]: file(3, 4, 'L1'), [LOOK_AT_JOB]: job('JobComplete', 5) }, bulk);
    const at = inFiles();

    const first = await connector.readPage(request, at, signal());

    expect(await connector.readPage(request, at, signal())).toEqual(first);
  });

  test.each<[string, ScriptedAnswer, string]>([
    ['a file holds fewer rows than it says', file(1, 1, 'null', 2), 'UNREADABLE_ANSWER'],
    ['a file does not say how many rows it holds', { csv: '"Id"\n' }, 'UNREADABLE_ANSWER'],
    [
      'a file lacks a column',
      { csv: '"Id"\n', headers: { 'sforce-numberofrecords': '0', 'sforce-locator': 'null' } },
      'UNREADABLE_ANSWER',
    ],
    ['the last file ends before the job did', file(1, 1, 'null'), 'INCOMPLETE_READ'],
    ['the files are not there yet', refusal(404, 'NOT_FOUND'), 'RESULT_NOT_READY'],
  ])('when %s, the page is refused and asked for again', async (_when, answer, code) => {
    await script({ [RESULTS]: answer, [LOOK_AT_JOB]: job('JobComplete', 2) }, bulk);

    await expect(readAll(inFiles())).rejects.toMatchObject({ code, advice: { retry: 'soon' } });
  });

  test('when Salesforce has forgotten the job, a new one is made', async () => {
    await script({
      'POST /jobs/query': job('UploadComplete'),
      [RESULTS]: [refusal(404, 'NOT_FOUND'), file(1, 2, 'null')],
      [LOOK_AT_JOB]: [refusal(404, 'NOT_FOUND'), job('JobComplete', 2)],
    });

    expect(ids(await readAll(inFiles({ locator: 'L5', read: 4, total: 6 })))).toEqual([id(1), id(2)]);
  });

  test('a job that fails is made anew, but not for ever', async () => {
    await script({ 'POST /jobs/query': job('UploadComplete'), [LOOK_AT_JOB]: job('Failed') });

    await expect(readAll(inFiles({ jobId: null, polls: 0 }))).rejects.toMatchObject({
      code: 'QUERY_JOB_FAILED',
      advice: { retry: 'never' },
    });
    expect(organisation.calls().filter((call) => call.startsWith('POST'))).toHaveLength(3);
  });

  test('an object that the Bulk API does not know is read on by REST', async () => {
    await script(
      {
        [`GET /query?q=${QUERY} WHERE`]: page(3, 4, 5, '0r8-4'),
        'GET /query?q': page(1, 2, 7, '0r8-2'),
        'GET /query/0r8-4': page(5, 7, 5),
        'POST /jobs/query': refusal(400, 'INVALIDENTITY', 'Contact is not supported by the Bulk API'),
      },
      bulk,
    );

    expect(ids(await readAll())).toEqual(numbers(1, 7).map(id));
  });

  test('when a query takes Salesforce too long, it goes on as a bulk query', async () => {
    await script({
      'GET /query': refusal(400, 'QUERY_TIMEOUT'),
      'POST /jobs/query': job('UploadComplete'),
      [RESULTS]: file(1, 2, 'null'),
      [LOOK_AT_JOB]: job('JobComplete', 2),
    });

    expect(ids(await readAll())).toEqual([id(1), id(2)]);
  });
});

describe('looking up keys', () => {
  const queriesOf = (composite: { body: string } | undefined) =>
    (JSON.parse(composite?.body ?? '') as { compositeRequest: { referenceId: string; url: string }[] })
      .compositeRequest;

  test('many keys go in one call, further pages are followed, blanks are never asked for', async () => {
    const connector = await script({
      'POST /composite': ofOneQuery({
        totalSize: 2,
        done: false,
        nextRecordsUrl: '/services/data/v60.0/query/0r8-1',
        records: [{ Id: id(1), Email: 'a@example.com', Phone: '1' }],
      }),
      'GET /query/0r8-1': { status: 200, body: resultOf([{ Id: id(2), Email: 'A@example.com', Phone: null }]) },
    });

    const found = await connector.findByKey(
      {
        object: contactDescription,
        field: 'Email',
        keys: ['a@example.com', '', null, "o'neil+x@example.com"],
        fields: ['Phone'],
      },
      signal(),
    );

    expect(found).toEqual([
      { destinationId: id(1), key: 'a@example.com', values: { Phone: '1' } },
      { destinationId: id(2), key: 'A@example.com', values: { Phone: null } },
    ]);
    expect(queriesOf(organisation.requests()[1]).map(({ url }) => decodeURIComponent(url))).toEqual([
      "/services/data/v60.0/query?q=SELECT Id, Email, Phone FROM Contact WHERE Email IN ('a@example.com', 'o\\'neil+x@example.com')",
    ]);
  });

  test('two thousand long keys are still one call of several queries', async () => {
    const connector = await script({
      'POST /composite': (asked) => ({
        status: 200,
        body: {
          compositeResponse: queriesOf(asked).map(({ referenceId }) => ({
            referenceId,
            httpStatusCode: 200,
            body: resultOf([]),
          })),
        },
      }),
    });
    const keys = Array.from({ length: 2_000 }, (_none, index) => `${'x'.repeat(80)}${index}@example.com`);

    await connector.findByKey({ object: contactDescription, field: 'Email', keys, fields: [] }, signal());

    expect(organisation.calls()).toEqual(['POST /composite']);
    const queries = queriesOf(organisation.requests()[1]);
    expect(queries.length).toBeLessThanOrEqual(5);
    for (const { url } of queries) expect(decodeURIComponent(url).length).toBeLessThan(100_000);
  });

  test('keys that no record can hold are not asked for, and without any there is no call', async () => {
    const connector = await script({});

    const found = await connector.findByKey(
      { object: contactDescription, field: 'Id', keys: ['no id', '0012A00001abcDEAAA'], fields: [] },
      signal(),
    );

    expect(found).toEqual([]);
    expect(organisation.calls()).toEqual([]);
  });

  test('a converted lead is told as locked, with the contact that the person is now', async () => {
    const lead = {
      ...contactDescription,
      name: 'Lead',
      fields: [
        ...contactDescription.fields,
        ...['IsConverted', 'ConvertedContactId'].map((name) => ({ ...contactDescription.fields[0], name })),
      ],
    } as typeof contactDescription;
    const record = { Id: id(1), Email: 'a@example.com', IsConverted: true, ConvertedContactId: '003000000000007' };
    const connector = await script({ 'POST /composite': ofOneQuery(resultOf([record])) });

    const [found] = await connector.findByKey(
      { object: lead, field: 'Email', keys: ['a@example.com'], fields: [] },
      signal(),
    );

    expect(found?.locked).toContain('003000000000007AAA');
  });

  test('an error of one query is the error of the look-up', async () => {
    const body = [{ errorCode: 'INVALID_FIELD', message: "No such column 'Emial' on entity 'Contact'" }];
    const connector = await script({ 'POST /composite': ofOneQuery(body, 400) });

    await expect(
      connector.findByKey({ object: contactDescription, field: 'Email', keys: ['a'], fields: [] }, signal()),
    ).rejects.toMatchObject({ code: 'INVALID_FIELD', advice: { retry: 'never' } });
  });
});
