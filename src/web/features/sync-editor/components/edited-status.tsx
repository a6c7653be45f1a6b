import { SyncStatusBadge } from '../../../components/status-badge';
import { useSync } from '../../syncs/api';
import { StatusOfSync } from '../../syncs/components/sync-cells';
import type { Saved } from '../state/use-saving';

/** How the sync that is edited stands, told as on its own page. */
export function EditedStatus({ saved }: { saved: Saved }) {
  const { data: sync } = useSync(saved.id);
  return sync ? <StatusOfSync sync={sync} /> : <SyncStatusBadge status={saved.status} />;
}
