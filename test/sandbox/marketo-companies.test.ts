import { type MarketoFixture, startMarketo } from './marketo-host';

describe('companies', () => {
  let marketo: MarketoFixture;
  beforeAll(async () => {
    marketo = await startMarketo();
  });
  afterAll(async () => {
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });

  const sync = (body: Record<string, unknown>) => marketo.post('/rest/v1/companies.json', body);
  const read = (filterType: string, filterValues: string, more: Record<string, string> = {}) =>
    marketo.get('/rest/v1/companies.json', { filterType, filterValues, ...more });

  test('when companies are described, keys and searchable fields are named', async () => {
    const { result = [] } = await marketo.get('/rest/v1/companies/describe.json');

    expect(result[0]).toMatchObject({
      name: 'company',
      idField: 'id',
      dedupeFields: ['externalCompanyId'],
      searchableFields: [['externalCompanyId'], ['id'], ['company']],
      createdAt: expect.stringMatching(/Z$/),
    });
    expect(result[0].fields).toContainEqual({
      name: 'company',
      displayName: 'Company Name',
      dataType: 'string',
      length: 255,
      updateable: true,
      crmManaged: false,
    });
  });

  test('when companies are synced, each has its sequence number, id and status', async () => {
    const { result } = await sync({
      input: [
        { externalCompanyId: 'C-1', company: 'Smith, Jones & Partners', annualRevenue: '1000.5' },
        { externalCompanyId: 'C-2', company: 'Second', nosuch: 1 },
        { company: 'Without key' },
        { externalCompanyId: 'c-1', company: 'Again' },
        { externalCompanyId: 'C-3', numberOfEmployees: 'many' },
      ],
    });

    expect(result).toEqual([
      { seq: 0, id: expect.any(Number), status: 'created' },
      { seq: 1, status: 'skipped', reasons: [{ code: '1006', message: "Field 'nosuch' not found" }] },
      {
        seq: 2,
        status: 'skipped',
        reasons: [{ code: '1003', message: "Value for lookup field 'externalCompanyId' not found" }],
      },
      { seq: 3, status: 'skipped', reasons: [{ code: '1036', message: expect.any(String) }] },
      { seq: 4, status: 'skipped', reasons: [{ code: '1003', message: expect.any(String) }] },
    ]);
    expect((await read('dedupeFields', 'C-1', { fields: 'company,annualRevenue' })).result).toEqual([
      { seq: 0, id: result?.[0].id, company: 'Smith, Jones & Partners', annualRevenue: 1000.5 },
    ]);
  });

  test('when the action does not fit, the record is skipped', async () => {
    await sync({ input: [{ externalCompanyId: 'A-1', company: 'A' }] });
    const outcome = async (body: Record<string, unknown>) => {
      const answer = await sync(body);
      return answer.errors?.[0]?.code ?? answer.result?.[0].reasons?.[0].code ?? answer.result?.[0].status;
    };

    expect(await outcome({ action: 'createOnly', input: [{ externalCompanyId: 'A-1' }] })).toBe('1017');
    expect(await outcome({ action: 'updateOnly', input: [{ externalCompanyId: 'A-2' }] })).toBe('1013');
    expect(await outcome({ action: 'updateOnly', input: [{ externalCompanyId: 'A-1', site: 'S' }] })).toBe('updated');
    expect(await outcome({ dedupeBy: 'idField', input: [{ id: 1 }] })).toBe('1003');
    const id = (await read('externalCompanyId', 'A-1')).result?.[0].id;
    expect(await outcome({ action: 'updateOnly', dedupeBy: 'idField', input: [{ id, company: 'B' }] })).toBe('updated');
    expect((await read('id', String(id), { fields: 'company,externalCompanyId' })).result?.[0]).toMatchObject({
      company: 'B',
      externalCompanyId: 'A-1',
    });
  });

  test('when ids are walked in blocks of 300, every company is found once', async () => {
    const before = marketo.vendor.stores.companies.count();
    marketo.vendor.stores.insertRecords(
      'companies',
      Array.from({ length: 700 }, (_, index) => ({ externalCompanyId: `walk-${index}`, company: `Walk ${index}` })),
    );
    const seen: number[] = [];
    for (let first = 1; first < 1200; first += 300) {
      const block = Array.from({ length: 300 }, (_, index) => first + index).join();
      seen.push(...((await read('id', block)).result ?? []).map(({ id }) => id));
    }

    expect(new Set(seen).size).toBe(before + 700);
    expect(seen).toHaveLength(before + 700);
  });

  test('when the answer has several pages, the token leads on', async () => {
    const block = Array.from({ length: 300 }, (_, index) => index + 1).join();
    const first = await read('id', block, { batchSize: '200' });
    const second = await read('id', block, { batchSize: '200', nextPageToken: first.nextPageToken ?? '' });

    expect([first.result?.length, second.result?.length]).toEqual([200, 100]);
    expect(second.nextPageToken).toBeUndefined();
  });

  test('when a query is not possible, the code says so', async () => {
    expect((await read('industry', 'x')).errors?.[0]?.code).toBe('1003');
    expect((await read('id', 'x')).errors?.[0]?.code).toBe('1001');
    expect((await read('company', 'x', { fields: 'nosuch' })).errors?.[0]?.code).toBe('1006');
    expect((await marketo.get('/rest/v1/companies.json')).errors?.[0]?.code).toBe('1002');
    expect((await read('company', 'nobody has that name')).result).toEqual([]);
  });

  test('when keys are sent in a JSON body with _method=GET, commas in them are no matter', async () => {
    await sync({ input: [{ externalCompanyId: 'with,comma', company: 'Comma' }] });

    const { result } = await marketo.post('/rest/v1/companies.json?_method=GET', {
      filterType: 'dedupeFields',
      fields: ['company'],
      input: [{ externalCompanyId: 'with,comma' }, { externalCompanyId: 'none' }],
    });

    expect(result).toEqual([{ seq: 0, id: expect.any(Number), company: 'Comma' }]);
  });

  test('when a company is deleted, it is gone and its leads belong to none', async () => {
    await sync({ input: [{ externalCompanyId: 'D-1', company: 'Doomed' }] });
    await marketo.post('/rest/v1/leads.json', { input: [{ email: 'd@example.org', externalCompanyId: 'D-1' }] });

    const { result } = await marketo.post('/rest/v1/companies/delete.json', {
      input: [{ externalCompanyId: 'D-1' }, { externalCompanyId: 'D-2' }],
    });

    expect(result).toMatchObject([
      { seq: 0, status: 'deleted' },
      { seq: 1, status: 'skipped', reasons: [{ code: '1013' }] },
    ]);
    const lead = await marketo.get('/rest/v1/leads.json', {
      filterType: 'email',
      filterValues: 'd@example.org',
      fields: 'company,externalCompanyId',
    });
    expect(lead.result?.[0]).toMatchObject({ company: null, externalCompanyId: null });
  });

  test('when a lead belongs to a company, its company fields are that company’s, and a change shows on all', async () => {
    await sync({ input: [{ externalCompanyId: 'L-1', company: 'Shared', industry: 'Media' }] });
    const leads = (input: unknown[]) => marketo.post('/rest/v1/leads.json', { input });
    const company = async (email: string) =>
      (
        await marketo.get('/rest/v1/leads.json', {
          filterType: 'email',
          filterValues: email,
          fields: 'company,industry',
        })
      ).result?.[0];

    await leads([
      { email: 'l1@example.org', externalCompanyId: 'L-1' },
      { email: 'l2@example.org', externalCompanyId: 'L-1' },
      { email: 'l3@example.org', company: 'Own', industry: 'Own' },
    ]);
    expect(await company('l1@example.org')).toMatchObject({ company: 'Shared', industry: 'Media' });
    await leads([{ email: 'l2@example.org', company: 'Renamed' }]);

    expect(await company('l1@example.org')).toMatchObject({ company: 'Renamed' });
    expect(await company('l3@example.org')).toMatchObject({ company: 'Own' });
    expect((await read('externalCompanyId', 'L-1', { fields: 'company' })).result?.[0].company).toBe('Renamed');
    expect((await leads([{ email: 'l4@example.org', externalCompanyId: 'none' }])).result?.[0].reasons[0].code).toBe(
      '1003',
    );
    await leads([{ email: 'l1@example.org', externalCompanyId: null }]);
    expect(await company('l1@example.org')).toMatchObject({ company: 'Renamed' });
    marketo.vendor.stores.settings.change({ companyFieldsOnLeads: 'refuse' });
    expect((await leads([{ email: 'l1@example.org', company: 'X' }])).result?.[0].reasons[0].code).toBe('1021');
  });

  test('when the instance syncs with Salesforce itself, companies can be read and not written', async () => {
    marketo.vendor.stores.settings.change({ crmSync: true });

    expect((await sync({ input: [{ externalCompanyId: 'X' }] })).errors).toEqual([
      { code: '1018', message: 'CRM Enabled' },
    ]);
    expect((await read('company', 'Shared')).success).toBe(true);
    const { result = [] } = await marketo.get('/rest/v1/leads/describe2.json');
    expect(result[0].searchableFields).toContainEqual(['sfdcContactId']);
    marketo.vendor.stores.settings.change({ crmSync: false });
  });
});
