import { z } from 'zod';
import { salesforceId18 } from '../../domain/salesforce-id';
import type { RecordResult, WriteBatch, WriteOperation } from '../connector';
import { ConnectorError } from '../connector-error';
import { type CsvTable, parseCsv } from './bulk-csv';
import { Attribution, type BulkFile, NOT_PROCESSED } from './bulk-file';
import type { CallOptions, SalesforceClient } from './client';
import { errorOfCode } from './errors';
import { runQuery } from './query';
import { checkedName, select } from './soql';
import { textLiteral } from './soql-literal';

/** Objects that have assignment rules. */
const ASSIGNABLE = new Set(['Lead', 'Case']);

const jobAnswer = z.object({ id: z.string().regex(/^[A-Za-z0-9]{15,18}$/) });
const jobInfo = z.object({
  state: z.enum(['Open', 'UploadComplete', 'InProgress', 'Aborted', 'JobComplete', 'Failed']),
  numberRecordsProcessed: z.number().default(0),
  numberRecordsFailed: z.number().default(0),
  errorMessage: z.string().nullish(),
});
export type IngestJob = z.output<typeof jobInfo>;

const jobPath = (client: SalesforceClient, jobId: string): string => `${client.versionPath}/jobs/ingest/${jobId}`;

/** How a job's data is written. */
const FORM = { contentType: 'CSV', columnDelimiter: 'COMMA', lineEnding: 'LF' } as const;

/** What Salesforce calls an operation. */
const operationOf = (operation: WriteOperation): string => (operation === 'create' ? 'insert' : operation);

/**
 * Creates an empty job. One whose Id never arrives here stays open without data until it is cleared away, see `lost-jobs`.
 * Assignment rules run in a job only when it names one, and the Bulk API has no header for duplicate rules.
 */
export async function createJob(client: SalesforceClient, batch: WriteBatch, options: CallOptions): Promise<string> {
  const assignmentRuleId = batch.options.assignmentRules ? await activeRule(client, batch.object.name, options) : null;
  const json = {
    object: checkedName(batch.object.name),
    operation: operationOf(batch.operation),
    ...FORM,
    ...(assignmentRuleId === null ? {} : { assignmentRuleId }),
  };
  const path = `${client.versionPath}/jobs/ingest`;
  return (await client.json({ method: 'POST', path, json }, jobAnswer, { ...options, once: true })).id;
}

const listedJob = z.object({
  id: z.string(),
  createdById: z.string(),
  createdDate: z.string(),
  object: z.string(),
  operation: z.string(),
  state: z.string(),
  apiVersion: z.number(),
  contentType: z.string(),
  columnDelimiter: z.string(),
  lineEnding: z.string(),
});
const jobList = z.object({ nextRecordsUrl: z.string().nullish(), records: z.array(listedJob.partial()) });

/** A job that has been created, and nothing else, as ours are. */
export interface OpenJob {
  jobId: string;
  /** Milliseconds since 1970, by Salesforce's clock, which knows seconds alone. */
  createdAt: number;
}

/**
 * Lists the open jobs of our user that could have been made by `createJob`.
 * @returns also how far the clock of Salesforce is ahead of ours
 */
export async function openJobs(
  client: SalesforceClient,
  { objectName, operation }: { objectName: string; operation: WriteOperation },
  options: CallOptions,
): Promise<{ jobs: OpenJob[]; aheadMs: number }> {
  const jobs: OpenJob[] = [];
  const userId = await client.userId(options.signal);
  const wanted = {
    ...FORM,
    object: objectName,
    operation: operationOf(operation),
    state: 'Open',
    apiVersion: Number(client.settings.apiVersion),
  };
  let aheadMs = 0;
  let path: string | null = `${client.versionPath}/jobs/ingest`;
  while (path) {
    const { body, headers } = await client.text({ method: 'GET', path }, options);
    const date = Date.parse(headers.date ?? '');
    if (!Number.isNaN(date)) aheadMs = date - client.deps.now();
    const page: z.output<typeof jobList> = client.parse(jsonOf(body), jobList, options);
    for (const job of page.records) {
      const isLikeOurs = Object.entries(wanted).every(([name, value]) => job[name as keyof typeof job] === value);
      if (!isLikeOurs || salesforceId18(job.createdById ?? '') !== userId) continue;
      jobs.push({ jobId: job.id ?? '', createdAt: Date.parse(job.createdDate ?? '') });
    }
    path = page.nextRecordsUrl ?? null;
  }
  return { jobs, aheadMs };
}

