import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import type {
  Connector,
  Cursor,
  Page,
  ReadRequest,
  RecordResult,
  SourceRecord,
  WriteBatch,
  WriteHandle,
  WriteRecord,
} from '../../src/connectors/connector';
import { ConnectorError } from '../../src/connectors/connector-error';
import { createSalesforceConnector } from '../../src/connectors/salesforce/connector';
import { DEFAULT_TUNING, type SalesforceTuning } from '../../src/connectors/salesforce/tuning';
import { salesforceSettings } from '../../src/domain/connection';
import type { Filter } from '../../src/domain/definition';
import { compileFilter } from '../../src/domain/filter';
import type { ObjectDescription, Value, Values } from '../../src/domain/object-description';
import type { FaultInput } from '../../src/sandbox/faults';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { connectorDeps } from '../support/connector-deps';

const signal = new AbortController().signal;
let sandbox: Sandbox;
let connector: Connector;
let contact: ObjectDescription;

beforeAll(async () => {
  sandbox = await startSandbox({});
});
afterAll(() => sandbox.stop());

beforeEach(async () => {
  sandbox.salesforce.reset();
  connector = connect();
  contact = await connector.describe('Contact', signal);
});
afterEach(() => {
  expect(sandbox.defects).toEqual([]);
  expect(
    sandbox.salesforce.violations().filter(({ violation, count }) => violation !== 'unboundedQuery' && count > 0),
  ).toEqual([]);
});

function connect(tuning: Partial<SalesforceTuning> = {}): Connector {
  const { clientId, clientSecret } = sandbox.salesforce.credentials;
  const settings = salesforceSettings.parse({
    loginUrl: sandbox.salesforce.url,
    quotaShare: 1,
    auth: { type: 'clientCredentials', clientId, clientSecret },
  });
  return createSalesforceConnector(settings, connectorDeps(sandbox.clock.now()), { ...DEFAULT_TUNING, ...tuning });
}

/** Everything by bulk, in small pages. */
const bulkReader = { bulkFrom: 0, pageRows: 40 };
/** Nothing by bulk. */
const restReader = { bulkFrom: Number.POSITIVE_INFINITY };

const requestFor = (fields: string[], filter: Filter | null = null, more: Partial<ReadRequest> = {}): ReadRequest => ({
  object: contact,
  fields,
  filter,
  changedSince: null,
  asOf: '2026-06-01T12:00:00.000Z',
  timeZone: 'Europe/Vienna',
  ...more,
});

async function readAll(reader: Connector, request: ReadRequest): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (const first of await reader.planRead(request, signal)) {
    let cursor: Cursor | null = first;
    while (cursor) {
      const at: Cursor = cursor;
      const page: Page = await retried(() => reader.readPage(request, at, signal));
      records.push(...page.records);
      await setTimeout(page.waitMs ?? 0);
      cursor = page.next;
    }
  }
  return records;
}

/** Tries again what is to be tried again soon, a few times. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.advice.retry !== 'soon' || attempt === 5) throw error;
    }
  }
}

const batchOf = (
  operation: 'create' | 'update',
  records: WriteRecord[],
  more: Partial<WriteBatch> = {},
): WriteBatch => ({
  batchId: '00000000-0000-4000-8000-000000000001',
  object: contact,
  operation,
  matchField: 'Email',
  records,
  options: { assignmentRules: false, allowDuplicates: false },
  sentAt: new Date(sandbox.clock.now()).toISOString(),
  ...more,
});
const person = (email: string | null, values: Values = {}): WriteRecord => ({
  destinationId: null,
  key: email,
  values: { LastName: 'Sample', ...(email === null ? {} : { Email: email }), ...values },
});
const people = (count: number, values: (index: number) => Values = () => ({})): WriteRecord[] =>
  Array.from({ length: count }, (_none, index) => person(`person${index}@example.com`, values(index)));

/** Sends a batch as the load of a run does: when the answer is lost, it asks what became of it, and sends only what never arrived. */
async function load(loader: Connector, batch: WriteBatch): Promise<RecordResult[]> {
  for (let sending = 1; sending <= 5; sending += 1) {
    const handle = await retried(() => loader.prepare(batch, signal));
    try {
      return await loader.write(batch, handle, signal);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (!error.answerLost) continue;
      const results = await settled(loader, batch, handle);
      if (results) return results;
    }
  }
  throw new Error('The batch was sent too often.');
}

