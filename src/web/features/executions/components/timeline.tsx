import { Stack, Text, Title } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCheck,
  IconFlag,
  IconHourglass,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconUser,
  type TablerIcon,
} from '@tabler/icons-react';
import type { TimelineEntry } from '../../../../api/schemas/timeline';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { formatExactTime, ownTimeZone } from '../../../lib/format';
import { type Execution, useTimeline } from '../api';
import { timelineInWords } from '../timeline-words';
import classes from './timeline.module.css';

const ICONS: Record<TimelineEntry['kind'], TablerIcon> = {
  started: IconPlayerPlay,
  ended: IconFlag,
  action: IconUser,
  phaseBegun: IconPlayerPlay,
  phaseEnded: IconCheck,
  attemptFailed: IconAlertTriangle,
  takenUp: IconRefresh,
  waiting: IconHourglass,
  stopped: IconPlayerPause,
};

interface TimelineProps {
  execution: Execution;
  /** That of the sync; the person's own where it has none. */
  timeZone?: string | undefined;
}

/** What happened in an execution, from its start on; while it runs, as it happens. */
export function Timeline({ execution, timeZone = ownTimeZone() }: TimelineProps) {
  const { data: entries, error, refetch } = useTimeline(execution);
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        Timeline
      </Title>
      <Text size="sm">Times are in {timeZone}.</Text>
      <ProblemAlert problem={error} title="The timeline could not be loaded" onRetry={() => void refetch()} />
      {!entries && !error && <Loading>Loading the timeline</Loading>}
      {entries && (
        <ol className={classes.list} aria-label="What happened">
          {entries.map((entry) => (
            <Entry
              key={`${entry.at} ${entry.kind} ${entry.text}`}
              entry={entry}
              timeZone={timeZone}
              trigger={execution.trigger}
            />
          ))}
        </ol>
      )}
    </Stack>
  );
}

interface EntryProps {
  entry: TimelineEntry;
  timeZone: string;
  /** Of the execution. */
  trigger: Execution['trigger'];
}

function Entry({ entry, timeZone, trigger }: EntryProps) {
  const { title, details } = timelineInWords(entry, timeZone, trigger);
  const Icon = ICONS[entry.kind];
  return (
    <li className={classes.entry} data-kind={entry.kind}>
      <Text component="time" dateTime={entry.at} size="sm" className={classes.time}>
        {formatExactTime(entry.at, timeZone)}
      </Text>
      <span className={classes.icon}>
        <Icon size={16} aria-hidden />
      </span>
      <div className={classes.words}>
        <Text size="sm" fw={600}>
          {title}
        </Text>
        {details.map((text) => (
          <Text key={text} size="sm">
            {text}
          </Text>
        ))}
      </div>
    </li>
  );
}
