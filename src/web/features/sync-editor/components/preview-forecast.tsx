import { Paper, Text } from '@mantine/core';
import { formatDuration, formatNumber } from '../../../lib/format';
import type { Preview } from '../api';

const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 2 });

/** What a run costs, if nothing changes until then. */
export function PreviewForecast({ preview: { forecast } }: { preview: Preview }) {
  if (!forecast) return null;
  const share = forecast.quotaShare === null ? '' : `, ${percent.format(forecast.quotaShare)} of the day's calls`;
  const size = forecast.megabytes > 0 ? `, ${forecast.megabytes} MB of exports` : '';
  return (
    <Paper withBorder p="sm">
      <Text size="sm">
        <b>A run takes</b> about {formatDuration(forecast.seconds)} and {formatNumber(forecast.apiCalls)} calls{share}
        {size}.
      </Text>
    </Paper>
  );
}
