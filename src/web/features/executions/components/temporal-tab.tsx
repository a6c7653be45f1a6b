import { Code, List, Stack, Text, Title } from '@mantine/core';
import { Fact } from '../../../components/fact';
import { OutsideLink } from '../../../components/links';
import type { Execution } from '../api';

/** Where an execution is found in Temporal, and what an operator can see and do there. */
export function TemporalTab({ execution: { syncId, number, links } }: { execution: Execution }) {
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        Technical details
      </Title>
      <Text size="sm">Each execution is a workflow in Temporal, the service that Sync runs on.</Text>
      <Fact label="Workflow Id">
        <Code style={{ overflowWrap: 'anywhere' }}>{`sync/${syncId}/execution/${number}`}</Code>
      </Fact>
      {links.temporal === null ? (
        <Text size="sm">
          The address of the Temporal Web UI is not set. Whoever runs Sync can set it (TEMPORAL_UI_URL).
        </Text>
      ) : (
        <div>
          <OutsideLink href={links.temporal}>Open the workflow in the Temporal Web UI</OutsideLink>
        </div>
      )}
      <List size="sm">
        <List.Item>
          While it runs, Temporal shows the phase, counts, rate, time left and the last problem. After the end it shows
          the totals.
        </List.Item>
        <List.Item>Each step and each wait has a summary. A failure says what happened and what to do.</List.Item>
        <List.Item>Temporal keeps no values of records, only Ids, counts and times.</List.Item>
        <List.Item>You can also cancel, terminate or reset it there. Sync shows that within seconds.</List.Item>
      </List>
    </Stack>
  );
}