async function settled(
  loader: Connector,
  batch: WriteBatch,
  handle: WriteHandle | null,
): Promise<RecordResult[] | null> {
  for (;;) {
    const settlement = await retried(() => loader.settle(batch, handle, signal));
    if ('results' in settlement) return settlement.results;
    if ('notReceived' in settlement) return null;
    await setTimeout(50);
  }
}

const created = (results: RecordResult[]): string[] =>
  results.map((result) => {
    if (result.result !== 'created') throw new Error(`expected "created", not ${JSON.stringify(result)}`);
    return result.destinationId;
  });
const updates = (ids: string[], values: (index: number) => Values): WriteRecord[] =>
  ids.map((destinationId, index) => ({ destinationId, key: null, values: values(index) }));

describe('what the organisation is and has', () => {
  test('a test signs in and names organisation, user and quota', async () => {
    expect(await connector.test(signal)).toEqual({
      identity: expect.stringMatching(/^00D\w{15}$/),
      account: expect.stringContaining('@'),
      quota: { used: expect.any(Number), limit: expect.any(Number) },
    });
  });

  test('objects beside others are hidden', async () => {
    const objects = await connector.objects(signal);

    expect(objects).toContainEqual({ name: 'Contact', label: 'Contact', readable: true, writable: true });
    expect(objects.filter(({ name }) => /(History|Share|Feed|ChangeEvent|Tag)$/.test(name))).toEqual([]);
  });

  test('a description tells what can be mapped, what is required, and what people are matched by', () => {
    const field = (name: string) => contact.fields.find((candidate) => candidate.name === name);

    expect(contact).toMatchObject({
      idField: 'Id',
      createdAtField: 'CreatedDate',
      updatedAtField: 'SystemModstamp',
      defaultMatchField: 'Email',
      readableAsWhole: true,
    });
    expect(field('LastName')).toMatchObject({ type: 'text', length: 80, required: true, filterable: true });
    expect(field('DoNotCall')?.required ?? false).toBe(false);
    expect(field('Name')).toMatchObject({ createable: false, updateable: false });
    expect(field('AccountId')).toMatchObject({ type: 'reference', referenceTo: ['Account'] });
    expect(field('Description')).toMatchObject({ filterable: false, matchable: false });
    expect(field('MailingAddress')).toBeUndefined();
  });

  test.each(['Nothing__c', 'no object; DROP'])('an unknown object is an error for a person: %s', async (name) => {
    await expect(connector.describe(name, signal)).rejects.toMatchObject({
      code: 'UNKNOWN_OBJECT',
      advice: { retry: 'never' },
    });
  });
});

describe('values come back as they were', () => {
  const hostile: Values[] = [
    { LastName: "O'Brien \\ Sons", Description: 'first\nsecond' },
    { LastName: 'Ñandú-Øre', Description: 'one\r\ntwo' },
    { LastName: '👩‍🚀🚀 こんにちは', Description: 'He said "stay", then left' },
    { LastName: '=1+1', Description: '"' },
    { LastName: '00501', Birthdate: '1988-03-27', DoNotCall: true },
    { LastName: '£££', Birthdate: '1969-12-31', MailingLatitude: -12.5 },
  ];
  const fields = ['LastName', 'Description', 'Birthdate', 'MailingLatitude'];

  test.each<[string, Partial<SalesforceTuning>]>([
    ['by a bulk query', bulkReader],
    ['by REST', restReader],
  ])('created by a job and read %s', async (_way, tuning) => {
    const ids = created(
      await load(
        connector,
        batchOf(
          'create',
          hostile.map((values) => person(null, values)),
        ),
      ),
    );

    const records = await readAll(connect(tuning), requestFor(fields));

    const byId = new Map(records.map((record) => [record.sourceId, record.values]));
    for (const [index, id] of ids.entries()) {
      expect(byId.get(id)).toEqual(fields.map((name) => hostile[index]?.[name] ?? null));
    }
    expect(records).toHaveLength(hostile.length);
    for (const { createdAt, updatedAt } of records) {
      expect([createdAt, updatedAt]).toEqual([
        expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
        expect.stringMatching(/Z$/),
      ]);
    }
  });

  test.each([
    ['collection requests', 3],
    ['a job', 250],
  ])('updated by %s: a blank clears, what is left out stays, and #N/A is a text', async (_way, count) => {
    const ids = created(
      await load(
        connector,
        batchOf(
          'create',
          people(count, () => ({ Phone: '111', Fax: '222' })),
        ),
      ),
    );
    const changes = (index: number): Values =>
      index === 0 ? { Phone: null } : index === 1 ? { Title: 'Chief' } : { Phone: index === 2 ? '#N/A' : '333' };

    const results = await load(connector, batchOf('update', updates(ids, changes)));

    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['updated']));
    const records = await readAll(connector, requestFor(['Phone', 'Fax', 'Title']));
    const byId = new Map(records.map((record) => [record.sourceId, record.values]));
    expect(byId.get(ids[0] ?? '')).toEqual([null, '222', null]);
    expect(byId.get(ids[1] ?? '')).toEqual(['111', '222', 'Chief']);
    expect(byId.get(ids[2] ?? '')).toEqual(['#N/A', '222', null]);
  });
});

