import { Client, Connection } from '@temporalio/client';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { type MarketoHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { RunningApi, settingsOf } from '../support/running-api';
import { testTemporal } from '../support/temporal';

let temporal: Connection;
let sandbox: Sandbox;
let other: MarketoHost;
let api: RunningApi;

beforeAll(async () => {
  temporal = Connection.lazy({ address: testTemporal().address });
  sandbox = await startSandbox({});
  other = await sandbox.createInstance('marketo', { name: 'other' });
  const allowedHosts = [sandbox.marketo.url, other.url].map((url) => new URL(url).host);
  const { taskQueue } = testTemporal();
  api = await RunningApi.start({
    engine: new TemporalEngine(new Client({ connection: temporal }), taskQueue),
    allowedHosts,
  });
}, 60_000);

afterAll(async () => {
  await api.stop();
  await sandbox.stop();
  await temporal.close();
});

afterEach(() => {
  sandbox.marketo.faults.clear();
});

const rowsOf = async (table: string): Promise<number> =>
  Number((await api.database.sql.unsafe(`select count(*) from ${table}`))[0]?.count);

async function connected(name: string, host: MarketoHost): Promise<string> {
  const { body } = await api.call('POST', '/connections', { name, kind: 'marketo', settings: settingsOf(host) });
  return String(body.id);
}

async function usedBy(connectionId: string, name: string): Promise<string> {
  const { body } = await api.call('POST', '/syncs', {
    name,
    source: { connectionId, object: 'Lead' },
    destination: { connectionId, object: 'Lead' },
    mappings: [{ from: { field: 'email' }, to: 'email' }],
    schedule: { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2026-01-01T02:30' },
  });
  return String(body.id);
}

describe('Idempotency-Key', () => {
  test('when the same request comes ten times at once, it is done once, and all get the one answer (ASVS 2.3.4)', async () => {
    const headers = { 'idempotency-key': 'ten at once' };
    const before = await rowsOf('syncs');

    const replies = await Promise.all(
      Array.from({ length: 10 }, () => api.call('POST', '/syncs', { name: 'One of ten' }, headers)),
    );

    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(replies.map(({ body }) => body.id)).size).toBe(1);
    expect(new Set(replies.map(({ headers: sent }) => sent.get('etag')))).toEqual(new Set(['"1"']));
    expect(replies.filter(({ headers: sent }) => sent.get('idempotency-replayed') === 'true')).toHaveLength(9);
    expect(await rowsOf('syncs')).toBe(before + 1);
  });

  test('when the first request was refused, nothing is kept of it: the next one is looked at anew', async () => {
    const headers = { 'idempotency-key': 'first refused' };
    const { body: draft } = await api.call('POST', '/syncs', { name: 'Refused first' });
    const path = `/syncs/${String(draft.id)}/pause`;

    const refused = await api.call('POST', path, undefined, headers);
    await api.database.sql`update syncs set status = 'active' where sync_id = ${String(draft.id)}`;
    const taken = await api.call('POST', path, undefined, headers);
    const again = await api.call('POST', path, undefined, headers);

    expect([refused.status, taken.status, again.status]).toEqual([409, 202, 202]);
    expect(again.body).toEqual(taken.body);
  });

  test('keys belong to who sends them: another caller with the same key makes a request of its own', async () => {
    const headers = { 'idempotency-key': 'shared by chance' };
    const { body } = await api.call('POST', '/api-keys', { name: 'Someone else', role: 'operator' });

    const one = await api.call('POST', '/syncs', { name: 'Mine' }, headers);
    const two = await api.call(
      'POST',
      '/syncs',
      { name: 'Mine' },
      { ...headers, authorization: `Bearer ${String(body.key)}` },
    );

    expect(two.status).toBe(201);
    expect(two.body.id).not.toBe(one.body.id);
  });

  test('an answer with values of records is kept nowhere: the same key asks anew', async () => {
    const connectionId = await connected('Examples', sandbox.marketo);
    sandbox.marketo.vendor.stores.insertRecords('leads', [{ email: 'kept.nowhere@example.com' }]);
    const question = { connectionId, object: 'Lead' };

    const first = await api.call('POST', '/examples', question, { 'idempotency-key': 'examples' });
    const second = await api.call('POST', '/examples', question, { 'idempotency-key': 'examples' });
    const kept = await api.database.sql`select * from idempotency_keys`;

    expect(JSON.stringify(first.body)).toContain('kept.nowhere@example.com');
    expect(second.headers.get('idempotency-replayed')).toBeNull();
    expect(JSON.stringify(kept)).not.toContain('kept.nowhere');
  });

  test('a question that changes nothing gets its first answer again, too', async () => {
    const connectionId = await connected('Asked twice', sandbox.marketo);
    const headers = { 'idempotency-key': 'asked twice' };
    const path = `/connections/${connectionId}/test`;

    const first = await api.call('POST', path, undefined, headers);
    sandbox.marketo.faults.add({ match: {}, action: { type: 'vendorError', code: '603' } });
    const second = await api.call('POST', path, undefined, headers);

    expect(first.body).toMatchObject({ ok: true });
    expect(second.body).toEqual(first.body);
  });
});

test('when a change fails half way, neither it nor its entry in the audit nor its key is there (ASVS 2.3.3, 16.5.3)', async () => {
  const counts = () => Promise.all(['syncs', 'sync_versions', 'audit', 'idempotency_keys'].map(rowsOf));
  await api.database.sql`alter table audit add constraint no_more check (action <> 'sync.create') not valid`;
  const before = await counts();

  const reply = await api.call('POST', '/syncs', { name: 'Half way' }, { 'idempotency-key': 'half way' });

  const after = await counts();
  await api.database.sql`alter table audit drop constraint no_more`;
  expect(reply.status).toBe(500);
  expect(JSON.stringify(reply.body)).not.toMatch(/constraint|insert|no_more/);
  expect(String(reply.body.detail)).toContain(reply.headers.get('x-request-id'));
  expect(after).toEqual(before);
});

describe('a connection', () => {
  test('remembers the instance of its first successful test, once', async () => {
    const connectionId = await connected('Remembers', sandbox.marketo);

    await api.call('POST', `/connections/${connectionId}/test`);
    await api.call('POST', `/connections/${connectionId}/test`);

    const shown = await api.call('GET', `/connections/${connectionId}`);
    const entries = await api.database.sql`
      select action from audit where subject = ${`connection/${connectionId}`} order by at, audit_id`;
    expect(shown.body.identity).toBe(new URL(sandbox.marketo.url).host);
    expect(entries.map(({ action }) => action).sort()).toEqual(['connection.create', 'connection.identify']);
  });

  test('that a sync uses is not led to another instance, and stays as it was', async () => {
    const connectionId = await connected('Not led away', sandbox.marketo);
    await api.call('POST', `/connections/${connectionId}/test`);
    const before = (await api.call('GET', `/connections/${connectionId}`)).body;
    await usedBy(connectionId, 'Uses it');

    const refused = await api.call('PATCH', `/connections/${connectionId}`, { settings: settingsOf(other) });

    expect(refused.status).toBe(409);
    expect(refused.body.detail).toContain('another instance');
    expect((await api.call('GET', `/connections/${connectionId}`)).body).toEqual(before);
  });

  test('that a sync uses takes no secret that does not work, and says whose it is', async () => {
    const connectionId = await connected('Keeps working', sandbox.marketo);
    await api.call('POST', `/connections/${connectionId}/test`);
    await usedBy(connectionId, 'Relies on it');

    const wrong = await api.call('PATCH', `/connections/${connectionId}`, { settings: { clientSecret: 'wrong' } });
    sandbox.marketo.faults.add({ match: {}, action: { type: 'outage' } });
    const away = await api.call('PATCH', `/connections/${connectionId}`, { settings: { clientSecret: 'any' } });
    const harmless = await api.call('PATCH', `/connections/${connectionId}`, { settings: { dailyQuota: 10_000 } });
    sandbox.marketo.faults.clear();
    const tested = await api.call('POST', `/connections/${connectionId}/test`);

    expect([wrong.status, away.status, harmless.status]).toEqual([409, 502, 200]);
    expect(wrong.body.detail).toContain('Connection "Keeps working"');
    expect(harmless.body.settings).toMatchObject({ dailyQuota: 10_000, quotaShare: 1 });
    expect(tested.body).toMatchObject({ ok: true });
  });

  test('that nobody uses may become that of another instance, and is known anew by its next test', async () => {
    const connectionId = await connected('Moves', sandbox.marketo);
    await api.call('POST', `/connections/${connectionId}/test`);

    const moved = await api.call('PATCH', `/connections/${connectionId}`, { settings: settingsOf(other) });
    const tested = await api.call('POST', `/connections/${connectionId}/test`);

    expect(moved).toMatchObject({ status: 200, body: { identity: null } });
    expect(tested.body).toMatchObject({ ok: true, account: new URL(other.url).host });
  });

  test('whose name is taken is refused, and a wrong member is named', async () => {
    const connectionId = await connected('Has a name', sandbox.marketo);
    await connected('Has another', sandbox.marketo);

    const taken = await api.call('PATCH', `/connections/${connectionId}`, { name: 'Has another' });
    const wrong = await api.call('PATCH', `/connections/${connectionId}`, {
      settings: { quotaShare: 2, cilentId: 'x' },
    });

    expect(taken).toMatchObject({ status: 409, body: { errors: [{ path: 'name' }] } });
    const errors = wrong.body.errors as unknown as { path: string; message: string }[];
    expect(wrong.status).toBe(422);
    expect(errors.map(({ path }) => path).sort()).toEqual(['settings.cilentId', 'settings.quotaShare']);
  });

  test('that is in use is not deleted, and says by whom; once it is free it goes', async () => {
    const connectionId = await connected('In use', sandbox.marketo);
    const syncId = await usedBy(connectionId, 'The user');

    const refused = await api.call('DELETE', `/connections/${connectionId}`);
    await api.call('DELETE', `/syncs/${syncId}`);
    const deleted = await api.call('DELETE', `/connections/${connectionId}`);

    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining('"The user"') } });
    expect(deleted.status).toBe(204);
    expect((await api.call('GET', `/connections/${connectionId}`)).status).toBe(404);
  });
});

