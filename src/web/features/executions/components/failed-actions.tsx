import { Anchor, Button, FileButton, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useRef } from 'react';
import { apiUrl } from '../../../lib/api';
import { counted, formatNumber } from '../../../lib/format';
import { type Execution, useCauses, useDue } from '../api';
import { dealtWith } from '../words';

interface FailedActionsProps {
  execution: Execution;
  isBusy: boolean;
  onRetryAll(): void;
  onFile(file: Blob): void;
}

/** What can be done about failed records: all again, or out, corrected, and in again. */
export function FailedActions({ execution, isBusy, onRetryAll, onFile }: FailedActionsProps) {
  const due = useDue(execution.id) ?? 0;
  const { data: causes = [] } = useCauses(execution.id);
  const { failed } = execution.counts;
  const forget = useRef<() => void>(null);
  const take = (file: File | null) => {
    if (!file) return;
    onFile(file);
    // the same file, mended, can be chosen once more
    forget.current?.();
  };
  if (due === 0) return null;
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="failed-records">
      <Stack gap="xs">
        <Title order={2} size="h3" id="failed-records">
          {counted(due, 'failed record')} {due === 1 ? 'is' : 'are'} still to be loaded
        </Title>
        {due < failed && (
          <Text size="sm">
            {formatNumber(failed)} failed at first. Since then: {dealtWith(causes)}.
          </Text>
        )}
        <Text size="sm">
          Fix the cause in the source, in the destination or in the mappings, then try them again. Or{' '}
          <Anchor
            href={apiUrl(`/executions/${execution.id}/records.csv`, { outcome: 'failed', values: 'source' })}
            download
            size="sm"
            underline="always"
          >
            download them with their values as CSV
          </Anchor>
          , correct the file, and upload it.
        </Text>
        <Group gap="xs">
          <Button onClick={onRetryAll} loading={isBusy}>
            Retry failed records
          </Button>
          <FileButton accept=".csv,text/csv" onChange={take} resetRef={forget}>
            {(props) => (
              <Button {...props} variant="default" disabled={isBusy}>
                Upload a corrected file
              </Button>
            )}
          </FileButton>
        </Group>
      </Stack>
    </Paper>
  );
}
