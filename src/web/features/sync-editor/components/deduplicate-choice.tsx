import { Text } from '@mantine/core';
import type { DeduplicateRule } from '../../../../domain/definition';
import { matchOf } from '../../../../domain/match';
import { useEditor } from '../state/editor-context';
import { RadioCards } from './radio-cards';

const CHOICES: { value: DeduplicateRule; label: string; effect: string }[] = [
  {
    value: 'importEverything',
    label: 'Import everything',
    effect: 'Each record is loaded, whatever others are there.',
  },
  {
    value: 'ignoreDuplicates',
    label: 'Ignore all duplicates and do not import',
    effect: 'Of Ann, Ann and Bob, Bob alone is loaded: a group of duplicates is left out as a whole.',
  },
  {
    value: 'youngestByLastUpdate',
    label: 'Choose youngest record by last update date',
    effect: 'Of each group the record that was changed last is loaded.',
  },
  {
    value: 'oldestByCreation',
    label: 'Choose oldest record by creation date',
    effect: 'Of each group the record that was created first is loaded.',
  },
];

/** What happens to records of the source that mean the same person or thing. */
export function DeduplicateChoice() {
  const { form, change, source } = useEditor();
  return (
    <div>
      <RadioCards
        label="Deduplicate Contact Rule"
        description="How duplicate records of the source are handled."
        value={form.deduplicate}
        onChange={(deduplicate) => change({ deduplicate })}
        choices={CHOICES}
        columns={2}
        path="deduplicate"
      />
      {form.deduplicate !== 'importEverything' && source.object && <KeyInUse />}
    </div>
  );
}

/** By what duplicates are recognised, and which dates decide. */
function KeyInUse() {
  const { form, source, destination } = useEditor();
  const none = { defaultMatchField: null };
  const { source: name } = matchOf(
    { match: form.match ?? undefined },
    source.object ?? none,
    destination.object ?? none,
  );
  const field = source.object?.fields.find((candidate) => candidate.name === name);
  const label = field ? `${field.label} (${field.name})` : 'the field that records are matched by';
  const date =
    form.deduplicate === 'youngestByLastUpdate'
      ? source.object?.updatedAtField
      : form.deduplicate === 'oldestByCreation'
        ? source.object?.createdAtField
        : null;
  return (
    <Text size="sm" c="dimmed" mt="xs">
      Records with an equal {label} are duplicates of each other; case and blanks around it do not matter, and a record
      without one is nobody's duplicate.
      {date ? ` The date that decides is ${date}; of equal dates the smaller Id is taken.` : ''}
    </Text>
  );
}
