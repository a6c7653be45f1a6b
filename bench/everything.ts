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
import { cpuSecondsOf } from './cpu';
import { type ActivitySpan, activitySpans } from './history';

const POLL_MS = 250;
const PORTS = {
  PORT: '3900',
  SYNC_POSTGRES_PORT: '5933',
  SYNC_TEMPORAL_PORTS: '7933,8933',
  SYNC_SANDBOX_PORTS: '4910,4940,4970',
  SYNC_SANDBOX_TLS_PORTS: '4911,4941',
};

/** Runs, as the API tells of them. */
export interface Execution {
  id: string;
  number: number;
  state: string;
  problem: string | null;
  counts: Counts;
  scheduledFor: string;
  startedAt: string | null;
  finishedAt: string | null;
}
/** Previews likewise. */
export interface Preview {
  id: string;
  state: string;
  problem: string | null;
  read: number;
  plan: Record<string, number>;
  forecast: { source: { apiCalls: number }; destination: { apiCalls: number } };
}
export interface Counts {
  read: number;
  [outcome: string]: number;
}

/** Everything that `npm start` starts, on ports and in a folder of its own, with so many people in the sandbox. */
export class Everything {
  private constructor(readonly settings: Settings) {}

  /** Starts everything, works with it, stops it and removes the folder. */
  static async with(
    people: number,
    work: (everything: Everything) => Promise<void>,
    ports: Readonly<Record<keyof typeof PORTS, string>> = PORTS,
  ): Promise<void> {
    const dataDir = mkdtempSync(join(tmpdir(), 'sync-bench-'));
    // the parts that are started read the same variables
    Object.assign(process.env, ports, {
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
      await work(new Everything(settings));
    } finally {
      await supervisor.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  }

  /** Calls the API. @throws Error for an answer that is no success */
  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    return (await this.#answer(method, path, body)).json();
  }

  async #answer(method: string, path: string, body?: unknown): Promise<Response> {
    const { port, dataDir } = this.settings;
    const key = readFileSync(join(dataDir, 'api.key'), 'utf8').trim();
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  /** Saves a sync from Marketo's people to Salesforce's contacts: six fields, those with an e-mail address, the youngest of a key. */
  async savedSync(more: Record<string, unknown> = {}): Promise<string> {
    const { items } = (await this.call('GET', '/connections')) as { items: { id: string; kind: string }[] };
    const idOf = (kind: string) => items.find((connection) => connection.kind === kind)?.id;
    const mapped = {
      email: 'Email',
      firstName: 'FirstName',
      lastName: 'LastName',
      title: 'Title',
      phone: 'Phone',
      city: 'MailingCity',
    };
    const sync = (await this.call('POST', '/syncs', {
      name: 'Leads to contacts',
      source: { connectionId: idOf('marketo'), object: 'Lead' },
      destination: { connectionId: idOf('salesforce'), object: 'Contact' },
      deduplicate: 'youngestByLastUpdate',
      filter: { column: 'email', operator: 'isNotEmpty' },
      mappings: Object.entries(mapped).map(([field, to]) => ({ from: { field }, to })),
      schedule: { type: 'now' },
      ...more,
    })) as { id: string };
    return sync.id;
  }

  /** Activates a sync and waits until its n-th execution has ended. */
  async run(syncId: string, number: number): Promise<Execution> {
    await this.call('POST', `/syncs/${syncId}/activate`);
    return this.whenEnded(syncId, number);
  }

  /**
   * Waits until the n-th execution of a sync has ended, by the stream of its events, as a page does: the API is not kept busy by questions.
   * @throws Error where it needs a person
   */
  async whenEnded(syncId: string, number: number): Promise<Execution> {
    const { id } = await this.#whenBegun(syncId, number);
    for (;;) {
      const events = await this.#answer('GET', `/executions/${id}/events`);
      await events.text(); // they end with the execution
      const execution = (await this.call('GET', `/executions/${id}`)) as Execution;
      if (execution.state === 'needsAttention') throw new Error(`The run stopped: ${execution.problem}`);
      if (!execution.finishedAt) continue;
      if (execution.problem) console.log(`It ended as ${execution.state}: ${execution.problem}`);
      return execution;
    }
  }

  async #whenBegun(syncId: string, number: number): Promise<Execution> {
    for (;;) {
      const { items } = (await this.call('GET', `/syncs/${syncId}/executions`)) as { items: Execution[] };
      const execution = items.find((one) => one.number === number);
      if (execution) return execution;
      await sleep(POLL_MS);
    }
  }

  /** Previews a sync in full. @throws Error where that fails */
  async preview(syncId: string): Promise<Preview> {
    const asked = (await this.call('POST', `/syncs/${syncId}/preview`, { mode: 'full' })) as { previewId: string };
    for (;;) {
      const preview = (await this.call('GET', `/previews/${asked.previewId}`)) as Preview;
      if (preview.state === 'completed') return preview;
      if (preview.state !== 'running') throw new Error(`The preview ended as ${preview.state}: ${preview.problem}`);
      await sleep(POLL_MS);
    }
  }

  /** How long the activities of a workflow took, and how long its history is, in events and as the server counts its bytes. */
  async history(workflowId: string): Promise<{ spans: ActivitySpan[]; events: number; bytes: number }> {
    const { localPorts, temporal } = this.settings;
    const connection = await Connection.connect({ address: `127.0.0.1:${localPorts.temporal}` });
    const client = new Client({ connection, namespace: temporal.namespace });
    const workflow = client.workflow.getHandle(workflowId);
    const [{ events }, { historySize = 0 }] = await Promise.all([workflow.fetchHistory(), workflow.describe()]);
    await connection.close();
    return { spans: activitySpans(events ?? []), events: events?.length ?? 0, bytes: historySize };
  }

  /** Ends the worker and waits for the one that is started in its place. */
  async restartWorker(): Promise<void> {
    const ended = await this.workerPid();
    process.kill(ended, 'SIGTERM');
    for (;;) {
      const [worker] = await findProcesses(markOf('worker', this.settings.dataDir));
      if (worker && worker.pid !== ended) return;
      await sleep(POLL_MS);
    }
  }

  async workerPid(): Promise<number> {
    const [worker] = await findProcesses(markOf('worker', this.settings.dataDir));
    if (!worker) throw new Error('The worker does not run.');
    return worker.pid;
  }

  /** Seconds of processor time that each part has used since it was started. */
  async cpu(): Promise<Record<PartName, number>> {
    const { dataDir } = this.settings;
    const seconds = await Promise.all(
      PART_NAMES.map(async (part) => [part, await cpuSecondsOf(markOf(part, dataDir))]),
    );
    return Object.fromEntries(seconds) as Record<PartName, number>;
  }

  /** Requests that both vendors have had, by the sandbox's own count. */
  async requestsMade(): Promise<number> {
    let sum = 0;
    for (const kind of ['salesforce', 'marketo'] as const) sum += (await this.instance(kind)).requests;
    return sum;
  }

  /** A vendor in the sandbox, as its control API tells of it. */
  async instance(kind: 'salesforce' | 'marketo'): Promise<{
    url: string;
    credentials: { clientId: string; clientSecret: string };
    requests: number;
  }> {
    const { control } = this.settings.sandbox.ports;
    const answer = await fetch(`http://127.0.0.1:${control}/instances/${kind}/default`);
    return (await answer.json()) as Awaited<ReturnType<Everything['instance']>>;
  }

  /** Waits until none of the calls made so far counts towards Marketo's limit any more, so that the next reading is not held up by them. */
  async untilMarketoForgets(): Promise<void> {
    await sleep(MARKETO_WINDOW_MS);
  }
}

/** Marketo takes 100 calls in so long a time. */
const MARKETO_WINDOW_MS = 20_000;
