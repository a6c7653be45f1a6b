import { SYNC_TRANSITIONS, type SyncControl } from '../../../../domain/sync-status';
import type { Control, Sync } from '../api';

/** How each control is called, and told of: `"People" is paused.` */
export const CONTROLS: Record<Control, { control: SyncControl; word: string; done: string; failed: string }> = {
  'run-now': { control: 'runNow', word: 'Run now', done: 'will run now', failed: 'could not be run' },
  pause: { control: 'pause', word: 'Pause', done: 'is paused', failed: 'could not be paused' },
  resume: { control: 'resume', word: 'Resume', done: 'is active again', failed: 'could not be resumed' },
  cancel: { control: 'cancel', word: 'Cancel sync', done: 'is cancelled', failed: 'could not be cancelled' },
};

/** Whether a sync can be asked for something in its status. */
export const mayDo = ({ status }: Pick<Sync, 'status'>, control: Control): boolean =>
  (SYNC_TRANSITIONS[CONTROLS[control].control].from as readonly string[]).includes(status);
