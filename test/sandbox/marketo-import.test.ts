import { type Envelope, type MarketoFixture, startMarketo, until } from './marketo-host';

describe('bulk import', () => {
  let marketo: MarketoFixture;
  beforeEach(async () => {
    marketo = await startMarketo();
  });
  afterEach(async () => {
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });

  const upload = async (path: string, csv: string, fields: Record<string, string> = {}): Promise<Envelope> => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new Blob([csv], { type: 'text/csv' }), 'people.csv');
    return (await (await marketo.send(path, { method: 'POST', body: form })).json()) as Envelope;
  };
  const importLeads = (csv: string, query = 'format=csv') => upload(`/bulk/v1/leads.json?${query}`, csv);
  const finished = (path: string) =>
    until(
      async () => (await marketo.get(path)).result?.[0],
      (job) => job.status === 'Complete' || job.status === 'Failed',
    );
  const run = async (csv: string, query?: string) => {
    const { batchId } = (await importLeads(csv, query)).result?.[0] ?? {};
    return finished(`/bulk/v1/leads/batch/${batchId}.json`);
  };
  const rows = async (batchId: number, kind: string) =>
    (await marketo.send(`/bulk/v1/leads/batch/${batchId}/${kind}.json`)).text();
  const read = async (filterType: string, filterValues: string, fields: string) =>
    (await marketo.get('/rest/v1/leads.json', { filterType, filterValues, fields })).result;

  test('when a file is good, its rows are upserted and the job says Complete, not Completed', async () => {
    await marketo.post('/rest/v1/leads.json', { input: [{ email: 'old@example.org', city: 'Graz', title: 'T' }] });
    const list = marketo.vendor.stores.lists.add({ name: 'Imported' });

    const queued = await importLeads(
      'email,firstName,city,mktoPersonNotes\nold@example.org,Old,,"a ""b""\nc"\nnew@example.org,New,Linz,\n',
      `format=csv&listId=${list.id}`,
    );
    const { batchId } = queued.result?.[0] ?? {};
    const job = await finished(`/bulk/v1/leads/batch/${batchId}.json`);

    expect(queued.result).toEqual([{ batchId, importId: String(batchId), status: 'Queued' }]);
    expect(job).toEqual({
      batchId,
      importId: String(batchId),
      status: 'Complete',
      numOfLeadsProcessed: 2,
      numOfRowsFailed: 0,
      numOfRowsWithWarning: 0,
      message: 'Import succeeded, 2 records imported (2 members)',
    });
    expect(await read('email', 'old@example.org,new@example.org', 'firstName,city,title,mktoPersonNotes')).toEqual([
      { id: expect.any(Number), firstName: 'Old', city: 'Graz', title: 'T', mktoPersonNotes: 'a "b"\nc' },
      { id: expect.any(Number), firstName: 'New', city: 'Linz', title: null, mktoPersonNotes: null },
    ]);
    expect(marketo.vendor.stores.lists.memberCount(list.id)).toBe(2);
    expect(await rows(batchId, 'failures')).toBe('');
  });

  test('when rows are bad, failures and warnings tell them with label and reason', async () => {
    await marketo.post('/rest/v1/leads.json', {
      action: 'createDuplicate',
      input: [{ email: 'two@example.org' }, { email: 'two@example.org' }],
    });

    const job = await run(
      [
        'email,leadScore,department,firstName',
        'ok@example.org,5,,A',
        'x@example.org,many,,B',
        ',1,,C',
        'two@example.org,1,,D',
        'bademail,1,,"E, e"',
      ].join('\r\n'),
    );

    expect(job).toMatchObject({
      status: 'Complete',
      numOfLeadsProcessed: 2,
      numOfRowsFailed: 3,
      numOfRowsWithWarning: 1,
      message: 'Import completed with errors, 2 records imported (2 members), 3 failed, 1 warning.',
    });
    expect(await rows(job.batchId, 'failures')).toBe(
      [
        'email,leadScore,firstName,Import Failure Reason',
        'x@example.org,many,B,Invalid data type in field Lead Score',
        ",1,C,Value for lookup field 'email' not found",
        'two@example.org,1,D,Multiple lead match lookup criteria',
        '',
      ].join('\n'),
    );
    expect(await rows(job.batchId, 'warnings')).toBe(
      'email,leadScore,firstName,Import Warning Reason\nbademail,1,"E, e",Invalid email address\n',
    );
    expect(await read('email', 'bademail', 'email')).toHaveLength(1);
  });

  test('when the look-up is by id, rows only update', async () => {
    const { result = [] } = await marketo.post('/rest/v1/leads.json', { input: [{ email: 'id@example.org' }] });

    const job = await run(
      `id,email\n${result[0].id},changed@example.org\n999999,new@example.org\n`,
      'format=csv&lookupField=id',
    );

    expect(job).toMatchObject({ numOfLeadsProcessed: 1, numOfRowsFailed: 1 });
    expect(await read('email', 'changed@example.org,new@example.org', 'email')).toEqual([
      { id: result[0].id, email: 'changed@example.org' },
    ]);
  });

  test('when the switches say so, blank cells clear and the newest of several is updated', async () => {
    marketo.vendor.stores.settings.change({ blankCellInImport: 'clear', severalMatchesInImport: 'updateNewest' });
    await marketo.post('/rest/v1/leads.json', {
      action: 'createDuplicate',
      input: [
        { email: 'n@example.org', city: 'A' },
        { email: 'n@example.org', city: 'B' },
      ],
    });

    await run('email;city\nn@example.org;', 'format=ssv');

    expect((await read('email', 'n@example.org', 'city'))?.map(({ city }) => city)).toEqual(['A', null]);
  });

  test('when the call is wrong, the code says so', async () => {
    const code = async (csv: string, query: string) => (await importLeads(csv, query)).errors?.[0]?.code;

    expect(await code('email\n', 'x=1')).toBe('1002');
    expect(await code('email\n', 'format=xls')).toBe('1003');
    expect(await code('', 'format=csv')).toBe('1003');
    expect(await code('email,nosuch\n', 'format=csv')).toBe('1006');
    expect(await code('email\n', 'format=csv&lookupField=createdAt')).toBe('1011');
    expect(await code('email\n', 'format=csv&listId=4711')).toBe('1013');
    const plain = await marketo.send('/bulk/v1/leads.json?format=csv', { method: 'POST', body: 'email\n' });
    expect(await plain.json()).toMatchObject({ errors: [{ code: '613', message: 'Invalid Multipart Request' }] });
    const cut = await marketo.send('/bulk/v1/leads.json?format=csv', {
      method: 'POST',
      body: '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nemail',
      headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
    });
    expect(await cut.json()).toMatchObject({ errors: [{ code: '613' }] });
    expect((await marketo.get('/bulk/v1/leads/batch/4711.json')).errors?.[0]?.code).toBe('1013');
    const big = new FormData();
    big.append('file', new Blob(['x'.repeat(10 * 1024 * 1024)]), 'big.csv');
    expect((await marketo.send('/bulk/v1/leads.json?format=csv', { method: 'POST', body: big })).status).toBe(413);
  });

  test('when ten imports wait or run, the eleventh is 1016; the same list at once is 1019', async () => {
    marketo.vendor.stores.settings.change({ holdJobs: true });
    const list = marketo.vendor.stores.lists.add({ name: 'Busy' });
    await importLeads('email\na@example.org', `format=csv&listId=${list.id}`);

    expect((await importLeads('email\na@example.org', `format=csv&listId=${list.id}`)).errors?.[0]?.code).toBe('1019');
    for (let index = 0; index < 9; index += 1) await importLeads(`email\nq${index}@example.org`);
    const eleventh = await importLeads('email\na@example.org');

    expect(eleventh.errors).toEqual([
      { code: '1016', message: 'There are 10 imports currently being processed. Please try again later' },
    ]);
    marketo.vendor.stores.settings.change({ holdJobs: false });
    await finished('/bulk/v1/leads/batch/10.json');
  });

  test('when the sandbox starts again, a queued import runs to its end', async () => {
    marketo.vendor.stores.settings.change({ holdJobs: true });
    const { batchId } = (await importLeads('email\nrestart@example.org')).result?.[0] ?? {};
    marketo.vendor.stores.settings.change({ holdJobs: false });

    await marketo.restart();

    expect(await finished(`/bulk/v1/leads/batch/${batchId}.json`)).toMatchObject({ numOfLeadsProcessed: 1 });
  });
});
