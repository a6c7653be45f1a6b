import { counted } from '../../../lib/format';
import { type MappingRow, mappingOfRow } from './sync-form';

/** A suggestion that nobody has confirmed or changed: from which field to which. */
export interface Unchecked {
  from: string;
  to: string;
  confidence: NonNullable<MappingRow['confidence']>;
}

/** The suggestions among the rows that nobody has confirmed or changed. A definition has no place for that. */
export const uncheckedOf = (rows: readonly MappingRow[]): Unchecked[] =>
  rows.flatMap(({ field, to, confidence }) => (confidence === null ? [] : [{ from: field, to, confidence }]));

/** Rows of a definition, those marked again that are still as they were suggested. */
export const withUnchecked = (rows: readonly MappingRow[], unchecked: readonly Unchecked[]): MappingRow[] => {
  const marks = new Map(
    unchecked.map(({ from, to, confidence }) => [JSON.stringify({ from: { field: from }, to }), confidence]),
  );
  return rows.map((row) => ({ ...row, confidence: marks.get(JSON.stringify(mappingOfRow(row))) ?? row.confidence }));
};

/** What activating does with suggestions that nobody has confirmed: `7 suggested mappings that you have not confirmed are taken as they are.` */
export function takenAsTheyAre(rows: readonly Pick<MappingRow, 'confidence'>[]): string | null {
  const likely = rows.filter(({ confidence }) => confidence === 'likely').length;
  if (likely === 0) return null;
  return `${counted(likely, 'suggested mapping')} that you have not confirmed ${likely === 1 ? 'is taken as it is' : 'are taken as they are'}.`;
}
