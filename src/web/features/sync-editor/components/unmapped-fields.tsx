import { Button, Group, Paper, Text } from '@mantine/core';
import type { FieldDescription } from '../../../../domain/object-description';
import { counted } from '../../../lib/format';
import { useEditor } from '../state/editor-context';
import type { MappingRows } from '../state/use-mapping-rows';
import { useUnmappedRequired } from '../state/use-row';

interface UnmappedProps {
  rows: MappingRows;
  onAdded(key: string): void;
}

/** Destination fields without which no record can be created, and which nothing is mapped to. */
export function UnmappedRequired(props: UnmappedProps) {
  const { destination } = useEditor();
  const missing = useUnmappedRequired();
  if (missing.length === 0) return null;
  return (
    <UnmappedFields
      title={`Required for a new ${destination.object?.label}, but not mapped`}
      fields={missing}
      {...props}
    />
  );
}

interface UnmappedFieldsProps extends UnmappedProps {
  title: string;
  fields: readonly FieldDescription[];
}

/** The rest is found by a search. */
const MOST_SHOWN = 60;

/** Destination fields that nothing is mapped to, each with a quick way to do so. */
export function UnmappedFields({ title, fields, rows, onAdded }: UnmappedFieldsProps) {
  const heading = `${title} (${fields.length})`;
  return (
    <Paper withBorder p="sm" component="section" aria-label={heading}>
      <Text size="sm" fw={600} mb={6}>
        {heading}
      </Text>
      {fields.slice(0, MOST_SHOWN).map(({ name, label }) => (
        <Group key={name} gap="xs" mb={4} wrap="nowrap" justify="space-between" maw={620}>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {label}
          </Text>
          <Group gap="xs" wrap="nowrap">
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Map a field to ${label}`}
              onClick={() => onAdded(rows.addRow({ to: name }))}
            >
              Map a field
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              aria-label={`Set a constant for ${label}`}
              onClick={() => onAdded(rows.addRow({ to: name, kind: 'constant' }))}
            >
              Set a constant
            </Button>
          </Group>
        </Group>
      ))}
      {fields.length > MOST_SHOWN && (
        <Text size="sm" c="dimmed">
          {counted(fields.length - MOST_SHOWN, 'more field')}: search for them.
        </Text>
      )}
    </Paper>
  );
}
