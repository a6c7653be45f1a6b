import { useNavigate } from '@tanstack/react-router';
import { createElement, useRef, useState } from 'react';
import { useAnnounce } from '../../../components/announcer';
import { type Question, useConfirm } from '../../../components/confirm';
import { apiUrl } from '../../../lib/api';
import { download } from '../../../lib/download';
import type { Step } from '../../sync-editor/lib/steps';
import { type Control, isRunning, type Sync, useControl, useDeleteSync, useDuplicate } from '../api';
import { CONTROLS, mayDo } from '../lib/controls';
import { ActivateAgainText, RunNowText } from './run-now-text';

export interface SyncAction {
  label: string;
  /** What it does, where the label alone could be taken for something else. */
  about: string | undefined;
  isDangerous: boolean;
  /** Why it cannot be done now. */
  hindrance?: string;
  /** It has been asked, and is not answered yet. */
  isBusy: boolean;
  run(): Promise<void>;
}

const nameOf = ({ id }: Sync, label: string): string => `${label} ${id}`;

/** What did not work, for the place where it was asked. */
export interface FailedAction {
  title: string;
  problem: unknown;
}

const ABOUT: Partial<Record<string, string>> = {
  Pause: 'No run starts until you resume; the one that runs stops after the current batch',
  [CONTROLS.cancel.word]: 'Ends the sync: its schedule, and the run that is under way',
};

/** When a pause begins, and what falls into it. */
export const whatPauseDoes = (syncs: readonly Sync[]): string =>
  syncs.some(isRunning)
    ? 'The running execution stops after the current batch, and continues from there when you resume. Runs that fall due meanwhile are missed.'
    : 'No run starts until you resume. Runs that fall due meanwhile are missed.';

/** What follows, for what writes at once or cannot be taken back at once. */
const QUESTIONS: Partial<Record<Control, (sync: Sync) => Question>> = {
  'run-now': (sync) => ({
    title: `Run "${sync.name}" now?`,
    text: createElement(RunNowText, { sync }),
    action: 'Run now',
    refusal: 'Do not run',
  }),
  pause: (sync) => ({ title: `Pause "${sync.name}"?`, text: whatPauseDoes([sync]), action: 'Pause' }),
  cancel: (sync) => ({
    title: `Cancel "${sync.name}"?`,
    text: 'This ends the schedule, and the run that is under way, if there is one: nothing more is sent, and no further run starts. What was loaded stays in the destination. You can activate the sync again later.',
    action: 'Cancel the sync',
    isDangerous: true,
  }),
};

/**
 * What a person can do with a sync in its present state.
 * @param onFailed gets what did not work, null when something is tried anew
 * @param onDeleted leaves a page whose sync is gone
 */
export function useSyncActions(
  onFailed: (failed: FailedAction | null) => void,
  onDeleted: () => Promise<void> = async () => undefined,
): (sync: Sync) => SyncAction[] {
  const control = useControl();
  const remove = useDeleteSync();
  const duplicate = useDuplicate();
  const confirm = useConfirm();
  const announce = useAnnounce();
  const navigate = useNavigate();

  // a second click asks nothing a second time
  const pending = useRef(new Set<string>());
  const [busy, setBusy] = useState<readonly string[]>([]);
  const attempt = async (name: string, title: string, work: () => Promise<void>) => {
    if (pending.current.has(name)) return;
    pending.current.add(name);
    setBusy([...pending.current]);
    onFailed(null);
    try {
      await work();
    } catch (problem) {
      onFailed({ title, problem });
    } finally {
      pending.current.delete(name);
      setBusy([...pending.current]);
    }
  };
  const action = (sync: Sync, label: string, run: SyncAction['run'], isDangerous = false): SyncAction => ({
    label,
    about: ABOUT[label],
    isDangerous,
    isBusy: busy.includes(nameOf(sync, label)),
    run,
  });

  const controlled = (sync: Sync, kind: Control): SyncAction[] => {
    const { word, done, failed } = CONTROLS[kind];
    if (kind === 'run-now' && (sync.status === 'paused' || sync.status === 'needsAttention'))
      return [{ ...action(sync, word, async () => undefined), hindrance: 'Resume the sync to run it' }];
    if (!mayDo(sync, kind) || (kind === 'run-now' && isRunning(sync))) return [];
    const run = async () => {
      const question = QUESTIONS[kind]?.(sync);
      if (question && !(await confirm(question))) return;
      await attempt(nameOf(sync, word), `"${sync.name}" ${failed}`, async () => {
        await control.mutateAsync({ sync, control: kind });
        announce(`"${sync.name}" ${done}.`);
      });
    };
    return [action(sync, word, run, kind === 'cancel')];
  };

  const deletion = (sync: Sync): SyncAction[] => {
    if (mayDo(sync, 'cancel')) return [];
    const run = async () => {
      const text =
        'Its definition and the history of its executions go, and with them undo and retry. What it has loaded stays in the destination.';
      if (!(await confirm({ title: `Delete "${sync.name}"?`, text, action: 'Delete', isDangerous: true }))) return;
      await attempt(nameOf(sync, 'Delete'), `"${sync.name}" could not be deleted`, async () => {
        await remove.mutateAsync(sync);
        announce(`"${sync.name}" is deleted.`);
        await onDeleted();
      });
    };
    return [action(sync, 'Delete', run, true)];
  };

  const openEditor = ({ id }: Sync, step: Step = 'basics') =>
    navigate({ to: '/syncs/$syncId/edit/$step', params: { syncId: id, step } });
  const activation = (sync: Sync) => async () => {
    const previewsFirst = await confirm({
      title: `Activate "${sync.name}" again?`,
      text: createElement(ActivateAgainText, { sync }),
      action: 'Preview first',
      also: { label: 'Go to the schedule', run: () => void openEditor(sync, 'schedule') },
      refusal: 'Not now',
    });
    if (previewsFirst) await openEditor(sync, 'preview');
  };
  const duplication = (sync: Sync) => () =>
    attempt(nameOf(sync, 'Duplicate'), `"${sync.name}" could not be duplicated`, async () => {
      const copy = await duplicate.mutateAsync(sync);
      announce(`"${copy.name}" is saved as a draft.`);
      await openEditor(copy);
    });

  const exportation =
    ({ id, name }: Sync) =>
    async () =>
      download(apiUrl('/definitions', { syncId: id, format: 'yaml' }), `${name}.yaml`);

  return (sync) => [
    ...controlled(sync, 'run-now'),
    ...controlled(sync, 'pause'),
    ...controlled(sync, 'resume'),
    ...(sync.status === 'completed' || sync.status === 'cancelled'
      ? [action(sync, 'Activate again…', activation(sync))]
      : []),
    action(sync, sync.status === 'draft' ? 'Continue editing' : 'Edit', () => openEditor(sync)),
    action(sync, 'Preview', () => openEditor(sync, 'preview')),
    action(sync, 'Duplicate', duplication(sync)),
    action(sync, 'Export as YAML', exportation(sync)),
    ...controlled(sync, 'cancel'),
    ...deletion(sync),
  ];
}
