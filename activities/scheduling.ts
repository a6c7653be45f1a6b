import { noteAskedRun } from '../db/queries/asked-runs';
import {
  hasOpenFollowUp,
  openExecution,
  openRunOf,
  type RunningExecution,
  readExecution,
  type Sql,
} from '../db/queries/executions';
import {
  type Activation,
  controlActivation,
  endActivation,
  readSyncSchedule,
  type SyncSchedule,
  setNextRun,
} from '../db/queries/sync-runs';
import type { Definition, Schedule } from '../src/domain/definition';
import type { Trigger } from '../src/domain/outcome';
import { nextRun, runsBetween } from '../src/domain/schedule';
import { LIVE_STATUSES, type SyncControl } from '../src/domain/sync-status';
import type { ActivityDeps } from './run';

/** What a sync does next. */
export type NextStep =
  | { step: 'sleep'; until: string; isPaused: boolean; isRunAsked?: boolean }
  /** An execution is open already: go on with it. */
  | { step: 'resume'; executionId: string; number: number; isPaused: boolean }
  /** Nothing is due any more, or another activation has taken over. */
  | { step: 'end' };

export interface OpenedExecution {
  executionId: string;
  number: number;
  syncName: string;
  /** "Marketo EU Lead → Prod Contact" */
  route: string;
  trigger: Trigger;
  scheduledFor: string;
  /** The sync has no further run of its own: an execution that is cancelled cancels it. */
  endsWithRun: boolean;
  /** An execution that was opened earlier is to be brought to its end. */
  isCancelled: boolean;
}

/** Missed ticks that are recorded one by one; a longer row of them would only bury the rest of the list. */
const MOST_MISSED_RECORDED = 100;

/** What the workflow of a sync asks for; clocks, zones and the database stay on this side. */
export const schedulingActivities = (deps: ActivityDeps) => ({
  /**
   * Decides what the sync does next.
   * @param input.countFrom when the schedule was changed last: what would have been a tick before that was none
   * @param input.busyUntil the end of the run, pause or wait that has just passed: ticks up to then were missed
   * @param input.now by Temporal's clock, so that a worker whose own clock is wrong decides the same
   */
  async planNext(
    input: Activation & { busyUntil: string | null; countFrom?: string | null; now: string },
  ): Promise<NextStep> {
    const sync = await readSyncSchedule(deps.sql, input.syncId);
    if (!sync || sync.activation !== input.activation || ['completed', 'cancelled', 'draft'].includes(sync.status)) {
      return { step: 'end' };
    }
    const isPaused = sync.status === 'paused';
    if (sync.openExecution) return { step: 'resume', isPaused, ...sync.openExecution };
    const definition = await definitionToRun(deps, sync);
    const from = dealtWith(sync, input.countFrom ?? null);
    const until =
      input.busyUntil === null ? null : await recordMissed(deps, sync, definition, { ...input, from }, input.busyUntil);
    const next = nextTick(sync, definition, { from, after: until }, deps.defaultTimeZone);
    if (next === null) {
      await endActivation(deps.sql, input, { status: 'completed', now: input.now });
      return { step: 'end' };
    }
    await setNextRun(deps.sql, input, next);
    // a workflow before this one was told of it
    return { step: 'sleep', until: next, isPaused, ...(sync.isRunAsked ? { isRunAsked: true } : {}) };
  },

  /**
   * Opens the execution that is due; after an outage over several ticks that of the last one, the earlier ones as missed.
   * @param input.dueAt the tick that was waited for; null for a run that someone asked for
   * @returns null when nothing is due any more: the sync was paused or ended meanwhile
   */
  async openRun(input: Activation & { dueAt: string | null; now: string }): Promise<OpenedExecution | null> {
    const sync = await readSyncSchedule(deps.sql, input.syncId);
    if (!sync || sync.activation !== input.activation) return null;
    const definition = await definitionToRun(deps, sync);
    const execution = sync.openExecution
      ? await readExecution(deps.sql, sync.openExecution.executionId)
      : await openDue(deps, sync, definition, input);
    if (!execution) return null;
    return {
      executionId: execution.executionId,
      number: execution.number,
      syncName: sync.name,
      route: await deps.routeOf(definition),
      trigger: execution.trigger,
      scheduledFor: execution.scheduledFor,
      endsWithRun: definition.schedule.type !== 'interval',
      isCancelled: execution.stop === 'cancel',
    };
  },

  /**
   * Notes what an operator asked for in Temporal, as if it had come through the API.
   * @returns why the status forbids it; null when it is noted
   */
  async noteControl(input: Activation & { kind: Exclude<SyncControl, 'activate'> }): Promise<string | null> {
    return controlActivation(deps.sql, input, deps.now());
  },

  /** What the database says of the controls of an activation whose execution runs. */
  async readControls({ syncId, activation }: Activation): Promise<'active' | 'paused' | 'over'> {
    const sync = await readSyncSchedule(deps.sql, syncId);
    if (!sync || sync.activation !== activation || !LIVE_STATUSES.includes(sync.status)) return 'over';
    return sync.status === 'paused' ? 'paused' : 'active';
  },

  /** Ends the activation whose workflow ends; a later one stays as it is. */
  async endSync(input: Activation & { status: 'completed' | 'cancelled' }): Promise<void> {
    await endActivation(deps.sql, input, { status: input.status, now: deps.now() });
  },
});

