import { AS_PREVIEWED } from '../../sync-editor/lib/sentence';
import type { Sync } from '../api';

/** When a sync runs, in words. What was activated without a schedule has applied its preview. */
export const scheduleOf = ({ scheduleText, status }: Pick<Sync, 'scheduleText' | 'status'>): string =>
  scheduleText ?? (status === 'draft' ? 'Not chosen yet' : AS_PREVIEWED);
