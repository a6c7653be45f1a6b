import { createHash } from 'node:crypto';
import { type Envelope, type MarketoFixture, START_AT, startMarketo, until } from './marketo-host';

const DAY_MS = 86_400_000;
const at = (offsetMs: number): string => new Date(START_AT + offsetMs).toISOString();
const month = { startAt: at(-31 * DAY_MS), endAt: at(0) };

describe('bulk extract of leads', () => {
  let marketo: MarketoFixture;
  beforeEach(async () => {
    marketo = await startMarketo();
  });
  afterEach(async () => {
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });

  const create = (body: Record<string, unknown> = {}): Promise<Envelope> =>
    marketo.post('/bulk/v1/leads/export/create.json', { fields: ['id'], filter: { createdAt: month }, ...body });
  const call = (exportId: string, verb: string) => marketo.post(`/bulk/v1/leads/export/${exportId}/${verb}.json`);
  const status = async (exportId: string) =>
    (await marketo.get(`/bulk/v1/leads/export/${exportId}/status.json`)).result?.[0];
  const file = (exportId: string, headers: Record<string, string> = {}) =>
    marketo.send(`/bulk/v1/leads/export/${exportId}/file.json`, { headers });
  const completed = (exportId: string) =>
    until(
      () => status(exportId),
      (job) => job.status === 'Completed' || job.status === 'Failed',
    );
  const run = async (body: Record<string, unknown> = {}) => {
    const { exportId } = (await create(body)).result?.[0] ?? {};
    await call(exportId, 'enqueue');
    return completed(exportId);
  };

  test('when a job is made, queued and run, its members appear one after another', async () => {
    const made = await create();
    const [job] = made.result ?? [];
    expect(job).toEqual({
      exportId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      format: 'CSV',
      status: 'Created',
      createdAt: expect.any(String),
    });

    const queued = await call(job.exportId, 'enqueue');
    expect(queued.result?.[0]).toMatchObject({ status: 'Queued', queuedAt: expect.any(String) });

    expect(await completed(job.exportId)).toEqual({
      exportId: job.exportId,
      format: 'CSV',
      status: 'Completed',
      createdAt: expect.any(String),
      queuedAt: expect.any(String),
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
      numberOfRecords: 0,
      fileSize: 3,
      fileChecksum: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect(await (await file(job.exportId)).text()).toBe('id\n');
  });

  test('when values are hostile, the file holds them quoted where needed and null as a bare word', async () => {
    const notes = 'line 1\r\nline "2"\u0000,\u2028 =1+1 😀';
    marketo.vendor.stores.insertRecords('leads', [
      {
        email: 'ada@example.org',
        firstName: 'Ada',
        title: 'Chief "Analyst", London',
        mktoPersonNotes: notes,
        createdAt: START_AT - DAY_MS,
      },
      { email: ' Bob@example.org ', lastName: 'null', unsubscribed: true, createdAt: START_AT - 2 * DAY_MS },
    ]);

    const { exportId, numberOfRecords } = await run({
      fields: ['email', 'firstName', 'title', 'mktoPersonNotes', 'lastName', 'unsubscribed', 'createdAt', 'company'],
      columnHeaderNames: { email: 'E-mail, main' },
    });

    expect(numberOfRecords).toBe(2);
    expect(await (await file(exportId)).text()).toBe(
      `${[
        '"E-mail, main",firstName,title,mktoPersonNotes,lastName,unsubscribed,createdAt,company',
        `ada@example.org,Ada,"Chief ""Analyst"", London","${notes.replaceAll('"', '""')}",null,false,2026-08-29T17:00:00Z,null`,
        ' Bob@example.org ,null,null,null,null,true,2026-08-28T17:00:00Z,null',
      ].join('\n')}\n`,
    );
  });

  test('when the file is fetched in ranges, the pieces fit together and to the checksum', async () => {
    const leads = Array.from({ length: 20_000 }, (_, index) => ({
      email: `person${index}@example.org`,
      lastName: 'Ü'.repeat(30),
    }));
    marketo.vendor.stores.insertRecords('leads', leads);
    const { exportId, fileSize, fileChecksum } = await run({
      fields: ['id', 'email', 'lastName'],
      filter: { createdAt: { startAt: at(-DAY_MS), endAt: at(DAY_MS) } },
    });
    const size = Number(fileSize);

    const whole = Buffer.from(await (await file(exportId)).arrayBuffer());
    const pieces: Buffer[] = [];
    for (let from = 0; from < size; from += 700_001) {
      const answer = await file(exportId, { Range: `bytes=${from}-${from + 700_000}` });
      expect(answer.status).toBe(206);
      expect(answer.headers.get('content-range')).toBe(`bytes ${from}-${Math.min(from + 700_000, size - 1)}/${size}`);
      pieces.push(Buffer.from(await answer.arrayBuffer()));
    }

    expect(whole).toHaveLength(size);
    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
    expect(`sha256:${createHash('sha256').update(whole).digest('hex')}`).toBe(fileChecksum);
    expect((await file(exportId, { Range: `bytes=${size}-` })).status).toBe(416);
    expect(await (await file(exportId, { Range: 'bytes=-5' })).text()).toBe(whole.subarray(-5).toString());
  });

  test('when the window is given, both of its ends are in it', async () => {
    const startAt = START_AT - 3 * DAY_MS;
    marketo.vendor.stores.insertRecords(
      'leads',
      [-1000, 0, 1000, 2000].map((ms) => ({ createdAt: startAt + ms })),
    );

    const job = await run({
      filter: {
        createdAt: { startAt: new Date(startAt).toISOString(), endAt: new Date(startAt + 1000).toISOString() },
      },
    });

    expect(job.numberOfRecords).toBe(2);
  });

  test('when the filter is updatedAt, it follows every change, not the visible column', async () => {
    marketo.vendor.stores.insertRecords('leads', [
      { email: 'old@example.org', createdAt: START_AT - 100 * DAY_MS, updatedAt: START_AT - 90 * DAY_MS },
    ]);
    await marketo.post('/rest/v1/leads.json', { input: [{ email: 'old@example.org', crmKey: 'new' }] });

    const { exportId } = await run({
      fields: ['crmKey', 'updatedAt'],
      filter: { updatedAt: { startAt: at(-1000), endAt: at(60_000) } },
    });

    expect(await (await file(exportId)).text()).toBe('crmKey,updatedAt\nnew,2026-06-01T17:00:00Z\n');
  });

  test('when the create call is wrong, the code says why', async () => {
    const error = async (body: Record<string, unknown>) => (await create(body)).errors?.[0];
    const tooLong = { startAt: at(-31 * DAY_MS - 1000), endAt: at(0) };

    expect(await error({ fields: ['id', 'a', 'b'] })).toEqual({ code: '1003', message: 'Invalid fields [a, b]' });
    expect(await error({ fields: undefined })).toMatchObject({ code: '1002' });
    expect(await error({ filter: {} })).toMatchObject({ code: '1002' });
    expect(await error({ filter: { createdAt: month, updatedAt: month } })).toMatchObject({ code: '1003' });
    expect(await error({ filter: { createdAt: tooLong } })).toMatchObject({ code: '1003' });
    expect(await error({ filter: { createdAt: { startAt: at(0), endAt: at(-1000) } } })).toMatchObject({
      code: '1003',
    });
    expect(await error({ filter: { createdAt: { startAt: 'now', endAt: at(0) } } })).toMatchObject({ code: '1003' });
    expect(await error({ filter: { createdAt: { startAt: at(0) } } })).toMatchObject({ code: '1002' });
    expect(await error({ filter: { staticListId: 4711 } })).toMatchObject({ code: '1013' });
    expect(await error({ format: 'XML' })).toMatchObject({ code: '1003' });
    marketo.vendor.stores.settings.change({ updatedAtFilter: false });
    expect(await error({ filter: { updatedAt: month } })).toEqual({
      code: '1035',
      message: 'Unsupported filter type for target subscription: updatedAt',
    });
  });

  test('when a job is queued twice, cancelled or unknown, the answers say so', async () => {
    marketo.vendor.stores.settings.change({ holdJobs: true });
    const { exportId } = (await create()).result?.[0] ?? {};

    expect((await file(exportId)).status).toBe(404);
    await call(exportId, 'enqueue');
    expect((await call(exportId, 'enqueue')).errors).toEqual([{ code: '1029', message: 'Job already queued' }]);
    expect((await call(exportId, 'cancel')).result?.[0]).toMatchObject({ status: 'Cancelled' });
    expect((await call(exportId, 'cancel')).errors?.[0]?.code).toBe('1003');
    expect((await call(exportId, 'enqueue')).errors?.[0]?.code).toBe('1003');
    expect((await call('no-such-job', 'enqueue')).errors?.[0]?.code).toBe('1013');
    const missing = await file('no-such-job');
    expect([missing.status, missing.headers.get('content-type')]).toEqual([404, 'text/plain;charset=UTF-8']);
    const list = await marketo.get('/bulk/v1/leads/export.json', { status: 'Cancelled,Queued' });
    expect(list.result).toMatchObject([{ exportId, status: 'Cancelled' }]);
    expect((await marketo.get('/bulk/v1/leads/export.json?status=Created&status=Completed')).result).toEqual([]);
  });

  test('when ten jobs wait or run, the eleventh is refused, and two run at a time', async () => {
    marketo.vendor.stores.settings.change({ holdJobs: true });
    const ids: string[] = [];
    for (let index = 0; index < 11; index += 1) ids.push((await create()).result?.[0].exportId);
    const answers = [];
    for (const id of ids) answers.push((await call(id, 'enqueue')).errors?.[0]);

    expect(answers).toEqual([...Array(10).fill(undefined), { code: '1029', message: 'Too many jobs in queue' }]);
    const running = await marketo.get('/bulk/v1/leads/export.json', { status: 'Processing' });
    expect(running.result).toHaveLength(2);
    marketo.vendor.stores.settings.change({ holdJobs: false });
    for (const id of ids.slice(0, 10)) expect((await completed(id)).status).toBe('Completed');
  });

  test('when the day’s megabytes are used up, create and enqueue are refused until midnight Central', async () => {
    await marketo.vendor.stores.insertRecords('leads', [{ email: 'a@example.org', createdAt: START_AT - DAY_MS }]);
    const waiting = (await create()).result?.[0].exportId;
    await run();
    marketo.vendor.stores.settings.change({ exportBytesPerDay: 5 });
    const refusal = { code: '1029', message: 'Export daily quota 0MB exceeded.' };

    expect((await create()).errors).toEqual([refusal]);
    expect((await call(waiting, 'enqueue')).errors).toEqual([refusal]);

    marketo.clock.set(Date.parse('2026-08-31T04:59:00Z'));
    expect((await create()).errors).toEqual([refusal]);
    marketo.clock.set(Date.parse('2026-08-31T05:00:00Z'));
    expect((await call(waiting, 'enqueue')).result?.[0]).toMatchObject({ status: 'Queued' });
  });

  test('when states step once a minute, a finished job shows it at the next step', async () => {
    marketo.vendor.stores.settings.change({ statusStepMs: 60_000 });
    const { exportId } = (await create()).result?.[0] ?? {};
    await call(exportId, 'enqueue');
    marketo.clock.advance(50_000);

    expect((await status(exportId)).status).toBe('Queued');
    expect((await file(exportId)).status).toBe(404);
    marketo.clock.advance(10_000);
    expect((await completed(exportId)).status).toBe('Completed');
  });

  test('when told so, jobs fail, files are missing and checksums are wrong', async () => {
    marketo.vendor.stores.settings.change({ failNextExports: 1, missingFiles: 1, wrongChecksums: 1 });

    const failed = await run();
    const { exportId, fileChecksum } = await run();

    expect(failed).toMatchObject({ status: 'Failed', errorMsg: expect.any(String) });
    expect((await file(exportId)).status).toBe(404);
    const text = await (await file(exportId)).text();
    expect(`sha256:${createHash('sha256').update(text).digest('hex')}`).not.toBe(fileChecksum);
  });

  test('when the sandbox starts again, a queued job runs and a finished file is there', async () => {
    const done = await run();
    const waiting = (await create()).result?.[0].exportId;
    await call(waiting, 'enqueue');

    await marketo.restart();

    expect(await (await file(done.exportId)).text()).toBe('id\n');
    expect((await completed(waiting)).status).toBe('Completed');
  });

  test('when a week is over, the file is gone and the list shows the job no more', async () => {
    const { exportId } = await run();

    marketo.clock.advance(7 * DAY_MS + 1000);

    expect((await file(exportId)).status).toBe(404);
    expect((await status(exportId)).status).toBe('Completed');
    expect((await marketo.get('/bulk/v1/leads/export.json')).result).toEqual([]);
    marketo.clock.advance(23 * DAY_MS);
    expect((await marketo.get(`/bulk/v1/leads/export/${exportId}/status.json`)).errors?.[0]?.code).toBe('1013');
  });

  test('when the state is asked for without pause, it counts as a violation', async () => {
    const { exportId } = (await create()).result?.[0] ?? {};
    const count = () =>
      marketo.host.violations().find(({ violation }) => violation === 'pollingWithoutPause')?.count ?? 0;

    await status(exportId);
    const first = count();
    // whenever two looks are as close as they are meant to be
    while (count() === 0) await status(exportId);

    expect(first).toBe(0);
  });

  test('when another API user asks, the job is not there', async () => {
    const { exportId } = (await create()).result?.[0] ?? {};
    marketo.vendor.addApiUser({ clientId: 'other', clientSecret: 'o', userName: 'other@example.com' });
    const signIn = await fetch(
      `${marketo.url}/identity/oauth/token?grant_type=client_credentials&client_id=other&client_secret=o`,
    );
    const { access_token } = (await signIn.json()) as { access_token: string };

    const answer = await marketo.send(`/bulk/v1/leads/export/${exportId}/status.json`, {
      headers: { Authorization: `Bearer ${access_token}` },
    });

    expect(await answer.json()).toMatchObject({ success: false, errors: [{ code: '1013' }] });
  });
});
