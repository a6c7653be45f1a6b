import { setTimeout } from 'node:timers/promises';
import type { SalesforceTuning } from '../../src/connectors/salesforce/tuning';
import type { Values } from '../../src/domain/object-description';
import {
  bulkReader,
  created,
  load,
  people,
  person,
  readAll,
  restReader,
  signal,
  updates,
  useSalesforce,
} from '../support/salesforce-rig';

const rig = useSalesforce();

describe('what the organisation is and has', () => {
  test('a test signs in and names organisation, user and quota', async () => {
    expect(await rig.connector.test(signal)).toEqual({
      identity: expect.stringMatching(/^00D\w{15}$/),
      account: expect.stringContaining('@'),
      quota: { used: expect.any(Number), limit: expect.any(Number) },
    });
  });

  test('objects beside others are hidden', async () => {
    const objects = await rig.connector.objects(signal);

    expect(objects).toContainEqual({ name: 'Contact', label: 'Contact', readable: true, writable: true });
    expect(objects.filter(({ name }) => /(History|Share|Feed|ChangeEvent|Tag)$/.test(name))).toEqual([]);
  });

  test('a description tells what can be mapped, what is required, and what people are matched by', () => {
    const field = (name: string) => rig.contact.fields.find((candidate) => candidate.name === name);

    expect(rig.contact).toMatchObject({
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
    expect(field('Id')).toMatchObject({ unique: true, externalId: false });
    expect(field('Email')).toMatchObject({ unique: false, externalId: false });
  });

  test.each([
    ['Shared__c', false],
    ['Own__c', true],
  ])('a description tells that %s is an external Id, and whether it is unique: %s', async (name, unique) => {
    rig.sandbox.salesforce.vendor.org.declareField('Contact', {
      name,
      type: 'string',
      length: 40,
      externalId: true,
      unique,
    });

    const { fields } = await rig.connect().describe('Contact', signal);

    expect(fields.find((field) => field.name === name)).toMatchObject({ unique, externalId: true, matchable: true });
  });

  test.each(['Nothing__c', 'no object; DROP'])('an unknown object is an error for a person: %s', async (name) => {
    await expect(rig.connector.describe(name, signal)).rejects.toMatchObject({
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
        rig.connector,
        rig.batchOf(
          'create',
          hostile.map((values) => person(null, values)),
        ),
      ),
    );

    const records = await readAll(rig.connect(tuning), rig.requestFor(fields));

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
        rig.connector,
        rig.batchOf(
          'create',
          people(count, () => ({ Phone: '111', Fax: '222' })),
        ),
      ),
    );
    const changes = (index: number): Values =>
      index === 0 ? { Phone: null } : index === 1 ? { Title: 'Chief' } : { Phone: index === 2 ? '#N/A' : '333' };

    const results = await load(rig.connector, rig.batchOf('update', updates(ids, changes)));

    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['updated']));
    const records = await readAll(rig.connector, rig.requestFor(['Phone', 'Fax', 'Title']));
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
      rig.connector,
      rig.batchOf('create', records, { options: { assignmentRules: false, allowDuplicates } }),
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
    const [id = ''] = created(await load(rig.connector, rig.batchOf('create', people(1))));

    const results = await load(
      rig.connector,
      rig.batchOf(
        'update',
        updates([id, '003000000000001AAA'], () => ({ Phone: '1' })),
      ),
    );

    expect(results).toMatchObject([{ result: 'updated' }, { result: 'notFound' }]);
  });
});

describe('limits', () => {
  test('when the quota is used up, it says when to try again, and a second call is not even sent', async () => {
    rig.sandbox.salesforce.addFault({
      match: { path: '*/query*' },
      action: {
        type: 'vendorError',
        code: 'REQUEST_LIMIT_EXCEEDED',
        message: 'TotalRequests Limit exceeded.',
        status: 403,
      },
    });
    const calls = () => rig.sandbox.salesforce.counters().reduce((sum, { count }) => sum + count, 0);
    const [cursor] = await rig.connector.planRead(rig.requestFor(['Email']), signal);

    await expect(rig.connector.readPage(rig.requestFor(['Email']), cursor ?? {}, signal)).rejects.toMatchObject({
      code: 'REQUEST_LIMIT_EXCEEDED',
      advice: { retry: 'whenQuotaResets' },
    });
    const before = calls();
    await expect(rig.connector.describe('Lead', signal)).rejects.toMatchObject({
      advice: { retry: 'whenQuotaResets' },
    });
    expect(calls()).toBe(before);
  });
});

describe('when a run is stopped', () => {
  test('a job in flight is aborted, and every record has a result', async () => {
    const stop = new AbortController();
    rig.sandbox.salesforce.addFault({
      match: { method: 'GET', path: '*/jobs/ingest/7*' },
      nth: 1,
      action: { type: 'delay', ms: 200 },
    });
    const batch = rig.batchOf('create', people(50));
    const handle = await rig.connector.prepare(batch, signal);
    setTimeout(100).then(() => stop.abort(new Error('stopped by the test')));

    const results = await rig.connector.write(batch, handle, stop.signal);

    const applied = rig.sandbox.salesforce.writeLog().length;
    expect(results.filter(({ result }) => result === 'created')).toHaveLength(applied);
    expect(results.filter(({ result }) => result === 'again')).toHaveLength(50 - applied);
  });
});
