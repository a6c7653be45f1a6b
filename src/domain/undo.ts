import { type Existing, fieldsOf } from './import-decision';
import type { ObjectDescription, Value, Values } from './object-description';
import { sameMeaning } from './values';

/** What an execution has written of one record. */
export interface OurWrite {
  operation: 'create' | 'update';
  values: Values;
  /** What was there before, of the same fields; nothing for a record that was created. */
  previous: Values;
  /** When its answer was had (ISO 8601 UTC); null where a worker of an earlier release staged it. */
  settledAt: string | null;
}

/** What all writes of an execution have made of one record of the destination. */
export interface Effect {
  wasCreated: boolean;
  /** The values that the record should still have. */
  written: Values;
  /** What its fields held before the first of the writes. */
  before: Values;
  /** Until when Sync itself is known to have written it (ISO 8601 UTC). */
  writtenUntil: string | null;
}

/**
 * How it shows that others have changed a record that an execution created, in fields that it never wrote.
 * `stamps`: the system keeps who changed a record last, and when; named are the fields that tell. `values`: it does not, and what
 * tells is that one of these fields, which are blank in a new record, holds something.
 */
export type TraceOfOthers =
  | { by: 'stamps'; createdBy: string; createdAt: string; modifiedBy: string; modifiedAt: string }
  | { by: 'values'; fields: readonly string[] };

/** The fields that a trace is read from. */
export const fieldsOfTrace = (trace: TraceOfOthers | null): readonly string[] => {
  if (!trace) return [];
  if (trace.by === 'values') return trace.fields;
  return [trace.createdBy, trace.createdAt, trace.modifiedBy, trace.modifiedAt];
};

/** What is done to a record so that it is as before. `field`: the first one that somebody else has changed since. */
export type UndoDecision =
  | { action: 'delete' }
  | { action: 'restore'; values: Values; written: Values }
  | { action: 'unchanged' }
  | {
      action: 'spare';
      reason: 'changedSince';
      message: string;
      field: string | null;
      /** The change is one of the connection's own user, and may be a later execution's. */
      mayBeOurs?: true;
    }
  | { action: 'spare'; reason: 'deletedSince'; message: string };

/** @param writes of one record of the destination, in the order in which they were made */
export function effectOf(writes: readonly OurWrite[]): Effect {
  const effect: Effect = { wasCreated: false, written: {}, before: {}, writtenUntil: null };
  for (const { operation, values, previous, settledAt } of writes) {
    if (operation === 'create') effect.wasCreated = true;
    effect.writtenUntil = laterOf(effect.writtenUntil, settledAt);
    for (const [name, value] of Object.entries(values)) {
      if (!(name in effect.written)) effect.before[name] = previous[name] ?? null;
      effect.written[name] = value;
    }
  }
  return effect;
}

const laterOf = (one: string | null, other: string | null): string | null =>
  one === null || (other !== null && Date.parse(other) > Date.parse(one)) ? other : one;

/**
 * Decides how a record comes to be as it was before an execution wrote it. One that somebody has changed since is left alone as a whole,
 * so that nobody's work is lost and none is half undone.
 * @param present as it is now, with the fields of `effect.written` and of the trace; undefined when it is gone
 */
export function decideUndo(
  effect: Effect,
  present: Existing | undefined,
  destination: Pick<ObjectDescription, 'fields'>,
  trace: TraceOfOthers | null,
): UndoDecision {
  const { wasCreated, written, before } = effect;
  if (!present) return { action: 'spare', reason: 'deletedSince', message: DELETED_SINCE };
  if (present.locked !== undefined) return changedSince(null, present.locked);
  const { byName } = fieldsOf(destination);
  const restored: Pick<Effect, 'written' | 'before'> = { written: {}, before: {} };
  for (const [name, ours] of Object.entries(written)) {
    const field = byName.get(name);
    if (!field) return changedSince(name, `The destination has no field ${name} any more. ${SPARED}`);
    const now = present.values[name] ?? null;
    if (sameMeaning(field, ours, now)) {
      restored.written[name] = ours;
      restored.before[name] = before[name] ?? null;
    } else if (wasCreated || !sameMeaning(field, before[name] ?? null, now)) {
      return changedSince(name, `${name} has been changed since the execution wrote it. ${SPARED}`);
    }
  }
  if (wasCreated) return changeOfOthers(effect, present, trace) ?? { action: 'delete' };
  if (Object.keys(restored.before).length === 0) return { action: 'unchanged' };
  return { action: 'restore', values: restored.before, written: restored.written };
}

