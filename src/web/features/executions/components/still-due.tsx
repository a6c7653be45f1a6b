import { Text } from '@mantine/core';
import { Fragment } from 'react';
import { counted } from '../../../lib/format';
import { type Execution, useStillDue } from '../api';
import { ExecutionLink } from './execution-link';

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
      {data.executions.map(({ id, number }, index) => (
        <Fragment key={id}>
          {index > 0 && (index === data.executions.length - 1 ? ' and ' : ', ')}
          <ExecutionLink id={id} number={number} size="xs" tab="problems" />
        </Fragment>
      ))}{' '}
      {data.records === 1 ? 'is' : 'are'} still to be loaded
    </Text>
  );
}
