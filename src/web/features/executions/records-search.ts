import { z } from 'zod';
import { OUTCOMES } from '../../../domain/outcome';

/** Which records the page of an execution shows, as it stands in the address; what is no such thing is ignored. */
export const recordsSearch = z.object({
  outcome: z.enum(OUTCOMES).optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  search: z.string().optional().catch(undefined),
});
export type RecordsSearch = z.output<typeof recordsSearch>;
