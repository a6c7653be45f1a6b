import { useNavigate } from '@tanstack/react-router';
import { SYNC_TRANSITIONS, type SyncControl } from '../../../../domain/sync-status';
import { useAnnounce } from '../../../components/announcer';
import { useConfirm } from '../../../components/confirm';
import { type Control, isRunning, type Sync, useControl, useDeleteSync, useDuplicate } from '../api';

const CONTROLS: Record<Control, { control: SyncControl; word: string; done: string; failed: string }> = {
  'run-now': { control: 'runNow', word: 'Run now', done: 'will run now', failed: 'could not be run' },
  pause: { control: 'pause', word: 'Pause', done: 'is paused', failed: 'could not be paused' },
  resume: { control: 'resume', word: 'Resume', done: 'goes on', failed: 'could not be resumed' },
  cancel: { control: 'cancel', word: 'Cancel', done: 'is cancelled', failed: 'could not be cancelled' },
};

export interface SyncAction {
  label: string;
  isDangerous: boolean;
  run(): Promise<void>;
}

/** What did not work, for the place where it was asked. */
export interface FailedAction {
  title: string;
  problem: unknown;
}

const mayDo = (sync: Sync, control: SyncControl): boolean =>
  (SYNC_TRANSITIONS[control].from as readonly string[]).includes(sync.status);

/** What follows, for what cannot be taken back at once. */
const QUESTIONS: Partial<Record<Control, (sync: Sync) => { title: string; text: string; action: string }>> = {
  pause: (sync) => ({
    title: `Pause "${sync.name}"?`,
    text: isRunning(sync)
      ? 'What runs stops after the current batch, and goes on from there when you resume. Runs that fall into the pause are missed.'
      : 'No run starts until you resume. Runs that fall into the pause are missed.',
    action: 'Pause',
  }),
  cancel: (sync) => ({
    title: `Cancel "${sync.name}"?`,
    text: 'Nothing more is sent, and no further run starts. What was loaded stays in the destination. You can activate the sync again later.',
    action: 'Cancel the sync',
  }),
};

/**
 * What a person can do with a sync in its present state.
 * @param onFailed gets what did not work, null when something is tried anew
 */
export function useSyncActions(onFailed: (failed: FailedAction | null) => void): (sync: Sync) => SyncAction[] {
  const control = useControl();
  const remove = useDeleteSync();
  const duplicate = useDuplicate();
  const confirm = useConfirm();
  const announce = useAnnounce();
  const navigate = useNavigate();

  const attempt = async (title: string, work: () => Promise<void>) => {
    onFailed(null);
    try {
      await work();
    } catch (problem) {
      onFailed({ title, problem });
    }
  };

  const controlled = (sync: Sync, kind: Control): SyncAction[] => {
    const { control: name, word, done, failed } = CONTROLS[kind];
    if (!mayDo(sync, name) || (kind === 'run-now' && isRunning(sync))) return [];
    const run = async () => {
      const question = QUESTIONS[kind]?.(sync);
      if (question && !(await confirm({ ...question, isDangerous: kind === 'cancel' }))) return;
      await attempt(`"${sync.name}" ${failed}`, async () => {
        await control.mutateAsync({ sync, control: kind });
        announce(`"${sync.name}" ${done}.`);
      });
    };
    return [{ label: word, isDangerous: kind === 'cancel', run }];
  };

  const deletion = (sync: Sync): SyncAction[] => {
    if (mayDo(sync, 'cancel')) return [];
    const run = async () => {
      const text =
        'Its definition and the history of its executions go, and with them undo and retry. What it has loaded stays in the destination.';
      if (!(await confirm({ title: `Delete "${sync.name}"?`, text, action: 'Delete', isDangerous: true }))) return;
      await attempt(`"${sync.name}" could not be deleted`, async () => {
        await remove.mutateAsync(sync);
        announce(`"${sync.name}" is deleted.`);
        await navigate({ to: '/' });
      });
    };
    return [{ label: 'Delete', isDangerous: true, run }];
  };

  const edit = (sync: Sync, label: string): SyncAction => ({
    label,
    isDangerous: false,
    run: () => navigate({ to: '/syncs/$syncId/edit/$step', params: { syncId: sync.id, step: 'basics' } }),
  });

  return (sync) => [
    ...controlled(sync, 'run-now'),
    ...controlled(sync, 'pause'),
    ...controlled(sync, 'resume'),
    edit(sync, sync.status === 'draft' ? 'Continue editing' : 'Edit'),
    {
      label: 'Duplicate',
      isDangerous: false,
      run: () =>
        attempt(`"${sync.name}" could not be duplicated`, async () => {
          const copy = await duplicate.mutateAsync(sync);
          announce(`"${copy.name}" is saved as a draft.`);
          await edit(copy, '').run();
        }),
    },
    ...controlled(sync, 'cancel'),
    ...deletion(sync),
  ];
}
