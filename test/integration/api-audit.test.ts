import { Client, Connection } from '@temporalio/client';
import { verifyAudit } from '../../db/queries/audit-chain';
import { openExecution, takeOver } from '../../db/queries/executions';
import { appendOutcomes } from '../../db/queries/ledger';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { type ApiReply, RunningApi } from '../support/running-api';
import { testTemporal } from '../support/temporal';

const NOW = '2026-03-01T09:30:00.000Z';
const EMAIL = 'jane.doe@example.com';

let temporal: Connection;
let api: RunningApi;

beforeAll(async () => {
  temporal = Connection.lazy({ address: testTemporal().address });
  const engine = new TemporalEngine(new Client({ connection: temporal }));
  api = await RunningApi.start({ engine, allowedHosts: [], trustedProxies: ['127.0.0.1'] });
}, 30_000);
afterAll(async () => {
  await api.stop();
  await temporal.close();
});

interface Entry {
  id: string;
  at: string;
  who: string;
  action: string;
  subject: string;
  address: string | null;
  details: Record<string, unknown>;
}
const itemsOf = ({ body }: ApiReply) => body.items as unknown as Entry[];
const audit = async (query: Record<string, string> = {}) =>
  itemsOf(await api.call('GET', `/audit?${new URLSearchParams({ limit: '500', ...query })}`));

async function keyOf(role: string): Promise<{ name: string; headers: { authorization: string } }> {
  const name = `${role} ${Math.random()}`;
  const { body } = await api.call('POST', '/api-keys', { name, role });
  return { name, headers: { authorization: `Bearer ${String(body.key)}` } };
}

/** An execution with one outcome. */
async function givenExecution(): Promise<{ syncId: string; executionId: string }> {
  const { sql } = api.database;
  const syncId = String((await api.call('POST', '/syncs', { name: `Runs ${Math.random()}` })).body.id);
  await sql`update syncs set status = 'active' where sync_id = ${syncId}`;
  const { executionId } = await openExecution(sql, {
    syncId,
    number: 1,
    trigger: 'now',
    scheduledFor: NOW,
    asOf: NOW,
  });
  const attempt = await takeOver(sql, executionId);
  const told = { outcome: 'created' as const, reason: null, message: null, field: null, destinationId: '0031' };
  await sql.begin((tx) => appendOutcomes(tx, attempt, [{ sourceId: '1', sortKey: '1', matchKey: EMAIL, ...told }]));
  return { syncId, executionId };
}

test('an entry tells from where the call came, as a trusted proxy tells it, and the chain vouches for it', async () => {
  const name = `From afar ${Math.random()}`;
  await api.call('POST', '/api-keys', { name, role: 'viewer' }, { 'x-forwarded-for': '198.51.100.7' });
  const link = String((await api.call('POST', '/session/links')).body.url);
  await fetch(link, { redirect: 'manual', headers: { 'x-forwarded-for': '203.0.113.9' } });

  const [made] = await audit({ action: 'api-key.create' });
  const [opened] = await audit({ action: 'session.open', who: 'A sign-in link' });

  expect(made).toMatchObject({ address: '198.51.100.7', details: { name } });
  expect(opened).toMatchObject({ address: '203.0.113.9' });
  expect((await verifyAudit(api.database.sql, null, new AbortController().signal)).faults).toEqual([]);
});

test('a changed connection is noted with its settings before and after, and of secrets only that they changed', async () => {
  const name = `Marketo ${Math.random()}`;
  const settings = { baseUrl: 'https://123-abc-456.mktorest.com', clientId: 'one', clientSecret: 'first secret' };
  const made = await api.call('POST', '/connections', { name, kind: 'marketo', settings });
  const id = String(made.body.id);

  await api.call('PATCH', `/connections/${id}`, { settings: { quotaShare: 0.3, clientSecret: 'second secret' } });
  const renamed = await api.call('PATCH', `/connections/${id}`, { name: `${name} EU` });

  const entries = await audit({ subject: `connection/${id}` });
  expect(renamed.status).toBe(200);
  expect(entries.map(({ action, details }) => [action, details.changes])).toEqual([
    ['connection.change', [{ path: 'name', before: name, after: `${name} EU` }]],
    [
      'connection.change',
      [
        { path: 'settings.quotaShare', before: 0.5, after: 0.3 },
        { path: 'settings.clientSecret', isSecret: true },
      ],
    ],
    [
      'connection.create',
      [
        { path: 'name', after: name },
        { path: 'settings.baseUrl', after: settings.baseUrl },
        { path: 'settings.clientId', after: 'one' },
        { path: 'settings.quotaShare', after: 0.5 },
        { path: 'settings.clientSecret', isSecret: true },
      ],
    ],
  ]);
  expect(JSON.stringify(entries)).not.toMatch(/first secret|second secret/);
});

