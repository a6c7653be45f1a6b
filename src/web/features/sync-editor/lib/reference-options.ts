import type { Example } from '../api';

/** Of 15 or 18 characters. */
const ID = /^[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?$/;

/** The records to choose from, by name and Id; also what is chosen, and an Id that is typed. */
export function referenceOptions(
  records: readonly Example[],
  { value, typed }: { value: string; typed: string },
): { value: string; label: string }[] {
  const found = records.map(({ sourceId, values: { Name: name } }) => ({
    value: sourceId,
    label: typeof name === 'string' && name !== '' ? `${name} (${sourceId})` : sourceId,
  }));
  const known = new Set(found.map((option) => option.value));
  const entered = typed.trim();
  const others = [value, ID.test(entered) ? entered : ''].filter((id) => id !== '' && !known.has(id));
  return [...found, ...[...new Set(others)].map((id) => ({ value: id, label: id }))];
}
