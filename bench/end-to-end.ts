/**
 * `npm run bench -- end-to-end [PEOPLE]`: so many Marketo people (default 100,000) become Salesforce contacts, with everything on
 * this machine: sandbox, PostgreSQL, Temporal, API and worker as `npm start` runs them, in a folder of its own. Prints seconds and
 * records per second of each phase, the CPU seconds of each part, the worker's peak memory, the requests made and the length of the
 * history.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { markOf } from '../src/local/parts';
import { findProcesses } from '../src/local/processes';
import { PART_NAMES, type PartName } from '../src/local/supervised-part';
import { Supervisor } from '../src/local/supervisor';
import { readSettings, type Settings } from '../src/settings';
import { cpuSecondsOf, loadText, peakMb } from './cpu';
import { type ActivitySpan, activitySpans } from './history';

const people = Number(process.argv[2] ?? 100_000);
const POLL_MS = 250;
const PORTS = {
  PORT: '3900',
  SYNC_POSTGRES_PORT: '5933',
  SYNC_TEMPORAL_PORTS: '7933,8933',
  SYNC_SANDBOX_PORTS: '4910,4940,4970',
  SYNC_SANDBOX_TLS_PORTS: '4911,4941',
};

interface Counts {
  read: number;
  [outcome: string]: number;
}

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sync-bench-'));
  // the parts that are started read the same variables
  Object.assign(process.env, PORTS, {
    SYNC_SANDBOX: 'on',
    SYNC_DATA_DIR: dataDir,
    SYNC_SANDBOX_PEOPLE: String(people),
    LOG_LEVEL: 'warn',
  });
  const settings = readSettings(process.env);
  const programDir = join(__dirname, '..', 'src');
  const supervisor = new Supervisor({ settings, programDir, toolsDir: resolve('.tools'), say: () => undefined });
  try {
    console.log(`Starting everything, with ${people} people in the sandbox`);
    await supervisor.start();
    await measureRun(settings);
  } finally {
    await supervisor.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function measureRun(settings: Settings): Promise<void> {
  const call = apiCaller(settings);
  const worker = await workerPid(settings.dataDir);
  const idleMb = peakMb(worker);
  const before = await cpuOfParts(settings);
  const requestsBefore = await requestsMade(settings);
  const start = performance.now();
  const syncId = await activate(call);
  const counts = await endOf(call, syncId);
  const seconds = (performance.now() - start) / 1000;
  const after = await cpuOfParts(settings);
  const { spans, events } = await history(settings, syncId);

  for (const { name, seconds: spent } of spans) {
    const rate = spent > 0 ? `${Math.round(counts.read / spent)}/s` : '';
    console.log(`${name.padEnd(12)} ${spent.toFixed(1).padStart(7)} s  ${rate}`);
  }
  console.log(`end to end   ${seconds.toFixed(1).padStart(7)} s  ${Math.round(counts.read / seconds)}/s`);
  console.log(`counts: ${JSON.stringify(counts)}`);
  const cpu = PART_NAMES.map((part) => `${part} ${(after[part] - before[part]).toFixed(1)} s`);
  console.log(`CPU: ${cpu.join(', ')}; ${loadText()}`);
  console.log(`worker: peak ${peakMb(worker)} MB (idle ${idleMb} MB)`);
  console.log(`requests: ${(await requestsMade(settings)) - requestsBefore}; history: ${events} events`);
}

type Call = (method: string, path: string, body?: unknown) => Promise<unknown>;

function apiCaller({ port, dataDir }: Settings): Call {
  const key = readFileSync(join(dataDir, 'api.key'), 'utf8').trim();
  return async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
}

/** Saves the sync and starts it. @returns its id */
async function activate(call: Call): Promise<string> {
  const { items } = (await call('GET', '/connections')) as { items: { id: string; kind: string }[] };
  const idOf = (kind: string) => items.find((connection) => connection.kind === kind)?.id;
  const mapped = {
    email: 'Email',
    firstName: 'FirstName',
    lastName: 'LastName',
    title: 'Title',
    phone: 'Phone',
    city: 'MailingCity',
  };
  const sync = (await call('POST', '/syncs', {
    name: 'Leads to contacts',
    source: { connectionId: idOf('marketo'), object: 'Lead' },
    destination: { connectionId: idOf('salesforce'), object: 'Contact' },
    deduplicate: 'youngestByLastUpdate',
    filter: { column: 'email', operator: 'isNotEmpty' },
    mappings: Object.entries(mapped).map(([field, to]) => ({ from: { field }, to })),
    schedule: { type: 'now' },
  })) as { id: string };
  await call('POST', `/syncs/${sync.id}/activate`);
  return sync.id;
}

/** Waits until the execution has ended. @returns its counts */
async function endOf(call: Call, syncId: string): Promise<Counts> {
  for (;;) {
    const { items } = (await call('GET', `/syncs/${syncId}/executions`)) as {
      items: { state: string; problem: string | null; counts: Counts; finishedAt: string | null }[];
    };
    const [execution] = items;
    if (execution?.state === 'needsAttention') throw new Error(`The run stopped: ${execution.problem}`);
    if (execution?.finishedAt) {
      if (execution.state !== 'succeeded') console.log(`It ended as ${execution.state}: ${execution.problem}`);
      return execution.counts;
    }
    await sleep(POLL_MS);
  }
}

async function history(settings: Settings, syncId: string): Promise<{ spans: ActivitySpan[]; events: number }> {
  const connection = await Connection.connect({ address: `127.0.0.1:${settings.localPorts.temporal}` });
  const client = new Client({ connection, namespace: settings.temporal.namespace });
  const { events } = await client.workflow.getHandle(`sync/${syncId}/execution/1`).fetchHistory();
  await connection.close();
  return { spans: activitySpans(events ?? []), events: events?.length ?? 0 };
}

async function workerPid(dataDir: string): Promise<number> {
  const [worker] = await findProcesses(markOf('worker', dataDir));
  if (!worker) throw new Error('The worker does not run.');
  return worker.pid;
}

async function cpuOfParts({ dataDir }: Settings): Promise<Record<PartName, number>> {
  const seconds = await Promise.all(PART_NAMES.map(async (part) => [part, await cpuSecondsOf(markOf(part, dataDir))]));
  return Object.fromEntries(seconds) as Record<PartName, number>;
}

/** Requests that both vendors have had, by the sandbox's own count. */
async function requestsMade({ sandbox }: Settings): Promise<number> {
  let sum = 0;
  for (const kind of ['salesforce', 'marketo']) {
    const answer = await fetch(`http://127.0.0.1:${sandbox.ports.control}/instances/${kind}/default/counters`);
    const { counters } = (await answer.json()) as { counters: { count: number }[] };
    sum += counters.reduce((total, { count }) => total + count, 0);
  }
  return sum;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
