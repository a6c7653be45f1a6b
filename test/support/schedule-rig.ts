import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next, Worker } from '@temporalio/worker';
import pino from 'pino';
import { type Activities, createActivities } from '../../activities';
import type { PhaseResult } from '../../activities/run';
import { type DatabaseClient, openDatabase } from '../../db/client';
import { changeStatus, loadDefinition } from '../../db/queries/syncs';
import { type Definition, definition as definitionSchema, type Schedule } from '../../src/domain/definition';
import type { ExecutionState, Trigger } from '../../src/domain/outcome';
import { SYNC_TRANSITIONS, type SyncControl } from '../../src/domain/sync-status';
import type { sync } from '../../workflows';
import { syncWorkflowId } from '../../workflows/messages';
import { createTestDatabase, type TestDatabase } from './database';
import { KEY_HASHES } from './key-hashes';
import { WorkflowRig } from './workflow-rig';

const CONNECTION = '11111111-1111-4111-8111-111111111111';

/** One run of a sync, or one that was missed. */
export interface ScheduledRun {
  number: number;
  trigger: Trigger;
  state: ExecutionState;
  scheduledFor: string;
  /** Null for a missed one. */
  startedAt: string | null;
  finishedAt: string | null;
}

/**
 * Syncs by their schedules, in a Temporal server in which years pass in seconds: our workflows, our scheduling and our database. Only
 * the phases of a run do nothing, for as long as the test says.
 */
export class ScheduleRig {
  /** The server's time when the last activity began. */
  private presentMs = 0;
  private running: { worker: Worker; ended: Promise<void> } | undefined;
  private readonly taskQueue = `test-${randomUUID()}`;
  /** How long the n-th run of each sync takes. */
  private readonly minutesOfRun = new Map<string, (run: number) => number>();
  /** What the list showed as the next run when a run was opened. */
  readonly announced = new Map<string, (string | null)[]>();

  private constructor(
    private readonly rig: WorkflowRig,
    readonly database: DatabaseClient,
    private readonly testDatabase: TestDatabase,
  ) {}

  static async start(): Promise<ScheduleRig> {
    const [rig, testDatabase] = await Promise.all([WorkflowRig.start(), createTestDatabase()]);
    return new ScheduleRig(rig, openDatabase(testDatabase.url), testDatabase);
  }

  async stop(): Promise<void> {
    await this.stopWorker();
    await this.rig.stop();
    await this.database.close();
    await this.testDatabase.drop();
  }

  now = (): Promise<number> => this.rig.now();

  /** Lets the server's time pass until a moment. */
  async passUntil(at: string): Promise<void> {
    const ms = Date.parse(at) - (await this.now());
    if (ms > 0) await this.rig.environment.sleep(ms);
  }

  /** Works with a worker at hand, which stays for the tests that follow. */
  async withWorker<T>(work: () => Promise<T>): Promise<T> {
    if (!this.running) {
      const worker = await this.rig.createWorker(this.workerOptions());
      this.running = { worker, ended: worker.run() };
    }
    return work();
  }

  /**
   * The same with a worker that will be missed: it keeps no workflow to itself, since this server would wait for it for ever.
   * Afterwards time passes and nothing is done, until there is a worker again.
   */
  async beforeOutage<T>(work: () => Promise<T>): Promise<T> {
    await this.stopWorker();
    return this.rig.withWorkerOf({ ...this.workerOptions(), maxCachedWorkflows: 0 }, work);
  }

  private async stopWorker(): Promise<void> {
    this.running?.worker.shutdown();
    await this.running?.ended;
    this.running = undefined;
  }

  private workerOptions() {
    const inbound = new Clock(async () => {
      this.presentMs = await this.now();
    });
    return {
      taskQueue: this.taskQueue,
      activities: this.activities(),
      interceptors: { activity: [() => ({ inbound })] },
    };
  }

  private activities(): Activities {
    const real = createActivities({
      sql: this.database.sql,
      connect: async () => {
        throw new Error('A schedule needs no connection.');
      },
      definitionOf: async (syncId, version) =>
        definitionSchema.parse(await loadDefinition(this.database.db, syncId, version)),
      routeOf: async () => 'A → B',
      now: () => new Date(this.presentMs).toISOString(),
      defaultTimeZone: 'UTC',
      keyHashes: KEY_HASHES,
      log: pino({ level: 'silent' }),
    });
    const through = async (): Promise<PhaseResult> => ({ stopped: false });
    return {
      ...real,
      ...{ extract: through, filter: through, dedupe: through, map: through },
      openRun: async (input) => {
        const [row] = await this.database.sql<{ next: Date | null }[]>`
          select next_run_at as next from syncs where sync_id = ${input.syncId}`;
        if (input.dueAt) this.announced.get(input.syncId)?.push(row?.next ? new Date(row.next).toISOString() : null);
        return real.openRun(input);
      },
      load: async ({ executionId }) => this.work(executionId),
    };
  }

  /** Waits as for a vendor, once, until the run has taken as long as the test says. */
  private async work(executionId: string): Promise<PhaseResult> {
    const [row] = await this.database.sql<{ sync_id: string; number: number; started_at: string }[]>`
      select sync_id, number, started_at from executions where execution_id = ${executionId}`;
    const minutes = this.minutesOfRun.get(row?.sync_id ?? '')?.(row?.number ?? 0) ?? 0;
    const endMs = new Date(row?.started_at ?? '').getTime() + minutes * 60_000;
    return endMs > this.presentMs ? { stopped: false, waitUntil: new Date(endMs).toISOString() } : { stopped: false };
  }

