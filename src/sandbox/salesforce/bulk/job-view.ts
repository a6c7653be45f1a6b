import { type IdCodec, referenceOf } from '../record-id';
import { isoSeconds } from '../stored-values';
import { type IngestJob, JOB_PREFIX, type Job, type QueryJob } from './job';

type View = Record<string, unknown>;

/** The Id of a job, 18 characters. */
export function jobId(ids: IdCodec, sequence: number): string {
  return ids.encode(referenceOf(JOB_PREFIX, sequence));
}

/** Answers about jobs, in the forms that the calls have (Bulk API 2.0 guide, "Create a Job", "Get Information About a Job"). */
export interface JobViews<OneJob extends Job> {
  created(job: OneJob): View;
  /** Answer to PATCH. */
  changed(job: OneJob): View;
  listed(job: OneJob): View;
  /** Answer to GET, with the counters. */
  polled(job: OneJob): View;
}

/** @param now milliseconds since 1970 by the sandbox's clock */
export function ingestViews(ids: IdCodec, now: () => number): JobViews<IngestJob> {
  const changed = (job: IngestJob): View => {
    const { operation, object, externalIdFieldName, assignmentRuleId } = job.request;
    return {
      id: jobId(ids, job.sequence),
      operation,
      object,
      ...common(ids, job),
      ...(externalIdFieldName === undefined ? {} : { externalIdFieldName }),
      ...(assignmentRuleId === undefined ? {} : { assignmentRuleId }),
    };
  };
  const created = (job: IngestJob): View => ({
    ...changed(job),
    contentUrl: `services/data/v${job.apiVersion}.0/jobs/ingest/${jobId(ids, job.sequence)}/batches`,
    ...formatOf(job),
  });
  const listed = (job: IngestJob): View => ({ ...created(job), jobType: 'V2Ingest' });
  return {
    created,
    changed,
    listed,
    polled: (job) => ({
      ...listed(job),
      numberRecordsProcessed: job.processed,
      numberRecordsFailed: job.failed,
      retries: 0,
      totalProcessingTime: workedMs(job, now()),
      apiActiveProcessingTime: workedMs(job, now()),
      apexProcessingTime: 0,
      ...(job.error === null ? {} : { errorMessage: job.error }),
    }),
  };
}

/** A query job that fails does not say why. */
export function queryViews(ids: IdCodec, now: () => number): JobViews<QueryJob> {
  const changed = (job: QueryJob): View => ({
    id: jobId(ids, job.sequence),
    operation: job.request.operation,
    object: job.request.object,
    ...common(ids, job),
  });
  const created = (job: QueryJob): View => ({ ...changed(job), ...formatOf(job) });
  const listed = (job: QueryJob): View => ({ ...created(job), jobType: 'V2Query' });
  return {
    created,
    changed,
    listed,
    polled: (job) => ({
      ...listed(job),
      numberRecordsProcessed: job.processed,
      retries: 0,
      totalProcessingTime: workedMs(job, now()),
      isPkChunkingSupported: true,
    }),
  };
}

function common(ids: IdCodec, job: Job): View {
  return {
    createdById: ids.encode(job.user),
    createdDate: `${isoSeconds(job.createdAt)}.000+0000`,
    systemModstamp: `${isoSeconds(job.modifiedAt)}.000+0000`,
    state: job.state,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: job.apiVersion,
  };
}

function formatOf({ request }: Job): View {
  return { lineEnding: request.lineEnding, columnDelimiter: request.columnDelimiter };
}

function workedMs({ startedAt, finishedAt }: Job, now: number): number {
  return startedAt === null ? 0 : (finishedAt ?? now) - startedAt;
}

/** The version is a number with a decimal in Salesforce's JSON; no other member has that name. */
export function jobJson(view: unknown): string {
  return JSON.stringify(view).replaceAll(/"apiVersion":(\d+)\b/g, '"apiVersion":$1.0');
}
