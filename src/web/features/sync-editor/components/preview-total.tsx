import { Badge, Group, Text } from '@mantine/core';
import { Time } from '../../../components/time';
import { counted, formatNumber } from '../../../lib/format';
import type { Preview } from '../api';
import { leadTo } from '../lib/lead-to';
import { useEditor } from '../state/editor-context';

const TOTAL_ID = 'preview-total';

/** Brings the total into sight, and leads the focus to it. */
export const leadToTotal = (): void => leadTo(TOTAL_ID);

/** The guide's total: the records that the filters select, and how it comes about. */
export function PreviewTotal({ preview }: { preview: Preview }) {
  const { total, exact, read, finishedAt } = preview;
  const { form } = useEditor();
  return (
    <div>
      <Text size="sm" c="dimmed" id={TOTAL_ID} tabIndex={-1}>
        Total number of records pulled
      </Text>
      <Group gap="md">
        <Text fz={36} fw={700} lh={1.1} data-testid="total">
          {total === null ? 'Not known' : formatNumber(total)}
        </Text>
        <Badge variant="default" tt="none" size="lg">
          {exact ? 'exact' : `estimate from the first ${formatNumber(read)}`}
        </Badge>
        {finishedAt && <Time at={finishedAt} timeZone={form.schedule.timeZone || undefined} />}
      </Group>
      <Text size="sm">{sumInWords(preview)}</Text>
    </div>
  );
}

/** How the total comes about, so that it is not taken for what was read. */
function sumInWords({ exact, read, total, plan: { filteredOut, duplicates } }: Preview): string {
  const pulled = read - filteredOut;
  const begin = exact ? `${counted(read, 'record')} read from the source` : `Of the first ${counted(read, 'record')}`;
  const sum = `${begin} − ${formatNumber(filteredOut)} left out by the filter = ${formatNumber(pulled)} pulled`;
  const rest =
    duplicates > 0
      ? `; − ${counted(duplicates, 'duplicate')} = ${formatNumber(pulled - duplicates)} compared with the destination`
      : '';
  const whole = exact || total === null ? '' : `; of all records about ${formatNumber(total)}`;
  return `${sum}${rest}${whole}.`;
}
