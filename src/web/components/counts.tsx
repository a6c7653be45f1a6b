import { Text } from '@mantine/core';
import type { Counts } from '../../domain/outcome';
import { formatNumber } from '../lib/format';
import classes from './counts.module.css';

/** What is told of a run, the most interesting first; colours only repeat what the words say. */
const PARTS = [
  ['created', 'created'],
  ['updated', 'updated'],
  ['failed', 'failed'],
  ['unchanged', 'unchanged'],
  ['skipped', 'skipped'],
  ['duplicates', 'duplicates'],
  ['filteredOut', 'filtered out'],
] as const satisfies readonly (readonly [keyof Counts, string])[];

/** The counts of a run in words, without those that are zero. */
export function countsInWords(counts: Counts): string {
  const words = PARTS.filter(([name]) => counts[name] > 0).map(
    ([name, word]) => `${formatNumber(counts[name])} ${word}`,
  );
  if (words.length > 0) return words.join(', ');
  return counts.read > 0 ? `${formatNumber(counts.read)} read` : 'No records';
}

/** The counts of a run as a small stacked bar, and in words. */
export function CountsBar({ counts }: { counts: Counts }) {
  const total = PARTS.reduce((sum, [name]) => sum + counts[name], 0);
  return (
    <div>
      {total > 0 && (
        <div className={classes.bar} aria-hidden>
          {PARTS.filter(([name]) => counts[name] > 0).map(([name]) => (
            <span key={name} className={classes[name]} style={{ flexGrow: counts[name] }} />
          ))}
        </div>
      )}
      <Text size="xs">{countsInWords(counts)}</Text>
    </div>
  );
}
