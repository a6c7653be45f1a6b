import { Space, Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import type { DeduplicateRule } from '../../../../domain/definition';
import { matchOf } from '../../../../domain/match';
import { KeptRoom } from '../../../components/kept-room';
import { labelOf } from '../../syncs/lib/definition-words';
import { useEditor } from '../state/editor-context';
import classes from './deduplicate-choice.module.css';
import { RadioCards } from './radio-cards';

/** Three records of which two are duplicates of each other, as each rule treats them. */
const EXAMPLE = [
  'Ann, created in January, changed in February',
  'Ann, created in March, changed in May',
  'Bob',
] as const;
type Taken = readonly [boolean, boolean, boolean];

const CHOICES: readonly { value: DeduplicateRule; label: string; effect: string; taken: Taken }[] = [
  {
    value: 'importEverything',
    label: 'Import everything',
    effect: 'Every record is loaded, duplicates included.',
    taken: [true, true, true],
  },
  {
    value: 'ignoreDuplicates',
    label: 'Ignore all duplicates and do not import',
    effect: 'Records that are duplicates of each other are all left out.',
    taken: [false, false, true],
  },
  {
    value: 'youngestByLastUpdate',
    label: 'Choose youngest record by last update date',
    effect: 'Of each group of duplicates, the record updated last is loaded.',
    taken: [false, true, true],
  },
  {
    value: 'oldestByCreation',
    label: 'Choose oldest record by creation date',
    effect: 'Of each group of duplicates, the record created first is loaded.',
    taken: [true, false, true],
  },
];

/** What a rule does to the three records; spans, since it is the description of a field. */
const Effect = ({ effect, taken }: { effect: string; taken: Taken }) => (
  <>
    {effect}
    {EXAMPLE.map((record, index) => {
      const Icon = taken[index] ? IconCheck : IconX;
      return (
        <span key={record} className={classes.example} data-taken={taken[index]}>
          <Icon size={14} role="img" aria-label={taken[index] ? 'Loaded:' : 'Left out:'} /> {record}
        </span>
      );
    })}
  </>
);

const CARDS = CHOICES.map(({ value, label, effect, taken }) => ({
  value,
  label,
  effect: <Effect effect={effect} taken={taken} />,
}));

/** What happens to records of the source that mean the same person or thing. */
export function DeduplicateChoice() {
  const { form, change, source } = useEditor();
  return (
    <div>
      <RadioCards
        label="Deduplicate Contact Rule"
        description="How duplicate records in the source are handled."
        value={form.deduplicate}
        onChange={(deduplicate) => change({ deduplicate })}
        choices={CARDS}
        columns={2}
        path="deduplicate"
      />
      <Space h="xs" />
      <KeptRoom lines={2} narrowLines={6}>
        {form.deduplicate !== 'importEverything' && source.object && <KeyInUse />}
      </KeptRoom>
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
  const label = field ? `${field.label} (${field.name})` : 'match field';
  const date =
    form.deduplicate === 'youngestByLastUpdate'
      ? source.object?.updatedAtField
      : form.deduplicate === 'oldestByCreation'
        ? source.object?.createdAtField
        : null;
  const dateLabel = date && labelOf(source.object, date);
  return (
    <Text size="sm" c="dimmed">
      Records with the same {label} are duplicates; upper or lower case and spaces around it do not matter. A record
      without one is never a duplicate.
      {dateLabel
        ? ` The date compared is ${dateLabel}; if dates are equal, the record with the smaller Id is taken.`
        : ''}
    </Text>
  );
}
