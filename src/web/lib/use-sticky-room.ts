import { type RefObject, useLayoutEffect, useRef } from 'react';

/**
 * Tells the styles of the page how many pixels of the window an element takes that stays in sight while one scrolls: none where it does not.
 * @param variable of the document's style
 * @returns the element
 */
export function useStickyRoom(variable: `--sync-${string}-room`): RefObject<HTMLDivElement | null> {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current: element } = ref;
    if (!element) return;
    const { style } = document.documentElement;
    const measure = () => {
      const isSticky = getComputedStyle(element).position === 'sticky';
      style.setProperty(variable, `${isSticky ? Math.ceil(element.getBoundingClientRect().height) : 0}px`);
    };
    // another width of the window makes it another height, or another place
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
      style.removeProperty(variable);
    };
  }, [variable]);
  return ref;
}
