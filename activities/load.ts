import { ApplicationFailure } from '@temporalio/activity';
import { type LoadBatch, readBatch, unsettledBatchIds } from '../db/queries/batches';
import { account, hasLoadedBefore, saveCursor } from '../db/queries/executions';
import { analyzeStaging, type MappedRow, mappedAfter, mappedExtent } from '../db/queries/staging';
import { FailureWatch } from '../src/domain/failure-watch';
import { FailureType } from '../src/domain/failures';
import type { Values } from '../src/domain/object-description';
import { inParallel } from './in-parallel';
import { finishBatch, waitForTurn } from './load-batch';
import { type Candidate, decideAll, storeDecisions } from './load-plan';
import { type ActivityDeps, openRun, type PhaseInput, type PhaseResult, type Run, type Watch, watched } from './run';

/** Mapped rows that are looked up and decided together: one bulk job's worth. */
const WINDOW_ROWS = 10_000;

/** Loads every record that has no outcome yet; started again after a crash, it settles what was in flight and goes on. */
export const loadActivities = (deps: ActivityDeps) => ({
  async load({ executionId, firstSeen = false }: PhaseInput): Promise<PhaseResult> {
    let settled = 0;
    return watched(
      deps,
      executionId,
      () => ({ phase: 'load', settled }),
      async (watch) => {
        const run = await openRun(deps, executionId, 'load', new AbortController().signal);
        const most = firstSeen ? Number.POSITIVE_INFINITY : await recordsOfFirstRun(deps, run);
        const loader = new Loader(deps, run, watch, most, (records) => {
          settled += records;
        });
        await loader.finishUnsettled();
        if (!watch.shouldStop()) await loader.loadRounds();
        if (watch.shouldStop()) return { stopped: true };
        if (loader.askAgainAt) return { stopped: false, waitUntil: loader.askAgainAt };
        loader.complain();
        return loader.isHeld ? { stopped: false, hold: firstRunText(most) } : { stopped: false };
      },
    );
  },
});

/** How many records the load may take on before a person has seen them. */
async function recordsOfFirstRun(deps: ActivityDeps, { definition, execution }: Run): Promise<number> {
  if (!definition.firstRun || (await hasLoadedBefore(deps.sql, execution))) return Number.POSITIVE_INFINITY;
  return definition.firstRun.records;
}

const firstRunText = (records: number): string =>
  `The first ${records} records have been loaded. Look at what became of them, then resume to load the rest, or cancel.`;

/** One attempt at the load phase of one execution. */
class Loader {
  /** The earliest moment at which a batch of unknown fate can be asked about; while it is set, the phase is not through. */
  askAgainAt: string | undefined;
  /** All records that may be loaded for now have been taken on, and there are more. */
  isHeld = false;
  private readonly failures: FailureWatch;
  /** Records that this and earlier attempts have taken on. */
  private taken: number;

  /** @param most records that may be taken on by the execution as a whole */
  constructor(
    private readonly deps: ActivityDeps,
    private readonly run: Run,
    private readonly watch: Watch,
    private readonly most: number,
    private readonly onSettled: (records: number) => void,
  ) {
    this.failures = new FailureWatch(run.definition.stopAfterFailures);
    this.taken = run.execution.progressDone;
  }

  /** @throws ApplicationFailure for a person, when too many of the last records have failed */
  complain(): void {
    const complaint = this.failures.complaint();
    if (complaint)
      throw ApplicationFailure.nonRetryable(complaint, FailureType.NeedsAttention, { code: 'stopAfterFailures' });
  }

  /** Batches that an earlier attempt planned or sent come first. */
  async finishUnsettled(): Promise<void> {
    const { sql } = this.deps;
    const batchIds = await unsettledBatchIds(sql, this.run.attempt.executionId);
    await inParallel(batchIds, this.run.destination.limits.batchesAtOnce, async (batchId) => {
      if (this.failures.complaint()) return;
      const batch = await readBatch(sql, this.run.attempt.stagedOn, batchId);
      this.taken += batch.records.length;
      await this.finish(batch);
    });
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
    if (this.watch.shouldStop() || this.failures.complaint()) return false;
    return !this.isHeld && this.askAgainAt === undefined;
  }

  /** Plans one window after the other, each committed before the first of its batches is handed out. */
  private async *windows(round: number, start: string | null): AsyncGenerator<LoadBatch> {
    const { deps, run, watch } = this;
    let cursor = start;
    while (!watch.shouldStop() && !this.failures.complaint()) {
      const room = Math.min(WINDOW_ROWS, this.most - this.taken);
      const rows = await mappedAfter(deps.sql, run.execution, round, cursor, Math.max(room, 1));
      const last = rows.at(-1);
      if (!last) return;
      if (room <= 0) {
        this.isHeld = true;
        return;
      }
      this.taken += rows.length;
      const decisions = await decideAll(deps, run, watch, rows.map(toCandidate));
      const batches = await deps.sql.begin((tx) =>
        storeDecisions(tx, run, decisions, { round, cursor: last.sortKey, attempt: 1 }),
      );
      this.onSettled(decisions.outcomes.length);
      this.failures.add(
        decisions.outcomes.length,
        decisions.outcomes.filter(({ outcome }) => outcome === 'failed').length,
      );
      cursor = last.sortKey;
      for (const batch of batches) {
        // what has been planned and not sent is the first that the next attempt sends
        if (this.failures.complaint()) return;
        yield batch;
      }
    }
  }

  /** Brings a batch to its end, and then those that follow from it. */
  private async finish(batch: LoadBatch): Promise<void> {
    await waitForTurn(batch, this.watch);
    const { follow, askAgainAt, ended, failed } = await finishBatch(this.deps, this.run, this.watch, batch);
    this.failures.add(ended, failed);
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
