import { type Envelope, type MarketoFixture, START_AT, startMarketo, until } from './marketo-host';

const DAY_MS = 86_400_000;

describe('activities', () => {
  let marketo: MarketoFixture;
  beforeEach(async () => {
    marketo = await startMarketo();
  });
  afterEach(async () => {
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });

  const since = async (text: string) =>
    (await marketo.get('/rest/v1/activities/pagingtoken.json', { sinceDatetime: text })).nextPageToken ?? '';
  const start = () => since(new Date(START_AT - 1000).toISOString());
  const sync = async (input: unknown[], more: Record<string, unknown> = {}): Promise<number[]> =>
    ((await marketo.post('/rest/v1/leads.json', { input, ...more })).result ?? []).map(({ id }) => id);
  const changes = (nextPageToken: string, more: Record<string, string> = {}) =>
    marketo.get('/rest/v1/activities/leadchanges.json', { nextPageToken, fields: 'firstName,city', ...more });

  test('when the paging token is asked for, it is Base32 of an instant and there is no result', async () => {
    const answer = await marketo.get('/rest/v1/activities/pagingtoken.json', {
      sinceDatetime: '2026-09-17T00:00:00+00:00',
    });

    expect(answer).toEqual({
      requestId: expect.any(String),
      success: true,
      nextPageToken: 'GIYDENRNGA4S2MJXKQYDAORQGA5DAMBOGAYDAKZQGAYDALBQ',
    });
    expect(await since('2026-09-17T02:00:00 02:00')).toBe(answer.nextPageToken);
    expect((await marketo.get('/rest/v1/activities/pagingtoken.json')).errors?.[0]?.code).toBe('1002');
    expect((await marketo.get('/rest/v1/activities/pagingtoken.json', { sinceDatetime: 'x' })).errors?.[0]?.code).toBe(
      '704',
    );
  });

  test('when leads were created and changed, lead changes tell old and new values of the wished fields', async () => {
    const token = await start();
    const [id] = await sync([{ email: 'ada@example.org', firstName: 'Adda' }]);
    await sync([{ email: 'ada@example.org', firstName: 'Ada', city: 'Graz', title: 'X' }]);
    await sync([{ email: 'ada@example.org', title: 'Y' }]);

    const page = await changes(token);

    expect(page).toMatchObject({ success: true, moreResult: false, nextPageToken: expect.any(String) });
    expect(page.result).toEqual([
      expect.objectContaining({ leadId: id, activityTypeId: 12, fields: [] }),
      {
        id: expect.any(Number),
        marketoGUID: expect.any(String),
        leadId: id,
        activityDate: expect.stringMatching(/^2026-08-30T17:\d\d:\d\dZ$/),
        activityTypeId: 13,
        fields: [
          { id: 53, name: 'firstName', newValue: 'Ada', oldValue: 'Adda' },
          { id: 64, name: 'city', newValue: 'Graz', oldValue: null },
        ],
        attributes: [
          { name: 'Reason', value: 'Web service API' },
          { name: 'Source', value: 'Web service API' },
        ],
      },
    ]);
    const next = await changes(page.nextPageToken ?? '');
    expect(next.result).toEqual([]);
    expect(next.nextPageToken).toBe(page.nextPageToken);
    await sync([{ email: 'ada@example.org', city: 'Linz' }]);
    expect((await changes(next.nextPageToken ?? '')).result).toMatchObject([{ fields: [{ newValue: 'Linz' }] }]);
  });

  test('when activities are read in small pages, each comes once and each field is one of type 13', async () => {
    const token = await start();
    await sync(Array.from({ length: 5 }, (_, index) => ({ email: `p${index}@example.org` })));
    await sync(
      Array.from({ length: 5 }, (_, index) => ({ email: `p${index}@example.org`, city: 'A', state: 'B', title: 'C' })),
    );
    const seen: { marketoGUID: string; primaryAttributeValue?: string }[] = [];
    let next = token;
    for (let more = true; more; ) {
      const page: Envelope = await marketo.get('/rest/v1/activities.json', {
        nextPageToken: next,
        activityTypeIds: '12,13',
        batchSize: '4',
      });
      seen.push(...(page.result ?? []));
      more = page.moreResult ?? false;
      next = page.nextPageToken ?? '';
    }

    expect(seen).toHaveLength(20);
    expect(new Set(seen.map(({ marketoGUID }) => marketoGUID)).size).toBe(20);
    expect(seen.filter(({ primaryAttributeValue }) => primaryAttributeValue === 'Job Title')).toHaveLength(5);
  });

  test('when few activities are looked at for a page, pages are empty although more are to come', async () => {
    const token = await start();
    await sync(Array.from({ length: 10 }, (_, index) => ({ email: `e${index}@example.org` })));
    const [last = 0] = await sync([{ email: 'e0@example.org', city: 'X' }]);
    marketo.vendor.stores.settings.change({ activitiesPerScan: 5 });
    const pages: number[] = [];
    let next = token;
    for (let more = true; more; ) {
      const page: Envelope = await marketo.get('/rest/v1/activities.json', {
        nextPageToken: next,
        activityTypeIds: '13',
        leadIds: String(last),
      });
      pages.push(page.result?.length ?? 0);
      more = page.moreResult ?? false;
      next = page.nextPageToken ?? '';
    }

    expect(pages).toEqual([0, 0, 1]);
  });

  test('when a lead is deleted, deleted leads name it for 14 days', async () => {
    const token = await start();
    const [id] = await sync([
      { email: 'gone@example.org', firstName: 'Full', lastName: 'Name' },
      { email: 'stays@example.org' },
    ]);
    await marketo.post('/rest/v1/leads/delete.json', { input: [{ id }] });
    await sync([{ email: 'later@example.org' }]);
    const read = () => marketo.get('/rest/v1/activities/deletedleads.json', { nextPageToken: token });

    expect((await read()).result).toEqual([
      {
        id: expect.any(Number),
        marketoGUID: expect.any(String),
        leadId: id,
        activityDate: expect.any(String),
        activityTypeId: 37,
        primaryAttributeValueId: id,
        primaryAttributeValue: 'Full Name',
        attributes: [],
      },
    ]);
    marketo.clock.advance(14 * DAY_MS + 2000);
    expect((await read()).result).toEqual([]);
  });

  test('when a change is 90 days old, it is purged; a new lead is not', async () => {
    const token = await start();
    await sync([{ email: 'old@example.org' }]);
    await sync([{ email: 'old@example.org', city: 'X' }]);
    await sync([{ email: 'old2@example.org' }]);

    marketo.clock.advance(90 * DAY_MS + 2000);

    expect((await changes(token)).result?.map(({ activityTypeId }) => activityTypeId)).toEqual([12, 12]);
  });

  test('when a request for activities is wrong, the code says so', async () => {
    const nextPageToken = await start();
    const code = async (path: string, parameters: Record<string, string>) =>
      (await marketo.get(`/rest/v1/activities${path}.json`, parameters)).errors?.[0]?.code;
    const many = (count: number) => Array.from({ length: count }, (_, index) => index + 1).join();

    expect(await code('', { activityTypeIds: '12' })).toBe('1002');
    expect(await code('', { nextPageToken })).toBe('1002');
    expect(await code('', { nextPageToken: 'AAAA', activityTypeIds: '12' })).toBe('1003');
    expect(await code('', { nextPageToken, activityTypeIds: '12,4711' })).toBe('1003');
    expect(await code('', { nextPageToken, activityTypeIds: many(11) })).toBe('1003');
    expect(await code('', { nextPageToken, activityTypeIds: '12', leadIds: many(31) })).toBe('1003');
    expect(await code('', { nextPageToken, activityTypeIds: '12', listId: '4711' })).toBe('1013');
    expect(await code('/leadchanges', { nextPageToken })).toBe('1002');
    expect(await code('/leadchanges', { nextPageToken, fields: 'nosuch' })).toBe('1006');
  });

  test('when the list of the filter has 10,000 members, it is refused; with fewer, only theirs are told', async () => {
    const token = await start();
    const { lists } = marketo.vendor.stores;
    const list = lists.add({ name: 'Some' });
    const [a] = await sync([{ email: 'a@example.org' }, { email: 'b@example.org' }]);
    lists.addMember(list.id, a ?? 0);
    const read = () =>
      marketo.get('/rest/v1/activities.json', { nextPageToken: token, activityTypeIds: '12', listId: String(list.id) });

    expect((await read()).result?.map(({ leadId }) => leadId)).toEqual([a]);
    marketo.host.state.database.transaction(() => {
      for (let id = 100; id < 10_100; id += 1) lists.addMember(list.id, id);
    })();
    expect((await read()).errors?.[0]?.code).toBe('1003');
  });

  test('when custom activities are added, those of unknown types and leads are skipped with errors', async () => {
    const token = await start();
    const [leadId] = await sync([{ email: 'custom@example.org' }]);
    const types = await fetchVendor('activity-types', { id: 100001, name: 'Met', primaryAttribute: { name: 'Where' } });
    expect(types).toBe(201);
    const activity = {
      leadId,
      activityDate: '2026-08-30T17:00:00Z',
      activityTypeId: 100001,
      primaryAttributeValue: 'Fair',
    };

    const { result } = await marketo.post('/rest/v1/activities/external.json', {
      input: [
        { ...activity, attributes: [{ name: 'Hall', value: 3 }] },
        { ...activity, leadId: 999999 },
        { ...activity, activityTypeId: 12 },
        { leadId },
        {
          ...activity,
          attributes: Array.from({ length: 21 }, (_none, index) => ({ name: `Hall ${index}`, value: 3 })),
        },
        { ...activity, attributes: [{ name: 'Hall', value: 'x'.repeat(65_536) }] },
      ],
    });

    const codes = result?.map(({ status, errors }) => errors?.[0].code ?? status);
    expect(codes).toEqual(['added', '1004', '1003', '1002', '1028', '1049']);
    const read = await marketo.get('/rest/v1/activities.json', { nextPageToken: token, activityTypeIds: '100001' });
    expect(read.result).toMatchObject([
      { leadId, primaryAttributeValue: 'Fair', attributes: [{ name: 'Hall', value: 3 }] },
    ]);
  });

  const fetchVendor = async (path: string, body: unknown): Promise<number> => {
    const { controlRouter } = marketo.vendor;
    const express = (await import('express')).default;
    const server = express()
      .use(express.json(), controlRouter ?? [])
      .listen(0);
    try {
      const { port } = server.address() as { port: number };
      const answer = await fetch(`http://127.0.0.1:${port}/${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      return answer.status;
    } finally {
      server.close();
      server.closeAllConnections();
    }
  };

  test('when types are asked for, the standard ones are there', async () => {
    const { result = [] } = await marketo.get('/rest/v1/activities/types.json');

    expect(result.map(({ id }) => id)).toEqual(expect.arrayContaining([1, 2, 6, 12, 13, 24, 25, 32, 37, 104]));
    expect(result.find(({ id }) => id === 13)).toMatchObject({
      name: 'Change Data Value',
      primaryAttribute: { name: 'Attribute Name', dataType: 'string' },
    });
  });

  test('when activities are extracted in bulk, Delete Lead is not among them and attributes are JSON', async () => {
    const [id] = await sync([{ email: 'bulk@example.org' }, { email: 'bulk2@example.org' }]);
    await sync([{ email: 'bulk@example.org', city: 'Graz, "A"' }]);
    await marketo.post('/rest/v1/leads/delete.json', { input: [{ id }] });
    const filter = { createdAt: { startAt: '2026-08-30T00:00:00Z', endAt: '2026-08-31T00:00:00Z' } };
    const create = (more: Record<string, unknown>) =>
      marketo.post('/bulk/v1/activities/export/create.json', { filter: { ...filter, ...more } });
    const { exportId } = (await create({ activityTypeIds: [13, 37] })).result?.[0] ?? {};
    await marketo.post(`/bulk/v1/activities/export/${exportId}/enqueue.json`);
    await until(
      () => marketo.get(`/bulk/v1/activities/export/${exportId}/status.json`),
      ({ result }) => result?.[0].status === 'Completed',
    );

    const text = await (await marketo.send(`/bulk/v1/activities/export/${exportId}/file.json`)).text();

    expect(text.split('\n')).toEqual([
      'marketoGUID,leadId,activityDate,activityTypeId,campaignId,primaryAttributeValueId,primaryAttributeValue,attributes',
      expect.stringMatching(
        new RegExp(`^\\d+,${id},2026-08-30T17:\\d\\d:\\d\\dZ,13,null,64,City,"\\{""New Value"":""Graz, \\\\""A\\\\"""`),
      ),
      '',
    ]);
    expect((await create({ createdAt: undefined })).errors?.[0]?.code).toBe('1002');
    expect((await create({ primaryAttributeValueIds: [1] })).errors?.[0]?.code).toBe('1002');
    expect((await create({ nosuch: 1 })).errors?.[0]?.code).toBe('1003');
  });
});
