import { CloseButton, Group, NativeSelect, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { SYNC_LOOKS } from '../../../components/status-badge';
import { FILTERS, type ListFilter, type ListSearch, SORTS, type SortName } from '../lib/list-search';

const FILTER_WORDS: Record<ListFilter, string> = {
  ...(Object.fromEntries(Object.entries(SYNC_LOOKS).map(([name, { label }]) => [name, label])) as Record<
    keyof typeof SYNC_LOOKS,
    string
  >),
  running: 'Running now',
  failures: 'Last execution with failures',
};

const SORT_WORDS: Record<SortName, string> = {
  name: 'Name',
  status: 'Status',
  nextRun: 'Next run',
  lastRun: 'Last execution',
};

interface ListControlsProps {
  shown: ListSearch;
  onChange(change: Partial<ListSearch>): void;
  /** Where no table has headers to order by. */
  hasSort: boolean;
}

/** What the list shows: search, status, and order. */
export function ListControls({ shown, onChange, hasSort }: ListControlsProps) {
  const search = shown.search ?? '';
  return (
    <Group align="flex-end" gap="sm" role="search" aria-label="Syncs">
      <TextInput
        label="Search"
        placeholder="Name, object or connection"
        value={search}
        onChange={(event) => onChange({ search: event.currentTarget.value || undefined })}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={
          search === '' ? null : (
            <CloseButton aria-label="Clear the search" onClick={() => onChange({ search: undefined })} />
          )
        }
        flex={{ base: '1 1 100%', xs: '1 1 220px' }}
        maw={420}
      />
      <NativeSelect
        label="Status"
        value={shown.status ?? ''}
        onChange={(event) => onChange({ status: FILTERS.find((name) => name === event.currentTarget.value) })}
        data={[{ value: '', label: 'All' }, ...FILTERS.map((value) => ({ value, label: FILTER_WORDS[value] }))]}
      />
      {hasSort && (
        <NativeSelect
          label="Order by"
          value={shown.sort ?? 'name'}
          onChange={(event) =>
            onChange({ sort: SORTS.find((name) => name === event.currentTarget.value), order: undefined })
          }
          data={SORTS.map((value) => ({ value, label: SORT_WORDS[value] }))}
        />
      )}
    </Group>
  );
}
