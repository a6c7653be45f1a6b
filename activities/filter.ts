import { saveCursor } from '../db/queries/executions';
import { appendOutcomes } from '../db/queries/ledger';
import { stagedAfter } from '../db/queries/staging';
import { compileRowFilter } from '../src/domain/filter';
import type { Value } from '../src/domain/object-description';
import { outcomeOf } from '../src/domain/outcome';
import { type ActivityDeps, filterToEvaluate, openRun, type PhaseResult, watched } from './run';

const PAGE_ROWS = 2_500;

/** Evaluates what the source system could not evaluate of the filter; started again, it goes on behind the last page. */
export const filterActivities = (deps: ActivityDeps) => ({
  async filter({ executionId }: { executionId: string }): Promise<PhaseResult> {
    const heartbeat = { phase: 'filter', looked: 0 };
    return watched(deps, executionId, heartbeat, async (watch) => {
      const run = await openRun(deps, executionId, 'filter', watch.readSignal);
      const local = filterToEvaluate(run);
      if (!local) return { stopped: false };
      const { fields, asOf, timeZone } = run.readRequest;
      const holds = compileRowFilter(local, run.sourceObject, { asOf, timeZone, fields });
      let after = run.execution.filterCursor;
      while (!watch.shouldStop()) {
        const rows = await stagedAfter(deps.sql, run.execution, after, PAGE_ROWS);
        const last = rows.at(-1);
        if (!last) return { stopped: false };
        const leftOut = rows
          .filter((row) => !holds(JSON.parse(row.body) as Value[])) // written by extract
          .map((row) => outcomeOf(row, 'filteredOut', { reason: 'filter' }));
        await deps.sql.begin(async (tx) => {
          await saveCursor(tx, run.attempt, { filter: last.sortKey });
          await appendOutcomes(tx, run.attempt, leftOut, { progress: rows.length });
        });
        after = last.sortKey;
        heartbeat.looked += rows.length;
      }
      return { stopped: true };
    });
  },
});
