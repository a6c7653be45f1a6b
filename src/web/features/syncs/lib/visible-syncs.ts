import type { ConnectionKind } from '../../../../domain/connection';
import { SYNC_STATUSES } from '../../../../domain/outcome';
import type { Sync } from '../api';
import type { Direction, ListFilter, ListSearch, SortName } from './list-search';

/** Whether a sync is of the kind that the filter wants. */
function isWanted(sync: Sync, filter: ListFilter): boolean {
  switch (filter) {
    case 'running':
      return sync.lastExecution?.state === 'running';
    case 'overdue':
      return sync.overdueSince !== null;
    case 'failures':
      return sync.lastExecution?.state === 'failed' || (sync.lastExecution?.counts.failed ?? 0) > 0;
    default:
      return sync.status === filter;
  }
}

/** What a sync is ordered by, as text; null comes last in either direction. */
const SORT_KEYS: Record<SortName, (sync: Sync) => string | null> = {
  name: ({ name }) => name,
  status: ({ status }) => String(SYNC_STATUSES.indexOf(status)),
  nextRun: ({ nextRunAt }) => nextRunAt,
  lastRun: ({ lastExecution }) => lastExecution && (lastExecution.startedAt ?? lastExecution.scheduledFor),
};

const inWords = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

const SYSTEMS: Record<Direction, readonly [ConnectionKind, ConnectionKind]> = {
  marketoToSalesforce: ['marketo', 'salesforce'],
  salesforceToMarketo: ['salesforce', 'marketo'],
};

/** What is known of syncs besides themselves. */
export interface KnownOfSyncs {
  /** What is searched in besides the name. */
  wordsOf(sync: Sync): string;
  /** The system that a connection leads to; undefined for one that is not known. */
  kindOf(connectionId: string | undefined): ConnectionKind | undefined;
}

/** The syncs that the list shows, in its order: by name unless told otherwise. */
export function visibleSyncs(
  syncs: readonly Sync[],
  { status, direction, connection, search, sort = 'name', order }: ListSearch,
  { wordsOf, kindOf }: KnownOfSyncs,
): Sync[] {
  const words = (search ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const keyOf = SORT_KEYS[sort];
  const sign = order === 'descending' ? -1 : 1;
  const compare = (one: Sync, other: Sync): number => {
    const [first, second] = [keyOf(one), keyOf(other)];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    return sign * inWords.compare(first, second) || inWords.compare(one.name, other.name);
  };
  const goes = ({ source, destination }: Sync, wanted: Direction): boolean =>
    [source, destination].every((end, at) => kindOf(end?.connectionId) === SYSTEMS[wanted][at]);
  return syncs
    .filter((sync) => {
      const text = `${sync.name} ${wordsOf(sync)}`.toLowerCase();
      const ends = [sync.source?.connectionId, sync.destination?.connectionId];
      return (
        (status === undefined || isWanted(sync, status)) &&
        (direction === undefined || goes(sync, direction)) &&
        (connection === undefined || ends.includes(connection)) &&
        words.every((word) => text.includes(word))
      );
    })
    .sort(compare);
}
