import { AS_PREVIEWED } from '../../sync-editor/lib/sentence';
import type { Sync } from '../api';

/** When a sync runs, or ran, in words. What was activated without a schedule has applied its preview. */
export function scheduleOf({
  scheduleText,
  schedule,
  status,
}: Pick<Sync, 'scheduleText' | 'schedule' | 'status'>): string {
  if (schedule?.type === 'now' && status !== 'draft') return 'Once, when it was activated';
  return scheduleText ?? (status === 'draft' ? 'Not chosen yet' : AS_PREVIEWED);
}
