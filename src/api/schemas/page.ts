import { z } from 'zod';

/** How lists are asked for: so many, from a cursor on. What a list does not know is refused, so that a misspelt filter is not ignored. */
export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'a whole number from 1 to 1000')
    .transform(Number)
    .pipe(z.int().min(1).max(1_000))
    .prefault('50')
    .meta({
      description: 'Most items of a page',
      override: { type: 'integer', minimum: 1, maximum: 1_000, default: 50, pattern: undefined },
    }),
  cursor: z.string().max(2_000).optional().meta({ description: '`nextCursor` of the page before' }),
});

/** How a download of CSV is written. */
export const csvOptions = {
  bom: z
    .literal('true')
    .optional()
    .meta({ description: 'Begins with a byte order mark, by which some spreadsheets know UTF-8' }),
};

/** The shape of every list. @param example an item as the document shows it */
export const pageOf = <Item extends z.ZodType>(item: Item, example: z.output<Item>) =>
  z
    .object({ items: z.array(item), nextCursor: z.string().nullable() })
    .meta({ example: { items: [example], nextCursor: null } });
