import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** A short label above what it is about. */
export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed" fw={600}>
        {label}
      </Text>
      {typeof children === 'string' || typeof children === 'number' ? <Text size="sm">{children}</Text> : children}
    </div>
  );
}
