import { ApiError } from '../api-error';
import { readBody, send } from '../http-call';
import { resultFile, unprocessedFile } from './ingest-files';
import type { IngestJobs } from './ingest-jobs';
import { type IngestJob, isFinal } from './job';
import { answer, type BulkRoutes, type Exchange, invalidState, jsonBody } from './job-calls';
import { readChange, readIngestRequest } from './job-input';
import { isMultipart, readMultipartJob } from './multipart-job';
import { receiveUpload } from './receive-upload';
import { sendCsv } from './send-csv';

/** Characters of the data in a multipart request (Bulk API 2.0 guide, "Create a Job"). */
const MAX_MULTIPART_CHARACTERS = 100_000;

/** Calls about ingest jobs (Bulk API 2.0 guide, "Bulk API 2.0 Ingest"). */
export function ingestRoutes(ingest: IngestJobs): BulkRoutes {
  const { calls } = ingest;
  return {
    '': { POST: (exchange) => create(ingest, exchange), GET: calls.list },
    ':id': { GET: calls.poll, PATCH: (exchange) => change(ingest, exchange), DELETE: calls.remove },
    ':id/batches': { PUT: (exchange) => upload(ingest, exchange) },
    ':id/successfulresults': {
      GET: (exchange) => sendFile(ingest, exchange, (job) => resultFile(job, 'successful', ingest)),
    },
    ':id/failedresults': { GET: (exchange) => sendFile(ingest, exchange, (job) => resultFile(job, 'failed', ingest)) },
    ':id/unprocessedrecords': {
      GET: (exchange) => sendFile(ingest, exchange, (job) => unprocessedFile(job, ingest.uploads)),
    },
  };
}

async function create(ingest: IngestJobs, exchange: Exchange): Promise<void> {
  if (isMultipart(exchange.head.headers['content-type'])) return createWithContent(ingest, exchange);
  const { access } = ingest;
  const request = readIngestRequest(access, await jsonBody(exchange, access.org.settings.maxBodyBytes));
  const job = ingest.create(request, exchange.head.caller, exchange.head.version);
  await answer(exchange, ingest.views.created(job));
}

/** Makes, loads and closes a job in one call. */
async function createWithContent(ingest: IngestJobs, exchange: Exchange): Promise<void> {
  const { org } = ingest.access;
  const { caller, version, headers } = exchange.head;
  const body = await readBody(exchange.request, org.settings.maxBodyBytes);
  const { job: wish, content } = await readMultipartJob(body, headers['content-type'] ?? '');
  if (content.length > MAX_MULTIPART_CHARACTERS) {
    org.core.countViolation('bodyTooLarge', `multipart content of ${content.length} characters`);
    const text = `The content of a multipart request may have ${MAX_MULTIPART_CHARACTERS} characters at most`;
    throw new ApiError(400, 'CLIENTINPUTERROR', text);
  }
  const request = readIngestRequest(ingest.access, wish);
  const closed = org.transaction(() => {
    const job = ingest.create(request, caller, version);
    const incoming = ingest.beginUpload(job);
    incoming.write(Buffer.from(content, 'utf8'));
    incoming.complete();
    return ingest.close(job);
  });
  await answer(exchange, ingest.views.created(closed));
}

async function upload(ingest: IngestJobs, exchange: Exchange): Promise<void> {
  const job = ingest.calls.find(exchange);
  refuseUpload(job, exchange);
  const incoming = ingest.beginUpload(job);
  try {
    await receiveUpload(exchange.request, ingest.access.org.settings.bulkUploadBytes, incoming.write);
    refuseUpload(ingest.calls.find(exchange), exchange); // it may have been closed meanwhile
    incoming.complete();
  } catch (error) {
    incoming.discard();
    throw error;
  }
  await send(exchange.request, exchange.response, { status: 201 });
}

/** @throws ApiError when the job takes no file (any more), or the file is no CSV */
function refuseUpload({ state }: IngestJob, { head }: Exchange): void {
  if (state !== 'Open') throw invalidState(`Uploading data to a Job that is ${state} is not allowed`);
  if (!/^text\/csv\b/i.test(head.headers['content-type'] ?? ''))
    throw new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', 'The Content-Type of job data must be text/csv');
}

async function change(ingest: IngestJobs, exchange: Exchange): Promise<void> {
  const state = readChange(await jsonBody(exchange, ingest.access.org.settings.maxBodyBytes));
  const job = ingest.calls.find(exchange);
  const changed = state === 'Aborted' ? ingest.calls.abort(job) : ingest.close(job);
  await answer(exchange, ingest.views.changed(changed));
}

/** There is no file before the job has ended. */
async function sendFile(
  ingest: IngestJobs,
  exchange: Exchange,
  fileOf: (job: IngestJob) => Iterable<string>,
): Promise<void> {
  const job = ingest.calls.find(exchange);
  if (isFinal(job.state)) await sendCsv(exchange.request, exchange.response, fileOf(job));
  else await send(exchange.request, exchange.response, { status: 204 });
}
