import { ActionIcon, Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { FieldDescription } from '../../../../domain/object-description';
import { counted } from '../../../lib/format';
import { useExamples } from '../api';
import { begunTable, seenFirst } from '../lib/begun-table';
import { frequentValues } from '../lib/frequent-values';
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
  const { known, seen } = useKnownValues(row, origin);
  const table = row.table;
  const order = useOrder(row, seen);
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
      <Group justify="space-between">
        <Text size="sm" fw={600}>
          Value table
        </Text>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconTrash size={14} aria-hidden />}
          onClick={() => setTable(null)}
        >
          Remove the table
        </Button>
      </Group>
      {order.map((index, at) => {
        const entry = table[index];
        if (!entry) return null;
        return (
          // entries have no identity but their place
          <Group key={index} wrap="nowrap" gap="xs">
            <TextInput
              aria-label={`Value ${at + 1} of the source`}
              placeholder="Source value"
              flex={1}
              value={entry.from}
              onChange={({ currentTarget: { value } }) => setEntry(index, { from: value })}
            />
            <span aria-hidden>→</span>
            <ValueInput
              label={`becomes, value ${at + 1}`}
              field={target}
              value={entry.to}
              onChange={(to) => setEntry(index, { to: to === '' ? null : to })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove value ${at + 1}`}
              onClick={() => setTable(table.length === 1 ? null : table.filter((_entry, place) => place !== index))}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        );
      })}
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

/** Values that the source field has: those of the examples, the most frequent first, then those of its picklist. */
function useKnownValues({ field }: MappingRow, origin: FieldDescription | undefined) {
  const { form } = useEditor();
  const { data: examples = [] } = useExamples(form.source);
  return useMemo(() => {
    const held = frequentValues(examples, origin?.name ?? field).map(({ value }) => String(value));
    const listed = origin?.picklistValues.map(({ value }) => value) ?? [];
    return { known: [...new Set([...held, ...listed])].slice(0, MOST_KNOWN), seen: new Set(held) };
  }, [examples, field, origin]);
}

/** The places of the table's entries as they are shown; none moves while it is being typed. */
function useOrder({ key, table }: MappingRow, seen: ReadonlySet<string>): number[] {
  const entries = table?.length ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is put in order when it is opened and when an entry comes or goes
  return useMemo(() => seenFirst(table ?? [], seen), [key, entries, seen]);
}
