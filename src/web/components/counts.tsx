import { Text } from '@mantine/core';
import { type Counted, countsInWords, partsOf } from '../lib/counts';
import classes from './counts.module.css';

/** The counts of an execution as a small stacked bar, and in words. */
export function CountsBar({ of }: { of: Counted }) {
  const parts = partsOf(of);
  return (
    <div>
      {parts.length > 0 && (
        <div className={classes.bar} aria-hidden>
          {parts.map(({ name, records }) => (
            <span key={name} className={classes[name]} style={{ flexGrow: records }} />
          ))}
        </div>
      )}
      <Text size="xs">{countsInWords(of)}</Text>
    </div>
  );
}
