import type { Counts, Trigger } from '../../domain/outcome';
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

/** What is told of the counts of an execution. */
export interface Counted {
  counts: Counts;
  trigger: Trigger;
  /** Of an undo: how many of those that count as updated it has deleted. */
  deleted: number;
}

/** How many records an undo has deleted, and to how many it has given their values back; null of other executions. */
export const undoneBy = ({ counts, trigger, deleted }: Counted): { deleted: number; restored: number } | null =>
  trigger === 'undo' ? { deleted, restored: counts.updated - deleted } : null;

/** A part of the records that an execution has dealt with; those that an undo has deleted or restored count as updated, and look as what they are. */
export interface CountedPart {
  name: (typeof PARTS)[number][0] | 'deleted' | 'restored';
  word: string;
  records: number;
}

/** The parts of an execution, the most interesting first, without those that are zero. */
export function partsOf(counted: Counted): CountedPart[] {
  const undone = undoneBy(counted);
  const parts = PARTS.flatMap(([name, word]): CountedPart[] =>
    undone && name === 'updated'
      ? [
          { name: 'deleted', word: 'deleted by the undo', records: undone.deleted },
          { name: 'restored', word: 'restored by the undo', records: undone.restored },
        ]
      : [{ name, word: undone && name === 'skipped' ? 'left alone' : word, records: counted.counts[name] }],
  );
  return parts.filter(({ records }) => records > 0);
}

/** The counts of an execution in words, without those that are zero. */
export function countsInWords(counted: Counted): string {
  const { counts } = counted;
  const words = partsOf(counted).map(({ records, word }) => `${formatNumber(records)} ${word}`);
  if (words.length > 0) return words.join(', ');
  return counts.read > 0 ? `${formatNumber(counts.read)} read` : 'No records';
}
