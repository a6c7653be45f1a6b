import { toCustomObjectType } from '../../src/sandbox/marketo/object-types';
import { type Envelope, type MarketoFixture, startMarketo, until } from './marketo-host';

describe('opportunities, custom objects, sales persons and named accounts', () => {
  let marketo: MarketoFixture;
  let leadId: number;
  beforeAll(async () => {
    marketo = await startMarketo();
    marketo.vendor.stores.objects.keepCustomType(
      toCustomObjectType({
        name: 'contract_c',
        displayName: 'Contract',
        dedupeFields: ['number', 'country'],
        searchableFields: ['volume'],
        leadField: 'leadId',
        fields: [
          { name: 'number', displayName: 'Number', dataType: 'string', length: 50 },
          { name: 'country', displayName: 'Country', dataType: 'string', length: 2 },
          { name: 'leadId', displayName: 'Lead', dataType: 'integer' },
          { name: 'volume', displayName: 'Volume', dataType: 'integer' },
          { name: 'signed', displayName: 'Signed', dataType: 'boolean' },
        ],
      }),
    );
    leadId = (await marketo.post('/rest/v1/leads.json', { input: [{ email: 'obj@example.org' }] })).result?.[0].id;
  });
  afterAll(async () => {
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });

  const outcomes = ({ result = [], errors }: Envelope): string[] =>
    errors ? errors.map(({ code }) => code) : result.map(({ status, reasons }) => reasons?.[0].code ?? status);
  const sync = (path: string, input: unknown[], more: Record<string, unknown> = {}) =>
    marketo.post(`/rest/v1/${path}.json`, { ...more, input });

  test('when opportunities are synced, name and sales person must be there', async () => {
    await sync('salespersons', [{ externalSalesPersonId: 'S1', email: 's1@example.org' }]);

    const answer = await sync('opportunities', [
      { externalOpportunityId: 'O1', name: 'One', amount: '1000.50', externalSalesPersonId: 'S1' },
      { externalOpportunityId: 'O2' },
      { externalOpportunityId: 'O3', name: 'Three', externalSalesPersonId: 'none' },
      { name: 'No key' },
    ]);

    expect(outcomes(answer)).toEqual(['created', '1003', '718', '1003']);
    expect(answer.result?.[0]).toEqual({
      seq: 0,
      marketoGUID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: 'created',
    });
    const read = await marketo.get('/rest/v1/opportunities.json', {
      filterType: 'externalOpportunityId',
      filterValues: 'o1',
    });
    expect(read.result).toEqual([
      {
        seq: 0,
        marketoGUID: answer.result?.[0].marketoGUID,
        externalOpportunityId: 'O1',
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
    ]);
  });

  test('when roles are synced, their compound key is looked up by POST, and both ends must be there', async () => {
    await sync('opportunities', [{ externalOpportunityId: 'R1', name: 'R' }]);
    const key = { externalOpportunityId: 'R1', leadId, role: 'Decision Maker' };

    const answer = await sync('opportunities/roles', [
      { ...key, isPrimary: true },
      { ...key, externalOpportunityId: 'none' },
      { ...key, leadId: 999999 },
      { externalOpportunityId: 'R1', leadId },
    ]);
    const found = await marketo.post('/rest/v1/opportunities/roles.json?_method=GET', {
      filterType: 'dedupeFields',
      fields: ['isPrimary', 'role'],
      input: [key, { ...key, role: 'Other' }],
    });

    expect(outcomes(answer)).toEqual(['created', '1013', '1004', '1003']);
    expect(found.result).toEqual([
      { seq: 0, marketoGUID: answer.result?.[0].marketoGUID, isPrimary: true, role: 'Decision Maker' },
    ]);
    expect((await marketo.get('/rest/v1/opportunities/roles/describe.json')).result?.[0]).toMatchObject({
      dedupeFields: ['externalOpportunityId', 'leadId', 'role'],
      searchableFields: [
        ['externalOpportunityId', 'leadId', 'role'],
        ['marketoGUID'],
        ['leadId'],
        ['externalOpportunityId'],
      ],
    });
    await marketo.post('/rest/v1/opportunities/delete.json', { input: [{ externalOpportunityId: 'R1' }] });
    const roles = await marketo.get('/rest/v1/opportunities/roles.json', {
      filterType: 'leadId',
      filterValues: String(leadId),
    });
    expect(roles.result).toEqual([]);
  });

  test('when a sales person is in use, it cannot be deleted', async () => {
    await sync('salespersons', [{ externalSalesPersonId: 'S2' }]);
    const remove = () =>
      marketo.post('/rest/v1/salespersons/delete.json', { input: [{ externalSalesPersonId: 'S2' }] });
    await marketo.post('/rest/v1/leads.json', { input: [{ email: 'obj@example.org', externalSalesPersonId: 'S2' }] });

    expect(outcomes(await remove())).toEqual(['1022']);
    await marketo.post('/rest/v1/leads.json', { input: [{ email: 'obj@example.org', externalSalesPersonId: null }] });
    expect(outcomes(await remove())).toEqual(['deleted']);
  });

  test('when named accounts are synced, the name is the key', async () => {
    expect(outcomes(await sync('namedaccounts', [{ name: 'Acme, Inc.', industry: 'Media' }]))).toEqual(['created']);
    expect(outcomes(await sync('namedaccounts', [{ name: 'acme, inc.' }], { action: 'updateOnly' }))).toEqual([
      'updated',
    ]);
  });

  test('when custom objects are listed and described, key, link and fields are named', async () => {
    const list = await marketo.get('/rest/v1/customobjects.json', { names: 'contract_c' });
    const one = await marketo.get('/rest/v1/customobjects/contract_c/describe.json');

    expect(list.result).toEqual([
      expect.objectContaining({
        name: 'contract_c',
        idField: 'marketoGUID',
        dedupeFields: ['number', 'country'],
        relationships: [{ field: 'leadId', type: 'child', relatedTo: { name: 'Lead', field: 'id' } }],
      }),
    ]);
    expect(list.result?.[0]).not.toHaveProperty('fields');
    expect(one.result?.[0].fields).toContainEqual(
      expect.objectContaining({ name: 'number', dataType: 'string', length: 50, updateable: false }),
    );
    expect((await marketo.get('/rest/v1/customobjects/none_c/describe.json')).errors?.[0]?.code).toBe('1013');
    expect((await marketo.get('/rest/v1/customobjects/schema.json')).errors).toEqual([
      { code: '616', message: 'Invalid subscription type' },
    ]);
  });

  test('when custom object records are written, read and deleted, keys decide', async () => {
    const path = 'customobjects/contract_c';
    const key = { number: 'N-1', country: 'AT' };

    expect(
      outcomes(
        await sync(path, [{ ...key, leadId, volume: 5 }, { ...key, country: 'DE', leadId: 999999 }, { number: 'N-2' }]),
      ),
    ).toEqual(['created', '1004', '1003']);
    expect(outcomes(await sync(path, [{ ...key, volume: '' }]))).toEqual(['updated']);
    const read = (filterType: string, filterValues: string) =>
      marketo.get(`/rest/v1/${path}.json`, { filterType, filterValues, fields: 'number,volume,signed' });
    const [record] = (await read('leadId', String(leadId))).result ?? [];
    expect(record).toEqual({ seq: 0, marketoGUID: expect.any(String), number: 'N-1', volume: null, signed: false });
    expect((await read('idField', record.marketoGUID)).result).toHaveLength(1);
    expect((await read('country', 'AT')).errors?.[0]?.code).toBe('1003');
    expect(
      outcomes(
        await sync(path, [{ marketoGUID: record.marketoGUID, signed: true }], {
          action: 'updateOnly',
          dedupeBy: 'idField',
        }),
      ),
    ).toEqual(['updated']);
    const removed = await marketo.post(`/rest/v1/${path}/delete.json`, {
      deleteBy: 'idField',
      input: [{ marketoGUID: record.marketoGUID }, { marketoGUID: 'none' }],
    });
    expect(outcomes(removed)).toEqual(['deleted', '1013']);
  });

  test('when custom objects are imported and extracted in bulk, files and states are theirs', async () => {
    const form = new FormData();
    form.append(
      'file',
      new Blob([`number,country,leadId,volume\nB-1,AT,${leadId},7\nB-2,,${leadId},7\nB-3,AT,,x\n`]),
      'c.csv',
    );
    const base = '/bulk/v1/customobjects/contract_c';
    const answer = await marketo.send(`${base}/import.json?format=csv`, { method: 'POST', body: form });
    const { batchId } = ((await answer.json()) as Envelope).result?.[0] ?? {};
    const job = await until(
      async () => (await marketo.get(`${base}/import/${batchId}/status.json`)).result?.[0],
      ({ status }) => status === 'Complete',
    );
    expect(job).toMatchObject({
      operation: 'import',
      objectApiName: 'contract_c',
      numOfObjectsProcessed: 1,
      numOfRowsFailed: 2,
      importTime: expect.stringMatching(/second\(s\)$/),
    });
    const failures = await (await marketo.send(`${base}/import/${batchId}/failures.json`)).text();
    expect(failures).toContain('missing.dedupe.fields');
    expect((await marketo.send(`${base}/import/${batchId}/warnings.json`)).status).toBe(404);

    const created = await marketo.post(`${base}/export/create.json`, {
      fields: ['number', 'volume', 'signed'],
      filter: { updatedAt: { startAt: '2026-08-30T00:00:00Z', endAt: '2026-08-31T00:00:00Z' } },
    });
    const { exportId } = created.result?.[0] ?? {};
    await marketo.post(`${base}/export/${exportId}/enqueue.json`);
    await until(
      async () => (await marketo.get(`${base}/export/${exportId}/status.json`)).result?.[0],
      ({ status }) => status === 'Completed',
    );
    expect(await (await marketo.send(`${base}/export/${exportId}/file.json`)).text()).toBe(
      'number,volume,signed\nB-1,7,false\n',
    );
    const badFilter = await marketo.post(`${base}/export/create.json`, {
      fields: ['number'],
      filter: { createdAt: {} },
    });
    expect(badFilter.errors?.[0]?.code).toBe('1003');
  });
});

describe('program members', () => {
  let marketo: MarketoFixture;
  let ids: number[];
  let programId: number;
  beforeAll(async () => {
    marketo = await startMarketo();
    const input = Array.from({ length: 3 }, (_, index) => ({ email: `pm${index}@example.org` }));
    ids = ((await marketo.post('/rest/v1/leads.json', { input })).result ?? []).map(({ id }) => id);
    programId = marketo.vendor.programs.add({ name: 'Webinar' }).id;
  });
  afterAll(async () => {
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });
  const base = () => `/rest/v1/programs/${programId}/members`;
  const outcomes = ({ result = [], errors }: Envelope): string[] =>
    errors ? errors.map(({ code }) => code) : result.map(({ status, reasons }) => reasons?.[0].code ?? status);

  test('when statuses are set, members are made and moved on, never back', async () => {
    const set = (statusName: string, leadIds: unknown[]) =>
      marketo.post(`${base()}/status.json`, { statusName, input: leadIds.map((leadId) => ({ leadId })) });

    expect(outcomes(await set('Registered', [ids[0], 999999, 'x']))).toEqual(['created', '1004', '1004']);
    expect(outcomes(await set('Attended', [ids[0], ids[1]]))).toEqual(['updated', 'created']);
    expect(outcomes(await set('Invited', [ids[0]]))).toEqual(['1037']);
    expect(outcomes(await set('Nowhere', [ids[0]]))).toEqual(['1025']);
    expect(
      outcomes(await marketo.post('/rest/v1/programs/1/members/status.json', { statusName: 'X', input: [{}] })),
    ).toEqual(['1013']);
  });

  test('when members are read, changed and removed, their fields tell it', async () => {
    expect(
      outcomes(
        await marketo.post(`${base()}.json`, {
          input: [
            { leadId: ids[0], webinarUrl: 'https://example.org/', statusName: 'x' },
            { leadId: ids[2], webinarUrl: 'x' },
            { leadId: ids[0], nosuch: 1 },
          ],
        }),
      ),
    ).toEqual(['updated', '1037', '1006']);
    const read = (parameters: Record<string, string>) => marketo.get(`${base()}.json`, parameters);
    const attended = await read({
      filterType: 'statusName',
      filterValues: 'Attended',
      fields: 'leadId,reachedSuccess,webinarUrl',
    });
    expect(attended.result).toEqual([
      { seq: 0, leadId: ids[0], reachedSuccess: true, webinarUrl: 'https://example.org/' },
      { seq: 1, leadId: ids[1], reachedSuccess: true, webinarUrl: null },
    ]);
    const week = { filterType: 'updatedAt', startAt: '2026-08-30T00:00:00Z', endAt: '2026-09-01T00:00:00Z' };
    expect((await read(week)).result).toHaveLength(2);
    expect((await read({ ...week, endAt: '2026-09-07T00:00:01Z' })).errors?.[0]?.code).toBe('1003');
    expect((await read({ filterType: 'webinarUrl', filterValues: 'x' })).errors?.[0]?.code).toBe('1003');
    expect((await marketo.get(`/rest/v1/leads/programs/${programId}.json`)).result).toHaveLength(2);
    expect((await marketo.get('/rest/v1/programs/members/describe.json')).result?.[0].dedupeFields).toEqual([
      'leadId',
      'programId',
    ]);
    expect(
      outcomes(await marketo.post(`${base()}/delete.json`, { input: [{ leadId: ids[1] }, { leadId: ids[2] }] })),
    ).toEqual(['deleted', '1037']);
  });

  test('when members are extracted, booleans are 0 and 1, and several programs put their id first', async () => {
    const create = (body: Record<string, unknown>) => marketo.post('/bulk/v1/program/members/export/create.json', body);
    const { exportId } =
      (await create({ fields: ['leadId', 'reachedSuccess', 'isExhausted'], filter: { programIds: [programId] } }))
        .result?.[0] ?? {};
    const job = `/bulk/v1/program/members/export/${exportId}`;
    await marketo.post(`${job}/enqueue.json`);
    await until(
      async () => (await marketo.get(`${job}/status.json`)).result?.[0],
      ({ status }) => status === 'Completed',
    );

    expect(await (await marketo.send(`${job}/file.json`)).text()).toBe(
      `programId,leadId,reachedSuccess,isExhausted\n${programId},${ids[0]},1,0\n`,
    );
    expect((await create({ fields: ['leadId'], filter: {} })).errors?.[0]?.code).toBe('1002');
    expect((await create({ fields: ['leadId'], filter: { programId: 1 } })).errors?.[0]?.code).toBe('1013');
  });

  test('when members are imported, leads are made where they are missing', async () => {
    const form = new FormData();
    form.append('file', new Blob(['email,firstName\npm2@example.org,Two\nfresh@example.org,Fresh\n']), 'm.csv');
    const answer = await marketo.send(
      `/bulk/v1/program/${programId}/members/import.json?format=csv&programMemberStatus=Invited`,
      { method: 'POST', body: form },
    );
    const { batchId } = ((await answer.json()) as Envelope).result?.[0] ?? {};
    const job = await until(
      async () => (await marketo.get(`/bulk/v1/program/members/import/${batchId}/status.json`)).result?.[0],
      ({ status }) => status === 'Complete',
    );

    expect(job).toMatchObject({ numOfObjectsProcessed: 2, numOfRowsFailed: 0 });
    expect(marketo.vendor.programs.memberCount(programId)).toBe(3);
  });
});

describe('field administration', () => {
  test('when fields are listed, made and changed, describe follows', async () => {
    const marketo = await startMarketo();
    const base = '/rest/v1/leads/schema/fields';

    const made = await marketo.post(`${base}.json`, {
      input: [
        { displayName: 'Height', name: 'height', dataType: 'float' },
        { displayName: 'E-mail', name: 'email', dataType: 'email' },
        { displayName: 'No type', name: 'noType' },
        { displayName: 'Bad', name: '1bad', dataType: 'string' },
      ],
    });
    const changed = await marketo.post(`${base}/height.json`, {
      input: [{ displayName: 'Body height', isHidden: true }],
    });
    const first = await marketo.get(`${base}.json`, { batchSize: '50' });
    const second = await marketo.get(`${base}.json`, { batchSize: '50', nextPageToken: first.nextPageToken ?? '' });

    expect(made.result?.map(({ status, reasons }) => reasons?.[0].code ?? status)).toEqual([
      'created',
      '1017',
      '1002',
      '1003',
    ]);
    expect(changed.result).toEqual([{ name: 'height', status: 'updated' }]);
    expect([first.result?.length, (second.result?.length ?? 0) > 30]).toEqual([50, true]);
    expect((await marketo.get(`${base}/height.json`)).result?.[0]).toMatchObject({
      displayName: 'Body height',
      isHidden: true,
      isCustom: true,
      isApiCreated: true,
    });
    const { result = [] } = await marketo.get('/rest/v1/leads/describe.json');
    expect(result.some(({ rest }) => rest.name === 'height')).toBe(false);
    const hidden = await marketo.post('/rest/v1/leads.json', { input: [{ email: 'h@example.org', height: 1 }] });
    expect(hidden.result?.[0].reasons[0].code).toBe('1006');
    expect((await marketo.get(`${base}/none.json`)).errors?.[0]?.code).toBe('1006');
    expect((await marketo.get('/rest/v1/companies/schema/fields.json')).result?.length).toBeGreaterThan(10);
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });
});
