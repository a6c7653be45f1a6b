import { Button, Stack, Text } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { PageHeading } from '../components/page-heading';
import { ProblemAlert } from '../components/problem-alert';
import { ApiProblem } from '../lib/api';

/** In place of a page that could not be shown: its code could not be loaded, or has a fault. */
export function PageFailed({ error }: ErrorComponentProps) {
  return (
    <Stack>
      <PageHeading>This page could not be shown</PageHeading>
      {error instanceof ApiProblem ? (
        <ProblemAlert problem={error} />
      ) : (
        <Text>
          Its program could not be loaded, or has a fault. Load the page again; nothing that was saved is lost.
        </Text>
      )}
      <Button onClick={() => window.location.reload()} w="fit-content">
        Load the page again
      </Button>
    </Stack>
  );
}
