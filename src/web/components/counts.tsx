import { Text } from '@mantine/core';
import { type Counted, countsInWords, dealtWith, PARTS } from '../lib/counts';
import classes from './counts.module.css';

/** The counts of an execution as a small stacked bar, and in words. */
export function CountsBar({ of }: { of: Counted }) {
  const { counts } = of;
  return (
    <div>
      {dealtWith(counts) > 0 && (
        <div className={classes.bar} aria-hidden>
          {PARTS.filter(([name]) => counts[name] > 0).map(([name]) => (
            <span key={name} className={classes[name]} style={{ flexGrow: counts[name] }} />
          ))}
        </div>
      )}
      <Text size="xs">{countsInWords(of)}</Text>
    </div>
  );
}