/** What is no JSON has no records either, which the caller's schema tells. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function activeRule(client: SalesforceClient, objectName: string, options: CallOptions): Promise<string | null> {
  if (!ASSIGNABLE.has(objectName)) return null;
  const conditions = [`SobjectType = ${textLiteral(objectName)}`, 'Active = TRUE'];
  const { records } = await runQuery(client, select(['Id'], 'AssignmentRule', conditions, ' LIMIT 1'), options);
  const id = records[0]?.Id;
  return typeof id === 'string' ? id : null;
}

/** Puts the data, once: a second upload would spoil the job (Bulk API 2.0 guide, "Upload Job Data"). */
export async function upload(
  client: SalesforceClient,
  jobId: string,
  csv: string,
  options: CallOptions,
): Promise<void> {
  await client.text({ method: 'PUT', path: `${jobPath(client, jobId)}/batches`, csv }, options);
}

export async function setState(
  client: SalesforceClient,
  jobId: string,
  state: 'UploadComplete' | 'Aborted',
  options: CallOptions,
): Promise<void> {
  await client.text({ method: 'PATCH', path: jobPath(client, jobId), json: { state } }, options);
}

/** @returns null where Salesforce no longer knows the job: it keeps jobs for seven days */
export async function jobState(
  client: SalesforceClient,
  jobId: string,
  options: CallOptions,
): Promise<IngestJob | null> {
  try {
    return await client.json({ method: 'GET', path: jobPath(client, jobId) }, jobInfo, options);
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

/** Ends a job. One that has ended meanwhile refuses that, which is as well. */
export async function abort(client: SalesforceClient, jobId: string, options: CallOptions): Promise<void> {
  try {
    await setState(client, jobId, 'Aborted', options);
  } catch (error) {
    const job = await jobState(client, jobId, options);
    if (job && !hasEnded(job)) throw error;
  }
}

export const hasEnded = ({ state }: IngestJob): boolean =>
  state === 'JobComplete' || state === 'Failed' || state === 'Aborted';

/** The error of a job that was refused as a whole, before any row; null for every other job. */
export function wholeRefusal(client: SalesforceClient, job: IngestJob): ConnectorError | null {
  if (job.state !== 'Failed' || job.numberRecordsProcessed > 0) return null;
  const code = /^\s*(\w+)\s*:/.exec(job.errorMessage ?? '')?.[1] ?? 'BULK_JOB_FAILED';
  const error = errorOfCode(code, job.errorMessage ?? '', { status: 500, isWrite: false, now: client.deps.now() });
  return new ConnectorError(`Salesforce failed the bulk job. ${error.message}`, code, error.advice);
}

/** What a job that has ended did with each record; what it did not get to is to be sent again. */
export async function resultsOf(
  client: SalesforceClient,
  jobId: string,
  job: IngestJob,
  file: BulkFile,
  batch: WriteBatch,
  options: CallOptions,
): Promise<RecordResult[]> {
  const attribution = new Attribution(file, batch);
  await readResultFiles(client, jobId, job, file, attribution, options);
  return attribution.results().map((result) => result ?? untouched(job, batch));
}

function untouched(job: IngestJob, batch: WriteBatch): RecordResult {
  if (job.state === 'Aborted') return { ...NOT_PROCESSED, notSent: true };
  if (job.state !== 'JobComplete') return NOT_PROCESSED;
  return batch.operation === 'create'
    ? { result: 'inDoubt', message: 'The bulk job gave no result for the record; look it up in Salesforce.' }
    : { result: 'again', code: 'NO_RESULT', message: 'The bulk job gave no result for the record.' };
}

/** Reads the result files and checks that none was cut: a missing row must not look like one that was never processed. */
async function readResultFiles(
  client: SalesforceClient,
  jobId: string,
  job: IngestJob,
  file: BulkFile,
  attribution: Attribution,
  options: CallOptions,
): Promise<void> {
  const read = (name: string) => readFile(client, `${jobPath(client, jobId)}/${name}`, options);
  let accounted = 0;
  if (job.numberRecordsProcessed > job.numberRecordsFailed)
    accounted += attribution.succeeded(await read('successfulResults/'));
  if (job.numberRecordsFailed > 0) accounted += attribution.failed(await read('failedResults/'));
  if (accounted < job.numberRecordsProcessed) throw shortFiles(accounted, job.numberRecordsProcessed);
  const all = file.records.length;
  if (job.state !== 'JobComplete' || accounted >= all) return;
  accounted += attribution.unprocessed(await read('unprocessedrecords/'));
  if (accounted < all) throw shortFiles(accounted, all);
}

/** The files of a job that has just ended may be missing for a moment. */
async function readFile(client: SalesforceClient, path: string, options: CallOptions): Promise<CsvTable> {
  try {
    return parseCsv((await client.file({ method: 'GET', path }, options)).body);
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'NOT_FOUND') throw error;
    throw new ConnectorError('The result of the bulk job is not ready yet.', 'RESULT_NOT_READY', { retry: 'soon' });
  }
}

const shortFiles = (found: number, expected: number): ConnectorError =>
  new ConnectorError(
    `The result files of the bulk job name ${found} of ${expected} records. Sync asks again.`,
    'INCOMPLETE_READ',
    { retry: 'soon' },
  );
