import { Text } from '@mantine/core';
import { counted } from '../../../lib/format';
import { type Execution, useStillDue } from '../api';
import { ExecutionLinks } from './execution-link';

interface StillDueProps {
  syncId: string;
  /** The newest execution of the sync. */
  last: Pick<Execution, 'number' | 'state'> | null | undefined;
  /** Says nothing where all of it is of this execution, which tells it itself. */
  besideId?: string;
}

/** How many failed records of a sync are still to be loaded, with the way there; the same wherever it is told. */
export function StillDue({ syncId, last, besideId }: StillDueProps) {
  const { data } = useStillDue(syncId, last);
  if (!data || data.records === 0 || data.executions.every(({ id }) => id === besideId)) return null;
  return (
    <Text size="xs">
      {counted(data.records, 'failed record')} of{' '}
      <ExecutionLinks executions={data.executions} size="xs" tab="problems" /> {data.records === 1 ? 'is' : 'are'} still
      to be loaded
    </Text>
  );
}
