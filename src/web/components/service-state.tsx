import { Alert } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useStandstill } from '../lib/readiness';

/** Says when a part that syncs need is away, and that they go on by themselves when it is back. */
export function ServiceState() {
  const standstill = useStandstill();
  return (
    <div role="status" aria-live="polite">
      {standstill && (
        <Alert color="yellow" mb="md" icon={<IconPlugConnectedX aria-hidden />} title={standstill.title}>
          {standstill.detail}
        </Alert>
      )}
    </div>
  );
}
