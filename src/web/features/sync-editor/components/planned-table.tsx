import { Table, Text } from '@mantine/core';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { useRef } from 'react';
import { Filler, useRowsInSight } from '../../../components/rows-in-sight';
import { counted } from '../../../lib/format';
import { reasonInWords } from '../../../lib/reasons';
import type { Planned } from '../api';
import { ACTION_WORDS } from '../lib/plan-actions';
import { shownValue } from '../lib/try-mapping';
import classes from './planned-table.module.css';

interface PlannedTableProps {
  records: readonly Planned[];
  pages: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>;
}

/** Records of a preview, however many: what would happen to each, before → after. */
export function PlannedTable({ records, pages }: PlannedTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { indexes, above, below, measure } = useRowsInSight(records.length, scroller, pages);
  const { hasNextPage, isFetchingNextPage } = pages;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <section ref={scroller} className={classes.scroller} tabIndex={0} aria-label="Records of the preview">
        <Table verticalSpacing={6} stickyHeader aria-rowcount={hasNextPage ? -1 : records.length + 1}>
          <Table.Thead>
            <Table.Tr aria-rowindex={1}>
              <Table.Th scope="col">Record</Table.Th>
              <Table.Th scope="col">Action</Table.Th>
              <Table.Th scope="col">Before → after</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Filler pixels={above} columns={3} />
            {indexes.map((index) => {
              const record = records[index];
              return record && <Row key={record.sourceId} record={record} index={index} measure={measure} />;
            })}
            <Filler pixels={below} columns={3} />
          </Table.Tbody>
        </Table>
      </section>
      <Text size="xs" c="dimmed" role="status">
        {isFetchingNextPage
          ? 'Loading more records…'
          : `${counted(records.length, 'record')}${hasNextPage ? ' loaded; scroll for more' : ''}`}
      </Text>
    </>
  );
}

interface RowProps {
  record: Planned;
  index: number;
  measure(element: HTMLElement | null): void;
}

const Row = ({ record, index, measure }: RowProps) => (
  <Table.Tr ref={measure} data-index={index} aria-rowindex={index + 2} className={classes.row}>
    <Table.Td>
      {record.matchKey ?? 'no key'}
      <Text size="xs" c="dimmed">
        {record.sourceId}
      </Text>
    </Table.Td>
    <Table.Td>{ACTION_WORDS[record.action]}</Table.Td>
    <Table.Td>
      <Changes record={record} />
    </Table.Td>
  </Table.Tr>
);

function Changes({ record }: { record: Planned }) {
  if (record.after === null) {
    return (
      <Text size="sm" c="dimmed">
        {record.message ?? (record.reason === null ? 'nothing is written' : reasonInWords(record.reason))}
      </Text>
    );
  }
  return (
    <>
      {Object.entries(record.after).map(([name, value]) => (
        <Text size="sm" key={name}>
          <Text component="span" size="sm" c="dimmed">
            {name}:{' '}
          </Text>
          {record.before && (
            <>
              <del>{shownValue(record.before[name])}</del> →{' '}
            </>
          )}
          <ins style={{ textDecoration: 'none', fontWeight: 500 }}>{shownValue(value)}</ins>
        </Text>
      ))}
      {record.problems.map(({ code, message }) => (
        <Text size="sm" key={`${code} ${message}`}>
          {message ?? reasonInWords(code)}
        </Text>
      ))}
    </>
  );
}
