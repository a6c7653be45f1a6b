/**
 * `npm run bench -- api [SYNCS] [EXECUTIONS] [OUTCOMES] [SECONDS]`: what the API answers in front of a large database: 10,000 syncs,
 * 1,000,000 executions and 100,000 outcomes of one of them, unless told otherwise. Lists and details are asked for 100 times a second, each for
 * so many seconds (default 30); all outcomes are downloaded as CSV; 100 pages follow executions that run. The API is a process of its own
 * with its usual settings, on the PostgreSQL that `npm start` embeds; Temporal and workers are away.
 */

import { cpus, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { toCursor } from '../src/api/paging';
import { type ApiProcess, forgetPeak, withApi } from './api-process';
import { cpuSeconds, cpuSecondsOf, loadText, peakMb, residentMb } from './cpu';
import { type BenchDatabase, withDatabase } from './database';
import { fillLarge, type LargeDatabase, tableSizes } from './large-database';
import { followPages } from './live-pages';
import { LOAD_TOOL, load, prepareLoadTool } from './load-tool';
import { measure } from './measure';

const [syncs = 10_000, executions = 1_000_000, outcomes = 100_000, seconds = 30] = process.argv.slice(2).map(Number);
const DATABASE_PORT = 5_936;
const API_PORT = 3_910;
const RATE = 100;
/** A process that has just started is slow until its programs have been compiled. */
const WARM_UP_SECONDS = 5;
/** So many different addresses of each kind. */
const ADDRESSES = 2_000;
const PAGES = 100;
const LIVE_SECONDS = 60;
const MS_PER_SECOND = 1_000;

/** What people and programs ask for most, as the web UI and `syncctl` ask for it: addresses below `/api/v1`, by what they are. */
async function questions({ sql }: BenchDatabase, large: LargeDatabase): Promise<Record<string, string[]>> {
  const some = await sql<{ sync_id: string; name: string; execution_id: string; created_at: string }[]>`
    select s.sync_id, s.name, e.execution_id, s.created_at::text from executions e join syncs s using (sync_id) order by e.epoch, md5(execution_id::text) limit ${ADDRESSES}`;
  const cursors = some.map((row) => toCursor(new Date(row.created_at).toISOString(), row.name, row.sync_id));
  const busiest = `/syncs/${large.busiestSyncId}/executions`;
  const [last] = await sql<{ number: number }[]>`
    select last_execution_number as number from syncs where sync_id = ${large.busiestSyncId}`;
  const numbers = Array.from({ length: ADDRESSES }, (_none, n) => 1 + ((n * 7_919) % (last?.number ?? 1)));
  return {
    'syncs, first page': ['/syncs'],
    'syncs, further pages': cursors.map((cursor) => `/syncs?cursor=${cursor}`),
    'syncs of a status': ['active', 'completed', 'needsAttention'].map((status) => `/syncs?status=${status}`),
    'syncs of a status, further pages': cursors.map((cursor) => `/syncs?status=needsAttention&cursor=${cursor}`),
    'syncs found by name': ['Leads of Austria', 'guests', '77', 'to contacts 99'].map(
      (search) => `/syncs?search=${encodeURIComponent(search)}`,
    ),
    'syncs, none found': ['/syncs?search=nothing%20at%20all'],
    'syncs by name, as the web UI shows them': ['/syncs?sort=name'],
    'syncs by their last execution': ['/syncs?sort=lastRun&order=descending'],
    'how many syncs there are': ['/sync-counts'],
    'how many of a direction': ['/sync-counts?direction=marketoToSalesforce'],
    'a sync': some.map((row) => `/syncs/${row.sync_id}`),
    'executions of a sync': some.map((row) => `/syncs/${row.sync_id}/executions?limit=20`),
    'executions of a sync, further pages': numbers.map((number) => `${busiest}?limit=20&cursor=${toCursor(number)}`),
    'an execution': some.map((row) => `/executions/${row.execution_id}`),
  };
}

/** Each kind of question by itself, at a steady rate. */
async function measureAnswers(database: BenchDatabase, large: LargeDatabase, api: ApiProcess): Promise<void> {
  for (const [what, paths] of Object.entries(await questions(database, large))) {
    const urls = paths.map((path) => `${api.url}${path}`);
    await load(urls, { rate: RATE, seconds: WARM_UP_SECONDS, apiKey: api.apiKey });
    const before = [cpuSeconds(api.pid), await cpuSecondsOf(database.mark)] as const;
    const { requests, statuses, ms, bytes } = await load(urls, { rate: RATE, seconds, apiKey: api.apiKey });
    const cpu = [cpuSeconds(api.pid) - before[0], (await cpuSecondsOf(database.mark)) - before[1]].map((used) =>
      ((used * MS_PER_SECOND) / requests).toFixed(1),
    );
    const times = `median ${ms.median.toFixed(1)}, p95 ${ms.p95.toFixed(1)}, p99 ${ms.p99.toFixed(1)}, most ${ms.most.toFixed(0)} ms`;
    const answers = Object.entries(statuses).map(([status, count]) => `${count} x ${status}`);
    console.log(
      `${what}: ${times}; CPU: API ${cpu[0]} ms, PostgreSQL ${cpu[1]} ms; ${answers.join(', ')} of ${Math.round(bytes)} bytes; ${loadText()}`,
    );
  }
}

/** The whole list of syncs, as the web UI reads it: page after page. */
async function measureWholeList(api: ApiProcess): Promise<void> {
  await measure('all syncs, 200 at a time', syncs, async () => {
    let cursor: string | null = null;
    do {
      const path: string = `/syncs?limit=200${cursor === null ? '' : `&cursor=${cursor}`}`;
      const answer = await fetch(`${api.url}${path}`, { headers: { authorization: `Bearer ${api.apiKey}` } });
      ({ nextCursor: cursor } = (await answer.json()) as { nextCursor: string | null });
    } while (cursor !== null);
  });
}

async function measureDownload(api: ApiProcess, { largestExecutionId }: LargeDatabase, of: string): Promise<void> {
  const before = residentMb(api.pid);
  forgetPeak(api.pid);
  const [start, cpuBefore] = [performance.now(), cpuSeconds(api.pid)];
  const answer = await fetch(`${api.url}/executions/${largestExecutionId}/records.csv`, {
    headers: { authorization: `Bearer ${api.apiKey}` },
  });
  let [lines, bytes] = [0, 0];
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines += 1;
  }
  const took = (performance.now() - start) / MS_PER_SECOND;
  const peak = peakMb(api.pid);
  console.log(
    `CSV of ${lines - 1} records by ${of}: ${took.toFixed(2)} s, ${(bytes / 1e6).toFixed(1)} MB; API ${(cpuSeconds(api.pid) - cpuBefore).toFixed(1)} s of CPU, ` +
      `${before} MB before, at most ${peak} MB, ${peak - before} MB more; ${loadText()}`,
  );
}

