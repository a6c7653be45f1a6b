import { Select, Stack, Textarea } from '@mantine/core';
import { useRef } from 'react';
import type { FieldDescription } from '../../../../domain/object-description';
import { EXPRESSION_FUNCTIONS, fieldInExpression, inserted } from '../lib/expression-words';
import { fieldOptions } from '../lib/field-options';
import { byRank } from '../lib/ranked-options';
import type { MappingRow } from '../lib/sync-form';
import type { MappingRows } from '../state/use-mapping-rows';

interface ExpressionEditorProps {
  fields: readonly FieldDescription[];
  row: MappingRow;
  rows: MappingRows;
}

const FUNCTIONS = EXPRESSION_FUNCTIONS.map(({ example, effect }) => ({
  value: example,
  label: `${example}: ${effect}`,
}));

/** A text in the expression language; fields and functions are put in where the cursor is. */
export function ExpressionEditor({ fields, row, rows }: ExpressionEditorProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const write = (expression: string) => rows.changeRow(row.key, { expression });
  const insert = (more: string) => {
    const end = row.expression.length;
    const { selectionStart: from = end, selectionEnd: to = end } = field.current ?? {};
    const next = inserted({ text: row.expression, from, to }, more);
    write(next.text);
    // once it is written
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(next.from, next.to);
    });
  };
  return (
    <Stack gap="xs">
      <Textarea
        ref={field}
        label="Expression"
        description="In the Common Expression Language: join texts with +, and choose between two values with condition ? one : other."
        autosize
        minRows={3}
        value={row.expression}
        onChange={({ currentTarget: { value } }) => write(value)}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      />
      <Select
        label="Add a field to the expression"
        searchable
        filter={byRank}
        data={fieldOptions(fields, null)}
        value={null}
        onChange={(name) => name && insert(fieldInExpression(name))}
        placeholder="Choose a field"
      />
      <Select
        label="Add a function to the expression"
        searchable
        data={FUNCTIONS}
        value={null}
        onChange={(example) => example && insert(example)}
        placeholder="Choose a function"
      />
    </Stack>
  );
}
