import { useCallback, useEffect, useRef, useState } from 'react';
import { useSync } from '../../syncs/api';
import { askPreview, cancelPreview, type Preview, usePreview } from '../api';
import { hasRun } from '../lib/since-run';
import { useEditor } from './editor-context';
import { isOtherThanPreviewed, keepPreview, latestPreviewId } from './use-latest-preview';

/** The preview of the sync that is edited: begun when its page is opened, and again when asked. */
export function usePreviewRun() {
  const { saved, save, tell, isLive, isChanged } = useEditor();
  const syncId = saved?.id ?? '';
  const [previewId, setPreviewId] = useState(() => latestPreviewId(syncId));
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [before, setBefore] = useState<Preview | null>(null);
  const { data: preview, error, refetch } = usePreview(previewId);
  const { data: sync } = useSync(syncId);
  const hasRunSince = hasRun(sync?.lastExecution ?? null, preview);

  const start = useCallback(
    async (mode: 'auto' | 'full' = 'auto') => {
      setAsking(true);
      setProblem(null);
      try {
        const now = isLive ? saved : await save();
        if (!now) return;
        const asked = await askPreview(now.id, mode);
        setBefore(preview?.state === 'completed' ? preview : null);
        keepPreview(now, asked.previewId);
        setPreviewId(asked.previewId);
      } catch (failure) {
        setProblem(failure);
        tell(failure);
      } finally {
        setAsking(false);
      }
    },
    [isLive, saved, save, tell, preview],
  );

  // a preview of just this is shown again; otherwise a new one is made, once
  const isDecided = useRef(false);
  const isKnown = previewId === null || (preview !== undefined && sync !== undefined) || error !== null;
  const isOther = saved === null || isOtherThanPreviewed(saved.id, saved.draft);
  const isSame = preview !== undefined && !isOther && preview.state !== 'failed' && !hasRunSince;
  useEffect(() => {
    if (isDecided.current || !isKnown || !saved) return;
    isDecided.current = true;
    if (!isSame) void start();
  }, [isKnown, isSame, saved, start]);

  const hasChanged = preview !== undefined && (isOther || isChanged);
  const outdated = hasChanged ? 'the sync has changed' : hasRunSince ? 'the sync has run' : null;
  // until it is known whether one is there, and what it says
  const isComing =
    isAsking || (saved !== null && !isKnown) || (previewId !== null && preview === undefined && error === null);
  const cancel = async () => {
    if (!previewId) return;
    try {
      await cancelPreview(previewId);
      await refetch();
    } catch (failure) {
      setProblem(failure);
    }
  };
  return { preview, before, isComing, outdated, problem: problem ?? error, start, cancel };
}

export type PreviewRun = ReturnType<typeof usePreviewRun>;
