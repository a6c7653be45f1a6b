import { ApplicationFailure } from '@temporalio/activity';
import { type LoadBatch, markSettled, outdatedBatchIds, readBatch, unsettledBatchIds } from '../db/queries/batches';
import { account, hasLoadedBefore, saveCursor } from '../db/queries/executions';
import { type InFlight, postpone } from '../db/queries/planning-leases';
import {
  analyzeStaging,
  lastRoundOf,
  type MappedRow,
  mappedAfter,
  mappedExtent,
  mappedOf,
} from '../db/queries/staging';
import type { Limits } from '../src/connectors/connector';
import { FailureWatch } from '../src/domain/failure-watch';
import { FailureType } from '../src/domain/failures';
import type { Outcome } from '../src/domain/outcome';
import { ahead } from './ahead';
import { inParallel } from './in-parallel';
import { finishBatch, waitForTurn } from './load-batch';
import { type Decisions, decideAll, storeDecisions, toCandidate } from './load-plan';
import {
  BUSY_POLL_MS,
  BUSY_POLLS,
  type Busy,
  endsSoon,
  PLAN_HOLDS_MS,
  sleepOver,
  type Turn,
  Turns,
} from './planning-turn';
import {
  type ActivityDeps,
  earlierOf,
  openRun,
  type PhaseInput,
  type PhaseResult,
  pause,
  type Run,
  stoppedBy,
  type Watch,
  watched,
} from './run';
import { clearAwayLost, isThrough } from './send-batch';

/** The most mapped rows that are looked up and decided together: one bulk job's worth. */
export const WINDOW_ROWS = 10_000;

/** As many of them as the destination can be asked about at once: what a worker that dies has looked up is looked up again. */
export const windowRows = ({ batchSize, lookupKeys, lookupsAtOnce }: Limits): number =>
  Math.min(WINDOW_ROWS, Math.max(batchSize('create', WINDOW_ROWS), lookupKeys * lookupsAtOnce));

/** So many batches wait to be sent at most, a window of them, so that what is looked up next need not wait until they have been. */
const batchesAhead = (limits: Limits): number =>
  Math.ceil(windowRows(limits) / limits.batchSize('create', windowRows(limits)));

/** Loads every record that has no outcome yet; started again after a crash, it settles what was in flight and goes on. */
export const loadActivities = (deps: ActivityDeps) => ({
  async load({ executionId, firstSeen = false }: PhaseInput): Promise<PhaseResult> {
    const heartbeat = { phase: 'load', settled: 0 };
    return watched(deps, executionId, heartbeat, async (watch) => {
      const run = await openRun(deps, executionId, 'load', new AbortController().signal);
      const most = firstSeen ? Number.POSITIVE_INFINITY : await recordsOfFirstRun(deps, run);
      const loader = new Loader(deps, run, watch, most, (records) => {
        heartbeat.settled += records;
      });
      await loader.finishUnsettled();
      if (!watch.shouldStop()) await loader.loadRounds();
      if (isThrough(watch, loader.askAgainAt)) await clearAwayLost(deps, run, watch);
      if (watch.shouldStop()) return stoppedBy(watch, loader.askAgainAt);
      loader.complain();
      const { askAgainAt: waitUntil, waitsFor } = loader;
      if (waitUntil) return { stopped: false, waitUntil, ...(waitsFor === undefined ? {} : { waitsFor }) };
      return loader.isHeld ? { stopped: false, hold: firstRunText(most) } : { stopped: false };
    });
  },
});

/** How many records the load may take on before a person has seen them. */
async function recordsOfFirstRun(deps: ActivityDeps, { definition, execution }: Run): Promise<number> {
  if (!definition.firstRun || execution.trigger === 'retry' || (await hasLoadedBefore(deps.sql, execution)))
    return Number.POSITIVE_INFINITY;
  return definition.firstRun.records;
}

