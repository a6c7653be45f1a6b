import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import pino from 'pino';
import { type Activities, createActivities } from '../../activities';
import type { OpenConnection, PhaseInput, PhaseResult } from '../../activities/run';
import { type DatabaseClient, openDatabase } from '../../db/client';
import { findExecution } from '../../db/queries/executions-read';
import { type NewFollowUp, openFollowUp } from '../../db/queries/follow-ups';
import { findPreview, listPlanned, openPreview, type PlannedRow } from '../../db/queries/previews-read';
import type { Connector, SplitFilter } from '../../src/connectors/connector';
import { type Definition, definition as definitionSchema } from '../../src/domain/definition';
import {
  type Counts,
  type ExecutionState,
  type FollowUpTrigger,
  type Outcome,
  PHASES,
  type Phase,
} from '../../src/domain/outcome';
import { PREVIEW_PHASES, type PreviewPhase } from '../../src/domain/preview';
import { createTestDatabase, type TestDatabase } from './database';
import { KEY_HASHES } from './key-hashes';
import { openConnection } from './open-connection';

/** What a run did, by its counts and its ledger. */
export interface Ran {
  executionId: string;
  state: ExecutionState;
  counts: Counts;
  changedSince: string | null;
  readsAllBecause: string | null;
  /** By source Id. */
  ledger: Map<string, Pick<Outcome, 'outcome' | 'reason' | 'message'>>;
}

type PhaseActivity = Phase | PreviewPhase | 'extractFailed' | 'gatherUndo' | 'undo';
/** The activities that an execution goes through. */
type Course = Partial<Record<Phase, PhaseActivity>>;
const RUN: Course = { extract: 'extract', filter: 'filter', dedupe: 'dedupe', map: 'map', load: 'load' };
const RETRY: Course = { ...RUN, extract: 'extractFailed' };
const UNDO: Course = { extract: 'gatherUndo', load: 'undo' };

/** So often a cancelled execution may be asked about at once again: batches are settled one after the other. */
const MOST_IN_VAIN = 5;

/** Runs the activities of a sync one after the other, as its workflow does, at moments that the test chooses. */
export class ActivityRuns {
  private readonly definitions = new Map<string, Definition>();
  private readonly activities: Activities;
  private readonly opened: ReadonlyMap<string, OpenConnection>;

  private constructor(
    readonly database: DatabaseClient,
    private readonly testDatabase: TestDatabase,
    connectors: ReadonlyMap<string, Connector>,
    private readonly now: () => string,
  ) {
    const opened = new Map([...connectors].map(([id, connector]) => [id, openConnection(connector)]));
    this.opened = opened;
    this.activities = createActivities({
      sql: database.sql,
      connect: async (connectionId) => {
        const connection = opened.get(connectionId);
        if (!connection) throw new Error(`The test has no connection ${connectionId}.`);
        return connection;
      },
      definitionOf: async (syncId) => this.definitionOf(syncId),
      routeOf: async () => 'A → B',
      now,
      defaultTimeZone: 'UTC',
      keyHashes: KEY_HASHES,
      log: pino({ level: 'silent' }),
    });
  }

  /**
   * @param kinds what is connected, by connection id
   * @param now ISO 8601 UTC
   */
  static async start(
    kinds: Record<string, { kind: 'marketo' | 'salesforce'; connector: Connector }>,
    now: () => string,
  ): Promise<ActivityRuns> {
    const testDatabase = await createTestDatabase();
    const database = openDatabase(testDatabase.url);
    for (const [connectionId, { kind }] of Object.entries(kinds)) {
      await database.sql`
        insert into connections (connection_id, name, kind, settings, secrets)
        values (${connectionId}, ${`${kind} ${connectionId}`}, ${kind}, '{}'::jsonb, '')`;
    }
    const connectors = new Map(Object.entries(kinds).map(([id, { connector }]) => [id, connector]));
    return new ActivityRuns(database, testDatabase, connectors, now);
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.testDatabase.drop();
  }

  private definitionOf(syncId: string): Definition {
    const definition = this.definitions.get(syncId);
    if (!definition) throw new Error(`The test has no sync ${syncId}.`);
    return definition;
  }

  /** Saves a sync that is active. @returns its id */
  async sync(given: Record<string, unknown>): Promise<string> {
    const definition = definitionSchema.parse({ schedule: { type: 'now' }, ...given });
    const [row] = await this.database.sql<{ sync_id: string }[]>`
      insert into syncs (name, status, activation, activated_at) values (${definition.name}, 'active', 1, ${this.now()})
      returning sync_id`;
    const syncId = row?.sync_id ?? '';
    await this.database.sql`
      insert into sync_versions (sync_id, version, definition, saved_by)
      values (${syncId}, 1, ${JSON.stringify(definition)}::text::jsonb, 'test')`;
    this.definitions.set(syncId, definition);
    return syncId;
  }

