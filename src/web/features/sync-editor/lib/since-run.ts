import type { Sync } from '../../syncs/api';
import type { Preview } from '../api';

/** Whether an execution has been begun since a preview was made: then what that found is not as it was. */
export const hasRun = (last: Sync['lastExecution'], preview: Preview | undefined): boolean =>
  last !== null && preview?.state === 'completed' && (preview.finishedAt ?? '') < last.scheduledFor;
