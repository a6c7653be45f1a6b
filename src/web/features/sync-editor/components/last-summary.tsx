import { Paper, Text } from '@mantine/core';
import { AnchorLink } from '../../../components/links';
import { counted, formatNumber, formatRelative } from '../../../lib/format';
import { useNow } from '../../../lib/use-now';
import type { Preview } from '../api';
import { useEditor } from '../state/editor-context';
import { useLatestPreview } from '../state/use-latest-preview';

/** What will be written, once more before it is: by the counts of the last preview. It stays while the sync runs, so that nothing moves. */
export function LastSummary() {
  const { saved } = useEditor();
  const { preview, isOutdated } = useLatestPreview(saved);
  if (!saved) return null;
  const isKnown = preview?.state === 'completed';
  return (
    <Paper withBorder p="md" component="section" aria-label="What will be written">
      <Text size="sm">
        {isKnown ? <Counts preview={preview} /> : 'It has not been previewed in this window. '}
        {isKnown && isOutdated && <b>The sync has changed since. </b>}
        <AnchorLink
          to="/syncs/$syncId/edit/$step"
          params={{ syncId: saved.id, step: 'preview' }}
          size="sm"
          underline="always"
        >
          Look at the preview
        </AnchorLink>
      </Text>
    </Paper>
  );
}

function Counts({ preview: { plan, read, exact, finishedAt } }: { preview: Preview }) {
  const now = useNow();
  const { create, update, unchanged, skip, refuse } = plan;
  const rest = [
    [unchanged, 'unchanged'],
    [skip, 'skipped'],
    [refuse, 'refused'],
  ] as const;
  const others = rest.flatMap(([records, words]) => (records > 0 ? [`${formatNumber(records)} ${words}`] : []));
  return (
    <>
      By the preview{finishedAt !== null && ` of ${formatRelative(finishedAt, now).replace(/^now$/, 'just now')}`},{' '}
      {exact ? 'of' : 'of the first'} {counted(read, 'record')} <b>{formatNumber(create)} would be created</b> and{' '}
      <b>{formatNumber(update)} updated</b>
      {others.length > 0 && `; ${others.join(', ')}`}.{' '}
    </>
  );
}
