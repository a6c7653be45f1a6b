import { Alert, Button, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { ApiProblem } from '../lib/api';

/** A member that people know by its name; a path into what was sent says nothing to them. */
const MEMBER = /^[a-z]+$/i;

interface ProblemAlertProps {
  problem: unknown;
  /** What the person wished to do, such as "The sync could not be paused". */
  title?: string | undefined;
  /** Shown as *Try again*. */
  onRetry?: () => void;
}

/** What went wrong and what to do, in place, and read out; with what is wrong by member where the API named members. */
export function ProblemAlert({ problem, title, onRetry }: ProblemAlertProps) {
  if (!problem) return null;
  const isOurs = problem instanceof ApiProblem;
  const errors = isOurs ? problem.errors : [];
  return (
    <Alert
      role="alert"
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={title ?? (isOurs ? problem.title : 'Something went wrong')}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          {isOurs ? problem.detail : 'The page has a fault. Load it again; nothing that was saved is lost.'}
        </Text>
        {errors.length > 0 && (
          <List size="sm">
            {errors.map(({ path, message }) => (
              <List.Item key={`${path} ${message}`}>
                {MEMBER.test(path) && (
                  <>
                    <b>{path}</b>:{' '}
                  </>
                )}
                {message}
              </List.Item>
            ))}
          </List>
        )}
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
