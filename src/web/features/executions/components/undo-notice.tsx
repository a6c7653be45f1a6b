import { Alert, Text } from '@mantine/core';
import { counted } from '../../../lib/format';
import { type Execution, useExecution, useExecutions } from '../api';
import { ExecutionLink, ExecutionLinks } from './execution-link';

/** Retries of an execution, and retries of those, whose records are in the destination; of the latest executions, the oldest first. */
export function useRetriesThatWrote(syncId: string, executionId: string): Execution[] {
  const { data } = useExecutions(syncId, undefined);
  const tried = new Set([executionId]);
  return (data?.pages.flatMap(({ items }) => items) ?? []).toReversed().filter((retry) => {
    if (retry.trigger !== 'retry' || !retry.follows || !tried.has(retry.follows.id)) return false;
    tried.add(retry.id);
    return retry.counts.created + retry.counts.updated > 0 && !retry.undoneBy;
  });
}

/** On the page of an execution that was undone, and on that of the undo: what was taken back, and what was not. */
export function UndoNotice({ execution }: { execution: Execution }) {
  const { id, syncId, trigger, follows, undoneBy } = execution;
  const undone = undoneBy ? { id, number: execution.number } : trigger === 'undo' ? follows : null;
  if (!undone) return null;
  const isRunning = undoneBy?.isRunning ?? execution.state === 'running';
  return (
    <Alert color="gray" title={isRunning ? 'Being undone' : 'Undone'}>
      {undoneBy && (
        <Text size="sm">
          <ExecutionLink id={undoneBy.id} number={undoneBy.number} isFirstWord />{' '}
          {isRunning ? 'is undoing' : 'has undone'} what this one wrote.
        </Text>
      )}
      {!undoneBy && (
        <Text size="sm">
          This {isRunning ? 'takes' : 'took'} back what <ExecutionLink {...undone} /> wrote, and that alone.
        </Text>
      )}
      <Remaining syncId={syncId} undone={undone} isWhole={undoneBy ? !isRunning : execution.state === 'succeeded'} />
    </Alert>
  );
}

interface RemainingProps {
  syncId: string;
  undone: { id: string; number: number };
  /** All of it was taken back. */
  isWhole: boolean;
}

/** What an undo leaves: what retries have loaded, and what failed. */
function Remaining({ syncId, undone, isWhole }: RemainingProps) {
  const retries = useRetriesThatWrote(syncId, undone.id);
  const failed = useExecution(undone.id).data?.counts.failed ?? 0;
  const loaded = retries.reduce((sum, { counts }) => sum + counts.created + counts.updated, 0);
  return (
    <>
      {loaded > 0 && (
        <Text size="sm">
          {counted(loaded, 'record')} that <ExecutionLinks executions={retries} /> loaded{' '}
          {loaded === 1 ? 'remains' : 'remain'}.
        </Text>
      )}
      {isWhole && failed > 0 && (
        <Text size="sm">
          {counted(failed, 'record')} had failed and {failed === 1 ? 'was' : 'were'} not written. The next run reads{' '}
          {failed === 1 ? 'it' : 'them'} again, like all the others.
        </Text>
      )}
    </>
  );
}
