import { isGrpcServiceError } from '@temporalio/client';
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { setStop } from '../../db/queries/executions';
import { closePreview, type OpenPreview, openPreviews } from '../../db/queries/previews';
import {
  alignStops,
  hasExecution,
  type LiveExecution,
  type LiveSync,
  liveExecutions,
  liveSyncs,
  needlesslyWaiting,
} from '../../db/queries/reconciliation';
import { endActivation, moveSync } from '../../db/queries/sync-runs';
import { executionWorkflowId, parseWorkflowId, previewWorkflowId, syncWorkflowId } from '../../workflows/messages';
import { isFollowUp } from '../domain/outcome';
import type { FollowUpStart, PreviewStart, SyncStart } from '../engine/engine';
import type { TemporalEngine } from '../engine/temporal-engine';
import { Repeating } from './repeating';
import { RunningWorkflows } from './running-workflows';

type Running = Awaited<ReturnType<RunningWorkflows['look']>>;

const RECONCILE_EVERY_MS = 1_500;
/** A workflow that does not heed what it was told is told again after so many rounds. */
const TELL_EVERY_ROUNDS = 20;

interface ReconcileDeps {
  sql: postgres.Sql;
  engine: Pick<
    TemporalEngine,
    | 'askToLookAgain'
    | 'closedSyncs'
    | 'endExecution'
    | 'isSearchable'
    | 'look'
    | 'resumeExecution'
    | 'running'
    | 'startFollowUp'
    | 'startPreview'
    | 'startSync'
    | 'stopFollowUp'
    | 'stopPreview'
    | 'terminate'
  >;
  /** What the workflow of a sync is started with; null when its definition is no longer complete. */
  startOf(sync: LiveSync): Promise<SyncStart | null>;
  previewStartOf(preview: OpenPreview): Promise<PreviewStart>;
  /** What the workflow of an execution that goes over an earlier one is started with. */
  followUpStartOf(execution: LiveExecution): Promise<FollowUpStart | null>;
  now(): string;
  log: Logger;
}

/**
 * Keeps the database and Temporal of one mind: an active sync without a workflow gets one (its start was lost), one whose workflow
 * was terminated in Temporal is cancelled, an execution that no workflow cares for is brought to its end, and a workflow that the
 * database knows otherwise, or not at all, reads it again; likewise previews.
 */
export function reconciling(deps: ReconcileDeps): Repeating[] {
  const reconciliation = new Reconciliation(deps);
  return [new Repeating('reconcile', RECONCILE_EVERY_MS, () => reconciliation.once(), deps.log)];
}

/** What Temporal and the database say, compared again and again. */
class Reconciliation {
  /** Rounds in a row in which something was otherwise than it should be: what passes by itself is left alone. */
  private odd = new Map<string, number>();
  private oddBefore = new Map<string, number>();
  private readonly workflows: RunningWorkflows;

  constructor(private readonly deps: ReconcileDeps) {
    this.workflows = new RunningWorkflows(deps.engine);
  }

  async once(): Promise<void> {
    const { sql } = this.deps;
    // Temporal first: what is read of the database later is newer
    const running = await this.workflows.look();
    const executions = await liveExecutions(sql);
    const syncs = await liveSyncs(sql);
    this.oddBefore = this.odd;
    this.odd = new Map();
    await this.reconcileStatuses();
    for (const execution of executions) {
      await this.apart(execution.syncId, () => this.reconcileExecution(execution, running));
    }
    for (const sync of syncs) await this.apart(sync.syncId, () => this.reconcileSync(sync, running));
    for (const preview of await openPreviews(sql)) {
      await this.apart(preview.syncId, () => reconcilePreview(this.deps, preview));
    }
    const known = new Set([
      ...syncs.map(({ syncId }) => syncWorkflowId(syncId)),
      ...executions.map(({ syncId, number }) => executionWorkflowId(syncId, number)),
    ]);
    for (const workflowId of running.keys()) if (!known.has(workflowId)) await this.reconcileStray(workflowId);
  }

