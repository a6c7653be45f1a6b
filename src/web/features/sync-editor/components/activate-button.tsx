import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { isConsent } from '../../../../domain/suggest-mappings';
import { useConfirm } from '../../../components/confirm';
import { ProblemAlert } from '../../../components/problem-alert';
import { ApiProblem } from '../../../lib/api';
import { activateSync } from '../api';
import { useEditor } from '../state/editor-context';

/** Saves the sync, and sets it to work; a second click while it does is none. */
export function ActivateButton() {
  const editor = useEditor();
  const { saved, problems, form, destination } = editor;
  const queries = useQueryClient();
  const confirm = useConfirm();
  const isBusy = useRef(false);
  const [isShownBusy, setShownBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  if (editor.isLive) return null;
  const consent = (destination.object?.fields ?? []).filter(
    (field) => isConsent(field) && form.mappings.some(({ to }) => to === field.name),
  );
  const activate = async () => {
    editor.setTried();
    if (isBusy.current || problems.length > 0) return;
    if (consent.length > 0) {
      const names = consent.map(({ label }) => label).join(', ');
      const isMeant = await confirm({
        title: 'Write what people have agreed to?',
        text: `The mapping writes ${names}. Make sure that the source knows better than the destination.`,
        action: 'Activate',
      });
      if (!isMeant) return;
    }
    isBusy.current = true;
    setShownBusy(true);
    setProblem(null);
    try {
      const now = await editor.save();
      if (now) {
        await activateSync(now.id);
        await editor.reload();
        await queries.invalidateQueries({ queryKey: ['syncs'] });
      }
    } catch (failure) {
      editor.tell(failure);
      if (!(failure instanceof ApiProblem) || failure.errors.length === 0) setProblem(failure);
    } finally {
      isBusy.current = false;
      setShownBusy(false);
    }
  };
  const isBlocked = problems.length > 0;
  return (
    <>
      {problem ? (
        <ProblemAlert problem={problem} title="The sync could not be activated" onRetry={() => void activate()} />
      ) : null}
      <Button
        size="md"
        loading={isShownBusy}
        aria-disabled={isBlocked || undefined}
        data-disabled={isBlocked || undefined}
        aria-describedby={isBlocked ? 'next-reason' : undefined}
        onClick={() => void activate()}
      >
        {saved?.status === 'completed' || saved?.status === 'cancelled' ? 'Activate again' : 'Activate'}
      </Button>
    </>
  );
}
