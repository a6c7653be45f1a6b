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
import { BUSY_POLL_MS, BUSY_POLLS, endsSoon, PLAN_HOLDS_MS, sleepOver, Turns } from './planning-turn';
import { type ActivityDeps, earlierOf, type PhaseResult, pause, stoppedBy, type Watch, watched } from './run';
import { clearAwayLost, isThrough, type Sender } from './send-batch';
import { finishUndoBatch } from './undo-batch';
import { type PutOff, planUndo } from './undo-plan';

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
      const { askAgainAt: waitUntil, waitsFor } = undoer;
      if (!waitUntil) return { stopped: false };
      return { stopped: false, waitUntil, ...(waitsFor === undefined ? {} : { waitsFor }) };
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
  /** What that is waited for, where it is not an answer of the vendor. */
  waitsFor: string | undefined;
  private readonly turns: Turns;
  /** What others were at work on at the last look. */
  private putOff: PutOff[] = [];

  constructor(
    private readonly deps: ActivityDeps,
    private readonly undo: Undo,
    private readonly watch: Watch,
    private readonly onSettled: (records: number) => void,
  ) {
    this.turns = new Turns(deps, undo, watch);
  }

  async finishUnsettled(): Promise<void> {
    await this.finishAll(await unsettledBatchIds(this.deps.sql, this.undo.attempt.executionId));
  }

  private finishAll(batchIds: readonly string[]): Promise<void> {
    const { attempt, destination } = this.undo;
    return inParallel(batchIds, destination.limits.batchesAtOnce, async (batchId) =>
      this.finish(await readBatch(this.deps.sql, attempt.stagedOn, batchId), null),
    );
  }

  async undoAll(): Promise<void> {
    const { sql, now } = this.deps;
    const { execution, origin, attempt } = this.undo;
    await account(sql, attempt, { total: execution.counts.read });
    // else it would stand over what is put back
    this.askAgainAt = earlierOf(this.askAgainAt, await allArrivesUntil(sql, origin.executionId, now()));
    if (this.askAgainAt) return;
    await inParallel(this.windows(), this.undo.destination.limits.batchesAtOnce, ({ batch, lookedMs }) =>
      this.finish(batch, lookedMs),
    );
    await this.finishPutOff();
  }

  /** No more than can be sent at once: the longer a plan waits, the likelier is it that others change what it was made by. */
  private windowRows(): number {
    const { execution, destination } = this.undo;
    const { batchSize, batchesAtOnce } = destination.limits;
    return Math.min(WINDOW_ROWS, batchSize('update', execution.counts.read) * batchesAtOnce);
  }

  private async *windows(): AsyncGenerator<{ batch: LoadBatch; lookedMs: number }> {
    const { deps, undo, watch } = this;
    let cursor = undo.execution.loadCursor;
    while (!watch.shouldStop()) {
      const window = await nextToUndo(deps.sql, undo.execution, cursor, this.windowRows());
      const last = window.at(-1)?.[0];
      if (!last) return;
      cursor = last.sortKey;
      const planned = await planUndo(deps, undo, watch, this.turns, { window, cursor });
      if (!planned) return;
      this.onSettled(planned.outcomes.length);
      if (planned.putOff) this.putOff.push(planned.putOff);
      for (const batch of planned.batches) yield { batch, lookedMs: planned.lookedMs };
    }
  }

  /** Looks again and again at what others are at work on; where that takes long, or its end is known, the phase is called again then. */
  private async finishPutOff(): Promise<void> {
    const { deps, watch } = this;
    for (let polls = 0; this.putOff.length > 0 && !watch.shouldStop(); polls += 1) {
      if (polls === BUSY_POLLS || !this.putOff.some(({ why }) => endsSoon(why))) {
        for (const { why } of this.putOff) {
          const { askAgainAt, waitsFor } = sleepOver(why, deps.now());
          this.askAgainAt = earlierOf(this.askAgainAt, askAgainAt);
          this.waitsFor = waitsFor;
        }
        return;
      }
      // a stop is noticed by the next look
      await pause(BUSY_POLL_MS, watch.readSignal).catch(() => undefined);
      await this.finishAll(this.putOff.splice(0).flatMap(({ batchIds }) => batchIds));
    }
  }

  /**
   * Brings a batch to its end, and then those that follow from it.
   * @param lookedMs when its records were looked at; null where that was an earlier attempt
   */
  private async finish(batch: LoadBatch, lookedMs: number | null): Promise<void> {
    const { deps, undo, watch, turns } = this;
    await waitForTurn(batch, watch);
    const isFresh = lookedMs !== null && Date.parse(deps.now()) - lookedMs <= PLAN_HOLDS_MS;
    const end = await finishUndoBatch(deps, undo, watch, batch, { isFresh, turns });
    if (end.putOff) this.putOff.push(end.putOff);
    this.askAgainAt = earlierOf(this.askAgainAt, end.askAgainAt);
    this.onSettled(batch.records.length);
    for (const next of end.follow) await this.finish(next, end.lookedMs ?? lookedMs);
  }
}
