import { Paper, Text } from '@mantine/core';
import { AnchorLink } from '../../../components/links';
import { countsInWords } from '../../../lib/counts';
import { counted, formatNumber, formatRelative } from '../../../lib/format';
import { useNow } from '../../../lib/use-now';
import { type Sync, useSync } from '../../syncs/api';
import type { Preview } from '../api';
import { hasRun } from '../lib/since-run';
import type { Step } from '../lib/steps';
import { useEditor } from '../state/editor-context';
import { useLatestPreview } from '../state/use-latest-preview';
import type { Saved } from '../state/use-saving';

/** What will be written, once more before it is: by the counts of the last preview. Once it has run, what was. It stays, so that nothing moves. */
export function LastSummary() {
  const { saved } = useEditor();
  return saved && <Summary saved={saved} />;
}

function Summary({ saved }: { saved: Saved }) {
  const { preview, isOutdated } = useLatestPreview(saved);
  const { data: sync } = useSync(saved.id);
  // never what a retry or an undo has done: that is no forecast of a run
  const ran = sync?.lastRun ?? null;
  const isUndone = Boolean(ran?.undoneBy && !ran.undoneBy.isRunning);
  const isKnown = preview?.state === 'completed';
  const hasRunSince = !isUndone && (isKnown ? hasRun(ran, preview) : ran !== null);
  return (
    <Paper withBorder p="md" component="section" aria-label={hasRunSince ? 'What was written' : 'What will be written'}>
      <Text size="sm">
        {ran && hasRunSince ? (
          <LastRun run={ran} />
        ) : (
          <>
            {ran && isUndone && `Execution ${ran.number} was undone. `}
            {isKnown ? <Counts preview={preview} /> : 'There is no preview from this window. '}
            {isKnown && isOutdated && <b>The sync has changed since. </b>}
          </>
        )}
        <PageLink syncId={saved.id} step="preview">
          Look at the preview
        </PageLink>
      </Text>
    </Paper>
  );
}

interface PageLinkProps {
  syncId: string;
  step: Step;
  children: string;
}

/** The way to an earlier page, within a sentence. */
export const PageLink = ({ syncId, step, children }: PageLinkProps) => (
  <AnchorLink to="/syncs/$syncId/edit/$step" params={{ syncId, step }} size="sm" underline="always">
    {children}
  </AnchorLink>
);

function LastRun({ run }: { run: NonNullable<Sync['lastRun']> }) {
  if (run.state === 'running') return `Execution ${run.number} is running: see below. `;
  return (
    <>
      By execution {run.number}: <b>{countsInWords(run)}</b>.{' '}
    </>
  );
}

function Counts({ preview: { plan, read, exact, finishedAt } }: { preview: Preview }) {
  const now = useNow();
  const { create, update, unchanged, skip, refuse, filteredOut, duplicates } = plan;
  const rest = [
    [filteredOut, 'filtered out'],
    [duplicates, duplicates === 1 ? 'duplicate' : 'duplicates'],
    [unchanged, 'unchanged'],
    [skip, 'skipped'],
    [refuse, 'refused'],
  ] as const;
  const others = rest.flatMap(([records, words]) => (records > 0 ? [`${formatNumber(records)} ${words}`] : []));
  return (
    <>
      The preview{finishedAt !== null && ` made ${formatRelative(finishedAt, now).replace(/^now$/, 'just now')}`} read{' '}
      {exact ? '' : 'the first '}
      {counted(read, 'record')}: <b>{formatNumber(create)} would be created</b> and{' '}
      <b>{formatNumber(update)} updated</b>
      {others.length > 0 && `; ${others.join(', ')}`}.{' '}
    </>
  );
}
