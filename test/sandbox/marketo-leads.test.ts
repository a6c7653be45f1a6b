import { type Envelope, type MarketoFixture, startMarketo } from './marketo-host';

describe('leads', () => {
  let marketo: MarketoFixture;
  beforeAll(async () => {
    marketo = await startMarketo();
  });
  afterAll(async () => {
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });

  const sync = (body: Record<string, unknown>) => marketo.post('/rest/v1/leads.json', body);
  const read = (filterType: string, filterValues: string, fields?: string) =>
    marketo.get('/rest/v1/leads.json', { filterType, filterValues, ...(fields === undefined ? {} : { fields }) });

  test('when describe is asked, it lists the standard fields by id with rest and soap names', async () => {
    const { result = [], success, requestId } = await marketo.get('/rest/v1/leads/describe.json');

    expect(success).toBe(true);
    expect(requestId).toMatch(/^[0-9a-f]+#[0-9a-f]{11}$/);
    expect(result.map(({ id }) => id)).toEqual([...result.map(({ id }) => id)].sort((a, b) => a - b));
    expect(result).toContainEqual({
      id: 45,
      displayName: 'Full Name',
      dataType: 'string',
      length: 255,
      rest: { name: 'mktoName', readOnly: true },
    });
    expect(result.find(({ rest }) => rest.name === 'crmKey')).toMatchObject({ dataType: 'string', length: 255 });
  });

  test('when describe 2 is asked, it names what can be searched, custom text and integer fields included', async () => {
    const { result = [] } = await marketo.get('/rest/v1/leads/describe2.json');

    expect(result).toHaveLength(1);
    const names = result[0].searchableFields.flat();
    expect(names).toEqual(expect.arrayContaining(['email', 'id', 'cookies', 'crmKey', 'score__c']));
    expect(names).not.toContain('renewalDate');
    expect(result[0].fields).toContainEqual(
      expect.objectContaining({ name: 'createdAt', updateable: false, crmManaged: false }),
    );
  });

  test('when records are good and bad, each is answered in its place and is atomic', async () => {
    const { success, result } = await sync({
      lookupField: 'email',
      input: [
        { email: 'ada@example.org', firstName: 'Ada' },
        { email: 'bob@example.org', firstName: 'Bob', renewalDate: 'soon' },
        { email: 'cy@example.org', nosuchfield: 1 },
        { firstName: 'Nobody' },
        { email: 'dee@example.org', score__c: '12', isPartner__c: 'true', createdAt: '2001-01-01T00:00:00Z' },
      ],
    });

    expect(success).toBe(true);
    expect(result).toEqual([
      { id: expect.any(Number), status: 'created' },
      {
        status: 'skipped',
        reasons: [{ code: '1003', message: "Invalid value for field 'renewalDate' and value 'soon'" }],
      },
      { status: 'skipped', reasons: [{ code: '1006', message: "Field 'nosuchfield' not found" }] },
      { status: 'skipped', reasons: [{ code: '1003', message: "Value for lookup field 'email' not found" }] },
      { id: expect.any(Number), status: 'created' },
    ]);
    expect((await read('email', 'bob@example.org')).result).toEqual([]);
    const { result: dee } = await read('email', 'DEE@example.org', 'score__c,isPartner__c,lastName,createdAt');
    expect(dee).toEqual([
      {
        id: expect.any(Number),
        score__c: 12,
        isPartner__c: true,
        lastName: null,
        createdAt: expect.stringMatching(/^2026-08-30T17:/),
      },
    ]);
    expect(Object.keys(dee?.[0])[0]).toBe('id');
  });

  describe('actions', () => {
    beforeAll(async () => {
      await sync({
        action: 'createDuplicate',
        input: [{ email: 'one@example.org' }, { email: 'two@example.org' }, { email: 'two@example.org' }],
      });
    });
    const outcome = async (action: string, email: string): Promise<string> => {
      const { result = [] } = await sync({ action, input: [{ email, lastName: action }] });
      return result[0].reasons?.[0].code ?? result[0].status;
    };

    test.each([
      ['createOnly', 'none-1@example.org', 'created'],
      ['createOnly', 'one@example.org', '1005'],
      ['createOnly', 'two@example.org', '1005'],
      ['updateOnly', 'none-2@example.org', '1004'],
      ['updateOnly', 'one@example.org', 'updated'],
      ['updateOnly', 'two@example.org', '1007'],
      ['createOrUpdate', 'none-3@example.org', 'created'],
      ['createOrUpdate', 'ONE@example.org', 'updated'],
      ['createOrUpdate', 'two@example.org', '1007'],
      ['createDuplicate', 'none-4@example.org', 'created'],
      ['createDuplicate', 'one@example.org', 'created'],
      ['createDuplicate', 'two@example.org', 'created'],
    ])('when the action is %s and the key is %s, the outcome is %s', async (action, email, expected) => {
      expect(await outcome(action, email)).toBe(expected);
    });
  });

  test('when a lead is updated by id, its email is an ordinary value', async () => {
    const created = await sync({ input: [{ email: 'old@example.org' }] });
    const id = created.result?.[0].id;

    const { result } = await sync({
      action: 'updateOnly',
      lookupField: 'id',
      input: [{ id, email: 'new@example.org' }],
    });

    expect(result).toEqual([{ id, status: 'updated' }]);
    expect((await read('email', 'old@example.org')).result).toEqual([]);
    expect((await read('email', 'new@example.org')).result?.[0].id).toBe(id);
    expect(
      (await sync({ action: 'createOnly', input: [{ id, email: 'x@example.org' }] })).result?.[0].reasons[0].code,
    ).toBe('1003');
  });

  test('when nothing changes, the record counts as updated and updatedAt stays', async () => {
    await sync({ input: [{ email: 'same@example.org', lastName: 'Same' }] });
    const before = await read('email', 'same@example.org', 'updatedAt,createdAt');
    marketo.clock.advance(60_000);

    const { result } = await sync({ input: [{ email: 'same@example.org', lastName: 'Same' }] });
    const after = await read('email', 'same@example.org', 'updatedAt,createdAt');

    expect(result?.[0].status).toBe('updated');
    expect(after.result).toEqual(before.result);
    const [{ createdAt, updatedAt }] = before.result as [{ createdAt: string; updatedAt: string }];
    expect(Date.parse(createdAt) - Date.parse(updatedAt)).toBe(1000);
  });

  test('when a custom field alone changes, updatedAt stays; a standard field moves it', async () => {
    await sync({ input: [{ email: 'dates@example.org' }] });
    const [fresh] = (await read('email', 'dates@example.org')).result ?? [];
    marketo.clock.advance(60_000);
    await sync({ input: [{ email: 'dates@example.org', crmKey: 'K' }] });
    const [custom] = (await read('email', 'dates@example.org')).result ?? [];
    await sync({ input: [{ email: 'dates@example.org', title: 'T' }] });
    const [standard] = (await read('email', 'dates@example.org')).result ?? [];

    expect(custom.updatedAt).toBe(fresh.updatedAt);
    expect(Date.parse(standard.updatedAt)).toBeGreaterThan(Date.parse(fresh.updatedAt));
  });

  test('when null or empty text is sent, the field is cleared, and a boolean becomes false', async () => {
    await sync({
      input: [{ email: 'clear@example.org', title: 'T', city: 'C', unsubscribed: true, dateOfBirth: '1990-02-28' }],
    });
    await sync({
      input: [{ email: 'clear@example.org', title: null, city: '  ', unsubscribed: null, dateOfBirth: '' }],
    });

    const { result } = await read('email', 'clear@example.org', 'title,city,unsubscribed,dateOfBirth');

    expect(result?.[0]).toMatchObject({ title: null, city: null, unsubscribed: false, dateOfBirth: null });
  });

  test.each([
    ['isPartner__c', 'maybe'],
    ['emailSuspendedAt', 'yesterday'],
    ['numberOfEmployees', 14.1],
    ['urgency', '14c'],
    ['dateOfBirth', '2026-02-30'],
    ['email', 'bademail'],
    ['email', 'ä@example.org'],
    ['email', 'a@example.org;b@example.org'],
    ['leadScore', 2 ** 31],
    ['firstName', { deep: 'value' }],
    ['firstName', 'x'.repeat(256)],
    ['mktoPersonNotes', '£'.repeat(15_001)],
  ])('when %s is given %p, the record is skipped with 1003', async (field, value) => {
    const id = (await sync({ input: [{ email: 'values@example.org' }] })).result?.[0].id;

    const { result } = await sync({ action: 'updateOnly', lookupField: 'id', input: [{ id, [field]: value }] });

    expect(result?.[0].reasons[0].code).toBe('1003');
  });

  test('when the date-time has an offset, fractions or no offset, it is read so and given out in UTC', async () => {
    const values = ['2026-03-01T10:00:00+02:00', '2026-03-01T10:00:00.999Z', '2026-07-01 10:00:00', '2026-01-01'];
    const seen: unknown[] = [];
    for (const value of values) {
      await sync({ input: [{ email: 'when@example.org', emailSuspendedAt: value }] });
      seen.push((await read('email', 'when@example.org', 'emailSuspendedAt')).result?.[0].emailSuspendedAt);
    }

    expect(seen).toEqual([
      '2026-03-01T08:00:00Z',
      '2026-03-01T10:00:00Z',
      '2026-07-01T15:00:00Z',
      '2026-01-01T06:00:00Z',
    ]);
  });

  test('when the whole call is wrong, nothing is done and the code says why', async () => {
    const code = async (body: unknown) => (await marketo.post('/rest/v1/leads.json', body)).errors?.[0];

    expect(await code({ input: [] })).toMatchObject({ code: '1002' });
    expect(await code({})).toMatchObject({ code: '1002', message: "Missing value for the required parameter 'input'" });
    expect(await code({ input: Array.from({ length: 301 }, () => ({})) })).toMatchObject({ code: '1003' });
    expect(await code({ action: 'upsert', input: [{}] })).toMatchObject({ code: '1003' });
    expect(await code({ input: 'x' })).toEqual({
      code: '1001',
      message: "Invalid value 'x'. Required of type 'Array'",
    });
    expect(await code({ lookupField: 'createdAt', input: [{}] })).toEqual({
      code: '1011',
      message: "Lookup field 'createdAt' not supported",
    });
    expect(await code({ lookupField: 'nosuch', input: [{}] })).toEqual({
      code: '1006',
      message: "Lookup field 'nosuch' not found",
    });
    expect(await code({ partitionName: 'Mars', input: [{}] })).toMatchObject({ code: '1003' });
  });

  test('when a key comes twice in one call, the second updates, and the client is said to have done it', async () => {
    marketo.host.state.clearViolations();

    const { result = [] } = await sync({ input: [{ email: 'twice@example.org' }, { email: ' TWICE@example.org' }] });

    expect(result[1]).toEqual({ id: result[0].id, status: 'updated' });
    expect(marketo.host.violations()).toContainEqual(
      expect.objectContaining({ violation: 'sameKeyTwiceInBatch', count: 1 }),
    );
  });

  test('when every write is done, the log has it with before and after', async () => {
    const { result = [] } = await sync({ input: [{ email: 'log@example.org', city: 'A' }] });
    await sync({ input: [{ email: 'log@example.org', city: 'B' }] });

    const writes = marketo.host.writeLog({ object: 'lead', recordId: String(result[0].id) });

    expect(
      writes.map(({ operation, before, after, by, via }) => [operation, before?.city, after?.city, by, via]),
    ).toEqual([
      ['create', undefined, 'A', 'sync-api@example.com', 'POST /rest/v1/leads.json'],
      ['update', 'A', 'B', 'sync-api@example.com', 'POST /rest/v1/leads.json'],
    ]);
  });

  test('when the filter is a custom field, values are matched without case and outer blanks', async () => {
    await sync({ input: [{ email: 'key@example.org', crmKey: ' Ab-1 ', score__c: 77 }] });

    expect((await read('crmKey', 'aB-1,zzz')).result).toHaveLength(1);
    expect((await read('score__c', '77')).result).toHaveLength(1);
    expect((await read('score__c', 'x')).errors?.[0]?.code).toBe('1001');
    expect((await read('firstName', 'x')).errors?.[0]?.code).toBe('1011');
    expect((await read('email', 'key@example.org', 'email,nosuch')).errors?.[0]).toEqual({
      code: '1006',
      message: "Field 'nosuch' not found",
    });
    expect((await read('email', '')).errors?.[0]?.code).toBe('1002');
  });

  test('when a filter fits up to 1,000 leads, they are paged by token; one more is an error', async () => {
    const leads = Array.from({ length: 1001 }, (_, index) => ({ email: `p${index}@example.net`, crmKey: 'page' }));
    marketo.vendor.stores.insertRecords('leads', leads.slice(0, 1000));
    const ids: number[] = [];
    let pages = 0;
    for (let token = ''; ; ) {
      const page = await marketo.get('/rest/v1/leads.json', {
        filterType: 'crmKey',
        filterValues: 'page',
        ...(token === '' ? {} : { nextPageToken: token }),
      });
      pages += 1;
      ids.push(...(page.result ?? []).map(({ id }) => id));
      token = page.nextPageToken ?? '';
      expect(page).not.toHaveProperty('moreResult');
      if (token === '') break;
      expect(token).toMatch(/^[A-Z2-7]+=*$/);
    }

    expect(pages).toBe(4);
    expect(new Set(ids).size).toBe(1000);
    marketo.vendor.stores.insertRecords('leads', leads.slice(1000));
    expect((await read('crmKey', 'page')).errors).toEqual([
      { code: '1003', message: 'Too many results match the filter' },
    ]);
  });

  test('when a page token is of another query, damaged or too old, it is refused', async () => {
    const query = { filterType: 'crmKey', filterValues: 'many', batchSize: '1' };
    marketo.vendor.stores.insertRecords('leads', [{ crmKey: 'many' }, { crmKey: 'many' }, { crmKey: 'many' }]);
    const { nextPageToken = '' } = await marketo.get('/rest/v1/leads.json', query);
    const code = async (changes: Record<string, string>) =>
      (await marketo.get('/rest/v1/leads.json', { ...query, nextPageToken, ...changes })).errors?.[0]?.code;

    expect(await code({})).toBeUndefined();
    expect(await code({ filterValues: 'other' })).toBe('1003');
    expect(await code({ nextPageToken: 'ABC' })).toBe('1003');
    marketo.clock.advance(3_600_001);
    expect(await code({})).toBe('1003');
  });

  test('when the query is too long for a URI, it is 414, and the same goes by POST with _method=GET', async () => {
    const values = Array.from({ length: 300 }, (_, index) => `somebody.with.a.long.name.${index}@example.org`);
    const form = new URLSearchParams({ filterType: 'email', filterValues: `ada@example.org,${values.join()}` });

    const long = await marketo.send(`/rest/v1/leads.json?${form}`);
    const tooMany = await marketo.send('/rest/v1/leads.json?_method=GET', { method: 'POST', body: form });
    form.set('filterValues', `ada@example.org,${values.slice(1).join()}`);
    form.set('_method', 'GET');
    const posted = await marketo.send('/rest/v1/leads.json', { method: 'POST', body: form });

    expect(long.status).toBe(414);
    expect(await tooMany.json()).toMatchObject({ success: false, errors: [{ code: '1003' }] });
    expect(await posted.json()).toMatchObject({ success: true, result: [{ email: 'ada@example.org' }] });
  });

  test('when a lead is asked for by id, it is there or 1004', async () => {
    const id = (await sync({ input: [{ email: 'byid@example.org' }] })).result?.[0].id;

    expect((await marketo.get(`/rest/v1/lead/${id}.json`, { fields: 'email' })).result).toEqual([
      { id, email: 'byid@example.org' },
    ]);
    expect((await marketo.get('/rest/v1/lead/999999.json')).errors).toEqual([
      { code: '1004', message: "Lead '999999' not found" },
    ]);
  });

  test('when leads are deleted in any of the four ways, they are gone', async () => {
    const { result = [] } = await sync({
      action: 'createDuplicate',
      input: Array.from({ length: 4 }, () => ({ email: 'gone@example.org' })),
    });
    const [a, b, c, d] = result.map(({ id }) => id);
    const json = (id: number) => ({
      body: JSON.stringify({ input: [{ id }] }),
      headers: { 'Content-Type': 'application/json' },
    });

    const answers: Envelope[] = [
      await marketo.post('/rest/v1/leads/delete.json', { input: [{ id: a }, { id: 999999 }] }),
      (await (await marketo.send(`/rest/v1/leads/delete.json?id=${b}`, { method: 'POST' })).json()) as Envelope,
      (await (
        await marketo.send('/rest/v1/leads.json?_method=DELETE', { method: 'POST', ...json(c) })
      ).json()) as Envelope,
      (await (await marketo.send('/rest/v1/leads.json', { method: 'DELETE', ...json(d) })).json()) as Envelope,
    ];

    expect(answers.map((answer) => answer.result?.[0].status)).toEqual(Array(4).fill('deleted'));
    expect(answers[0]?.result?.[1]).toMatchObject({ status: 'skipped', reasons: [{ code: '1004' }] });
    expect((await read('email', 'gone@example.org')).result).toEqual([]);
  });

  test('when the sandbox starts again, every acknowledged write is there', async () => {
    await sync({ input: [{ email: 'stays@example.org', crmKey: 'stays' }] });

    await marketo.restart();

    expect((await read('crmKey', 'stays', 'email')).result).toMatchObject([{ email: 'stays@example.org' }]);
  });
});
