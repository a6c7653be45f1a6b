import { Text } from '@mantine/core';
import { formatNumber, formatRelative } from '../../../lib/format';
import { useNow } from '../../../lib/use-now';
import { useConnections, useConnectionTest } from '../../connections/api';
import { useMay } from '../../session/api';
import { useSync } from '../../syncs/api';

/** What the systems of a run have left of the day's calls, as they tell now and then. */
export function QuotaLeft({ syncId }: { syncId: string }) {
  const { data: sync } = useSync(syncId);
  const ends = [sync?.source?.connectionId, sync?.destination?.connectionId].flatMap((id) => id ?? []);
  return [...new Set(ends)].map((connectionId) => <LeftOf key={connectionId} connectionId={connectionId} />);
}

function LeftOf({ connectionId }: { connectionId: string }) {
  const { data: connections } = useConnections();
  const { data: test, dataUpdatedAt } = useConnectionTest(connectionId, useMay('operator'), { isFollowed: true });
  const now = useNow();
  const { used = null, limit = null } = test?.quota ?? {};
  if (used === null || limit === null) return null;
  const name = connections?.find(({ id }) => id === connectionId)?.name ?? 'The system';
  return (
    <Text size="xs" c="dimmed">
      {name} has {formatNumber(Math.max(0, limit - used))} of {formatNumber(limit)} calls left today (
      {formatRelative(new Date(dataUpdatedAt).toISOString(), now)}).
    </Text>
  );
}
