import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, notFound } from '../api-error';
import { type Call, objectBody, readBody, send } from '../http-call';
import type { Org } from '../org';
import { keyPrefixOf, sequenceOf } from '../record-id';
import { isFinal, JOB_PREFIX, type Job, type JobRequest } from './job';
import type { JobStore } from './job-store';
import { type JobViews, jobId, jobJson } from './job-view';
import type { PollWatch } from './poll-watch';

const DAY_MS = 86_400_000;
/** Jobs and their files are kept so long, and a job stays open so long (Bulk API 2.0 guide, "Limits"). */
const JOB_LIFE_MS = 7 * DAY_MS;
const OPEN_LIFE_MS = DAY_MS;
/** Jobs of a page of the list. */
const LISTED_AT_ONCE = 1_000;

/** One request below `jobs/ingest` or `jobs/query`. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  head: Omit<Call, 'body'>;
}

export type BulkHandler = (exchange: Exchange) => Promise<void>;
/** Handlers by method, by what follows the kind: nothing, `:id`, `:id/results`. */
export type BulkRoutes = Readonly<Record<string, Readonly<Record<string, BulkHandler>>>>;

interface JobCallsOptions<Request extends JobRequest> {
  org: Org;
  /** `jobs/ingest` */
  path: string;
  jobs: JobStore<Request>;
  views: JobViews<Job<Request>>;
  polls: PollWatch;
  /** Removes what belongs to a job besides its row. */
  removeDataOf(sequence: number): void;
}

/** What both kinds of jobs have in common. */
export class JobCalls<Request extends JobRequest> {
  constructor(private readonly options: JobCallsOptions<Request>) {}

  readonly list: BulkHandler = (exchange) => {
    const { jobs, views, path } = this.options;
    const { query, versionPath } = exchange.head;
    const after = Number(query.get('queryLocator') ?? 0);
    if (!Number.isInteger(after) || after < 0)
      throw new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    const found = jobs.list(after, LISTED_AT_ONCE + 1);
    const shown = found.slice(0, LISTED_AT_ONCE);
    const isDone = found.length === shown.length;
    return answer(exchange, {
      done: isDone,
      nextRecordsUrl: isDone ? null : `${versionPath}/${path}?queryLocator=${shown.at(-1)?.sequence}`,
      records: shown.map((job) => views.listed(job)),
    });
  };

  readonly poll: BulkHandler = (exchange) => {
    const job = this.find(exchange);
    this.options.polls.note(this.idOf(job));
    return answer(exchange, this.options.views.polled(job));
  };

  readonly remove: BulkHandler = async (exchange) => {
    const job = this.find(exchange);
    if (job.state === 'Open' || job.state === 'InProgress')
      throw invalidState(`Deleting a Job that is ${job.state} is not allowed`);
    this.forget(job.sequence);
    await send(exchange.request, exchange.response, { status: 204 });
  };

  /** The job that the path names. @throws ApiError 404, 409 when another version is used than to create it */
  find({ head }: Pick<Exchange, 'head'>): Job<Request> {
    const { org, jobs } = this.options;
    const reference = org.ids.parse(head.segments[2] ?? '');
    const isJob = reference !== undefined && reference >= 0 && keyPrefixOf(reference) === JOB_PREFIX;
    const job = isJob ? jobs.get(sequenceOf(reference)) : undefined;
    if (!job || job.createdAt < org.now() - JOB_LIFE_MS) throw notFound();
    if (job.apiVersion !== head.version) {
      const text = `The job was created with version ${job.apiVersion}.0, and is asked for with ${head.version}.0`;
      throw new ApiError(409, 'INVALIDVERSION', text);
    }
    const isLapsed = job.state === 'Open' && job.createdAt < org.now() - OPEN_LIFE_MS;
    return isLapsed ? this.saved({ ...job, state: 'Aborted', finishedAt: org.now() }) : job;
  }

  /** @throws ApiError when it has ended already */
  abort(job: Job<Request>): Job<Request> {
    if (isFinal(job.state)) {
      const word = job.state === 'JobComplete' ? 'Completed' : job.state;
      throw invalidState(`Aborting already ${word} Job not allowed`);
    }
    return this.saved({ ...job, state: 'Aborted', finishedAt: this.options.org.now() });
  }

  saved(job: Job<Request>): Job<Request> {
    const after = { ...job, modifiedAt: this.options.org.now() };
    this.options.jobs.save(after);
    return after;
  }

  idOf({ sequence }: Job): string {
    return jobId(this.options.org.ids, sequence);
  }

  /** Removes jobs whose time is over. */
  expire(): void {
    const { org, jobs } = this.options;
    for (const { sequence } of jobs.createdBefore(org.now() - JOB_LIFE_MS)) this.forget(sequence);
  }

  private forget(sequence: number): void {
    this.options.org.transaction(() => {
      this.options.removeDataOf(sequence);
      this.options.jobs.remove(sequence);
    });
  }
}

export function invalidState(message: string): ApiError {
  return new ApiError(400, 'INVALIDJOBSTATE', message);
}

export function answer({ request, response }: Exchange, view: unknown): Promise<void> {
  return send(request, response, { status: 200, body: jobJson(view) });
}

/** The body as a JSON object. @throws ApiError, BodyTooLarge, ClientGone */
export async function jsonBody({ request, head }: Exchange, maxBytes: number): Promise<Record<string, unknown>> {
  const body = (await readBody(request, maxBytes)).toString('utf8');
  return objectBody({ ...head, body });
}
