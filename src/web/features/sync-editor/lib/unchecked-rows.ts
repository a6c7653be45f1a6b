import { type MappingRow, mappingOfRow } from './sync-form';

/** A suggestion that nobody has confirmed or changed: from which field to which. */
export interface Unchecked {
  from: string;
  to: string;
}

/** The suggestions among the rows that are still to be checked. A definition has no place for that. */
export const uncheckedOf = (rows: readonly MappingRow[]): Unchecked[] =>
  rows.filter(({ confidence }) => confidence === 'likely').map(({ field, to }) => ({ from: field, to }));

/** Rows of a definition, those marked again that are still as they were suggested. */
export const withUnchecked = (rows: readonly MappingRow[], unchecked: readonly Unchecked[]): MappingRow[] => {
  const marked = new Set(unchecked.map(({ from, to }) => JSON.stringify({ from: { field: from }, to })));
  return rows.map((row) => (marked.has(JSON.stringify(mappingOfRow(row))) ? { ...row, confidence: 'likely' } : row));
};
