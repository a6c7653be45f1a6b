import { useSyncExternalStore } from 'react';

const EVERY_MS = 5_000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, EVERY_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** While nobody follows the time it is not renewed: then the first one who asks does that. */
function present(): number {
  if (timer === undefined && Date.now() - now >= EVERY_MS) now = Date.now();
  return now;
}

/** The present time in milliseconds, renewed every few seconds, so that "in 5 minutes" stays true. */
export const useNow = (): number => useSyncExternalStore(subscribe, present);

/** The same, as exact as each rendering: for how long something has run by now, beside figures that come sooner. */
export function useFreshNow(): number {
  useNow();
  return Date.now();
}
