import { Button, Group, Paper, Text } from '@mantine/core';
import { useState } from 'react';
import { useAnnounce } from '../../../components/announcer';
import { useConfirm } from '../../../components/confirm';
import { ApiProblem } from '../../../lib/api';
import { counted } from '../../../lib/format';
import { type Control, type Sync, useControl } from '../api';
import { CONTROLS, mayDo } from '../lib/controls';
import { type FailedAction, whatPauseDoes } from './sync-actions';

/** What makes sense for several syncs at once. */
const BULK = ['pause', 'resume'] as const satisfies readonly Control[];

interface BulkActionsProps {
  selected: readonly Sync[];
  onSelect(syncIds: readonly string[]): void;
  onFailed(failed: FailedAction | null): void;
}

/** What can be done with the syncs that are selected; those that did not do it stay selected. */
export function BulkActions({ selected, onSelect, onFailed }: BulkActionsProps) {
  const [busy, setBusy] = useState<Control | null>(null);
  const control = useControl();
  const confirm = useConfirm();
  const announce = useAnnounce();
  if (selected.length === 0) return null;

  const askAll = async (kind: Control, syncs: readonly Sync[]) => {
    const { word, failed } = CONTROLS[kind];
    const question = { title: `Pause ${counted(syncs.length, 'sync')}?`, text: whatPauseDoes(syncs), action: word };
    if (kind === 'pause' && !(await confirm(question))) return;
    onFailed(null);
    setBusy(kind);
    const refusals: { sync: Sync; problem: unknown }[] = [];
    for (const sync of syncs) {
      try {
        await control.mutateAsync({ sync, control: kind });
      } catch (problem) {
        refusals.push({ sync, problem });
      }
    }
    setBusy(null);
    announce(`${word}: done for ${counted(syncs.length - refusals.length, 'sync')}.`);
    onSelect(refusals.map(({ sync }) => sync.id));
    if (refusals.length > 0)
      onFailed({ title: `${counted(refusals.length, 'sync')} ${failed}`, problem: told(refusals) });
  };

  return (
    <Paper withBorder p="xs" component="section" aria-label="Selected syncs">
      <Group gap="xs">
        <Text size="sm" fw={600} role="status">
          {counted(selected.length, 'sync')} selected
        </Text>
        {BULK.map((kind) => {
          const able = selected.filter((sync) => mayDo(sync, kind));
          return (
            <Button
              key={kind}
              size="xs"
              variant="default"
              disabled={able.length === 0 || (busy !== null && busy !== kind)}
              loading={busy === kind}
              onClick={() => void askAll(kind, able)}
            >
              {able.length === selected.length ? CONTROLS[kind].word : `${CONTROLS[kind].word} ${able.length} of them`}
            </Button>
          );
        })}
        <Button size="xs" variant="subtle" onClick={() => onSelect([])}>
          Select none
        </Button>
      </Group>
    </Paper>
  );
}

/** Each refusal beside the name of its sync. */
function told(refusals: readonly { sync: Sync; problem: unknown }[]): ApiProblem {
  const errors = refusals.map(({ sync, problem }) => ({
    path: sync.name,
    message: problem instanceof ApiProblem ? problem.detail : 'The page has a fault. Load it again.',
  }));
  return new ApiProblem(0, 'They are still selected. It worked for all the others.', 'Some syncs refused', errors);
}
