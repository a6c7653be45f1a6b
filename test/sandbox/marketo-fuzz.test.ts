import { toCustomObjectType } from '../../src/sandbox/marketo/object-types';
import fc from '../support/fast-check';
import { propertyRuns } from '../support/property-runs';
import { type Envelope, type MarketoFixture, startMarketo, until } from './marketo-host';
import { inputs, names, records, values } from './marketo-inputs';

/** Whatever comes in, the vendor's way of refusing comes out: never a crash, never 611, nothing changed by a refused call. */
describe('any input', () => {
  let marketo: MarketoFixture;
  let headers: Record<string, string>;
  let listId: number;
  let programId: number;
  beforeAll(async () => {
    marketo = await startMarketo({ callsPerDay: 0, jobsInQueue: 0, jobMs: 0 });
    listId = marketo.vendor.stores.lists.add({ name: 'Fuzz' }).id;
    programId = marketo.vendor.programs.add({ name: 'Fuzz' }).id;
    marketo.vendor.stores.objects.keepCustomType(
      toCustomObjectType({
        name: 'fuzz_c',
        dedupeFields: ['key'],
        leadField: 'leadId',
        fields: [
          { name: 'key', displayName: 'Key', dataType: 'string' },
          { name: 'leadId', displayName: 'Lead', dataType: 'integer' },
        ],
      }),
    );
    headers = { Authorization: `Bearer ${await marketo.token()}` };
  });
  afterAll(async () => {
    const writes = marketo.host.writeLog();
    await marketo.close();
    expect(marketo.defects).toEqual([]);
    // that much was not refused: the cases reach further than the first check
    expect(writes.length).toBeGreaterThan(20);
  });

  const call = async (path: string, init: RequestInit = {}): Promise<Envelope | number> => {
    const answer = await fetch(marketo.url + path, { ...init, headers: { ...headers, ...init.headers } });
    const text = await answer.text();
    if (!String(answer.headers.get('content-type')).startsWith('application/json')) return answer.status;
    const envelope = JSON.parse(text) as Envelope;
    expect(envelope.requestId).toMatch(/^[0-9a-f]+#[0-9a-f]+$/);
    expect(envelope.errors?.map(({ code }) => code) ?? []).not.toContain('611');
    return envelope;
  };
  const json = (path: string, body: unknown) =>
    call(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) ?? '' });
  const expectNoDefect = (): void => expect(marketo.defects).toEqual([]);

  test('when a sync body is anything at all, each record has its result or the call its code', async () => {
    const paths = [
      '/rest/v1/leads.json',
      '/rest/v1/leads/delete.json',
      '/rest/v1/companies.json',
      '/rest/v1/companies/delete.json',
      '/rest/v1/opportunities.json',
      '/rest/v1/opportunities/roles.json',
      '/rest/v1/salespersons.json',
      '/rest/v1/namedaccounts.json',
      '/rest/v1/customobjects/fuzz_c.json',
      '/rest/v1/customobjects/fuzz_c/delete.json',
      '/rest/v1/leads/push.json',
      '/rest/v1/leads/partitions.json',
      '/rest/v1/activities/external.json',
      '/rest/v1/leads/schema/fields.json',
      '/rest/v1/leads/schema/fields/crmKey.json',
      '/rest/v1/companies.json?_method=GET',
      '/rest/v1/opportunities/roles.json?_method=GET',
      `/rest/v1/lists/${listId}/leads.json`,
      `/rest/v1/programs/${programId}/members.json`,
      `/rest/v1/programs/${programId}/members/status.json`,
      `/rest/v1/programs/${programId}/members/delete.json`,
    ];
    const body = fc.record(
      {
        action: fc.oneof(
          { weight: 9, arbitrary: fc.constantFrom('createOnly', 'updateOnly', 'createOrUpdate', 'createDuplicate') },
          { weight: 1, arbitrary: values },
        ),
        lookupField: fc.oneof(names, values),
        dedupeBy: fc.oneof(fc.constantFrom('idField', 'dedupeFields'), values),
        deleteBy: fc.oneof(fc.constantFrom('idField', 'dedupeFields'), values),
        filterType: fc.oneof(names, fc.constant('dedupeFields'), values),
        fields: fc.oneof(fc.array(names), values),
        programName: values,
        statusName: fc.oneof(fc.constantFrom('Invited', 'Attended'), values),
        nextPageToken: values,
        batchSize: values,
        input: inputs,
      },
      { requiredKeys: ['input'] },
    );
    const plainBody = fc.record(
      {
        action: fc.constantFrom('createOnly', 'updateOnly', 'createOrUpdate'),
        statusName: fc.constantFrom('Invited', 'Attended'),
        programName: fc.constant('Fuzz'),
        input: fc.array(records, { minLength: 1, maxLength: 6 }),
      },
      { requiredKeys: ['input', 'statusName', 'programName'] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom(...paths), fc.constantFrom('/rest/v1/leads.json', '/rest/v1/companies.json')),
        fc.oneof({ weight: 9, arbitrary: plainBody }, { weight: 9, arbitrary: body }, { weight: 1, arbitrary: values }),
        async (path, sent) => {
          const answer = await json(path, sent);
          expect(typeof answer).toBe('object');
          expectNoDefect();
          const input = (sent as { input?: unknown[] } | null)?.input;
          const isWrite = !path.includes('_method=GET') && !path.includes('schema/fields/');
          if (isWrite && typeof answer === 'object' && answer.success)
            expect(answer.result).toHaveLength(input?.length ?? -1);
        },
      ),
      propertyRuns(600),
    );
  }, 120_000);

  test('when a body is not even JSON, it is 609, 612, 613 or 413', async () => {
    const paths = [
      '/rest/v1/leads.json',
      '/bulk/v1/leads/export/create.json',
      '/bulk/v1/leads.json?format=csv',
      '/identity/oauth/token',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.constantFrom(
          'application/json',
          'text/plain',
          'multipart/form-data',
          'multipart/form-data; boundary=x',
          'application/x-www-form-urlencoded',
          '',
        ),
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          fc
            .string()
            .map((text) =>
              new TextEncoder().encode(
                `--x\r\nContent-Disposition: form-data; name="file"; filename="${text}\r\n\r\n${text}`,
              ),
            ),
        ),
        async (path, contentType, bytes) => {
          const answer = await fetch(marketo.url + path, {
            method: 'POST',
            headers: { ...headers, 'Content-Type': contentType },
            body: Buffer.from(bytes),
          });
          const envelope = (await answer.json()) as Envelope & { error?: string };
          expect(envelope.error ?? envelope.errors?.[0]?.code).toBeDefined();
          expectNoDefect();
        },
      ),
      propertyRuns(200),
    );
  }, 60_000);

  test('when parameters of a query are anything at all, it is answered', async () => {
    const paths = [
      '/rest/v1/leads.json',
      '/rest/v1/lead/1.json',
      '/rest/v1/companies.json',
      '/rest/v1/customobjects/fuzz_c.json',
      '/rest/v1/lists.json',
      `/rest/v1/lists/${listId}/leads.json`,
      `/rest/v1/lists/${listId}/leads/ismember.json`,
      '/rest/v1/activities.json',
      '/rest/v1/activities/leadchanges.json',
      '/rest/v1/activities/deletedleads.json',
      '/rest/v1/activities/pagingtoken.json',
      `/rest/v1/programs/${programId}/members.json`,
      '/bulk/v1/leads/export.json',
      '/rest/v1/leads/schema/fields.json',
      '/rest/asset/v1/staticLists.json',
      '/rest/v1/customobjects.json',
    ];
    const parameter = fc.oneof(
      names,
      fc.string({ unit: 'binary' }),
      fc.constantFrom('1', '1,2', '-1', '9999999999999999', '2026-01-01T00:00:00Z', 'GIYDENQ=', 'updatedAt', '12,13'),
    );
    const parameters = fc.dictionary(
      fc.constantFrom(
        'filterType',
        'filterValues',
        'fields',
        'batchSize',
        'nextPageToken',
        'id',
        'name',
        'activityTypeIds',
        'leadIds',
        'listId',
        'sinceDatetime',
        'startAt',
        'endAt',
        'status',
        'offset',
        'maxReturn',
        'assetIds',
      ),
      parameter,
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), parameters, fc.boolean(), async (path, given, byForm) => {
        const query = new URLSearchParams(given);
        await (byForm ? call(`${path}?_method=GET`, { method: 'POST', body: query }) : call(`${path}?${query}`));
        expectNoDefect();
      }),
      propertyRuns(400),
    );
  }, 60_000);

  test('when a path is anything at all, it is answered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          '/rest/v1/lead/',
          '/rest/v1/lists/',
          '/bulk/v1/leads/export/',
          '/bulk/v1/leads/batch/',
          '/rest/v1/customobjects/',
          '/',
        ),
        fc.webPath(),
        fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH'),
        async (prefix, rest, method) => {
          await call(`${prefix}${rest.slice(1)}`, { method });
          expectNoDefect();
        },
      ),
      propertyRuns(150),
    );
  }, 60_000);

  test('when an extract is asked for with anything at all, it is made or refused', async () => {
    const range = fc.record({ startAt: values, endAt: values }, { requiredKeys: [] });
    const filter = fc.dictionary(
      fc.constantFrom(
        'createdAt',
        'updatedAt',
        'staticListId',
        'staticListName',
        'smartListId',
        'activityTypeIds',
        'primaryAttributeValues',
        'programId',
        'programIds',
        'statusNames',
        '__proto__',
      ),
      fc.oneof(range, values, fc.constant({ startAt: '2026-08-01T00:00:00Z', endAt: '2026-08-31T00:00:00Z' })),
      { maxKeys: 3 },
    );
    let completed = 0;
    const valid = fc.record({
      fields: fc.subarray(['id', 'email', 'firstName', 'score__c', 'company', 'leadId', 'createdAt'], { minLength: 1 }),
      filter: fc.constantFrom('createdAt', 'updatedAt').map((name) => ({
        [name]: { startAt: '2026-08-01T00:00:00Z', endAt: '2026-08-31T00:00:00Z' },
      })),
    });
    const anything = fc.record(
      {
        format: fc.oneof(fc.constantFrom('CSV', 'TSV', 'SSV'), values),
        fields: fc.oneof(fc.array(names), values),
        columnHeaderNames: fc.oneof(fc.dictionary(names, fc.string()), values),
        filter: fc.oneof(filter, values),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('leads', 'activities', 'program/members', 'customobjects/fuzz_c'),
        fc.oneof(anything, valid),
        async (object, sent) => {
          const answer = await json(`/bulk/v1/${object}/export/create.json`, sent);
          expectNoDefect();
          const exportId = typeof answer === 'object' ? answer.result?.[0]?.exportId : undefined;
          if (exportId === undefined) return;
          await call(`/bulk/v1/${object}/export/${exportId}/enqueue.json`, { method: 'POST' });
          const state = await until(
            async () =>
              ((await call(`/bulk/v1/${object}/export/${exportId}/status.json`)) as Envelope).result?.[0].status,
            (status) => status === 'Completed' || status === 'Failed',
          );
          expect(state).toBe('Completed');
          completed += 1;
        },
      ),
      propertyRuns(150),
    );
    expect(completed).toBeGreaterThan(4);
  }, 120_000);

  test('when an imported file is anything at all, its job ends with every row accounted for', async () => {
    const header = fc.uniqueArray(
      fc.constantFrom('email', 'firstName', 'score__c', 'renewalDate', 'crmKey', 'unsubscribed'),
      { minLength: 1, maxLength: 4 },
    );
    const cell = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('', 'a@example.org', '"', '""', ',', '\n', '\r\n', '12', 'true', '"a"b"'),
    );
    const file = fc
      .tuple(header, fc.array(fc.array(cell, { maxLength: 5 }), { maxLength: 8 }))
      .map(([columns, lines]) => [columns, ...lines].map((cells) => cells.join(',')).join('\n'));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 4, arbitrary: file }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) }),
        fc.constantFrom('csv', 'tsv', 'ssv'),
        async (text, format) => {
          const form = new FormData();
          form.append('file', new Blob([text]), 'f');
          const answer = (await call(`/bulk/v1/leads.json?format=${format}`, {
            method: 'POST',
            body: form,
          })) as Envelope;
          expectNoDefect();
          const batchId = answer.result?.[0].batchId;
          if (batchId === undefined) return;
          const job = await until(
            async () => ((await call(`/bulk/v1/leads/batch/${batchId}.json`)) as Envelope).result?.[0],
            ({ status }) => status === 'Complete' || status === 'Failed',
          );
          expect(job.status).toBe('Complete');
          await call(`/bulk/v1/leads/batch/${batchId}/failures.json`);
          await call(`/bulk/v1/leads/batch/${batchId}/warnings.json`);
          expectNoDefect();
        },
      ),
      propertyRuns(100),
    );
  }, 120_000);
});
