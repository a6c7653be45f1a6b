import { allArrivesUntil, type LoadBatch, readBatch, unsettledBatchIds } from '../db/queries/batches';
import { account, enterPhase, type RunningExecution, readExecution, takeOver } from '../db/queries/executions';
import { originOf } from '../db/queries/follow-ups';
import { analyzeStaging, leaveOutDuplicates, listParts, saveParts, stagePage } from '../db/queries/staging';
import { batchIdsOf, nextToUndo, toStaged, writtenBy } from '../db/queries/undo';
import type { Definition } from '../src/domain/definition';
import type { ObjectDescription } from '../src/domain/object-description';
import type { Phase } from '../src/domain/outcome';
import { inParallel } from './in-parallel';
import { WINDOW_ROWS } from './load';
import { waitForTurn } from './load-batch';
import { type ActivityDeps, earlierOf, type PhaseResult, stoppedBy, type Watch, watched } from './run';
import { clearAwayLost, isThrough, type Sender } from './send-batch';
import { finishUndoBatch, planUndo } from './undo-batch';

/** Everything that the phases of an undo need, read once at the start of each attempt. */
export interface Undo extends Sender {
  execution: RunningExecution;
  /** The execution that is undone. */
  origin: RunningExecution;
  definition: Definition;
  destinationObject: ObjectDescription;
}

/**
 * An undo: gathers what an execution has written, and brings it back to what was there before, but for what others have changed since.
 * It has two phases, which are called as those of a run, and the same ledger, batches and guarantees.
 */
export const undoActivities = (deps: ActivityDeps) => ({
  /** Stages what the execution wrote, batch by batch; started again, it goes on behind the last batch. */
  async gatherUndo({ executionId }: { executionId: string }): Promise<PhaseResult> {
    const heartbeat = { phase: 'extract', staged: 0 };
    return watched(deps, executionId, heartbeat, async (watch) => {
      const undo = await openUndo(deps, executionId, 'extract', watch.readSignal);
      const batchIds = await batchIdsOf(deps.sql, undo.origin.executionId);
      for (let next = await place(deps, undo, batchIds.length); next < batchIds.length; next += 1) {
        if (watch.shouldStop()) return { stopped: true };
        heartbeat.staged += await gatherBatch(deps, undo, batchIds, next);
      }
      await analyzeStaging(deps.sql, undo.attempt.stagedOn, 'staged_records');
      // records of the destination that were written more than once
      await leaveOutDuplicates(deps.sql, undo.attempt, 'importEverything', null);
      return { stopped: false };
    });
  },

  /** Deletes and restores; started again after a crash, it settles what was in flight and goes on. */
  async undo({ executionId }: { executionId: string }): Promise<PhaseResult> {
    const heartbeat = { phase: 'load', settled: 0 };
    return watched(deps, executionId, heartbeat, async (watch) => {
      const undo = await openUndo(deps, executionId, 'load', new AbortController().signal);
      const undoer = new Undoer(deps, undo, watch, (records) => {
        heartbeat.settled += records;
      });
      await undoer.finishUnsettled();
      if (!watch.shouldStop()) await undoer.undoAll();
      if (isThrough(watch, undoer.askAgainAt)) await clearAwayLost(deps, undo, watch);
      if (watch.shouldStop()) return stoppedBy(watch, undoer.askAgainAt);
      return undoer.askAgainAt ? { stopped: false, waitUntil: undoer.askAgainAt } : { stopped: false };
    });
  },
});

async function openUndo(deps: ActivityDeps, executionId: string, phase: Phase, signal: AbortSignal): Promise<Undo> {
  await enterPhase(deps.sql, executionId, phase, deps.now());
  const { execution, epoch } = await takeOver(deps.sql, executionId);
  const origin = await readExecution(deps.sql, await originOf(deps.sql, executionId));
  const definition = await deps.definitionOf(execution.syncId, execution.version);
  const connection = await deps.connect(definition.destination.connectionId);
  // before anything is written there
  await connection.demandSameInstance(signal);
  return {
    execution,
    origin,
    attempt: { executionId, epoch, stagedOn: execution.stagedOn },
    definition,
    destination: connection.connector,
    destinationObject: await connection.describe(definition.destination.object, signal, phase === 'extract'),
  };
}

/** @returns how many batches have been gathered */
async function place({ sql }: ActivityDeps, { execution, attempt, origin }: Undo, batches: number): Promise<number> {
  const first = { part: 0, cursor: { gathered: 0 }, sourceIds: null };
  await saveParts(sql, attempt, [first]);
  const [part] = await listParts(sql, execution.executionId);
  await account(sql, attempt, { total: origin.counts.created + origin.counts.updated });
  return part?.cursor ? Number(part.cursor.gathered) : batches;
}

/** @returns how many records it was */
async function gatherBatch(deps: ActivityDeps, { origin, attempt }: Undo, batchIds: readonly string[], index: number) {
  const rows = await writtenBy(deps.sql, origin, batchIds[index] as string); // within the list, see the caller
  const gathered = index + 1;
  const next = gathered < batchIds.length ? { gathered } : null;
  await stagePage(deps.sql, attempt, 0, { rows: rows.map(toStaged), next, total: null });
  return rows.length;
}

/** One attempt at an undo. */
class Undoer {
  /** The earliest moment at which a batch of unknown fate can be asked about; while it is set, the phase is not through. */
  askAgainAt: string | undefined;

  constructor(
    private readonly deps: ActivityDeps,
    private readonly undo: Undo,
    private readonly watch: Watch,
    private readonly onSettled: (records: number) => void,
  ) {}

  async finishUnsettled(): Promise<void> {
    const { sql } = this.deps;
    const { attempt, destination } = this.undo;
    const batchIds = await unsettledBatchIds(sql, attempt.executionId);
    await inParallel(batchIds, destination.limits.batchesAtOnce, async (batchId) =>
      this.finish(await readBatch(sql, attempt.stagedOn, batchId), { isFresh: false }),
    );
  }

  async undoAll(): Promise<void> {
    const { sql, now } = this.deps;
    const { execution, origin, attempt } = this.undo;
    await account(sql, attempt, { total: execution.counts.read });
    // else it would stand over what is put back
    this.askAgainAt = earlierOf(this.askAgainAt, await allArrivesUntil(sql, origin.executionId, now()));
    if (this.askAgainAt) return;
    await inParallel(this.windows(), this.undo.destination.limits.batchesAtOnce, (batch) =>
      this.finish(batch, { isFresh: true }),
    );
  }

  private async *windows(): AsyncGenerator<LoadBatch> {
    const { deps, undo, watch } = this;
    let cursor = undo.execution.loadCursor;
    while (!watch.shouldStop()) {
      const window = await nextToUndo(deps.sql, undo.execution, cursor, WINDOW_ROWS);
      const last = window.at(-1)?.[0];
      if (!last) return;
      cursor = last.sortKey;
      const { batches, ended } = await planUndo(deps, undo, watch, window, cursor);
      this.onSettled(ended);
      yield* batches;
    }
  }

  /** Brings a batch to its end, and then those that follow from it. */
  private async finish(batch: LoadBatch, how: { isFresh: boolean }): Promise<void> {
    await waitForTurn(batch, this.watch);
    const { follow, askAgainAt } = await finishUndoBatch(this.deps, this.undo, this.watch, batch, how);
    this.askAgainAt = earlierOf(this.askAgainAt, askAgainAt);
    this.onSettled(batch.records.length);
    for (const next of follow) await this.finish(next, { isFresh: true });
  }
}
