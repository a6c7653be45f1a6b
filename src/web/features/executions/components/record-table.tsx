import { Anchor, Table, Text } from '@mantine/core';
import { useRef } from 'react';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { Filler, useRowsInSight } from '../../../components/rows-in-sight';
import { counted } from '../../../lib/format';
import { reasonInWords } from '../../../lib/reasons';
import { type RecordOutcome, type RecordsFilter, useRecords } from '../api';
import { OUTCOME_WORDS } from '../words';
import classes from './record-table.module.css';

interface RecordTableProps {
  executionId: string;
  filter: RecordsFilter;
  /** Gets the Id of the record that somebody wants to see. */
  onOpen(sourceId: string): void;
}

/** Records of an execution, however many: those in sight are in the page, and more are asked for as one scrolls. */
export function RecordTable({ executionId, filter, onOpen }: RecordTableProps) {
  const { data, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useRecords(
    executionId,
    filter,
  );
  const records = data?.pages.flatMap(({ items }) => items) ?? [];
  const scroller = useRef<HTMLDivElement>(null);
  const { indexes, above, below, measure } = useRowsInSight(records.length, scroller, {
    hasNextPage,
    isFetchingNextPage,
    fetchNextPage,
  });

  if (error)
    return <ProblemAlert problem={error} title="The records could not be loaded" onRetry={() => void refetch()} />;
  if (isPending) return <Loading>Loading the records</Loading>;
  if (records.length === 0) return <Text size="sm">No records fit.</Text>;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <section ref={scroller} className={classes.scroller} tabIndex={0} aria-label="Records of the execution">
        <Table aria-rowcount={hasNextPage ? -1 : records.length + 1} stickyHeader miw={760}>
          <Table.Thead>
            <Table.Tr aria-rowindex={1}>
              <Table.Th scope="col">Source Id</Table.Th>
              <Table.Th scope="col">Match key</Table.Th>
              <Table.Th scope="col">Outcome</Table.Th>
              <Table.Th scope="col">Reason</Table.Th>
              <Table.Th scope="col">Destination Id</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Filler pixels={above} columns={5} />
            {indexes.map((index) => {
              const record = records[index];
              return (
                record && <Row key={record.sourceId} record={record} index={index} measure={measure} onOpen={onOpen} />
              );
            })}
            <Filler pixels={below} columns={5} />
          </Table.Tbody>
        </Table>
      </section>
      <Text size="xs" c="dimmed" role="status">
        {isFetchingNextPage
          ? 'Loading more records…'
          : hasNextPage
            ? `${counted(records.length, 'record')} loaded; scroll for more`
            : counted(records.length, 'record')}
      </Text>
    </>
  );
}

interface RowProps {
  record: RecordOutcome;
  index: number;
  measure(element: HTMLElement | null): void;
  onOpen(sourceId: string): void;
}

function Row({ record, index, measure, onOpen }: RowProps) {
  const { sourceId, matchKey, outcome, reason, message, field, destinationId, givenUp } = record;
  return (
    <Table.Tr ref={measure} data-index={index} aria-rowindex={index + 2} className={classes.row}>
      <Table.Td>
        <Anchor component="button" type="button" size="sm" onClick={() => onOpen(sourceId)}>
          <span className="visually-hidden">Record </span>
          {sourceId}
        </Anchor>
      </Table.Td>
      <Table.Td>
        {matchKey ?? (
          <Text span size="sm" c="dimmed">
            none
          </Text>
        )}
      </Table.Td>
      <Table.Td className={outcome === 'failed' ? classes.failed : undefined}>
        {OUTCOME_WORDS[outcome]}
        {givenUp && ` (given up by ${givenUp.by})`}
      </Table.Td>
      <Table.Td>
        {reason !== null && reasonInWords(reason)}
        {field !== null && ` · ${field}`}
        {message !== null && (
          <Text size="xs" c="dimmed">
            {message}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{destinationId}</Table.Td>
    </Table.Tr>
  );
}
