import { Alert, Group, List, Stack, Table, Text, Title } from '@mantine/core';
import { whoInWords } from '../../../../domain/key-of-settings';
import type { ObjectDescription } from '../../../../domain/object-description';
import { OutsideLink } from '../../../components/links';
import { formatTime } from '../../../lib/format';
import { labelOf } from '../../syncs/lib/definition-words';
import type { RecordDetail } from '../api';
import { FieldName } from './field-name';
import classes from './record-way.module.css';

const shown = (text: string | undefined): string => (text === undefined || text === '' ? 'blank' : text);

const shownOf = (values: Readonly<Record<string, string>>): string[][] =>
  Object.entries(values).map(([field, text]) => [field, shown(text)]);

/** The record where it came from, and where it went to. */
export function RecordLinks({ links: { source, destination } }: { links: RecordDetail['links'] }) {
  if (source === null && destination === null) return null;
  return (
    <Group gap="md">
      {source !== null && <OutsideLink href={source}>Open it in the source</OutsideLink>}
      {destination !== null && <OutsideLink href={destination}>Open it in the destination</OutsideLink>}
    </Group>
  );
}

interface OfObject {
  /** Whose fields they are; null while it is not known. */
  object: ObjectDescription | null;
}
interface OfTime {
  /** Of the sync; that of the person when left out. */
  timeZone?: string | undefined;
}

type Correction = NonNullable<RecordDetail['correction']>;
interface CorrectedByHandProps extends OfObject, OfTime {
  correction: Correction;
  /** As they were corrected. */
  values: Readonly<Record<string, string>>;
}

/** What somebody has put in place of what the source said. */
export function CorrectedByHand({
  correction: { by, at, sourceValues },
  values,
  object,
  timeZone,
}: CorrectedByHandProps) {
  return (
    <Alert color="yellow" variant="light" title="Corrected by hand" role="note">
      <Stack gap={4}>
        {(by !== null || at !== null) && (
          <Text size="sm">
            {by !== null && `By ${whoInWords(by)}`}
            {by !== null && at !== null && ', '}
            {at !== null && formatTime(at, timeZone)}
          </Text>
        )}
        <List size="sm" className={classes.corrected}>
          {Object.entries(sourceValues).map(([field, said]) => (
            <List.Item key={field}>
              {labelOf(object, field)}: it was {quoted(said)} in the source; corrected by hand to{' '}
              {quoted(values[field])}.
            </List.Item>
          ))}
        </List>
      </Stack>
    </Alert>
  );
}

const quoted = (text: string | undefined): string => (text === undefined || text === '' ? 'nothing' : `“${text}”`);

interface ReadValuesProps extends OfObject {
  values: Readonly<Record<string, string>>;
  correction: Correction | null;
}

/** What was read of a record; where somebody has corrected it, with what the source said. */
export function ReadValues({ values, object, correction }: ReadValuesProps) {
  if (correction === null)
    return <Values title="Read from the source" object={object} columns={['Field', 'Value']} rows={shownOf(values)} />;
  const said = { ...values, ...correction.sourceValues };
  return (
    <Values
      title="Read from the source and corrected by hand"
      object={object}
      columns={['Field', 'In the source', 'Corrected by hand to']}
      rows={Object.keys(values).map((field) => [
        field,
        shown(said[field]),
        field in correction.sourceValues ? shown(values[field]) : '',
      ])}
    />
  );
}

/** What was mapped of a record. */
export const MappedValues = ({ mapped, object }: Pick<RecordDetail, 'mapped'> & OfObject) =>
  mapped !== null && (
    <Values title="Mapped for the destination" object={object} columns={['Field', 'Value']} rows={shownOf(mapped)} />
  );

/** How a record was sent. */
export function SentValues({ sent, object, timeZone }: Pick<RecordDetail, 'sent'> & OfObject & OfTime) {
  return (
    <>
      {sent.map(({ operation, at, values, before }) => {
        const isUpdate = operation === 'update';
        return (
          <Values
            key={`${operation} ${at}`}
            title={SENT[operation]}
            object={object}
            at={at === null ? 'Planned, and not sent.' : formatTime(at, timeZone)}
            columns={isUpdate ? ['Field', 'Before', 'Sent'] : ['Field', 'Sent']}
            rows={Object.entries(values).map(([field, text]) =>
              isUpdate ? [field, shown(before[field]), shown(text)] : [field, shown(text)],
            )}
          />
        );
      })}
    </>
  );
}

const SENT: Record<RecordDetail['sent'][number]['operation'], string> = {
  create: 'Sent to be created',
  update: 'Sent as an update',
  delete: 'Sent to be deleted',
};

interface ValuesProps {
  title: string;
  object: ObjectDescription | null;
  /** When they were sent, in words. */
  at?: string;
  columns: readonly string[];
  /** The name of a field, then its values. */
  rows: readonly (readonly string[])[];
}

function Values({ title, object, at, columns, rows }: ValuesProps) {
  return (
    <Stack gap={4}>
      <Title order={3} size="h5">
        {title}
      </Title>
      {at !== undefined && (
        <Text size="xs" c="dimmed">
          {at}
        </Text>
      )}
      {rows.length > 0 && (
        <Table layout="fixed" className={classes.values} aria-label={title}>
          <Table.Thead>
            <Table.Tr>
              {columns.map((name) => (
                <Table.Th key={name} scope="col">
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(([field = '', ...texts]) => (
              <Table.Tr key={field}>
                <Table.Th scope="row">
                  <FieldName object={object} name={field} />
                </Table.Th>
                {texts.map((text, index) => (
                  <Table.Td key={columns[index + 1]}>{text}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
