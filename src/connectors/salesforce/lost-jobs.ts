import type { ObjectDescription } from '../../domain/object-description';
import type { LostAsking, Unclaimed, WriteHandle } from '../connector';
import { abort, type OpenJob, openJobs } from './bulk-ingest';
import type { SalesforceClient } from './client';

/** Their clock knows seconds alone, and tells its time by the second. */
const CLOCK_TOLERANCE_MS = 2_000;
/** A job is made so soon after it was asked for, or it is not taken for ours. */
const MADE_WITHIN_MS = 10_000;

/**
 * Aborts the jobs that were created for us and whose Ids never arrived. A job bears no name of ours, so one is ours only if it was made
 * by our user, just as we make them and when we asked, and no batch has it. Where there are more of them than we lost, all are left.
 */
export async function abortLostJobs(
  client: SalesforceClient,
  {
    object,
    lost,
    unclaimed,
  }: {
    object: ObjectDescription;
    lost: readonly LostAsking[];
    unclaimed: (handles: readonly WriteHandle[]) => Promise<Unclaimed>;
  },
  signal: AbortSignal,
): Promise<void> {
  for (const operation of new Set(lost.map((asking) => asking.operation))) {
    const askedAt = lost.filter((asking) => asking.operation === operation).map((asking) => asking.askedAt);
    const { jobs, aheadMs } = await openJobs(client, { objectName: object.name, operation }, { signal });
    const near = jobs.filter((job) => isNear(job, askedAt, aheadMs));
    if (near.length === 0) continue;
    const { handles, othersAskedAt } = await unclaimed(near.map(({ jobId }) => ({ jobId })));
    const nobodys = new Set(handles.map(({ jobId }) => jobId));
    const ours = near.filter((job) => nobodys.has(job.jobId) && !isNear(job, othersAskedAt, aheadMs));
    if (ours.length > askedAt.length) continue;
    for (const { jobId } of ours) await abort(client, jobId, { signal });
  }
}

const isNear = ({ createdAt }: OpenJob, askedAt: readonly string[], aheadMs: number): boolean =>
  askedAt.some((moment) => {
    const sinceMs = createdAt - (Date.parse(moment) + aheadMs);
    return sinceMs >= -CLOCK_TOLERANCE_MS && sinceMs <= MADE_WITHIN_MS;
  });
