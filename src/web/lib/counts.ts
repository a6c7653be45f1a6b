import type { Counts } from '../../domain/outcome';
import { formatNumber } from './format';

/** What is told of a run, the most interesting first; colours only repeat what the words say. */
export const PARTS = [
  ['created', 'created'],
  ['updated', 'updated'],
  ['failed', 'failed'],
  ['unchanged', 'unchanged'],
  ['skipped', 'skipped'],
  ['duplicates', 'duplicates'],
  ['filteredOut', 'filtered out'],
] as const satisfies readonly (readonly [keyof Counts, string])[];

/** All records that a run has dealt with. */
export const dealtWith = (counts: Counts): number => PARTS.reduce((sum, [name]) => sum + counts[name], 0);

/** The counts of a run in words, without those that are zero. */
export function countsInWords(counts: Counts): string {
  const words = PARTS.filter(([name]) => counts[name] > 0).map(
    ([name, word]) => `${formatNumber(counts[name])} ${word}`,
  );
  if (words.length > 0) return words.join(', ');
  return counts.read > 0 ? `${formatNumber(counts.read)} read` : 'No records';
}