describe('each record has its own result', () => {
  test.each([
    ['by a job', false],
    ['by collection requests', true],
  ])('of creates %s', async (_way, allowDuplicates) => {
    const records = [
      person('a@example.com'),
      person('no address'),
      { destinationId: null, key: 'b@example.com', values: { Email: 'b@example.com' } },
      person('c@example.com', { LastName: 'x'.repeat(81) }),
      person(null),
      person(null),
    ];

    const results = await load(
      connector,
      batchOf('create', records, { options: { assignmentRules: false, allowDuplicates } }),
    );

    expect(results).toMatchObject([
      { result: 'created', destinationId: expect.stringMatching(/^003\w{15}$/) },
      { result: 'failed', code: 'INVALID_EMAIL_ADDRESS', field: 'Email' },
      { result: 'failed', code: 'REQUIRED_FIELD_MISSING', field: 'LastName' },
      { result: 'failed', code: 'STRING_TOO_LONG', field: 'LastName' },
      { result: 'created' },
      { result: 'created' },
    ]);
    expect(new Set(created([results[0], results[4], results[5]].filter((result) => result !== undefined))).size).toBe(
      3,
    );
  });

  test('an update of a record that is gone is told as such', async () => {
    const [id = ''] = created(await load(connector, batchOf('create', people(1))));

    const results = await load(
      connector,
      batchOf(
        'update',
        updates([id, '003000000000001AAA'], () => ({ Phone: '1' })),
      ),
    );

    expect(results).toMatchObject([{ result: 'updated' }, { result: 'notFound' }]);
  });
});

