import { Anchor, Table, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { whoInWords } from '../../../../domain/key-of-settings';
import { Breakable } from '../../../components/breakable';
import { Loading } from '../../../components/loading';
import { type Column, LongTable, type RowPlace } from '../../../components/long-table';
import { ProblemAlert } from '../../../components/problem-alert';
import { reasonInWords } from '../../../lib/reasons';
import { type Execution, type RecordOutcome, type RecordsFilter, useRecords } from '../api';
import { isToldByOutcome, laterInWords, outcomeInWords } from '../words';
import { ExecutionLink } from './execution-link';
import classes from './record-table.module.css';

interface RecordTableProps {
  execution: Execution;
  filter: RecordsFilter;
  /** Gets the Id of the record that somebody wants to see. */
  onOpen(sourceId: string): void;
}

const COLUMNS: readonly Column[] = [
  { label: 'Source Id', percent: 16 },
  { label: 'Match key', percent: 27 },
  { label: 'Outcome', percent: 16 },
  { label: 'Reason', percent: 25 },
  { label: 'Destination Id', percent: 16 },
];
/** Below this they would have to be scrolled sideways. */
const WIDE = '(min-width: 48em)';
const NARROW_COLUMNS: readonly Column[] = [
  { label: 'Record', percent: 45 },
  { label: 'Outcome', percent: 55 },
];

/** Records of an execution, and what became of each. */
export function RecordTable({ execution, filter, onOpen }: RecordTableProps) {
  const pages = useRecords(execution, filter);
  const { data, error, isPending, isFetchNextPageError, refetch } = pages;
  const records = data?.pages.flatMap(({ items }) => items) ?? [];
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  const Shown = isWide ? Row : NarrowRow;

  if (isPending) return <Loading>Loading the records</Loading>;
  return (
    <>
      {/* what was loaded before stays; that no more came is told below it */}
      {error && !isFetchNextPageError && (
        <ProblemAlert problem={error} title="The records could not be loaded" onRetry={() => void refetch()} />
      )}
      {data && records.length === 0 && <Text size="sm">No records match.</Text>}
      {records.length > 0 && (
        <LongTable
          label="Records of the execution"
          columns={isWide ? COLUMNS : NARROW_COLUMNS}
          records={records}
          pages={pages}
          className={classes.scroller}
          {...(isWide ? { miw: 760 } : {})}
        >
          {(record, place) => <Shown record={record} place={place} onOpen={onOpen} />}
        </LongTable>
      )}
    </>
  );
}

interface RowProps {
  record: RecordOutcome;
  place: RowPlace;
  onOpen(sourceId: string): void;
}

function Row({ record, place, onOpen }: RowProps) {
  return (
    <Table.Tr {...place} className={classes.row}>
      <Table.Td>
        <SourceId record={record} onOpen={onOpen} />
      </Table.Td>
      <Table.Td>
        {record.matchKey === null ? (
          <Text span size="sm" c="dimmed">
            none
          </Text>
        ) : (
          <Breakable text={record.matchKey} />
        )}
      </Table.Td>
      <Table.Td>
        <OutcomeWords record={record} />
      </Table.Td>
      <Table.Td>
        <Reason record={record} />
      </Table.Td>
      <Table.Td>
        <DestinationId record={record} />
      </Table.Td>
    </Table.Tr>
  );
}

/** The same in two columns. */
function NarrowRow({ record, place, onOpen }: RowProps) {
  const { matchKey, reason, message, destinationId } = record;
  return (
    <Table.Tr {...place} className={classes.row}>
      <Table.Td>
        <SourceId record={record} onOpen={onOpen} />
        <Text size="xs">{matchKey === null ? 'no match key' : <Breakable text={matchKey} />}</Text>
      </Table.Td>
      <Table.Td>
        <OutcomeWords record={record} />
        {(reason !== null || message !== null) && (
          <Text size="xs" component="div">
            <Reason record={record} />
          </Text>
        )}
        {destinationId !== null && (
          <Text size="xs" c="dimmed">
            <DestinationId record={record} />
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

const SourceId = ({ record: { sourceId }, onOpen }: Omit<RowProps, 'place'>) => (
  <Anchor component="button" type="button" size="sm" onClick={() => onOpen(sourceId)}>
    <span className="visually-hidden">Record </span>
    {sourceId}
  </Anchor>
);

/** The record that was written; one that an undo has deleted is not there any more. */
const DestinationId = ({ record: { destinationId, undone } }: Pick<RowProps, 'record'>) => (
  <>
    {destinationId}
    {destinationId !== null && undone?.how === 'deleted' && ' (deleted)'}
  </>
);

/** What became of a record; one that failed stands out until it is dealt with. */
const OutcomeWords = ({ record: { outcome, reason, givenUp, later, undone } }: Pick<RowProps, 'record'>) => (
  <span className={outcome === 'failed' && !givenUp && !later ? classes.failed : undefined}>
    {outcomeInWords({ outcome, reason })}
    {givenUp && `, given up by ${whoInWords(givenUp.by)}`}
    {later && !givenUp && (
      <>
        {`, ${laterInWords(later)} `}
        <ExecutionLink id={later.executionId} number={later.number} />
      </>
    )}
    {undone && (
      <>
        {', then undone in '}
        <ExecutionLink id={undone.executionId} number={undone.number} />
      </>
    )}
  </span>
);

const Reason = ({ record: { reason, field, message } }: Pick<RowProps, 'record'>) => (
  <>
    {reason !== null && !isToldByOutcome(reason) && reasonInWords(reason)}
    {field !== null && ` · ${field}`}
    {message !== null && (
      <Text size="xs" c="dimmed">
        {message}
      </Text>
    )}
  </>
);
