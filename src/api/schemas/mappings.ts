import { z } from 'zod';

const endpoint = z.strictObject({ connectionId: z.uuid(), object: z.string().min(1) });

export const suggestionsBody = z.strictObject({ source: endpoint, destination: endpoint }).meta({
  id: 'SuggestionsQuestion',
  example: {
    source: { connectionId: '0b6f7f1e-3c55-4b1e-8a0c-6f1f2f3a4b5c', object: 'Lead' },
    destination: { connectionId: '1c7f8a2f-4d66-4c2f-9b1d-7a2a3a4b5c6d', object: 'Contact' },
  },
});

const SUGGESTION = { from: 'firstName', to: 'FirstName', confidence: 'sure' as const, because: 'name' as const };

export const suggestionsAnswer = z
  .object({
    items: z.array(
      z.object({
        from: z.string(),
        to: z.string(),
        confidence: z.enum(['sure', 'likely']),
        because: z.enum(['name', 'letters', 'label', 'known']),
      }),
    ),
    nextCursor: z.null(),
  })
  .meta({ id: 'Suggestions', example: { items: [SUGGESTION], nextCursor: null } });

export const examplesBody = endpoint
  .extend({
    search: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .optional()
      .meta({ description: 'A part of the name of the records that are wanted, where the object has one' }),
  })
  .meta({
    id: 'ExamplesQuestion',
    example: { connectionId: '0b6f7f1e-3c55-4b1e-8a0c-6f1f2f3a4b5c', object: 'Lead' },
  });

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const EXAMPLE = { sourceId: '1042', values: { email: 'jane.doe@example.com', firstName: 'Jane', leadScore: 12 } };

export const examplesAnswer = z
  .object({
    items: z.array(z.object({ sourceId: z.string(), values: z.record(z.string(), value) })),
    nextCursor: z.null(),
  })
  .meta({ id: 'Examples', example: { items: [EXAMPLE], nextCursor: null } });

export const countAnswer = z
  .object({
    records: z.int().min(0).nullable().meta({
      description:
        "Records that the system's own part of the filter selects; null where it tells that by reading alone",
    }),
    exact: z.boolean().meta({ description: 'The system evaluates the whole filter; otherwise there may be fewer' }),
  })
  .meta({ id: 'Count', example: { records: 1_204, exact: true } });
