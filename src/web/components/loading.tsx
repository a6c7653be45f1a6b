import { Button, Group, Loader, Text } from '@mantine/core';
import { useEffect, useState } from 'react';

const LONG_MS = 10_000;

interface LoadingProps {
  /** What is waited for, such as "Loading the syncs". */
  children: string;
  /** What is said after ten seconds, such as "Still asking Salesforce…". */
  afterLong?: string;
  /** Gives the wait up; offered after ten seconds. */
  onCancel?: () => void;
}

/** A wait in words. */
export function Loading({ children, afterLong = 'This takes longer than usual.', onCancel }: LoadingProps) {
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Group role="status" gap="sm" py="md" wrap="nowrap">
      <Loader size="sm" aria-hidden />
      <Text size="sm">
        {children}… {isLong && afterLong}
      </Text>
      {isLong && onCancel && (
        <Button size="compact-sm" variant="default" onClick={onCancel}>
          Cancel
        </Button>
      )}
    </Group>
  );
}
