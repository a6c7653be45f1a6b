/**
 * Whether two values that differ look the same on a page: they differ in blanks, in letters that are not seen, or in how a letter is made up.
 */
export function looksAlike(one: unknown, other: unknown): boolean {
  if (typeof one !== 'string' || typeof other !== 'string' || one === other) return false;
  return seen(one) === seen(other);
}

/** What of a text is seen. */
const seen = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
