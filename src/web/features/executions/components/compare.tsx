import { Button, Group, NativeSelect, Stack, Table, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { stateInWords } from '../../../components/status-badge';
import { formatNumber, formatTimeBare, ownTimeZone } from '../../../lib/format';
import { useNow } from '../../../lib/use-now';
import { useAllVersions } from '../../syncs/api';
import { ChangeList } from '../../syncs/components/change-list';
import { changesBetween } from '../../syncs/lib/definition-changes';
import { useWording } from '../../syncs/wording';
import { type Execution, useExecution, useExecutions } from '../api';
import { durationInWords, figuresOf, startedInWords, titleOf } from '../words';
import classes from './compare.module.css';

interface CompareProps {
  execution: Execution;
  /** The execution that it is compared with; the one before it when left out. */
  withId: string | undefined;
  onChoose(executionId: string): void;
  timeZone?: string | undefined;
}

/** An execution beside another one of its sync: what each did, and what of the definition had changed in between. */
export function Compare({ execution, withId, onChoose, timeZone }: CompareProps) {
  const { id, syncId, number } = execution;
  const { data, error, isPending, refetch, ...pages } = useExecutions(syncId, undefined);
  const listed = (data?.pages.flatMap(({ items }) => items) ?? []).filter((other) => other.id !== id);
  const chosenId = withId ?? (listed.find((other) => other.number < number) ?? listed.at(-1))?.id;
  const { data: other, error: otherError } = useExecution(chosenId);
  // what stands in the address may be older than what is listed
  const others = other && !listed.some((each) => each.id === other.id) ? [...listed, other] : listed;
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        Compare
      </Title>
      <ProblemAlert
        problem={error ?? otherError}
        title="The executions could not be loaded"
        onRetry={() => void refetch()}
      />
      {isPending && <Loading>Loading the executions</Loading>}
      {data && others.length === 0 && <Text size="sm">There is no other execution to compare it with.</Text>}
      {others.length > 0 && (
        <Group align="flex-end" gap="sm">
          <NativeSelect
            label="Compare with"
            value={chosenId ?? ''}
            onChange={(event) => onChoose(event.currentTarget.value)}
            data={others.map((each) => ({
              value: each.id,
              label: `${titleOf(each)} (${stateInWords(each).toLowerCase()})`,
            }))}
            maw={320}
          />
          {pages.hasNextPage && (
            <Button variant="default" onClick={() => void pages.fetchNextPage()} loading={pages.isFetchingNextPage}>
              Offer earlier executions
            </Button>
          )}
        </Group>
      )}
      {other && <SideBySide executions={inOrder(other, execution)} timeZone={timeZone} />}
      {other && <Definitions executions={inOrder(other, execution)} />}
    </Stack>
  );
}

type Two = readonly [earlier: Execution, later: Execution];

const inOrder = (one: Execution, other: Execution): Two => (one.number < other.number ? [one, other] : [other, one]);

const figureMap = (execution: Execution): Map<string, number> =>
  new Map(figuresOf(execution).map(({ label, records }) => [label, records]));

/** `+12`, `−3`, `0` */
const difference = (before: number, after: number): string =>
  `${after > before ? '+' : ''}${formatNumber(after - before).replace('-', '−')}`;

function SideBySide({ executions, timeZone = ownTimeZone() }: { executions: Two; timeZone?: string | undefined }) {
  const now = useNow();
  const [earlier, later] = executions;
  const facts: [string, (execution: Execution) => ReactNode][] = [
    ['State', stateInWords],
    ['Started', ({ startedAt, scheduledFor }) => formatTimeBare(startedAt ?? scheduledFor, timeZone)],
    ['Duration', (execution) => (execution.state === 'missed' ? 'Did not run' : durationInWords(execution, now))],
    ['Started by', startedInWords],
    ['Version', ({ version }) => version],
  ];
  const [before, after] = [figureMap(earlier), figureMap(later)];
  const labels = [...new Set([...before.keys(), ...after.keys()])];
  return (
    <Table layout="fixed" className={classes.table} aria-label={`Executions ${earlier.number} and ${later.number}`}>
      <Table.Caption ta="left">Times are in {timeZone}.</Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Td />
          {executions.map(({ id, number }) => (
            <Table.Th key={id} scope="col">
              Execution {number}
            </Table.Th>
          ))}
          <Table.Th scope="col">Difference</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {facts.map(([label, fact]) => (
          <Table.Tr key={label}>
            <Table.Th scope="row">{label}</Table.Th>
            {executions.map((execution) => (
              <Table.Td key={execution.id}>{fact(execution)}</Table.Td>
            ))}
            <Table.Td />
          </Table.Tr>
        ))}
        {labels.map((label) => (
          <Table.Tr key={label}>
            <Table.Th scope="row">{label}</Table.Th>
            <Table.Td>{formatNumber(before.get(label) ?? 0)}</Table.Td>
            <Table.Td>{formatNumber(after.get(label) ?? 0)}</Table.Td>
            <Table.Td>{difference(before.get(label) ?? 0, after.get(label) ?? 0)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** What the definition of the later execution has otherwise than that of the earlier one. */
function Definitions({ executions: [earlier, later] }: { executions: Two }) {
  const isSame = earlier.version === later.version;
  const { data: versions, error, refetch } = useAllVersions(later.syncId, !isSame);
  const versionOf = ({ version }: Execution) => versions?.find((each) => each.version === version);
  const [before, after] = [versionOf(earlier), versionOf(later)];
  const wording = useWording([before, after]);
  return (
    <Stack gap={4}>
      <Title order={3} size="h4">
        Definition
      </Title>
      {isSame ? (
        <Text size="sm">Both ran the same definition (version {later.version}).</Text>
      ) : (
        <Text size="sm">
          From version {earlier.version} to version {later.version}:
        </Text>
      )}
      <ProblemAlert problem={error} title="The versions could not be loaded" onRetry={() => void refetch()} />
      {!isSame && !versions && !error && <Loading>Loading the versions</Loading>}
      {before && after && !isSame && <ChangeList changes={changesBetween(before, after, wording)} />}
    </Stack>
  );
}
