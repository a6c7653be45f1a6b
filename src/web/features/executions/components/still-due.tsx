import { Text } from '@mantine/core';
import { isFollowUp } from '../../../../domain/outcome';
import { formatNumber } from '../../../lib/format';
import { useDue, useExecutions } from '../api';
import { ExecutionLink } from './execution-link';

/** What of an execution is still to be loaded, with the way there; nothing where nothing is. */
export function StillDue({ id, number }: { id: string; number: number }) {
  const due = useDue(id);
  if (!due) return null;
  return (
    <Text size="xs">
      {formatNumber(due)} failed {due === 1 ? 'record' : 'records'} of{' '}
      <ExecutionLink id={id} number={number} size="xs" tab="problems" /> {due === 1 ? 'is' : 'are'} still to be loaded
    </Text>
  );
}

/** The same of the last execution that was none of a retry or an undo, where such a one came after it. */
export function StillDueOfSync({ syncId, lastNumber }: { syncId: string; lastNumber: number | undefined }) {
  const { data } = useExecutions(syncId, lastNumber);
  const [newest, ...earlier] = data?.pages[0]?.items ?? [];
  if (!newest || !isFollowUp(newest.trigger)) return null;
  const run = earlier.find(({ trigger }) => !isFollowUp(trigger));
  return run && run.counts.failed > 0 && !run.undoneBy ? <StillDue id={run.id} number={run.number} /> : null;
}
