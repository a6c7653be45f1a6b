import { z } from 'zod';
import type { ReadingCosts } from '../../domain/forecast';
import { salesforceId18 } from '../../domain/salesforce-id';
import type { Cursor, Page, ReadRequest, SourceRecord } from '../connector';
import { ConnectorError } from '../connector-error';
import { type BulkPosition, bulkPosition, createdJob, readJob } from './bulk-query';
import type { SalesforceClient } from './client';
import { nextPage, type QueryResult, runQuery } from './query';
import { afterId, CREATED_AT, columnsOf, conditionsOf, select, UPDATED_AT } from './soql';
import type { SalesforceTuning } from './tuning';
import { fromSalesforce } from './values';

/** Pages of a REST query in the order of Ids. */
const restPosition = z.object({
  via: z.literal('rest'),
  /** The last Id that was read: where to begin again when the locator is lost. */
  after: z.string().nullable(),
  /** Where Salesforce keeps the rest of the result; null to ask anew. */
  locator: z.string().nullable(),
  /** Records read by the query that the locator belongs to, and how many it announced. */
  read: z.number(),
  announced: z.number(),
  /** Records that earlier queries of this read gave. */
  before: z.number().default(0),
  /** The Bulk API does not support the object. */
  withoutBulk: z.boolean(),
});
type RestPosition = z.output<typeof restPosition>;
const position = z.discriminatedUnion('via', [restPosition, bulkPosition]);

/** A read is one part: Salesforce itself divides a bulk query among its servers. */
export function planRead(request: ReadRequest): Cursor[] {
  conditionsOf(request);
  columnsOf(request);
  return [restAfter(null, 0, false)];
}

/** Rows of a page of a query, unless they are large (REST guide, "Query"). */
const PAGE_ROWS = 2_000;
/** The first page of the query, to make the job, and to look at it three times as a rule. */
const CALLS_BEFORE_BULK = 5;

/** A few pages by REST, or the first page and then those of a bulk job. */
export const readingCosts = ({ bulkFrom, pageRows }: SalesforceTuning, records: number): ReadingCosts => ({
  beforehand: records > bulkFrom ? CALLS_BEFORE_BULK : 0,
  perPart: 0,
  recordsPerCall: records > bulkFrom ? pageRows : PAGE_ROWS,
  bytesPerCall: null,
});

const restAfter = (after: string | null, before: number, withoutBulk: boolean): RestPosition => ({
  via: 'rest',
  after,
  locator: null,
  read: 0,
  announced: 0,
  before,
  withoutBulk,
});

/**
 * The first page of a read tells how much there is: a few pages are read on by REST, more by a bulk query of what lies behind the
 * first page.
 */
export async function readPage(
  client: SalesforceClient,
  tuning: SalesforceTuning,
  request: ReadRequest,
  cursor: Cursor,
  signal: AbortSignal,
): Promise<Page> {
  const at = position.parse(cursor);
  return at.via === 'rest'
    ? readRest(client, tuning, request, at, signal)
    : readBulk(client, tuning, request, { cursor, at }, signal);
}

/** Without a page of them: a count has no rows. */
export async function count(client: SalesforceClient, request: ReadRequest, signal: AbortSignal): Promise<number> {
  const soql = select(['COUNT()'], request.object.name, conditionsOf(request));
  return (await runQuery(client, soql, { signal })).totalSize;
}

/** The records of the lowest Ids, by one query; of a filter what Salesforce evaluates itself counts. */
export async function examples(
  client: SalesforceClient,
  request: ReadRequest,
  count: number,
  signal: AbortSignal,
): Promise<SourceRecord[]> {
  const whenever = { ...request, changedSince: null };
  const { records } = await runQuery(client, soqlAfter(whenever, null, ` ORDER BY Id LIMIT ${count}`), { signal });
  const toRecord = recordReader(request);
  return records.map((row) => toRecord((name) => row[name]));
}

