import { Button, Drawer, Group, NativeSelect, Select, Stack, Text } from '@mantine/core';
import type { FieldDescription } from '../../../../domain/object-description';
import { useObjectDescription, useObjects } from '../api';
import { fieldName, fieldOptions } from '../lib/field-options';
import { shorteningOf } from '../lib/quick-fix';
import { byRank } from '../lib/ranked-options';
import type { MappingRow } from '../lib/sync-form';
import { useEditor } from '../state/editor-context';
import type { MappingRows } from '../state/use-mapping-rows';
import { ExpressionEditor } from './expression-editor';
import classes from './row-editor.module.css';
import { RowResults } from './row-results';
import { ShortenedBadge } from './shortened-badge';
import { ValueInput } from './value-input';
import { ValueTable } from './value-table';

interface RowEditorProps {
  /** Null while none is edited. */
  row: MappingRow | null;
  rows: MappingRows;
  onClose(): void;
}

/** What a mapping can do besides copying: a value table, a default, a look-up, and what blanks do. */
export function RowEditor({ row, rows, onClose }: RowEditorProps) {
  const { form, source, destination } = useEditor();
  const target = destination.object?.fields.find(({ name }) => name === row?.to);
  const fields = source.object?.fields ?? [];
  const shortening = row && shorteningOf(row, fields);
  const read = row?.kind === 'field' ? row.field : shortening?.field;
  const origin = fields.find(({ name }) => name === read);
  const title = `Options: ${origin ? fieldName(origin) : row?.kind === 'expression' ? 'expression' : 'value'} → ${target ? fieldName(target) : 'not chosen yet'}`;
  return (
    <Drawer
      opened={row !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={title}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {row && (
        <Stack gap="lg">
          {shortening && origin && (
            <Group gap="sm">
              <Text size="sm">{origin.label}</Text>
              <ShortenedBadge
                shortening={shortening}
                name={origin.label}
                onWhole={() => rows.changeRow(row.key, { kind: 'field', field: origin.name })}
              />
            </Group>
          )}
          {row.kind === 'expression' && <ExpressionEditor fields={fields} row={row} rows={rows} />}
          <RowResults row={row} />
          <ValueInput
            label="Default, used when the source is blank"
            isLabelShown
            field={target}
            value={row.default}
            onChange={(value) => rows.changeRow(row.key, { default: value })}
          />
          <ValueTable row={row} rows={rows} origin={origin} target={target} />
          <LookUp row={row} rows={rows} target={target} />
          <NativeSelect
            label="Blank values"
            description="What happens to the value in the destination when the source is blank."
            value={row.blankValues ?? ''}
            onChange={({ currentTarget: { value } }) =>
              rows.changeRow(row.key, { blankValues: value === 'keep' || value === 'clear' ? value : null })
            }
            data={[
              { value: '', label: `Same as the whole sync: ${form.blankValues}` },
              { value: 'keep', label: 'Keep the value in the destination' },
              { value: 'clear', label: 'Clear the value in the destination' },
            ]}
          />
          <Group justify="flex-end" className={classes.end}>
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      )}
    </Drawer>
  );
}

function LookUp({ row, rows, target }: { row: MappingRow; rows: MappingRows; target: FieldDescription | undefined }) {
  const { form } = useEditor();
  const objects = useObjects(form.destination.connectionId);
  const { data: object } = useObjectDescription({
    connectionId: form.destination.connectionId,
    object: row.lookup?.object ?? '',
  });
  if (!row.lookup) {
    return (
      <div>
        <Text size="sm" fw={600}>
          Look-up
        </Text>
        <Text size="xs" c="dimmed" mb={6}>
          Finds a destination record by this value, and writes its Id. If several match, the record fails.
        </Text>
        <Button
          variant="default"
          size="xs"
          onClick={() =>
            rows.changeRow(row.key, { lookup: { object: target?.referenceTo[0] ?? '', by: '', missing: 'fail' } })
          }
        >
          Add a look-up
        </Button>
      </div>
    );
  }
  const lookup = row.lookup;
  const set = (patch: Partial<typeof lookup>) => rows.changeRow(row.key, { lookup: { ...lookup, ...patch } });
  return (
    <Stack gap="xs">
      <Select
        label="Look up in"
        searchable
        filter={byRank}
        data={(objects.data ?? []).map(({ name, label }) => ({
          value: name,
          label: label === name ? name : `${label} (${name})`,
        }))}
        value={lookup.object || null}
        onChange={(name) => set({ object: name ?? '', by: '' })}
        placeholder="Choose an object"
      />
      <Select
        label="By the field"
        searchable
        filter={byRank}
        data={fieldOptions(
          (object?.fields ?? []).filter(({ matchable }) => matchable),
          lookup.by,
        )}
        value={lookup.by || null}
        onChange={(name) => set({ by: name ?? '' })}
        placeholder="Choose a field"
      />
      <NativeSelect
        label="If there is no such record"
        value={lookup.missing}
        onChange={({ currentTarget: { value } }) =>
          set({ missing: value === 'blank' || value === 'skip' ? value : 'fail' })
        }
        data={[
          { value: 'fail', label: 'The record fails' },
          { value: 'blank', label: 'The field stays blank' },
          { value: 'skip', label: 'The record is skipped' },
        ]}
      />
      <Group>
        <Button variant="default" size="xs" onClick={() => rows.changeRow(row.key, { lookup: null })}>
          Remove the look-up
        </Button>
      </Group>
    </Stack>
  );
}
