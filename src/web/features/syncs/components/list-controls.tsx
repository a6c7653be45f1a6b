import { CloseButton, Group, NativeSelect, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { DIRECTIONS, type Direction } from '../../../../domain/sync-list';
import { SYNC_LOOKS } from '../../../components/status-badge';
import { formatNumber } from '../../../lib/format';
import type { Connection } from '../../connections/api';
import {
  FILTERS,
  type ListFilter,
  type ListSearch,
  MOST_SEARCH_CHARACTERS,
  SORTS,
  type SortName,
} from '../lib/list-search';

const FILTER_WORDS: Record<ListFilter, string> = {
  ...(Object.fromEntries(Object.entries(SYNC_LOOKS).map(([name, { label }]) => [name, label])) as Record<
    keyof typeof SYNC_LOOKS,
    string
  >),
  running: 'Running now',
  failures: 'Failures in the last execution',
};

const SORT_WORDS: Record<SortName, string> = {
  name: 'Name',
  status: 'Status',
  nextRun: 'Next run',
  lastRun: 'Last execution',
};

const DIRECTION_WORDS: Record<Direction, string> = {
  marketoToSalesforce: 'Marketo → Salesforce',
  salesforceToMarketo: 'Salesforce → Marketo',
};

const HALF_WHERE_NARROW = { base: '1 1 40%', xs: '0 0 auto' };

interface ListControlsProps {
  shown: ListSearch;
  connections: readonly Connection[];
  /** How many syncs each choice of the status has, as far as that is known. */
  numbers: Partial<Record<ListFilter, number>>;
  onChange(change: Partial<ListSearch>): void;
  /** Where no table has headers to order by. */
  hasSort: boolean;
}

/** What the list shows: search, status, direction, connection, and order. */
export function ListControls({ shown, connections, numbers, onChange, hasSort }: ListControlsProps) {
  const search = shown.search ?? '';
  const numbered = (status: ListFilter): string => {
    const number = numbers[status];
    return number === undefined ? FILTER_WORDS[status] : `${FILTER_WORDS[status]} (${formatNumber(number)})`;
  };
  return (
    <Group align="flex-end" gap="sm" role="search" aria-label="Syncs">
      <TextInput
        label="Search"
        placeholder="Name, object or connection"
        value={search}
        maxLength={MOST_SEARCH_CHARACTERS}
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
        flex={HALF_WHERE_NARROW}
        label="Status"
        value={shown.status ?? ''}
        onChange={(event) => onChange({ status: FILTERS.find((name) => name === event.currentTarget.value) })}
        data={[{ value: '', label: 'All' }, ...FILTERS.map((value) => ({ value, label: numbered(value) }))]}
      />
      <NativeSelect
        flex={HALF_WHERE_NARROW}
        label="Direction"
        value={shown.direction ?? ''}
        onChange={(event) => onChange({ direction: DIRECTIONS.find((name) => name === event.currentTarget.value) })}
        data={[{ value: '', label: 'All' }, ...DIRECTIONS.map((value) => ({ value, label: DIRECTION_WORDS[value] }))]}
      />
      <NativeSelect
        flex={HALF_WHERE_NARROW}
        label="Connection"
        value={shown.connection ?? ''}
        onChange={(event) => onChange({ connection: event.currentTarget.value || undefined })}
        data={[{ value: '', label: 'All' }, ...connections.map(({ id, name }) => ({ value: id, label: name }))]}
        maw={{ xs: 220 }}
      />
      {hasSort && (
        <NativeSelect
          flex={HALF_WHERE_NARROW}
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
