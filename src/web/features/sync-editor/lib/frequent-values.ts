import type { Value } from '../../../../domain/object-description';
import { formatNumber } from '../../../lib/format';
import type { Example } from '../api';
import { shownValue } from './try-mapping';

/** A value, and how many records have it. */
export interface FrequentValue {
  value: Value;
  records: number;
}

/** What a field holds in the examples, the most frequent first. Blanks are left out. */
export function frequentValues(examples: readonly Example[], field: string): FrequentValue[] {
  const counts = new Map<Value, number>();
  for (const { values } of examples) {
    const value = values[field] ?? null;
    if (value !== null && value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, records]) => ({ value, records }))
    .sort((one, other) => other.records - one.records || String(one.value).localeCompare(String(other.value), 'en'));
}

const MOST_CHARACTERS = 40;
const begun = (text: string): string => (text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text);

/** `United States (1,203), Germany (17)` */
export const valuesInWords = (values: readonly FrequentValue[]): string =>
  values.map(({ value, records }) => `${begun(shownValue(value))} (${formatNumber(records)})`).join(', ');
