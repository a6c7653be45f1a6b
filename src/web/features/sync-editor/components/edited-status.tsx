import { SyncStatusBadge } from '../../../components/status-badge';
import { useSync } from '../../syncs/api';
import { undoneLastRun } from '../../syncs/lib/recent-runs';
import type { Saved } from '../state/use-saving';

/** How the sync that is edited stands, told as on its own page. */
export function EditedStatus({ saved }: { saved: Saved }) {
  const { data: sync } = useSync(saved.id);
  return (
    <SyncStatusBadge
      status={sync?.status ?? saved.status}
      isOverdue={sync !== undefined && sync.overdueSince !== null}
      undoneNumber={sync === undefined ? null : undoneLastRun(sync.recentExecutions)}
    />
  );
}
