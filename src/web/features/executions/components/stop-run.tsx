import { Button, Stack } from '@mantine/core';
import { isFollowUp } from '../../../../domain/outcome';
import { useAnnounce } from '../../../components/announcer';
import { useConfirm } from '../../../components/confirm';
import { ProblemAlert } from '../../../components/problem-alert';
import { useMay } from '../../session/api';
import { useSync } from '../../syncs/api';
import { type Execution, useCancelExecution } from '../api';

/** Ends one execution, after a question that says what goes on; nothing where it cannot be ended, or the person may not. */
export function StopRun({ execution, label }: { execution: Execution; label: string }) {
  const { id, number, syncId, state, stopping, trigger } = execution;
  const { data: sync } = useSync(syncId);
  const mayEdit = useMay('operator');
  const cancel = useCancelExecution();
  const confirm = useConfirm();
  const announce = useAnnounce();
  const goesOn = isFollowUp(trigger)
    ? 'The sync stays as it is.'
    : sync?.schedule?.type === 'interval'
      ? 'The sync goes on with its next run.'
      : 'The sync is cancelled with it, and can be activated again.';

  const ask = async () => {
    const isSure = await confirm({
      title: `Cancel execution ${number}?`,
      text: `This ends this one run. Nothing more is sent. What was loaded stays, and the records not reached yet are skipped. ${goesOn}`,
      action: 'Cancel the execution',
      isDangerous: true,
    });
    if (isSure) cancel.mutate(id, { onSuccess: () => announce(`Execution ${number} is being cancelled.`) });
  };
  if (!mayEdit || state !== 'running') return null;
  return (
    <Stack gap="xs" align="flex-start">
      {stopping !== 'cancel' && (
        <Button variant="default" onClick={() => void ask()} loading={cancel.isPending}>
          {label}
        </Button>
      )}
      <ProblemAlert problem={cancel.error} title="It could not be cancelled" />
    </Stack>
  );
}
