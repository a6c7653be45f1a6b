import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  condition,
  continueAsNew,
  isCancellation,
  patched,
  proxyActivities,
  type SignalDefinition,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { OpenedExecution } from '../activities/scheduling';
import { FailureType } from '../src/domain/failures';
import type { ExecutionState } from '../src/domain/outcome';
import { shortOptions } from './activity-options';
import { startedExecution, tell } from './child-execution';
import type { execution } from './execution';
import { isLong } from './history-length';
import {
  cancel,
  cancelExecution,
  changeSchedule,
  type LastExecution,
  lookAgain,
  pause,
  resume,
  resumeExecution,
  runNow,
  type SyncInput,
  type SyncState,
  state,
  stopExecution,
  type WishArgument,
} from './messages';
import { phaseAttributes } from './search-attributes';
import { readable, summary, syncDetails } from './summary';

const activity = (text: string) => proxyActivities<Activities>(shortOptions(text, '1 minute'));

/** The activity of an execution that was ended in Temporal notices that within this time. */
const WAIT_AFTER_LOST_CHILD_MS = 3_000;

/** After so long it looks again whether an execution has ended that it cannot wait for. */
const RUNS_ALREADY_MS = 10_000;

/** After so long it looks again whether a run that was asked for can begin. */
const HELD_BACK_MS = 10_000;

/** Wishes for a run that are remembered, to recognise one that is delivered again. */
const MOST_TAKEN_WISHES = 20;

/**
 * A sync: it sleeps until its time, or loops on its interval to the end date, and runs each execution as a child. It continues
 * as new now and then, so that its history stays short over years.
 */
export async function sync(input: SyncInput): Promise<void> {
  const run = new SyncRun(input);
  run.listen();
  try {
    do {
      do await run.step();
      while (!run.isOver() && (run.isAsked() || !isLong()));
      // a handler that ends meanwhile may ask for a run
      if (!run.isOver()) await condition(allHandlersFinished);
    } while (!run.isOver() && run.isAsked());
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => run.endCancelled());
    return;
  }
  if (run.isOver()) return;
  await continueAsNew<typeof sync>({ ...input, ...run.carried() });
}

/** By Temporal's clock. */
const present = (): string => new Date().toISOString();

class SyncRun {
  /** Ticks up to this moment fell into a run or a pause; null at the start. */
  busyUntil: string | null;
  /** When the schedule was changed last; null where it was not. */
  countFrom: string | null;
  private over = false;
  private paused = false;
  private cancelled = false;
  private wantsRun: boolean;
  /** The run that is wanted could not begin yet; it goes on as a new workflow. */
  private isHeldBack = false;
  private scheduleChanges = 0;
  /** Grows with each `resume`. */
  private resumes = 0;
  /** Grows with each `pause`. */
  private pauses = 0;
  private readonly executionsToCancel = new Set<string>();
  private nextRunAt: string | null = null;
  private child: ChildWorkflowHandle<typeof execution> | null = null;
  private running: OpenedExecution | null = null;
  private last: LastExecution | null;
  private takenWishes: readonly string[];
  /** Grows whenever the database is to be read again. */
  private looks = 0;
  private phase: SyncState['status'] | null = null;

  constructor(private readonly input: SyncInput) {
    this.busyUntil = input.busyUntil ?? null;
    this.countFrom = input.countFrom ?? null;
    this.takenWishes = input.takenWishes ?? [];
    this.last = input.last ?? null;
    this.wantsRun = input.wantsRun ?? false;
  }

  /** What goes on with it when it continues as new. */
  carried(): Partial<SyncInput> {
    const { busyUntil, countFrom, takenWishes, last, wantsRun } = this;
    return { busyUntil, countFrom, takenWishes, last, ...(wantsRun ? { wantsRun } : {}) };
  }

  isOver = (): boolean => this.over;

  /** A run was asked for that is about to be opened. */
  isAsked = (): boolean => this.wantsRun && !this.isHeldBack;

  /** The controls. Each wish is a row in the database first; what is done here can be asked for twice without harm. */
  listen(): void {
    const validator = (wish?: WishArgument) => this.demandActivation(wish);
    setHandler(pause, (wish) => this.controlled('pause', wish, () => this.pause()), {
      description: 'Pause: nothing new starts; what runs stops between two batches',
      validator,
    });
    setHandler(resume, (wish) => this.controlled('resume', wish, () => this.resume()), {
      description: 'Go on after a pause, or after a problem has been mended',
      validator,
    });
    setHandler(cancel, (wish) => this.controlled('cancel', wish, () => this.cancel()), {
      description: 'End the sync; what was loaded stays',
      validator,
    });
    setHandler(runNow, (wish) => this.controlled('runNow', wish, () => this.askForRun(wish)), {
      description: 'Run once now; the schedule stays as it is',
      validator: (wish?: WishArgument) => {
        this.demandActivation(wish);
        if (this.child && !this.isTaken(wish))
          throw ApplicationFailure.nonRetryable('The sync is running already.', FailureType.AlreadyRunning);
      },
    });
    setHandler(cancelExecution, ({ executionId }) => this.cancelExecution(executionId), {
      description: 'End the running execution alone; an interval goes on with its next tick',
      validator,
    });
    setHandler(changeSchedule, (wish) => this.changeSchedule(wish), {
      description: 'The schedule was changed: look again',
      validator,
    });
    setHandler(lookAgain, () => this.readAgain(), { description: 'Read again what the database says' });
    setHandler(state, () => this.state(), { description: 'What the sync does now, and when it runs next' });
  }

