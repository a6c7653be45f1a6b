import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { msNumberToTs, optionalTsToMs } from '@temporalio/common';
import type { Settings } from '../settings';
import { type PreparedPostgres, postgresMark, preparePostgres, whenPostgresAnswers } from './postgres';
import type { Part, PartName } from './supervised-part';
import { temporalCommand } from './temporal-server';

const DATABASE = 'sync';
const PROBE_EVERY_MS = 200;
const PROBE_TIMEOUT_MS = 2_000;

/** Text in the command line by which the processes of a part of this data folder are known. */
export function markOf(part: PartName, dataDir: string): string {
  switch (part) {
    case 'postgres':
      return postgresMark(join(dataDir, 'postgres'));
    case 'temporal':
      return `--db-filename ${join(dataDir, 'temporal.db')} `;
    default:
      return `--part=${part}@${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;
  }
}

/** The embedded PostgreSQL, and what the other parts need to reach it. */
export class PostgresPart implements Part {
  readonly name = 'postgres';
  readonly mark: string;
  /** PostgreSQL's "fast" shutdown: open transactions are rolled back, what is committed is written. */
  readonly stopSignal = 'SIGINT';
  readonly patienceMs = 30_000;
  readonly #dataDir: string;
  readonly #port: number;
  #prepared: PreparedPostgres | undefined;

  constructor({ dataDir, localPorts }: Settings) {
    this.mark = markOf('postgres', dataDir);
    this.#dataDir = join(dataDir, 'postgres');
    this.#port = localPorts.postgres;
  }

  /** Once it has been prepared. */
  get databaseUrl(): string {
    if (!this.#prepared) throw new Error('PostgreSQL has not been prepared yet');
    return this.#prepared.url(DATABASE);
  }

  async prepare() {
    this.#prepared = await preparePostgres({ dataDir: this.#dataDir, port: this.#port });
    return this.#prepared.command;
  }

  async whenReady(signal: AbortSignal): Promise<void> {
    if (this.#prepared) await whenPostgresAnswers(this.#prepared, DATABASE, signal);
  }
}

/** @param program path of the Temporal CLI */
export function temporalPart({ dataDir, localPorts, temporal, retentionDays }: Settings, program: string): Part {
  return {
    name: 'temporal',
    mark: markOf('temporal', dataDir),
    stopSignal: 'SIGTERM',
    patienceMs: 15_000,
    prepare: async () =>
      temporalCommand(program, {
        file: join(dataDir, 'temporal.db'),
        namespace: temporal.namespace,
        port: localPorts.temporal,
        uiPort: localPorts.temporalUi,
      }),
    whenReady: async (signal) => {
      const connection = await connectToTemporal(`127.0.0.1:${localPorts.temporal}`, signal);
      await keepHistories(connection, temporal.namespace, retentionDays).finally(() => connection.close());
    },
  };
}

interface NodePartOptions {
  /** File to run, built. */
  script: string;
  /** Variables besides those of this process; asked for at each start. */
  env(): Readonly<Record<string, string>>;
  /** Address that answers with success when the part is ready. */
  probe: string;
  patienceMs: number;
}

/** A part that is a program of ours. */
export function nodePart(
  name: 'sandbox' | 'api' | 'worker',
  dataDir: string,
  { script, env, probe, patienceMs }: NodePartOptions,
): Part {
  const mark = markOf(name, dataDir);
  return {
    name,
    mark,
    stopSignal: 'SIGTERM',
    patienceMs,
    prepare: async () => ({
      program: process.execPath,
      args: ['--enable-source-maps', '--disable-warning=ExperimentalWarning', script, mark],
      env: env(),
    }),
    whenReady: (signal) => whenAnswering(probe, signal),
  };
}

/** Returns when the address answers with success. Throws when the signal ends the waiting. */
export async function whenAnswering(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    if (await answers(url)) return;
    await sleep(PROBE_EVERY_MS, undefined, { signal });
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false; // nobody listens yet, or no answer in time: asked again
  }
}

async function connectToTemporal(address: string, signal: AbortSignal): Promise<Connection> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await Connection.connect({ address, connectTimeout: PROBE_TIMEOUT_MS });
    } catch {
      await sleep(PROBE_EVERY_MS, undefined, { signal }); // it does not listen yet
    }
  }
}

/** A dev server forgets closed workflows after a day; here they stay as long as what Sync keeps of them. */
async function keepHistories({ workflowService }: Connection, namespace: string, days: number): Promise<void> {
  const wantedMs = days * 24 * 60 * 60 * 1000;
  const { config } = await workflowService.describeNamespace({ namespace });
  if (optionalTsToMs(config?.workflowExecutionRetentionTtl) === wantedMs) return;
  const retention = { workflowExecutionRetentionTtl: msNumberToTs(wantedMs) };
  await workflowService.updateNamespace({ namespace, config: retention });
}
