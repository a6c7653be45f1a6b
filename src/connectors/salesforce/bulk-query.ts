import { z } from 'zod';
import type { Cursor } from '../connector';
import { ConnectorError } from '../connector-error';
import { parseCsv } from './bulk-csv';
import type { CallOptions, SalesforceClient } from './client';
import { errorOfCode, unreadableAnswer } from './errors';
import { ResultPage } from './result-page';
import type { SalesforceTuning } from './tuning';

/** A query that Salesforce fails this often needs a person. */
const MOST_FAILURES = 3;
const JOB_ID = z.string().regex(/^[A-Za-z0-9]{15,18}$/);

/** Rows of the first page, before it is known how large they are. */
const FIRST_PAGE_ROWS = 10_000;

/** Where a read by a bulk query stands. */
export const bulkPosition = z.object({
  via: z.literal('bulk'),
  /** The last Id that was read before the job; null for a job of everything. */
  after: z.string().nullable(),
  /** Records read before the job. */
  before: z.number(),
  /** Null until the job is there; creating it twice costs a job and nothing else. */
  jobId: JOB_ID.nullable(),
  polls: z.number(),
  /** Where the next page begins; null for the first. */
  locator: z
    .string()
    .regex(/^[\w+/=-]+$/)
    .nullable(),
  /** Rows of that page that have been read. */
  skip: z.number().default(0),
  /** Records read of the job, and how many it has once it is complete. */
  read: z.number(),
  total: z.number().nullable(),
  /** Bytes of a row, by the last page; null before the first. */
  rowBytes: z.number().nullable().default(null),
  /** Jobs that Salesforce has failed. */
  failures: z.number(),
});
export type BulkPosition = z.output<typeof bulkPosition>;

const createdAnswer = z.object({ id: JOB_ID });
const jobState = z.object({
  state: z.string(),
  numberRecordsProcessed: z.number().default(0),
  errorMessage: z.string().nullish(),
});

export interface JobStep {
  rows: string[][];
  /** Column name → its place in a row. */
  columns: ReadonlyMap<string, number>;
  next: Cursor | null;
  waitMs?: number;
  /** Records of the job, once it is complete. */
  total?: number;
}

/** @returns the Id of a new query job (Bulk API 2.0 guide, "Create a Query Job") */
export async function createdJob(client: SalesforceClient, soql: string, options: CallOptions): Promise<string> {
  const json = { operation: 'query', query: soql, contentType: 'CSV', columnDelimiter: 'COMMA', lineEnding: 'LF' };
  const path = `${client.versionPath}/jobs/query`;
  return (await client.json({ method: 'POST', path, json }, createdAnswer, options)).id;
}

/**
 * Looks whether a job is complete, and reads its next page when it is, or what comes next of one that it has fetched.
 * @param cursor as it was given out: what has been fetched already is kept with it, and lost with it
 */
export async function readJob(
  client: SalesforceClient,
  tuning: SalesforceTuning,
  cursor: Cursor,
  at: BulkPosition,
  jobId: string,
  columns: readonly string[],
  options: CallOptions,
): Promise<JobStep> {
  const path = `${client.versionPath}/jobs/query/${jobId}`;
  if (at.total !== null) {
    const page = await unlessGone(readResults(client, tuning, cursor, at, path, at.total, columns, options));
    if (page) return page;
  }
  const job = await unlessGone(client.json({ method: 'GET', path }, jobState, options));
  // jobs are kept for seven days
  if (!job) return { ...NO_ROWS, next: anew(at, 0) };
  if (job.state === 'Failed' || job.state === 'Aborted') {
    return { ...NO_ROWS, next: anew(at, failed(client, at, job)), waitMs: tuning.longestPollMs };
  }
  if (job.state !== 'JobComplete') {
    const waitMs = Math.min(tuning.firstPollMs * 2 ** Math.min(at.polls + 1, 20), tuning.longestPollMs);
    return { ...NO_ROWS, next: { ...at, polls: at.polls + 1 }, waitMs };
  }
  const page = await unlessGone(
    readResults(client, tuning, cursor, at, path, job.numberRecordsProcessed, columns, options),
  );
  if (page) return page;
  throw new ConnectorError('The result of the bulk query is not ready yet.', 'RESULT_NOT_READY', { retry: 'soon' });
}

