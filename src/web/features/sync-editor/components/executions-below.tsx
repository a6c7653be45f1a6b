import { Group, Stack, Title } from '@mantine/core';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { AnchorLink } from '../../../components/links';
import { ExecutionsTable } from '../../executions/components/executions-table';
import { useSync } from '../../syncs/api';
import { useEditor } from '../state/editor-context';
import { EditedStatus } from './edited-status';

/** What the first execution takes while it runs: kept for it from the beginning, so that nothing moves as it comes and ends. */
const ROOM = '16rem';

/** After activation: the executions of the sync, live. */
export function ExecutionsBelow() {
  const { saved } = useEditor();
  const isShown = saved !== null && saved.status !== 'draft';
  const [wasShown] = useState(isShown);
  return isShown ? <Executions syncId={saved.id} isNew={!wasShown} /> : null;
}

/** @param isNew they came while one looked at the page, and are brought into sight */
function Executions({ syncId, isNew }: { syncId: string; isNew: boolean }) {
  const { saved, reload, form } = useEditor();
  const { data: sync } = useSync(syncId);
  const hasMoved = sync !== undefined && sync.status !== saved?.status;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each status that the server tells
  useEffect(() => {
    if (hasMoved) void reload();
  }, [hasMoved, sync?.status]);
  const place = useRef<HTMLDivElement>(null);
  // before it is painted: a pointer is never led to where the link was
  useLayoutEffect(() => {
    if (isNew) place.current?.scrollIntoView({ block: 'center' });
  }, [isNew]);
  return (
    <Stack gap="sm" mt="lg" ref={place} mih={isNew ? ROOM : undefined}>
      <Group gap="sm">
        <Title order={2} size="h4">
          Executions
        </Title>
        {saved && <EditedStatus saved={saved} />}
        <AnchorLink to="/syncs/$syncId" params={{ syncId }} size="sm">
          Open the Sync detail page
        </AnchorLink>
      </Group>
      <ExecutionsTable
        syncId={syncId}
        lastNumber={sync?.lastExecution?.number}
        timeZone={form.schedule.timeZone || undefined}
      />
    </Stack>
  );
}
