import { ApiError } from '../api-error';
import { readBody, send } from '../http-call';
import type { RecordAccess } from '../record-access';
import { resultFile, unprocessedFile } from './ingest-files';
import { createIngestResults, type ResultKind } from './ingest-results';
import { createIngestRunner } from './ingest-runner';
import { type IngestJob, type IngestRequest, isFinal } from './job';
import {
  answer,
  type BulkHandler,
  type BulkRoutes,
  type Exchange,
  invalidState,
  JobCalls,
  jsonBody,
} from './job-calls';
import { readChange, readIngestRequest } from './job-input';
import { createJobStore } from './job-store';
import { ingestViews } from './job-view';
import { isMultipart, readMultipartJob } from './multipart-job';
import type { PollWatch } from './poll-watch';
import { receiveUpload } from './receive-upload';
import { sendCsv } from './send-csv';
import { UploadSplitter } from './upload-splitter';
import { createUploadStore } from './upload-store';

/** Characters of the data in a multipart request (Bulk API 2.0 guide, "Create a Job"). */
const MAX_MULTIPART_CHARACTERS = 100_000;

/** Ingest jobs: create, upload, close, abort, poll, results, list, delete (Bulk API 2.0 guide, "Bulk API 2.0 Ingest"). */
export function createIngestCalls(access: RecordAccess, polls: PollWatch): { routes: BulkRoutes; stop(): void } {
  const { org } = access;
  const { database } = org.core;
  const jobs = createJobStore<IngestRequest>(database, 'ingest');
  const uploads = createUploadStore(database);
  const results = createIngestResults(database);
  const runner = createIngestRunner({ access, jobs, uploads, results });
  const views = ingestViews(org.ids, () => org.now());
  const calls = new JobCalls({
    org,
    path: 'jobs/ingest',
    jobs,
    views,
    polls,
    removeDataOf(sequence) {
      uploads.removeAllOf(sequence);
      results.removeAllOf(sequence);
    },
  });
  let isStopped = false;

  const insert = (exchange: Exchange, request: IngestRequest): IngestJob => {
    const { caller, version } = exchange.head;
    calls.expire();
    return jobs.insert({
      user: caller.user,
      userName: caller.userName,
      request,
      apiVersion: version,
      state: 'Open',
      createdAt: org.now(),
      startsAt: null,
    });
  };
  const close = (job: IngestJob): IngestJob => {
    const startsAt = org.now() + org.settings.bulkStartDelayMs;
    const closed = calls.saved({ ...job, state: 'UploadComplete', startsAt });
    runner.schedule(closed);
    return closed;
  };
  const begin = (job: IngestJob): { splitter: UploadSplitter; complete(): void; discard(): void } => {
    const upload = uploads.begin(job.sequence);
    const splitter = new UploadSplitter(job.request.lineEnding, (chunk, bytes) =>
      uploads.addChunk(upload, chunk, bytes),
    );
    return {
      splitter,
      complete: () => uploads.complete(upload, splitter.end()),
      discard: () => uploads.discard(upload),
    };
  };

  const create: BulkHandler = async (exchange) => {
    if (isMultipart(exchange.head.headers['content-type'])) return createWithContent(exchange);
    const request = readIngestRequest(access, await jsonBody(exchange, org.settings.maxBodyBytes));
    await answer(exchange, views.created(insert(exchange, request)));
  };
  const createWithContent = async (exchange: Exchange): Promise<void> => {
    const body = await readBody(exchange.request, org.settings.maxBodyBytes);
    const { job: wish, content } = await readMultipartJob(body, exchange.head.headers['content-type'] ?? '');
    if (content.length > MAX_MULTIPART_CHARACTERS) {
      org.core.countViolation('bodyTooLarge', `multipart content of ${content.length} characters`);
      const text = `The content of a multipart request may have ${MAX_MULTIPART_CHARACTERS} characters at most`;
      throw new ApiError(400, 'CLIENTINPUTERROR', text);
    }
    const request = readIngestRequest(access, wish);
    const closed = org.transaction(() => {
      const job = insert(exchange, request);
      const { splitter, complete } = begin(job);
      splitter.write(Buffer.from(content, 'utf8'));
      complete();
      return close(job);
    });
    await answer(exchange, views.created(closed));
  };

  const upload: BulkHandler = async (exchange) => {
    const job = calls.find(exchange);
    refuseUpload(job, exchange);
    const { splitter, complete, discard } = begin(job);
    try {
      await receiveUpload(exchange.request, org.settings.bulkUploadBytes, (piece) => splitter.write(piece));
      refuseUpload(calls.find(exchange), exchange); // it may have been closed meanwhile
      org.transaction(complete);
    } catch (error) {
      if (!isStopped) discard();
      throw error;
    }
    await send(exchange.request, exchange.response, { status: 201 });
  };

  const change: BulkHandler = async (exchange) => {
    const state = readChange(await jsonBody(exchange, org.settings.maxBodyBytes));
    const job = calls.find(exchange);
    if (state === 'Aborted') return answer(exchange, views.changed(calls.abort(job)));
    if (job.state !== 'Open') throw invalidState(`Closing already ${wordFor(job)} Job not allowed`);
    // the spelling is the vendor's
    if (uploads.countOf(job.sequence) > 1)
      throw new ApiError(
        400,
        'INVALIDJOB',
        `Found multipe contents for job: <${calls.idOf(job)}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`,
      );
    await answer(exchange, views.changed(close(job)));
  };

  const sendFile =
    (fileOf: (job: IngestJob) => Iterable<string>): BulkHandler =>
    async (exchange) => {
      const job = calls.find(exchange);
      if (isFinal(job.state)) await sendCsv(exchange.request, exchange.response, fileOf(job));
      else await send(exchange.request, exchange.response, { status: 204 });
    };
  const resultsOf = (kind: ResultKind): BulkHandler => sendFile((job) => resultFile(job, kind, { uploads, results }));

  return {
    routes: {
      '': { POST: create, GET: calls.list },
      ':id': { GET: calls.poll, PATCH: change, DELETE: calls.remove },
      ':id/batches': { PUT: upload },
      ':id/successfulresults': { GET: resultsOf('successful') },
      ':id/failedresults': { GET: resultsOf('failed') },
      ':id/unprocessedrecords': { GET: sendFile((job) => unprocessedFile(job, { uploads, results })) },
    },
    stop() {
      isStopped = true;
      runner.stop();
    },
  };
}

/** @throws ApiError when the job takes no file (any more), or the file is no CSV */
function refuseUpload({ state }: IngestJob, { head }: Exchange): void {
  if (state !== 'Open') throw invalidState(`Uploading data to a Job that is ${state} is not allowed`);
  if (!/^text\/csv\b/i.test(head.headers['content-type'] ?? ''))
    throw new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', 'The Content-Type of job data must be text/csv');
}

function wordFor({ state }: IngestJob): string {
  switch (state) {
    case 'JobComplete':
      return 'Completed';
    case 'Aborted':
    case 'Failed':
      return state;
    default:
      return 'Closed';
  }
}
