import { Space, Text } from '@mantine/core';
import type { ImportRule } from '../../../../domain/definition';
import { KeptRoom } from '../../../components/kept-room';
import { useEditor } from '../state/editor-context';
import { RadioCards } from './radio-cards';

const CHOICES: { value: ImportRule; label: string; effect: string }[] = [
  {
    value: 'createAndUpdate',
    label: 'Create and update',
    effect:
      'Existing records are updated, and missing ones are created. A record that matches several existing ones fails.',
  },
  {
    value: 'create',
    label: 'Create only',
    effect: 'Missing records are created; existing ones are skipped.',
  },
  {
    value: 'update',
    label: 'Update only',
    effect:
      'Existing records are updated; missing ones are skipped. A record that matches several existing ones fails.',
  },
];

/** Whether records are created, updated, or both. */
export function ImportRuleChoice() {
  const { form, change, destination } = useEditor();
  const isMarketo = destination.connection?.kind === 'marketo';
  return (
    <div>
      <RadioCards
        label="Import Rule"
        description="Whether records should be created, updated, or both."
        value={form.importRule}
        onChange={(importRule) => change({ importRule })}
        choices={CHOICES}
        columns={3}
        path="importRule"
      />
      <Space h="xs" />
      <KeptRoom lines={1} narrowLines={3}>
        {isMarketo && (
          <Text size="sm" c="dimmed">
            Marketo accepts at most 300 records per call, whichever rule you choose; the preview shows how many calls a
            run needs.
          </Text>
        )}
      </KeptRoom>
    </div>
  );
}
