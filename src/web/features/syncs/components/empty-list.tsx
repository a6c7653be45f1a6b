import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { AnchorLink } from '../../../components/links';
import { ProblemAlert } from '../../../components/problem-alert';
import { useConnections } from '../../connections/api';
import { demoConnections, useMakeDemo } from '../demo';

/** In place of the list before there is a sync. */
export function EmptyList({ mayEdit }: { mayEdit: boolean }) {
  const { data: connections } = useConnections();
  const makeDemo = useMakeDemo();
  const navigate = useNavigate();
  const demo = demoConnections(connections ?? []);

  const openDemo = async () => {
    if (!demo) return;
    const { id } = await makeDemo.mutateAsync(demo);
    await navigate({ to: '/syncs/$syncId/edit/$step', params: { syncId: id, step: 'preview' } });
  };

  return (
    <Paper withBorder p="xl">
      <Stack align="flex-start" maw={640}>
        <Title order={2} size="h3">
          No syncs yet
        </Title>
        <Text>
          A sync moves records between Marketo and Salesforce, once or on a schedule. Five pages lead through it: where
          from and where to, field mappings, filter, preview, and schedule. Nothing is written before you activate it.
        </Text>
        {!mayEdit && <Text>Your role is viewer: an operator or an administrator can add one.</Text>}
        <ProblemAlert problem={makeDemo.error} title="The demo could not be made" />
        {mayEdit && (
          <Group>
            {demo && (
              <Button
                variant="default"
                leftSection={<IconPlayerPlay size={18} aria-hidden />}
                loading={makeDemo.isPending}
                onClick={() => openDemo().catch(() => undefined)}
              >
                Load the demo
              </Button>
            )}
          </Group>
        )}
        {demo && (
          <Text size="sm" c="dimmed">
            The demo takes people from the sandbox that plays Marketo and loads them into the one that plays Salesforce.
            You can look at everything before it runs.
          </Text>
        )}
        {connections?.length === 0 && (
          <Text size="sm">
            First{' '}
            <AnchorLink to="/connections" underline="always">
              add a connection
            </AnchorLink>{' '}
            to Marketo and one to Salesforce.
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
