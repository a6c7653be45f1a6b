import { Anchor, Table, Text } from '@mantine/core';
import { Loading } from '../../../components/loading';
import { LongTable, type RowPlace } from '../../../components/long-table';
import { ProblemAlert } from '../../../components/problem-alert';
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

const COLUMNS = ['Source Id', 'Match key', 'Outcome', 'Reason', 'Destination Id'];

/** Records of an execution, and what became of each. */
export function RecordTable({ executionId, filter, onOpen }: RecordTableProps) {
  const pages = useRecords(executionId, filter);
  const { data, error, isPending, refetch } = pages;
  const records = data?.pages.flatMap(({ items }) => items) ?? [];

  if (error)
    return <ProblemAlert problem={error} title="The records could not be loaded" onRetry={() => void refetch()} />;
  if (isPending) return <Loading>Loading the records</Loading>;
  if (records.length === 0) return <Text size="sm">No records fit.</Text>;
  return (
    <LongTable
      label="Records of the execution"
      columns={COLUMNS}
      records={records}
      pages={pages}
      className={classes.scroller}
      miw={760}
    >
      {(record, place) => <Row record={record} place={place} onOpen={onOpen} />}
    </LongTable>
  );
}

interface RowProps {
  record: RecordOutcome;
  place: RowPlace;
  onOpen(sourceId: string): void;
}

function Row({ record, place, onOpen }: RowProps) {
  const { sourceId, matchKey, outcome, reason, message, field, destinationId, givenUp } = record;
  return (
    <Table.Tr {...place} className={classes.row}>
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
