/** Brings a heading into sight, and leads the focus to it. */
export function leadTo(id: string): void {
  const heading = document.getElementById(id);
  const isStill = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  heading?.scrollIntoView({ block: 'start', behavior: isStill ? 'instant' : 'smooth' });
  heading?.focus({ preventScroll: true });
}