describe('reading loses no record and gives none twice', () => {
  const allNames = (records: SourceRecord[]) => records.map(({ values }) => values[0]).sort();
  const expected = (count: number) =>
    people(count)
      .map(({ key }) => key)
      .sort();

  async function givenPeople(count: number): Promise<void> {
    created(await load(connector, batchOf('create', people(count))));
    sandbox.salesforce.clearFaults();
  }

  test('over pages of REST, also when a locator is lost', async () => {
    await givenPeople(4_500);
    sandbox.salesforce.addFault({
      match: { method: 'GET', path: '*/query/*' },
      nth: 2,
      action: { type: 'vendorError', code: 'INVALID_QUERY_LOCATOR', status: 400 },
    });

    const records = await readAll(connect(restReader), requestFor(['Email']));

    expect(allNames(records)).toEqual(expected(4_500));
  });

  test.each<[string, FaultInput]>([
    ['undisturbed', { match: { path: '/nowhere' }, action: { type: 'resetBefore' } }],
    [
      'when files are cut at the end of a row',
      { match: { path: '*/results' }, every: 2, count: 3, action: { type: 'cutBody', at: 'row', ending: 'clean' } },
    ],
    [
      'when files are cut within a letter',
      { match: { path: '*/results' }, every: 2, count: 3, action: { type: 'cutBody', at: 'letter', ending: 'clean' } },
    ],
    ['when connections break', { match: { path: '*/jobs/query*' }, every: 3, action: { type: 'resetBefore' } }],
    [
      'when tokens expire all the time',
      { match: { path: '*/jobs/query*' }, every: 3, action: { type: 'expireTokens' } },
    ],
    [
      'when Salesforce is busy now and then',
      {
        match: { path: '*/jobs/query*' },
        every: 3,
        action: { type: 'vendorError', code: 'SERVER_UNAVAILABLE', status: 503 },
      },
    ],
    [
      'when a maintenance page answers',
      {
        match: { path: '*/results' },
        nth: 2,
        action: { type: 'respond', status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Down</html>' },
      },
    ],
  ])('by a bulk query, %s', async (_when, fault) => {
    await givenPeople(300);
    sandbox.salesforce.addFault(fault);

    const records = await readAll(connect(bulkReader), requestFor(['Email']));

    expect(allNames(records)).toEqual(expected(300));
  });

  test('changed ones are those whose stamp is late enough', async () => {
    await givenPeople(3);
    sandbox.clock.advance(60_000);
    const changedSince = new Date(sandbox.clock.now()).toISOString();
    const records = await readAll(connector, requestFor(['Email']));
    const changed = records[1]?.sourceId ?? '';
    await load(
      connector,
      batchOf(
        'update',
        updates([changed], () => ({ Phone: '1' })),
      ),
    );

    const later = await readAll(connector, requestFor(['Phone'], null, { changedSince }));

    expect(later).toMatchObject([{ sourceId: changed, values: ['1'] }]);
  });
});

describe('nothing is written twice and nothing is lost, whatever happens to an answer', () => {
  const steps: [string, string, string][] = [
    ['the creation of the job', 'POST', '*/jobs/ingest'],
    ['the upload', 'PUT', '*/batches'],
    ['the closing', 'PATCH', '*/jobs/ingest/*'],
    ['a look at the job', 'GET', '*/jobs/ingest/7*'],
    ['the results', 'GET', '*/successfulResults/'],
  ];
  const harms: [string, FaultInput['action']][] = [
    ['the request never arrives', { type: 'resetBefore' }],
    ['the answer is lost', { type: 'resetAfter' }],
    ['the request is applied a minute later', { type: 'late', afterMs: 60_000 }],
    ['the server fails', { type: 'vendorError', code: 'UNKNOWN_EXCEPTION', status: 500 }],
    [
      'the server fails after the effect',
      { type: 'vendorError', code: 'UNKNOWN_EXCEPTION', status: 500, afterEffect: true },
    ],
    ['the token ends', { type: 'expireTokens' }],
  ];
  const cases = steps.flatMap(([step, method, path]) =>
    harms.map(([harm, action]): [string, string, FaultInput] => [
      step,
      harm,
      { match: { method, path }, nth: 1, action },
    ]),
  );

  test.each(cases)('creating, at %s, when %s', async (_step, _harm, fault) => {
    sandbox.salesforce.addFault(fault);

    const results = await load(connector, batchOf('create', people(20)));
    sandbox.clock.advance(120_000);

    created(results);
    expect(sandbox.salesforce.writeLog().map(({ operation }) => operation)).toEqual(Array(20).fill('create'));
  });

  test.each(harms)('updating by collection requests, when %s', async (_harm, action) => {
    const ids = created(await load(connector, batchOf('create', people(20))));
    sandbox.salesforce.addFault({ match: { method: 'PATCH', path: '*/composite/sobjects' }, nth: 1, action });

    const results = await load(
      connector,
      batchOf(
        'update',
        updates(ids, (index) => ({ Phone: `${index}` })),
      ),
    );
    sandbox.clock.advance(120_000);

    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['updated']));
    const records = await readAll(connector, requestFor(['Phone']));
    expect(records.map(({ values }) => values[0]).sort()).toEqual(ids.map((_id, index) => `${index}`).sort());
  });

  test('when a part of a collection is applied before the server fails, the whole is repeated with the same values', async () => {
    const ids = created(await load(connector, batchOf('create', people(20))));
    sandbox.salesforce.addFault({
      match: { method: 'PATCH', path: '*/composite/sobjects' },
      nth: 1,
      action: { type: 'partial', records: 12 },
    });

    const results = await load(
      connector,
      batchOf(
        'update',
        updates(ids, () => ({ Phone: '7' })),
      ),
    );

    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['updated']));
    const records = await readAll(connector, requestFor(['Phone']));
    expect(records.map(({ values }) => values[0])).toEqual(ids.map(() => '7'));
  });
});

