import type { FieldDescription } from '../../../../domain/object-description';
import type { MappingRow } from './sync-form';

/**
 * A value table to begin with, for the values that the source is known to have. What the destination's picklist has already, whatever its
 * case, becomes that; the rest is to be chosen. Without known values it has one empty entry.
 */
export function begunTable(
  known: readonly string[],
  target: FieldDescription | undefined,
): NonNullable<MappingRow['table']> {
  const values = target?.picklistValues.map(({ value }) => value) ?? [];
  const same = (from: string) => values.find((value) => value.toLowerCase() === from.toLowerCase()) ?? null;
  return known.length > 0 ? known.map((from) => ({ from, to: same(from) })) : [{ from: '', to: null }];
}
