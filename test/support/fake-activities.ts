import { Context } from '@temporalio/activity';
import type { Activities } from '../../activities';
import type { PreviewEnd } from '../../activities/preview-report';
import type { PhaseInput, PhaseResult } from '../../activities/run';
import type { Schedule } from '../../src/domain/definition';
import { type ExecutionState, NO_COUNTS, PHASES } from '../../src/domain/outcome';
import { nextRun, runsBetween } from '../../src/domain/schedule';

/** What a phase of a test does: give a result, throw, or wait. */
export type PhaseScript = (call: number, input: PhaseInput) => PhaseResult | Promise<PhaseResult>;

const ALL_PHASES = [...PHASES, 'plan'] as const;
type AnyPhase = (typeof ALL_PHASES)[number];
/** What the phases of a test do; one that is missing is through at once. */
export type Script = Partial<Record<AnyPhase, PhaseScript>>;

/** One execution of a test's sync, as the database would hold it. */
export interface FakeExecution {
  number: number;
  scheduledFor: string;
  state: ExecutionState;
  startedAt: string;
}

const THROUGH: PhaseResult = { stopped: false };
/** Well within the heartbeat's time limit. */
const HEARTBEAT_MS = 200;

/** Activities without database and vendors: they keep one sync in memory, and do in each phase what the test says. */
export class FakeActivities {
  /** What was called, in order; phases among them. */
  readonly calls: { name: string; at: string; input: Record<string, unknown> }[] = [];
  readonly executions: FakeExecution[] = [];
  /** What was asked for without a wish, as operators do in Temporal. */
  readonly controls: string[] = [];
  /** Workflow runs that asked what is next: more than one where the sync continued as new. */
  readonly runIds = new Set<string>();
  status: 'active' | 'paused' | 'completed' | 'cancelled' = 'active';
  /** Batches of unknown fate. */
  unsettled = 0;
  activatedAt = new Date(0).toISOString();
  private readonly phaseCalls = new Map<AnyPhase, number>();

  /**
   * @param now Temporal's present time in the test, in milliseconds
   * @param script what each phase does; one that is missing is through at once
   */
  constructor(
    private readonly now: () => Promise<number>,
    private readonly schedule: Schedule = { type: 'now' },
    readonly script: Script = {},
  ) {}

  names = (): string[] => this.calls.map(({ name }) => name);

  of = (name: string) => this.calls.filter((call) => call.name === name);

  /** For a worker. */
  activities(): Partial<Activities> {
    return {
      planNext: async (input) => {
        this.runIds.add(Context.current().info.workflowExecution?.runId ?? '');
        return this.planNext(input);
      },
      openRun: async (input) => {
        await this.note('openRun', input);
        return this.openRun(input);
      },
      noteControl: async (input) => {
        this.controls.push(input.kind);
        return null;
      },
      endSync: async (input) => {
        await this.note('endSync', input);
        this.status = input.status;
      },
      readControls: async () => (this.status === 'active' || this.status === 'paused' ? this.status : 'over'),
      requestStop: (input) => this.note('requestStop', input),
      noteProblem: (input) => this.note('noteProblem', input),
      raiseAttention: (input) => this.note('raiseAttention', input),
      calmDown: (input) => this.note('calmDown', input),
      hasUnsettled: async () => this.unsettled > 0,
      readSnapshot: async () => ({
        phase: null,
        state: 'running',
        counts: NO_COUNTS,
        problem: null,
        done: 0,
        total: null,
        perSecond: null,
        secondsLeft: null,
      }),
      finish: async (input) => {
        await this.note('finish', input);
        const state = input.cancelled ? 'cancelled' : 'succeeded';
        const open = this.executions.find((execution) => execution.state === 'running');
        if (open) open.state = state;
        return { state, counts: NO_COUNTS };
      },
      reportPreview: (input) => this.endPreview('reportPreview', { ...input, state: 'completed' }),
      endPreview: (input) => this.endPreview('endPreview', input),
      ...Object.fromEntries(ALL_PHASES.map((phase) => [phase, (input: PhaseInput) => this.run(phase, input)])),
    };
  }

  private async note(name: string, input: object): Promise<void> {
    this.calls.push({ name, at: new Date(await this.now()).toISOString(), input: { ...input } });
  }

  private async endPreview(
    name: string,
    input: { executionId: string; state: PreviewEnd['state'] },
  ): Promise<PreviewEnd> {
    await this.note(name, input);
    return { state: input.state, counts: NO_COUNTS };
  }

  private async run(phase: AnyPhase, input: PhaseInput): Promise<PhaseResult> {
    const call = (this.phaseCalls.get(phase) ?? 0) + 1;
    this.phaseCalls.set(phase, call);
    await this.note(phase, input);
    return (await this.script[phase]?.(call, input)) ?? THROUGH;
  }

  /** As activities/scheduling.ts decides, for a sync whose executions are those in memory. */
  private planNext({ busyUntil }: { busyUntil: string | null }): Awaited<ReturnType<Activities['planNext']>> {
    if (this.status === 'completed' || this.status === 'cancelled') return { step: 'end' };
    const isPaused = this.status === 'paused';
    const open = this.executions.find(({ state }) => state === 'running');
    if (open) return { step: 'resume', executionId: String(open.number), number: open.number, isPaused };
    if (busyUntil !== null) this.addMissed(runsBetween(this.schedule, this.lastTick(), busyUntil, 'UTC'));
    const isDone = this.schedule.type === 'now' && this.executions.length > 0;
    const until = this.schedule.type === 'now' ? this.activatedAt : nextRun(this.schedule, this.lastTick(), 'UTC');
    if (!isDone && until !== null) return { step: 'sleep', until, isPaused };
    this.status = 'completed';
    return { step: 'end' };
  }

  private openRun({ dueAt, now }: { dueAt: string | null; now: string }): Awaited<ReturnType<Activities['openRun']>> {
    let open = this.executions.find(({ state }) => state === 'running');
    if (!open) {
      if (this.status !== 'active') return null;
      const due = dueAt === null ? [now] : [dueAt, ...runsBetween(this.schedule, dueAt, now, 'UTC')];
      this.addMissed(due.slice(0, -1));
      open = { number: this.executions.length + 1, scheduledFor: due.at(-1) ?? now, state: 'running', startedAt: now };
      this.executions.push(open);
    }
    return {
      executionId: String(open.number),
      number: open.number,
      syncName: 'Test',
      route: 'A → B',
      trigger: dueAt === null ? 'manual' : this.schedule.type,
      scheduledFor: open.scheduledFor,
      endsWithRun: this.schedule.type !== 'interval',
      isCancelled: this.of('requestStop').some(({ input }) => input.executionId === String(open.number)),
    };
  }

  private lastTick(): string {
    const last = this.executions.at(-1)?.scheduledFor;
    return last ?? new Date(Date.parse(this.activatedAt) - 1).toISOString();
  }

  private addMissed(ticks: readonly string[]): void {
    for (const scheduledFor of ticks) {
      this.executions.push({
        number: this.executions.length + 1,
        scheduledFor,
        state: 'missed',
        startedAt: scheduledFor,
      });
    }
  }
}

/** Waits in an activity as one does that works on something long: until the workflow cancels it, or the test lets it go. */
export async function untilCancelled(released?: Promise<PhaseResult>): Promise<PhaseResult> {
  const context = Context.current();
  const heartbeats = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    return await (released ? Promise.race([context.cancelled, released]) : context.cancelled);
  } finally {
    clearInterval(heartbeats);
  }
}
