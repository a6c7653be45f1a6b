import { setTimeout } from 'node:timers/promises';
import type { OutcomeKind } from '../../src/domain/outcome';
import { actionOf, type PlanAction } from '../../src/domain/preview';
import type { InstanceHost } from '../../src/sandbox/instance-host';
import { type MarketoHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { RunningApi, settingsOf } from './running-api';
import { RunningSync } from './running-sync';

/** A preview as the API shows it, as far as tests look at it. */
export interface ShownPreview {
  id: string;
  number: number;
  state: 'running' | 'completed' | 'failed' | 'cancelled';
  phase: string | null;
  total: number | null;
  exact: boolean | null;
  read: number;
  plan: Record<'filteredOut' | 'duplicates' | 'create' | 'update' | 'unchanged' | 'skip' | 'refuse', number>;
  samples: PlannedRecord[];
  duplicates: {
    groups: number;
    largest: {
      matchKey: string;
      records: number;
      sourceIds: string[];
      kept: string | null;
      dates: { sourceId: string; value: string | null }[];
    }[];
    decidedBy: { field: string; label: string } | null;
  };
  problems: {
    action: string;
    code: string;
    field: string | null;
    message: string | null;
    records: number;
    examples: { sourceId: string; value: unknown }[];
  }[];
  warnings: { code: string; message: string }[];
  filter: { text: string; holds: number; of: number; columns: { column: string; values: unknown[] }[] }[];
  forecast: Forecast & { source: Forecast; destination: Forecast };
  problem: string | null;
}
interface Forecast {
  apiCalls: number;
  quotaShare: number | null;
  megabytes: number;
  seconds: number;
}
export interface PlannedRecord {
  sourceId: string;
  matchKey: string | null;
  action: PlanAction;
  reason: string | null;
  message: string | null;
  field: string | null;
  destinationId: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  problems: { code: string; field: string | null }[];
  matches: { id: string; link: string | null }[];
}

/** What tests compare of a record: what was foretold of it, or what it became. */
export interface Fate {
  sourceId: string;
  action: PlanAction;
  reason: string | null;
  field: string | null;
}

/** So long, at least, lies between two looks of `until`. */
export const LOOK_EVERY_MS = 50;

/** A worker and an API over a sandbox of both vendors and a second Marketo, with a connection to each. */
export class Previews {
  private constructor(
    readonly sandbox: Sandbox,
    readonly second: MarketoHost,
    readonly sync: RunningSync,
    readonly api: RunningApi,
    readonly connections: { marketo: string; salesforce: string; second: string },
  ) {}

  static async start(given: { people?: number } = {}): Promise<Previews> {
    const sandbox = await startSandbox(given);
    const second = await sandbox.createInstance('marketo', { name: 'second' });
    const hosts = [sandbox.marketo, sandbox.salesforce, second];
    const allowedHosts = hosts.map(({ url }) => new URL(url).host);
    const sync = await RunningSync.start(allowedHosts);
    const api = await RunningApi.start({ engine: sync.engine, allowedHosts, shared: sync });
    const { clientId, clientSecret } = sandbox.salesforce.credentials;
    const connections = {
      marketo: await sync.addConnection({ name: 'Marketo', kind: 'marketo', settings: settingsOf(sandbox.marketo) }),
      second: await sync.addConnection({ name: 'Second', kind: 'marketo', settings: settingsOf(second) }),
      salesforce: await sync.addConnection({
        name: 'Salesforce',
        kind: 'salesforce',
        settings: {
          loginUrl: sandbox.salesforce.url,
          quotaShare: 1,
          auth: { type: 'clientCredentials', clientId, clientSecret },
        },
      }),
    };
    return new Previews(sandbox, second, sync, api, connections);
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await this.sync.stop();
    await this.sandbox.stop();
  }

  get hosts(): InstanceHost[] {
    return [this.sandbox.marketo, this.sandbox.salesforce, this.second];
  }

  /** Everything that anybody has written to any of the systems so far. */
  writes(): number {
    return this.hosts.reduce((sum, host) => sum + (host.writeLog({ last: 1 }).at(-1)?.sequence ?? 0), 0);
  }

  /** Saves a definition. @returns its id */
  async saved(definition: Record<string, unknown>): Promise<string> {
    const reply = await this.api.call('POST', '/syncs', definition);
    expect(reply).toMatchObject({ status: 201 });
    return String(reply.body.id);
  }

  /** Asks for a preview. @returns its id */
  async asked(syncId: string, body?: Record<string, unknown>): Promise<string> {
    const reply = await this.api.call('POST', `/syncs/${syncId}/preview`, body);
    expect(reply).toMatchObject({ status: 202 });
    return String(reply.body.previewId);
  }

  async shown(previewId: string): Promise<ShownPreview> {
    const { body } = await this.api.call('GET', `/previews/${previewId}`);
    return body as unknown as ShownPreview; // the members that are looked at are those of the API's own schema
  }

  /** Looks until a preview is as it should be; the test's own time limit ends it. */
  async until(previewId: string, holds: (preview: ShownPreview) => boolean): Promise<ShownPreview> {
    for (;;) {
      const preview = await this.shown(previewId);
      if (holds(preview)) return preview;
      await setTimeout(LOOK_EVERY_MS);
    }
  }

  /** Previews a sync to the end. */
  async previewed(syncId: string, body?: Record<string, unknown>): Promise<ShownPreview> {
    const previewId = await this.asked(syncId, body);
    await this.sync.client.workflow.result(`preview/${previewId}`);
    return this.until(previewId, ({ state }) => state !== 'running');
  }

  /** All records of a preview, page by page. */
  async planned(previewId: string, query = ''): Promise<PlannedRecord[]> {
    const records: PlannedRecord[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await this.api.call('GET', `/previews/${previewId}/records?limit=500${query}${cursor}`);
      const page = body as unknown as { items: PlannedRecord[]; nextCursor: string | null };
      records.push(...page.items);
      if (page.nextCursor === null) return records;
      cursor = `&cursor=${page.nextCursor}`;
    }
  }

  async foretold(previewId: string): Promise<Fate[]> {
    const records = await this.planned(previewId);
    return records.map(({ sourceId, action, reason, field }) => ({ sourceId, action, reason, field }));
  }

  /** Activates a sync that runs at once, and waits for its end. @returns its execution, and what became of each record */
  async ran(syncId: string): Promise<{ executionId: string; counts: Record<string, number>; fates: Fate[] }> {
    expect(await this.api.call('POST', `/syncs/${syncId}/activate`)).toMatchObject({ status: 202 });
    await this.sync.client.workflow.result(`sync/${syncId}`);
    const [execution] = await this.sync.executions(syncId);
    const rows = await this.sync.database.sql<
      { sourceId: string; outcome: OutcomeKind; reason: string | null; field: string | null }[]
    >`
      select source_id as "sourceId", outcome, reason, field from outcomes
      where execution_id = ${execution?.executionId ?? ''} order by sort_key`;
    const fates = rows.map(({ outcome, ...fate }) => ({ ...fate, action: actionOf[outcome] }));
    return { executionId: execution?.executionId ?? '', counts: { ...execution?.counts }, fates };
  }
}

/** `{email: 'Email'}` as mappings. */
export const fields = (pairs: Record<string, string>) =>
  Object.entries(pairs).map(([field, to]) => ({ from: { field }, to }));
