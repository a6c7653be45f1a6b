import { ActionIcon, Button, Checkbox, Text } from '@mantine/core';
import { IconAdjustments, IconTrash } from '@tabler/icons-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { Breakable } from '../../../components/breakable';
import type { Example } from '../api';
import { isPlainEnter } from '../lib/plain-enter';
import { shorteningOf } from '../lib/quick-fix';
import type { MappingRow } from '../lib/sync-form';
import { shownValue } from '../lib/try-mapping';
import { useEditor } from '../state/editor-context';
import type { MappingRows } from '../state/use-mapping-rows';
import { useRowProblems, useTried } from '../state/use-row';
import { FieldSelect } from './field-select';
import { LineNotes } from './line-notes';
import classes from './mapping-grid.module.css';
import { MappingSource } from './mapping-source';
import { ResultValue } from './result-value';

interface MappingLineProps {
  row: MappingRow;
  number: number;
  record: Example | undefined;
  examples: readonly Example[];
  rows: MappingRows;
  /** Destination fields that mappings name. */
  taken: ReadonlySet<string>;
  /** It was just added. */
  takesFocus: boolean;
  isChosen: boolean;
  onChoose(isChosen: boolean): void;
  onEdit(): void;
  onFocus(): void;
  onDuplicate(): void;
  /** Enter in one of its fields. */
  onEnter(): void;
}

/** One mapping: example → source → destination → result, and what is wrong with it. */
export function MappingLine({ row, number, record, examples, rows, taken, takesFocus, ...on }: MappingLineProps) {
  const { destination } = useEditor();
  const line = useRef<HTMLLIElement>(null);
  const options = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (takesFocus) line.current?.querySelector<HTMLInputElement>('input:not([type=checkbox])')?.focus();
  }, [takesFocus]);
  const tried = useTried(row);
  const path = `rows.${row.key}`;
  const wrong = useRowProblems(row.key);
  const isUnfinished = wrong.some((problem) => problem.path === path);
  const writable = destination.object?.fields.filter(({ createable, updateable }) => createable || updateable) ?? [];
  const name = `mapping ${number}`;
  return (
    <li
      ref={line}
      className={classes.line}
      data-path={path}
      data-unfinished={isUnfinished || undefined}
      onFocus={on.onFocus}
      onKeyDownCapture={(event) =>
        altKeys(event, { move: (by) => rows.moveRow(row.key, by), duplicate: on.onDuplicate })
      }
      onKeyDown={(event) => isPlainEnter(event) && on.onEnter()}
    >
      <div className={classes.choice}>
        <Checkbox
          size="xs"
          aria-label={`Choose ${name}`}
          checked={on.isChosen}
          onChange={(event) => on.onChoose(event.currentTarget.checked)}
        />
      </div>
      <div className={classes.value}>
        <span className={classes.head}>Example value</span>
        <span className="visually-hidden">Example value of {name}: </span>
        <ExampleValue row={row} record={record} />
      </div>
      <MappingSource
        row={row}
        name={name}
        isWrong={wrong.some((problem) => problem.path.startsWith(`${path}.from`))}
        rows={rows}
      />
      <div className={classes.destination}>
        <span className={classes.head}>Destination</span>
        <FieldSelect
          aria-label={`Destination of ${name}`}
          placeholder="Destination field"
          fields={writable}
          isWritten
          taken={taken}
          value={row.to}
          onChange={(to) => rows.changeRow(row.key, { to })}
          error={wrong.some((problem) => problem.path === `${path}.to`)}
        />
      </div>
      <div className={classes.value}>
        <span className={classes.head}>Result value</span>
        <span className="visually-hidden">Result value of {name}: </span>
        {tried && record ? (
          <ResultValue tried={tried(record.values)} />
        ) : (
          <span className={classes.blank}>no example</span>
        )}
      </div>
      <div className={classes.actions}>
        <Button
          ref={options}
          size="compact-sm"
          variant="subtle"
          leftSection={<IconAdjustments size={16} aria-hidden />}
          aria-label={`Options of ${name}`}
          title="Default, value table, look-up, blank values"
          onClick={on.onEdit}
        >
          Options
        </Button>
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${name}`} onClick={() => rows.removeRow(row.key)}>
          <IconTrash size={18} aria-hidden />
        </ActionIcon>
      </div>
      <div className={classes.below}>
        <LineNotes
          row={row}
          name={name}
          tried={tried}
          examples={examples}
          told={wrong.map(({ message }) => message)}
          onConfirm={() => {
            rows.confirmRow(row.key);
            // the button goes with the mark
            options.current?.focus();
          }}
          onEdit={on.onEdit}
        />
        {wrong.map((problem) => (
          <Text
            key={`${problem.path} ${problem.message}`}
            size="sm"
            c={isUnfinished ? 'dimmed' : 'var(--mantine-color-error)'}
          >
            {problem.message}
          </Text>
        ))}
      </div>
    </li>
  );
}

const MOVES: Record<string, 1 | -1> = { ArrowUp: -1, ArrowDown: 1 };

/**
 * Alt with an arrow moves a mapping, before a list that has the focus takes the arrow for itself; what has the focus keeps it. Alt with D
 * makes another one like it. The letter is told by its key, since Alt makes another letter of it on some keyboards.
 */
function altKeys(event: KeyboardEvent, does: { move(by: 1 | -1): void; duplicate(): void }): void {
  const by = MOVES[event.key];
  if (!event.altKey || (by === undefined && event.code !== 'KeyD')) return;
  event.preventDefault();
  event.stopPropagation();
  if (by === undefined) {
    does.duplicate();
    return;
  }
  const { activeElement } = document;
  does.move(by);
  requestAnimationFrame(() => activeElement instanceof HTMLElement && activeElement.focus());
}

function ExampleValue({ row, record }: { row: MappingRow; record: Example | undefined }) {
  const { source } = useEditor();
  const field = shorteningOf(row, source.object?.fields ?? [])?.field ?? (row.kind === 'field' ? row.field : null);
  if (row.kind === 'constant') return <span className={classes.blank}>constant</span>;
  if (field === null) return <span className={classes.blank}>expression</span>;
  if (!record || field === '') return <span className={classes.blank}>no example</span>;
  const text = shownValue(record.values[field]);
  if (text === 'blank') return <span className={classes.blank}>blank</span>;
  return (
    <span>
      <Breakable text={text} />
    </span>
  );
}
