import { Group, Stack, Text, Tooltip } from '@mantine/core';
import counts from '../../../components/counts.module.css';
import { stateInWords } from '../../../components/status-badge';
import { countsInWords } from '../../../lib/counts';
import { counted } from '../../../lib/format';
import { useExecutions } from '../api';
import { barsOf, legendOf } from '../chart';
import { titleOf } from '../words';
import classes from './runs-chart.module.css';

/** Fewer make no picture. */
const LEAST_BARS = 2;
const MOST_BARS = 20;

interface RunsChartProps {
  syncId: string;
  lastNumber: number | undefined;
}

/** The last executions as bars, from left to right; the table of executions says the same in figures. */
export function RunsChart({ syncId, lastNumber }: RunsChartProps) {
  const { data } = useExecutions(syncId, lastNumber);
  const newestFirst = data?.pages.flatMap(({ items }) => items) ?? [];
  const bars = barsOf(newestFirst.slice(0, MOST_BARS));
  if (bars.length < LEAST_BARS) return null;
  return (
    <figure className={classes.chart} aria-label={`Records of the last ${counted(bars.length, 'execution')}`}>
      <Stack gap={6}>
        <div className={classes.bars} aria-hidden>
          {bars.map(({ execution, parts }) => {
            const { id, state } = execution;
            const words = `${titleOf(execution)}, ${stateInWords(execution).toLowerCase()}: ${countsInWords(execution)}`;
            return (
              <Tooltip key={id} label={words}>
                <div className={classes.bar} data-state={state}>
                  {parts.map(({ name, height }) => (
                    <span key={name} className={counts[name]} style={{ height: `${height}%` }} />
                  ))}
                </div>
              </Tooltip>
            );
          })}
        </div>
        <Group component="figcaption" gap="xs">
          {legendOf(bars).map(([name, word]) => (
            <Group key={name} gap={4} wrap="nowrap">
              <span className={`${classes.swatch} ${counts[name]}`} aria-hidden />
              <Text size="xs" span>
                {word}
              </Text>
            </Group>
          ))}
          <Text size="xs" c="dimmed" span>
            The last {counted(bars.length, 'execution')}, the newest on the right. The table below has the figures.
          </Text>
        </Group>
      </Stack>
    </figure>
  );
}
