import { Text } from '@mantine/core';
import { formatRelative, formatTime, ownTimeZone } from '../lib/format';
import { useNow } from '../lib/use-now';

interface TimeProps {
  /** ISO 8601 */
  at: string;
  /** Zone to show it in, which is named; that of the person when left out. */
  timeZone?: string | undefined;
}

/** A moment: how far off it is, and below when that is, with the zone named. */
export function Time({ at, timeZone = ownTimeZone() }: TimeProps) {
  const now = useNow();
  return (
    <time dateTime={at}>
      <Text component="span" size="sm" display="block">
        {formatRelative(at, now)}
      </Text>
      <Text component="span" size="xs" c="dimmed" display="block">
        {formatTime(at, timeZone)}
      </Text>
    </time>
  );
}

/** How far off a moment is, within a line of text; when that is shows to whoever points at it. */
export function RelativeTime({ at }: Pick<TimeProps, 'at'>) {
  const now = useNow();
  return (
    <time dateTime={at} title={formatTime(at)}>
      {formatRelative(at, now)}
    </time>
  );
}
