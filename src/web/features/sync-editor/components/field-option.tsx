import { Badge, Group, Text } from '@mantine/core';
import type { FieldDescription } from '../../../../domain/object-description';
import { typeInWords } from '../lib/field-options';

/** A field in a list to choose from: label, API name, type, and what matters of it. */
export function FieldOption({ field, text }: { field: FieldDescription | undefined; text?: string }) {
  if (!field) return <Text size="sm">{text}</Text>;
  return (
    <Group gap="xs" wrap="nowrap" justify="space-between" w="100%">
      <div>
        <Text size="sm">{field.label}</Text>
        <Text size="xs" c="dimmed">
          {field.name} · {typeInWords(field)}
        </Text>
      </div>
      {field.required && (
        <Badge variant="default" tt="none" size="sm">
          required
        </Badge>
      )}
    </Group>
  );
}
