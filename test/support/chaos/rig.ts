import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { migrateDatabase, openDatabase } from '../../../db/client';
import type { FaultAction } from '../../../src/sandbox/faults';
import { type MarketoHost, type SalesforceHost, type Sandbox, startSandbox } from '../../../src/sandbox/sandbox';
import { executionWorkflowId, syncWorkflowId } from '../../../workflows/messages';
import { look, type Seen } from '../torture/oracle';
import { arrange, definitionOf, endedExecution } from '../torture/stage';
import type { World } from '../torture/world';
import { Director } from './director';
import { Installation } from './installation';
import { faultsOfHistories, leftOpen } from './left-open';
import { Operator } from './operator';
import type { Plan } from './plan';
import { add, Records } from './records';
import { SHORT_PHASES, Watch } from './watch';

/** How slow the vendors are without any fault: enough for a blow to hit while they work. */
const PACE = { marketo: { latencyMs: 60, jobMs: 500 }, salesforce: { bulkStartDelayMs: 400, bulkFinishDelayMs: 400 } };
const LATE_EFFECTS_MS = 60_000;
const LONGEST_RUN_MS = 15 * 60_000;
/** A whole object is read, and each process learns by itself that a token has expired. */
const ALLOWED = ['unboundedQuery', 'expiredTokenUsedAgain'] as const;

export interface Run {
  seen: Seen;
  tookMs: number;
}

/** The connections of a run, by their ids. */
interface Connections {
  marketo: string;
  salesforce: string;
}

/** What befalls a run, and how slow the vendors are; nothing, and a little, where it is left out. */
interface Disturbance extends Partial<Omit<Plan, 'world'>> {
  killEveryMs?: number;
  pace?: typeof PACE;
}

/** Runs worlds through all of Sync, in processes that are hit while they work. */
export class ChaosRig {
  readonly records = new Records();

  private constructor(
    readonly folder: string,
    private readonly sandbox: Sandbox,
    private readonly installation: Installation,
    private readonly watch: Watch,
  ) {}

  static async start(): Promise<ChaosRig> {
    const folder = await mkdtemp(join(tmpdir(), 'sync-chaos-'));
    const sandbox = await startSandbox();
    const installation = await Installation.start(folder, sandbox);
    const database = openDatabase(installation.databaseUrl());
    await migrateDatabase(database, new Date().toISOString().slice(0, 10)).finally(() => database.close());
    return new ChaosRig(folder, sandbox, installation, await Watch.install(installation.databaseUrl()));
  }

  /** @param keepFolder logs of all processes and the database stay where they are */
  async stop(keepFolder: boolean): Promise<void> {
    await this.watch.close();
    await this.installation.stop();
    await this.sandbox.stop();
    if (!keepFolder) await rm(this.folder, { recursive: true, force: true });
  }

  /** Runs a world from its beginning to its end. */
  async run(world: World, { blows = [], faults = [], killEveryMs, pace = PACE }: Disturbance = {}): Promise<Run> {
    arrange(this.sandbox, world);
    await this.watch.bringAboutProbes();
    this.sandbox.marketo.vendor.stores.settings.change(pace.marketo);
    this.sandbox.salesforce.vendor.org.changeSettings(pace.salesforce);
    const connections = await this.connections();
    const syncId = await this.sync(world, connections);
    const hit = SHORT_PHASES.filter((phase) => blows.some(({ moment }) => moment === phase));
    await this.watch.holdUp(hit);
    const director = new Director(this.installation, this.watch, blows, this.records, () => this.faultsSoFar());
    const startedAt = performance.now();
    const activation = this.installation.call('POST', `/syncs/${syncId}/activate`, { key: randomUUID() });
    director.meet('activation');
    await activation;
    // a quota that is used up at the activation would refuse it, as it should, until midnight
    for (const { of, fault } of faults) this.host(world, of).addFault(fault);
    const operator = new Operator(this.installation, syncId, () => this.watch.bringAboutProbes(), this.records);
    if (killEveryMs !== undefined) director.killWorkerEvery(killEveryMs);
    try {
      await withinTime(operator.whenCompleted());
    } finally {
      operator.stop();
      await director.over();
    }
    const tookMs = performance.now() - startedAt;
    return { seen: await this.seen(world, syncId), tookMs };
  }

