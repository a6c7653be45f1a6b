import { List, Paper, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type Schedule, TIME_UNITS } from '../../../../domain/definition';
import { ProblemAlert } from '../../../components/problem-alert';
import { ApiProblem } from '../../../lib/api';
import { formatDuration, formatTime, formatTimeBare, ownTimeZone } from '../../../lib/format';
import { useScheduleInWords } from '../api';
import { clockNote } from '../lib/clock-changes';
import { scheduleOf } from '../lib/sync-form';
import { useEditor } from '../state/editor-context';
import { useLatestPreview } from '../state/use-latest-preview';

const AFTER_TYPING_MS = 400;

/** The schedule in words, and its next runs, as the server computes them. */
export function NextRuns() {
  const { form } = useEditor();
  const [schedule] = useDebouncedValue(scheduleOf(form.schedule), AFTER_TYPING_MS);
  const { data, error } = useScheduleInWords(schedule);
  if (!schedule) return null;
  if (error) {
    // what is wrong with the times is told beside them, and here before one has tried to go on
    return error instanceof ApiProblem && error.status === 422 ? (
      <Text size="sm" c="var(--mantine-color-error)" role="alert">
        {error.errors.map(({ message }) => message).join(' ') || error.detail}
      </Text>
    ) : (
      <ProblemAlert problem={error} title="The next runs could not be computed" />
    );
  }
  if (!data) return null;
  const zone = schedule.timeZone ?? 'UTC';
  const [only] = data.nextRuns;
  const note = schedule.type === 'once' && only !== undefined && clockNote(only, clockOf(schedule), undefined, zone);
  return (
    <Paper withBorder p="md" aria-live="polite">
      <Text size="sm" fw={600}>
        {data.text}.
      </Text>
      {note && (
        <Text size="sm">
          It runs at {formatTime(only, zone)}: {note}.
        </Text>
      )}
      {schedule.type === 'interval' && (
        <>
          <RunList runs={data.nextRuns} wanted={clockOf(schedule)} zone={zone} />
          <Text size="sm" c="dimmed" mt="xs">
            If a run is still going when the next one is due, that one is missed, not queued. After an outage, one run
            catches up.
          </Text>
          <TooOften runs={data.nextRuns} />
        </>
      )}
    </Paper>
  );
}

/** The time of day that a schedule keeps; null where it counts minutes or hours, or states an offset instead of a zone. */
function clockOf(schedule: Schedule): string | null {
  if (schedule.type === 'now' || schedule.timeZone === undefined) return null;
  if (schedule.type === 'once') return schedule.at.slice(11, 16);
  const keepsClock = TIME_UNITS.indexOf(schedule.every.unit) >= TIME_UNITS.indexOf('day');
  return keepsClock ? schedule.start.slice(11, 16) : null;
}

function RunList({ runs, wanted, zone }: { runs: readonly string[]; wanted: string | null; zone: string }) {
  const isElsewhere = zone !== ownTimeZone();
  return (
    <>
      <Text size="sm" mt="xs">
        Next runs ({zone}):
      </Text>
      <List size="sm">
        {runs.map((run, index) => {
          const note = clockNote(run, wanted, runs[index - 1], zone);
          return (
            <List.Item key={run}>
              {formatTimeBare(run, zone)}
              {isElsewhere && (
                <Text component="span" size="sm" c="dimmed">
                  {' '}
                  ({formatTime(run)})
                </Text>
              )}
              {note !== null && <b>: {note}</b>}
            </List.Item>
          );
        })}
      </List>
    </>
  );
}

/** A run that takes longer than the interval misses the next one. */
function TooOften({ runs: [first, second] }: { runs: readonly string[] }) {
  const { saved } = useEditor();
  const { preview } = useLatestPreview(saved);
  const seconds = preview?.forecast?.seconds;
  if (first === undefined || second === undefined || seconds === undefined) return null;
  if (seconds * 1_000 <= Date.parse(second) - Date.parse(first)) return null;
  return (
    <Text size="sm" c="var(--sync-color-warning)">
      According to the preview, a run takes about {formatDuration(seconds)}, longer than the interval: runs due
      meanwhile will be missed. Choose a longer interval.
    </Text>
  );
}
