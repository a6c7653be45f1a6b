import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Sql } from 'postgres';
import type { Sandbox } from '../../../src/sandbox/sandbox';
import { openBulkJobs } from '../vendor-rows';

/** Temporal's list of workflows, and the vendors' own work on what was asked for, may be so late. */
const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 250;

/**
 * What a run has left behind: workflows that are open, and jobs of the vendors that have not ended.
 * @param emptyJob is told of a bulk job without data that was made too late after its asking to be cleared away: the vendor removes it
 */
export async function leftOpen(
  { client, sql, sandbox, executionId }: { client: Client; sql: Sql; sandbox: Sandbox; executionId: string },
  emptyJob: () => void,
): Promise<string[]> {
  for (const deadline = performance.now() + PATIENCE_MS; ; await sleep(LOOK_EVERY_MS)) {
    const { count } = await client.workflow.count("ExecutionStatus = 'Running'");
    const jobs = await openBulkJobs(sandbox.salesforce);
    const known = await knownJobs(sql, executionId);
    const isEmpty = ({ id, state }: { id: string; state: string }) => state === 'Open' && !known.has(id.slice(0, 15));
    const left = [
      ...(count > 0 ? [`${count} workflows are open`] : []),
      ...jobs.filter((job) => !isEmpty(job)).map(({ id, state }) => `the bulk job ${id} is ${state}`),
      ...openExports(sandbox).map((id) => `the export ${id} has not ended`),
    ];
    if (left.length > 0 && performance.now() < deadline) continue;
    for (const _job of jobs.filter(isEmpty)) emptyJob();
    return left;
  }
}

/** An org that was reset gives the same ids again, so other executions do not count. */
async function knownJobs(sql: Sql, executionId: string): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    select handle ->> 'jobId' as id from load_batches
    where execution_id = ${executionId} and handle ->> 'jobId' is not null`;
  return new Set(rows.map(({ id }) => id.slice(0, 15)));
}

/** One that was made and never started holds no place, and is forgotten by the vendor. */
function openExports({ marketo }: Sandbox): string[] {
  const rows = marketo.state.database
    .prepare(`select export_id as id from mk_exports where status in ('Queued', 'Processing')`)
    .all() as { id: string }[];
  return rows.map(({ id }) => id);
}

/** More events than these in one history, and a long run would come near to Temporal's limit. */
const MOST_EVENTS = 1_000;
/** A workflow task that is overtaken by news, and one that another worker takes over: `WorkflowTaskFailedCause` of Temporal's protocol. */
const HARMLESS_CAUSES: readonly unknown[] = [1, 13];

/**
 * Reads the histories of a sync and of its execution.
 * @param again is told of each attempt of an activity beyond its first
 * @returns what may not be in them
 */
export async function faultsOfHistories(
  client: Client,
  workflowIds: readonly string[],
  again: (activity: string, attempts: number) => void,
): Promise<string[]> {
  const faults: string[] = [];
  for (const workflowId of workflowIds) {
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    const names = new Map<string, string>();
    for (const event of events ?? []) {
      const scheduled = event.activityTaskScheduledEventAttributes;
      if (scheduled) names.set(String(event.eventId), scheduled.activityType?.name ?? '');
      // else only the longest time that it may take would tell that its worker has died
      if (scheduled && Number(scheduled.heartbeatTimeout?.seconds ?? 0) === 0)
        faults.push(`nobody notices when ${scheduled.activityType?.name} dies`);
      const started = event.activityTaskStartedEventAttributes;
      if (started) again(names.get(String(started.scheduledEventId)) ?? '', (started.attempt ?? 1) - 1);
      const failed = event.workflowTaskFailedEventAttributes;
      if (failed && !HARMLESS_CAUSES.includes(failed.cause)) faults.push(`${workflowId}: ${failed.failure?.message}`);
    }
    const length = events?.length ?? 0;
    if (length > MOST_EVENTS) faults.push(`${workflowId} has ${length} events`);
  }
  return faults;
}
