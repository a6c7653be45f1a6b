import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { PhaseInput, PhaseResult } from '../activities/run';
import { FailureType } from '../src/domain/failures';
import { NO_COUNTS, PHASES, type Phase } from '../src/domain/outcome';
import { longOptions, shortOptions } from './activity-options';
import { type ExecutionInput, type ExecutionResult, progress, resumeExecution, stopExecution } from './messages';
import { phaseAttributes } from './search-attributes';
import { countsTable, type Labels, progressDetails, readable, summary } from './summary';

/** About five minutes in all; then the execution says what it waits for, and tries again by itself. */
const MOST_ATTEMPTS = 40;

/** How the phases of an execution are called. @param text what the Temporal Web UI shows of one */
export const phaseOptions = (text: string) => longOptions(text, '30 days', MOST_ATTEMPTS);

type CallPhase = (input: PhaseInput) => Promise<PhaseResult>;
/** What an execution does in each phase; it passes over those that are missing. */
export type Course = Partial<Record<Phase, CallPhase>> & {
  load: CallPhase;
  /** How its counts are called, where they are not those of a run. */
  labels?: Labels;
};

/** What a run does. */
export const RUN: Course & Record<Phase, CallPhase> = {
  extract: proxyActivities<Activities>(phaseOptions('Read the source and stage what it gives')).extract,
  filter: proxyActivities<Activities>(phaseOptions('Apply what the source could not evaluate of the filter')).filter,
  dedupe: proxyActivities<Activities>(phaseOptions('Apply the duplicate rule')).dedupe,
  map: proxyActivities<Activities>(phaseOptions('Map source fields to destination fields')).map,
  load: proxyActivities<Activities>(phaseOptions('Look up, create and update in the destination')).load,
};

const short = (text: string) => proxyActivities<Activities>(shortOptions(text, '5 minutes'));
/** What has no outcome is told, and what the next run needs is remembered: in parts, however many records there are. */
const closing = proxyActivities<Activities>(shortOptions('Close the execution', '1 day'));
const local = proxyLocalActivities<Activities>({
  startToCloseTimeout: '10 seconds',
  summary: 'Read the progress shown here',
});

/** Leaves a single event in the history, since a quota may be waited for again and again. */
const localNote = proxyLocalActivities<Activities>({
  startToCloseTimeout: '10 seconds',
  summary: 'Note what it waits for',
});

const THROUGH: PhaseResult = { stopped: false };
const VENDOR = 'waiting for the vendor';
const FIRST_REFRESH_MS = 3_000;
const SLOWEST_REFRESH_MS = 600_000;
/** How long it waits before it tries again by itself: longer each time. */
export const FIRST_PROBE_MS = 60_000;
export const SLOWEST_PROBE_MS = 1_800_000;

/** What is shown of a phase that has just begun. */
const NOTHING_YET = { done: 0, total: null, perSecond: null, secondsLeft: null, problem: null };

/** Why a phase could not go on. `resetsAt`: when a quota that is used up begins anew; `isForPerson`: trying again does not help. */
function reasonOf(error: unknown): { message: string; resetsAt: string | null; isForPerson: boolean } {
  const failure = error instanceof ActivityFailure ? error.cause : error;
  const message = failure instanceof Error ? failure.message : String(failure);
  if (!(failure instanceof ApplicationFailure)) return { message, resetsAt: null, isForPerson: false };
  const isForPerson = failure.type === FailureType.NeedsAttention;
  if (failure.type !== FailureType.QuotaExhausted) return { message, resetsAt: null, isForPerson };
  const [{ resetsAt }] = failure.details as [{ resetsAt: string }]; // put there by toFailure
  return { message, resetsAt, isForPerson };
}

/** One run of a sync: extract, filter, dedupe, map, load. It ends when every record that was read has its outcome. */
export function execution(input: ExecutionInput): Promise<ExecutionResult> {
  return throughItsCourse(new ExecutionRun(input, RUN));
}

/** Brings an execution to its end, and takes what is wished of it meanwhile. */
export async function throughItsCourse(run: ExecutionRun): Promise<ExecutionResult> {
  setHandler(stopExecution, ({ kind }) => run.stop(kind), { description: 'Pause or cancel between two batches' });
  setHandler(resumeExecution, () => run.goOn(), { description: 'Go on after a pause or a problem' });
  setHandler(progress, () => run.progress(), { description: 'The present phase, and what it waits for' });
  for (const phase of PHASES) {
    if (run.isCancelled()) break;
    if (run.course[phase]) await run.throughPhase(phase);
  }
  return CancellationScope.nonCancellable(() => run.end());
}

/** One execution on its way. */
export class ExecutionRun {
  private phase: Phase | null = null;
  protected problem: string | null = null;
  /** As they were when they were read last, to be shown. */
  private counts = NO_COUNTS;
  private stopped: 'cancel' | 'pause' | null = null;
  /** Grows with each `resume`, so that a waiting phase notices one. */
  private resumes = 0;
  private scope: CancellationScope | null = null;
  /** It waits for a quota, a person or the end of a pause. */
  private isResting = false;
  /** A person has seen the first records of a first run. */
  private firstSeen = false;
  /** The local activity that was asked for last. */
  private lastLocal: Promise<unknown> = Promise.resolve();

