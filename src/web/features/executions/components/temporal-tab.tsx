import { Anchor, Code, List, Stack, Text, Title } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { Fact } from '../../../components/fact';
import type { Execution } from '../api';

/** Where an execution is found in Temporal, and what an operator can see and do there. */
export function TemporalTab({ execution: { syncId, number, links } }: { execution: Execution }) {
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        Temporal
      </Title>
      <Fact label="Workflow Id">
        <Code style={{ overflowWrap: 'anywhere' }}>{`sync/${syncId}/execution/${number}`}</Code>
      </Fact>
      {links.temporal === null ? (
        <Text size="sm">
          The address of the Temporal Web UI is not known: whoever runs Sync can set it (TEMPORAL_UI_URL).
        </Text>
      ) : (
        <Anchor href={links.temporal} target="_blank" rel="noreferrer" size="sm" w="fit-content">
          Open the workflow in the Temporal Web UI{' '}
          <IconExternalLink size={14} role="img" aria-label="(opens a new tab)" />
        </Anchor>
      )}
      <List size="sm">
        <List.Item>
          While it runs, its current details there show the phase, counts, rate, time left and the last problem; of one
          that has ended, its result and memo have the totals.
        </List.Item>
        <List.Item>
          Each activity and each wait has a summary; a failure begins with what happened and what to do.
        </List.Item>
        <List.Item>No values of records are kept there: its history has Ids, counts and times alone.</List.Item>
        <List.Item>It can be cancelled, terminated or reset there as well; that shows here within seconds.</List.Item>
      </List>
    </Stack>
  );
}
