import { Button, Group, Stack, Text } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ButtonLink } from '../../../components/links';
import { Loading } from '../../../components/loading';
import { PageHeading } from '../../../components/page-heading';
import { ProblemAlert } from '../../../components/problem-alert';
import { counted, formatNumber } from '../../../lib/format';
import { useConnections } from '../../connections/api';
import { useMay } from '../../session/api';
import { type Sync, useQuestionCounts, useSyncCounts, useSyncList } from '../api';
import { BulkActions } from '../components/bulk-actions';
import { EmptyList } from '../components/empty-list';
import { ListControls } from '../components/list-controls';
import { type FailedAction, useSyncActions } from '../components/sync-actions';
import { SyncCards } from '../components/sync-cards';
import { SyncTable } from '../components/sync-table';
import { EVERYTHING, isFiltered, type ListSearch } from '../lib/list-search';

const route = getRouteApi('/');
/** Below this the table would have to be scrolled. */
const WIDE = '(min-width: 62em)';
/** What is typed is looked for after a pause. */
const AFTER_TYPING_MS = 250;

/** The first page: every sync, and how it stands. */
export default function SyncListPage() {
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
      <SyncList mayEdit={mayEdit} />
    </Stack>
  );
}

function SyncList({ mayEdit }: { mayEdit: boolean }) {
  const shown = route.useSearch();
  const navigate = useNavigate();
  const [failed, setFailed] = useState<FailedAction | null>(null);
  const [selectedIds, setSelectedIds] = useState<readonly string[]>([]);
  const actions = useSyncActions(setFailed);
  const { data: connections } = useConnections();
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  const [search] = useDebouncedValue(shown.search, AFTER_TYPING_MS);
  const asked = { ...shown, search };
  const { data: syncs, error, refetch, isPlaceholderData, ...pages } = useSyncList(asked);
  const { data: counts } = useSyncCounts(asked);
  const questions = useQuestionCounts();

  if (counts?.all === 0) return <EmptyList mayEdit={mayEdit} />;

  const change = (part: Partial<ListSearch>) =>
    void navigate({ to: '/', search: { ...shown, ...part }, replace: true });
  const actionsOf = (sync: Sync) => (mayEdit ? actions(sync) : []);
  // what the search hides is not acted upon
  const selected = (syncs ?? []).filter(({ id }) => selectedIds.includes(id));
  const selection = mayEdit ? { ids: selected.map(({ id }) => id), onSelect: setSelectedIds } : null;

  return (
    <>
      {error && <ProblemAlert problem={error} title="The syncs could not be loaded" onRetry={() => void refetch()} />}
      <ListControls
        shown={shown}
        connections={connections ?? []}
        numbers={{ ...counts?.byStatus, ...questions }}
        onChange={change}
        hasSort={!isWide}
      />
      <BulkActions selected={selected} onSelect={setSelectedIds} onFailed={setFailed} />
      <ProblemAlert problem={failed?.problem} title={failed?.title} />
      {!syncs && !error && <Loading>Loading the syncs</Loading>}
      {syncs && counts && (
        <Text size="sm" c="dimmed" role="status">
          {countsInWords(counts, syncs.length)}
        </Text>
      )}
      {syncs?.length === 0 && isFiltered(shown) && <NothingFound onClear={() => change(EVERYTHING)} />}
      {syncs !== undefined && syncs.length > 0 && (
        <div aria-busy={isPlaceholderData || undefined}>
          {isWide ? (
            <SyncTable syncs={syncs} sorting={shown} onSort={change} actionsOf={actionsOf} selection={selection} />
          ) : (
            <SyncCards syncs={syncs} actionsOf={actionsOf} selection={selection} />
          )}
        </div>
      )}
      {pages.hasNextPage && (
        <Button
          variant="default"
          onClick={() => void pages.fetchNextPage()}
          loading={pages.isFetchingNextPage}
          w="fit-content"
        >
          Show more syncs
        </Button>
      )}
    </>
  );
}

/** `2 of 5 syncs`, and how many of them are shown, where that is fewer. */
function countsInWords({ all, found }: { all: number; found: number }, shown: number): string {
  const words = found === all ? counted(all, 'sync') : `${formatNumber(found)} of ${counted(all, 'sync')}`;
  return shown < found ? `${words}, the first ${formatNumber(shown)} are shown` : words;
}

const NothingFound = ({ onClear }: { onClear: () => void }) => (
  <Stack align="flex-start" gap="xs">
    <Text>No sync matches the search and the filters.</Text>
    <Button variant="default" size="xs" onClick={onClear}>
      Show all
    </Button>
  </Stack>
);
