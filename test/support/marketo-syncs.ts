import type { Logger } from 'pino';
import type { Counts, ExecutionState, SyncStatus } from '../../src/domain/outcome';
import type { SyncEngine } from '../../src/engine/engine';
import { type MarketoHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { type ApiReply, RunningApi, settingsOf } from './running-api';
import { RunningSync } from './running-sync';

/** What the API shows of a sync, as far as tests look at it. */
export interface ShownSync {
  status: SyncStatus;
  problem: string | null;
  nextRunAt: string | null;
  lastExecution: {
    id: string;
    number: number;
    state: ExecutionState;
    phase: string;
    counts: Counts;
    problem: string | null;
  } | null;
}

/** A worker, an API and two instances of Marketo: the first has people of today, the second is empty. */
export class MarketoSyncs {
  private constructor(
    readonly sandbox: Sandbox,
    readonly target: MarketoHost,
    readonly sync: RunningSync,
    readonly api: RunningApi,
    private readonly allowedHosts: readonly string[],
    readonly sourceId: string,
    readonly targetId: string,
  ) {}

  static async start(given: { people: number; log?: Logger; moreHosts?: readonly string[] }): Promise<MarketoSyncs> {
    const sandbox = await startSandbox();
    // all of today, so that one export reads them
    sandbox.marketo.vendor.stores.insertRecords(
      'leads',
      Array.from({ length: given.people }, (_none, index) => ({
        email: `person${index}.sample@example.com`,
        lastName: 'Sample',
      })),
    );
    const target = await sandbox.createInstance('marketo', { name: 'second' });
    const vendors = [sandbox.marketo, target, sandbox.salesforce].map(({ url }) => new URL(url).host);
    const allowedHosts = [...vendors, ...(given.moreHosts ?? [])];
    const sync = await RunningSync.start(allowedHosts, given.log);
    const api = await RunningApi.start({
      ...{ engine: sync.engine, allowedHosts, shared: sync },
      ...(given.log ? { log: given.log } : {}),
    });
    const connect = async (name: string, host: MarketoHost) => {
      const reply = await api.call('POST', '/connections', { name, kind: 'marketo', settings: settingsOf(host) });
      return String(reply.body.id);
    };
    const sourceId = await connect('Source', sandbox.marketo);
    const targetId = await connect('Target', target);
    return new MarketoSyncs(sandbox, target, sync, api, allowedHosts, sourceId, targetId);
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.sync.stop();
    await this.sandbox.stop();
  }

  /** An empty target without faults, and fresh windows of calls. */
  reset(): void {
    this.target.reset();
    this.sandbox.clock.advance(20_000);
  }

  /** A second API over the same database, with an engine of the test's own. */
  apiWith(engine: SyncEngine): Promise<RunningApi> {
    return RunningApi.start({ engine, allowedHosts: this.allowedHosts, shared: this.sync });
  }

  /** Saves a sync that copies people from the first instance to the second, at once unless told otherwise. @returns its id */
  async saved(more: Record<string, unknown> = {}): Promise<string> {
    const reply = await this.api.call('POST', '/syncs', {
      name: 'Copy people',
      source: { connectionId: this.sourceId, object: 'Lead' },
      destination: { connectionId: this.targetId, object: 'Lead' },
      mappings: ['email', 'lastName'].map((field) => ({ from: { field }, to: field })),
      schedule: { type: 'now' },
      ...more,
    });
    expect(reply.status).toBe(201);
    return String(reply.body.id);
  }

  /** The same, activated. */
  async activated(more: Record<string, unknown> = {}): Promise<string> {
    const syncId = await this.saved(more);
    expect(await this.control(syncId, 'activate')).toMatchObject({ status: 202 });
    return syncId;
  }

  control(syncId: string, control: string): Promise<ApiReply> {
    return this.api.call('POST', `/syncs/${syncId}/${control}`);
  }

  /** Runs a sync once more; while the run before it is just ending, that is refused. */
  async runNow(syncId: string): Promise<void> {
    let status = 409;
    while (status === 409) ({ status } = await this.control(syncId, 'run-now'));
    expect(status).toBe(202);
  }

  /** Looks until a sync is as it should be; the test's own time limit ends it. */
  async until(syncId: string, holds: (sync: ShownSync) => boolean): Promise<ShownSync> {
    // the members that are looked at are those of the API's own schema
    const shown = (body: ApiReply['body']) => body as unknown as ShownSync;
    return shown(await this.api.until(syncId, (body) => holds(shown(body))));
  }
}
