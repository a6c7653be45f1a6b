import { Button, Text } from '@mantine/core';
import { ProblemAlert } from '../../../components/problem-alert';
import { activateSync } from '../api';
import { useEditor } from '../state/editor-context';
import { useActivation } from '../state/use-activation';
import classes from './activate-button.module.css';
import { focusFirstError } from './error-summary';

/** Saves the sync, and sets it to work as its schedule says. */
export function ActivateButton() {
  const { saved, save, problems, isLive, setTried } = useEditor();
  const { activate, isBusy, problem } = useActivation();
  const isBlocked = problems.length > 0;
  const go = async () => {
    setTried();
    if (isBlocked) return focusFirstError();
    await activate(async () => {
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
          {saved?.status === 'completed' || saved?.status === 'cancelled' ? 'Activate again' : 'Activate'}
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
