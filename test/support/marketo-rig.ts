import { setTimeout as sleep } from 'node:timers/promises';
import type { Connector, Cursor, Page, ReadRequest, SourceRecord, WriteBatch } from '../../src/connectors/connector';
import type { ConnectorError } from '../../src/connectors/connector-error';
import { createMarketoConnector } from '../../src/connectors/marketo/connector';
import { DEFAULT_TUNING, type MarketoTuning } from '../../src/connectors/marketo/tuning';
import { marketoSettings } from '../../src/domain/connection';
import type { Filter } from '../../src/domain/definition';
import type { ObjectDescription, Value } from '../../src/domain/object-description';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { connectorDeps, type TestDeps } from './connector-deps';

export const signal = new AbortController().signal;

/** Waits short enough for tests; everything else as in production. */
const QUICK: Partial<MarketoTuning> = {
  queueWaitMs: 50,
  missingFileMs: 1,
  rateWaitsMs: [1, 2, 3],
  concurrencyWaitMs: 1,
  tokenWaitMs: 50,
};

export interface MarketoRig {
  readonly sandbox: Sandbox;
  readonly marketo: Sandbox['marketo'];
  /** A connector of its own: nothing that it learnt is known to another. */
  connect(tuning?: Partial<MarketoTuning>, settings?: Record<string, unknown>): Connector & { deps: TestDeps };
  /** Loads people without an API call. @returns nothing; ids ascend from 1 in an empty instance */
  givenPeople(records: Record<string, unknown>[]): void;
  calls(endpoint: string | RegExp): number;
  /** Rules of the vendor that were broken in the present test. */
  brokenRules(): unknown[];
}

/**
 * Arranges the tests of the calling file or `describe`: each begins with an instance that has forgotten all records, faults, counters and
 * settings, and after each nothing of the sandbox may have failed.
 */
export function useMarketo(): MarketoRig {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  beforeEach(() => {
    sandbox.marketo.reset();
    // a fresh window of calls
    sandbox.clock.advance(20_000);
  });
  afterEach(() => expect(sandbox.defects).toEqual([]));
  afterAll(() => sandbox.stop());

  return {
    get sandbox() {
      return sandbox;
    },
    get marketo() {
      return sandbox.marketo;
    },
    connect(tuning = {}, settings = {}) {
      const { clientId, clientSecret } = sandbox.marketo.credentials;
      const deps = connectorDeps();
      const parsed = marketoSettings.parse({
        baseUrl: sandbox.marketo.url,
        clientId,
        clientSecret,
        quotaShare: 1,
        ...settings,
      });
      return Object.assign(createMarketoConnector(parsed, deps, { ...DEFAULT_TUNING, ...QUICK, ...tuning }), { deps });
    },
    givenPeople: (records) => void sandbox.marketo.vendor.stores.insertRecords('leads', records),
    calls: (endpoint) =>
      sandbox.marketo
        .counters()
        .filter((counter) =>
          typeof endpoint === 'string' ? counter.endpoint === endpoint : endpoint.test(counter.endpoint),
        )
        .reduce((sum, { count }) => sum + count, 0),
    brokenRules: () => sandbox.marketo.violations().filter(({ count }) => count > 0),
  };
}

/** Waits until something holds that other calls bring about. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(5);
}

/** What a call fails with, which has to fail. */
export const failureOf = (call: Promise<unknown>): Promise<ConnectorError> =>
  call.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error: ConnectorError) => error,
  );

export const requestFor = (
  object: ObjectDescription,
  fields: string[],
  more: Partial<Omit<ReadRequest, 'object' | 'fields'>> = {},
): ReadRequest => ({
  object,
  fields,
  filter: null,
  changedSince: null,
  asOf: new Date(Date.now() + 3_600_000).toISOString(),
  timeZone: 'UTC',
  ...more,
});

/** Reads all parts, one after the other, as a run does. */
export async function readAll(connector: Connector, request: ReadRequest): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (const first of await connector.planRead(request, signal)) {
    records.push(...(await readPart(connector, request, first)));
  }
  return records;
}

/** Reads one part; each cursor goes through JSON. */
export async function readPart(connector: Connector, request: ReadRequest, first: Cursor): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (let cursor: Cursor | null = first; cursor; ) {
    const page: Page = await connector.readPage(request, JSON.parse(JSON.stringify(cursor)), signal);
    records.push(...page.records);
    // the system said when to ask again
    await sleep(page.waitMs ?? 0);
    cursor = page.next;
  }
  return records;
}

/** The values of one field, each once, in order. */
export const valuesAt = (records: readonly SourceRecord[], index = 0): Value[] =>
  [...new Set(records.map(({ values }) => values[index] ?? null))].sort();

export const idsOf = (records: readonly SourceRecord[]): number[] =>
  [...new Set(records.map(({ sourceId }) => Number(sourceId)))].sort((one, other) => one - other);

export const equals = (column: string, value: string | number | boolean): Filter => ({
  column,
  operator: 'equals',
  value,
});

export const batchOf = (object: ObjectDescription, more: Partial<WriteBatch>): WriteBatch => ({
  batchId: '00000000-0000-4000-8000-000000000001',
  object,
  operation: 'create',
  matchField: 'email',
  records: [],
  options: { assignmentRules: false, allowDuplicates: false },
  sentAt: null,
  arrivesUntil: null,
  ...more,
});

export const person = (email: string | null, values: Record<string, Value> = {}) => ({
  destinationId: null,
  key: email,
  values: { ...(email === null ? {} : { email }), ...values },
});
