import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { formatDuration, formatNumber } from '../../../lib/format';
import type { Preview } from '../api';
import { VENDORS } from '../lib/vendors';
import { useEditor } from '../state/editor-context';

/** A preview that runs: what it does now, how far it is, and how long it still takes. */
export function PreviewProgress({ preview, onCancel }: { preview: Preview; onCancel(): void }) {
  const { source, destination } = useEditor();
  const { done, total, secondsLeft } = preview.progress;
  const share = total && total > 0 ? Math.min(100, (100 * done) / total) : null;
  const reads = source.connection ? VENDORS[source.connection.kind] : 'the source';
  const writes = destination.connection ? VENDORS[destination.connection.kind] : 'the destination';
  const words = {
    extract: `Reading from ${reads}`,
    filter: 'Filtering',
    dedupe: 'Looking for duplicates',
    map: 'Mapping the fields',
    plan: `Comparing with ${writes}`,
  }[preview.phase ?? 'extract'];
  return (
    <Stack gap={6} role="status">
      <Group justify="space-between">
        <Text size="sm">
          {words}: {formatNumber(done)} {total ? `of about ${formatNumber(total)} ` : ''}records
          {secondsLeft ? `, about ${formatDuration(secondsLeft)} left` : ''}
        </Text>
        <Button size="xs" variant="default" onClick={onCancel}>
          Cancel the preview
        </Button>
      </Group>
      <Progress value={share ?? 100} animated={share === null} aria-label="Progress of the preview" />
    </Stack>
  );
}
