import { ApplicationFailure } from '@temporalio/activity';
import { toFailure } from '../../../activities/failures';
import type { PhaseResult } from '../../../activities/run';
import { type DatabaseClient, openDatabase } from '../../../db/client';
import type { Definition, Filter } from '../../../src/domain/definition';
import { FailureType } from '../../../src/domain/failures';
import { PHASES, type Phase } from '../../../src/domain/outcome';
import { type MarketoHost, type SalesforceHost, type Sandbox, startSandbox } from '../../../src/sandbox/sandbox';
import { createTestDatabase, type TestDatabase } from '../database';
import { nameOfStrike, type Schedule } from './events';
import { CallWindow, type Strike } from './gate';
import { arrange, definitionOf, type Ended, endedExecution } from './stage';
import { CONNECTIONS, Worker } from './worker';
import type { World } from './world';

/** More tries than these of one phase, and it is stuck. */
const MOST_TRIES = 60;
/** Longer than any effect that comes late. */
const LATE_EFFECTS_MS = 15 * 60_000;
/** After so long without a sign of life Temporal gives an attempt up. */
const HEARTBEAT_TIMEOUT_MS = 10_000;

/** Marketo cannot be asked for it, so the filter's own phase leaves some out. */
const NOT_ALL: Filter = { column: 'firstName', operator: 'notContains', value: '77' };

/** Runs worlds through the real activities, database and sandbox; in place of Temporal it tries again what failed or died. */
export class TortureRig {
  /** How often each kind of event has struck. */
  readonly happened = new Map<string, number>();
  private readonly definitions = new Map<string, Definition>();
  private readonly window: CallWindow;

  private constructor(
    readonly sandbox: Sandbox,
    private readonly database: DatabaseClient,
    private readonly testDatabase: TestDatabase,
  ) {
    this.window = new CallWindow(sandbox.clock);
  }

  static async start(): Promise<TortureRig> {
    const sandbox = await startSandbox();
    const testDatabase = await createTestDatabase();
    const database = openDatabase(testDatabase.url, { max: 2 });
    for (const [kind, id] of Object.entries(CONNECTIONS)) {
      await database.sql`
        insert into connections (connection_id, name, kind, settings, secrets)
        values (${id}, ${kind}, ${kind}, '{}'::jsonb, '')`;
    }
    return new TortureRig(sandbox, database, testDatabase);
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.testDatabase.drop();
    await this.sandbox.stop();
  }

  /** Runs a world from its beginning. @param schedule what befalls it; without one it is undisturbed */
  async run(world: World, schedule?: Schedule): Promise<Ended> {
    arrange(this.sandbox, world);
    await this.makeDays();
    for (const { of, fault } of schedule?.faults ?? []) this.host(world, of).addFault(fault);
    const syncId = await this.sync(world);
    const driver = new Driver(this, schedule);
    const executionId = await driver.through(syncId);
    this.sandbox.clock.advance(LATE_EFFECTS_MS);
    for (const host of this.hosts) {
      for (const { action, acted } of host.faults.list()) this.count(action.type, acted);
      host.clearFaults();
      await host.lateEffects.settled();
    }
    return endedExecution(this.database.sql, executionId);
  }

  /** What a worker does each hour: the days of long waits and of many runs are far ahead of today. */
  private async makeDays(): Promise<void> {
    const today = new Date(this.sandbox.clock.now()).toISOString().slice(0, 10);
    await this.database.sql`select create_day_partitions(${today}::date - 1, ${today}::date + 7)`;
  }

  count(event: string, times: number): void {
    if (times > 0) this.happened.set(event, (this.happened.get(event) ?? 0) + times);
  }

  worker(): Worker {
    return new Worker(this.sandbox, this.testDatabase.url, this.window, (syncId) => {
      const definition = this.definitions.get(syncId);
      if (!definition) throw new Error(`There is no sync ${syncId}.`);
      return definition;
    });
  }

  get hosts(): readonly [MarketoHost, SalesforceHost] {
    return [this.sandbox.marketo, this.sandbox.salesforce];
  }

  private host({ direction }: World, of: 'source' | 'destination'): MarketoHost | SalesforceHost {
    const isSalesforce = (of === 'destination') === (direction === 'toSalesforce');
    return isSalesforce ? this.sandbox.salesforce : this.sandbox.marketo;
  }

