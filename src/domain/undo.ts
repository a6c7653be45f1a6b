import { type Existing, fieldsOf } from './import-decision';
import type { ObjectDescription, Values } from './object-description';
import { sameMeaning } from './values';

/** What an execution has written of one record. */
export interface OurWrite {
  operation: 'create' | 'update';
  values: Values;
  /** What was there before, of the same fields; nothing for a record that was created. */
  previous: Values;
}

/** What all writes of an execution have made of one record of the destination. */
export interface Effect {
  wasCreated: boolean;
  /** The values that the record should still have. */
  written: Values;
  /** What its fields held before the first of the writes. */
  before: Values;
}

/** What is done to a record so that it is as before. `field`: the first one that somebody else has changed since. */
export type UndoDecision =
  | { action: 'delete' }
  | { action: 'restore'; values: Values; written: Values }
  | { action: 'unchanged' }
  | { action: 'spare'; reason: 'changedSince'; message: string; field: string | null }
  | { action: 'spare'; reason: 'deletedSince'; message: string };

/** @param writes of one record of the destination, in the order in which they were made */
export function effectOf(writes: readonly OurWrite[]): Effect {
  const effect: Effect = { wasCreated: false, written: {}, before: {} };
  for (const { operation, values, previous } of writes) {
    if (operation === 'create') effect.wasCreated = true;
    for (const [name, value] of Object.entries(values)) {
      if (!(name in effect.written)) effect.before[name] = previous[name] ?? null;
      effect.written[name] = value;
    }
  }
  return effect;
}

/**
 * Decides how a record comes to be as it was before an execution wrote it. One that somebody has changed since is left alone as a whole,
 * so that nobody's work is lost and none is half undone.
 * @param present as it is now, with the fields of `effect.written`; undefined when it is gone
 */
export function decideUndo(
  { wasCreated, written, before }: Effect,
  present: Existing | undefined,
  destination: Pick<ObjectDescription, 'fields'>,
): UndoDecision {
  if (!present) return { action: 'spare', reason: 'deletedSince', message: DELETED_SINCE };
  if (present.locked !== undefined) return changedSince(null, present.locked);
  const { byName } = fieldsOf(destination);
  const restored: Effect = { wasCreated: false, written: {}, before: {} };
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
  if (wasCreated) return { action: 'delete' };
  if (Object.keys(restored.before).length === 0) return { action: 'unchanged' };
  return { action: 'restore', values: restored.before, written: restored.written };
}

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
