import { ActionIcon, Group, Textarea } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { shortened, shorteningOf } from '../lib/quick-fix';
import type { MappingRow } from '../lib/sync-form';
import { useEditor } from '../state/editor-context';
import type { MappingRows } from '../state/use-mapping-rows';
import { FieldSelect } from './field-select';
import classes from './mapping-grid.module.css';
import { ShortenedBadge } from './shortened-badge';
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
  const { place, changeKind } = useKind(row, rows);
  const [isTyping, setTyping] = useState(false);
  // what is being typed stays an expression, whatever it comes to
  const shortening = isTyping ? null : shorteningOf(row, fields);
  if (row.kind === 'field' || shortening) {
    const choose = (value: string) => {
      if (value === CONSTANT) changeKind('constant');
      else if (value === EXPRESSION) changeKind('expression');
      else if (shortening) rows.changeRow(row.key, { expression: shortened({ ...shortening, field: value }) });
      else rows.changeRow(row.key, { field: value });
    };
    const takeWhole = (field: string) => {
      rows.changeRow(row.key, { kind: 'field', field });
      // its button goes
      place.current?.querySelector('input')?.focus();
    };
    return (
      <div ref={place} className={classes.source}>
        <span className={classes.head}>Source</span>
        <FieldSelect
          aria-label={label}
          placeholder="Source field"
          fields={fields}
          // a shortening is an expression already: its options show it
          more={shortening ? OTHER_SOURCES.filter(({ value }) => value !== EXPRESSION) : OTHER_SOURCES}
          value={shortening?.field ?? row.field}
          onChange={choose}
          error={isWrong}
        />
        {shortening && (
          <ShortenedBadge shortening={shortening} name={name} onWhole={() => takeWhole(shortening.field)} />
        )}
      </div>
    );
  }
  return (
    <Group ref={place} className={classes.source} gap={4} wrap="nowrap" align="flex-start">
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
          onFocus={() => setTyping(true)}
          onBlur={() => setTyping(false)}
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
        onClick={() => changeKind('field')}
      >
        <IconArrowBackUp size={18} aria-hidden />
      </ActionIcon>
    </Group>
  );
}

/** Another kind of source is another field to enter it into, which takes the focus over from the one in which it was chosen. */
function useKind({ key, kind }: MappingRow, rows: MappingRows) {
  const place = useRef<HTMLDivElement>(null);
  const chosen = useRef<MappingRow['kind'] | null>(null);
  useEffect(() => {
    if (chosen.current !== kind) return;
    chosen.current = null;
    place.current?.querySelector<HTMLElement>('input, textarea')?.focus();
  }, [kind]);
  const changeKind = (next: MappingRow['kind']) => {
    chosen.current = next;
    rows.changeRow(key, { kind: next });
  };
  return { place, changeKind };
}