describe('limits', () => {
  test('when the quota is used up, it says when to try again, and a second call is not even sent', async () => {
    sandbox.salesforce.addFault({
      match: { path: '*/query*' },
      action: {
        type: 'vendorError',
        code: 'REQUEST_LIMIT_EXCEEDED',
        message: 'TotalRequests Limit exceeded.',
        status: 403,
      },
    });
    const calls = () => sandbox.salesforce.counters().reduce((sum, { count }) => sum + count, 0);
    const [cursor] = await connector.planRead(requestFor(['Email']), signal);

    await expect(connector.readPage(requestFor(['Email']), cursor ?? {}, signal)).rejects.toMatchObject({
      code: 'REQUEST_LIMIT_EXCEEDED',
      advice: { retry: 'whenQuotaResets' },
    });
    const before = calls();
    await expect(connector.describe('Lead', signal)).rejects.toMatchObject({ advice: { retry: 'whenQuotaResets' } });
    expect(calls()).toBe(before);
  });
});

describe('looking up keys', () => {
  const keys = ['ana+news@example.com', "o'neil@example.org", 'a&b@example.com', 'x%2by@example.com', 'a.@example.com'];

  test('finds what Salesforce holds equal, and nothing else', async () => {
    const ids = created(
      await load(
        connector,
        batchOf(
          'create',
          keys.map((key) => person(key, { Phone: key })),
        ),
      ),
    );

    const found = await connector.findByKey(
      {
        object: contact,
        field: 'Email',
        keys: [...keys.map((key) => key.toUpperCase()), 'nobody@example.com'],
        fields: ['Phone'],
      },
      signal,
    );

    expect(found).toHaveLength(keys.length);
    for (const [index, key] of keys.entries()) {
      expect(found).toContainEqual({ destinationId: ids[index], key, values: { Phone: key } });
    }
  });

  test('a key that several records hold gives all of them; by Id there is no key', async () => {
    const ids = created(
      await load(
        connector,
        batchOf('create', [person('same@example.com'), person('same@example.com', { LastName: 'Other' })]),
      ),
    );

    const byEmail = await connector.findByKey(
      { object: contact, field: 'Email', keys: ['same@example.com'], fields: [] },
      signal,
    );
    const byId = await connector.findByKey(
      { object: contact, field: 'Id', keys: [ids[0]?.slice(0, 15) ?? ''], fields: [] },
      signal,
    );

    expect(byEmail.map(({ destinationId }) => destinationId).sort()).toEqual([...ids].sort());
    expect(byId).toEqual([{ destinationId: ids[0], key: null, values: {} }]);
  });
});