describe('activation', () => {
  test('when a vendor refuses the sign-in or is away, the sync stays a draft, and the answer names the connection', async () => {
    const connectionId = await connected('Checked at activation', sandbox.marketo);
    const syncId = await usedBy(connectionId, 'Not yet');

    sandbox.marketo.faults.add({ match: {}, action: { type: 'vendorError', code: '603' } });
    const refused = await api.call('POST', `/syncs/${syncId}/activate`);
    sandbox.marketo.faults.clear();
    sandbox.marketo.faults.add({ match: {}, action: { type: 'outage' } });
    const away = await api.call('POST', `/syncs/${syncId}/activate`);
    sandbox.marketo.faults.clear();

    expect([refused.status, away.status]).toEqual([409, 502]);
    expect(refused.body.detail).toContain('Connection "Checked at activation"');
    expect((await api.call('GET', `/syncs/${syncId}`)).body.status).toBe('draft');
  });

  test('an object that is not there is named with its path', async () => {
    const connectionId = await connected('No such object', sandbox.marketo);
    const end = { connectionId, object: 'Unicorn' };
    const { body } = await api.call('POST', '/syncs', {
      name: 'Unicorns',
      source: end,
      destination: end,
      mappings: [{ from: { field: 'a' }, to: 'b' }],
      schedule: { type: 'now' },
    });

    const reply = await api.call('POST', `/syncs/${String(body.id)}/activate`);

    const errors = reply.body.errors as unknown as { path: string }[];
    expect(reply.status).toBe(422);
    expect(errors.map(({ path }) => path)).toEqual(['source.object', 'destination.object']);
  });

  test('a sync that was cancelled is activated again only when its end has come to its workflow (ASVS 2.3.1)', async () => {
    const connectionId = await connected('Again', sandbox.marketo);
    const syncId = await usedBy(connectionId, 'Once more');

    const activated = await api.call('POST', `/syncs/${syncId}/activate`);
    const cancelled = await api.call('POST', `/syncs/${syncId}/cancel`);
    const tooSoon = await api.call('POST', `/syncs/${syncId}/activate`);
    await api.database.sql`update sync_wishes set delivered_at = now() where sync_id = ${syncId}`;
    const again = await api.call('POST', `/syncs/${syncId}/activate`);

    expect([activated.status, cancelled.status, tooSoon.status, again.status]).toEqual([202, 202, 409, 202]);
    expect(activated.body).toEqual({
      id: syncId,
      status: 'active',
      workflowId: `sync/${syncId}`,
      links: { self: `/api/v1/syncs/${syncId}`, temporal: null },
    });
  });

  test('a version that nobody checked is not activated: whoever saves an active sync has it checked', async () => {
    const connectionId = await connected('Stays complete', sandbox.marketo);
    const syncId = await usedBy(connectionId, 'Complete');
    await api.call('POST', `/syncs/${syncId}/activate`);

    const incomplete = await api.call('PUT', `/syncs/${syncId}`, { name: 'Nothing else' });
    const deleted = await api.call('DELETE', `/syncs/${syncId}`);

    expect(incomplete.status).toBe(422);
    expect(deleted.status).toBe(409);
    expect((await api.call('GET', `/syncs/${syncId}`)).body).toMatchObject({ name: 'Complete', version: 1 });
  });

  test('a changed schedule of an active sync is told to its workflow, any other change is not', async () => {
    const connectionId = await connected('Moves its timer', sandbox.marketo);
    const syncId = await usedBy(connectionId, 'Daily');
    await api.call('POST', `/syncs/${syncId}/activate`);
    const { body } = await api.call('GET', `/syncs/${syncId}`);
    const wishes = async () =>
      (await api.database.sql`select kind from sync_wishes where sync_id = ${syncId}`).map(({ kind }) => kind);

    await api.call('PUT', `/syncs/${syncId}`, { ...body, name: 'Renamed' });
    const afterName = await wishes();
    await api.call('PUT', `/syncs/${syncId}`, {
      ...body,
      schedule: { ...(body.schedule as unknown as object), start: '2026-01-01T03:30' },
    });

    expect(afterName).toEqual([]);
    expect(await wishes()).toEqual(['changeSchedule']);
  });
});

