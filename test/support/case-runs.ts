import { setTimeout as nextLook } from 'node:timers/promises';
import type { PlannedRow } from '../../db/queries/previews-read';
import type { SalesforceTuning } from '../../src/connectors/salesforce/tuning';
import { addsUp, type Counts, type ExecutionState, type Outcome } from '../../src/domain/outcome';
import { createRecordFiller } from '../../src/sandbox/salesforce/record-filler';
import { type MarketoHost, type SalesforceHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import type { ActivityRuns, Ran } from './activity-runs';
import { connectedRuns } from './connected-runs';

/** Connections by which the cases move records; the ids are those of the definitions. */
export const AT = {
  marketo: '11111111-1111-4111-8111-111111111111',
  secondMarketo: '22222222-2222-4222-8222-222222222222',
  /** Reads by REST. */
  salesforce: '33333333-3333-4333-8333-333333333333',
  /** The same org: reads by Bulk behind the first page, and updates by Bulk wherever more than 200 records are to be updated. */
  salesforceByBulk: '44444444-4444-4444-8444-444444444444',
  secondSalesforce: '55555555-5555-4555-8555-555555555555',
} as const;
/** Both ways to Salesforce, for `test.each`. */
export const PATHS = ['REST', 'Bulk'] as const;
type Path = (typeof PATHS)[number];
/** More updates than this go by a Bulk job where the connection is made for it. */
export const FOR_BULK_UPDATES = 201;

const DAY_MS = 86_400_000;
const LOOK_EVERY_MS = 5;

/** Contacts as a destination that is written by a path. What is created goes by Bulk in either case. */
export const toContactsBy = (path: Path) => ({
  connectionId: path === 'REST' ? AT.salesforce : AT.salesforceByBulk,
  object: 'Contact',
});

/** What a run did. */
export interface CaseRun {
  executionId: string;
  syncId: string;
  state: ExecutionState;
  counts: Counts;
  /** In source order. */
  outcomes: Outcome[];
}

/** `{email: 'Email'}` as mappings. */
export const fields = (pairs: Record<string, string>) =>
  Object.entries(pairs).map(([field, to]) => ({ from: { field }, to }));

/** Runs of the cases in docs/cases.md, over two instances of each vendor that are empty before each test. */
export class CaseRuns {
  /** Instances that a test may have changed, or that have never been reset. */
  private readonly touched: Set<MarketoHost | SalesforceHost>;

  private constructor(
    readonly sandbox: Sandbox,
    private readonly second: { marketo: MarketoHost; salesforce: SalesforceHost },
    readonly runs: ActivityRuns,
  ) {
    this.touched = new Set(this.hosts);
  }

  /** @param bulk sizes of `AT.salesforceByBulk` */
  static async start(bulk: Partial<SalesforceTuning> = {}): Promise<CaseRuns> {
    const sandbox = await startSandbox();
    const secondMarketo = await sandbox.createInstance('marketo', { name: 'second' });
    const secondSalesforce = await sandbox.createInstance('salesforce', { name: 'second' });
    const runs = await connectedRuns(sandbox, {
      marketo: { [AT.marketo]: sandbox.marketo, [AT.secondMarketo]: secondMarketo },
      salesforce: {
        [AT.salesforce]: sandbox.salesforce,
        [AT.salesforceByBulk]: sandbox.salesforce,
        [AT.secondSalesforce]: secondSalesforce,
      },
      tuning: {
        // whatever the size of a case
        [AT.salesforce]: { bulkFrom: 100_000 },
        [AT.salesforceByBulk]: { bulkFrom: 0, firstPollMs: 10, ...bulk },
      },
    });
    return new CaseRuns(sandbox, { marketo: secondMarketo, salesforce: secondSalesforce }, runs);
  }

  async stop(): Promise<void> {
    await this.runs.stop();
    await this.sandbox.stop();
  }

  get marketo(): MarketoHost {
    return this.sandbox.marketo;
  }
  get salesforce(): SalesforceHost {
    return this.sandbox.salesforce;
  }
  get hosts(): (MarketoHost | SalesforceHost)[] {
    return [this.marketo, this.salesforce, this.second.marketo, this.second.salesforce];
  }
  get secondMarketo(): MarketoHost {
    this.touched.add(this.second.marketo);
    return this.second.marketo;
  }
  get secondSalesforce(): SalesforceHost {
    this.touched.add(this.second.salesforce);
    return this.second.salesforce;
  }

  /** Empties what a test has used, and gives it the fields of the cases, the same each time: descriptions are kept. */
  reset(): void {
    const stale = new Set(this.hosts.filter((host) => this.touched.has(host) || host.counters().length > 0));
    for (const host of stale) host.reset();
    this.touched.clear();
    for (const host of [this.marketo, this.salesforce]) this.touched.add(host);
    const { second } = this;
    // a fresh window of calls; and what a test has moved is forgotten
    this.sandbox.clock.set(Math.max(Date.now(), this.sandbox.clock.now() + 20_000));
    for (const { vendor } of [this.marketo, second.marketo].filter((host) => stale.has(host))) {
      // complete at the first look
      vendor.stores.settings.change({ jobMs: 0 });
      vendor.stores.fields.add({ name: 'share', displayName: 'Share', dataType: 'percent' });
      vendor.stores.fields.add({ name: 'amount', displayName: 'Amount', dataType: 'float' });
      vendor.stores.fields.add({ name: 'sfdcContactId', displayName: 'Contact', dataType: 'string', length: 255 });
    }
    for (const { vendor } of [this.salesforce, second.salesforce].filter((host) => stale.has(host)))
      vendor.org.transaction(() => declareFields(vendor.org));
  }

  /** People who were there a day ago, unless their dates say otherwise. @param host the first Marketo unless told otherwise */
  givenLeads(records: readonly Record<string, unknown>[], host: MarketoHost = this.marketo): void {
    const createdAt = this.sandbox.clock.now() - DAY_MS;
    const aged = records.map((record) => ({ createdAt, updatedAt: createdAt, ...record }));
    host.vendor.stores.insertRecords('leads', aged);
  }

  /** Records of an org that were there a day ago. @returns their Ids, in order */
  givenRecords(
    objectName: string,
    records: readonly Record<string, unknown>[],
    host: SalesforceHost = this.salesforce,
    dates: (index: number) => number = () => this.sandbox.clock.now() - DAY_MS,
  ): string[] {
    const { org, setup } = host.vendor;
    const filler = createRecordFiller(org, setup.userReference);
    return records.map((values, index) =>
      filler.add(objectName, { values, createdAt: dates(index), updatedAt: dates(index) }),
    );
  }

  givenContacts(records: readonly Record<string, unknown>[]): string[] {
    return this.givenRecords(
      'Contact',
      records.map((record) => ({ LastName: 'Sample', ...record })),
    );
  }

  /** Saves a sync of leads to contacts by e-mail, unless told otherwise. */
  leadsToContacts(more: Record<string, unknown> = {}): Promise<string> {
    return this.runs.sync({
      name: 'Leads to contacts',
      source: { connectionId: AT.marketo, object: 'Lead' },
      destination: { connectionId: AT.salesforce, object: 'Contact' },
      mappings: fields({ email: 'Email', firstName: 'FirstName', lastName: 'LastName' }),
      ...more,
    });
  }

  /** Saves another sync into contacts, which gives one of them the first name `Other`. */
  otherNameFor(email: string, more: Record<string, unknown> = {}): Promise<string> {
    return this.leadsToContacts({
      name: 'Another',
      filter: { column: 'email', operator: 'equals', value: email },
      mappings: [...fields({ email: 'Email', lastName: 'LastName' }), { from: { constant: 'Other' }, to: 'FirstName' }],
      ...more,
    });
  }

  /** Saves a sync of contacts to leads by e-mail, unless told otherwise. */
  contactsToLeads(more: Record<string, unknown> = {}): Promise<string> {
    return this.runs.sync({
      name: 'Contacts to leads',
      source: { connectionId: AT.salesforce, object: 'Contact' },
      destination: { connectionId: AT.marketo, object: 'Lead' },
      mappings: fields({ Email: 'email', FirstName: 'firstName', LastName: 'lastName' }),
      ...more,
    });
  }

  /** Contacts as a source that is read by a path; by Bulk means all of them but the first. */
  contactsBy(path: Path): { connectionId: string; object: string } {
    if (path === 'Bulk') this.salesforce.vendor.org.changeSettings({ queryPageRows: 1 });
    return toContactsBy(path);
  }

  /** Waits until a fault has acted so often. */
  async untilActed(host: MarketoHost | SalesforceHost, faultId: string, times = 1): Promise<void> {
    while (!host.faults.list().some(({ id, acted }) => id === faultId && acted >= times)) await nextLook(LOOK_EVERY_MS);
  }

  /** Runs a sync; whatever it did, its counts add up and each of its records has one outcome. */
  run(syncId: string, more: Parameters<ActivityRuns['run']>[1] = {}): Promise<CaseRun> {
    return this.told(syncId, this.runs.run(syncId, { ...this.waiting, ...more }));
  }

  /** Undoes a run; all that it touches has an outcome. */
  undo({ executionId, syncId }: CaseRun, more: Parameters<ActivityRuns['undo']>[1] = {}): Promise<CaseRun> {
    return this.told(syncId, this.runs.undo(executionId, { ...this.waiting, ...more }));
  }

  /** Tries the failed records of a run again, all that are still due unless told otherwise. */
  retry({ executionId, syncId }: CaseRun, wanted: Parameters<ActivityRuns['retry']>[1] = {}): Promise<CaseRun> {
    return this.told(syncId, this.runs.retry(executionId, wanted, this.waiting));
  }

  /** Brings a retry to its end that has broken off. */
  goOnRetrying({ executionId, syncId }: CaseRun): Promise<CaseRun> {
    return this.told(syncId, this.runs.goOnRetrying(executionId, this.waiting));
  }

  /** Brings an undo to its end that has broken off. */
  goOnUndoing({ executionId, syncId }: CaseRun): Promise<CaseRun> {
    return this.told(syncId, this.runs.goOnUndoing(executionId, this.waiting));
  }

  /** Cancels a run that has broken off, and brings it to its end. */
  cancel(syncId: string): Promise<CaseRun> {
    return this.told(syncId, this.runs.cancel(syncId, this.waiting));
  }

  /** The same for an undo. */
  cancelUndoing({ executionId, syncId }: CaseRun): Promise<CaseRun> {
    return this.told(syncId, this.runs.cancelUndoing(executionId, this.waiting));
  }

  private readonly waiting = {
    wait: (until: string) => this.sandbox.clock.set(Math.max(this.sandbox.clock.now(), Date.parse(until))),
  };

  private async told(syncId: string, ran: Promise<Ran>): Promise<CaseRun> {
    const { executionId, state, counts } = await ran;
    const outcomes = await this.runs.database.sql<Outcome[]>`
      select source_id as "sourceId", sort_key as "sortKey", match_key as "matchKey", outcome, reason, message, field,
        destination_id as "destinationId"
      from outcomes where execution_id = ${executionId} order by sort_key`;
    expect(addsUp(counts)).toBe(true);
    expect(outcomes).toHaveLength(counts.read);
    return { executionId, syncId, state, counts, outcomes: [...outcomes] };
  }

  /** Previews a sync, then runs it: each record becomes what the preview said. @returns what was planned as well */
  async runAsForetold(syncId: string): Promise<CaseRun & { plan: PlannedRow[] }> {
    const plan = await this.runs.preview(syncId);
    const run = await this.run(syncId);
    const fate = ({ sourceId, outcome, reason, field }: Outcome | PlannedRow) => ({ sourceId, outcome, reason, field });
    expect(run.outcomes.map(fate)).toEqual(plan.map(fate));
    return { ...run, plan };
  }
}

/** The fields of the cases. */
function declareFields(org: SalesforceHost['vendor']['org']): void {
  const declare = org.declareField.bind(org, 'Contact');
  declare({ name: 'Crm_Key__c', type: 'string', length: 80, externalId: true });
  declare({ name: 'Code__c', type: 'string', length: 10 });
  declare({ name: 'Amount__c', type: 'double', precision: 18, scale: 4 });
  declare({ name: 'Score__c', type: 'double', precision: 5, scale: 2 });
  declare({ name: 'Checked__c', type: 'boolean' });
  declare({ name: 'Go_Live__c', type: 'datetime' });
}

/** Arranges the tests of the calling file. After each of them nothing may have failed in the sandbox, and no rule of a vendor been broken. @param bulk see `CaseRuns.start` */
export function useCaseRuns(bulk?: Partial<SalesforceTuning>): () => CaseRuns {
  let runs: CaseRuns | undefined;
  const started = (): CaseRuns => {
    if (!runs) throw new Error('The case has not been started.');
    return runs;
  };
  beforeAll(async () => {
    runs = await CaseRuns.start(bulk);
  });
  afterAll(() => runs?.stop());
  beforeEach(() => started().reset());
  afterEach(() => {
    const { sandbox, hosts } = started();
    expect(sandbox.defects).toEqual([]);
    // to read a whole object is what some cases are about
    const broken = hosts.flatMap((host) =>
      host.violations().filter(({ violation, count }) => count > 0 && violation !== 'unboundedQuery'),
    );
    expect(broken).toEqual([]);
  });
  return started;
}
