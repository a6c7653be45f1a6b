import type { KeyboardEvent } from 'react';

/** Enter in a field of one line, which does nothing else there: an open list takes it for a choice, and so do buttons. */
export const isPlainEnter = (event: KeyboardEvent): boolean =>
  event.key === 'Enter' &&
  !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.defaultPrevented) &&
  event.target instanceof HTMLInputElement &&
  event.target.type !== 'checkbox' &&
  event.target.getAttribute('aria-expanded') !== 'true';
