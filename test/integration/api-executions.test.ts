import { Client, Connection } from '@temporalio/client';
import { parse } from 'csv-parse/sync';
import { closeExecution, enterPhase, openExecution, takeOver } from '../../db/queries/executions';
import { appendOutcomes } from '../../db/queries/ledger';
import { endWaits, noteInTimeline } from '../../db/queries/timeline';
import { restored } from '../../src/domain/csv-cell';
import type { Outcome } from '../../src/domain/outcome';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { RunningApi } from '../support/running-api';
import { testTemporal } from '../support/temporal';

let temporal: Connection;
let api: RunningApi;

beforeAll(async () => {
  temporal = Connection.lazy({ address: testTemporal().address });
  api = await RunningApi.start({ engine: new TemporalEngine(new Client({ connection: temporal })), allowedHosts: [] });
}, 30_000);

afterAll(async () => {
  await api.stop();
  await temporal.close();
});

const NOW = '2026-03-01T09:30:00.000Z';

async function givenExecution(schedule: unknown = { type: 'now' }): Promise<{ syncId: string; executionId: string }> {
  const { body } = await api.call('POST', '/syncs', { name: 'Runs', schedule });
  const syncId = String(body.id);
  await api.database.sql`update syncs set status = 'active' where sync_id = ${syncId}`;
  const { executionId } = await openExecution(api.database.sql, {
    syncId,
    number: 1,
    trigger: 'now',
    scheduledFor: NOW,
    asOf: NOW,
  });
  return { syncId, executionId };
}

const outcome = (number: number, more: Partial<Outcome> = {}): Outcome => ({
  sourceId: String(number),
  sortKey: String(number).padStart(8, '0'),
  matchKey: `p${number}@example.com`,
  outcome: 'created',
  reason: null,
  message: null,
  field: null,
  destinationId: `003${number}`,
  ...more,
});

async function givenOutcomes(executionId: string, outcomes: readonly Outcome[]): Promise<void> {
  const attempt = await takeOver(api.database.sql, executionId);
  await api.database.sql.begin((tx) => appendOutcomes(tx, attempt, outcomes));
}

const HOSTILE = [
  '=1+1',
  '+43 1 234',
  '-5',
  '@SUM(A1)',
  "'quoted",
  "''=x",
  '\tcell',
  'a "b", c',
  'line\r\nbreak',
  'lone\rreturn',
  '＝1',
  ' =1',
];

test('a download holds all records in source order; no cell is taken for a formula, and each is read back as it was', async () => {
  const { executionId } = await givenExecution();
  const rows = Array.from({ length: 12_000 }, (_, at) => outcome(at + 1));
  const hostile = HOSTILE.map((text, at) =>
    outcome(20_000 + at, { matchKey: text, message: text, outcome: 'failed', reason: 'X' }),
  );
  await givenOutcomes(executionId, [...rows, ...hostile]);

  const reply = await api.call('GET', `/executions/${executionId}/records.csv`);

  const lines: string[][] = parse(String(reply.body.text), { record_delimiter: '\r\n' });
  const read = lines.slice(1).map((cells) => cells.map(restored));
  expect(reply.type).toBe('text/csv; charset=utf-8');
  expect(reply.headers.get('content-disposition')).toContain('execution-1-records.csv');
  expect(lines[0]).toEqual(['sourceId', 'matchKey', 'outcome', 'reason', 'message', 'field', 'destinationId']);
  expect(read.map(([sourceId]) => sourceId)).toEqual([...rows, ...hostile].map(({ sourceId }) => sourceId));
  expect(read.slice(-HOSTILE.length).map((cells) => cells[4])).toEqual(HOSTILE);
  expect(lines.flat().filter((cell) => /^[=+\-@\t\r\n\0＝]/.test(cell))).toEqual([]);
});

