import { z } from 'zod';
import { SYNC_STATUSES } from '../../../domain/outcome';

/** How the list can be ordered. */
export const SORTS = ['name', 'status', 'nextRun', 'lastRun'] as const;

/** What the list shows, as it stands in the address; what is no such thing is ignored. */
export const listSearch = z.object({
  status: z
    .enum([...SYNC_STATUSES, 'overdue', 'failures'])
    .optional()
    .catch(undefined),
  search: z.string().optional().catch(undefined),
  sort: z.enum(SORTS).optional().catch(undefined),
  order: z.literal('descending').optional().catch(undefined),
});
export type ListSearch = z.output<typeof listSearch>;