const NO_ROWS = { rows: [], columns: new Map<string, number>() };

/** The same read by a new job; what the old one gave comes again, in whatever order. */
const anew = (at: BulkPosition, failures: number): Cursor => ({
  ...at,
  jobId: null,
  polls: 0,
  locator: null,
  skip: 0,
  read: 0,
  total: null,
  failures,
});

/** @returns how many jobs have failed so far */
function failed(client: SalesforceClient, at: BulkPosition, job: z.output<typeof jobState>): number {
  const code = /^\s*(\w+)\s*:/.exec(job.errorMessage ?? '')?.[1] ?? 'QUERY_JOB_FAILED';
  const error = errorOfCode(code, job.errorMessage ?? '', { status: 500, isWrite: false, now: client.deps.now() });
  if (error.advice.retry === 'never' || error.advice.retry === 'whenQuotaResets') throw error;
  if (at.failures + 1 < MOST_FAILURES) return at.failures + 1;
  throw new ConnectorError(
    `Salesforce failed the bulk query ${MOST_FAILURES} times (${code}). Filter by an indexed field, or read fewer fields.`,
    'QUERY_JOB_FAILED',
    { retry: 'never' },
  );
}

/** Pages that have been fetched and not been read to their end, by the cursor that goes on with them. */
const fetched = new WeakMap<Cursor, ResultPage>();

async function readResults(
  client: SalesforceClient,
  tuning: SalesforceTuning,
  cursor: Cursor,
  at: BulkPosition,
  path: string,
  total: number,
  columns: readonly string[],
  options: CallOptions,
): Promise<JobStep> {
  const page = fetched.get(cursor) ?? (await fetchPage(client, tuning, at, path, columns, options));
  // whoever comes with this cursor once more gets the same rows, which this page has no more
  fetched.delete(cursor);
  const rows = page.take(tuning.stepRows);
  const read = at.read + rows.length;
  if (!page.isThrough) {
    const next: Cursor = { ...at, skip: at.skip + rows.length, read, total };
    fetched.set(next, page);
    return { rows, columns: page.columns, next, total };
  }
  const { locator } = page;
  if (locator !== null) {
    const rowBytes = page.announced > 0 ? page.bytes / page.announced : at.rowBytes;
    return { rows, columns: page.columns, next: { ...at, locator, skip: 0, rowBytes, read, total }, total };
  }
  if (read < total) {
    throw new ConnectorError(
      `Salesforce announced ${at.before + total} records, but gave ${at.before + read}. Sync asks again; nothing that was read is lost.`,
      'INCOMPLETE_READ',
      { retry: 'soon' },
    );
  }
  return { rows, columns: page.columns, next: null, total };
}

async function fetchPage(
  client: SalesforceClient,
  tuning: SalesforceTuning,
  { locator, skip, rowBytes }: BulkPosition,
  path: string,
  columns: readonly string[],
  options: CallOptions,
): Promise<ResultPage> {
  const most = rowBytes === null ? FIRST_PAGE_ROWS : Math.max(Math.floor(tuning.pageBytes / rowBytes), 1);
  const query = `maxRecords=${Math.min(tuning.pageRows, most)}${locator === null ? '' : `&locator=${encodeURIComponent(locator)}`}`;
  const request = { method: 'GET', path: `${path}/results?${query}`, headers: { accept: 'text/csv' } } as const;
  const { body, headers } = await client.file(request, options);
  const announced = Number(headers['sforce-numberofrecords']);
  if (!Number.isInteger(announced)) throw unreadableAnswer('a file does not tell how many records it holds', false);
  const next = headers['sforce-locator'];
  const page = new ResultPage(
    parseCsv(body),
    announced,
    next === undefined || next === 'null' ? null : next,
    body.length,
  );
  if (columns.some((name) => !page.columns.has(name))) throw unreadableAnswer('a column of a file is missing', false);
  page.take(skip);
  return page;
}

/** @returns null where Salesforce no longer knows what was asked for */
async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}