  private state(): SyncState {
    const status = this.paused ? 'paused' : this.child ? 'running' : this.over ? 'ended' : 'sleeping';
    return { status, nextRunAt: this.nextRunAt, executionId: this.running?.executionId ?? null };
  }

  private demandActivation(wish: WishArgument | undefined): void {
    const { activation } = this.input;
    if (!wish?.activation || wish.activation === activation) return;
    const message = `This is the workflow of activation ${activation}; the wish belongs to activation ${wish.activation}.`;
    throw ApplicationFailure.nonRetryable(message, FailureType.OtherActivation);
  }

  /**
   * A wish of the API stands in the database already; what an operator asks for in Temporal is noted there first. What is noted
   * already is done at once, without a promise in between: histories of earlier releases have it in that order.
   */
  private controlled(
    kind: 'pause' | 'resume' | 'cancel' | 'runNow',
    wish: WishArgument | undefined,
    work: () => void | Promise<void>,
  ): void | Promise<void> {
    if (wish?.wishId || !patched('controls-of-operators-are-noted')) return work();
    return this.noted(kind).then(work);
  }

  /** @throws ApplicationFailure where the status forbids it */
  private async noted(kind: 'pause' | 'resume' | 'cancel' | 'runNow'): Promise<void> {
    const { syncId, activation } = this.input;
    const text = `Note what was asked for in Temporal: ${kind}`;
    const refusal = await activity(text).noteControl({ syncId, activation, kind });
    if (refusal !== null) throw ApplicationFailure.nonRetryable(refusal, FailureType.Refused);
  }

  private isTaken = (wish: WishArgument | undefined): boolean =>
    wish !== undefined && this.takenWishes.includes(wish.wishId);

  private askForRun(wish: WishArgument | undefined): void {
    if (this.isTaken(wish)) return;
    if (wish?.wishId) this.takenWishes = [...this.takenWishes, wish.wishId].slice(-MOST_TAKEN_WISHES);
    this.wantsRun = true;
  }

  private async readAgain(): Promise<void> {
    this.looks += 1;
    if (!this.child || !patched('runs-look-again')) return;
    const { syncId, activation } = this.input;
    const { resumes, pauses } = this;
    const said = await activity('Read again what the database says').readControls({ syncId, activation });
    // a control that came meanwhile knows better
    if (!this.child || this.resumes !== resumes || this.pauses !== pauses) return;
    if (said === 'over') await this.cancel();
    else if (said === 'paused') await this.pause();
    else await this.resume();
  }

  /** Ticks count from when it was asked for: those that fell into an outage since are dealt with as any. */
  private changeSchedule(wish: WishArgument | undefined): void {
    this.scheduleChanges += 1;
    this.countFrom = wish?.askedAt ?? present();
  }

  private async pause(): Promise<void> {
    this.paused = true;
    this.pauses += 1;
    this.showRun();
    await this.tellChild(stopExecution, { kind: 'pause' });
  }

  private async resume(): Promise<void> {
    this.paused = false;
    this.resumes += 1;
    this.showRun();
    await this.tellChild(resumeExecution);
  }

  private async cancel(): Promise<void> {
    this.cancelled = true;
    await this.tellChild(stopExecution, { kind: 'cancel' });
  }

  private async cancelExecution(executionId: string): Promise<void> {
    this.executionsToCancel.add(executionId);
    if (this.running?.executionId === executionId) await this.tellChild(stopExecution, { kind: 'cancel' });
  }

  /** One step of the loop: wait for what is due, and run it. */
  async step(): Promise<void> {
    const { syncId, activation } = this.input;
    // what comes while the database is read may have been read or not
    const { resumes: resumesBefore, pauses: pausesBefore } = this;
    const before = this.news();
    const next = await activity('Decide when the sync runs next').planNext({
      syncId,
      activation,
      busyUntil: this.busyUntil,
      countFrom: this.countFrom,
      now: present(),
    });
    if (next.step === 'end') {
      this.over = true;
      if (patched('completed-syncs-say-so')) this.show('ended');
      return;
    }
    // the pause of a workflow before this one
    if (next.isPaused && this.resumes === resumesBefore) this.paused = true;
    // the database has been taken back to a moment before the pause
    const isActive = !next.isPaused && this.paused && this.pauses === pausesBefore;
    if (isActive && patched('paused-while-the-database-says-so')) this.paused = false;
    // as a workflow was told that was lost since
    if (next.step === 'sleep' && next.isRunAsked) this.wantsRun = true;
    const due = next.step === 'resume' ? 'due' : await this.sleep(next.until, before);
    if (this.cancelled) return this.endCancelled();
    if (due === 'changed') return;
    const dueAt = due === 'asked' ? null : this.nextRunAt;
    const opened = await activity('Open the execution').openRun({ syncId, activation, dueAt, now: present() });
    if (opened) {
      await this.execute(opened);
      this.busyUntil = present();
    }
    this.isHeldBack = due === 'asked' && !opened && patched('asked-runs-are-held-back');
    if (this.isHeldBack) await this.holdBack({ resumesBefore });
    if (this.cancelled) await this.endCancelled();
  }