const firstRunText = (records: number): string =>
  `The first ${records} records have been loaded. Look at what became of them, then resume to load the rest, or cancel.`;

/** One attempt at the load phase of one execution. */
class Loader {
  /** The earliest moment at which a batch of unknown fate can be asked about; while it is set, the phase is not through. */
  askAgainAt: string | undefined;
  /** What that is waited for, where it is not an answer of the vendor. */
  waitsFor: string | undefined;
  /** All records that may be loaded for now have been taken on, and there are more. */
  isHeld = false;
  /** The last record before the hold, by its sort key. */
  private heldAfter: string | null = null;
  private readonly failures: FailureWatch;
  /** Records that this and earlier attempts have taken on. */
  private taken: number;
  private lastRound = 1;
  /** The first round of what was put off, since something is on its way to the same records. */
  private postponedFrom: number | undefined;
  /** When batches were planned, or found planned, by this attempt. */
  private readonly plannedMs = new Map<string, number>();
  private readonly turns: Turns;

  /** @param most records that may be taken on by the execution as a whole */
  constructor(
    private readonly deps: ActivityDeps,
    private readonly run: Run,
    private readonly watch: Watch,
    private readonly most: number,
    private readonly onSettled: (records: number) => void,
  ) {
    const isRetry = run.execution.trigger === 'retry';
    // records that have failed may well fail again
    this.failures = new FailureWatch(isRetry ? undefined : run.definition.stopAfterFailures);
    this.taken = run.execution.progressDone;
    this.turns = new Turns(deps, run, watch);
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
    const { executionId, stagedOn } = this.run.attempt;
    const outdated = await this.planOutdatedAnew();
    const batchIds = await unsettledBatchIds(sql, executionId);
    for (const batchId of batchIds) this.notePlanned(batchId);
    for (const batchId of outdated) this.plannedMs.set(batchId, Number.NEGATIVE_INFINITY);
    await inParallel(batchIds, this.run.destination.limits.batchesAtOnce, async (batchId) => {
      if (this.failures.complaint()) return;
      const batch = await readBatch(sql, stagedOn, batchId);
      this.taken += batch.records.length;
      await this.finish(batch);
    });
  }

  private notePlanned(batchId: string): void {
    this.plannedMs.set(batchId, Date.parse(this.deps.now()));
  }

  /**
   * Decides again about batches that were not sent for long: others may have been at work in the destination since.
   * @returns those as old that have been sent: what became of them has to be asked first
   */
  private async planOutdatedAnew(): Promise<string[]> {
    const sent: string[] = [];
    const { deps, run, watch } = this;
    const before = new Date(Date.parse(deps.now()) - PLAN_HOLDS_MS).toISOString();
    // one after the other, as turns are
    for (const batchId of await outdatedBatchIds(deps.sql, run.attempt.executionId, before)) {
      if (watch.shouldStop()) break;
      const batch = await readBatch(deps.sql, run.attempt.stagedOn, batchId);
      if (batch.sentAt === null) await this.planAnew(batch);
      else sent.push(batchId);
    }
    return sent;
  }

  /** Whether a batch was planned so long ago that what it was planned by may hold no more. */
  private isOutdated({ batchId }: LoadBatch): boolean {
    const plannedMs = this.plannedMs.get(batchId);
    return plannedMs !== undefined && Date.parse(this.deps.now()) - plannedMs > PLAN_HOLDS_MS;
  }

  /**
   * @param applied outcomes of those of its records that it has written
   * @returns what is to be sent in place of a batch; nothing when the phase is to stop
   */
  private async planAnew(
    { batchId, round, attempt, records }: LoadBatch,
    applied: readonly Outcome[] = [],
  ): Promise<LoadBatch[]> {
    const written = new Set(applied.map(({ sortKey }) => sortKey));
    const rows = await mappedOf(
      this.deps.sql,
      this.run.execution,
      round,
      records.map(({ sortKey }) => sortKey).filter((sortKey) => !written.has(sortKey)),
    );
    const planned = await this.turns.take(async (turn) => {
      const { decisions, busy } = await this.decideFree(turn, rows);
      decisions.outcomes.push(...applied);
      return this.store(turn, decisions, busy, { round, after: null, cursor: null, attempt, replaces: batchId });
    });
    return planned ?? [];
  }