describe('a look at records', () => {
  test('is noted once an hour for a list that is scrolled, without what was searched for; and for each person', async () => {
    const { executionId } = await givenExecution();
    const [one, other] = [await keyOf('operator'), await keyOf('admin')];
    const look = (headers: Record<string, string>, query: string) =>
      api.call('GET', `/executions/${executionId}/records?${query}`, undefined, headers);

    const first = await look(one.headers, `outcome=created&search=${EMAIL}`);
    await look(one.headers, 'limit=1');
    await look(other.headers, 'limit=1');
    const within = await audit({ subject: `execution/${executionId}` });
    await api.database.sql.begin(async (tx) => {
      await tx`set local session_replication_role = 'replica'`;
      await tx`update audit set at = at - interval '61 minutes' where subject = ${`execution/${executionId}`}`;
    });
    await look(one.headers, 'limit=1');
    const later = await audit({ subject: `execution/${executionId}`, who: one.name });

    expect(first.status).toBe(200);
    expect(within.map(({ who, action }) => [who, action])).toEqual([
      [other.name, 'records.show'],
      [one.name, 'records.show'],
    ]);
    expect(within[1]).toMatchObject({ address: '127.0.0.1', details: { outcome: 'created', search: true } });
    expect(JSON.stringify(within)).not.toContain(EMAIL);
    expect(later).toHaveLength(2);
  });

  test('is noted for each file', async () => {
    const { executionId } = await givenExecution();
    const { headers, name } = await keyOf('operator');
    const read = (path: string) => api.call('GET', `/executions/${executionId}/${path}`, undefined, headers);

    await read('records.csv?outcome=created');
    await read('records.csv');

    expect((await audit({ who: name })).map(({ action, subject }) => [action, subject]).sort()).toEqual([
      ['records.download', `execution/${executionId}`],
      ['records.download', `execution/${executionId}`],
    ]);
  });

  test('of viewers, who see masked values, is not', async () => {
    const { executionId } = await givenExecution();
    const { headers, name } = await keyOf('viewer');

    const { status } = await api.call('GET', `/executions/${executionId}/records`, undefined, headers);
    await api.call('GET', `/executions/${executionId}/records.csv`, undefined, headers);

    expect(status).toBe(200);
    expect(await audit({ who: name })).toEqual([]);
  });
});

describe('the audit is narrowed', () => {
  test('by who, action, subject and time, page by page', async () => {
    const { headers, name } = await keyOf('operator');
    const ids: string[] = [];
    for (let at = 0; at < 3; at += 1) {
      const { body } = await api.call('POST', '/syncs', { name: `Narrowed ${Math.random()}` }, headers);
      ids.push(String(body.id));
    }
    await api.call('DELETE', `/syncs/${ids[1]}`, undefined, headers);

    const all = await audit({ who: name });
    const made = await audit({ who: name, action: 'sync.create' });
    const ofOne = await audit({ subject: `sync/${ids[1]}` });
    const [, second] = all;
    const since = await audit({ who: name, from: second?.at ?? '' });
    const before = await audit({ who: name, to: second?.at ?? '' });
    const page = await api.call('GET', `/audit?${new URLSearchParams({ who: name, limit: '3' })}`);
    const rest = await audit({ who: name, cursor: String(page.body.nextCursor) });

    expect(all).toHaveLength(4);
    expect(made).toHaveLength(3);
    expect(ofOne.map(({ action }) => action)).toEqual(['sync.delete', 'sync.create']);
    expect([since.length, before.length]).toEqual([2, 2]);
    expect([...itemsOf(page), ...rest].map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  });

  test.each([
    ['user=somebody', 'user'],
    ['who=', 'who'],
    ['action=everything', 'action'],
    ['from=yesterday', 'from'],
    ['from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'to'],
  ])('and %s is refused by its name', async (query, path) => {
    const refused = await api.call('GET', `/audit?${query}`);

    expect(refused).toMatchObject({ status: 422, body: { errors: [{ path }] } });
  });
});

test('executions of a sync are narrowed by their state, and an unknown one is refused', async () => {
  const { syncId } = await givenExecution();
  const list = (state: string) => api.call('GET', `/syncs/${syncId}/executions?state=${state}`);

  expect(itemsOf(await list('running'))).toHaveLength(1);
  expect(itemsOf(await list('failed'))).toHaveLength(0);
  expect(await list('walking')).toMatchObject({ status: 422, body: { errors: [{ path: 'state' }] } });
});
