import { Table, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { Breakable } from '../../../components/breakable';
import { OutsideLink } from '../../../components/links';
import { type Column, LongTable, type Pages, type RowPlace } from '../../../components/long-table';
import { NamedRecords } from '../../../components/named-records';
import { looksAlike } from '../../../lib/look-alike';
import { reasonInWords } from '../../../lib/reasons';
import { labelOf } from '../../syncs/lib/definition-words';
import type { Planned } from '../api';
import { ACTION_WORDS } from '../lib/plan-actions';
import { shownValue } from '../lib/try-mapping';
import { useEditor } from '../state/editor-context';
import classes from './planned-table.module.css';

interface PlannedTableProps {
  records: readonly Planned[];
  pages: Pages;
}

const COLUMNS: readonly Column[] = [
  { label: 'Record', percent: 30 },
  { label: 'Action', percent: 12 },
  { label: 'Before → after', percent: 58 },
];
/** Below this keys are broken letter by letter. */
const WIDE = '(min-width: 48em)';
const NARROW_COLUMNS: readonly Column[] = [
  { label: 'Record', percent: 46 },
  { label: 'What happens', percent: 54 },
];

/** Records of a preview: what would happen to each, before → after. */
export function PlannedTable({ records, pages }: PlannedTableProps) {
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  return (
    <LongTable
      label="Records of the preview"
      columns={isWide ? COLUMNS : NARROW_COLUMNS}
      records={records}
      pages={pages}
      className={classes.scroller}
      verticalSpacing={6}
    >
      {(record, place) => <Row record={record} place={place} isWide={isWide} />}
    </LongTable>
  );
}

const Row = ({ record, place, isWide }: { record: Planned; place: RowPlace; isWide: boolean }) => (
  <Table.Tr {...place} className={classes.row}>
    <Table.Td>
      {record.matchKey === null ? 'no key' : <Breakable text={record.matchKey} />}
      <RecordId id={record.sourceId} href={record.links.source} of="source" />
      {record.destinationId !== null && (
        <RecordId id={record.destinationId} href={record.links.destination} of="destination" />
      )}
    </Table.Td>
    {isWide && <Table.Td>{ACTION_WORDS[record.action]}</Table.Td>}
    <Table.Td>
      {!isWide && <b>{ACTION_WORDS[record.action]}</b>}
      <Changes record={record} />
    </Table.Td>
  </Table.Tr>
);

interface RecordIdProps {
  id: string;
  /** The page of the record; null where there is none, or it is not known. */
  href: string | null;
  of: 'source' | 'destination';
}

/** The Id of a record at one end, which leads to it. */
const RecordId = ({ id, href, of }: RecordIdProps) => (
  <Text size="xs" c="dimmed">
    {of === 'destination' && <span aria-hidden>→ </span>}
    {href === null ? (
      id
    ) : (
      <OutsideLink href={href} size="xs">
        {id}
        <span className="visually-hidden"> in the {of}</span>
      </OutsideLink>
    )}
  </Text>
);

/** The field for whose sake a record is refused, and what the source holds for it. */
function RefusedValue({ record: { action, problems } }: { record: Planned }) {
  const { destination } = useEditor();
  const [problem] = problems;
  if (action !== 'refuse' || !problem || problem.field === null) return null;
  return (
    <Text size="sm">
      <Text component="span" size="sm" c="dimmed">
        {labelOf(destination.object, problem.field)}
        {problem.value !== null && ': '}
      </Text>
      {problem.value !== null && <Breakable text={shownValue(problem.value)} />}
    </Text>
  );
}

function Changes({ record }: { record: Planned }) {
  const { destination } = useEditor();
  if (record.after === null) {
    return (
      <>
        <RefusedValue record={record} />
        <Text size="sm" c="dimmed">
          {record.message === null ? (
            record.reason === null ? (
              'nothing is written'
            ) : (
              reasonInWords(record.reason)
            )
          ) : (
            <NamedRecords text={record.message} records={record.matches} />
          )}
        </Text>
      </>
    );
  }
  return (
    <>
      {Object.entries(record.after).map(([name, value]) => (
        <Text size="sm" key={name}>
          <Text component="span" size="sm" c="dimmed">
            {labelOf(destination.object, name)}:{' '}
          </Text>
          {record.before && (
            <>
              <del>
                <Breakable text={shownValue(record.before[name])} />
              </del>{' '}
              →{' '}
            </>
          )}
          <ins style={{ textDecoration: 'none', fontWeight: 500 }}>
            <Breakable text={shownValue(value)} />
          </ins>
          {record.before &&
            looksAlike(record.before[name], value) &&
            ' (differs only in spaces, or in letters that look alike)'}
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
