import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import pino, { type Logger } from 'pino';
import { type DatabaseClient, openDatabase } from '../../db/client';
import { sealSecrets, splitSecrets } from '../../db/queries/connections';
import { type NewConnection, newConnection } from '../../src/domain/connection';
import { type Definition, definition as definitionSchema } from '../../src/domain/definition';
import type { Counts, ExecutionState } from '../../src/domain/outcome';
import { TemporalEngine } from '../../src/engine/temporal-engine';
import { SecretBox } from '../../src/security/secrets';
import { createWorker, type SyncWorker } from '../../src/worker/worker';
import { createTestDatabase, type TestDatabase } from './database';
import { KillableWorker } from './killable-worker';
import { quietenTemporal } from './quiet-temporal';
import { testTemporal } from './temporal';
import type { WorkerTask } from './worker-process';
import { workflowBundle } from './workflow-bundle';

export interface EndedExecution {
  executionId: string;
  number: number;
  state: ExecutionState;
  problem: string | null;
  counts: Counts;
}

quietenTemporal();

/** Everything that runs syncs, in this process: a worker over a database and a task queue of the test's own. */
export class RunningSync {
  private constructor(
    readonly database: DatabaseClient,
    readonly engine: TemporalEngine,
    readonly client: Client,
    /** What its connections are sealed with, for an API over the same database. */
    readonly secretKeys: readonly Buffer[],
    private readonly make: (bundlePath: string) => Promise<SyncWorker>,
    private readonly native: NativeConnection,
    private readonly testDatabase: TestDatabase,
    private readonly task: Omit<WorkerTask, 'bundlePath'>,
  ) {}

  private worker: SyncWorker | undefined;
  private readonly killable: KillableWorker[] = [];
  private ended: Promise<void> | undefined;

  /**
   * @param allowedHosts `host:port` of the sandbox's instances
   * @param scarce most connections to the database, and settings of PostgreSQL that hold for them
   */
  static async start(
    allowedHosts: readonly string[],
    log: Logger = pino({ level: 'silent' }),
    scarce: { max?: number; settings?: Record<string, string> } = {},
  ): Promise<RunningSync> {
    const temporal = testTemporal();
    const testDatabase = await createTestDatabase();
    const { settings: databaseSettings = {}, ...pool } = scarce;
    for (const [name, value] of Object.entries(databaseSettings)) await setForDatabase(testDatabase.url, name, value);
    const database = openDatabase(testDatabase.url, pool);
    const secretKeys = [randomBytes(32)];
    const native = await NativeConnection.connect({ address: temporal.address });
    const client = new Client({
      connection: await Connection.connect({ address: temporal.address }),
      namespace: temporal.namespace,
    });
    const make = (bundlePath: string) =>
      createWorker({
        database,
        client,
        connection: native,
        settings: {
          ...{ secretKeys, allowedHosts, timeZone: 'UTC', retentionDays: 30, temporal },
          publicUrl: 'http://sync.example.com',
        },
        log,
        bundlePath,
        taskQueue: temporal.taskQueue,
        shutdownGrace: '1 millisecond',
      });
    const engine = new TemporalEngine(client, temporal.taskQueue);
    const task = {
      ...{ databaseUrl: testDatabase.url, temporal, allowedHosts },
      secretKeys: secretKeys.map((key) => key.toString('base64')),
    };
    const sync = new RunningSync(database, engine, client, secretKeys, make, native, testDatabase, task);
    await sync.startWorker();
    return sync;
  }

  /** @param bundlePath workflow code; that of the checkout unless told otherwise */
  async startWorker(bundlePath = workflowBundle().codePath): Promise<void> {
    this.worker = await this.make(bundlePath);
    this.ended = this.worker.run();
  }

  /** Has the worker come to its end, as a process does that is asked to. */
  async stopWorker(): Promise<void> {
    this.worker?.shutdown();
    await this.ended;
    this.worker = undefined;
    this.ended = undefined;
  }

  /** A further worker, in a process of its own, that can be killed. */
  async startKillable(): Promise<KillableWorker> {
    const worker = await KillableWorker.start({ ...this.task, bundlePath: workflowBundle().codePath });
    this.killable.push(worker);
    return worker;
  }