  constructor(
    protected readonly input: ExecutionInput,
    readonly course: Course,
  ) {}

  isCancelled = (): boolean => this.stopped === 'cancel';

  progress = () => ({ phase: this.phase, problem: this.problem });

  /** The activity notices the wish by itself; the scope is for one that waits for its next attempt. */
  stop(kind: 'cancel' | 'pause'): void {
    if (this.stopped === 'cancel') return;
    this.stopped = kind;
    this.scope?.cancel();
  }

  goOn(): void {
    if (this.stopped === 'pause') this.stopped = null;
    this.resumes += 1;
  }

  /** Repeats a phase until it is through or the execution is cancelled. */
  async throughPhase(phase: Phase): Promise<void> {
    this.phase = phase;
    setCurrentDetails(progressDetails({ ...NOTHING_YET, counts: this.counts, phase }, this.course.labels));
    if (this.input.searchable) upsertSearchAttributes(phaseAttributes(phase));
    let through = false;
    const refreshing = this.refreshDetails(() => through);
    let probeMs = FIRST_PROBE_MS;
    while (!through && !this.isCancelled()) {
      await this.untilNotPaused();
      if (this.isCancelled()) break;
      const resumesBefore = this.resumes;
      try {
        const result = await this.attempt(phase);
        if (result.stopped) this.heed(result.wish, resumesBefore);
        else if (result.hold) await this.holdForLook(result.hold);
        else if (result.waitUntil) await this.waitFor(result.waitUntil, result.waitsFor);
        else through = true;
      } catch (error) {
        if (isCancellation(error)) {
          // by someone in the Temporal Web UI; else by a wish, which may have been taken back since
          if (CancellationScope.current().consideredCancelled) this.stopped = 'cancel';
        } else {
          await this.cancellable(() => this.holdUp(error, probeMs));
          probeMs = Math.min(probeMs * 2, SLOWEST_PROBE_MS);
        }
      }
    }
    through = true;
    await refreshing;
  }

  /** Takes a wish that an activity found in the database, unless it was taken back since: its signal may come late, or never. */
  private heed(wish: PhaseResult['wish'], resumesBefore: number): void {
    if (wish === 'cancel') this.stopped = 'cancel';
    else if (wish === 'pause' && this.resumes === resumesBefore) this.stopped ??= 'pause';
  }

  private async attempt(phase: Phase): Promise<PhaseResult> {
    const scope = new CancellationScope();
    this.scope = scope;
    try {
      const { executionId } = this.input;
      const input: PhaseInput = this.firstSeen ? { executionId, firstSeen: true } : { executionId };
      return await scope.run(() => this.course[phase]?.(input) ?? Promise.resolve(THROUGH));
    } finally {
      this.scope = null;
    }
  }

  /** Waits until a person has looked at the first records. */
  private async holdForLook(reason: string): Promise<void> {
    await this.untilPersonActs(reason, null);
    this.firstSeen = true;
  }

  private async untilNotPaused(): Promise<void> {
    if (this.stopped !== 'pause') return;
    await this.rest(() => condition(() => this.stopped !== 'pause'));
  }

  /** Waits for a quota, or for a person; what waits says so in the database, in Temporal and in the UI. */
  private async holdUp(error: unknown, probeMs: number): Promise<void> {
    const { message, resetsAt, isForPerson } = reasonOf(error);
    this.problem = message;
    if (resetsAt !== null) {
      await this.note(message);
      await this.sleepUntil(resetsAt, message);
    } else await this.untilPersonActs(message, isForPerson ? null : probeMs);
    if (!this.isCancelled()) await this.note(null);
    this.problem = null;
  }

  protected async note(problem: string | null): Promise<void> {
    const { executionId } = this.input;
    if (patched('local-notes')) await this.inTurn(() => localNote.noteProblem({ executionId, problem }));
    else {
      const text = problem === null ? 'Note that it goes on' : 'Note what it waits for';
      await short(text).noteProblem({ executionId, problem });
    }
  }

  /** The sync is shown as one that needs attention meanwhile. @param probeMs see `untilResumed` */
  protected async untilPersonActs(message: string, probeMs: number | null): Promise<void> {
    const { executionId, syncId } = this.input;
    this.problem = message;
    await short('Ask for a person').raiseAttention({ executionId, syncId, problem: message });
    this.showWait('needsAttention');
    await this.untilResumed(message, probeMs);
    this.showWait(this.phase);
    if (!this.isCancelled()) await short('Note that the problem is over').calmDown({ executionId, syncId });
    this.problem = null;
  }

  /** One that waits for a person is found as such, by operators and by the reconciliation. */
  private showWait(phase: Phase | 'needsAttention' | null): void {
    if (phase === null || !this.input.searchable || !patched('waits-for-persons-are-found')) return;
    upsertSearchAttributes(phaseAttributes(phase));
  }

