import { leaveOutDuplicates } from '../db/queries/staging';
import { indexOf } from './changed-only';
import { type ActivityDeps, openRun, type PhaseResult, watched } from './run';

/** Applies the duplicate rule to all staged records at once, in the database; done again, it finds nothing more to leave out. */
export const dedupeActivities = (deps: ActivityDeps) => ({
  async dedupe({ executionId }: { executionId: string }): Promise<PhaseResult> {
    return watched(deps, executionId, { phase: 'dedupe' }, async (watch) => {
      const run = await openRun(deps, executionId, 'dedupe', watch.readSignal);
      const index = run.execution.changedSince === null ? null : indexOf(run);
      await leaveOutDuplicates(deps.sql, run.attempt, run.definition.deduplicate, index);
      return { stopped: watch.shouldStop() };
    });
  },
});
