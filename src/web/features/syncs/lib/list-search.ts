import { z } from 'zod';
import { SYNC_STATUSES } from '../../../../domain/outcome';

/** How the list can be ordered. */
export const SORTS = ['name', 'status', 'nextRun', 'lastRun'] as const;
export type SortName = (typeof SORTS)[number];

/** Statuses, and two questions that people ask of all of them. */
export const FILTERS = [...SYNC_STATUSES, 'running', 'overdue', 'failures'] as const;
export type ListFilter = (typeof FILTERS)[number];

/** From which system to which. */
export const DIRECTIONS = ['marketoToSalesforce', 'salesforceToMarketo'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** What the list shows, as it stands in the address; what is no such thing is ignored. */
export const listSearch = z.object({
  status: z.enum(FILTERS).optional().catch(undefined),
  direction: z.enum(DIRECTIONS).optional().catch(undefined),
  /** The id of a connection that is one end of the sync. */
  connection: z.string().optional().catch(undefined),
  search: z.string().optional().catch(undefined),
  sort: z.enum(SORTS).optional().catch(undefined),
  order: z.literal('descending').optional().catch(undefined),
});
export type ListSearch = z.output<typeof listSearch>;

/** Shows every sync. */
export const EVERYTHING = { status: undefined, direction: undefined, connection: undefined, search: undefined };