test('View Query tells what Marketo evaluates, what Sync evaluates, and says it in words', async () => {
  const connectionId = await connected('Asked', sandbox.marketo);
  const filter = {
    all: [
      { column: 'email', operator: 'in', value: ['a@example.com', 'b@example.com'] },
      { column: 'country', operator: 'contains', value: 'land' },
    ],
  };

  const reply = await api.call('POST', '/query', {
    source: { connectionId, object: 'Lead' },
    filter,
    mappings: [{ from: { field: 'lastName' }, to: 'LastName' }],
  });
  const wrong = await api.call('POST', '/query', {
    source: { connectionId, object: 'Lead' },
    filter: { column: 'countri', operator: 'equals', value: 'x' },
  });

  expect(reply).toMatchObject({
    status: 200,
    body: {
      pushed: { query: expect.stringContaining('email'), filter: { column: 'email', operator: 'in' } },
      local: { column: 'country', operator: 'contains', value: 'land' },
      cost: { apiCalls: expect.any(Number) },
    },
  });
  const counted = await api.call('POST', '/count', { source: { connectionId, object: 'Lead' }, filter });
  expect(counted).toMatchObject({ status: 200, body: { records: null, exact: false } });
  expect(reply.body.text).toContain('of these, Sync keeps those where Country contains "land"');
  expect(wrong).toMatchObject({ status: 422, body: { errors: [{ path: 'filter.column' }] } });
});
