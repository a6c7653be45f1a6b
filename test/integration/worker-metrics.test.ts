import { request } from 'node:http';
import { Registry } from 'prom-client';
import { markSent, markSettled, planBatch } from '../../db/queries/batches';
import { type Committed, watchCommits } from '../../db/queries/committed';
import { account, closeExecution, openExecution, takeOver } from '../../db/queries/executions';
import { appendOutcomes } from '../../db/queries/ledger';
import { outcomeOf } from '../../src/domain/outcome';
import { type MetricsServer, serveMetrics } from '../../src/metrics/metrics-server';
import { WorkerMetrics } from '../../src/metrics/worker-metrics';
import { givenSync, useDatabase } from '../support/database';

const NOW = new Date().toISOString();
const database = useDatabase();

async function givenAttempt() {
  const syncId = await givenSync(database.sql);
  const run = { syncId, number: 1, trigger: 'now', scheduledFor: NOW, asOf: NOW } as const;
  const { executionId } = await openExecution(database.sql, run);
  const { epoch } = await takeOver(database.sql, executionId);
  return { executionId, epoch, stagedOn: NOW.slice(0, 10) };
}

const record = (id: string) => ({ sortKey: id, sourceId: id, matchKey: null });

test('outcomes count once their transaction is committed; what was rolled back, and what a preview finds, never', async () => {
  const registry = new Registry();
  const metrics = new WorkerMetrics(registry);
  const sql = watchCommits(database.sql, metrics.committed);
  const attempt = await givenAttempt();
  const preview = await givenAttempt();
  await database.sql`update executions set purpose = 'preview' where execution_id = ${preview.executionId}`;

  await sql.begin((tx) =>
    appendOutcomes(tx, attempt, [outcomeOf(record('1'), 'created'), outcomeOf(record('2'), 'failed')], { read: 2 }),
  );
  const undone = sql.begin(async (tx) => {
    await appendOutcomes(tx, attempt, [outcomeOf(record('3'), 'created')]);
    throw new Error('something went wrong');
  });
  await expect(undone).rejects.toThrow('something went wrong');
  await sql.begin((tx) => appendOutcomes(tx, preview, [outcomeOf(record('1'), 'created')]));
  await closeExecution(sql, attempt.executionId, { state: 'partial', now: NOW });
  await closeExecution(sql, attempt.executionId, { state: 'partial', now: NOW });

  const text = await registry.metrics();
  expect(text).toContain('sync_records_total{outcome="created"} 1\n');
  expect(text).toContain('sync_records_total{outcome="failed"} 1\n');
  expect(text).toContain('sync_records_read_total 2\n');
  expect(text).toContain('sync_executions_ended_total{state="partial"} 1\n');
});

test('a batch is told as sent before its request leaves, and as settled with its outcomes', async () => {
  const told: Committed[] = [];
  const sql = watchCommits(database.sql, (done) => told.push(done));
  const attempt = await givenAttempt();
  const { batchId } = await planBatch(database.sql, attempt, {
    operation: 'create',
    round: 1,
    records: [],
    at: new Date().toISOString(),
  });

  await markSent(sql, attempt, batchId, { handle: null, at: NOW });
  await sql.begin(async (tx) => {
    await markSettled(tx, batchId, NOW);
    await account(tx, attempt, { created: 3 });
    expect(told).toEqual([{ batchesSent: 1 }]);
  });

  expect(told).toEqual([{ batchesSent: 1 }, { batchesSettled: 1 }, { created: 3 }]);
});

describe('the address of a worker', () => {
  let server: MetricsServer;
  let isReady = false;
  beforeAll(async () => {
    const registry = new Registry();
    new WorkerMetrics(registry);
    server = await serveMetrics({ host: '127.0.0.1', port: 0 }, registry, () => isReady);
  });
  afterAll(() => server.close());
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);

  test('says that the worker lives, that it polls, and what it has counted', async () => {
    const lives = await get('/healthz');
    const early = await get('/readyz');
    isReady = true;
    const ready = await get('/readyz');
    const metrics = await get('/metrics');

    expect([lives.status, early.status, ready.status, metrics.status]).toEqual([200, 503, 200, 200]);
    expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await metrics.text()).toContain('sync_records_total{outcome="created"} 0\n');
  });

  test('on loopback tells nothing to a web page that has a name of its own resolve there', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { host: 'evil.example.com' };
      const call = request({ port: server.port, path: '/metrics', headers }, (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode));
      });
      call.on('error', reject).end();
    });

    expect(status).toBe(403);
  });

  test('is refused with the name of its setting where the port is taken', async () => {
    const second = serveMetrics({ host: '127.0.0.1', port: server.port }, new Registry(), () => true);

    await expect(second).rejects.toThrow('SYNC_METRICS_ADDRESS: cannot listen on 127.0.0.1:');
  });
});
