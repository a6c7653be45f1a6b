import { ActionIcon, Group, Textarea } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import type { MappingRow } from '../lib/sync-form';
import { useEditor } from '../state/editor-context';
import type { MappingRows } from '../state/use-mapping-rows';
import { FieldSelect } from './field-select';
import classes from './mapping-grid.module.css';
import { ValueInput } from './value-input';

/** Choices of the list that lead to another kind of source; no field has such a name. */
const CONSTANT = '=constant';
const EXPRESSION = '=expression';
const OTHER_SOURCES = [
  { value: CONSTANT, label: 'A constant value…' },
  { value: EXPRESSION, label: 'An expression…' },
];

interface MappingSourceProps {
  row: MappingRow;
  /** Which mapping it is, in words. */
  name: string;
  isWrong: boolean;
  rows: MappingRows;
}

/** Where the value of a mapping comes from: a field, a constant or an expression. */
export function MappingSource({ row, name, isWrong, rows }: MappingSourceProps) {
  const { source, destination } = useEditor();
  const fields = source.object?.fields.filter(({ type }) => type !== 'other') ?? [];
  const label = `Source of ${name}`;
  if (row.kind === 'field') {
    const choose = (value: string) => {
      if (value === CONSTANT) rows.changeRow(row.key, { kind: 'constant' });
      else if (value === EXPRESSION) rows.changeRow(row.key, { kind: 'expression' });
      else rows.changeRow(row.key, { field: value });
    };
    return (
      <div className={classes.source}>
        <FieldSelect
          aria-label={label}
          placeholder="Source field"
          fields={fields}
          more={OTHER_SOURCES}
          value={row.field}
          onChange={choose}
          error={isWrong}
        />
      </div>
    );
  }
  return (
    <Group className={classes.source} gap={4} wrap="nowrap" align="flex-start">
      {row.kind === 'constant' ? (
        <ValueInput
          label={`${label}: constant`}
          field={destination.object?.fields.find((field) => field.name === row.to)}
          value={row.constant}
          onChange={(constant) => rows.changeRow(row.key, { constant })}
          isWrong={isWrong}
        />
      ) : (
        <Textarea
          aria-label={`${label}: expression`}
          placeholder="firstName + ' ' + lastName"
          autosize
          minRows={1}
          flex={1}
          value={row.expression}
          onChange={({ currentTarget: { value } }) => rows.changeRow(row.key, { expression: value })}
          error={isWrong}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        />
      )}
      <ActionIcon
        variant="subtle"
        color="gray"
        mt={3}
        aria-label={`Take a field for ${name} instead`}
        onClick={() => rows.changeRow(row.key, { kind: 'field' })}
      >
        <IconArrowBackUp size={18} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
