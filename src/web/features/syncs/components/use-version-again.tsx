import { Button } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { LIVE_STATUSES } from '../../../../domain/sync-status';
import { type Question, useConfirm } from '../../../components/confirm';
import { hasUnsavedChanges, takeUpVersion } from '../../sync-editor/lib/earlier-version';
import { savedOf } from '../../sync-editor/state/use-saving';
import type { Sync, Version } from '../api';

interface UseVersionAgainProps {
  sync: Sync;
  /** An earlier one. */
  version: Version;
}

/** Leads to the editor with the definition of an earlier version, which is saved there as any change is. */
export function UseVersionAgain({ sync, version: { version, definition } }: UseVersionAgainProps) {
  const navigate = useNavigate();
  const confirm = useConfirm();
  const edit = async () => {
    const question = questionOf(sync, version);
    if (question && !(await confirm(question))) return;
    takeUpVersion(savedOf(sync), definition);
    await navigate({ to: '/syncs/$syncId/edit/$step', params: { syncId: sync.id, step: 'basics' } });
  };
  return (
    <Button size="compact-xs" variant="default" onClick={() => void edit()}>
      Use this version again…<span className="visually-hidden"> (version {version})</span>
    </Button>
  );
}

/** What has to be agreed to before; null where nothing is lost or saved by it. */
function questionOf({ id, status }: Sync, version: number): Question | null {
  const isSavedAtOnce = !LIVE_STATUSES.includes(status);
  const isReplaced = hasUnsavedChanges(id);
  if (!isSavedAtOnce && !isReplaced) return null;
  const texts = [
    isReplaced && 'Changes of this sync that you have entered in this browser and not saved are lost.',
    isSavedAtOnce &&
      'The sync is not active, so it is saved at once, as a new version. The present definition stays in the list of versions.',
  ];
  return {
    title: `Use version ${version} again?`,
    text: texts.filter(Boolean).join(' '),
    action: `Use version ${version}`,
    isDangerous: isReplaced,
  };
}
