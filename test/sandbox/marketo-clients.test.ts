import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import Marketo from 'node-marketo-rest';
import { fromSetUp, SERVICE_VARIABLES } from '../support/service-variables';
import { type MarketoFixture, START_AT, startMarketo, until } from './marketo-host';

const window = {
  startAt: new Date(START_AT - 3_600_000).toISOString(),
  endAt: new Date(START_AT + 3_600_000).toISOString(),
};

describe('clients that others wrote', () => {
  let marketo: MarketoFixture;
  beforeEach(async () => {
    marketo = await startMarketo({ callsPerWindow: 100, callsAtOnce: 10 });
  });
  afterEach(async () => {
    await marketo.close();
    expect(marketo.defects).toEqual([]);
  });
  const node = () =>
    new Marketo({
      endpoint: `${marketo.url}/rest`,
      identity: `${marketo.url}/identity`,
      clientId: 'sandbox',
      clientSecret: 'sandbox',
    });

  test('node-marketo-rest writes, finds, pages and merges leads', async () => {
    const client = node();
    const input = Array.from({ length: 300 }, (_, index) => ({ email: `node${index}@example.org`, crmKey: 'node' }));
    const written = await client.lead.createOrUpdate(input, { lookupField: 'email' });
    await client.lead.createOrUpdate([{ email: 'node300@example.org', crmKey: 'node' }]);
    const ids = written.result.map(({ id }) => id ?? 0);
    const first = await client.lead.find('crmKey', ['node'], { fields: ['email', 'crmKey'] });
    const second = await first.nextPage?.();

    expect(written.result.every(({ status }) => status === 'created')).toBe(true);
    expect([first.result.length, second?.result.length]).toEqual([300, 1]);
    expect(Object.keys(first.result[0] ?? {})).toEqual(['id', 'email', 'crmKey']);
    expect((await client.lead.byId(ids[0] ?? 0)).result[0]).toMatchObject({ email: 'node0@example.org' });
    expect((await client.lead.describe()).result.length).toBeGreaterThan(80);
    expect((await client.lead.partitions()).result).toMatchObject([{ name: 'Default' }]);
    expect((await client.lead.mergeLead(ids[0] ?? 0, [ids[1] ?? 0], {})).success).toBe(true);
    const { nextPageToken } = await client.lead.getPageToken(window.startAt);
    const changes = await client.lead.getChanges(nextPageToken, { fields: ['email'] });
    expect(changes.result).toHaveLength(300);
    await expect(client.lead.byId(999999)).rejects.toMatchObject({ errors: [{ code: '1004' }] });
  });

  test('node-marketo-rest finds lists and keeps their members', async () => {
    const client = node();
    const list = marketo.vendor.stores.lists.add({ name: 'Lions' });
    const { result } = await client.lead.createOrUpdate([{ email: 'l1@example.org' }, { email: 'l2@example.org' }]);
    const [a = 0, b = 0] = result.map(({ id }) => id);

    expect((await client.list.find({ name: ['Lions'] })).result).toMatchObject([{ id: list.id, name: 'Lions' }]);
    expect((await client.list.byId(list.id)).result).toHaveLength(1);
    expect((await client.list.addLeadsToList(list.id, [a, b])).result.map(({ status }) => status)).toEqual([
      'added',
      'added',
    ]);
    expect((await client.list.getLeads(list.id)).result.map(({ id }) => id)).toEqual([a, b]);
    expect((await client.list.removeLeadsFromList(list.id, [a])).result).toEqual([{ id: a, status: 'removed' }]);
    expect((await client.list.isMember(list.id, [a, b])).result.map(({ status }) => status)).toEqual([
      'notmemberof',
      'memberof',
    ]);
  });

  test('node-marketo-rest extracts leads in bulk', async () => {
    const client = node();
    await client.lead.createOrUpdate([{ email: 'bulk@example.org', lastName: 'Ł, "x"' }]);

    const { exportId } = (await client.bulkLeadExtract.create(['email', 'lastName'], { createdAt: window }))
      .result[0] ?? { exportId: '' };
    await client.bulkLeadExtract.enqueue(exportId);
    const job = await until(
      async () => (await client.bulkLeadExtract.status(exportId)).result[0],
      (state) => state?.status === 'Completed',
    );

    expect(job?.numberOfRecords).toBe(1);
    expect(await client.bulkLeadExtract.file(exportId)).toBe('email,lastName\nbulk@example.org,"Ł, ""x"""\n');
    const second = (await client.bulkLeadExtract.create(['email'], { createdAt: window })).result[0]?.exportId ?? '';
    expect((await client.bulkLeadExtract.cancel(second)).result[0]?.status).toBe('Cancelled');
  });

  test('marketorestpython writes and finds leads, extracts and imports in bulk', async () => {
    const python = fromSetUp(SERVICE_VARIABLES.python);
    const script = `${__dirname}/python/marketo_client.py`;
    const parameters = [script, marketo.url, 'sandbox', 'sandbox', window.startAt, window.endAt];

    const { stdout } = await promisify(execFile)(python, parameters);
    const seen = JSON.parse(stdout) as Record<string, unknown>;

    expect(seen).toMatchObject({
      statuses: ['created', 'skipped', 'created'],
      found: [
        { firstName: 'Py', email: 'py1@example.org', city: 'Graz' },
        { firstName: 'Three', email: 'py3@example.org', city: null },
      ],
      searchable: expect.arrayContaining([['email'], ['crmKey']]),
      export: 'Completed',
      file: 'email,firstName\npy1@example.org,Py\npy3@example.org,Three\n',
      jobs: 1,
      import: { status: 'Complete', numOfLeadsProcessed: 1, numOfRowsFailed: 1 },
      failures: expect.stringContaining('Invalid data type in field Lead Score'),
      deleted: [{ status: 'deleted' }, { status: 'deleted' }],
      error: { code: '1004', message: "Lead '99999999' not found" },
    });
  }, 60_000);
});