  async stop(): Promise<void> {
    for (const worker of this.killable) await worker.kill();
    await this.stopWorker();
    await this.native.close();
    await this.client.connection.close();
    await this.database.close();
    await this.testDatabase.drop();
  }

  /** For connections of the test's own. */
  get databaseUrl(): string {
    return this.testDatabase.url;
  }

  /** Waits until so many executions run. */
  async untilRunning(executions: number): Promise<void> {
    for (;;) {
      const rows = await this.database.sql`select from executions where state = 'running'`;
      if (rows.length >= executions) return;
    }
  }

  async addConnection(given: unknown): Promise<string> {
    const connection: NewConnection = newConnection.parse(given);
    const { plain, secrets } = splitSecrets(connection.kind, connection.settings);
    const [row] = await this.database.sql<{ connection_id: string }[]>`
      insert into connections (name, kind, settings, secrets)
      values (${connection.name}, ${connection.kind}, ${JSON.stringify(plain)}::text::jsonb, '') returning connection_id`;
    const connectionId = row?.connection_id ?? '';
    const sealed = sealSecrets(new SecretBox(this.secretKeys), connectionId, secrets);
    await this.database.sql`update connections set secrets = ${sealed} where connection_id = ${connectionId}`;
    return connectionId;
  }

  /** Saves a definition and activates it. */
  async activate(given: unknown): Promise<string> {
    const definition: Definition = definitionSchema.parse(given);
    const [row] = await this.database.sql<{ sync_id: string }[]>`
      insert into syncs (name, status, activation, activated_at)
      values (${definition.name}, 'active', 1, ${new Date().toISOString()}) returning sync_id`;
    const syncId = row?.sync_id ?? '';
    await this.database.sql`
      insert into sync_versions (sync_id, version, definition, saved_by)
      values (${syncId}, 1, ${JSON.stringify(definition)}::text::jsonb, 'test')`;
    await this.engine.startSync({
      syncId,
      activation: 1,
      name: definition.name,
      route: 'A → B',
      scheduleInWords: 'Once, now',
    });
    return syncId;
  }

  /** Activates a sync that runs at once, and waits for the end of its execution. */
  async run(given: Record<string, unknown>): Promise<EndedExecution> {
    const syncId = await this.activate({ schedule: { type: 'now' }, ...given });
    await this.client.workflow.result(`sync/${syncId}`);
    const [execution] = await this.executions(syncId);
    if (!execution) throw new Error('The sync ended without an execution.');
    return execution;
  }

  async executions(syncId: string): Promise<EndedExecution[]> {
    const rows = await this.database.sql<
      (Record<keyof Counts, string> & {
        execution_id: string;
        number: number;
        state: ExecutionState;
        problem: string | null;
      })[]
    >`
      select execution_id, number, state, problem, read, filtered_out as "filteredOut", duplicates, created, updated, unchanged, skipped, failed
      from executions where sync_id = ${syncId} order by number`;
    return rows.map(({ execution_id, number, state, problem, ...counts }) => ({
      executionId: execution_id,
      number,
      state,
      problem,
      counts: Object.fromEntries(
        Object.entries(counts).map(([name, value]) => [name, Number(value)]),
      ) as unknown as Counts,
    }));
  }

  async outcomes(
    executionId: string,
  ): Promise<{ sourceId: string; outcome: string; reason: string | null; message: string | null }[]> {
    return this.database.sql`
      select source_id as "sourceId", outcome, reason, message from outcomes where execution_id = ${executionId} order by sort_key`;
  }

  /** The destination Ids of an execution's records that have been sent, in source order. */
  async destinationIds(executionId: string): Promise<(string | null)[]> {
    const rows = await this.database.sql<{ destination_id: string | null }[]>`
      select destination_id from outcomes
      where execution_id = ${executionId} and outcome in ('created', 'updated') order by sort_key`;
    return rows.map(({ destination_id: destinationId }) => destinationId);
  }
}

/** Holds for all connections that are opened from then on. */
async function setForDatabase(url: string, name: string, value: string): Promise<void> {
  const { sql, close } = openDatabase(url, { max: 1 });
  await sql.unsafe(`alter database ${new URL(url).pathname.slice(1)} set ${name} = '${value}'`);
  await close();
}