async function readRest(
  client: SalesforceClient,
  tuning: SalesforceTuning,
  request: ReadRequest,
  at: RestPosition,
  signal: AbortSignal,
): Promise<Page> {
  let result: QueryResult;
  try {
    result = at.locator
      ? await nextPage(client, at.locator, { signal })
      : await runQuery(client, soqlAfter(request, at.after, ' ORDER BY Id'), { signal });
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    if (at.locator && error.code === 'INVALID_QUERY_LOCATOR') {
      return readRest(client, tuning, request, restAfter(at.after, at.before + at.read, at.withoutBulk), signal);
    }
    const tooSlow = error.code === 'QUERY_TIMEOUT' || error.code === 'OPERATION_TOO_LARGE';
    if (tooSlow && !at.withoutBulk) return { records: [], next: bulkAfter(at.after, at.before + at.read) };
    throw error;
  }
  const toRecord = recordReader(request);
  const records = result.records.map((row) => toRecord((name) => row[name]));
  const announced = at.locator ? at.announced : result.totalSize;
  const next = afterPage(at, result, records, announced, tuning);
  return at.locator === null && at.after === null ? { records, next, total: result.totalSize } : { records, next };
}

function afterPage(
  at: RestPosition,
  result: QueryResult,
  records: SourceRecord[],
  announced: number,
  tuning: SalesforceTuning,
): Cursor | null {
  const after = records.at(-1)?.sourceId ?? at.after;
  const read = at.read + records.length;
  if (!result.done && result.nextRecordsUrl) {
    const isLarge = at.locator === null && announced > tuning.bulkFrom;
    if (isLarge && !at.withoutBulk) return bulkAfter(after, at.before + records.length);
    return { ...at, after, locator: result.nextRecordsUrl, read, announced };
  }
  if (read >= announced) return null;
  // the result ended early: ask for what lies behind the last record, unless even that gave nothing
  if (read > 0) return restAfter(after, at.before + read, at.withoutBulk);
  throw new ConnectorError(
    `Salesforce announced ${at.before + announced} records, but gave ${at.before + read}. Sync asks again; nothing that was read is lost.`,
    'INCOMPLETE_READ',
    { retry: 'soon' },
  );
}

const bulkAfter = (after: string | null, before: number): BulkPosition => ({
  via: 'bulk',
  after,
  before,
  jobId: null,
  polls: 0,
  locator: null,
  skip: 0,
  read: 0,
  total: null,
  rowBytes: null,
  failures: 0,
});

async function readBulk(
  client: SalesforceClient,
  tuning: SalesforceTuning,
  request: ReadRequest,
  { cursor, at }: { cursor: Cursor; at: BulkPosition },
  signal: AbortSignal,
): Promise<Page> {
  if (at.jobId === null) {
    try {
      const jobId = await createdJob(client, soqlAfter(request, at.after, ''), { signal });
      return { records: [], next: { ...at, jobId }, waitMs: tuning.firstPollMs };
    } catch (error) {
      const unsupported = error instanceof ConnectorError && error.code.toUpperCase() === 'INVALIDENTITY';
      if (unsupported) return { records: [], next: restAfter(at.after, at.before, true) };
      throw error;
    }
  }
  const toRecord = recordReader(request);
  const step = await readJob(client, tuning, cursor, at, at.jobId, columnsOf(request), { signal });
  const records = step.rows.map((row) => toRecord((name) => row[step.columns.get(name) ?? -1]));
  return {
    records,
    next: step.next,
    ...(step.waitMs === undefined ? {} : { waitMs: step.waitMs }),
    ...(step.total === undefined ? {} : { total: at.before + step.total }),
  };
}

function soqlAfter(request: ReadRequest, after: string | null, end: string): string {
  const conditions = conditionsOf(request);
  return select(
    columnsOf(request),
    request.object.name,
    after === null ? conditions : [...conditions, afterId(after)],
    end,
  );
}

/** Turns a row into a record, whichever way it came. */
function recordReader(request: ReadRequest): (cell: (name: string) => unknown) => SourceRecord {
  const types = new Map(request.object.fields.map(({ name, type }) => [name, type]));
  const fields = request.fields.map((name) => [name, types.get(name) ?? 'other'] as const);
  const instantOf = (raw: unknown) => {
    const value = fromSalesforce(raw, 'datetime');
    return typeof value === 'string' ? value : null;
  };
  return (cell) => ({
    sourceId: salesforceId18(String(cell(request.object.idField))) ?? String(cell(request.object.idField)),
    createdAt: instantOf(cell(CREATED_AT)),
    updatedAt: instantOf(cell(UPDATED_AT)),
    values: fields.map(([name, type]) => fromSalesforce(cell(name), type)),
  });
}
