import {
  ApplicationFailure,
  allHandlersFinished,
  CancellationScope,
  type ChildWorkflowHandle,
  condition,
  continueAsNew,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  startChild,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { OpenedExecution } from '../activities/scheduling';
import type { execution } from './execution';
import {
  cancel,
  cancelExecution,
  changeSchedule,
  executionWorkflowId,
  pause,
  resume,
  resumeExecution,
  runNow,
  type SyncInput,
  type SyncState,
  state,
  stopExecution,
} from './messages';
import { labelAttributes } from './search-attributes';
import { summary } from './summary';

const activities = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/**
 * A sync: it sleeps until its time, or loops on its interval to the end date, and runs each execution as a child. It continues
 * as new after each execution, so its history stays short over years.
 */
export async function sync(input: SyncInput): Promise<void> {
  const run = new SyncRun(input);
  run.listen();
  try {
    await run.step();
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => run.endCancelled());
    return;
  }
  if (run.isOver()) return;
  await condition(allHandlersFinished);
  await continueAsNew<typeof sync>({ ...input, busyUntil: run.busyUntil });
}

/** By Temporal's clock. */
const present = (): string => new Date().toISOString();

class SyncRun {
  /** Ticks up to this moment fell into a run or a pause; null at the start. */
  busyUntil: string | null;
  private over = false;
  private paused = false;
  private cancelled = false;
  private wantsRun = false;
  private scheduleChanges = 0;
  private nextRunAt: string | null = null;
  private child: ChildWorkflowHandle<typeof execution> | null = null;
  private running: OpenedExecution | null = null;

  constructor(private readonly input: SyncInput) {
    this.busyUntil = input.busyUntil ?? null;
  }

  isOver = (): boolean => this.over;

  /** The controls. Each wish is a row in the database first; what is done here can be asked for twice without harm. */
  listen(): void {
    setHandler(pause, () => this.pause(), {
      description: 'Pause: nothing new starts; what runs stops between two batches',
    });
    setHandler(resume, () => this.resume(), { description: 'Go on after a pause, or after a problem has been mended' });
    setHandler(cancel, () => this.cancel(), { description: 'End the sync; what was loaded stays' });
    setHandler(runNow, () => this.askForRun(), {
      description: 'Run once now; the schedule stays as it is',
      validator: (_wish: { wishId: string }) => {
        if (this.child) throw ApplicationFailure.nonRetryable('The sync is running already.', 'AlreadyRunning');
      },
    });
    setHandler(cancelExecution, ({ executionId }) => this.cancelExecution(executionId), {
      description: 'End the running execution alone; an interval goes on with its next tick',
    });
    setHandler(changeSchedule, () => this.lookAgain(), {
      description: 'The schedule was changed: look again',
    });
    setHandler(state, () => this.state(), { description: 'What the sync does now, and when it runs next' });
  }

  private state(): SyncState {
    const status = this.paused ? 'paused' : this.child ? 'running' : this.over ? 'ended' : 'sleeping';
    return { status, nextRunAt: this.nextRunAt, executionId: this.running?.executionId ?? null };
  }

  private askForRun(): void {
    this.wantsRun = true;
  }

  private lookAgain(): void {
    this.scheduleChanges += 1;
  }

  private async pause(): Promise<void> {
    this.paused = true;
    await this.child?.signal(stopExecution, { kind: 'pause' });
  }

  private async resume(): Promise<void> {
    this.paused = false;
    await this.child?.signal(resumeExecution);
  }

  private async cancel(): Promise<void> {
    this.cancelled = true;
    await this.child?.signal(stopExecution, { kind: 'cancel' });
  }

  private async cancelExecution(executionId: string): Promise<void> {
    if (this.running?.executionId === executionId) await this.child?.signal(stopExecution, { kind: 'cancel' });
  }

  /** One step of the loop: wait for what is due, and run it. */
  async step(): Promise<void> {
    const { syncId, activation } = this.input;
    const next = await activities.planNext({ syncId, activation, busyUntil: this.busyUntil, now: present() });
    if (next.step === 'end') {
      this.over = true;
      return;
    }
    const due = next.step === 'resume' ? 'due' : await this.sleep(next.until);
    if (this.cancelled) return this.endCancelled();
    if (due === 'changed') return;
    const dueAt = due === 'asked' ? null : this.nextRunAt;
    const opened = await activities.openRun({ syncId, dueAt, now: present() });
    await this.execute(opened);
    this.busyUntil = present();
    if (this.cancelled) await this.endCancelled();
  }

  /** Sleeps until the next run, or until someone wants something. */
  private async sleep(until: string): Promise<'due' | 'asked' | 'changed'> {
    this.nextRunAt = until;
    const changesBefore = this.scheduleChanges;
    const called = () => this.cancelled || this.paused || this.wantsRun || this.scheduleChanges > changesBefore;
    const ms = Date.parse(until) - Date.now();
    if (ms > 0) {
      setCurrentDetails(`**Sleeping** until the next run at ${until}.`);
      await condition(called, ms, { summary: summary(`Sleep until the next run at ${until}`) });
    }
    if (this.paused) {
      setCurrentDetails('**Paused.** Nothing runs until the sync is resumed.');
      await condition(() => !this.paused || this.cancelled);
      this.busyUntil = present();
      return 'changed';
    }
    if (this.cancelled) return 'changed';
    if (this.wantsRun) return 'asked';
    return this.scheduleChanges > changesBefore ? 'changed' : 'due';
  }

  private async execute(opened: OpenedExecution): Promise<void> {
    const { syncId, searchable } = this.input;
    this.running = opened;
    this.nextRunAt = null;
    setCurrentDetails(`**Running** execution ${opened.number}.`);
    this.child = await startChild<typeof execution>('execution', {
      workflowId: executionWorkflowId(syncId, opened.number),
      args: [{ syncId, executionId: opened.executionId, searchable }],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      typedSearchAttributes: labelAttributes({ syncId, searchable, name: opened.syncName, route: opened.route }),
      staticSummary: summary(`${opened.syncName}: execution ${opened.number} (${opened.trigger})`),
      staticDetails: `${opened.route}\n\nScheduled for ${opened.scheduledFor}.`,
    });
    if (this.cancelled) await this.child.signal(stopExecution, { kind: 'cancel' });
    const result = await this.child.result();
    this.child = null;
    this.running = null;
    if (result.state === 'cancelled' && opened.endsWithRun) this.cancelled = true;
  }

  async endCancelled(): Promise<void> {
    this.over = true;
    await activities.endSync({ syncId: this.input.syncId, status: 'cancelled' });
    setCurrentDetails('**Cancelled.**');
  }
}
