import { Button, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useConfirm } from '../../../components/confirm';
import { ProblemAlert } from '../../../components/problem-alert';
import { api } from '../../../lib/api';
import type { Sync } from '../../syncs/api';
import { lastRunInWords } from '../../syncs/lib/run-now-words';
import { activateSync } from '../api';
import { hasRun } from '../lib/since-run';
import { useEditor } from '../state/editor-context';
import { useActivation } from '../state/use-activation';
import { useLatestPreview } from '../state/use-latest-preview';
import classes from './activate-button.module.css';
import { focusFirstError } from './error-summary';

/** Saves the sync, and sets it to work as its schedule says. */
export function ActivateButton() {
  const { saved, save, problems, isLive, setTried } = useEditor();
  const { activate, isBusy, problem } = useActivation();
  const isBlocked = problems.length > 0;
  const isAgain = saved?.status === 'completed' || saved?.status === 'cancelled';
  const isMeant = useIsMeant();
  const go = async () => {
    setTried();
    if (isBlocked) return focusFirstError();
    await activate(async () => {
      if (isAgain && !(await isMeant())) return false;
      const now = await save();
      if (now) await activateSync(now.id);
      return now !== null;
    });
  };
  return (
    <>
      {problem ? (
        <ProblemAlert problem={problem} title="The sync could not be activated" onRetry={() => void go()} />
      ) : null}
      <div className={classes.place}>
        <Button
          size="md"
          // when a run ends nothing moves under the pointer: its place is kept
          style={isLive ? { visibility: 'hidden' } : undefined}
          loading={isBusy}
          aria-disabled={isBlocked || undefined}
          data-disabled={isBlocked || undefined}
          aria-describedby={isBlocked ? 'next-reason' : undefined}
          onClick={() => void go()}
        >
          {isAgain ? 'Activate again' : 'Activate'}
        </Button>
        {isLive && (
          <Text size="sm" fw={600} className={classes.told} role="status">
            Activated: see below
          </Text>
        )}
      </div>
    </>
  );
}

/** Asks before a sync that has run is activated once more, with how much its last run wrote; not where a preview of what it is now stands above. */
function useIsMeant(): () => Promise<boolean> {
  const { saved, form } = useEditor();
  const { preview, isOutdated } = useLatestPreview(saved);
  const confirm = useConfirm();
  const navigate = useNavigate();
  return async () => {
    if (!saved) return true;
    const sync = await api<Sync>(`/syncs/${saved.id}`);
    const isForetold = preview?.state === 'completed' && !isOutdated && !hasRun(sync.lastExecution, preview);
    if (isForetold) return true;
    const when = form.schedule.type === 'now' ? 'It runs at once.' : 'It runs as scheduled.';
    return confirm({
      title: `Activate "${sync.name}" again?`,
      text: [when, lastRunInWords(sync), 'No preview shows what would be written now.'].filter(Boolean).join(' '),
      action: 'Activate again',
      also: {
        label: 'Preview first',
        run: () => void navigate({ to: '/syncs/$syncId/edit/$step', params: { syncId: saved.id, step: 'preview' } }),
      },
      refusal: 'Not now',
    });
  };
}
