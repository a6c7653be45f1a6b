import { type Envelope, type MarketoFixture, startMarketo } from './marketo-host';

describe('static lists, partitions and merge', () => {
  let marketo: MarketoFixture;
  let ids: number[];
  let listId: number;
  beforeAll(async () => {
    marketo = await startMarketo();
    const input = Array.from({ length: 5 }, (_, index) => ({ email: `member${index}@example.org` }));
    ids = ((await marketo.post('/rest/v1/leads.json', { input })).result ?? []).map(({ id }) => id);
    listId = marketo.vendor.stores.lists.add({ name: 'Readers' }).id;
  });
  afterAll(async () => {
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });

  const members = (path: string) => `/rest/v1/lists/${listId}/leads${path}.json`;
  const send = async (path: string, init: RequestInit) => (await (await marketo.send(path, init)).json()) as Envelope;

  test('when members are added, asked for and removed, each id is answered in its place', async () => {
    const added = await marketo.post(members(''), { input: [{ id: ids[0] }, { id: 999999 }, { id: ids[1] }] });
    const again = await send(`${members('')}?id=${ids[0]}&id=${ids[2]}`, { method: 'POST' });
    const asked = await marketo.get(members('/ismember'), { id: `${ids[0]},${ids[4]},999999` });
    const removed = await send(`${members('')}?id=${ids[1]},${ids[4]},999999`, {
      method: 'DELETE',
      headers: { 'Content-Type': 'application/json' },
    });

    expect(added.result).toEqual([
      { id: ids[0], status: 'added' },
      { id: 999999, status: 'skipped', reasons: [{ code: '1004', message: 'Lead not found' }] },
      { id: ids[1], status: 'added' },
    ]);
    expect(again.result?.map(({ status }) => status)).toEqual(['added', 'added']);
    expect(asked.result?.map(({ status }) => status)).toEqual(['memberof', 'notmemberof', 'skipped']);
    expect(removed.result).toEqual([
      { id: ids[1], status: 'removed' },
      { id: ids[4], status: 'skipped', reasons: [{ code: '1015', message: 'Lead not in list' }] },
      { id: 999999, status: 'skipped', reasons: [{ code: '1004', message: 'Lead not found' }] },
    ]);
    for (const path of [members(''), `/rest/v1/list/${listId}/leads.json`])
      expect((await marketo.get(path, { fields: 'email' })).result).toEqual([
        { id: ids[0], email: 'member0@example.org' },
        { id: ids[2], email: 'member2@example.org' },
      ]);
  });

  test('when a list is long, its members are paged by token without moreResult, and as deep as it goes', async () => {
    const { lists, leads, insertRecords } = marketo.vendor.stores;
    const long = lists.add({ name: 'Long' }).id;
    insertRecords(
      'leads',
      Array.from({ length: 700 }, (_, index) => ({ email: `long${index}@example.net` })),
    );
    for (const id of leads.ids('select id from mk_leads order by id desc limit 700')) lists.addMember(long, id);
    const sizes: number[] = [];
    for (let token: string | undefined = ''; token !== undefined; ) {
      const page = await marketo.get(`/rest/v1/lists/${long}/leads.json`, token === '' ? {} : { nextPageToken: token });
      sizes.push(page.result?.length ?? 0);
      expect(page).not.toHaveProperty('moreResult');
      token = page.nextPageToken;
    }

    expect(sizes).toEqual([300, 300, 100]);
  });

  test('when lists are looked for, by GET or by a form, they come with their workspace', async () => {
    const form = { method: 'POST', body: new URLSearchParams({ _method: 'GET', name: 'Readers' }) };

    expect((await marketo.get('/rest/v1/lists.json')).result?.length).toBeGreaterThan(1);
    expect((await send('/rest/v1/lists.json', form)).result).toEqual([
      {
        id: listId,
        name: 'Readers',
        workspaceName: 'Default',
        createdAt: expect.stringMatching(/Z$/),
        updatedAt: expect.stringMatching(/Z$/),
      },
    ]);
    expect((await marketo.get(`/rest/v1/lists/${listId}.json`)).result?.[0].name).toBe('Readers');
    expect((await marketo.get('/rest/v1/lists/1.json')).errors).toEqual([
      { code: '1013', message: 'Static list not found' },
    ]);
    expect((await marketo.get('/rest/v1/lists/1/leads.json')).errors?.[0]?.code).toBe('1013');
  });

  test('when a list is made by the asset API, its envelope has errors and warnings', async () => {
    const create = (name: string) =>
      send('/rest/asset/v1/staticLists.json', {
        method: 'POST',
        body: new URLSearchParams({ name, folder: '{"id":12,"type":"Folder"}' }),
      });

    expect(await create('Made')).toMatchObject({ success: true, errors: [], warnings: [], result: [{ name: 'Made' }] });
    expect(await create('Made')).toMatchObject({
      success: false,
      errors: [{ code: '709', message: 'Static List with the same name already exists' }],
    });
    expect((await create(' ')).errors).toEqual([{ code: '701', message: 'name cannot be blank' }]);
    const none = await marketo.get('/rest/asset/v1/staticList/byName.json', { name: 'No such' });
    expect(none).toMatchObject({ success: true, warnings: ['No assets found for the given search criteria.'] });
    expect(none).not.toHaveProperty('result');
    expect((await marketo.get('/rest/asset/v1/staticLists.json', { maxReturn: '1', offset: '1' })).result).toHaveLength(
      1,
    );
    const made = (await marketo.get('/rest/asset/v1/staticList/byName.json', { name: 'Made' })).result?.[0];
    expect(made.createdAt).toMatch(/Z\+0000$/);
    expect((await send(`/rest/asset/v1/staticList/${made.id}/delete.json`, { method: 'POST' })).success).toBe(true);
    expect((await marketo.get(`/rest/asset/v1/staticList/${made.id}.json`)).errors?.[0]).toEqual({
      code: '702',
      message: 'Static List not found or it has been deleted',
    });
    expect((await marketo.get('/rest/asset/v1/smartLists.json')).warnings).toHaveLength(1);
    expect((await marketo.get('/rest/asset/v1/programs.json')).warnings).toHaveLength(1);
    marketo.vendor.programs.add({ name: 'Webinar' });
    expect((await marketo.get('/rest/asset/v1/programs.json')).result).toMatchObject([{ name: 'Webinar' }]);
    expect((await marketo.get('/rest/v1/campaigns.json')).result).toEqual([]);
  });

  test('when leads are moved to a partition, they can be found by it', async () => {
    marketo.vendor.stores.partitions.add('EMEA');

    const moved = await marketo.post('/rest/v1/leads/partitions.json', {
      input: [
        { id: ids[0], partitionName: 'EMEA' },
        { id: 999999, partitionName: 'EMEA' },
        { id: ids[1] },
        { id: ids[1], partitionName: 'X' },
      ],
    });
    await marketo.post('/rest/v1/leads.json', { partitionName: 'EMEA', input: [{ email: 'emea@example.org' }] });

    expect(moved.result?.map(({ status, reasons }) => reasons?.[0].code ?? status)).toEqual([
      'updated',
      '1004',
      '1009',
      '1008',
    ]);
    const partitions = (await marketo.get('/rest/v1/leads/partitions.json')).result ?? [];
    expect(partitions.map(({ name }) => name)).toEqual(['Default', 'EMEA']);
    const found = await marketo.get('/rest/v1/leads.json', {
      filterType: 'leadPartitionId',
      filterValues: String(partitions[1].id),
      fields: 'email',
    });
    expect(found.result?.map(({ email }) => email)).toEqual(['member0@example.org', 'emea@example.org']);
  });

  test('when leads are merged, the winner’s values win unless empty, and the losers are deleted', async () => {
    const { result = [] } = await marketo.post('/rest/v1/leads.json', {
      input: [
        { email: 'winner@example.org', firstName: 'Win' },
        { email: 'loser@example.org', firstName: 'Lose', city: 'Graz' },
        { email: 'loser2@example.org', city: 'Linz', crmKey: 'K' },
      ],
    });
    const [winner, loser, loser2] = result.map(({ id }) => id);
    marketo.vendor.stores.lists.addMember(listId, loser);
    const merge = (id: number | string, query: string) => marketo.post(`/rest/v1/leads/${id}/merge.json?${query}`, {});

    expect(await merge(winner, `leadIds=${loser},${loser2}`)).toEqual({ requestId: expect.any(String), success: true });

    const leads = await marketo.get('/rest/v1/leads.json', {
      filterType: 'id',
      filterValues: `${winner},${loser},${loser2}`,
      fields: 'email,firstName,city,crmKey',
    });
    expect(leads.result).toEqual([
      { id: winner, email: 'winner@example.org', firstName: 'Win', city: 'Graz', crmKey: 'K' },
    ]);
    expect(marketo.vendor.stores.lists.isMember(listId, winner)).toBe(true);
    const code = async (id: number | string, query: string) => (await merge(id, query)).errors?.[0]?.code;
    expect(await code(winner, `leadId=${loser}`)).toBe('1004');
    expect(await code(999999, `leadId=${winner}`)).toBe('1004');
    expect(await code(winner, '')).toBe('1002');
    expect(await code(winner, `leadIds=${Array.from({ length: 26 }, (_, index) => index + 100).join()}`)).toBe('1080');
    expect(await code(winner, `leadIds=${ids[0]},${ids[1]}&mergeInCRM=true`)).toBe('1003');
    expect(await code('x', `leadId=${winner}`)).toBe('1001');
  });

  test('when unsubscribed is set on one lead, it holds for all with the address', async () => {
    const { result = [] } = await marketo.post('/rest/v1/leads.json', {
      action: 'createDuplicate',
      input: [{ email: 'u@example.org' }, { email: 'U@example.org' }],
    });
    await marketo.post('/rest/v1/leads.json', {
      action: 'updateOnly',
      lookupField: 'id',
      input: [{ id: result[0].id, unsubscribed: true }],
    });

    const { result: leads } = await marketo.get('/rest/v1/leads.json', {
      filterType: 'email',
      filterValues: 'u@example.org',
      fields: 'unsubscribed',
    });
    expect(leads?.map(({ unsubscribed }) => unsubscribed)).toEqual([true, true]);
  });

  test('when a lead is pushed, associated or asked for its lists, it is answered', async () => {
    const pushed = await marketo.post('/rest/v1/leads/push.json', {
      programName: 'P',
      input: [{ email: 'push@example.org' }],
    });
    const id = pushed.result?.[0].id;
    marketo.vendor.stores.lists.addMember(listId, id);

    expect(pushed.result?.[0].status).toBe('created');
    expect((await marketo.post('/rest/v1/leads/push.json', { input: [{}] })).errors?.[0]?.code).toBe('1002');
    expect((await marketo.get(`/rest/v1/leads/${id}/listMembership.json`)).result).toEqual([
      { id: listId, name: 'Readers' },
    ]);
    const cookie = encodeURIComponent('id:123-ABC-456&token:_mch-example.org-1-2');
    expect((await marketo.post(`/rest/v1/leads/${id}/associate.json?cookie=${cookie}`)).success).toBe(true);
    expect((await marketo.post(`/rest/v1/leads/${id}/associate.json?cookie=x`)).errors?.[0]?.code).toBe('1012');
    expect((await marketo.post(`/rest/v1/leads/999999/associate.json?cookie=${cookie}`)).errors).toEqual([
      { code: '1004', message: "Lead '999999' not found" },
    ]);
  });
});
