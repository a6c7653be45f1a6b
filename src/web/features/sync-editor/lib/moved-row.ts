import type { MappingRow } from './sync-form';

/**
 * Moves a row by one place.
 * @returns the same rows where it is at the end already
 */
export function moved(rows: MappingRow[], key: string, by: -1 | 1): MappingRow[] {
  const from = rows.findIndex((row) => row.key === key);
  const row = rows[from];
  const other = rows[from + by];
  if (!row || !other) return rows;
  const next = [...rows];
  next[from + by] = row;
  next[from] = other;
  return next;
}
