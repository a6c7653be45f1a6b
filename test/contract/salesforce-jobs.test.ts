import type { WriteBatch, WriteRecord } from '../../src/connectors/connector';
import type { Values } from '../../src/domain/object-description';
import { contactDescription } from '../support/salesforce-description';
import {
  ofOneQuery,
  refusal,
  resultOf,
  type ScriptedAnswer,
  useScriptedOrganisation,
} from '../support/scripted-organisation';

const JOB = '750000000000001AAA';
const LOOK_AT_JOB = `GET /jobs/ingest/${JOB}`;
const UPLOAD = `PUT /jobs/ingest/${JOB}/batches`;
const CHANGE_JOB = `PATCH /jobs/ingest/${JOB}`;
const SUCCESSES = `${LOOK_AT_JOB}/successfulResults`;
const FAILURES = `${LOOK_AT_JOB}/failedResults`;
const job = (state: string, processed = 0, failed = 0, more: object = {}): ScriptedAnswer => ({
  status: 200,
  body: { id: JOB, state, numberRecordsProcessed: processed, numberRecordsFailed: failed, ...more },
});
const id = (number: number) => `0030000000000${String(number).padStart(2, '0')}AAA`;
const ok: ScriptedAnswer = { status: 200, body: {} };
/** The data of a job is taken, and the job closed or aborted. */
const taken = { [UPLOAD]: { status: 201 }, [CHANGE_JOB]: ok };
const signal = () => AbortSignal.timeout(20_000);

const organisation = useScriptedOrganisation();
const { script } = organisation;

const create = (key: string | null, values: Values): WriteRecord => ({ destinationId: null, key, values });
const update = (number: number, values: Values): WriteRecord => ({
  destinationId: id(number),
  key: `k${number}`,
  values,
});
const batchOf = (
  operation: 'create' | 'update',
  records: WriteRecord[],
  more: Partial<WriteBatch> = {},
): WriteBatch => ({
  batchId: 'b',
  object: contactDescription,
  operation,
  matchField: 'Email',
  records,
  options: { assignmentRules: false, allowDuplicates: false },
  sentAt: new Date(organisation.deps.now()).toISOString(),
  arrivesUntil: null,
  ...more,
});
const twoCreates = () =>
  batchOf('create', [
    create('a@example.com', { LastName: 'A', Email: 'a@example.com' }),
    create('b@example.com', { LastName: 'B', Email: 'b@example.com' }),
  ]);
const handle = { jobId: JOB };
const succeeded = { csv: `"sf__Id","sf__Created",LastName,Email\n"${id(1)}","true","A","a@example.com"\n` };
const failed = {
  csv: '"sf__Id","sf__Error",LastName,Email\n"","REQUIRED_FIELD_MISSING:Required:LastName --","B","b@example.com"\n',
};
const files = { [SUCCESSES]: succeeded, [FAILURES]: failed };
const twoResults = [
  { result: 'created', destinationId: id(1) },
  { result: 'failed', code: 'REQUIRED_FIELD_MISSING', message: 'Required', field: 'LastName' },
];

