import { Paper, Text } from '@mantine/core';
import { counted, formatDuration, formatTime } from '../../../lib/format';
import { useNow } from '../../../lib/use-now';
import type { Preview } from '../api';
import { useEditor } from '../state/editor-context';

const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 2 });

/** The least part that is told in figures. */
const LEAST = 0.0001;
const shareInWords = (share: number): string =>
  share > 0 && share < LEAST ? `less than ${percent.format(LEAST)}` : percent.format(share);

/** What a run costs, if nothing changes until then. */
export function PreviewForecast({ preview: { forecast } }: { preview: Preview }) {
  const { form } = useEditor();
  const now = useNow();
  if (!forecast) return null;
  const end = new Date(now + forecast.seconds * 1_000).toISOString();
  const share = forecast.quotaShare === null ? '' : `, ${shareInWords(forecast.quotaShare)} of the daily calls`;
  const size = forecast.megabytes > 0 ? `, ${forecast.megabytes} MB of exports` : '';
  return (
    <Paper withBorder p="sm">
      <Text size="sm">
        <b>A run takes</b> about {formatDuration(forecast.seconds)} and {counted(forecast.apiCalls, 'call')}
        {share}
        {size}. If it started now, it would end at about {formatTime(end, form.schedule.timeZone || undefined)}.
      </Text>
    </Paper>
  );
}
