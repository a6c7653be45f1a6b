import { type LoadBatch, readBatch, unsettledBatchIds } from '../db/queries/batches';
import { account, saveCursor } from '../db/queries/executions';
import { analyzeStaging, type MappedRow, mappedAfter, mappedExtent } from '../db/queries/staging';
import type { Values } from '../src/domain/object-description';
import { inParallel } from './in-parallel';
import { finishBatch, waitForTurn } from './load-batch';
import { type Candidate, decideAll, storeDecisions } from './load-plan';
import { type ActivityDeps, openRun, type PhaseResult, type Run, type Watch, watched } from './run';

/** Mapped rows that are looked up and decided together: one bulk job's worth. */
const WINDOW_ROWS = 10_000;

/** Loads every record that has no outcome yet; started again after a crash, it settles what was in flight and goes on. */
export const loadActivities = (deps: ActivityDeps) => ({
  async load({ executionId }: { executionId: string }): Promise<PhaseResult> {
    let settled = 0;
    return watched(
      deps,
      executionId,
      () => ({ phase: 'load', settled }),
      async (watch) => {
        const run = await openRun(deps, executionId, 'load', new AbortController().signal);
        const loader = new Loader(deps, run, watch, (records) => {
          settled += records;
        });
        await loader.finishUnsettled();
        if (!watch.shouldStop()) await loader.loadRounds();
        if (watch.shouldStop()) return { stopped: true };
        return loader.askAgainAt ? { stopped: false, waitUntil: loader.askAgainAt } : { stopped: false };
      },
    );
  },
});

/** One attempt at the load phase of one execution. */
class Loader {
  /** The earliest moment at which a batch of unknown fate can be asked about; while it is set, the phase is not through. */
  askAgainAt: string | undefined;

  constructor(
    private readonly deps: ActivityDeps,
    private readonly run: Run,
    private readonly watch: Watch,
    private readonly onSettled: (records: number) => void,
  ) {}

  /** Batches that an earlier attempt planned or sent come first. */
  async finishUnsettled(): Promise<void> {
    const { sql } = this.deps;
    const batchIds = await unsettledBatchIds(sql, this.run.attempt.executionId);
    await inParallel(batchIds, this.run.destination.limits.batchesAtOnce, async (batchId) =>
      this.finish(await readBatch(sql, this.run.attempt.stagedOn, batchId)),
    );
  }

  /** Round by round, since records with an equal key never travel together. */
  async loadRounds(): Promise<void> {
    const { sql } = this.deps;
    const { execution, attempt } = this.run;
    await analyzeStaging(sql, execution.stagedOn, 'mapped_records');
    const extent = await mappedExtent(sql, execution);
    await account(sql, attempt, { total: extent.records });
    let cursor = execution.loadCursor;
    for (let round = execution.loadRound; round <= extent.rounds && this.mayGoOn(); round += 1) {
      await inParallel(this.windows(round, cursor), this.run.destination.limits.batchesAtOnce, (batch) =>
        this.finish(batch),
      );
      cursor = null;
      if (this.mayGoOn()) await saveCursor(sql, attempt, { load: { round: round + 1, cursor: null } });
    }
  }

  private mayGoOn(): boolean {
    return !this.watch.shouldStop() && this.askAgainAt === undefined;
  }

  /** Plans one window after the other, each committed before the first of its batches is handed out. */
  private async *windows(round: number, start: string | null): AsyncGenerator<LoadBatch> {
    const { deps, run, watch } = this;
    let cursor = start;
    while (!watch.shouldStop()) {
      const rows = await mappedAfter(deps.sql, run.execution, round, cursor, WINDOW_ROWS);
      const last = rows.at(-1);
      if (!last) return;
      const decisions = await decideAll(deps, run, watch, rows.map(toCandidate));
      const batches = await deps.sql.begin((tx) =>
        storeDecisions(tx, run, decisions, { round, cursor: last.sortKey, attempt: 1 }),
      );
      this.onSettled(decisions.outcomes.length);
      cursor = last.sortKey;
      yield* batches;
    }
  }

  /** Brings a batch to its end, and then those that follow from it. */
  private async finish(batch: LoadBatch): Promise<void> {
    await waitForTurn(batch, this.watch);
    const { follow, askAgainAt } = await finishBatch(this.deps, this.run, this.watch, batch);
    if (askAgainAt && (!this.askAgainAt || askAgainAt < this.askAgainAt)) this.askAgainAt = askAgainAt;
    this.onSettled(batch.records.length);
    for (const next of follow) await this.finish(next);
  }
}

const toCandidate = (row: MappedRow): Candidate => ({
  sortKey: row.sortKey,
  sourceId: row.sourceId,
  matchKey: row.matchKey,
  values: JSON.parse(row.body) as Values, // written by map
});
