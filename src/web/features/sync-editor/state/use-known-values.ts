import type { FieldDescription } from '../../../../domain/object-description';
import { counted } from '../../../lib/format';
import { type Example, useExamples } from '../api';
import { frequentValues } from '../lib/frequent-values';
import { useEditor } from './editor-context';

/** Values to choose from. */
export interface KnownValues {
  values: string[];
  /** Where they come from, in words; null where that needs none. */
  told: string | null;
}

const MOST_KNOWN = 50;

/** Values of a field to choose from: those of its picklist, else those that examples have, the most frequent first. */
export function knownValues({ name, picklistValues }: FieldDescription, examples: readonly Example[]): KnownValues {
  if (picklistValues.length > 0) {
    return { values: [...new Set(picklistValues.map(({ value }) => value))], told: null };
  }
  const held = frequentValues(examples, name).flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
  const from = counted(examples.length, 'example record');
  const told = held.length > 0 ? `Suggestions from ${from}; others can be typed.` : `Blank in ${from}.`;
  return { values: held.slice(0, MOST_KNOWN), told: examples.length > 0 ? told : null };
}

/** The same of the source of the sync that is edited. */
export function useKnownValues(field: FieldDescription): KnownValues {
  const { form } = useEditor();
  const { data: examples = [] } = useExamples(form.source);
  return knownValues(field, examples);
}
