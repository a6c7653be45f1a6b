import type { ObjectDescription } from '../../../../domain/object-description';
import { emptyRow, type MappingRow } from './sync-form';

interface Suggestion {
  from: string;
  to: string;
  confidence: 'sure' | 'likely';
}

let made = 0;
/** A key that no other row of this page has. */
export const newKey = (): string => {
  made += 1;
  return `new-${Date.now().toString(36)}-${made}`;
};

/**
 * The rows without suggestions that nobody has confirmed and that are for other objects than the chosen ones: they refer to fields that
 * these do not have.
 */
export function withoutStale(
  rows: readonly MappingRow[],
  source: ObjectDescription | null,
  destination: ObjectDescription | null,
): MappingRow[] {
  const isIn = (name: string, object: ObjectDescription | null) =>
    object === null || object.fields.some((field) => field.name === name);
  return rows.filter((row) => row.confidence === null || (isIn(row.field, source) && isIn(row.to, destination)));
}

/** The rows with suggestions added to them; what somebody has chosen is never changed, and no field is written twice. */
export function withSuggestions(rows: readonly MappingRow[], suggestions: readonly Suggestion[]): MappingRow[] {
  const written = new Set(rows.map(({ to }) => to));
  const added = suggestions
    .filter(({ to }) => !written.has(to))
    .map(({ from, to, confidence }) => ({ ...emptyRow(newKey()), field: from, to, confidence }));
  const begun = rows.filter((row) => row.to !== '' || row.field !== '' || row.kind !== 'field');
  return [...begun, ...added];
}
