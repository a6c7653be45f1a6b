import { Button, Group, Stack, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ButtonLink } from '../../../components/links';
import { Loading } from '../../../components/loading';
import { PageHeading } from '../../../components/page-heading';
import { ProblemAlert } from '../../../components/problem-alert';
import { counted } from '../../../lib/format';
import { useConnections } from '../../connections/api';
import { useEndInWords } from '../../connections/names';
import { useMay } from '../../session/api';
import { type Sync, useSyncs } from '../api';
import { BulkActions } from '../components/bulk-actions';
import { EmptyList } from '../components/empty-list';
import { ListControls } from '../components/list-controls';
import { type FailedAction, useSyncActions } from '../components/sync-actions';
import { SyncCards } from '../components/sync-cards';
import { SyncTable } from '../components/sync-table';
import { EVERYTHING, type ListSearch } from '../lib/list-search';
import { visibleSyncs } from '../lib/visible-syncs';

const route = getRouteApi('/');
/** Below this the table would have to be scrolled. */
const WIDE = '(min-width: 62em)';

/** The first page: every sync, and how it stands. */
export default function SyncListPage() {
  const { data: syncs, error, refetch } = useSyncs();
  const mayEdit = useMay('operator');
  return (
    <Stack>
      <Group justify="space-between">
        <PageHeading>Syncs</PageHeading>
        {mayEdit && (
          <Group gap="xs">
            <ButtonLink to="/import" variant="default">
              Import
            </ButtonLink>
            <ButtonLink to="/syncs/new" leftSection={<IconPlus size={18} aria-hidden />}>
              Add New Sync
            </ButtonLink>
          </Group>
        )}
      </Group>
      {error && <ProblemAlert problem={error} title="The syncs could not be loaded" onRetry={() => void refetch()} />}
      {!syncs && !error && <Loading>Loading the syncs</Loading>}
      {syncs?.length === 0 && <EmptyList mayEdit={mayEdit} />}
      {syncs !== undefined && syncs.length > 0 && <SyncList syncs={syncs} mayEdit={mayEdit} />}
    </Stack>
  );
}

function SyncList({ syncs, mayEdit }: { syncs: readonly Sync[]; mayEdit: boolean }) {
  const shown = route.useSearch();
  const navigate = useNavigate();
  const [failed, setFailed] = useState<FailedAction | null>(null);
  const [selectedIds, setSelectedIds] = useState<readonly string[]>([]);
  const actions = useSyncActions(setFailed);
  const inWords = useEndInWords();
  const { data: connections } = useConnections();
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });

  const change = (part: Partial<ListSearch>) =>
    void navigate({ to: '/', search: { ...shown, ...part }, replace: true });
  const actionsOf = (sync: Sync) => (mayEdit ? actions(sync) : []);
  // before they are loaded nobody knows of a direction
  const wanted = connections ? shown : { ...shown, direction: undefined };
  const visible = visibleSyncs(syncs, wanted, {
    wordsOf: ({ source, destination }) => `${inWords(source)} ${inWords(destination)}`,
    kindOf: (connectionId) => connections?.find(({ id }) => id === connectionId)?.kind,
  });

  // what the search hides is not acted upon
  const selected = visible.filter(({ id }) => selectedIds.includes(id));
  const selection = mayEdit ? { ids: selected.map(({ id }) => id), onSelect: setSelectedIds } : null;

  return (
    <>
      <ListControls shown={shown} connections={connections ?? []} onChange={change} hasSort={!isWide} />
      <BulkActions selected={selected} onSelect={setSelectedIds} onFailed={setFailed} />
      <ProblemAlert problem={failed?.problem} title={failed?.title} />
      <Text size="sm" c="dimmed" role="status">
        {visible.length === syncs.length
          ? counted(syncs.length, 'sync')
          : `${visible.length} of ${counted(syncs.length, 'sync')}`}
      </Text>
      {visible.length === 0 && <NothingFound onClear={() => change(EVERYTHING)} />}
      {visible.length > 0 &&
        (isWide ? (
          <SyncTable syncs={visible} sorting={shown} onSort={change} actionsOf={actionsOf} selection={selection} />
        ) : (
          <SyncCards syncs={visible} actionsOf={actionsOf} selection={selection} />
        ))}
    </>
  );
}

const NothingFound = ({ onClear }: { onClear: () => void }) => (
  <Stack align="flex-start" gap="xs">
    <Text>No sync fits the search and the filters.</Text>
    <Button variant="default" size="xs" onClick={onClear}>
      Show all
    </Button>
  </Stack>
);