/** What others have done to a record that we created, beside the fields that we wrote. */
function changeOfOthers(
  { written, writtenUntil }: Effect,
  { values }: Existing,
  trace: TraceOfOthers | null,
): UndoDecision | null {
  if (!trace) return null;
  if (trace.by === 'values') {
    const name = trace.fields.find((field) => !(field in written) && holdsSomething(values[field]));
    return name === undefined
      ? null
      : changedSince(name, `${name} has been filled in by others since the execution created the record. ${SPARED}`);
  }
  const [creator, editor] = [values[trace.createdBy] ?? null, values[trace.modifiedBy] ?? null];
  const [createdAt, changedAt] = [instantOf(values[trace.createdAt]), instantOf(values[trace.modifiedAt])];
  if (creator === null || editor === null || createdAt === null || changedAt === null) return null;
  if (editor !== creator)
    return changedSince(null, `The user ${editor} has changed the record since, at ${changedAt}. ${SPARED}`);
  // what the destination's own automation adds is done when the answer comes
  const oursUntil = Math.max(Date.parse(createdAt), writtenUntil === null ? Infinity : Date.parse(writtenUntil));
  if (Date.parse(changedAt) <= oursUntil) return null;
  const message = `The connection's own user has changed the record since, at ${changedAt}. ${SPARED}`;
  return { action: 'spare', reason: 'changedSince', message, field: null, mayBeOurs: true };
}

const instantOf = (value: Value | undefined): string | null =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : null;

/** False and 0 are what a new record may hold of its own. */
const holdsSomething = (value: Value | undefined): boolean =>
  value !== undefined && value !== null && value !== '' && value !== false && value !== 0;

/** A record of the destination that is to be as before. */
export interface Undoable {
  destinationId: string;
  effect: Effect;
  /** Sort keys of the source records that it was written for. */
  sortKeys: readonly string[];
}

/**
 * Decides about several records, see `decideUndo`.
 * @param laterWrites until when later executions of the sync wrote records of the destination, by their Ids; asked only where it decides
 * @returns one decision for each, in order
 */
export async function decideUndos(
  units: readonly Undoable[],
  present: ReadonlyMap<string, Existing>,
  destination: Pick<ObjectDescription, 'fields'>,
  trace: TraceOfOthers | null,
  laterWrites: (units: readonly Undoable[]) => Promise<ReadonlyMap<string, string>>,
): Promise<UndoDecision[]> {
  const decisionOn = ({ destinationId, effect }: Undoable) =>
    decideUndo(effect, present.get(destinationId), destination, trace);
  const decisions = units.map(decisionOn);
  const open = units.filter((_unit, index) => mayBeOurs(decisions[index]));
  if (open.length === 0) return decisions;
  const writes = await laterWrites(open);
  return units.map((unit, index) => {
    const decision = decisions[index] as UndoDecision; // one for each, see above
    const until = mayBeOurs(decision) ? writes.get(unit.destinationId) : undefined;
    if (until === undefined) return decision;
    return decisionOn({ ...unit, effect: { ...unit.effect, writtenUntil: laterOf(unit.effect.writtenUntil, until) } });
  });
}

const mayBeOurs = (decision: UndoDecision | undefined): boolean =>
  decision?.action === 'spare' && decision.reason === 'changedSince' && decision.mayBeOurs === true;

const SPARED = 'The record is left as it is.';
const DELETED_SINCE = 'Somebody has deleted the record since. There is nothing left to undo.';

const changedSince = (field: string | null, message: string): UndoDecision => ({
  action: 'spare',
  reason: 'changedSince',
  message,
  field,
});

/** What an undo would do, in numbers of records of the destination; `unknownId`: created by a sending whose answer was lost, and not found since. */
export const UNDO_COUNTS = ['delete', 'restore', 'unchanged', 'changedSince', 'deletedSince', 'unknownId'] as const;
export type UndoCounts = Record<(typeof UNDO_COUNTS)[number], number>;

/** The member of `UndoCounts` that a decision is counted under. */
export const undoCountedAs = (decision: UndoDecision): keyof UndoCounts =>
  decision.action === 'spare' ? decision.reason : decision.action;