  /** From the next run on the sync is as told. */
  change(syncId: string, changed: Record<string, unknown>): void {
    this.definitions.set(syncId, definitionSchema.parse({ ...this.definitionOf(syncId), ...changed }));
  }

  /**
   * Runs a sync once, or brings a run to its end that has broken off.
   * @param more.until the last phase that it comes to before it is cancelled
   * @param more.twice phases whose first attempt ends without anybody knowing
   * @param more.wait lets time pass until a phase can go on
   * @param more.lost phases whose first attempt is believed dead from a moment on, and goes on all the same
   * @param more.isLedgerUnread the ledger, which may have more records than fit into memory, is left out of what is told
   */
  async run(
    syncId: string,
    more: {
      until?: Phase;
      twice?: readonly Phase[];
      lost?: Partial<Record<Phase, () => Promise<void>>>;
      wait?: ((until: string) => void) | null;
      isLedgerUnread?: boolean;
    } = {},
  ): Promise<Ran> {
    const opened = await this.activities.openRun({ syncId, activation: 1, dueAt: null, now: this.now() });
    if (!opened) throw new Error('Nothing was opened.');
    return this.through(opened.executionId, RUN, more);
  }

  /** Undoes an execution once, as the workflow of an undo does. @param more see `run` */
  async undo(originId: string, more: Parameters<ActivityRuns['run']>[1] = {}): Promise<Ran> {
    const executionId = await this.open(originId, 'undo');
    return this.through(executionId, UNDO, more);
  }

  /** Brings an undo to its end whose attempts have broken off. */
  async goOnUndoing(originId: string, more: Parameters<ActivityRuns['run']>[1] = {}): Promise<Ran> {
    return this.through(await this.brokenOff(originId), UNDO, more);
  }

  /** The same for a retry. */
  async goOnRetrying(originId: string, more: Parameters<ActivityRuns['run']>[1] = {}): Promise<Ran> {
    return this.through(await this.brokenOff(originId), RETRY, more);
  }

  private async brokenOff(originId: string): Promise<string> {
    const [row] = await this.database.sql<{ execution_id: string }[]>`
      select execution_id from follow_ups join executions using (execution_id) where origin_id = ${originId} and state = 'running'`;
    if (!row) throw new Error('Nothing has broken off.');
    return row.execution_id;
  }

  /** Cancels a run that has broken off, and brings it to its end as its workflow does. @param more see `run` */
  async cancel(syncId: string, more: Parameters<ActivityRuns['run']>[1] = {}): Promise<Ran> {
    const opened = await this.activities.openRun({ syncId, activation: 1, dueAt: null, now: this.now() });
    if (!opened) throw new Error('Nothing has broken off.');
    return this.cancelled(opened.executionId, 'load', more);
  }

  /** The same for an undo. */
  async cancelUndoing(originId: string, more: Parameters<ActivityRuns['run']>[1] = {}): Promise<Ran> {
    return this.cancelled(await this.brokenOff(originId), 'undo', more);
  }

  private async cancelled(
    executionId: string,
    phase: PhaseActivity,
    { wait }: NonNullable<Parameters<ActivityRuns['run']>[1]>,
  ): Promise<Ran> {
    await this.activities.requestStop({ executionId, kind: 'cancel' });
    for (let inVain = 0; await this.activities.hasUnsettled({ executionId }); ) {
      const { waitUntil } = await this.attempt(phase, executionId);
      if (waitUntil && wait) wait(waitUntil);
      else inVain += 1;
      if (inVain > MOST_IN_VAIN) throw new Error('What was sent is asked about again and again, without a pause.');
    }
    const { state, counts } = await this.activities.finish({ executionId, cancelled: true });
    return { executionId, state, counts, ...(await this.told(executionId)) };
  }

  /** Tries the failed records of an execution again, as the workflow of a retry does. @param more see `run` */
  async retry(
    originId: string,
    wanted: Partial<NewFollowUp['wanted']> = {},
    more: Parameters<ActivityRuns['run']>[1] = {},
  ): Promise<Ran> {
    return this.through(await this.open(originId, 'retry', wanted), RETRY, more);
  }

