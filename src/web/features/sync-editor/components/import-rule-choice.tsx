import type { ImportRule } from '../../../../domain/definition';
import { useEditor } from '../state/editor-context';
import { RadioCards } from './radio-cards';

const CHOICES: { value: ImportRule; label: string; effect: string }[] = [
  {
    value: 'createAndUpdate',
    label: 'Create and update',
    effect: 'There once: it is updated. Not there: it is created. There several times: it fails as ambiguous.',
  },
  {
    value: 'create',
    label: 'Create only',
    effect: 'Not there: it is created. There already: it is skipped.',
  },
  {
    value: 'update',
    label: 'Update only',
    effect: 'There once: it is updated. Not there: it is skipped. There several times: it fails as ambiguous.',
  },
];

/** Whether records are created, updated, or both. */
export function ImportRuleChoice() {
  const { form, change } = useEditor();
  return (
    <RadioCards
      label="Import Rule"
      description="Whether records should be created, updated, or both."
      value={form.importRule}
      onChange={(importRule) => change({ importRule })}
      choices={CHOICES}
      columns={3}
      path="importRule"
    />
  );
}
