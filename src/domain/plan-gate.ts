import { type Decision, fieldsOf } from './import-decision';
import type { ObjectDescription, Values } from './object-description';
import { sameMeaning } from './values';

/** What a preview has planned to write of a record. */
export interface Planned {
  action: 'create' | 'update';
  /** Null of what an earlier round was to create. */
  destinationId: string | null;
  /** The values of the same fields before an update. */
  before: Values;
  after: Values;
}

/**
 * Whether a run would do with a record what a preview has planned, values included. A decision to write nothing always may stand.
 * @param planned undefined for a record that the preview did not plan to write
 */
export function isAsPlanned(
  decision: Decision,
  planned: Planned | undefined,
  destination: Pick<ObjectDescription, 'fields'>,
): boolean {
  if (decision.action !== 'create' && decision.action !== 'update') return true;
  if (!planned || planned.action !== decision.action || !sameValues(destination, planned.after, decision.values)) {
    return false;
  }
  if (decision.action === 'create') return true;
  const isSameRecord = planned.destinationId === null || planned.destinationId === decision.destinationId;
  return isSameRecord && sameValues(destination, planned.before, decision.previous);
}

function sameValues(object: Pick<ObjectDescription, 'fields'>, planned: Values, present: Values): boolean {
  const names = Object.keys(planned);
  if (names.length !== Object.keys(present).length) return false;
  const { byName } = fieldsOf(object);
  return names.every((name) => {
    const field = byName.get(name);
    return field !== undefined && name in present && sameMeaning(field, planned[name] ?? null, present[name] ?? null);
  });
}
