import { Button, Group, Paper, Text } from '@mantine/core';
import { useEditor } from '../state/editor-context';
import type { MappingRows } from '../state/use-mapping-rows';

interface UnmappedRequiredProps {
  rows: MappingRows;
  onAdded(key: string): void;
}

/** Destination fields without which no record can be created, and which nothing is mapped to. */
export function UnmappedRequired({ rows, onAdded }: UnmappedRequiredProps) {
  const { form, destination } = useEditor();
  if (form.importRule === 'update') return null;
  const mapped = new Set(form.mappings.map(({ to }) => to));
  const missing = (destination.object?.fields ?? []).filter(
    (field) => field.required && field.createable && !mapped.has(field.name),
  );
  if (missing.length === 0) return null;
  return (
    <Paper withBorder p="sm">
      <Text size="sm" fw={600} mb={6}>
        Required fields without a mapping ({missing.length})
      </Text>
      {missing.map(({ name, label }) => (
        <Group key={name} gap="xs" mb={4}>
          <Text size="sm">{label}</Text>
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
      ))}
    </Paper>
  );
}
