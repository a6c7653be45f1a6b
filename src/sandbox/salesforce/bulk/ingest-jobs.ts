import { ApiError } from '../api-error';
import type { Caller } from '../http-call';
import type { RecordAccess } from '../record-access';
import { batchesOf, createDailyQuotas, type DailyQuotas } from './daily-quotas';
import { createIngestResults, type IngestResults } from './ingest-results';
import { createIngestRunner } from './ingest-runner';
import type { IngestJob, IngestRequest } from './job';
import { invalidState, JobCalls } from './job-calls';
import type { JobRunner } from './job-runner';
import { createJobStore, type JobStore } from './job-store';
import { ingestViews } from './job-view';
import type { PollWatch } from './poll-watch';
import { UploadSplitter } from './upload-splitter';
import { createUploadStore, type UploadStore } from './upload-store';

/** A file on its way into a job. */
export interface IncomingUpload {
  write(piece: Buffer): void;
  /** The file has come in full: it is the job's. */
  complete(): void;
  /** The rest will never come. */
  discard(): void;
}

/** The ingest jobs of one org, from their creation until they are closed; then the runner has them. */
export class IngestJobs {
  readonly uploads: UploadStore;
  readonly results: IngestResults;
  readonly calls: JobCalls<IngestRequest>;
  readonly views;
  private readonly jobs: JobStore<IngestRequest>;
  private readonly quotas: DailyQuotas;
  private readonly runner: JobRunner<IngestRequest>;
  private isStopped = false;

  constructor(
    readonly access: RecordAccess,
    polls: PollWatch,
  ) {
    const { org } = access;
    const jobs = createJobStore<IngestRequest>(org.core.database, 'ingest');
    const uploads = createUploadStore(org.core.database);
    const results = createIngestResults(org.core.database);
    const views = ingestViews(org.ids, () => org.now());
    this.jobs = jobs;
    this.quotas = createDailyQuotas(org);
    this.uploads = uploads;
    this.results = results;
    this.views = views;
    this.runner = createIngestRunner({ access, jobs, uploads, results });
    this.calls = new JobCalls({
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
  }

  /** @throws ApiError when the day's quota is used up */
  create(request: IngestRequest, caller: Caller, apiVersion: number): IngestJob {
    this.quotas.require('DailyBulkApiBatches');
    this.calls.expire();
    const { user, userName } = caller;
    const createdAt = this.access.org.now();
    return this.jobs.insert({ user, userName, request, apiVersion, state: 'Open', createdAt, startsAt: null });
  }

  beginUpload(job: IngestJob): IncomingUpload {
    const upload = this.uploads.begin(job.sequence);
    const splitter = new UploadSplitter(job.request, (chunk, bytes) => this.uploads.addChunk(upload, chunk, bytes));
    return {
      write: (piece) => splitter.write(piece),
      complete: () => this.access.org.transaction(() => this.uploads.complete(upload, splitter.end())),
      discard: () => {
        if (!this.isStopped) this.uploads.discard(upload);
      },
    };
  }

  /** @throws ApiError when it is not open, or was given data twice */
  close(job: IngestJob): IngestJob {
    if (job.state !== 'Open') throw invalidState(`Closing already ${wordFor(job)} Job not allowed`);
    // the spelling is the vendor's
    if (this.uploads.countOf(job.sequence) > 1)
      throw new ApiError(
        400,
        'INVALIDJOB',
        `Found multipe contents for job: <${this.calls.idOf(job)}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`,
      );
    const { org } = this.access;
    const startsAt = org.now() + org.settings.bulkStartDelayMs;
    const closed = org.transaction(() => {
      this.quotas.spend('DailyBulkApiBatches', batchesOf(this.uploads.of(job.sequence)?.rows ?? 0));
      return this.calls.saved({ ...job, state: 'UploadComplete', startsAt });
    });
    this.runner.schedule(closed);
    return closed;
  }

  stop(): void {
    this.isStopped = true;
    this.runner.stop();
  }
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
