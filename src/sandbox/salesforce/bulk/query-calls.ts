import { ApiError } from '../api-error';
import type { RecordAccess } from '../record-access';
import { createDailyQuotas } from './daily-quotas';
import type { QueryJob, QueryRequest } from './job';
import {
  answer,
  type BulkHandler,
  type BulkRoutes,
  type Exchange,
  invalidState,
  JobCalls,
  jsonBody,
} from './job-calls';
import { readChange, readQueryRequest } from './job-input';
import { createJobStore } from './job-store';
import { queryViews } from './job-view';
import type { PollWatch } from './poll-watch';
import { createQueryResults, type QueryResults } from './query-results';
import { createQueryRunner } from './query-runner';
import { sendCsv } from './send-csv';

/** Query jobs: create, list, poll, abort, delete, results (Bulk API 2.0 guide, "Query Jobs"). */
export function createQueryCalls(access: RecordAccess, polls: PollWatch): { routes: BulkRoutes; stop(): void } {
  const { org } = access;
  const jobs = createJobStore<QueryRequest>(org.core.database, 'query');
  const results = createQueryResults(org.core.database);
  const quotas = createDailyQuotas(org);
  const runner = createQueryRunner({ access, jobs, results });
  const views = queryViews(org.ids, () => org.now());
  const calls = new JobCalls({ org, path: 'jobs/query', jobs, views, polls, removeDataOf: results.removeAllOf });

  const create: BulkHandler = async (exchange) => {
    const request = readQueryRequest(access, await jsonBody(exchange, org.settings.maxBodyBytes));
    const { caller, version } = exchange.head;
    quotas.require('DailyBulkV2QueryJobs');
    quotas.spend('DailyBulkV2QueryJobs', 1);
    calls.expire();
    const job = jobs.insert({
      user: caller.user,
      userName: caller.userName,
      request,
      apiVersion: version,
      state: 'UploadComplete',
      createdAt: org.now(),
      startsAt: org.now() + org.settings.bulkStartDelayMs,
    });
    runner.schedule(job);
    await answer(exchange, views.created(job));
  };
  const change: BulkHandler = async (exchange) => {
    const state = readChange(await jsonBody(exchange, org.settings.maxBodyBytes));
    const job = calls.find(exchange);
    if (state !== 'Aborted') throw invalidState('A query job is closed from its beginning on');
    await answer(exchange, views.changed(calls.abort(job)));
  };
  const sendResults: BulkHandler = (exchange) => {
    const job = calls.find(exchange);
    if (job.state !== 'JobComplete') throw invalidState(`The job has no results: it is ${job.state}`);
    return sendPage(exchange, job, results, org.settings.bulkResultRows);
  };

  return {
    routes: {
      '': { POST: create, GET: calls.list },
      ':id': { GET: calls.poll, PATCH: change, DELETE: calls.remove },
      ':id/results': { GET: sendResults },
    },
    stop: () => runner.stop(),
  };
}

/** Each page has the header line; the last one has the word `null` for its locator. */
function sendPage(exchange: Exchange, job: QueryJob, results: QueryResults, usualRows: number): Promise<void> {
  const { request, response, head } = exchange;
  const wanted = head.query.get('maxRecords');
  const rows = wanted === null ? usualRows : Number(wanted);
  if (!Number.isInteger(rows) || rows < 1)
    throw new ApiError(400, 'INVALIDJOB', `maxRecords must be a number of 1 or more: ${wanted}`);
  const locator = head.query.get('locator');
  const start = locator === null ? 0 : startOf(locator);
  if (start === undefined || start > job.processed)
    throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
  const end = Math.min(job.processed, start + rows);
  response.setHeader('Sforce-NumberOfRecords', end - start);
  response.setHeader('Sforce-Locator', end < job.processed ? locatorOf(end) : 'null');
  return sendCsv(request, response, page(results, job.sequence, start, end));
}

function* page(results: QueryResults, job: number, start: number, end: number): Iterable<string | Buffer> {
  yield results.header(job);
  yield* results.lines(job, start, end);
}

/** `MTAwMDA`: what looks opaque is the number of the first row. */
function locatorOf(row: number): string {
  return Buffer.from(String(row)).toString('base64url');
}

function startOf(locator: string): number | undefined {
  const text = Buffer.from(locator, 'base64url').toString('latin1');
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}