  private noteEnded(outcomes: readonly Outcome[]): void {
    this.onSettled(outcomes.length);
    this.failures.add(outcomes.length, outcomes.filter(({ outcome }) => outcome === 'failed').length);
  }

  /** Round by round, since records with an equal key never travel together. */
  async loadRounds(): Promise<void> {
    const { sql } = this.deps;
    const { execution, attempt } = this.run;
    await analyzeStaging(sql, execution.stagedOn, 'mapped_records');
    const { records, rounds } = await mappedExtent(sql, execution);
    await account(sql, attempt, { total: records });
    this.lastRound = rounds;
    let cursor = execution.loadCursor;
    for (let round = execution.loadRound; round <= this.lastRound && this.mayGoOn(); round += 1) {
      await this.loadRound(round, cursor);
      cursor = null;
      if (this.mayGoOn()) await saveCursor(sql, attempt, { load: { round: round + 1, cursor: null } });
    }
  }

  /** What was put back of what was taken on makes room for others. @param start the sort key after which it begins */
  private async loadRound(round: number, start: string | null): Promise<void> {
    const { limits } = this.run.destination;
    this.heldAfter = start;
    do {
      this.isHeld = false;
      const batches = ahead(this.windows(round, this.heldAfter), batchesAhead(limits));
      await inParallel(batches, limits.batchesAtOnce, (batch) => this.finish(batch));
    } while (this.isHeld && this.taken < this.most && !this.watch.shouldStop());
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
      const room = Math.min(windowRows(run.destination.limits), this.most - this.taken);
      const rows = await mappedAfter(deps.sql, run.execution, round, cursor, Math.max(room, 1));
      const last = rows.at(-1);
      if (!last) return;
      if (room <= 0) {
        this.isHeld = true;
        this.heldAfter = cursor;
        return;
      }
      const batches = await this.plan(rows, { round, after: cursor, last: last.sortKey });
      if (!batches) return;
      cursor = last.sortKey;
      for (const batch of batches) {
        // what has been planned and not sent is the first that the next attempt sends
        if (this.failures.complaint()) return;
        yield batch;
      }
    }
  }

  /**
   * Decides what becomes of a window's records, and stores it. Those to which something is on its way are put off behind the last round;
   * where nothing else is left, it waits for them.
   * @returns what is to be sent; null when the phase is to stop or to wait before that
   */
  private async plan(
    rows: readonly MappedRow[],
    place: { round: number; after: string | null; last: string },
  ): Promise<LoadBatch[] | null> {
    let why: InFlight | null = null;
    for (let poll = 0; poll < BUSY_POLLS; poll += 1) {
      const planned = await this.turns.take((turn) => this.planInTurn(turn, rows, place));
      if (planned === null || Array.isArray(planned)) return planned;
      ({ why } = planned);
      if (why === null || !endsSoon(why)) break;
      // a stop is noticed by the next look
      await pause(BUSY_POLL_MS, this.watch.readSignal).catch(() => undefined);
    }
    if (why) {
      const { askAgainAt, waitsFor } = sleepOver(why, this.deps.now());
      this.askAgainAt = earlierOf(this.askAgainAt, askAgainAt);
      this.waitsFor = waitsFor;
    }
    return null;
  }

  private async planInTurn(
    turn: Turn,
    rows: readonly MappedRow[],
    { round, after, last }: { round: number; after: string | null; last: string },
  ): Promise<LoadBatch[] | Busy> {
    const { decisions, busy } = await this.decideFree(turn, rows);
    if (busy.rows.length > 0 && this.hasPostponed(round)) return busy;
    const batches = await this.store(turn, decisions, busy, { round, after, cursor: last, attempt: 1 });
    this.taken += rows.length - busy.rows.length - decisions.outcomes.length;
    return batches;
  }

  /** Decides about those records that nothing is on its way to, by what they are told by here and by what they are there. */
  private async decideFree(
    turn: Turn,
    rows: readonly MappedRow[],
  ): Promise<{ decisions: Decisions; busy: Busy<MappedRow> }> {
    const told = new Set(turn.busyOf(rows).rows);
    const free = rows.filter((row) => !told.has(row));
    const decisions = await decideAll(this.deps, this.run, this.watch, free.map(toCandidate));
    const ids = new Map(
      [...decisions.updates, ...decisions.outcomes].map(({ sortKey, destinationId }) => [sortKey, destinationId]),
    );
    const busy = turn.busyOf(rows, ({ sortKey }) => {
      const id = ids.get(sortKey) ?? null;
      return id === null ? [] : [id];
    });
    const busyKeys = new Set(busy.rows.map(({ sortKey }) => sortKey));
    const isFree = ({ sortKey }: { sortKey: string }) => !busyKeys.has(sortKey);
    return {
      busy,
      decisions: {
        outcomes: decisions.outcomes.filter(isFree),
        creates: decisions.creates.filter(isFree),
        updates: decisions.updates.filter(isFree),
      },
    };
  }

  /** Stores what was decided, puts off what is busy, and ends the turn, in one transaction. @returns what is to be sent */
  private async store(
    turn: Turn,
    decisions: Decisions,
    { rows: busy }: Busy<MappedRow>,
    place: { round: number; after: string | null; cursor: string | null; attempt: number; replaces?: string },
  ): Promise<LoadBatch[]> {
    const { deps, run } = this;
    const { round, after, cursor, attempt, replaces } = place;
    const batches = await deps.sql.begin(async (tx) => {
      if (replaces !== undefined) await markSettled(tx, replaces, deps.now());
      if (busy.length > 0) await postpone(tx, run.execution, busy, { round, after });
      const stored = await storeDecisions(tx, run, decisions, { round, cursor, attempt, at: deps.now() });
      await turn.end(tx);
      return stored;
    });
    if (busy.length > 0) {
      // other records may be in the rounds between the one of a batch that is planned anew and the last
      if (replaces === undefined) this.postponedFrom ??= this.lastRound + 1;
      this.lastRound = await lastRoundOf(deps.sql, run.execution);
    }
    for (const { batchId } of batches) this.notePlanned(batchId);
    this.taken += decisions.outcomes.length;
    this.noteEnded(decisions.outcomes);
    return batches;
  }

  /** Whether a round holds only what has been put off. */
  private hasPostponed(round: number): boolean {
    return this.postponedFrom !== undefined && round >= this.postponedFrom;
  }

  /** Brings a batch to its end, and then those that follow from it. */
  private async finish(batch: LoadBatch): Promise<void> {
    await waitForTurn(batch, this.watch);
    const end = await finishBatch(this.deps, this.run, this.watch, batch, { isOutdated: this.isOutdated(batch) });
    if ('applied' in end) {
      for (const next of await this.planAnew(batch, end.applied)) await this.finish(next);
      return;
    }
    const { follow, askAgainAt, ended, failed, putBack = 0 } = end;
    if (putBack > 0) {
      this.taken -= putBack;
      this.lastRound = await lastRoundOf(this.deps.sql, this.run.execution);
    }
    this.failures.add(ended, failed);
    this.askAgainAt = earlierOf(this.askAgainAt, askAgainAt);
    this.onSettled(batch.records.length);
    const plannedMs = this.plannedMs.get(batch.batchId);
    for (const next of follow) {
      // what is sent again is as it was planned then
      if (plannedMs !== undefined) this.plannedMs.set(next.batchId, plannedMs);
      await this.finish(next);
    }
  }
}
