import type { FieldDescription } from '../../../../domain/object-description';
import type { MappingRow } from './sync-form';

const ANY_TEXT: ReadonlySet<FieldDescription['type']> = new Set(['text', 'email', 'phone', 'url']);

/**
 * A value table to begin with, for the values that the source is known to have. What the destination's picklist has already, whatever its
 * case, becomes that, and the rest is to be chosen; where it takes any text, each value stays as it is until something else is typed.
 * Without known values it has one empty entry.
 */
export function begunTable(
  known: readonly string[],
  target: FieldDescription | undefined,
): NonNullable<MappingRow['table']> {
  const values = target?.picklistValues.map(({ value }) => value) ?? [];
  const takesAny = values.length === 0 && target !== undefined && ANY_TEXT.has(target.type);
  const same = (from: string) =>
    takesAny ? from : (values.find((value) => value.toLowerCase() === from.toLowerCase()) ?? null);
  if (known.length === 0) return [{ from: '', to: null }];
  return known.map((from) => ({ from, to: same(from) })).sort(bySource);
}

/** The places of a table's entries in the order in which they are shown: those whose value was seen in records first. */
export function seenFirst(table: NonNullable<MappingRow['table']>, seen: ReadonlySet<string>): number[] {
  const places = [...table.keys()];
  const isSeen = (at: number) => seen.has(table[at]?.from ?? '');
  return [...places.filter(isSeen), ...places.filter((at) => !isSeen(at))];
}

/** The order of a table: what is stored keeps none. */
export const bySource = (one: { from: string }, other: { from: string }): number => one.from.localeCompare(other.from);
