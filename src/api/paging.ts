import { z } from 'zod';
import { Problem } from './problem';

/** How lists are asked for: so many, from a cursor on. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
  cursor: z.string().max(500).optional(),
});

/** The shape of every list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

const position = z.array(z.union([z.string(), z.number()]));

/** A cursor holds the position of the last item, so a list that grows is never read twice or short. */
export const toCursor = (...parts: (string | number)[]): string =>
  Buffer.from(JSON.stringify(parts)).toString('base64url');

/** @throws Problem 422 for a text that is no cursor of ours */
export function fromCursor(cursor: string | undefined): (string | number)[] | null {
  if (cursor === undefined) return null;
  try {
    return position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Problem(422, 'The cursor is none that a list has given.', [
      { path: 'cursor', message: 'Take it from `nextCursor` of the page before.' },
    ]);
  }
}

/**
 * Cuts a page out of rows that were read one too many.
 * @param limit as asked; rows hold up to one more
 */
export function page<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  positionOf: (row: Row) => (string | number)[],
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? toCursor(...positionOf(last)) : null;
  return { items: shown.map(toItem), nextCursor };
}
