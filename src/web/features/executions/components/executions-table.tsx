import { Button, ScrollArea, Stack, Table, Text } from '@mantine/core';
import { CountsBar } from '../../../components/counts';
import { AnchorLink } from '../../../components/links';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { RunProgress } from '../../../components/run-progress';
import { ExecutionStateBadge } from '../../../components/status-badge';
import { Time } from '../../../components/time';
import { useNow } from '../../../lib/use-now';
import { type Execution, useExecution, useExecutions } from '../api';
import { durationInWords, TRIGGER_WORDS } from '../words';
import classes from './executions-table.module.css';

interface ExecutionsTableProps {
  syncId: string;
  /** Number of the newest execution that is known of. */
  lastNumber: number | undefined;
  timeZone?: string | undefined;
}

/** The executions of a sync, the newest first, live. */
export function ExecutionsTable({ syncId, lastNumber, timeZone }: ExecutionsTableProps) {
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useExecutions(
    syncId,
    lastNumber,
  );
  const executions = data?.pages.flatMap(({ items }) => items) ?? [];
  if (isPending) return <Loading>Loading the executions</Loading>;
  return (
    <Stack gap="sm">
      <ProblemAlert problem={error} title="The executions could not be loaded" onRetry={() => void refetch()} />
      {executions.length === 0 && !error && (
        <Text size="sm">None yet. The first one shows here as soon as it starts.</Text>
      )}
      {executions.length > 0 && (
        <ScrollArea type="auto" viewportProps={{ tabIndex: 0, role: 'region', 'aria-label': 'Executions' }}>
          <Table verticalSpacing="sm" miw={760} className={classes.table}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">Execution</Table.Th>
                <Table.Th scope="col">Status</Table.Th>
                <Table.Th scope="col">Started</Table.Th>
                <Table.Th scope="col">Duration</Table.Th>
                <Table.Th scope="col">Records</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {executions.map((execution) =>
                execution.state === 'running' ? (
                  <LiveRow key={execution.id} execution={execution} timeZone={timeZone} />
                ) : (
                  <Row key={execution.id} execution={execution} timeZone={timeZone} />
                ),
              )}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      )}
      {hasNextPage && (
        <Button variant="default" onClick={() => void fetchNextPage()} loading={isFetchingNextPage} w="fit-content">
          Show earlier executions
        </Button>
      )}
    </Stack>
  );
}

interface RowProps {
  execution: Execution;
  timeZone?: string | undefined;
}

/** Follows the execution by the server's events. */
function LiveRow({ execution, timeZone }: RowProps) {
  const { data = execution } = useExecution(execution.id);
  return <Row execution={data} timeZone={timeZone} />;
}

function Row({ execution, timeZone }: RowProps) {
  const now = useNow();
  const { id, number, trigger, state, startedAt, scheduledFor, counts, problem } = execution;
  return (
    <Table.Tr>
      <Table.Td>
        <AnchorLink to="/executions/$executionId" params={{ executionId: id }} fw={600}>
          Execution {number}
        </AnchorLink>
        <Text size="xs" c="dimmed">
          {TRIGGER_WORDS[trigger]}
        </Text>
      </Table.Td>
      <Table.Td>
        <ExecutionStateBadge state={state} />
      </Table.Td>
      <Table.Td>
        <Time at={startedAt ?? scheduledFor} timeZone={timeZone} />
      </Table.Td>
      <Table.Td>{state === 'missed' ? 'Did not run' : durationInWords(execution, now)}</Table.Td>
      <Table.Td className={classes.records}>
        {state === 'running' ? <RunProgress run={execution} /> : <CountsBar counts={counts} />}
        {state !== 'running' && problem && (
          <Text size="xs" mt={2} lineClamp={3}>
            {problem}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}