  private async sync(world: World): Promise<string> {
    const filter = world.direction === 'toSalesforce' ? NOT_ALL : undefined;
    const definition = { ...definitionOf(world, CONNECTIONS), filter };
    const [row] = await this.database.sql<{ syncId: string }[]>`
      insert into syncs (name, status, activation, activated_at) values ('Torture', 'active', 1, now()) returning sync_id as "syncId"`;
    if (!row) throw new Error('The sync was not saved.');
    this.definitions.set(row.syncId, definition);
    return row.syncId;
  }
}

/** Does what Temporal and the workflow do: calls one phase after the other, again when it failed, by another worker when it died. */
class Driver {
  private worker: Worker;
  private readonly workers: Worker[] = [];
  private readonly strikes: Schedule['strikes'];
  /** Attempts that were given up; frozen ones go on. */
  private readonly givenUp: Promise<unknown>[] = [];

  constructor(
    private readonly rig: TortureRig,
    schedule: Schedule | undefined,
  ) {
    this.worker = this.nextWorker();
    this.strikes = [...(schedule?.strikes ?? [])];
  }

  /** @returns the id of the execution, when it has ended and no attempt of it is left */
  async through(syncId: string): Promise<string> {
    const { clock } = this.rig.sandbox;
    const opened = await this.worker.openRun(syncId, new Date(clock.now()).toISOString());
    if (!opened) throw new Error('Nothing was opened.');
    for (const phase of PHASES) await this.throughPhase(phase, opened.executionId);
    await Promise.all(this.givenUp);
    await this.worker.finish(opened.executionId);
    await Promise.all(this.workers.map((worker) => worker.close()));
    return opened.executionId;
  }

  private nextWorker(): Worker {
    const worker = this.rig.worker();
    this.workers.push(worker);
    return worker;
  }

  private async throughPhase(phase: Phase, executionId: string): Promise<void> {
    const { clock } = this.rig.sandbox;
    let last: unknown;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const result = await this.attempt(phase, executionId, this.nextStrike(phase));
      if (result === 'givenUp') {
        clock.advance(HEARTBEAT_TIMEOUT_MS);
        this.worker = this.nextWorker();
      } else if ('failure' in result) {
        last = result.failure;
        clock.advance(waitAfter(last, clock.now()));
      } else if (result.waitUntil) clock.set(Math.max(clock.now(), Date.parse(result.waitUntil)));
      else return;
    }
    throw new Error(`${phase} did not come to its end in ${MOST_TRIES} tries; the last failure: ${last}`);
  }

  private nextStrike(phase: Phase): Strike | null {
    const index = this.strikes.findIndex((strike) => strike.phase === phase);
    return index < 0 ? null : (this.strikes.splice(index, 1)[0]?.strike ?? null);
  }

  private async attempt(
    phase: Phase,
    executionId: string,
    strike: Strike | null,
  ): Promise<PhaseResult | { failure: unknown } | 'givenUp'> {
    const { gate } = this.worker;
    if (strike) gate.arm(strike);
    const attempt = this.worker.phase(phase, executionId).catch((error: unknown) => ({ failure: toFailure(error) }));
    const first = await Promise.race([attempt, gate.struck.then(() => 'struck' as const)]);
    gate.disarm();
    if (first !== 'struck' && !gate.isStruck) return first;
    this.givenUp.push(attempt);
    if (strike) this.rig.count(nameOfStrike(phase, strike), 1);
    return 'givenUp';
  }
}

/** @returns the milliseconds after which the workflow would try again @throws what only a person could mend */
function waitAfter(failure: unknown, nowMs: number): number {
  if (!(failure instanceof ApplicationFailure)) return 1_000;
  if (failure.type === FailureType.NeedsAttention) throw failure;
  if (failure.type === FailureType.QuotaExhausted) {
    const [{ resetsAt }] = failure.details as [{ resetsAt: string }]; // put there by toFailure
    return Math.max(1_000, Date.parse(resetsAt) - nowMs);
  }
  const delay = failure.nextRetryDelay;
  return typeof delay === 'number' ? delay : 1_000;
}
