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
      'A record that is there is updated, one that is not is created. One that is there several times fails as ambiguous.',
  },
  {
    value: 'create',
    label: 'Create only',
    effect: 'A record that is not there is created, one that is there is skipped.',
  },
  {
    value: 'update',
    label: 'Update only',
    effect:
      'A record that is there is updated, one that is not is skipped. One that is there several times fails as ambiguous.',
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
            Marketo takes 300 records a call at most, whichever rule is chosen; the preview tells how many calls a run
            needs.
          </Text>
        )}
      </KeptRoom>
    </div>
  );
}
