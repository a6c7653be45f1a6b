import { Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { PageHeading } from '../../../components/page-heading';
import { useExecution } from '../api';

const route = getRouteApi('/executions/$executionId');

/** What became of each record of an execution. */
export default function ExecutionDetailPage() {
  const { executionId } = route.useParams();
  const { data } = useExecution(executionId);
  return (
    <Stack>
      <PageHeading>{`Execution ${data?.number ?? ''}`}</PageHeading>
    </Stack>
  );
}
