import { z } from 'zod';
import { SYNC_STATUSES } from '../../../../domain/outcome';
import { DIRECTIONS } from '../../../../domain/sync-list';

/** How the list can be ordered. */
export const SORTS = ['name', 'status', 'nextRun', 'lastRun'] as const;
export type SortName = (typeof SORTS)[number];

/** Statuses, and two questions that people ask of all of them. */
export const FILTERS = [...SYNC_STATUSES, 'running', 'overdue', 'failures'] as const;
export type ListFilter = (typeof FILTERS)[number];

/** More is refused by the API. */
export const MOST_SEARCH_CHARACTERS = 200;

/** What the list shows, as it stands in the address; what is no such thing is ignored. */
export const listSearch = z.object({
  status: z.enum(FILTERS).optional().catch(undefined),
  direction: z.enum(DIRECTIONS).optional().catch(undefined),
  /** The id of a connection that is one end of the sync. */
  connection: z.uuid().optional().catch(undefined),
  search: z.string().max(MOST_SEARCH_CHARACTERS).optional().catch(undefined),
  sort: z.enum(SORTS).optional().catch(undefined),
  order: z.literal('descending').optional().catch(undefined),
});
export type ListSearch = z.output<typeof listSearch>;

/** Shows every sync. */
export const EVERYTHING = { status: undefined, direction: undefined, connection: undefined, search: undefined };

/** Members of the address that leave syncs out. */
const LEAVES_OUT = ['status', 'direction', 'connection', 'search'] as const;

/** Whether syncs may be left out. */
export const isFiltered = (shown: ListSearch): boolean => LEAVES_OUT.some((name) => shown[name] !== undefined);

/** What `GET /syncs` and `GET /sync-counts` are asked, so that they give what the list shows. */
export function filterQuery({ status, direction, connection, search }: ListSearch): Record<string, string | undefined> {
  const isStatus = SYNC_STATUSES.find((each) => each === status);
  return {
    status: isStatus,
    lastExecution: status === 'running' || status === 'failures' ? status : undefined,
    overdue: status === 'overdue' ? 'true' : undefined,
    direction,
    connectionId: connection,
    words: search,
  };
}
