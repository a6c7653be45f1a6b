import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useAnnounce } from '../../../components/announcer';
import { afterKey, type LineKey } from '../lib/filter-keys';
import type { FilterGroup } from '../lib/filter-query';
import { isPlainEnter } from '../lib/plain-enter';
import { newKey } from '../lib/suggested-rows';

const MOVES: Record<string, LineKey> = { ArrowUp: 'moveUp', ArrowDown: 'moveDown' };
const SAID: Record<LineKey, string> = {
  addBelow: 'Condition added.',
  removeEmpty: 'Condition removed.',
  moveUp: 'Moved up.',
  moveDown: 'Moved down.',
};

const LINE = 'data-rule-id';
const GROUP = 'data-rule-group-id';

/** The id of the innermost of the parts that have one of these attributes. */
function partAround(target: EventTarget, attributes: readonly string[]): string | null {
  const part = target instanceof Element && target.closest(attributes.map((name) => `[${name}]`).join());
  return part ? (attributes.map((name) => part.getAttribute(name)).find((id) => id !== null) ?? null) : null;
}

/**
 * Adds, removes and moves the conditions of a filter by the keyboard, and moves its groups; the focus goes where one would go on typing.
 * @param first the condition that has the focus from the beginning; null for none
 */
export function useLineKeys(query: FilterGroup, onChange: (query: FilterGroup) => void, first: string | null = null) {
  const announce = useAnnounce();
  const frame = useRef<HTMLFieldSetElement>(null);
  const next = useRef<string | null>(first);
  useEffect(() => {
    if (next.current === null) return;
    const id = CSS.escape(next.current);
    const line = frame.current?.querySelector(`[${LINE}="${id}"], [${GROUP}="${id}"]`);
    next.current = null;
    if (!line?.contains(document.activeElement)) line?.querySelector('input')?.focus();
  });
  const apply = (event: KeyboardEvent, key: LineKey, parts = [LINE]) => {
    const id = partAround(event.target, parts);
    const after = id ? afterKey(query, id, key, newKey()) : null;
    if (!after) return;
    event.preventDefault();
    event.stopPropagation();
    next.current = after.focused;
    onChange(after.query);
    announce(SAID[key]);
  };
  return {
    frame,
    /** With the next change the focus goes to a condition. */
    focusNext(id: string | undefined) {
      next.current = id ?? null;
    },
    onKeyDown(event: KeyboardEvent) {
      if (isPlainEnter(event)) apply(event, 'addBelow');
      const { target } = event;
      if (event.key === 'Backspace' && target instanceof HTMLInputElement && target.value === '')
        apply(event, 'removeEmpty');
    },
    /** Before a list that has the focus takes the arrow for itself. */
    onAltKey(event: KeyboardEvent) {
      const key = MOVES[event.key];
      if (event.altKey && key) apply(event, key, [LINE, GROUP]);
    },
  };
}
