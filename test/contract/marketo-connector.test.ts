import { setTimeout } from 'node:timers/promises';
import type { Connector, Cursor, Page, ReadRequest, SourceRecord, WriteBatch } from '../../src/connectors/connector';
import { createMarketoConnector } from '../../src/connectors/marketo/connector';
import { marketoSettings } from '../../src/domain/connection';
import type { Filter } from '../../src/domain/definition';
import type { ObjectDescription } from '../../src/domain/object-description';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { connectorDeps } from '../support/connector-deps';

const signal = new AbortController().signal;
let sandbox: Sandbox;
let connector: Connector;

beforeAll(async () => {
  sandbox = await startSandbox({});
});
afterAll(() => sandbox.stop());

const connect = (secret = 'sandbox') =>
  createMarketoConnector(
    marketoSettings.parse({ baseUrl: sandbox.marketo.url, clientId: 'sandbox', clientSecret: secret, quotaShare: 1 }),
    connectorDeps(),
  );

beforeEach(() => {
  // a fresh window of calls
  sandbox.clock.advance(20_000);
  connector = connect();
});

const requestFor = (object: ObjectDescription, fields: string[], filter: Filter | null = null): ReadRequest => ({
  object,
  fields,
  filter,
  changedSince: null,
  asOf: new Date(sandbox.clock.now() + 1_000).toISOString(),
  timeZone: 'UTC',
});

async function readAll(request: ReadRequest): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (const first of await connector.planRead(request, signal)) {
    for (let cursor: Cursor | null = first; cursor; ) {
      const page: Page = await connector.readPage(request, cursor, signal);
      records.push(...page.records);
      // the system said when to ask again
      await setTimeout(page.waitMs ?? 0);
      cursor = page.next;
    }
  }
  return records;
}

const batchOf = (object: ObjectDescription, more: Partial<WriteBatch>): WriteBatch => ({
  batchId: '00000000-0000-4000-8000-000000000001',
  object,
  operation: 'create',
  matchField: 'email',
  records: [],
  options: { assignmentRules: false, allowDuplicates: false },
  sentAt: null,
  ...more,
});

const person = (email: string | null, values: Record<string, string | number | null> = {}) => ({
  destinationId: null,
  key: email,
  values: { ...(email === null ? {} : { email }), ...values },
});

async function givenPeople(...emails: (string | null)[]): Promise<string[]> {
  const lead = await connector.describe('Lead', signal);
  const records = emails.map((email, index) => person(email, { firstName: `Person ${index}`, lastName: 'Sample' }));
  const results = await connector.write(batchOf(lead, { records }), null, signal);
  return results.map((result) => ('destinationId' in result ? String(result.destinationId) : ''));
}

test('a connection is tested by signing in and reading the usage', async () => {
  expect(await connector.test(signal)).toMatchObject({ quota: { limit: 50_000 } });
});

test('refused credentials say what to do, and are not tried again by themselves', async () => {
  connector = connect('wrong');

  const refusal = { code: 'SIGN_IN_REFUSED', advice: { retry: 'never' } };
  await expect(connector.objects(signal)).rejects.toMatchObject(refusal);
  await expect(connector.objects(signal)).rejects.toMatchObject(refusal);
  await expect(connector.objects(signal)).rejects.toThrow(/Enter the client id and secret/);
});

test('people and companies are described, and an unknown object is named', async () => {
  const lead = await connector.describe('Lead', signal);
  const company = await connector.describe('Company', signal);

  expect(lead.fields.find(({ name }) => name === 'email')).toMatchObject({
    type: 'email',
    matchable: true,
    length: 255,
  });
  expect(lead.fields.find(({ name }) => name === 'id')).toMatchObject({
    type: 'id',
    createable: false,
    updateable: false,
  });
  expect(company.fields.find(({ name }) => name === 'externalCompanyId')).toMatchObject({
    required: true,
    createable: true,
  });
  await expect(connector.describe('Nothing', signal)).rejects.toMatchObject({ code: 'UNKNOWN_OBJECT' });
});

test('people are exported with their text as it is: quotes, commas, line breaks, letters beyond ASCII', async () => {
  const lead = await connector.describe('Lead', signal);
  const text = 'He said "stay",\nthen\r\nleft — Straße 👩‍🚀';
  const records = [person('export@example.com', { mktoPersonNotes: text, lastName: 'Łódź' })];
  await connector.write(batchOf(lead, { records }), null, signal);

  const read = await readAll(requestFor(lead, ['email', 'mktoPersonNotes', 'lastName', 'phone', 'unsubscribed']));

  const found = read.find(({ values }) => values[0] === 'export@example.com');
  expect(found?.values).toEqual(['export@example.com', text, 'Łódź', null, false]);
  expect(found?.createdAt).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.000Z$/);
});

