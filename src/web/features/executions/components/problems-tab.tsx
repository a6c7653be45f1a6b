import { Stack, Text } from '@mantine/core';
import { useConfirm } from '../../../components/confirm';
import { ProblemAlert } from '../../../components/problem-alert';
import { counted } from '../../../lib/format';
import { reasonInWords } from '../../../lib/reasons';
import { type Cause, type Execution, useGiveUp, useRetryFailed } from '../api';
import type { RecordsSearch } from '../records-search';
import { notTriedAgain } from '../words';
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

  const askToGiveUp = async (cause: Cause) => {
    const title = `Give up ${counted(cause.due, 'record')}?`;
    const text = `${cause.due === 1 ? 'It' : 'They'} failed with: ${reasonInWords(cause.reason ?? '')}. ${notTriedAgain(cause.due)}`;
    if (await confirm({ title, text, action: 'Give up', isDangerous: true })) giveUp.mutate(ofCause(cause));
  };
  const causeActions = {
    isBusy: retry.isPending || giveUp.isPending,
    onRetry: (cause: Cause) => retry.mutate(ofCause(cause), { onSuccess: onBegun }),
    onGiveUp: (cause: Cause) => void askToGiveUp(cause),
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

/** What of the failed records stands in the card of a cause. */
const ofCause = ({ reason, field }: Cause) => ({ reasons: [reason ?? ''], field: field ?? '' });
