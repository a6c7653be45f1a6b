import { List, Paper, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { ProblemAlert } from '../../../components/problem-alert';
import { ApiProblem } from '../../../lib/api';
import { formatTime, formatTimeBare, ownTimeZone } from '../../../lib/format';
import { useScheduleInWords } from '../api';
import { scheduleOf } from '../lib/sync-form';
import { useEditor } from '../state/editor-context';

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
      <ProblemAlert problem={error} title="The next runs could not be told" />
    );
  }
  if (!data) return null;
  const zone = schedule.timeZone ?? 'UTC';
  const isElsewhere = zone !== ownTimeZone();
  return (
    <Paper withBorder p="md" aria-live="polite">
      <Text size="sm" fw={600}>
        {data.text}.
      </Text>
      {schedule.type === 'interval' && (
        <>
          <Text size="sm" mt="xs">
            Next runs ({zone}):
          </Text>
          <List size="sm">
            {data.nextRuns.map((run) => (
              <List.Item key={run}>
                {formatTimeBare(run, zone)}
                {isElsewhere && (
                  <Text component="span" size="sm" c="dimmed">
                    {' '}
                    ({formatTime(run)})
                  </Text>
                )}
              </List.Item>
            ))}
          </List>
          <Text size="sm" c="dimmed" mt="xs">
            While a run is still going, the next one is missed, not queued. After an outage one run catches up.
          </Text>
        </>
      )}
    </Paper>
  );
}
