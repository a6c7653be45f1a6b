import type { Field } from './field';
import { fold } from './text-folding';

/**
 * The choices of a multi-select text, each once, in the order of the list; choices that the list lacks come last, in
 * their own order. Blanks around a choice are dropped.
 */
export function choicesInOrder(field: Field, text: string): string[] {
  const chosen = new Map<string, string>();
  for (const part of text.split(';')) {
    const choice = part.trim();
    if (choice !== '' && !chosen.has(fold(choice))) chosen.set(fold(choice), choice);
  }
  const listed = field.picklist.filter(({ value }) => chosen.has(fold(value))).map(({ value }) => value);
  const known = new Set(listed.map(fold));
  return [...listed, ...[...chosen].filter(([key]) => !known.has(key)).map(([, choice]) => choice)];
}
