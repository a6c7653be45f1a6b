import { type Tried, writesBlank } from './try-mapping';

/** What examples show of a mapping that has no mistake. */
export interface Doubts {
  /** Examples that the destination would refuse. */
  refused: Extract<Tried, { kind: 'refused' }>[];
  /** Examples without a value; they would be refused where the field is required of a new record. */
  blanks: number;
}

/** @param results what the mapping makes of each example */
export const doubtsOf = (results: readonly Tried[]): Doubts => ({
  refused: results.filter((result) => result.kind === 'refused'),
  blanks: results.filter(writesBlank).length,
});