describe('writing by a job', () => {
  test('the job exists before any data leaves; data is put once; results find their records', async () => {
    const connector = await script({
      'POST /jobs/ingest': job('Open'),
      ...taken,
      ...files,
      [LOOK_AT_JOB]: [job('UploadComplete'), job('InProgress'), job('JobComplete', 2, 1)],
    });
    const batch = twoCreates();

    const prepared = await connector.prepare(batch, signal());
    const results = await connector.write(batch, prepared, signal());

    expect(prepared).toEqual(handle);
    expect(results).toEqual(twoResults);
    expect(organisation.calls()).toEqual([
      'POST /jobs/ingest',
      UPLOAD,
      CHANGE_JOB,
      ...[LOOK_AT_JOB, LOOK_AT_JOB, LOOK_AT_JOB],
      ...[`${SUCCESSES}/`, `${FAILURES}/`],
    ]);
    const [, creation, upload] = organisation.requests();
    expect(JSON.parse(creation?.body ?? '')).toMatchObject({
      object: 'Contact',
      operation: 'insert',
      lineEnding: 'LF',
    });
    expect(upload?.body).toBe('LastName,Email\nA,a@example.com\nB,b@example.com\n');
    expect(upload?.headers['content-length']).toBe(String(upload?.body.length));
  });

  test.each<[string, string, ScriptedAnswer]>([
    ['the upload', UPLOAD, { cut: true }],
    ['the upload, by an error of the server', UPLOAD, refusal(500, 'UNKNOWN_EXCEPTION')],
    ['the closing', CHANGE_JOB, { cut: true }],
    ['the closing, refused', CHANGE_JOB, refusal(400, 'INVALIDJOBSTATE')],
    ['a look at the job', LOOK_AT_JOB, { cut: true }],
    [
      'a look at the job, for lack of quota',
      LOOK_AT_JOB,
      refusal(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'),
    ],
  ])(
    'when the answer is lost to %s, the batch stays open and the data is not put again',
    async (_call, line, answer) => {
      const connector = await script({ ...taken, [line]: answer });

      await expect(connector.write(twoCreates(), handle, signal())).rejects.toMatchObject({ answerLost: true });

      expect(organisation.calls().filter((call) => call.startsWith('PUT'))).toHaveLength(1);
    },
  );

  test('when there is no connection at all, nothing was sent and the batch is not in doubt', async () => {
    const connector = await script({ [UPLOAD]: refusal(413, 'CLIENTINPUTERROR') });

    await expect(connector.write(twoCreates(), handle, signal())).rejects.toMatchObject({ answerLost: false });
  });

  test('when the files name fewer rows than were processed, none of them is believed', async () => {
    const connector = await script({
      ...taken,
      [SUCCESSES]: { csv: '"sf__Id","sf__Created",LastName,Email\n' },
      [LOOK_AT_JOB]: job('JobComplete', 2),
    });

    await expect(connector.write(twoCreates(), handle, signal())).rejects.toMatchObject({
      code: 'INCOMPLETE_READ',
      answerLost: true,
      message: expect.stringMatching(/0 of 2/),
    });
  });

  test('when the job fails as a whole, nothing was applied and a person has to act', async () => {
    const errorMessage = 'InvalidBatch : Field name not found : Foo__c';
    const connector = await script({ ...taken, [LOOK_AT_JOB]: job('Failed', 0, 0, { errorMessage }) });

    await expect(connector.write(twoCreates(), handle, signal())).rejects.toMatchObject({
      answerLost: false,
      advice: { retry: 'never' },
      message: expect.stringContaining('Foo__c'),
    });
  });

  test('when the job takes long, the caller is told to ask later', async () => {
    const connector = await script({ ...taken, [LOOK_AT_JOB]: job('InProgress') }, { patienceMs: 20 });

    await expect(connector.write(twoCreates(), handle, signal())).rejects.toMatchObject({
      code: 'JOB_IN_PROGRESS',
      answerLost: true,
    });
  });

  test('when it is stopped while the job runs, the job is aborted and what it did is told', async () => {
    const stop = new AbortController();
    let isAborted = false;
    const connector = await script({
      ...taken,
      [CHANGE_JOB]: ({ body }) => {
        isAborted = body.includes('Aborted');
        return ok;
      },
      ...files,
      [LOOK_AT_JOB]: () => {
        stop.abort(new Error('stopped by the test'));
        return isAborted ? job('Aborted', 1, 0) : job('InProgress');
      },
    });

    const results = await connector.write(twoCreates(), handle, stop.signal);

    expect(results).toEqual([
      { result: 'created', destinationId: id(1) },
      { result: 'again', code: 'NOT_PROCESSED', message: expect.any(String), notSent: true },
    ]);
  });

  test('the job of an object with assignment rules names the active rule only when that is wanted', async () => {
    const connector = await script({
      'GET /query?q=SELECT Id FROM AssignmentRule': { status: 200, body: resultOf([{ Id: '01Q000000000001AAA' }]) },
      'POST /jobs/ingest': job('Open'),
    });
    const lead = { ...contactDescription, name: 'Lead' };

    await connector.prepare({ ...twoCreates(), object: lead }, signal());
    await connector.prepare(
      { ...twoCreates(), object: lead, options: { assignmentRules: true, allowDuplicates: false } },
      signal(),
    );

    const bodies = organisation
      .requests()
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/ingest'))
      .map(({ body }) => JSON.parse(body));
    expect(bodies[0]).not.toHaveProperty('assignmentRuleId');
    expect(bodies[1]).toHaveProperty('assignmentRuleId', '01Q000000000001AAA');
  });

  test('a text that means "blank" in a file is refused when creating, and sent apart when updating', async () => {
    const connector = await script({
      ...taken,
      'PATCH /composite/sobjects': { status: 200, body: [{ id: id(1), success: true, errors: [] }] },
      [SUCCESSES]: { csv: `"sf__Id","sf__Created",Id,Phone\n"${id(2)}","false","${id(2)}","#N/A"\n` },
      [LOOK_AT_JOB]: job('JobComplete', 1),
    });

    const created = await connector.write(batchOf('create', [create(null, { Phone: '#N/A' })]), handle, signal());
    const updated = await connector.write(
      batchOf('update', [update(1, { Phone: '#N/A' }), update(2, { Phone: null })]),
      handle,
      signal(),
    );

    expect(created).toEqual([expect.objectContaining({ result: 'failed', field: 'Phone' })]);
    expect(updated).toEqual([1, 2].map((number) => ({ result: 'updated', destinationId: id(number) })));
    expect(organisation.requests().find(({ method }) => method === 'PUT')?.body).toBe(`Id,Phone\n${id(2)},#N/A\n`);
  });
});

describe('what became of a job whose answer was lost', () => {
  test('an open job is aborted, so that nothing of it can still be applied', async () => {
    const connector = await script({ [CHANGE_JOB]: ok, [LOOK_AT_JOB]: [job('Open'), job('Aborted')] });

    await expect(connector.settle(twoCreates(), handle, signal())).resolves.toEqual({ notReceived: true });
    expect(organisation.requests().find(({ method }) => method === 'PATCH')?.body).toBe('{"state":"Aborted"}');
  });

  test('when an open job was closed before it could be aborted, it is asked for again', async () => {
    const connector = await script({
      [CHANGE_JOB]: refusal(400, 'INVALIDJOBSTATE'),
      ...files,
      [LOOK_AT_JOB]: [job('Open'), job('JobComplete', 2, 1)],
    });

    await expect(connector.settle(twoCreates(), handle, signal())).resolves.toEqual({ results: twoResults });
  });

  test.each(['UploadComplete', 'InProgress'])('a job that is %s is asked for later', async (state) => {
    const connector = await script({ [LOOK_AT_JOB]: job(state) });
    const batch = twoCreates();
    organisation.deps.advance(60_000);

    const settlement = await connector.settle(batch, handle, signal());

    if (!('askAgainAt' in settlement)) throw new Error('expected to be told when to ask again');
    const waitMs = Date.parse(settlement.askAgainAt) - organisation.deps.now();
    expect(Math.round(waitMs / 1_000)).toBe(15);
  });

  test.each(['Failed', 'Aborted'])('a job that is %s before it did anything was not received', async (state) => {
    const connector = await script({ [LOOK_AT_JOB]: job(state) });

    await expect(connector.settle(twoCreates(), handle, signal())).resolves.toEqual({ notReceived: true });
  });

  test.each(['Failed', 'Aborted'])('of a job that is %s half way, the rest is to be sent again', async (state) => {
    const connector = await script({ ...files, [LOOK_AT_JOB]: job(state, 1) });
    // one that was stopped says nothing of the record
    const counts = state === 'Aborted' ? { notSent: true } : {};

    await expect(connector.settle(twoCreates(), handle, signal())).resolves.toEqual({
      results: [twoResults[0], { result: 'again', code: 'NOT_PROCESSED', message: expect.any(String), ...counts }],
    });
  });

  test('a complete job gives its results', async () => {
    const connector = await script({ ...files, [LOOK_AT_JOB]: job('JobComplete', 2, 1) });

    await expect(connector.settle(twoCreates(), handle, signal())).resolves.toEqual({ results: twoResults });
  });

  test('when Salesforce has forgotten the job, the records are looked up by their keys', async () => {
    const connector = await script({
      [LOOK_AT_JOB]: refusal(404, 'NOT_FOUND'),
      'POST /composite': ofOneQuery(resultOf([{ Id: id(1), Email: 'a@example.com' }])),
    });
    const batch = twoCreates();

    await expect(connector.settle(batch, handle, signal())).resolves.toHaveProperty('askAgainAt');
    organisation.deps.advance(11 * 60_000);
    await expect(connector.settle(batch, handle, signal())).resolves.toEqual({
      results: [
        { result: 'created', destinationId: id(1) },
        { result: 'again', code: 'NOT_APPLIED', message: expect.any(String) },
      ],
    });
  });

  test('an update without a job can be repeated', async () => {
    const connector = await script({});

    await expect(connector.settle(batchOf('update', [update(1, {})]), null, signal())).resolves.toEqual({
      mayBeRepeated: true,
    });
  });
});

describe('writing by collection requests', () => {
  test('records go with their Ids, blanks as null, and assignment rules off', async () => {
    const connector = await script({
      'PATCH /composite/sobjects': {
        status: 200,
        body: [
          { id: id(1), success: true, errors: [] },
          { success: false, errors: [{ statusCode: 'UNABLE_TO_LOCK_ROW', message: 'locked', fields: [] }] },
          { success: false, errors: [{ statusCode: 'ENTITY_IS_DELETED', message: 'entity is deleted', fields: [] }] },
        ],
      },
    });
    const batch = batchOf('update', [
      update(1, { Phone: null, LastName: '#N/A' }),
      update(2, { Count__c: 7 }),
      update(3, { Phone: '1' }),
    ]);

    expect(await connector.prepare(batch, signal())).toBeNull();
    const results = await connector.write(batch, null, signal());

    expect(results).toEqual([
      { result: 'updated', destinationId: id(1) },
      { result: 'again', code: 'UNABLE_TO_LOCK_ROW', message: 'locked' },
      { result: 'notFound', destinationId: id(3), message: 'entity is deleted' },
    ]);
    const sent = organisation.requests().at(-1);
    expect(sent?.headers).toMatchObject({ 'sforce-auto-assign': 'FALSE' });
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      allOrNone: false,
      records: [
        { id: id(1), attributes: { type: 'Contact' }, Phone: null, LastName: '#N/A' },
        { id: id(2), attributes: { type: 'Contact' }, Count__c: 7 },
        { id: id(3), attributes: { type: 'Contact' }, Phone: '1' },
      ],
    });
  });

  test('when one record sinks the whole request, halves find it and the others are written', async () => {
    const connector = await script({
      'PATCH /composite/sobjects': ({ body }) => {
        if (body.includes('poison')) return refusal(400, 'JSON_PARSER_ERROR', 'Cannot deserialize poison');
        const { records } = JSON.parse(body) as { records: { id: string }[] };
        return { status: 200, body: records.map((record) => ({ id: record.id, success: true, errors: [] })) };
      },
    });
    const records = [1, 2, 3, 4, 5].map((number) => update(number, { LastName: number === 4 ? 'poison' : 'x' }));

    const results = await connector.write(batchOf('update', records), null, signal());

    expect(results.map(({ result }) => result)).toEqual(['updated', 'updated', 'updated', 'failed', 'updated']);
    expect(results[3]).toMatchObject({ code: 'JSON_PARSER_ERROR', message: expect.not.stringContaining('poison') });
  });

  test('half a surrogate pair is refused before it is sent, naming its field', async () => {
    const connector = await script({});

    const results = await connector.write(batchOf('update', [update(1, { LastName: 'a\ud83d' })]), null, signal());

    expect(results).toEqual([expect.objectContaining({ result: 'failed', field: 'LastName' })]);
    expect(organisation.calls()).toEqual([]);
  });

  test('what finds no room in the organisation is sent again; where nothing does, a person has to act and no record fails', async () => {
    const full = { success: false, errors: [{ statusCode: 'STORAGE_LIMIT_EXCEEDED', message: 'full', fields: [] }] };
    const connector = await script({
      'PATCH /composite/sobjects': [
        { status: 200, body: [{ id: id(1), success: true, errors: [] }, full] },
        { status: 200, body: [full, full] },
      ],
    });
    const batch = batchOf('update', [update(1, { Phone: '1' }), update(2, { Phone: '2' })]);

    expect((await connector.write(batch, null, signal())).map(({ result }) => result)).toEqual(['updated', 'again']);
    await expect(connector.write(batch, null, signal())).rejects.toMatchObject({
      ...{ code: 'STORAGE_LIMIT_EXCEEDED', advice: { retry: 'never' }, answerLost: false },
    });
  });

  test('when alert-only duplicate rules are to be passed, records are created by collection requests that say so', async () => {
    const connector = await script({
      'POST /composite/sobjects': { status: 200, body: [{ id: id(1), success: true, errors: [] }] },
    });
    const batch = batchOf('create', [create('a', { LastName: 'A', Phone: null })], {
      options: { assignmentRules: true, allowDuplicates: true },
    });

    expect(await connector.prepare(batch, signal())).toBeNull();
    await connector.write(batch, null, signal());

    const sent = organisation.requests().at(-1);
    expect(sent?.headers).toMatchObject({
      'sforce-auto-assign': 'TRUE',
      'sforce-duplicate-rule-header': 'allowSave=true',
    });
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      allOrNone: false,
      records: [{ attributes: { type: 'Contact' }, LastName: 'A' }],
    });
  });

  test('an insert without a key whose answer was lost is in doubt, and never repeated', async () => {
    const connector = await script({});
    const batch = batchOf('create', [create(null, { LastName: 'A' })], {
      options: { assignmentRules: false, allowDuplicates: true },
    });

    await expect(connector.settle(batch, null, signal())).resolves.toEqual({
      results: [{ result: 'inDoubt', message: expect.any(String) }],
    });
  });
});
