import { Group, Stack, Table, Text, Title } from '@mantine/core';
import type { ObjectDescription } from '../../../../domain/object-description';
import { OutsideLink } from '../../../components/links';
import { formatTime } from '../../../lib/format';
import type { RecordDetail } from '../api';
import { FieldName } from './field-name';
import classes from './record-way.module.css';

const shown = (text: string | undefined): string => (text === undefined || text === '' ? 'blank' : text);

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

interface ReadValuesProps {
  values: Readonly<Record<string, string>>;
  /** Of the source; null while it is not known. */
  object: ObjectDescription | null;
}

/** What was read of a record. */
export const ReadValues = ({ values, object }: ReadValuesProps) => (
  <Values title="Read from the source" object={object} columns={['Field', 'Value']} rows={Object.entries(values)} />
);

interface MappedAndSentProps {
  record: RecordDetail;
  /** Of the destination; null while it is not known. */
  object: ObjectDescription | null;
  /** Of the sync; that of the person when left out. */
  timeZone?: string | undefined;
}

/** What was mapped of a record, and how it was sent. */
export function MappedAndSent({ record: { mapped, sent }, object, timeZone }: MappedAndSentProps) {
  return (
    <>
      {mapped !== null && (
        <Values
          title="Mapped for the destination"
          object={object}
          columns={['Field', 'Value']}
          rows={Object.entries(mapped)}
        />
      )}
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
              isUpdate ? [field, before[field], text] : [field, text],
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
  rows: readonly (readonly (string | undefined)[])[];
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
                  <Table.Td key={columns[index + 1]}>{shown(text)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
