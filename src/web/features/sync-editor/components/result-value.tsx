import { Text } from '@mantine/core';
import { Breakable } from '../../../components/breakable';
import { shownValue, type Tried } from '../lib/try-mapping';
import classes from './mapping-grid.module.css';

/** What a mapping makes of an example. */
export function ResultValue({ tried }: { tried: Tried }) {
  switch (tried.kind) {
    case 'value':
      return tried.value === null ? (
        <span className={classes.blank}>cleared</span>
      ) : (
        <span>
          <Breakable text={shownValue(tried.value)} />
        </span>
      );
    case 'kept':
      return <span className={classes.blank}>left as it is</span>;
    case 'lookedUp':
      return <span className={classes.blank}>looked up by “{tried.key}”</span>;
    case 'refused':
      return (
        <Text component="span" size="sm" c="var(--mantine-color-error)">
          refused
        </Text>
      );
  }
}
