import type { Logger } from 'pino';
import type postgres from 'postgres';
import { closeExecution, setStop, takeOver } from '../../db/queries/executions';
import { skipTheRest } from '../../db/queries/ledger';
import { keepPartitions } from '../../db/queries/partitions';
import { type LiveExecution, type LiveSync, liveExecutions, liveSyncs } from '../../db/queries/reconciliation';
import { executionWorkflowId, syncWorkflowId } from '../../workflows/messages';
import type { SyncStart } from '../engine/engine';
import type { TemporalEngine, WorkflowStatus } from '../engine/temporal-engine';
import { Repeating } from './repeating';

const RECONCILE_EVERY_MS = 2_000;
const PARTITIONS_EVERY_MS = 3_600_000;

interface ReconcileDeps {
  sql: postgres.Sql;
  engine: TemporalEngine;
  /** What the workflow of a sync is started with; null when its definition is no longer complete. */
  startOf(sync: LiveSync): Promise<SyncStart | null>;
  retentionDays: number;
  now(): string;
  log: Logger;
}

/**
 * Keeps the database and Temporal of one mind: an active sync without a workflow gets one (its start was lost), and an execution
 * whose workflow was terminated from Temporal's side is closed. Also keeps the partitions of the coming days.
 */
export function reconciling(deps: ReconcileDeps): Repeating[] {
  return [
    new Repeating('reconcile', RECONCILE_EVERY_MS, () => reconcile(deps), deps.log),
    new Repeating('keep partitions', PARTITIONS_EVERY_MS, () => partitions(deps), deps.log),
  ];
}

async function reconcile(deps: ReconcileDeps): Promise<void> {
  for (const execution of await liveExecutions(deps.sql)) await reconcileExecution(deps, execution);
  for (const sync of await liveSyncs(deps.sql)) await reconcileSync(deps, sync);
}

async function reconcileSync(deps: ReconcileDeps, sync: LiveSync): Promise<void> {
  if (sync.isFresh || (await deps.engine.statusOf(syncWorkflowId(sync.syncId))) === 'running') return;
  const start = await deps.startOf(sync);
  if (!start) return;
  await deps.engine.startSync(start);
  deps.log.info({ syncId: sync.syncId }, 'started the workflow of an active sync that had none');
}

async function reconcileExecution(deps: ReconcileDeps, execution: LiveExecution): Promise<void> {
  if (execution.isFresh) return;
  const { executionId, syncId, number } = execution;
  const own: WorkflowStatus = await deps.engine.statusOf(executionWorkflowId(syncId, number));
  // while the sync's workflow lives, it opens or ends the execution by itself
  if (own === 'running' || (await deps.engine.statusOf(syncWorkflowId(syncId))) === 'running') return;
  if (own === 'missing') return;
  await setStop(deps.sql, executionId, 'cancel');
  const { epoch, execution: row } = await takeOver(deps.sql, executionId);
  await skipTheRest(deps.sql, { executionId, epoch, stagedOn: row.stagedOn });
  const problem = 'The workflow of this execution was ended in Temporal.';
  await closeExecution(deps.sql, executionId, { state: 'cancelled', now: deps.now(), problem });
  deps.log.warn({ executionId, syncId }, 'closed an execution whose workflow was ended in Temporal');
}

async function partitions(deps: ReconcileDeps): Promise<void> {
  const dropped = await keepPartitions(deps.sql, deps.now().slice(0, 10), deps.retentionDays);
  if (dropped > 0) deps.log.info({ dropped }, 'dropped the partitions of staged values that are kept no longer');
}
