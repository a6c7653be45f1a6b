import { ActionIcon, Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { FieldDescription } from '../../../../domain/object-description';
import { counted } from '../../../lib/format';
import { useExamples } from '../api';
import { begunTable } from '../lib/begun-table';
import type { MappingRow } from '../lib/sync-form';
import { useEditor } from '../state/editor-context';
import type { MappingRows } from '../state/use-mapping-rows';
import { ValueInput } from './value-input';

interface ValueTableProps {
  row: MappingRow;
  rows: MappingRows;
  origin: FieldDescription | undefined;
  target: FieldDescription | undefined;
}

/** Values of the source, and what each becomes. */
export function ValueTable({ row, rows, origin, target }: ValueTableProps) {
  const known = useKnownValues(row, origin);
  const table = row.table;
  const setTable = (next: MappingRow['table']) => rows.changeRow(row.key, { table: next });
  if (!table) {
    return (
      <div>
        <Text size="sm" fw={600}>
          Value table
        </Text>
        <Text size="xs" c="dimmed" mb={6}>
          Translates values of the source into those of the destination.
        </Text>
        <Button variant="default" size="xs" onClick={() => setTable(begunTable(known, target))}>
          Add a value table
        </Button>
      </div>
    );
  }
  const emptied = table.filter(({ from, to }) => from !== '' && to === null).length;
  const setEntry = (at: number, patch: Partial<(typeof table)[number]>) =>
    setTable(table.map((entry, index) => (index === at ? { ...entry, ...patch } : entry)));
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        Value table
      </Text>
      {table.map((entry, index) => (
        // entries have no identity but their place
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <Group key={index} wrap="nowrap" gap="xs">
          <TextInput
            aria-label={`Value ${index + 1} of the source`}
            placeholder="Source value"
            flex={1}
            value={entry.from}
            onChange={({ currentTarget: { value } }) => setEntry(index, { from: value })}
          />
          <span aria-hidden>→</span>
          <ValueInput
            label={`becomes, value ${index + 1}`}
            field={target}
            value={entry.to}
            onChange={(to) => setEntry(index, { to: to === '' ? null : to })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Remove value ${index + 1}`}
            onClick={() => setTable(table.length === 1 ? null : table.filter((_entry, at) => at !== index))}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setTable([...table, { from: '', to: null }])}
        >
          Add a value
        </Button>
      </Group>
      {known.length === 0 && (
        <Text size="xs" c="dimmed">
          None of the examples has a value here: type the values that you expect.
        </Text>
      )}
      {emptied > 0 && (
        <Text size="xs" c="var(--sync-color-warning)">
          {counted(emptied, 'value')} become blank: nothing stands beside {emptied === 1 ? 'it' : 'them'}.
        </Text>
      )}
      <NativeSelect
        label="Other values"
        value={row.otherwise}
        onChange={({ currentTarget: { value } }) =>
          rows.changeRow(row.key, { otherwise: value === 'blank' || value === 'fail' ? value : 'pass' })
        }
        data={[
          { value: 'pass', label: 'Pass as they are' },
          { value: 'blank', label: 'Become blank' },
          { value: 'fail', label: 'Make the record fail' },
        ]}
      />
    </Stack>
  );
}

const MOST_KNOWN = 30;

/** Values that the source field has: of its picklist, else of the examples, the most frequent first. */
function useKnownValues(row: MappingRow, origin: FieldDescription | undefined): string[] {
  const { form } = useEditor();
  const { data: examples = [] } = useExamples(form.source);
  if (origin && origin.picklistValues.length > 0)
    return origin.picklistValues.slice(0, MOST_KNOWN).map(({ value }) => value);
  const counts = new Map<string, number>();
  for (const { values } of examples) {
    const value = values[row.field];
    if (value !== null && value !== undefined && value !== '')
      counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, one], [, other]) => other - one)
    .map(([value]) => value)
    .slice(0, MOST_KNOWN);
}