  /** A run that was asked for could not be opened: the sync was paused in the meantime, or an earlier run is being undone. It is wanted still. */
  private async holdBack({ resumesBefore }: { resumesBefore: number }): Promise<void> {
    this.wantsRun = true;
    const called = () => this.cancelled || this.paused || this.resumes > resumesBefore;
    await condition(called, HELD_BACK_MS, { summary: 'The run that was asked for cannot begin yet: look again' });
  }

  /**
   * Sleeps until the next run, or until someone wants something.
   * @param before the news that `until` takes into account
   */
  private async sleep(until: string, before: number): Promise<'due' | 'asked' | 'changed'> {
    this.nextRunAt = until;
    const called = () => this.cancelled || this.paused || this.wantsRun || this.news() > before;
    const ms = Date.parse(until) - Date.now();
    if (ms > 0) {
      if (!this.paused) this.show('sleeping');
      await condition(called, ms, { summary: summary(`Sleep until the next run at ${readable(until)}`) });
    }
    if (this.paused) {
      this.show('paused');
      await condition(() => !this.paused || this.cancelled || this.news() > before);
      this.busyUntil = present();
      return 'changed';
    }
    if (this.cancelled) return 'changed';
    if (this.wantsRun) {
      this.wantsRun = false;
      return 'asked';
    }
    return this.news() > before ? 'changed' : 'due';
  }

  /** Grows with each reason to read the database again. */
  private news = (): number => this.scheduleChanges + this.looks;

  /** Tells the Temporal Web UI what the sync does. */
  private show(phase: SyncState['status']): void {
    const { nextRunAt, running, last, cancelled } = this;
    setCurrentDetails(syncDetails({ phase, nextRunAt, running, last, isCancelled: cancelled }));
    if (phase === this.phase || !this.input.searchable || !patched('syncs-are-found-by-phase')) return;
    this.phase = phase;
    upsertSearchAttributes(phaseAttributes(phase, this.last));
  }

  /** A run that is paused is found as such, by operators and by the reconciliation. */
  private showRun(): void {
    if (this.child && patched('paused-runs-are-found')) this.show(this.paused ? 'paused' : 'running');
  }

  private async execute(opened: OpenedExecution): Promise<void> {
    this.running = opened;
    this.nextRunAt = null;
    const resumesBefore = this.resumes;
    this.show('running');
    this.child = await startedExecution(this.input, opened);
    if (!this.child) {
      this.running = null;
      await condition(() => this.cancelled, RUNS_ALREADY_MS, {
        summary: 'The execution runs already: wait for its end',
      });
      return;
    }
    await this.passOn({ isResumed: this.resumes > resumesBefore });
    const state = await this.endOf(this.child, opened);
    this.child = null;
    this.running = null;
    if (state === 'cancelled' && opened.endsWithRun) this.cancelled = true;
  }

  /**
   * Waits for the end of an execution. One whose workflow was ended in Temporal leaves batches of unknown fate: it is cancelled and
   * taken up again by the next step, which settles them.
   * @returns null when there is no end yet
   */
  private async endOf(
    child: ChildWorkflowHandle<typeof execution>,
    { executionId, number }: OpenedExecution,
  ): Promise<ExecutionState | null> {
    try {
      const { state, counts } = await child.result();
      this.last = { number, state, counts };
      return state;
    } catch (error) {
      if (!(error instanceof ChildWorkflowFailure) || CancellationScope.current().consideredCancelled) throw error;
      await activity('Cancel the execution, whose workflow was ended').requestStop({ executionId, kind: 'cancel' });
      await condition(() => this.cancelled, WAIT_AFTER_LOST_CHILD_MS, { summary: 'Take up the execution again' });
      return null;
    }
  }

  /** Tells an execution that has just started what was wished of it before. */
  private async passOn({ isResumed }: { isResumed: boolean }): Promise<void> {
    const { executionId = '', isCancelled = false } = this.running ?? {};
    if (isCancelled || this.cancelled || this.executionsToCancel.has(executionId)) {
      await this.tellChild(stopExecution, { kind: 'cancel' });
    } else if (this.paused) {
      this.showRun();
      await this.tellChild(stopExecution, { kind: 'pause' });
    } else if (isResumed) await this.tellChild(resumeExecution);
  }

  private tellChild<Args extends unknown[]>(signal: SignalDefinition<Args>, ...args: Args): Promise<void> {
    return tell(this.child, signal, ...args);
  }

  async endCancelled(): Promise<void> {
    this.over = true;
    this.cancelled = true;
    const { syncId, activation } = this.input;
    await activity('End the sync').endSync({ syncId, activation, status: 'cancelled' });
    this.show('ended');
  }
}
