import { Stack, Text } from '@mantine/core';
import { formatNumber } from '../../../lib/format';
import { useEndInWords } from '../../connections/names';
import type { Sync } from '../api';
import { lastRead, writesInWords } from '../lib/run-now-words';

/** What *Run now* begins: what is read, what is done where, and how many records the last run has read. */
export function RunNowText({ sync }: { sync: Sync }) {
  const { source, destination, records, importRule } = sync;
  const endInWords = useEndInWords([source, destination]);
  const read = lastRead(sync.recentExecutions);
  return (
    <Stack gap="xs">
      <Text size="sm">
        It starts at once. It reads {endInWords(source, 'records from')}
        {records === 'changed' ? ', what has changed since the last run,' : ''} and {writesInWords(importRule)}{' '}
        {endInWords(destination, 'records in')}.
      </Text>
      {read !== null && <Text size="sm">The last run read {formatNumber(read)} records.</Text>}
      <Text size="sm">The schedule stays as it is.</Text>
    </Stack>
  );
}
