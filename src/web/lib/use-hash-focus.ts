import { useLocation } from '@tanstack/react-router';
import { useEffect } from 'react';

/** How long a part is waited for: the page may have to ask for what it shows. */
const LONGEST_MS = 30_000;

/** Puts the focus on the part of a page that the address names after its `#`, by its `data-path`, as soon as it is there. */
export function useHashFocus(): void {
  const { pathname, hash } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page may have a part of the same name
  useEffect(() => {
    if (hash === '') return;
    const focus = (): boolean => {
      const part = document.querySelector(`[data-path="${CSS.escape(hash)}"]`);
      if (!part) return false;
      stop();
      // the heading of a page takes the focus when it opens
      requestAnimationFrame(() => requestAnimationFrame(() => goTo(part)));
      return true;
    };
    const observer = new MutationObserver(focus);
    const timer = setTimeout(() => observer.disconnect(), LONGEST_MS);
    const stop = () => {
      observer.disconnect();
      clearTimeout(timer);
    };
    if (!focus()) observer.observe(document.body, { childList: true, subtree: true });
    return stop;
  }, [pathname, hash]);
}

function goTo(part: Element): void {
  part.querySelector<HTMLElement>('input:not([type=checkbox])')?.focus({ preventScroll: true });
  part.scrollIntoView({ block: 'center' });
}
