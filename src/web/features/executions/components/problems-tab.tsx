import { Stack, Text } from '@mantine/core';
import { useConfirm } from '../../../components/confirm';
import { ProblemAlert } from '../../../components/problem-alert';
import { counted } from '../../../lib/format';
import { reasonInWords } from '../../../lib/reasons';
import { type Execution, useGiveUp, useRetryFailed } from '../api';
import type { RecordsSearch } from '../records-search';
import { Causes } from './causes';
import { FailedActions } from './failed-actions';

interface ProblemsTabProps {
  execution: Execution;
  /** Gets which records somebody wants to see. */
  onShow(search: RecordsSearch): void;
  mayEdit: boolean;
  /** Gets the execution that tries records again. */
  onBegun(retry: Execution): void;
}

/** Why records of an execution were not loaded, and what can be done about it. */
export function ProblemsTab({ execution, onShow, mayEdit, onBegun }: ProblemsTabProps) {
  const { id, state } = execution;
  const retry = useRetryFailed(id);
  const giveUp = useGiveUp(id);
  const confirm = useConfirm();

  const askToGiveUp = async (reason: string, due: number) => {
    const title = `Give up ${counted(due, 'record')}?`;
    const text = `They failed with: ${reasonInWords(reason)}. They are not tried again, neither by a retry nor by a run that reads only changes, until they change in the source.`;
    if (await confirm({ title, text, action: 'Give up', isDangerous: true })) giveUp.mutate({ reasons: [reason] });
  };
  const causeActions = {
    isBusy: retry.isPending || giveUp.isPending,
    onRetry: (reason: string) => retry.mutate({ reasons: [reason] }, { onSuccess: onBegun }),
    onGiveUp: (reason: string, due: number) => void askToGiveUp(reason, due),
  };
  if (state === 'running')
    return <Text size="sm">What failed is shown here by cause, once the execution has ended.</Text>;
  return (
    <Stack gap="lg">
      <ProblemAlert problem={retry.error} title="The records could not be tried again" />
      <ProblemAlert problem={giveUp.error} title="The records could not be given up" />
      {mayEdit && (
        <FailedActions
          execution={execution}
          isBusy={retry.isPending}
          onRetryAll={() => retry.mutate({}, { onSuccess: onBegun })}
          onFile={(file) => retry.mutate(file, { onSuccess: onBegun })}
        />
      )}
      <Causes execution={execution} actions={mayEdit ? causeActions : undefined} onShow={onShow} />
    </Stack>
  );
}
