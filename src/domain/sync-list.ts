import type { ConnectionKind } from './connection';

/** How syncs can be ordered; `age` is the order in which they were made. */
export const SYNC_SORTS = ['age', 'name', 'status', 'nextRun', 'lastRun'] as const;
export type SyncSort = (typeof SYNC_SORTS)[number];

/** From which system to which. */
export const DIRECTIONS = ['marketoToSalesforce', 'salesforceToMarketo'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The systems of source and destination. */
export const SYSTEMS: Record<Direction, readonly [ConnectionKind, ConnectionKind]> = {
  marketoToSalesforce: ['marketo', 'salesforce'],
  salesforceToMarketo: ['salesforce', 'marketo'],
};

/** What is asked of last executions: which run, and which have failed or have records that did. */
export const LAST_EXECUTIONS = ['running', 'failures'] as const;
