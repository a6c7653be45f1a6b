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

/** Adds, removes and moves the conditions of a filter by the keyboard; the focus goes where one would go on typing. */
export function useLineKeys(query: FilterGroup, onChange: (query: FilterGroup) => void) {
  const announce = useAnnounce();
  const frame = useRef<HTMLFieldSetElement>(null);
  const next = useRef<string | null>(null);
  useEffect(() => {
    if (next.current === null) return;
    const line = frame.current?.querySelector(`[data-rule-id="${CSS.escape(next.current)}"]`);
    next.current = null;
    if (!line?.contains(document.activeElement)) line?.querySelector('input')?.focus();
  });
  const apply = (event: KeyboardEvent, key: LineKey) => {
    const id = event.target instanceof Element && event.target.closest('[data-rule-id]')?.getAttribute('data-rule-id');
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
    onKeyDown(event: KeyboardEvent) {
      if (isPlainEnter(event)) apply(event, 'addBelow');
      const { target } = event;
      if (event.key === 'Backspace' && target instanceof HTMLInputElement && target.value === '')
        apply(event, 'removeEmpty');
    },
    /** Before a list that has the focus takes the arrow for itself. */
    onAltKey(event: KeyboardEvent) {
      const key = MOVES[event.key];
      if (event.altKey && key) apply(event, key);
    },
  };
}
