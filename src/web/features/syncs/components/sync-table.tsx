import { Table, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Sync } from '../api';
import type { ListSearch, SortName } from '../lib/list-search';
import { scheduleOf } from '../lib/schedule-words';
import { LastRun } from './last-run';
import { SelectAll, type Selection, SelectSync } from './selection';
import type { SyncAction } from './sync-actions';
import { NextRun, SyncName, SyncStatus } from './sync-cells';
import { SyncMenu } from './sync-menu';
import classes from './sync-table.module.css';

export type Sorting = Pick<ListSearch, 'sort' | 'order'>;

interface SyncTableProps {
  syncs: readonly Sync[];
  sorting: Sorting;
  onSort(sorting: Sorting): void;
  actionsOf(sync: Sync): SyncAction[];
  selection: Selection | null;
}

/** The list as a table, for wide windows. */
export function SyncTable({ syncs, sorting, onSort, actionsOf, selection }: SyncTableProps) {
  const sorted = { sorting, onSort };
  return (
    <Table verticalSpacing="sm" className={classes.table}>
      <Table.Thead>
        <Table.Tr>
          {selection && (
            <Table.Th scope="col" w={40}>
              <SelectAll syncs={syncs} selection={selection} />
            </Table.Th>
          )}
          <SortableHeader name="name" {...sorted}>
            Sync
          </SortableHeader>
          <SortableHeader name="status" {...sorted}>
            Status
          </SortableHeader>
          <Table.Th scope="col">Schedule</Table.Th>
          <SortableHeader name="nextRun" {...sorted}>
            Next run
          </SortableHeader>
          <SortableHeader name="lastRun" {...sorted}>
            Last execution
          </SortableHeader>
          <Table.Th scope="col">
            <span className="visually-hidden">Actions</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {syncs.map((sync) => (
          <Table.Tr key={sync.id}>
            {selection && (
              <Table.Td>
                <SelectSync sync={sync} selection={selection} />
              </Table.Td>
            )}
            <Table.Td className={classes.name}>
              <SyncName sync={sync} />
            </Table.Td>
            <Table.Td className={classes.status}>
              <SyncStatus sync={sync} actions={actionsOf(sync)} />
            </Table.Td>
            <Table.Td className={classes.schedule}>
              <Text size="sm">{scheduleOf(sync)}</Text>
            </Table.Td>
            <Table.Td className={classes.next}>
              <NextRun sync={sync} />
            </Table.Td>
            <Table.Td className={classes.last}>
              <LastRun sync={sync} />
            </Table.Td>
            <Table.Td>
              <SyncMenu sync={sync} actions={actionsOf(sync)} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

interface SortableHeaderProps {
  name: SortName;
  children: ReactNode;
  sorting: Sorting;
  onSort(sorting: Sorting): void;
}

/** Of these the latest come first. */
const LATEST_FIRST: ReadonlySet<SortName> = new Set(['lastRun']);

function SortableHeader({ name, children, sorting: { sort = 'name', order }, onSort }: SortableHeaderProps) {
  const isSorted = sort === name;
  const isDescending = isSorted && order === 'descending';
  const becomesDescending = isSorted ? !isDescending : LATEST_FIRST.has(name);
  const Icon = isSorted ? (isDescending ? IconArrowDown : IconArrowUp) : IconArrowsSort;
  return (
    <Table.Th scope="col" aria-sort={isSorted ? (isDescending ? 'descending' : 'ascending') : 'none'}>
      <UnstyledButton
        className={classes.sort}
        onClick={() => onSort({ sort: name, order: becomesDescending ? 'descending' : undefined })}
      >
        {children} <Icon size={14} aria-hidden />
      </UnstyledButton>
    </Table.Th>
  );
}