  private async open(
    originId: string,
    trigger: FollowUpTrigger,
    { reasons = null, field = null, sourceIds = null }: Partial<NewFollowUp['wanted']> = {},
  ): Promise<string> {
    const { db } = this.database;
    const origin = await findExecution(db, originId);
    if (!origin) throw new Error(`The test has no execution ${originId}.`);
    const wanted = { reasons, field, sourceIds };
    const { version } = origin;
    return (await openFollowUp(db, { origin, trigger, version, wanted, now: this.now() })).executionId;
  }

  /** Brings an execution through its phases to its end. */
  async through(
    executionId: string,
    course: Course,
    more: NonNullable<Parameters<ActivityRuns['run']>[1]>,
  ): Promise<Ran> {
    for (const phase of PHASES) {
      const activity = course[phase];
      if (!activity) continue;
      const lost = more.lost?.[phase] ? this.attempt(activity, executionId).catch((error: unknown) => error) : null;
      await more.lost?.[phase]?.();
      for (let attempt = more.twice?.includes(phase) ? 0 : 1; attempt < 2; attempt += 1) {
        let ended = await this.attempt(activity, executionId);
        while (ended.waitUntil && more.wait) {
          more.wait(ended.waitUntil);
          ended = await this.attempt(activity, executionId);
        }
        demandThrough(ended);
      }
      // what it has not committed by now it never will
      if (lost && !((await lost) instanceof Error)) throw new Error(`Two attempts at ${phase} have come to its end.`);
      if (phase === more.until) break;
    }
    const { state, counts } = await this.activities.finish({ executionId, cancelled: more.until !== undefined });
    return { executionId, state, counts, ...(await this.told(executionId, more.isLedgerUnread)) };
  }

  private attempt(phase: PhaseActivity, executionId: string): Promise<PhaseResult> {
    // the tests tell what fails
    const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    const activity: (input: PhaseInput) => Promise<PhaseResult> = this.activities[phase];
    return environment.run(activity, { executionId });
  }

  /** A connection by its id, for what others do with its system. */
  connectionOf(connectionId: string): OpenConnection {
    const connection = this.opened.get(connectionId);
    if (!connection) throw new Error(`The test has no connection ${connectionId}.`);
    return connection;
  }

  /** What the source of a sync is asked for, as View Query tells it. */
  async queryOf(syncId: string): Promise<SplitFilter> {
    const { source, filter = null, schedule } = this.definitionOf(syncId);
    const connection = this.connectionOf(source.connectionId);
    const object = await connection.describe(source.object, AbortSignal.timeout(10_000));
    const timeZone = schedule.timeZone ?? 'UTC';
    const request = { object, fields: [object.idField], filter, changedSince: null, asOf: this.now(), timeZone };
    return connection.connector.splitFilter(request);
  }

  /** Previews a sync as its workflow does. @returns what a run would do with each record, in source order */
  async preview(syncId: string): Promise<PlannedRow[]> {
    const { db } = this.database;
    const opening = { syncId, version: 1, mode: 'full', sampling: null, now: this.now() } as const;
    const executionId = (await openPreview(db, opening)) ?? '';
    for (const phase of PREVIEW_PHASES) {
      demandThrough(await this.attempt(phase, executionId));
    }
    await new MockActivityEnvironment().run(this.activities.reportPreview, { executionId });
    const preview = await findPreview(db, executionId);
    if (preview?.state !== 'completed') throw new Error(`The preview has ended as ${preview?.state}.`);
    return listPlanned(db, preview, null, 100_000, {});
  }

  private async told(
    executionId: string,
    isLedgerUnread = false,
  ): Promise<Pick<Ran, 'ledger' | 'changedSince' | 'readsAllBecause'>> {
    const { sql } = this.database;
    const [reading] = await sql<Pick<Ran, 'changedSince' | 'readsAllBecause'>[]>`
      select changed_since as "changedSince", reads_all_because as "readsAllBecause" from executions
      where execution_id = ${executionId}`;
    if (isLedgerUnread) return { changedSince: null, readsAllBecause: null, ...reading, ledger: new Map() };
    const rows = await sql<Pick<Outcome, 'sourceId' | 'outcome' | 'reason' | 'message'>[]>`
      select source_id as "sourceId", outcome, reason, message from outcomes where execution_id = ${executionId}`;
    const ledger = new Map(
      rows.map(({ sourceId, outcome, reason, message }) => [sourceId, { outcome, reason, message }]),
    );
    return { changedSince: null, readsAllBecause: null, ...reading, ledger };
  }
}

function demandThrough(ended: PhaseResult): void {
  if (ended.stopped || ended.waitUntil || ended.hold)
    throw new Error(`A phase is not through: ${JSON.stringify(ended)}`);
}
