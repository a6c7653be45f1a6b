import { Stack } from '@mantine/core';
import { useConfirm } from '../../../components/confirm';
import { ProblemAlert } from '../../../components/problem-alert';
import { counted } from '../../../lib/format';
import { reasonInWords } from '../../../lib/reasons';
import { type Execution, useGiveUp, useRetryFailed } from '../api';
import type { RecordsSearch } from '../records-search';
import { Causes } from './causes';
import { FailedActions } from './failed-actions';
import { Records } from './records';

interface RecordsTabProps {
  execution: Execution;
  shown: RecordsSearch;
  onShow(search: RecordsSearch): Promise<void>;
  mayEdit: boolean;
  /** Gets the execution that tries records again. */
  onBegun(retry: Execution): void;
}

/** What became of the records of an execution: why some were not loaded, what can be done about it, and each of them. */
export function RecordsTab({ execution, shown, onShow, mayEdit, onBegun }: RecordsTabProps) {
  const { id, state } = execution;
  const retry = useRetryFailed(id);
  const giveUp = useGiveUp(id);
  const confirm = useConfirm();
  const hasEnded = state !== 'running';

  const showCause = async (search: RecordsSearch) => {
    await onShow(search);
    document.getElementById('records')?.focus();
  };
  const askToGiveUp = async (reason: string, due: number) => {
    const title = `Give up ${counted(due, 'record')}?`;
    const text = `They failed with: ${reasonInWords(reason)}. They are not tried again, by a retry or by a run that reads what changed, until the source changes them.`;
    if (await confirm({ title, text, action: 'Give up', isDangerous: true })) giveUp.mutate({ reasons: [reason] });
  };
  const causeActions = {
    isBusy: retry.isPending || giveUp.isPending,
    onRetry: (reason: string) => retry.mutate({ reasons: [reason] }, { onSuccess: onBegun }),
    onGiveUp: (reason: string, due: number) => void askToGiveUp(reason, due),
  };
  return (
    <Stack gap="lg">
      <ProblemAlert problem={retry.error} title="The records could not be tried again" />
      <ProblemAlert problem={giveUp.error} title="The records could not be given up" />
      {hasEnded && mayEdit && (
        <FailedActions
          execution={execution}
          isBusy={retry.isPending}
          onRetryAll={() => retry.mutate({}, { onSuccess: onBegun })}
          onFile={(file) => retry.mutate(file, { onSuccess: onBegun })}
        />
      )}
      {hasEnded && (
        <Causes
          executionId={id}
          actions={mayEdit ? causeActions : undefined}
          onShow={(search) => void showCause(search)}
        />
      )}
      <Records
        execution={execution}
        shown={shown}
        onChange={(search) => void onShow(search)}
        mayEdit={mayEdit}
        onBegun={onBegun}
      />
    </Stack>
  );
}
