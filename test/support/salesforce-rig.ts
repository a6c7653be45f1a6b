import { setTimeout } from 'node:timers/promises';
import type {
  Connector,
  Cursor,
  Page,
  ReadRequest,
  RecordResult,
  SourceRecord,
  WriteBatch,
  WriteHandle,
  WriteOperation,
  WriteRecord,
} from '../../src/connectors/connector';
import { ConnectorError } from '../../src/connectors/connector-error';
import { createSalesforceConnector } from '../../src/connectors/salesforce/connector';
import { DEFAULT_TUNING, type SalesforceTuning } from '../../src/connectors/salesforce/tuning';
import { salesforceSettings } from '../../src/domain/connection';
import type { Filter } from '../../src/domain/definition';
import type { ObjectDescription, Values } from '../../src/domain/object-description';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { connectorDeps } from './connector-deps';

export const signal = new AbortController().signal;

/** An org of the sandbox and a connector to it, anew for each test of a file. */
export interface SalesforceRig {
  readonly sandbox: Sandbox;
  readonly connector: Connector;
  readonly contact: ObjectDescription;
  /** A connector of its own: nothing that it learnt is known to another. */
  connect(tuning?: Partial<SalesforceTuning>): Connector;
  requestFor(fields: string[], filter?: Filter | null, more?: Partial<ReadRequest>): ReadRequest;
  batchOf(operation: WriteOperation, records: WriteRecord[], more?: Partial<WriteBatch>): WriteBatch;
}

/** Arranges the tests of the calling file: after each of them nothing may have failed in the sandbox, and no rule of the vendor been broken. */
export function useSalesforce(): SalesforceRig {
  let sandbox: Sandbox;
  let connector: Connector;
  let contact: ObjectDescription;

  beforeAll(async () => {
    sandbox = await startSandbox({});
  });
  afterAll(() => sandbox.stop());

  beforeEach(async () => {
    sandbox.salesforce.reset();
    connector = connect();
    contact = await connector.describe('Contact', signal);
  });
  afterEach(() => {
    expect(sandbox.defects).toEqual([]);
    expect(
      sandbox.salesforce.violations().filter(({ violation, count }) => violation !== 'unboundedQuery' && count > 0),
    ).toEqual([]);
  });

  function connect(tuning: Partial<SalesforceTuning> = {}): Connector {
    const { clientId, clientSecret } = sandbox.salesforce.credentials;
    const settings = salesforceSettings.parse({
      loginUrl: sandbox.salesforce.url,
      quotaShare: 1,
      auth: { type: 'clientCredentials', clientId, clientSecret },
    });
    return createSalesforceConnector(settings, connectorDeps(sandbox.clock.now()), { ...DEFAULT_TUNING, ...tuning });
  }

  const requestFor = (
    fields: string[],
    filter: Filter | null = null,
    more: Partial<ReadRequest> = {},
  ): ReadRequest => ({
    object: contact,
    fields,
    filter,
    changedSince: null,
    asOf: '2026-06-01T12:00:00.000Z',
    timeZone: 'Europe/Vienna',
    ...more,
  });
  const batchOf = (operation: WriteOperation, records: WriteRecord[], more: Partial<WriteBatch> = {}): WriteBatch => ({
    batchId: '00000000-0000-4000-8000-000000000001',
    object: contact,
    operation,
    matchField: 'Email',
    records,
    options: { assignmentRules: false, allowDuplicates: false },
    sentAt: new Date(sandbox.clock.now()).toISOString(),
    arrivesUntil: null,
    ...more,
  });
  return {
    get sandbox() {
      return sandbox;
    },
    get connector() {
      return connector;
    },
    get contact() {
      return contact;
    },
    connect,
    requestFor,
    batchOf,
  };
}

/** Everything by bulk, in small pages. */
export const bulkReader = { bulkFrom: 0, pageRows: 40, stepRows: 15 };
/** Nothing by bulk. */
export const restReader = { bulkFrom: Number.POSITIVE_INFINITY };

export async function readAll(reader: Connector, request: ReadRequest): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (const first of await reader.planRead(request, signal)) {
    let cursor: Cursor | null = first;
    while (cursor) {
      const at: Cursor = cursor;
      const page: Page = await retried(() => reader.readPage(request, at, signal));
      records.push(...page.records);
      await setTimeout(page.waitMs ?? 0);
      cursor = page.next;
    }
  }
  return records;
}

/** Tries again what is to be tried again soon, a few times. */
export async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.advice.retry !== 'soon' || attempt === 5) throw error;
    }
  }
}

export const person = (email: string | null, values: Values = {}): WriteRecord => ({
  destinationId: null,
  key: email,
  values: { LastName: 'Sample', ...(email === null ? {} : { Email: email }), ...values },
});
export const people = (count: number, values: (index: number) => Values = () => ({})): WriteRecord[] =>
  Array.from({ length: count }, (_none, index) => person(`person${index}@example.com`, values(index)));

/** Sends a batch as the load of a run does: when the answer is lost, it asks what became of it, and sends only what never arrived. */
export async function load(loader: Connector, batch: WriteBatch): Promise<RecordResult[]> {
  for (let sending = 1; sending <= 5; sending += 1) {
    const handle = await retried(() => loader.prepare(batch, signal));
    try {
      return await loader.write(batch, handle, signal);
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error;
      if (!error.answerLost) continue;
      const results = await settled(loader, batch, handle);
      if (results) return results;
    }
  }
  throw new Error('The batch was sent too often.');
}

export async function settled(
  loader: Connector,
  batch: WriteBatch,
  handle: WriteHandle | null,
): Promise<RecordResult[] | null> {
  for (;;) {
    const settlement = await retried(() => loader.settle(batch, handle, signal));
    if ('results' in settlement) return settlement.results;
    if ('notReceived' in settlement || 'mayBeRepeated' in settlement) return null;
    await setTimeout(50);
  }
}

export const created = (results: RecordResult[]): string[] =>
  results.map((result) => {
    if (result.result !== 'created') throw new Error(`expected "created", not ${JSON.stringify(result)}`);
    return result.destinationId;
  });
export const updates = (ids: string[], values: (index: number) => Values): WriteRecord[] =>
  ids.map((destinationId, index) => ({ destinationId, key: null, values: values(index) }));