test('a download begins with a byte order mark where that is asked for, and holds the same otherwise', async () => {
  const { executionId } = await givenExecution();
  await givenOutcomes(executionId, [outcome(1)]);
  const download = async (query: string) => {
    const headers = { authorization: `Bearer ${api.key}` };
    const answer = await fetch(`${api.url}/api/v1/executions/${executionId}/records.csv${query}`, { headers });
    return Buffer.from(await answer.arrayBuffer());
  };

  const [plain, marked] = [await download(''), await download('?bom=true')];

  expect([...marked.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(marked.subarray(3).equals(plain)).toBe(true);
});

test('records are found by outcome, reason, field, Id and a part of their key, and wildcards are letters', async () => {
  const { executionId } = await givenExecution();
  await givenOutcomes(executionId, [
    outcome(1),
    outcome(2, { outcome: 'skipped', reason: 'exists', matchKey: '100%@example.com' }),
    outcome(3, { outcome: 'failed', reason: 'DUPLICATE_VALUE', field: 'Email', destinationId: null }),
  ]);
  const found = async (query: string) => {
    const { body } = await api.call('GET', `/executions/${executionId}/records?${query}`);
    return (body.items as unknown as { sourceId: string }[]).map(({ sourceId }) => sourceId);
  };

  expect(await found('outcome=skipped')).toEqual(['2']);
  expect(await found('reason=DUPLICATE_VALUE')).toEqual(['3']);
  expect(await found('reason=DUPLICATE_VALUE&field=Email')).toEqual(['3']);
  expect(await found('reason=DUPLICATE_VALUE&field=Phone')).toEqual([]);
  expect(await found('search=0031')).toEqual(['1']);
  expect(await found('search=3')).toEqual(['3']);
  expect(await found('search=P3%40')).toEqual(['3']);
  expect(await found('search=%25')).toEqual(['2']);
  expect(await found('search=_')).toEqual([]);
});

test('whoever follows an execution sees it as it is, each change, and its end', async () => {
  const { executionId } = await givenExecution();
  const answer = await fetch(`${api.url}/api/v1/executions/${executionId}/events`, {
    headers: { authorization: `Bearer ${api.key}` },
  });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const events: { state: string; phase: string | null; counts: { created: number } }[] = [];
  const nextEvents = async (): Promise<boolean> => {
    const part = await reader?.read();
    for (const line of (part?.value ?? '').split('\n')) {
      if (line.startsWith('data: ')) events.push(JSON.parse(line.slice('data: '.length)));
    }
    return !part?.done;
  };

  await nextEvents();
  await enterPhase(api.database.sql, executionId, 'load', NOW);
  while (events.at(-1)?.phase !== 'load') await nextEvents();
  await givenOutcomes(executionId, [outcome(1)]);
  await closeExecution(api.database.sql, executionId, { state: 'succeeded', now: NOW });
  while (await nextEvents());

  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  expect(events[0]).toMatchObject({ state: 'running', phase: null });
  expect(events.at(-1)).toMatchObject({ state: 'succeeded', phase: null, counts: { created: 1 } });
});

test('when a sync is deleted while someone follows its execution, the events end', async () => {
  const { syncId, executionId } = await givenExecution();
  const answer = await fetch(`${api.url}/api/v1/executions/${executionId}/events`, {
    headers: { authorization: `Bearer ${api.key}` },
  });

  await api.database.sql`delete from syncs where sync_id = ${syncId}`;
  const text = await answer.text();

  expect(text.match(/^event: execution$/gm)).toHaveLength(1);
});

test('a cancelled execution takes the wish at once, and its sync with it where nothing follows', async () => {
  const once = await givenExecution();
  const daily = await givenExecution({
    type: 'interval',
    every: { amount: 1, unit: 'day' },
    start: '2026-01-01T02:30',
  });

  const replies = [];
  for (const { executionId } of [once, daily])
    replies.push(await api.call('POST', `/executions/${executionId}/cancel`));
  const statuses = [];
  for (const { syncId } of [once, daily]) statuses.push((await api.call('GET', `/syncs/${syncId}`)).body.status);
  await closeExecution(api.database.sql, once.executionId, { state: 'cancelled', now: NOW });
  const late = await api.call('POST', `/executions/${once.executionId}/cancel`);
  const wishes = await api.database.sql`
    select w.kind, e.stop from sync_wishes w join executions e using (execution_id)
    where w.execution_id = ${daily.executionId}`;

  expect(replies.map(({ status }) => status)).toEqual([202, 202]);
  expect(replies[0]?.body).toMatchObject({ id: once.executionId, state: 'running', stopping: 'cancel' });
  expect(statuses).toEqual(['cancelled', 'active']);
  expect(late.status).toBe(409);
  expect(wishes).toMatchObject([{ kind: 'cancelExecution', stop: 'cancel' }]);
});

test('a cancel is not taken back by a pause or a resume, and a pause is by a resume', async () => {
  const { syncId, executionId } = await givenExecution({
    type: 'interval',
    every: { amount: 1, unit: 'day' },
    start: '2026-01-01T02:30',
  });
  const stop = async () => (await api.call('GET', `/executions/${executionId}`)).body.stopping;

  const seen = [];
  for (const path of ['syncs/pause', 'syncs/resume', 'executions/cancel', 'syncs/pause', 'syncs/resume']) {
    const [kind, control] = path.split('/');
    await api.call('POST', `/${kind}/${kind === 'syncs' ? syncId : executionId}/${control}`);
    seen.push(await stop());
  }

  expect(seen).toEqual(['pause', null, 'cancel', 'cancel', 'cancel']);
});

test('a sync that runs is not asked to run, and one that has not ended is not deleted', async () => {
  const { syncId, executionId } = await givenExecution({
    type: 'interval',
    every: { amount: 1, unit: 'day' },
    start: '2026-01-01T02:30',
  });

  const running = await api.call('POST', `/syncs/${syncId}/run-now`);
  await api.call('POST', `/syncs/${syncId}/cancel`);
  const ending = await api.call('DELETE', `/syncs/${syncId}`);
  await closeExecution(api.database.sql, executionId, { state: 'cancelled', now: NOW });
  const gone = await api.call('DELETE', `/syncs/${syncId}`);

  expect([running.status, ending.status, gone.status]).toEqual([409, 409, 204]);
  expect(running.body.detail).toContain('running already');
  expect((await api.call('GET', `/executions/${executionId}`)).status).toBe(404);
});

/** What the timeline of an execution says of each entry: its kind, and what is not empty of the rest. */
async function timelineOf(executionId: string): Promise<Record<string, unknown>[]> {
  const { body } = await api.call('GET', `/executions/${executionId}/timeline`);
  const told = (entry: Record<string, unknown>) =>
    Object.entries(entry).filter(([name, value]) => !['at', 'endedAt'].includes(name) && value !== null);
  return (body.items as unknown as Record<string, unknown>[]).map((entry) => Object.fromEntries(told(entry)));
}

test('the timeline of an execution tells in order what happened and what people did; what comes again and again is counted', async () => {
  const { syncId, executionId } = await givenExecution({
    type: 'interval',
    every: { amount: 1, unit: 'day' },
    start: '2026-01-01T02:30',
  });
  const { sql } = api.database;
  const until = '2026-03-02T06:00:00.000Z';
  await sql`update executions set started_at = now() where execution_id = ${executionId}`;

  await enterPhase(sql, executionId, 'extract', NOW);
  await noteInTimeline(sql, executionId, { kind: 'phaseEnded' });
  await enterPhase(sql, executionId, 'load', NOW);
  for (let turn = 0; turn < 3; turn += 1) {
    await noteInTimeline(sql, executionId, { kind: 'attemptFailed', text: 'No answer.' });
    await noteInTimeline(sql, executionId, { kind: 'takenUp' });
    await noteInTimeline(sql, executionId, { kind: 'waiting', text: 'No answer.', until });
    await noteInTimeline(sql, executionId, { kind: 'waiting', text: 'No answer.' });
    await endWaits(sql, executionId);
  }
  await api.call('POST', `/syncs/${syncId}/pause`);
  await noteInTimeline(sql, executionId, { kind: 'stopped', text: 'pause' });
  await api.call('POST', `/syncs/${syncId}/resume`);
  await noteInTimeline(sql, executionId, { kind: 'takenUp' });
  await noteInTimeline(sql, executionId, { kind: 'phaseEnded' });
  await closeExecution(sql, executionId, { state: 'succeeded', now: new Date().toISOString() });

  const load = { phase: 'load', times: 1 };
  expect(await timelineOf(executionId)).toEqual([
    { kind: 'started', times: 1 },
    { kind: 'phaseBegun', phase: 'extract', times: 1 },
    { kind: 'phaseEnded', phase: 'extract', times: 1, records: 0 },
    { kind: 'phaseBegun', ...load },
    { kind: 'attemptFailed', phase: 'load', text: 'No answer.', times: 3 },
    { kind: 'waiting', phase: 'load', text: 'No answer.', waitsUntil: until, times: 3 },
    { kind: 'action', text: 'sync.pause', who: 'SYNC_API_KEY', times: 1 },
    { kind: 'stopped', ...load, text: 'pause' },
    { kind: 'action', text: 'sync.resume', who: 'SYNC_API_KEY', times: 1 },
    { kind: 'takenUp', ...load },
    { kind: 'phaseEnded', ...load, records: 0 },
    { kind: 'ended', state: 'succeeded', times: 1 },
  ]);
});
