import { Stack, Text } from '@mantine/core';
import { useEndInWords } from '../../connections/names';
import type { Sync } from '../api';
import { lastRunInWords, writesInWords } from '../lib/run-now-words';

/** What a run begins: what is read, what is done where. */
function RunText({ sync, begins }: { sync: Sync; begins: string }) {
  const { source, destination, records, importRule } = sync;
  const endInWords = useEndInWords([source, destination]);
  return (
    <Text size="sm">
      {begins} It reads {endInWords(source, 'records from')}
      {records === 'changed' ? ', what has changed since the last run,' : ''} and {writesInWords(importRule)}{' '}
      {endInWords(destination, 'records in')}.
    </Text>
  );
}

/** What *Run now* begins, and how much the last run has read and written. */
export const RunNowText = ({ sync }: { sync: Sync }) => (
  <Stack gap="xs">
    <RunText sync={sync} begins="It starts at once." />
    <LastRunText sync={sync} />
    <Text size="sm">The schedule stays as it is.</Text>
  </Stack>
);

/** The same of a sync that is to be activated once more. */
export const ActivateAgainText = ({ sync }: { sync: Sync }) => (
  <Stack gap="xs">
    <RunText sync={sync} begins="It runs again: at once, or when you schedule it." />
    <LastRunText sync={sync} />
    <Text size="sm">A preview shows what would be written now, and writes nothing itself.</Text>
  </Stack>
);

function LastRunText({ sync }: { sync: Sync }) {
  const words = lastRunInWords(sync);
  return words && <Text size="sm">{words}</Text>;
}
