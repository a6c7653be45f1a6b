import { List, Stack } from '@mantine/core';
import { Loading } from '../../../components/loading';
import { PageHeading } from '../../../components/page-heading';
import { ProblemAlert } from '../../../components/problem-alert';
import { SyncStatusBadge } from '../../../components/status-badge';
import { useSyncs } from '../api';

/** The first page: every sync, and how it stands. */
export default function SyncListPage() {
  const { data: syncs, error, refetch } = useSyncs();
  return (
    <Stack>
      <PageHeading>Syncs</PageHeading>
      {error && <ProblemAlert problem={error} title="The syncs could not be loaded" onRetry={() => void refetch()} />}
      {!syncs && !error && <Loading>Loading the syncs</Loading>}
      {syncs && (
        <List>
          {syncs.map((sync) => (
            <List.Item key={sync.id}>
              {sync.name} <SyncStatusBadge status={sync.status} isOverdue={sync.overdueSince !== null} />
            </List.Item>
          ))}
        </List>
      )}
    </Stack>
  );
}
