import { Badge, Box, Button, Text } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import type { FieldDescription } from '../../../../domain/object-description';
import { counted } from '../../../lib/format';
import type { Example } from '../api';
import { doubtsOf } from '../lib/doubts';
import type { MappingRow } from '../lib/sync-form';
import type { Tried } from '../lib/try-mapping';
import { useEditor } from '../state/editor-context';
import { isNeeded } from '../state/use-row';

interface LineNotesProps {
  row: MappingRow;
  /** Which mapping it is, in words. */
  name: string;
  tried: ((record: Example['values']) => Tried) | null;
  examples: readonly Example[];
  /** What stands beside the mapping as wrong already. */
  told: readonly string[];
  /** The suggestion has been looked at. */
  onConfirm(): void;
  /** Opens the options. */
  onEdit(): void;
}

/** What is worth knowing of a mapping that has no mistake: a suggestion to check, a table, examples that would be refused. */
export function LineNotes({ row, name, tried, examples, told, ...on }: LineNotesProps) {
  const results = useMemo(() => (tried ? examples.map(({ values }) => tried(values)) : []), [tried, examples]);
  const { refused, blanks } = doubtsOf(results);
  const target = useTarget(row.to);
  const { form } = useEditor();
  const required = target && isNeeded(target, form.importRule) ? target.label : null;
  const isToLookUp = target?.type === 'reference' && target.referenceTo.length > 0 && row.lookup === null;
  const notes = [
    row.table ? `Value table with ${counted(row.table.length, 'entry', 'entries')}` : null,
    row.lookup ? `Looked up in ${row.lookup.object || '…'} by ${row.lookup.by || '…'}` : null,
    row.default === null || row.default === '' ? null : `If blank: ${String(row.default)}`,
    row.blankValues === 'clear'
      ? 'Blanks clear the value in the destination'
      : row.blankValues === 'keep'
        ? 'Blanks keep the value in the destination'
        : null,
  ].filter((note) => note !== null);
  const [first] = refused;
  return (
    <>
      {row.confidence === 'likely' && (
        <Box component="span" display="inline-flex" style={{ alignItems: 'center' }}>
          <Note>Suggestion to check</Note>
          <Button size="compact-xs" variant="default" aria-label={`Confirm ${name}`} onClick={on.onConfirm}>
            Confirm
          </Button>
        </Box>
      )}
      {notes.map((note) => (
        <Note key={note}>{note}</Note>
      ))}
      {first && !told.includes(first.message) && (
        <Doubt>
          {refused.length} of {examples.length} examples would be refused. {first.message}{' '}
          {isToLookUp && (
            <Button size="compact-xs" variant="default" aria-label={`Look up ${name}`} onClick={on.onEdit}>
              Look the record up by its name or key
            </Button>
          )}
        </Doubt>
      )}
      {required !== null && blanks > 0 && (
        <Doubt>
          {blanks} of {examples.length} examples have no value, but {required} is required to create a record: they are
          refused unless there is a default.{' '}
          <Button size="compact-xs" variant="default" aria-label={`Set a default for ${name}`} onClick={on.onEdit}>
            Set a default
          </Button>
        </Doubt>
      )}
    </>
  );
}

/** The field that a mapping writes to. */
function useTarget(name: string): FieldDescription | undefined {
  const { destination } = useEditor();
  return destination.object?.fields.find((field) => field.name === name);
}

const Note = ({ children }: { children: ReactNode }) => (
  <Badge variant="default" tt="none" fw={500} size="sm" mr={6}>
    {children}
  </Badge>
);

const Doubt = ({ children }: { children: ReactNode }) => (
  <Text size="sm" c="var(--sync-color-warning)">
    {children}
  </Text>
);
