import type { z } from 'zod';
import { demandPlain } from './plain-input';
import { Problem } from './problem';

/** A cursor holds the position of the last item, so that a list which grows is neither read twice nor short. */
export const toCursor = (...position: (string | number | null)[]): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

/**
 * The position that a cursor holds; null for the first page.
 * @param shape what positions of this list look like
 * @throws Problem 422 for a text that is no cursor of this list
 */
export function fromCursor<Position>(cursor: string | undefined, shape: z.ZodType<Position>): Position | null {
  if (cursor === undefined) return null;
  const position = shape.safeParse(parsedJson(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (position.success) {
    demandPlain(position.data);
    return position.data;
  }
  throw new Problem(422, 'The cursor is none that this list has given.', [
    { path: 'cursor', message: 'Take it from `nextCursor` of the page before.' },
  ]);
}

/** Undefined for what is no JSON: no position looks like that. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
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
  positionOf: (row: Row) => (string | number | null)[],
): { items: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last !== undefined ? toCursor(...positionOf(last)) : null;
  return { items: shown.map(toItem), nextCursor };
}
