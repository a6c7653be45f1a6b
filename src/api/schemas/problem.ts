import { z } from 'zod';

export const problemAnswer = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened, and what to do' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string(), line: z.int().nullable().optional() }))
      .optional()
      .meta({ description: 'The members of the request that would have to be different' }),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457)' });