  /**
   * Saves a sync and activates it now, by the server's time.
   * @param minutesOfRun how long its n-th run takes, none unless told
   */
  async activate(schedule: Schedule, minutesOfRun: (run: number) => number = () => 0): Promise<ScheduledSync> {
    const activatedAt = new Date(await this.now()).toISOString();
    const [row] = await this.database.sql<{ sync_id: string }[]>`
      insert into syncs (name, status, activation, activated_at) values ('Test', 'active', 1, ${activatedAt}) returning sync_id`;
    const syncId = row?.sync_id ?? '';
    await this.saveVersion(syncId, 1, schedule);
    this.minutesOfRun.set(syncId, minutesOfRun);
    this.announced.set(syncId, []);
    return new ScheduledSync(this, syncId, await this.startWorkflow(syncId));
  }

  /** As activation does, and reconciliation for a sync that has lost its workflow. */
  startWorkflow(syncId: string): Promise<WorkflowHandle<typeof sync>> {
    return this.rig.environment.client.workflow.start<typeof sync>('sync', {
      taskQueue: this.taskQueue,
      workflowId: syncWorkflowId(syncId),
      args: [{ syncId, activation: 1, searchable: false }],
    });
  }

  async saveVersion(syncId: string, version: number, schedule: Schedule): Promise<void> {
    const definition: Definition = definitionSchema.parse({
      name: 'Test',
      source: { connectionId: CONNECTION, object: 'Lead' },
      destination: { connectionId: CONNECTION, object: 'Contact' },
      mappings: [{ from: { field: 'email' }, to: 'Email' }],
      schedule,
    });
    await this.database.sql`
      insert into sync_versions (sync_id, version, definition, saved_by)
      values (${syncId}, ${version}, ${JSON.stringify(definition)}::text::jsonb, 'test')`;
    await this.database.sql`update syncs set version = ${version} where sync_id = ${syncId}`;
  }
}

/** A sync that is active. */
export class ScheduledSync {
  private version = 1;

  constructor(
    private readonly rig: ScheduleRig,
    private readonly syncId: string,
    private handle: WorkflowHandle<typeof sync>,
  ) {}

  /** Lets time pass until the sync has ended by itself. */
  end = (): Promise<void> => this.handle.result();

  /** What the list shows as the next run when each run was opened, but those that somebody asked for. */
  get announced(): (string | null)[] {
    return this.rig.announced.get(this.syncId) ?? [];
  }

  async runs(): Promise<ScheduledRun[]> {
    const rows = await this.rig.database.sql<
      (ScheduledRun & { scheduledFor: Date; startedAt: Date | null; finishedAt: Date | null })[]
    >`
      select number, trigger, state, scheduled_for as "scheduledFor", started_at as "startedAt", finished_at as "finishedAt"
      from executions where sync_id = ${this.syncId} order by number`;
    return rows.map((row) => ({
      ...row,
      scheduledFor: new Date(row.scheduledFor).toISOString(),
      startedAt: row.startedAt && new Date(row.startedAt).toISOString(),
      finishedAt: row.finishedAt && new Date(row.finishedAt).toISOString(),
    }));
  }

  /** The instants of all runs, missed ones among them. */
  scheduledFor = async (): Promise<string[]> => (await this.runs()).map((run) => run.scheduledFor);

  /** What the list shows: status and next run. */
  async shown(): Promise<{ status: string; nextRunAt: string | null }> {
    const [row] = await this.rig.database.sql<{ status: string; next_run_at: Date | null }[]>`
      select status, next_run_at from syncs where sync_id = ${this.syncId}`;
    const next = row?.next_run_at ?? null;
    return { status: row?.status ?? '', nextRunAt: next && new Date(next).toISOString() };
  }

  /** Pauses, resumes, runs or cancels it, as the API and the delivery of wishes do. */
  async control(kind: Exclude<SyncControl, 'activate'>): Promise<void> {
    const { from, to } = SYNC_TRANSITIONS[kind];
    const now = new Date(await this.rig.now()).toISOString();
    if (!(await changeStatus(this.rig.database.db, this.syncId, from, to, now))) throw new Error(`Cannot ${kind}.`);
    await this.handle.executeUpdate(kind, { args: [] });
  }

  /** Nothing of it is there until a moment; then its workflow is started anew. This server's time does not pass while work waits for a worker. */
  async outageUntil(at: string): Promise<void> {
    await this.handle.terminate('An outage begins.');
    await this.rig.passUntil(at);
    this.handle = await this.rig.startWorkflow(this.syncId);
  }

  async changeSchedule(schedule: Schedule): Promise<void> {
    await this.saveSchedule(schedule);
    await this.handle.executeUpdate('changeSchedule', { args: [] });
  }

  /** Changes it without a word to the workflow: `tellOfChange` comes later. */
  async saveSchedule(schedule: Schedule): Promise<void> {
    this.version += 1;
    await this.rig.saveVersion(this.syncId, this.version, schedule);
  }

  /** @param askedAt when it was changed */
  tellOfChange = (askedAt: string): Promise<void> =>
    this.handle.executeUpdate('changeSchedule', { args: [{ wishId: randomUUID(), activation: 1, askedAt }] });
}

/** Has the time looked up before each activity. */
class Clock implements ActivityInboundCallsInterceptor {
  constructor(private readonly look: () => Promise<void>) {}

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    await this.look();
    return next(input);
  }
}