  /** What is wrong with one sync, such as a secret that cannot be opened, holds up no other. @throws where Temporal is away */
  private async apart(syncId: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      if (isGrpcServiceError(err)) throw err;
      this.deps.log.warn({ err, syncId }, 'a sync could not be compared with Temporal; it is tried again');
    }
  }

  /** What the database says of a sync and of its execution. */
  private async reconcileStatuses(): Promise<void> {
    const { sql, engine, now } = this.deps;
    for (const syncId of await alignStops(sql)) await engine.askToLookAgain(syncId);
    for (const syncId of await needlesslyWaiting(sql)) {
      if (this.isTimeToTell(`attention/${syncId}`))
        await moveSync(sql, syncId, ['needsAttention'], { status: 'active', now: now() });
    }
  }

  private async reconcileSync(sync: LiveSync, running: Running): Promise<void> {
    if (sync.isFresh) return;
    const { deps } = this;
    const { syncId, activation, status } = sync;
    const listed = running.get(syncWorkflowId(syncId));
    if (listed) {
      const isOther = listed.activation !== null && listed.activation !== activation;
      const isPaused = listed.phase === 'paused';
      const isAtWork = listed.phase === 'sleeping' || listed.phase === 'running';
      const isOtherwise = isPaused ? status !== 'paused' : isAtWork && status === 'paused';
      if ((isOther || isOtherwise) && this.isTimeToTell(syncWorkflowId(syncId)))
        await deps.engine.askToLookAgain(syncId);
      return;
    }
    const workflow = await deps.engine.look(syncWorkflowId(syncId));
    if (workflow.status === 'running') {
      this.workflows.remember(syncWorkflowId(syncId), workflow);
      return;
    }
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

  private async reconcileExecution(execution: LiveExecution, running: Running): Promise<void> {
    if (execution.isFresh) return;
    if (isFollowUp(execution.trigger)) return this.reconcileFollowUp(execution, running);
    const { deps } = this;
    const { executionId, syncId, number, isOfLiveSync, isOfActiveSync } = execution;
    const workflowId = executionWorkflowId(syncId, number);
    const listed = running.get(workflowId);
    // the database has been taken back to a moment before it waited, or the wish to go on was lost
    if (listed?.phase === 'needsAttention' && isOfActiveSync && this.isTimeToTell(workflowId))
      await deps.engine.resumeExecution(execution);
    if (listed || (await deps.engine.look(workflowId)).status === 'running') return;
    if (running.has(syncWorkflowId(syncId))) {
      // the sync's workflow takes it up by itself, unless it sleeps: the row is of an older backup then
      if (this.isTimeToTell(workflowId)) await deps.engine.askToLookAgain(syncId);
      return;
    }
    // its workflow is about to be started again
    if (isOfLiveSync || (await deps.engine.look(syncWorkflowId(syncId))).status === 'running') return;
    await setStop(deps.sql, executionId, 'cancel');
    await deps.engine.endExecution(execution);
    deps.log.warn({ executionId, syncId }, 'an execution without a workflow is brought to its end');
  }

  /** It has a workflow of its own: one whose start was lost is started, one that was ended in Temporal is brought to its end. */
  private async reconcileFollowUp(execution: LiveExecution, running: Running): Promise<void> {
    const { engine, sql, log } = this.deps;
    const { executionId, syncId, number, isCancelled } = execution;
    const workflowId = executionWorkflowId(syncId, number);
    const isListed = running.has(workflowId);
    const status = isListed ? 'running' : (await engine.look(workflowId)).status;
    if (status === 'running') {
      if (isCancelled && this.isTimeToTell(workflowId)) await engine.stopFollowUp(execution);
      return;
    }
    const start = status === 'missing' && !isCancelled ? await this.deps.followUpStartOf(execution) : null;
    if (start) {
      await engine.startFollowUp(start);
      log.info({ executionId, syncId }, 'started the workflow of an execution that had none');
      return;
    }
    await setStop(sql, executionId, 'cancel');
    await engine.endExecution(execution);
    log.warn({ executionId, syncId }, 'an execution without a workflow is brought to its end');
  }

  /** A workflow that runs although the database says that it is over, or does not know it. */
  private async reconcileStray(workflowId: string): Promise<void> {
    const parsed = parseWorkflowId(workflowId);
    if (!parsed || !this.isTimeToTell(workflowId)) return;
    const { syncId, number } = parsed;
    if (number === null) await this.deps.engine.askToLookAgain(syncId);
    else if (!(await hasExecution(this.deps.sql, syncId, number))) {
      await this.deps.engine.terminate(
        workflowId,
        'Sync does not know this execution: its database is of an older backup.',
      );
      this.deps.log.warn({ workflowId }, 'terminated the workflow of an execution that the database does not know');
    }
  }

  /** Whether something is otherwise for long enough; said in the second round, and then now and then. */
  private isTimeToTell(workflowId: string): boolean {
    const rounds = (this.oddBefore.get(workflowId) ?? 0) + 1;
    this.odd.set(workflowId, rounds);
    return rounds === 2 || rounds % TELL_EVERY_ROUNDS === 0;
  }
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
