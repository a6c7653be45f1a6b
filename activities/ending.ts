import { unsettledBatchIds } from '../db/queries/batches';
import { account, closeExecution, readExecution, setProblem, setStop, takeOver } from '../db/queries/executions';
import { skipTheRest } from '../db/queries/ledger';
import { trimStaged } from '../db/queries/retention';
import { letSignInAgain } from '../db/queries/sign-ins';
import { moveSync } from '../db/queries/sync-runs';
import { endWaits, noteInTimeline } from '../db/queries/timeline';
import type { StopKind } from '../db/schema/executions';
import { type Counts, type ExecutionState, endState, isFollowUp, type Phase } from '../src/domain/outcome';
import type { PreviewPhase } from '../src/domain/preview';
import { type Progress, progressOf } from '../src/domain/progress';
import { rememberWhatWasRead } from './changed-only';
import type { ActivityDeps } from './run';

/** What the operator sees of an execution, also through Temporal alone. */
export interface ExecutionSnapshot extends Progress {
  phase: Phase | PreviewPhase | null;
  state: ExecutionState;
  counts: Counts;
  problem: string | null;
}

/** How an execution is watched, held up and ended. */
export const endingActivities = (deps: ActivityDeps) => ({
  async readSnapshot({ executionId }: { executionId: string }): Promise<ExecutionSnapshot> {
    const execution = await readExecution(deps.sql, executionId);
    return {
      phase: execution.phase,
      state: execution.state,
      counts: execution.counts,
      ...progressOf(execution, deps.now()),
      problem: execution.problem,
    };
  },

  /** Says why an execution waits; null when it goes on. */
  async noteProblem(input: { executionId: string; problem: string | null }): Promise<void> {
    await setProblem(deps.sql, input.executionId, input.problem);
    if (input.problem === null) await endWaits(deps.sql, input.executionId);
    else await noteInTimeline(deps.sql, input.executionId, { kind: 'waiting', text: input.problem });
  },

  /** A person has to act: the sync says so, and keeps what it has. */
  async raiseAttention(input: { syncId: string; executionId: string; problem: string }): Promise<void> {
    await setProblem(deps.sql, input.executionId, input.problem);
    await noteInTimeline(deps.sql, input.executionId, { kind: 'waiting', text: input.problem });
    const now = deps.now();
    await moveSync(deps.sql, input.syncId, ['active'], { status: 'needsAttention', problem: input.problem, now });
  },

  /** The cause is mended: a sync that waited for a person goes on by itself. */
  async calmDown(input: { syncId: string; executionId: string }): Promise<void> {
    await setProblem(deps.sql, input.executionId, null);
    await endWaits(deps.sql, input.executionId);
    await letSignInAgain(deps.sql, input.syncId);
    await moveSync(deps.sql, input.syncId, ['needsAttention'], { status: 'active', now: deps.now() });
  },

  /** Leaves a wish for activities, when it came from Temporal's side and not through the API. */
  async requestStop(input: { executionId: string; kind: StopKind }): Promise<void> {
    await setStop(deps.sql, input.executionId, input.kind);
  },

  /** True while batches are out whose fate is not known. */
  async hasUnsettled({ executionId }: { executionId: string }): Promise<boolean> {
    return (await unsettledBatchIds(deps.sql, executionId)).length > 0;
  },

  /**
   * Ends an execution: what was not reached is skipped when it was cancelled; otherwise its state follows from its counts. What is done of
   * each record is committed in parts, so that an attempt goes on where the one before has broken off.
   */
  async finish(input: { executionId: string; cancelled: boolean }): Promise<{ state: ExecutionState; counts: Counts }> {
    const before = await readExecution(deps.sql, input.executionId);
    if (before.state !== 'running') return { state: before.state, counts: before.counts };
    const { execution, ...attempt } = await takeOver(deps.sql, input.executionId);
    if (input.cancelled) await skipTheRest(deps.sql, { ...attempt, stagedOn: execution.stagedOn });
    const { counts } = await readExecution(deps.sql, input.executionId);
    const state = input.cancelled ? 'cancelled' : endState(counts);
    if (!input.cancelled) await rememberWhatWasRead(deps, { execution, epoch: attempt.epoch });
    const closed = await deps.sql.begin(async (tx) => {
      // a later attempt may have closed it, and the next run may have ended since
      await account(tx, attempt, {});
      // whatever it waited for a person with is over; a follow-up leaves the status alone
      if (!isFollowUp(execution.trigger)) {
        await moveSync(tx, execution.syncId, ['needsAttention'], { status: 'active', now: deps.now() });
      }
      return closeExecution(tx, input.executionId, { state, now: deps.now() });
    });
    // where this is interrupted, retention does it
    await trimStaged(deps.sql, execution, deps.now());
    return { state: closed.state, counts: closed.counts };
  },
});