/** A plan is carried out once and at once, whatever the sync's schedule says. */
async function definitionToRun(deps: ActivityDeps, { syncId, version, applies }: SyncSchedule): Promise<Definition> {
  const definition = await deps.definitionOf(syncId, version);
  if (applies === null) return definition;
  const { timeZone } = definition.schedule;
  return { ...definition, schedule: { type: 'now', ...(timeZone === undefined ? {} : { timeZone }) } };
}

/** Opens the execution of the last tick that is due, those before it as missed. */
async function openDue(
  deps: ActivityDeps,
  sync: SyncSchedule,
  definition: Definition,
  { dueAt, now: asOf }: { dueAt: string | null; now: string },
): Promise<RunningExecution | null> {
  const { schedule } = definition;
  const { syncId, activation } = sync;
  const first = sync.lastExecutionNumber + 1;
  if (dueAt === null) {
    const run = { syncId, activation, number: first, trigger: 'manual' as const, scheduledFor: asOf, asOf };
    return deps.sql.begin(async (tx) => {
      const opened = await openRunOf(tx, run);
      if (opened) await noteAskedRun(tx, sync, opened.executionId);
      return opened;
    });
  }
  // the schedule was changed, and its workflow has not heard of it yet
  if (!isTick(schedule, dueAt, deps.defaultTimeZone)) return null;
  const due = [dueAt, ...runsBetween(schedule, dueAt, asOf, deps.defaultTimeZone)];
  const scheduledFor = due.at(-1) ?? dueAt;
  const missed = due.slice(0, -1).slice(-MOST_MISSED_RECORDED);
  const number = first + missed.length;
  // all at once: a second attempt must not count the missed ones again
  return deps.sql.begin(async (tx) => {
    const opened = await openRunOf(tx, { syncId, activation, number, trigger: schedule.type, scheduledFor, asOf });
    if (!opened) {
      // runs never overlap: what falls into an undo, or into a retry, is missed as what falls into a run
      if (await hasOpenFollowUp(tx, syncId)) {
        const ticks = due.slice(-MOST_MISSED_RECORDED);
        await addMissed(tx, sync, definition, { ticks, firstNumber: first, now: asOf });
      }
      return null;
    }
    await addMissed(tx, sync, definition, { ticks: missed, firstNumber: first, now: asOf });
    await setNextRun(tx, sync, nextRun(schedule, scheduledFor, deps.defaultTimeZone));
    return opened;
  });
}

/** Whether a schedule runs at a moment; `now` has none but that of its activation. */
const isTick = (schedule: Schedule, at: string, zone: string): boolean =>
  schedule.type === 'now' || nextRun(schedule, justBefore(at), zone) === at;

/** The first tick that is still to come. `now` and `once` have one, at activation or at their time. */
function nextTick(
  sync: SyncSchedule,
  { schedule }: Definition,
  { from, after }: { from: string; after: string | null },
  zone: string,
): string | null {
  if (schedule.type === 'now') return sync.lastTick === null && after === null ? sync.activatedAt : null;
  return nextRun(schedule, latest(from, after), zone);
}

/** The moment up to which no tick is left; one at the very moment of the activation, or of a change of the schedule, still counts. */
function dealtWith({ lastTick, activatedAt }: SyncSchedule, countFrom: string | null): string {
  return latest(lastTick ?? justBefore(activatedAt), countFrom && justBefore(countFrom));
}

const justBefore = (instant: string): string => new Date(Date.parse(instant) - 1).toISOString();

const latest = (one: string, other: string | null): string => (other !== null && other > one ? other : one);

/** Records the ticks that fell into a run, a pause or a wait for a person. @returns the moment up to which ticks are dealt with */
async function recordMissed(
  deps: ActivityDeps,
  sync: SyncSchedule,
  definition: Definition,
  { from, now }: { from: string; now: string },
  busyUntil: string,
): Promise<string | null> {
  if (definition.schedule.type === 'now') return sync.lastTick === null ? null : busyUntil;
  const missed = runsBetween(definition.schedule, from, busyUntil, deps.defaultTimeZone);
  const recorded = missed.slice(-MOST_MISSED_RECORDED);
  await deps.sql.begin((tx) =>
    addMissed(tx, sync, definition, { ticks: recorded, firstNumber: sync.lastExecutionNumber + 1, now }),
  );
  return missed.at(-1) ?? null;
}

/** Records ticks that did not run, numbered from the given number on. */
async function addMissed(
  sql: Sql,
  { syncId }: SyncSchedule,
  definition: Definition,
  { ticks, firstNumber, now }: { ticks: readonly string[]; firstNumber: number; now: string },
): Promise<void> {
  const trigger = definition.schedule.type;
  for (const [index, scheduledFor] of ticks.entries()) {
    await openExecution(sql, {
      syncId,
      number: firstNumber + index,
      trigger,
      scheduledFor,
      asOf: now,
      state: 'missed',
    });
  }
}