describe('whoever evaluates a filter, it selects the same records', () => {
  const names = [
    "O'Brien \\ Sons",
    'Edge\\Communications',
    '100% Juice_Co',
    '100x JuiceACo',
    "x') OR (LastName LIKE '%",
    'groß',
    'ÉTÉ',
  ];
  const phones: Value[] = [null, '111', '+43 1 5550100'];
  const days: Value[] = [null, '2026-02-28', '2026-03-01', '2026-05-25', '2026-05-31', '2026-06-01', '2027-01-01'];
  const text = fc.oneof(
    fc.constantFrom(...names, 'juice', '%', '_', 'o', 'Edge\\', '_co', '111'),
    fc.string({ maxLength: 4, minLength: 1 }),
  );
  const scalarCondition = fc.oneof(
    fc.record({
      column: fc.constantFrom('LastName', 'Phone'),
      operator: fc.constantFrom('equals', 'notEquals', 'contains', 'notContains', 'startsWith', 'endsWith'),
      value: text,
    }),
    fc.record({
      column: fc.constantFrom('LastName', 'Phone'),
      operator: fc.constantFrom('in', 'notIn'),
      value: fc.array(text, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      column: fc.constantFrom('LastName', 'Phone', 'EmailBouncedDate', 'MailingLatitude', 'Birthdate'),
      operator: fc.constantFrom('isEmpty', 'isNotEmpty'),
    }),
    fc.record({
      column: fc.constant('MailingLatitude'),
      operator: fc.constantFrom('equals', 'notEquals', 'lessThan', 'lessOrEqual', 'greaterThan', 'greaterOrEqual'),
      value: fc.constantFrom(-12.5, 0, 3),
    }),
    fc.record({
      column: fc.constant('Birthdate'),
      operator: fc.constantFrom('equals', 'lessThan', 'greaterOrEqual'),
      value: fc.constantFrom('2026-02-28', '2026-03-01'),
    }),
    fc.record({
      column: fc.constant('EmailBouncedDate'),
      operator: fc.constantFrom('equals', 'notEquals', 'lessThan', 'lessOrEqual', 'greaterThan', 'greaterOrEqual'),
      value: fc.constantFrom(
        '2026-02-28',
        '2026-03-01',
        '2026-05-31',
        '2026-03-01T10:00:00Z',
        '2026-03-01T10:00:00.500Z',
      ),
    }),
    fc.record({
      column: fc.constant('EmailBouncedDate'),
      operator: fc.constantFrom('inLast', 'inNext'),
      value: fc.record({
        amount: fc.integer({ min: 1, max: 100 }),
        unit: fc.constantFrom('minute', 'hour', 'day', 'week', 'month'),
      }),
    }),
  ) as fc.Arbitrary<Filter>;
  const filters = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3 },
      scalarCondition,
      fc.record({ all: fc.array(tie('filter'), { maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('filter'), { maxLength: 3 }) }),
      fc.record({ not: tie('filter') }),
    ),
  })).filter;

  test('a filter that is split gives what the whole one gives', async () => {
    const records = names.flatMap((LastName, index) =>
      days.map((Birthdate, day) =>
        person(null, {
          LastName,
          Phone: phones[(index + day) % phones.length] ?? null,
          Birthdate,
          MailingLatitude: day % 3 === 0 ? null : index % 2 === 0 ? -12.5 : 3,
        }),
      ),
    );
    const ids = created(await load(connector, batchOf('create', records)));
    const bounced = [
      null,
      '2026-02-28T22:59:59.000Z',
      '2026-02-28T23:00:00.000Z',
      '2026-03-01T10:00:00.000Z',
      '2026-05-31T22:00:00.000Z',
      '2026-06-01T11:30:00.000Z',
    ];
    await load(
      connector,
      batchOf(
        'update',
        updates(ids, (index) => ({ EmailBouncedDate: bounced[index % bounced.length] ?? null })),
      ),
    );
    const fields = ['LastName', 'Phone', 'Birthdate', 'MailingLatitude', 'EmailBouncedDate'];
    const everything = await readAll(connector, requestFor(fields));
    const context = { asOf: '2026-06-01T12:00:00.000Z', timeZone: 'Europe/Vienna' };
    const selected = (among: SourceRecord[], filter: Filter | null) => {
      const holds = filter ? compileFilter(filter, contact, context) : () => true;
      const named = ({ values }: SourceRecord) =>
        Object.fromEntries(fields.map((name, index) => [name, values[index] ?? null]));
      return among
        .filter((record) => holds(named(record)))
        .map(({ sourceId }) => sourceId)
        .sort();
    };

    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const request = requestFor(fields, filter);
        const { local } = connector.splitFilter(request);

        expect(selected(await readAll(connector, request), local)).toEqual(selected(everything, filter));
      }),
      { numRuns: 150 },
    );
  });
});

describe('when a run is stopped', () => {
  test('a job in flight is aborted, and every record has a result', async () => {
    const stop = new AbortController();
    sandbox.salesforce.addFault({
      match: { method: 'GET', path: '*/jobs/ingest/7*' },
      nth: 1,
      action: { type: 'delay', ms: 200 },
    });
    const batch = batchOf('create', people(50));
    const handle = await connector.prepare(batch, signal);
    setTimeout(100).then(() => stop.abort(new Error('stopped by the test')));

    const results = await connector.write(batch, handle, stop.signal);

    const applied = sandbox.salesforce.writeLog().length;
    expect(results.filter(({ result }) => result === 'created')).toHaveLength(applied);
    expect(results.filter(({ result }) => result === 'again')).toHaveLength(50 - applied);
  });
});