test('a filter on a key is asked of Marketo, the rest is left to the caller', async () => {
  await givenPeople('ana+news@example.com', 'ben@example.com', 'eve@example.com');
  const lead = await connector.describe('Lead', signal);
  const byKey = { column: 'email', operator: 'in' as const, value: ['ana+news@example.com', 'ben@example.com'] };
  const local = { column: 'country', operator: 'equals' as const, value: 'DE' };
  const request = requestFor(lead, ['email'], { all: [byKey, local] });

  expect(connector.splitFilter(request)).toMatchObject({ pushed: byKey, local, apiCalls: 1 });
  const read = await readAll(request);
  expect(read.map(({ values }) => values[0]).sort()).toEqual(['ana+news@example.com', 'ben@example.com']);
});

test('keys are looked up by their value, several hits and none included, and one with a comma is not asked for', async () => {
  await givenPeople('found@example.com');
  const lead = await connector.describe('Lead', signal);
  const keys = ['found@example.com', 'nobody@example.com', 'Smith, Jones'];

  const found = await connector.findByKey({ object: lead, field: 'email', keys, fields: ['firstName'] }, signal);

  expect(found).toMatchObject([{ key: 'found@example.com', values: { firstName: 'Person 0' } }]);
});

test('a create says which key was there already, an update which record is gone; results keep their order', async () => {
  const [id = ''] = await givenPeople('order@example.com');
  const lead = await connector.describe('Lead', signal);
  const creates = [person('new-1@example.com'), person('order@example.com'), person(null, { lastName: 'Keyless' })];
  const updates = [
    { destinationId: '99999999', key: 'x', values: { firstName: 'X' } },
    { destinationId: id, key: 'order@example.com', values: { firstName: 'Changed', phone: null } },
  ];

  const created = await connector.write(batchOf(lead, { records: creates }), null, signal);
  const updated = await connector.write(batchOf(lead, { operation: 'update', records: updates }), null, signal);

  expect(created.map(({ result }) => result)).toEqual(['created', 'exists', 'created']);
  expect(updated).toMatchObject([{ result: 'notFound' }, { result: 'updated', destinationId: id }]);
});

test('a refused value fails its record alone, naming the field', async () => {
  const lead = await connector.describe('Lead', signal);
  const records = [person('good@example.com'), person('bad@example.com', { leadScore: 'many' })];

  const results = await connector.write(batchOf(lead, { records }), null, signal);

  expect(results).toMatchObject([{ result: 'created' }, { result: 'failed', code: '1003', field: 'leadScore' }]);
});

test('when the answer to a create is lost, it is sent again, and what is there is told instead of made twice', async () => {
  const lead = await connector.describe('Lead', signal);
  const records = [person('lost-1@example.com'), person('lost-2@example.com')];
  const batch = batchOf(lead, { records, sentAt: new Date(sandbox.clock.now()).toISOString() });
  await connector.write(batch, null, signal);

  const settled = await connector.settle(batch, null, signal);
  const again = await connector.write(batch, null, signal);

  expect(settled).toEqual({ notReceived: true });
  expect(again).toMatchObject([{ result: 'exists' }, { result: 'exists' }]);
});

test('when a create never arrived, it may be sent again', async () => {
  const lead = await connector.describe('Lead', signal);
  const batch = batchOf(lead, {
    records: [person('never@example.com')],
    sentAt: new Date(sandbox.clock.now()).toISOString(),
  });

  expect(await connector.settle(batch, null, signal)).toEqual({ notReceived: true });
});

test('companies are walked by their ids, made by their external id, and updated by their own', async () => {
  const company = await connector.describe('Company', signal);
  const records = ['Johnson & Johnson', 'Smith, Jones Ltd'].map((name, index) => ({
    destinationId: null,
    key: `C-${index}`,
    values: { externalCompanyId: `C-${index}`, company: name },
  }));
  const batch = batchOf(company, { matchField: 'externalCompanyId', records });
  const created = await connector.write(batch, null, signal);
  const [first] = created.map((result) => ('destinationId' in result ? result.destinationId : null));
  const update = { destinationId: first ?? null, key: 'C-0', values: { industry: 'Health Care' } };
  await connector.write({ ...batch, operation: 'update', records: [update] }, null, signal);

  const read = await readAll(requestFor(company, ['externalCompanyId', 'company', 'industry']));

  expect(read.map(({ values }) => values)).toEqual([
    ['C-0', 'Johnson & Johnson', 'Health Care'],
    ['C-1', 'Smith, Jones Ltd', null],
  ]);
});