  private async connections(): Promise<Connections> {
    const { marketo, salesforce } = this.sandbox;
    const { clientId, clientSecret } = salesforce.credentials;
    const auth = { type: 'clientCredentials', clientId, clientSecret };
    const create = async (kind: string, settings: object) => {
      const body = { name: `${kind} ${randomUUID()}`, kind, settings: { quotaShare: 1, ...settings } };
      const key = randomUUID();
      return (await this.installation.call<{ id: string }>('POST', '/connections', { body, key })).id;
    };
    return {
      marketo: await create('marketo', { baseUrl: marketo.url, ...marketo.credentials }),
      salesforce: await create('salesforce', { loginUrl: salesforce.url, auth }),
    };
  }

  private async sync(world: World, connections: Connections): Promise<string> {
    const body = definitionOf(world, connections);
    return (await this.installation.call<{ id: string }>('POST', '/syncs', { body, key: randomUUID() })).id;
  }

  private host({ direction }: World, of: 'source' | 'destination'): MarketoHost | SalesforceHost {
    const isSalesforce = (of === 'destination') === (direction === 'toSalesforce');
    return isSalesforce ? this.sandbox.salesforce : this.sandbox.marketo;
  }

  private get hosts(): readonly [MarketoHost, SalesforceHost] {
    return [this.sandbox.marketo, this.sandbox.salesforce];
  }

  private faultsSoFar(): number {
    return this.hosts.flatMap(({ faults }) => faults.list()).reduce((sum, { acted }) => sum + acted, 0);
  }

  private async seen(world: World, syncId: string): Promise<Seen> {
    for (const host of this.hosts) {
      for (const { action, acted } of host.faults.list()) add(this.records.faults, kindOf(action), acted);
      host.clearFaults();
    }
    this.sandbox.clock.advance(LATE_EFFECTS_MS);
    for (const host of this.hosts) await host.lateEffects.settled();
    const sql = this.watch.database;
    const executions = await sql<{ executionId: string; number: number }[]>`
      select execution_id as "executionId", number from executions where sync_id = ${syncId}`;
    const [execution] = executions;
    if (!execution || executions.length > 1) throw new Error(`The sync has ${executions.length} executions.`);
    const seen = await look(this.sandbox, world, await endedExecution(sql, execution.executionId), ALLOWED);
    const ids = [syncWorkflowId(syncId), executionWorkflowId(syncId, execution.number)];
    const client = new Client({ connection: await Connection.connect({ address: this.installation.temporalAddress }) });
    try {
      seen.broken.push(
        ...(await leftOpen({ client, sql, sandbox: this.sandbox, ...execution }, () => (this.records.emptyJobs += 1))),
        ...(await faultsOfHistories(client, ids, (name, times) => add(this.records.attempts, name, times))),
      );
    } finally {
      await client.connection.close();
    }
    return seen;
  }
}

/** @throws when the run does not come to its end in time */
async function withinTime(end: Promise<void>): Promise<void> {
  const over = new AbortController();
  const late = sleep(LONGEST_RUN_MS, undefined, { signal: over.signal }).then(() => {
    throw new Error(`The run did not end within ${LONGEST_RUN_MS / 60_000} minutes.`);
  });
  // nobody waits for it when the run has ended
  late.catch(() => undefined);
  await Promise.race([end, late]).finally(() => over.abort());
}

const kindOf = (action: FaultAction): string =>
  action.type === 'vendorError' ? action.code : action.type === 'respond' ? `HTTP ${action.status}` : action.type;
