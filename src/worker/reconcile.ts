import type { Logger } from 'pino';
import type postgres from 'postgres';
import { setStop } from '../../db/queries/executions';
import { closePreview, type OpenPreview, openPreviews } from '../../db/queries/previews';
import { type LiveExecution, type LiveSync, liveExecutions, liveSyncs } from '../../db/queries/reconciliation';
import { endActivation } from '../../db/queries/sync-runs';
import { executionWorkflowId, previewWorkflowId, syncWorkflowId } from '../../workflows/messages';
import type { PreviewStart, SyncStart } from '../engine/engine';
import type { TemporalEngine } from '../engine/temporal-engine';
import { Repeating } from './repeating';

const RECONCILE_EVERY_MS = 2_000;

interface ReconcileDeps {
  sql: postgres.Sql;
  engine: TemporalEngine;
  /** What the workflow of a sync is started with; null when its definition is no longer complete. */
  startOf(sync: LiveSync): Promise<SyncStart | null>;
  previewStartOf(preview: OpenPreview): Promise<PreviewStart>;
  now(): string;
  log: Logger;
}

/**
 * Keeps the database and Temporal of one mind: an active sync without a workflow gets one (its start was lost), one whose workflow
 * was terminated in Temporal is cancelled, and an execution that no workflow cares for is brought to its end; likewise previews.
 */
export function reconciling(deps: ReconcileDeps): Repeating[] {
  return [new Repeating('reconcile', RECONCILE_EVERY_MS, () => reconcile(deps), deps.log)];
}

async function reconcile(deps: ReconcileDeps): Promise<void> {
  for (const execution of await liveExecutions(deps.sql)) await reconcileExecution(deps, execution);
  for (const sync of await liveSyncs(deps.sql)) await reconcileSync(deps, sync);
  for (const preview of await openPreviews(deps.sql)) await reconcilePreview(deps, preview);
}

async function reconcileSync(deps: ReconcileDeps, sync: LiveSync): Promise<void> {
  if (sync.isFresh) return;
  const { syncId, activation } = sync;
  const workflow = await deps.engine.look(syncWorkflowId(syncId));
  if (workflow.status === 'running') return;
  if (workflow.status === 'terminated' && workflow.activation === activation) {
    // whoever terminates a sync in Temporal wants it gone
    const problem = 'Its workflow was terminated in Temporal. Activate the sync again to go on.';
    await endActivation(deps.sql, { syncId, activation }, { status: 'cancelled', problem, now: deps.now() });
    deps.log.warn({ syncId }, 'cancelled a sync whose workflow was terminated in Temporal');
    return;
  }
  const start = await deps.startOf(sync);
  if (!start) return;
  await deps.engine.startSync(start);
  deps.log.info({ syncId }, 'started the workflow of an active sync that had none');
}

async function reconcileExecution(deps: ReconcileDeps, execution: LiveExecution): Promise<void> {
  if (execution.isFresh) return;
  const { executionId, syncId, number, isOfLiveSync } = execution;
  const own = await deps.engine.look(executionWorkflowId(syncId, number));
  if (own.status === 'running') return;
  // while the sync's workflow lives, or is about to be started again, it takes up the execution by itself
  if (isOfLiveSync || (await deps.engine.look(syncWorkflowId(syncId))).status === 'running') return;
  await setStop(deps.sql, executionId, 'cancel');
  await deps.engine.endExecution(execution);
  deps.log.warn({ executionId, syncId }, 'an execution without a workflow is brought to its end');
}

/** A preview whose start was lost is started; one that was ended in Temporal is over, since nobody is waited for. */
async function reconcilePreview(deps: ReconcileDeps, preview: OpenPreview): Promise<void> {
  const { previewId, syncId, isCancelled, isFresh } = preview;
  const { status } = await deps.engine.look(previewWorkflowId(previewId));
  if (status === 'running') {
    if (isCancelled) await deps.engine.stopPreview(previewId);
    return;
  }
  // its start may be under way
  if (status === 'missing' && isFresh) return;
  if (status === 'missing' && !isCancelled) {
    await deps.engine.startPreview(await deps.previewStartOf(preview));
    deps.log.info({ previewId, syncId }, 'started the workflow of a preview that had none');
    return;
  }
  const problem = isCancelled ? null : 'Its workflow was ended in Temporal. Ask for another preview.';
  await closePreview(deps.sql, previewId, { state: isCancelled ? 'cancelled' : 'failed', problem, now: deps.now() });
}
