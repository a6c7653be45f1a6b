import { type FocusEvent, useLayoutEffect, useState } from 'react';
import { afterPress } from '../../../lib/after-press';
import { type FilterGroup, type FilterLine, linesOf } from '../lib/filter-query';
import { useEditor } from './editor-context';

/** Which conditions say what is wrong with them. */
export interface Touched {
  has(line: Pick<FilterLine, 'id' | 'field'>): boolean;
  /** Of whatever contains the conditions. */
  onBlur(event: FocusEvent): void;
}

/** Another column is another value to ask for. */
const keyOf = ({ id, field }: Pick<FilterLine, 'id' | 'field'>): string => `${id} ${field}`;

const keysOf = (filter: FilterGroup | null): string[] => (filter ? linesOf(filter).map(keyOf) : []);

/** What a condition lacks is entered in one of these. */
const PARTS = { column: '.filter-column', value: '.filter-value' } as const;

/**
 * A condition that has just been added is not wrong yet: it tells what it lacks once that was left empty, or once *Next* was tried. What was
 * there when the page was opened does so at once.
 */
export function useTouched(): Touched {
  const { form, tries } = useEditor();
  const { filter } = form;
  const [touched, setTouched] = useState<ReadonlySet<string>>(() => new Set(keysOf(filter)));
  const touch = (keys: readonly string[]) => setTouched((before) => new Set([...before, ...keys]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is there when it is tried
  useLayoutEffect(() => {
    if (tries > 0) touch(keysOf(filter));
  }, [tries]);
  return {
    has: (line) => touched.has(keyOf(line)),
    onBlur({ target, relatedTarget }) {
      const id = target.closest('[data-rule-id]')?.getAttribute('data-rule-id');
      const line = filter && linesOf(filter).find((each) => each.id === id);
      if (!line) return;
      const part = target.closest(line.field === '' ? PARTS.column : PARTS.value);
      const isLeft = part && !(relatedTarget instanceof Node && part.contains(relatedTarget));
      if (isLeft) afterPress(() => touch([keyOf(line)]));
    },
  };
}
