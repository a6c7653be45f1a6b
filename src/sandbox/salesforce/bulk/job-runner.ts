import { createAppointments } from '../../appointments';
import { ApiError } from '../api-error';
import type { Org } from '../org';
import { MalformedCsv } from './csv-format';
import type { Job, JobRequest } from './job';
import type { JobStore } from './job-store';

/** Why a job fails as a whole; the message is the job's. */
export class JobFailure extends Error {
  override name = 'JobFailure';
}

/** Works on jobs of one kind, side by side. */
export interface JobRunner<Request extends JobRequest> {
  /** Takes a closed job up when its time has come. */
  schedule(job: Job<Request>): void;
  stop(): void;
}

interface JobRunnerOptions<Request extends JobRequest> {
  org: Org;
  jobs: JobStore<Request>;
  /**
   * Does a job, in parts between which other calls get their turn.
   * @param current the job as it is now; undefined when it is not to be worked on any more
   * @throws JobFailure, MalformedCsv, ApiError when the job fails
   */
  work(job: Job<Request>, current: () => Job<Request> | undefined): Promise<void>;
  /** Called when a job has been done, has failed or was given up. */
  ended?(sequence: number): void;
}

/** Jobs that a restart has found waiting or in work are taken up again. */
export function createJobRunner<Request extends JobRequest>({
  org,
  jobs,
  work,
  ended,
}: JobRunnerOptions<Request>): JobRunner<Request> {
  const { clock } = org.core;
  const appointments = createAppointments(clock);
  let isStopped = false;

  const inState = (sequence: number, state: Job['state']): Job<Request> | undefined => {
    const job = isStopped ? undefined : jobs.get(sequence);
    return job?.state === state ? job : undefined;
  };
  const end = (sequence: number, outcome: Pick<Job, 'state' | 'error'>): void => {
    const job = inState(sequence, 'InProgress');
    const now = clock.now();
    if (job) jobs.save({ ...job, ...outcome, modifiedAt: now, finishedAt: now });
  };
  const run = (sequence: number): void => {
    const current = () => inState(sequence, 'InProgress');
    const job = current();
    if (!job) return;
    work(job, current)
      .then(() => {
        if (isStopped) return;
        appointments.later(org.settings.bulkFinishDelayMs, () => end(sequence, { state: 'JobComplete', error: null }));
      })
      .catch((error: unknown) => end(sequence, { state: 'Failed', error: reasonOf(error) }))
      .finally(() => ended?.(sequence));
  };
  const begin = (sequence: number): void => {
    const job = inState(sequence, 'UploadComplete');
    if (!job) return;
    const now = clock.now();
    jobs.save({ ...job, state: 'InProgress', modifiedAt: now, startedAt: now });
    run(sequence);
  };
  const schedule = ({ sequence, startsAt }: Job<Request>): void =>
    appointments.later(Math.max(0, (startsAt ?? 0) - clock.now()), () => begin(sequence));

  for (const job of jobs.inState('UploadComplete')) schedule(job);
  for (const { sequence } of jobs.inState('InProgress')) appointments.later(0, () => run(sequence));
  return {
    schedule,
    stop() {
      isStopped = true;
      appointments.withdraw();
    },
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof JobFailure) return error.message;
  if (error instanceof MalformedCsv) return `InvalidBatch : ${error.message}`;
  if (error instanceof ApiError) return `InvalidBatch : Failed to process query: ${error.errorCode}: ${error.message}`;
  process.emitWarning(error instanceof Error ? error : String(error));
  return 'UnknownError : An unexpected error occurred';
}
