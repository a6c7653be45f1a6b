import { request } from 'node:http';
import type { DatabaseClient } from '../../db/client';
import { openExecution } from '../../db/queries/executions';
import { noteInTimeline } from '../../db/queries/timeline';
import type { SyncEngine } from '../../src/engine/engine';
import { RunningApi } from '../support/running-api';

const NOW = '2026-03-01T12:00:00.000Z';
const HOUR_MS = 3_600_000;
const before = (hours: number) => new Date(Date.parse(NOW) - hours * HOUR_MS).toISOString();

/** Temporal, as far as metrics ask for it. */
const withoutWorker = { readiness: async () => ({ temporal: true, worker: false }) } as unknown as SyncEngine;

let api: RunningApi;
beforeAll(async () => {
  api = await RunningApi.start({ engine: withoutWorker, allowedHosts: [], now: () => NOW });
});
afterAll(() => api.stop());

/** The value of each series, by its name and labels as they are written. */
async function scraped(from: { url: string } = api): Promise<Map<string, number>> {
  const answer = await fetch(`${from.url}/metrics`);
  expect(answer.status).toBe(200);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

async function givenSync({ sql }: DatabaseClient, name: string, more: Record<string, unknown>): Promise<string> {
  const [row] = await sql<{ sync_id: string }[]>`
    with s as (insert into syncs ${sql({ name, ...more })} returning sync_id, version)
    insert into sync_versions (sync_id, version, definition, saved_by) select sync_id, version, '{}'::jsonb, 'test' from s returning sync_id`;
  return row?.sync_id ?? '';
}

test('it tells which syncs are late, which runs wait, what is not delivered, and how much quota is left', async () => {
  const { database } = api;
  const { sql } = database;
  await givenSync(database, 'Late', { status: 'active', next_run_at: before(2), activated_at: before(30) });
  await givenSync(database, 'In time', { status: 'active', next_run_at: before(-2), activated_at: before(30) });
  const stuck = await givenSync(database, 'Stuck', { status: 'needsAttention', activated_at: before(1) });
  const run = { syncId: stuck, number: 1, trigger: 'now', scheduledFor: before(1), asOf: before(1) } as const;
  const { executionId } = await openExecution(sql, run);
  await noteInTimeline(sql, executionId, { kind: 'waiting', text: 'a person' });
  await sql`insert into sync_wishes (sync_id, kind, asked_by, asked_at) values (${stuck}, 'cancel', 'test', ${before(3)})`;
  await sql`insert into load_batches (execution_id, operation, round, records, state, sent_at)
    values (${executionId}, 'create', 1, 10, 'sent', ${before(4)})`;
  const usage = { used: 14_000, limit: 15_000, toldAtMs: Date.parse(before(1)) };
  await sql`insert into connections (name, kind, settings, secrets, identity) values ('Prod', 'salesforce', '{}', '', '00D1')`;
  await sql`insert into instance_limits (instance, state) values ('salesforce 00D1', ${JSON.stringify({ usage })}::text::jsonb)`;
  await sql`
    insert into webhooks (name, url, events, secret, is_enabled, off_reason) values ('Chat', 'https://example.com', '{}', '', false, 'gone')`;
  await sql`
    with told as (insert into webhook_events (type) values ('execution.ended') returning event_id)
    insert into webhook_deliveries (webhook_id, event_id, created_at) select gen_random_uuid(), event_id, ${before(5)} from told`;

  const series = await scraped();

  const wanted = {
    'sync_syncs{status="active"}': 2,
    'sync_syncs{status="needsAttention"}': 1,
    'sync_syncs{status="draft"}': 0,
    sync_overdue_syncs: 1,
    sync_overdue_oldest_seconds: 2 * 3_600,
    'sync_last_executions{state="running"}': 1,
    'sync_running_executions{doing="waiting"}': 1,
    'sync_running_executions{doing="working"}': 0,
    sync_undelivered_wishes: 1,
    sync_undelivered_wish_oldest_seconds: 3 * 3_600,
    sync_webhooks_switched_off: 1,
    sync_webhook_events_waiting: 1,
    sync_webhook_event_oldest_seconds: 5 * 3_600,
    'sync_unsettled_batches{state="sent"}': 1,
    'sync_unsettled_batch_oldest_seconds{state="sent"}': 4 * 3_600,
    'sync_quota_calls{connection="Prod",system="salesforce"}': 15_000,
    'sync_quota_calls_left{connection="Prod",system="salesforce"}': 1_000,
    'sync_quota_used_up{connection="Prod",system="salesforce"}': 0,
    'sync_part_up{part="worker"}': 0,
    'sync_part_up{part="database"}': 1,
  };
  expect(Object.fromEntries(Object.keys(wanted).map((name) => [name, series.get(name)]))).toEqual(wanted);
});

test('durations are told by the pattern of a route, so that neither ids nor invented paths and methods make series', async () => {
  await api.call('GET', '/syncs/00000000-0000-4000-8000-000000000000');
  await api.call('GET', '/invented/by/somebody');
  await fetch(`${api.url}/api/v1/syncs`, { method: 'PROPFIND' });

  const names = [...(await scraped()).keys()].filter((name) =>
    name.startsWith('sync_http_request_duration_seconds_count'),
  );

  expect(names).toContain(
    'sync_http_request_duration_seconds_count{method="GET",route="/api/v1/syncs/:syncId",status="404"}',
  );
  expect(names).toContain('sync_http_request_duration_seconds_count{method="GET",route="other",status="404"}');
  expect(names).toContain(
    'sync_http_request_duration_seconds_count{method="other",route="/api/v1/syncs",status="405"}',
  );
  expect(names.join()).not.toMatch(/invented|00000000|PROPFIND/);
});

test('where the API is for this machine alone no key is needed, and a web page under a name of its own reads nothing', async () => {
  const foreign = await statusOf(api, { host: 'evil.example.com' });
  const own = await statusOf(api, { host: 'localhost:3000' });

  expect([foreign, own]).toEqual([401, 200]);
});

test('where others reach the API, a key of any role is needed, under whatever address', async () => {
  const { database } = api;
  const shared = { database, secretKeys: [Buffer.alloc(32)] };
  const open = await RunningApi.start({
    engine: withoutWorker,
    allowedHosts: [],
    shared,
    publicUrl: 'https://sync.example.com',
  });
  const { body } = await api.call('POST', '/api-keys', { name: 'Prometheus', role: 'viewer' });

  const statuses = [
    await statusOf(open, {}),
    await statusOf(open, { authorization: 'Bearer sync_wrong' }),
    await statusOf(open, { authorization: `Bearer ${String(body.key)}`, host: '10.1.2.3:3000' }),
  ];
  await open.stop();

  expect(statuses).toEqual([401, 401, 200]);
});

/** `fetch` sets `Host` by itself. */
const statusOf = ({ url }: RunningApi, headers: Record<string, string>) =>
  new Promise<number | undefined>((resolve, reject) => {
    const call = request({ port: new URL(url).port, path: '/metrics', headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode));
    });
    call.on('error', reject).end();
  });