async function measureLivePages(database: BenchDatabase, large: LargeDatabase, api: ApiProcess): Promise<void> {
  const executionIds = large.runningIds.slice(0, PAGES);
  const pages = await followPages(database, api, { pages: PAGES, executionIds });
  try {
    await sleep(WARM_UP_SECONDS * MS_PER_SECOND);
    const [own, ofPostgres, events] = [cpuSeconds(api.pid), await cpuSecondsOf(database.mark), pages.events()];
    await sleep(LIVE_SECONDS * MS_PER_SECOND);
    const share = (used: number): string => `${((used / LIVE_SECONDS) * 100).toFixed(1)} %`;
    console.log(
      `${PAGES} pages that follow ${executionIds.length} executions, over ${LIVE_SECONDS} s: API ${share(cpuSeconds(api.pid) - own)} of a core, ` +
        `PostgreSQL ${share((await cpuSecondsOf(database.mark)) - ofPostgres)}; ${pages.events() - events} events; ${loadText()}`,
    );
  } finally {
    await pages.close();
  }
}

async function measureAll(database: BenchDatabase): Promise<void> {
  const [server] = await database.sql<{ server_version: string }[]>`show server_version`;
  console.log(
    `${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GiB; Node.js ${process.version}, PostgreSQL ${server?.server_version}, ${LOAD_TOOL}`,
  );
  const large = await measure('filled', executions, () => fillLarge(database, { syncs, executions, outcomes }));
  console.log(await tableSizes(database));
  await withApi(database, API_PORT, async (api) => {
    await measureDownload(api, large, 'a process that has just begun');
    await measureDownload(api, large, 'the same, once more');
  });
  await withApi(database, API_PORT, (api) => measureLivePages(database, large, api));
  await withApi(database, API_PORT, async (api) => {
    await measureAnswers(database, large, api);
    await measureWholeList(api);
    await measureDownload(api, large, 'a process that has answered all this');
  });
}

async function main(): Promise<void> {
  await prepareLoadTool();
  await withDatabase(DATABASE_PORT, measureAll);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
