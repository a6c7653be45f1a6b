import { Text } from '@mantine/core';
import type { ObjectDescription } from '../../../../domain/object-description';
import { labelOf } from '../../syncs/lib/definition-words';

/** A field by its label, with the name that the API and files have for it below, where that is another one. */
export function FieldName({ object, name }: { object: ObjectDescription | null; name: string }) {
  const label = labelOf(object, name);
  return (
    <>
      {label}
      {label !== name && (
        <Text size="xs" c="dimmed" fw={400}>
          {name}
        </Text>
      )}
    </>
  );
}