  /** @param probeMs after which it tries again by itself; null when only a person can help */
  protected async untilResumed(message: string, probeMs: number | null): Promise<void> {
    const before = this.resumes;
    const resumed = () => this.resumes > before || this.isCancelled();
    await this.rest(async () => {
      if (probeMs === null) await condition(resumed);
      else await condition(resumed, probeMs, { summary: summary(`${message} Trying again after this wait`) });
    });
  }

  /** What is not an answer of the vendor is shown to people. */
  private async waitFor(instant: string, waitsFor: string | undefined): Promise<void> {
    if (waitsFor === undefined || !patched('waits-are-told')) return this.sleepUntil(instant, VENDOR);
    this.problem = waitsFor;
    await this.note(waitsFor);
    await this.sleepUntil(instant, waitsFor);
    if (!this.isCancelled()) await this.note(null);
    this.problem = null;
  }

  private async sleepUntil(instant: string, why: string): Promise<void> {
    const ms = Math.max(1_000, Date.parse(instant) - Date.now());
    const { resumes, stopped } = this;
    await this.rest(async () => {
      await condition(() => this.stopped !== stopped || this.resumes > resumes, ms, {
        summary: summary(`${why} (until ${readable(instant)})`),
      });
    });
  }

  /** A wait in which nothing changes: nothing is refreshed meanwhile, so that one of weeks leaves no trace in the history. */
  private async rest(wait: () => Promise<unknown>): Promise<void> {
    this.isResting = true;
    await this.cancellable(wait);
    this.isResting = false;
  }

  /** A cancellation from Temporal's side ends a wait as a wish does. */
  private async cancellable(wait: () => Promise<unknown>): Promise<void> {
    try {
      await wait();
    } catch (error) {
      if (!isCancellation(error)) throw error;
      this.stopped = 'cancel';
    }
  }

  /**
   * Shows the progress in the Web UI: often at first, ever less often later, so that the history stays short; and at once when a
   * wait begins or ends.
   */
  private async refreshDetails(isOver: () => boolean): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      for (let ms = FIRST_REFRESH_MS; !isOver(); ms = Math.min(ms * 2, SLOWEST_REFRESH_MS)) {
        const { isResting } = this;
        const isNews = () => isOver() || this.isResting !== isResting;
        if (isResting) await condition(isNews);
        else await condition(isNews, ms, { summary: 'Refresh the progress shown here' });
        if (isOver()) return;
        const snapshot = await this.inTurn(() => local.readSnapshot({ executionId: this.input.executionId }));
        this.counts = snapshot.counts;
        const details = progressDetails(snapshot, this.course.labels);
        setCurrentDetails(this.stopped === 'pause' ? `**Paused** until the sync is resumed.\n\n${details}` : details);
      }
    });
  }

  /**
   * Asks for a local activity when the one before has ended: two at once come to their ends one after the other, but in one turn when the
   * history is replayed, and what follows from them would be decided in another order.
   */
  private inTurn<Result>(ask: () => Promise<Result>): Promise<Result> {
    if (!patched('one-local-activity-at-a-time')) return ask();
    const answer = this.lastLocal.then(ask);
    this.lastLocal = answer.catch(() => undefined);
    return answer;
  }

  /**
   * Asks the destination what became of what was sent. Nobody resumes what is cancelled, so whatever is in the way is tried again
   * by itself.
   * @param probeMs after which that is, where nothing else tells
   */
  private async settle(probeMs: number): Promise<void> {
    const { executionId } = this.input;
    try {
      const { waitUntil } = await this.course.load({ executionId });
      if (waitUntil) await this.sleepUntil(waitUntil, VENDOR);
    } catch (error) {
      const { message, resetsAt } = reasonOf(error);
      await short('Note what it waits for').noteProblem({ executionId, problem: message });
      await this.sleepUntil(resetsAt ?? new Date(Date.now() + probeMs).toISOString(), message);
    }
  }

  /** Settles what is in flight and closes the execution. */
  async end(): Promise<ExecutionResult> {
    const { executionId } = this.input;
    const cancelled = this.isCancelled();
    if (cancelled) await short('Tell the activities to stop').requestStop({ executionId, kind: 'cancel' });
    for (
      let probeMs = FIRST_PROBE_MS;
      cancelled && (await short('Look for batches of unknown fate').hasUnsettled({ executionId }));
      probeMs *= 2
    ) {
      await this.settle(Math.min(probeMs, SLOWEST_PROBE_MS));
    }
    const { state, counts } = await closing.finish({ executionId, cancelled });
    this.phase = null;
    setCurrentDetails(`**Ended:** ${state}\n\n${countsTable(counts, this.course.labels)}`);
    upsertMemo({ state, ...counts });
    if (this.input.searchable) upsertSearchAttributes(phaseAttributes('done', { state, counts }));
    return { executionId, state, counts: { ...counts } };
  }
}
