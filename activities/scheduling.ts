import { openExecution, type RunningExecution, readExecution } from '../db/queries/executions';
import { moveSync, readSyncSchedule, type SyncSchedule, setNextRun } from '../db/queries/sync-runs';
import type { Definition } from '../src/domain/definition';
import type { Trigger } from '../src/domain/outcome';
import { nextRun, runsBetween } from '../src/domain/schedule';
import type { ActivityDeps } from './run';

/** What a sync does next. */
export type NextStep =
  | { step: 'sleep'; until: string }
  /** An execution is open already: go on with it. */
  | { step: 'resume'; executionId: string; number: number }
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
}

/** Missed ticks that are recorded one by one; a longer row of them would only bury the rest of the list. */
const MOST_MISSED_RECORDED = 100;

/** What the workflow of a sync asks for; clocks, zones and the database stay on this side. */
export const schedulingActivities = (deps: ActivityDeps) => ({
  /**
   * Decides what the sync does next.
   * @param input.busyUntil the end of the run, pause or wait that has just passed: ticks up to then were missed
   * @param input.now by Temporal's clock, so that a worker whose own clock is wrong decides the same
   */
  async planNext(input: {
    syncId: string;
    activation: number;
    busyUntil: string | null;
    now: string;
  }): Promise<NextStep> {
    const sync = await readSyncSchedule(deps.sql, input.syncId);
    if (!sync || sync.activation !== input.activation || ['completed', 'cancelled', 'draft'].includes(sync.status)) {
      return { step: 'end' };
    }
    if (sync.openExecution) return { step: 'resume', ...sync.openExecution };
    const definition = await deps.definitionOf(input.syncId, sync.version);
    const until =
      input.busyUntil === null ? null : await recordMissed(deps, sync, definition, input.busyUntil, input.now);
    const next = nextTick(sync, definition, until, deps.defaultTimeZone);
    await setNextRun(deps.sql, input.syncId, next);
    if (next === null) {
      const { now } = input;
      await moveSync(deps.sql, input.syncId, ['active', 'paused', 'needsAttention'], { status: 'completed', now });
      return { step: 'end' };
    }
    return { step: 'sleep', until: next };
  },

  /**
   * Opens the execution that is due; after an outage over several ticks that of the last one, the earlier ones as missed.
   * @param input.dueAt the tick that was waited for; null for a run that someone asked for
   */
  async openRun(input: { syncId: string; dueAt: string | null; now: string }): Promise<OpenedExecution> {
    const sync = await readSyncSchedule(deps.sql, input.syncId);
    if (!sync) throw new Error(`Sync ${input.syncId} is gone.`);
    const definition = await deps.definitionOf(input.syncId, sync.version);
    const execution = sync.openExecution
      ? await readExecution(deps.sql, sync.openExecution.executionId)
      : await openDue(deps, sync, definition, input);
    return {
      executionId: execution.executionId,
      number: execution.number,
      syncName: sync.name,
      route: await deps.routeOf(definition),
      trigger: execution.trigger,
      scheduledFor: execution.scheduledFor,
      endsWithRun: definition.schedule.type !== 'interval',
    };
  },

  /** Ends a sync that its workflow ends: as completed, or as cancelled. */
  async endSync(input: { syncId: string; status: 'completed' | 'cancelled' }): Promise<void> {
    await setNextRun(deps.sql, input.syncId, null);
    const now = deps.now();
    await moveSync(deps.sql, input.syncId, ['active', 'paused', 'needsAttention'], { status: input.status, now });
  },
});

/** Opens the execution of the last tick that is due, those before it as missed. */
async function openDue(
  deps: ActivityDeps,
  sync: SyncSchedule,
  definition: Definition,
  { dueAt, now: asOf }: { dueAt: string | null; now: string },
): Promise<RunningExecution> {
  const { schedule } = definition;
  const first = sync.lastExecutionNumber + 1;
  if (dueAt === null) {
    const manual = { syncId: sync.syncId, number: first, trigger: 'manual' as const, scheduledFor: asOf, asOf };
    return openExecution(deps.sql, manual);
  }
  const due = [dueAt, ...runsBetween(schedule, dueAt, asOf, deps.defaultTimeZone)];
  const scheduledFor = due.at(-1) ?? dueAt;
  const number = await addMissed(deps, sync, definition, { ticks: due.slice(0, -1), firstNumber: first, now: asOf });
  const opened = { syncId: sync.syncId, number, trigger: schedule.type, scheduledFor, asOf };
  await setNextRun(deps.sql, sync.syncId, nextRun(schedule, scheduledFor, deps.defaultTimeZone));
  return openExecution(deps.sql, opened);
}

/** The first tick that is still to come. `now` and `once` have one, at activation or at their time. */
function nextTick(sync: SyncSchedule, definition: Definition, after: string | null, zone: string): string | null {
  const { schedule } = definition;
  const last = latest(sync.lastTick, after);
  if (schedule.type === 'now') return sync.lastTick === null && after === null ? sync.activatedAt : null;
  // a tick at the very moment of the activation still counts
  return nextRun(schedule, last ?? justBefore(sync.activatedAt), zone);
}

const justBefore = (instant: string): string => new Date(Date.parse(instant) - 1).toISOString();

const latest = (one: string | null, other: string | null): string | null =>
  one === null || other === null ? (one ?? other) : one > other ? one : other;

/** Records the ticks that fell into a run, a pause or a wait for a person. @returns the moment up to which ticks are dealt with */
async function recordMissed(
  deps: ActivityDeps,
  sync: SyncSchedule,
  definition: Definition,
  busyUntil: string,
  now: string,
): Promise<string | null> {
  if (definition.schedule.type === 'now') return sync.lastTick === null ? null : busyUntil;
  const from = sync.lastTick ?? justBefore(sync.activatedAt);
  const missed = runsBetween(definition.schedule, from, busyUntil, deps.defaultTimeZone);
  await addMissed(deps, sync, definition, { ticks: missed, firstNumber: sync.lastExecutionNumber + 1, now });
  return missed.at(-1) ?? null;
}

async function addMissed(
  deps: ActivityDeps,
  sync: SyncSchedule,
  definition: Definition,
  { ticks, firstNumber, now }: { ticks: readonly string[]; firstNumber: number; now: string },
): Promise<number> {
  let number = firstNumber;
  for (const tick of ticks.slice(-MOST_MISSED_RECORDED)) {
    const trigger = definition.schedule.type;
    await openExecution(deps.sql, {
      syncId: sync.syncId,
      number,
      trigger,
      scheduledFor: tick,
      asOf: now,
      state: 'missed',
    });
    number += 1;
  }
  return number;
}
