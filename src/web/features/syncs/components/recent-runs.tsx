import { Group, Text } from '@mantine/core';
import { heightsOf, lookOf, type RecentRun, recentInShort, recentInWords, runsOf } from '../lib/recent-runs';
import classes from './recent-runs.module.css';

/** One makes no picture, and is told of already. */
const LEAST_RUNS = 2;

/** The last runs of a sync as a small picture, the newest on the right: how much each read, and how it ended; in short beside it. */
export function RecentRuns({ executions }: { executions: readonly RecentRun[] }) {
  const runs = runsOf(executions);
  if (runs.length < LEAST_RUNS) return null;
  const words = recentInWords(runs);
  return (
    <Group gap={6} mt={4}>
      <div className={classes.picture} role="img" aria-label={words} title={`${words}. The higher, the more it read.`}>
        {heightsOf(runs).map(({ run, height }) => (
          <span key={run.number} data-state={lookOf(run)} style={{ height: `${height}%` }} />
        ))}
      </div>
      <Text size="xs" c="dimmed">
        {recentInShort(runs)}
      </Text>
    </Group>
  );
}
