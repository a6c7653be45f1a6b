import { Grid, Stack } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { Loading } from '../../../components/loading';
import { afterPress } from '../../../lib/after-press';
import type { Step } from '../lib/steps';
import { type Editor, EditorContext } from '../state/editor-context';
import { useEditedSync } from '../state/use-edited-sync';
import type { Saved } from '../state/use-saving';
import { EditorHeading } from './editor-heading';
import { SavingNotices } from './saving-notices';
import { SentenceRail } from './sentence-rail';
import { StepLinks } from './step-links';

const PAGES = {
  basics: lazy(() => import('../pages/basics')),
  mappings: lazy(() => import('../pages/mappings')),
  filter: lazy(() => import('../pages/filter')),
  preview: lazy(() => import('../pages/preview')),
  schedule: lazy(() => import('../pages/schedule')),
} as const;

interface EditorPagesProps {
  initial: Saved | null;
  step: Step;
  onCreated(syncId: string): void;
  goTo(saved: Saved | null, step: Step): Promise<void>;
}

/** The page of a step, with the steps above it and the sync in a sentence beside it. */
export function EditorPages({ initial, step, onCreated, goTo }: EditorPagesProps) {
  const edited = useEditedSync(initial, onCreated);
  const [tried, setTried] = useState<readonly Step[]>([]);
  const editor: Editor = {
    ...edited,
    step,
    tries: tried.filter((each) => each === step).length,
    isTried: tried.includes(step),
    setTried: (of = step) => setTried((before) => [...before, of]),
    goTo: async (to) => {
      // on a live sync changes are saved when the person says so, and without a name none can be: what is typed stays on the way
      const isSavedFirst = !edited.isLive && edited.asDraft.draft.name !== '';
      await goTo(isSavedFirst ? await edited.save() : edited.saved, to);
    },
  };
  const Page = PAGES[step];
  // the grid of mappings needs the whole width
  const isWide = step === 'mappings' || step === 'preview';
  return (
    <EditorContext value={editor}>
      <Stack gap="md" onBlur={() => edited.isLive || afterPress(() => void edited.save())}>
        <EditorHeading />
        <StepLinks />
        <SavingNotices />
        <Grid gap="xl">
          <Grid.Col span={{ base: 12, lg: isWide ? 12 : 9 }}>
            <Suspense fallback={<Loading>Opening the page</Loading>}>
              <Page />
            </Suspense>
          </Grid.Col>
          <SentenceRail isBeside={!isWide} />
        </Grid>
      </Stack>
    </EditorContext>
  );
}
