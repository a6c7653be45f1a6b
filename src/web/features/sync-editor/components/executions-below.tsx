import { Anchor, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { z } from 'zod';
import type { executionPage } from '../../../../api/schemas/executions';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { ExecutionStateBadge, SyncStatusBadge } from '../../../components/status-badge';
import { Time } from '../../../components/time';
import { api } from '../../../lib/api';
import { formatNumber } from '../../../lib/format';
import { useEditor } from '../state/editor-context';

const LOOK_EVERY_MS = 1_500;

/** After activation: the executions of the sync, live. */
export function ExecutionsBelow() {
  const { saved, isLive, reload, form } = useEditor();
  const endsByItself = form.schedule.type !== 'interval';
  const isBegun = saved !== null && saved.status !== 'draft';
  const { data, error, refetch } = useQuery({
    queryKey: ['executions', saved?.id],
    queryFn: async ({ signal }) => {
      const page = await api<z.output<typeof executionPage>>(`/syncs/${saved?.id}/executions`, {
        query: { limit: 20 },
        signal,
      });
      // a run that is over may have completed the sync
      if (isLive && endsByItself && page.items.every(({ state }) => state !== 'running')) await reload();
      return page.items;
    },
    enabled: isBegun,
    refetchInterval: isLive ? LOOK_EVERY_MS : false,
  });
  if (!isBegun) return null;
  return (
    <Stack gap="xs" mt="lg">
      <Group gap="sm">
        <Title order={2} size="h4">
          Executions
        </Title>
        <SyncStatusBadge status={saved.status} />
        <Anchor href={`/syncs/${saved.id}`} size="sm">
          Open the Sync detail page
        </Anchor>
      </Group>
      {error && <ProblemAlert problem={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading>Loading the executions</Loading>}
      {data?.length === 0 && <Text c="dimmed">There is no execution yet.</Text>}
      {data && data.length > 0 && <ExecutionTable executions={data} />}
    </Stack>
  );
}

type Executions = z.output<typeof executionPage>['items'];

function ExecutionTable({ executions }: { executions: Executions }) {
  return (
    <Table.ScrollContainer minWidth={620}>
      <Table aria-label="Executions">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Number</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Started</Table.Th>
            <Table.Th>Read</Table.Th>
            <Table.Th>Created</Table.Th>
            <Table.Th>Updated</Table.Th>
            <Table.Th>Unchanged</Table.Th>
            <Table.Th>Skipped</Table.Th>
            <Table.Th>Failed</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {executions.map(({ id, number, state, startedAt, counts }) => (
            <Table.Tr key={id}>
              <Table.Td>{number}</Table.Td>
              <Table.Td>
                <ExecutionStateBadge state={state} />
              </Table.Td>
              <Table.Td>{startedAt ? <Time at={startedAt} /> : 'not yet'}</Table.Td>
              {[counts.read, counts.created, counts.updated, counts.unchanged, counts.skipped, counts.failed].map(
                (count, index) => (
                  // the columns are always these six
                  // biome-ignore lint/suspicious/noArrayIndexKey: see above
                  <Table.Td key={index}>{formatNumber(count)}</Table.Td>
                ),
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
