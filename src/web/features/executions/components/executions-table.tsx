import { Button, Card, Group, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { CountsBar } from '../../../components/counts';
import { Fact } from '../../../components/fact';
import { AnchorLink } from '../../../components/links';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { RunProgress } from '../../../components/run-progress';
import { ExecutionStateBadge } from '../../../components/status-badge';
import { Time } from '../../../components/time';
import { useFreshNow } from '../../../lib/use-now';
import { type Execution, useExecution, useExecutions } from '../api';
import { durationInWords, isChanged, startedInWords } from '../words';
import classes from './executions-table.module.css';

/** Below this the table would have to be scrolled. */
const WIDE = '(min-width: 48em)';

interface ExecutionsTableProps {
  syncId: string;
  /** Number of the newest execution that is known of. */
  lastNumber: number | undefined;
  timeZone?: string | undefined;
  /** No execution will come. */
  isOver?: boolean;
}

/** The executions of a sync, the newest first, live. */
export function ExecutionsTable({ syncId, lastNumber, timeZone, isOver = false }: ExecutionsTableProps) {
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage, refetch } = useExecutions(
    syncId,
    lastNumber,
  );
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  const executions = data?.pages.flatMap(({ items }) => items) ?? [];
  if (isPending) return <Loading>Loading the executions</Loading>;
  return (
    <Stack gap="sm">
      <ProblemAlert problem={error} title="The executions could not be loaded" onRetry={() => void refetch()} />
      {executions.length === 0 && !error && (
        <Text size="sm">
          {isOver
            ? 'None: it was cancelled before it ran.'
            : 'None yet. The first one shows here as soon as it starts.'}
        </Text>
      )}
      {executions.length > 0 && !isWide && (
        <ul className={classes.cards}>
          {executions.map((execution) => (
            <Card component="li" key={execution.id} withBorder padding="sm">
              <Followed execution={execution}>
                {(shown) => (
                  <ExecutionCard execution={shown} isChanged={isChanged(shown, executions)} timeZone={timeZone} />
                )}
              </Followed>
            </Card>
          ))}
        </ul>
      )}
      {executions.length > 0 && isWide && (
        <Table verticalSpacing="sm" className={classes.table}>
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
            {executions.map((execution) => (
              <Followed key={execution.id} execution={execution}>
                {(shown) => <Row execution={shown} isChanged={isChanged(shown, executions)} timeZone={timeZone} />}
              </Followed>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {hasNextPage && (
        <Button variant="default" onClick={() => void fetchNextPage()} loading={isFetchingNextPage} w="fit-content">
          Show earlier executions
        </Button>
      )}
    </Stack>
  );
}

interface FollowedProps {
  execution: Execution;
  children(shown: Execution): ReactNode;
}

/** While an execution runs, it is followed by the server's events. */
function Followed({ execution, children }: FollowedProps) {
  const { data } = useExecution(execution.state === 'running' ? execution.id : undefined);
  return children(data ?? execution);
}

interface ShownProps {
  execution: Execution;
  /** It is the first one of a changed definition. */
  isChanged: boolean;
  timeZone?: string | undefined;
}

function Row({ execution, isChanged: isFirst, timeZone }: ShownProps) {
  const { startedAt, scheduledFor } = execution;
  return (
    <Table.Tr>
      <Table.Td>
        <Name execution={execution} isChanged={isFirst} />
      </Table.Td>
      <Table.Td>
        <ExecutionStateBadge of={execution} />
      </Table.Td>
      <Table.Td>
        <Time at={startedAt ?? scheduledFor} timeZone={timeZone} />
      </Table.Td>
      <Table.Td>
        <Duration execution={execution} />
      </Table.Td>
      <Table.Td className={classes.records}>
        <Result execution={execution} />
      </Table.Td>
    </Table.Tr>
  );
}

function ExecutionCard({ execution, isChanged: isFirst, timeZone }: ShownProps) {
  const { startedAt, scheduledFor } = execution;
  return (
    <Stack gap="xs">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Name execution={execution} isChanged={isFirst} />
        </div>
        <ExecutionStateBadge of={execution} />
      </Group>
      <SimpleGrid cols={2}>
        <Fact label="Started">
          <Time at={startedAt ?? scheduledFor} timeZone={timeZone} />
        </Fact>
        <Fact label="Duration">
          <Duration execution={execution} />
        </Fact>
      </SimpleGrid>
      <div>
        <Result execution={execution} />
      </div>
    </Stack>
  );
}

function Name({ execution, isChanged: isFirst }: Omit<ShownProps, 'timeZone'>) {
  const { id, number } = execution;
  return (
    <>
      <AnchorLink to="/executions/$executionId" params={{ executionId: id }} fw={600} className={classes.name}>
        Execution {number}
      </AnchorLink>
      <Text size="xs" c="dimmed">
        {startedInWords(execution)}
        {isFirst && ', with a changed definition'}
      </Text>
    </>
  );
}

function Duration({ execution }: Pick<ShownProps, 'execution'>) {
  const now = useFreshNow();
  return <Text size="sm">{execution.state === 'missed' ? 'Did not run' : durationInWords(execution, now)}</Text>;
}

function Result({ execution }: Pick<ShownProps, 'execution'>) {
  const { id, number, state, counts, problem, undoneBy } = execution;
  if (state === 'running') return <RunProgress run={execution} />;
  return (
    <>
      <CountsBar of={execution} />
      {counts.failed + counts.skipped > 0 && (
        <AnchorLink to="/executions/$executionId" params={{ executionId: id }} search={{ tab: 'problems' }} size="xs">
          Problems by cause<span className="visually-hidden">: execution {number}</span>
        </AnchorLink>
      )}
      {undoneBy && (
        <Text size="xs" mt={2}>
          Undone by{' '}
          <AnchorLink to="/executions/$executionId" params={{ executionId: undoneBy.id }} size="xs" underline="always">
            execution {undoneBy.number}
          </AnchorLink>
        </Text>
      )}
      {problem && (
        <Text size="xs" mt={2} lineClamp={3}>
          {problem}
        </Text>
      )}
    </>
  );
}
