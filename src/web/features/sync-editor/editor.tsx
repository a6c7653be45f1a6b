import { Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { Loading } from '../../components/loading';
import { PageHeading } from '../../components/page-heading';
import { ProblemAlert } from '../../components/problem-alert';
import { getSync } from './api';
import { EditorPages } from './components/editor-pages';
import { STEPS, type Step } from './lib/steps';
import { type Saved, savedOf } from './state/use-saving';

/**
 * The five pages by which a sync is made and changed. What is typed lives here, so that it stays while one goes from page to page, and while
 * a new sync gets its address with the first save.
 */
export default function SyncEditor() {
  const params: { syncId?: string; step?: string } = useParams({ strict: false });
  const navigate = useNavigate();
  const createdId = useRef<string | null>(null);
  const [visit, setVisit] = useState(0);
  const { syncId = null } = params;
  const step = STEPS.find((known) => known === params.step) ?? 'basics';
  const wasCreatedHere = useRef(false);
  if (syncId !== null && syncId === createdId.current) wasCreatedHere.current = true;
  const isBegunAnew = syncId === null && wasCreatedHere.current;
  useEffect(() => {
    if (!isBegunAnew) return;
    createdId.current = null;
    wasCreatedHere.current = false;
    setVisit((count) => count + 1);
  }, [isBegunAnew]);

  const open = (id: string, to: Step, replace: boolean) =>
    navigate({ to: '/syncs/$syncId/edit/$step', params: { syncId: id, step: to }, replace, resetScroll: !replace });
  const onCreated = (id: string) => {
    createdId.current = id;
    void open(id, step, true);
  };
  const goTo = async (saved: Saved | null, to: Step) => {
    if (saved) await open(saved.id, to, false);
  };
  const isNew = syncId === null || syncId === createdId.current;
  if (isNew) return <EditorPages key={`new-${visit}`} initial={null} step={step} onCreated={onCreated} goTo={goTo} />;
  return <SavedSyncEditor key={syncId} syncId={syncId} step={step} goTo={goTo} />;
}

interface SavedSyncEditorProps {
  syncId: string;
  step: Step;
  goTo(saved: Saved | null, step: Step): Promise<void>;
}

function SavedSyncEditor({ syncId, step, goTo }: SavedSyncEditorProps) {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['sync-to-edit', syncId],
    queryFn: () => getSync(syncId),
    // it is edited from here on; another version is told when it is saved
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  useEffect(() => () => void queries.invalidateQueries({ queryKey: ['syncs'] }), [queries]);
  if (data) return <EditorPages initial={savedOf(data)} step={step} onCreated={() => undefined} goTo={goTo} />;
  return (
    <Stack>
      <PageHeading>Edit sync</PageHeading>
      {error ? (
        <ProblemAlert problem={error} title="The sync could not be loaded" onRetry={() => void refetch()} />
      ) : (
        <Loading>Loading the sync</Loading>
      )}
    </Stack>
  );
}
