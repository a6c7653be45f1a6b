import { Button, Group, Paper, SimpleGrid, Stack, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Fact } from '../../../components/fact';
import { AnchorLink, OutsideLink } from '../../../components/links';
import { Loading } from '../../../components/loading';
import { Markdown } from '../../../components/markdown';
import { PageHeading } from '../../../components/page-heading';
import { ProblemAlert } from '../../../components/problem-alert';
import { percentOf } from '../../../components/run-progress';
import { formatNumber } from '../../../lib/format';
import { useExecution } from '../../executions/api';
import { ExecutionsTable } from '../../executions/components/executions-table';
import { LiveRun } from '../../executions/components/live-run';
import { RunsChart } from '../../executions/components/runs-chart';
import { StillDue } from '../../executions/components/still-due';
import { StopRun } from '../../executions/components/stop-run';
import { useMay } from '../../session/api';
import { isRunning, type Sync, useSync } from '../api';
import { DefinitionInWords } from '../components/definition-in-words';
import { DetailSection } from '../components/detail-section';
import { type FailedAction, type SyncAction, useSyncActions } from '../components/sync-actions';
import { NextRun, SyncStatus } from '../components/sync-cells';
import { SyncMenu } from '../components/sync-menu';
import { SyncSentence } from '../components/sync-sentence';
import { Versions } from '../components/versions';
import { scheduleOf } from '../lib/schedule-words';

const route = getRouteApi('/syncs/$syncId');

/** What a sync does, how it stands, and its executions, live. */
export default function SyncDetailPage() {
  const { syncId } = route.useParams();
  const { data: sync, error, refetch } = useSync(syncId);
  if (sync) return <SyncDetail key={sync.id} sync={sync} />;
  return (
    <Stack>
      <PageHeading>Sync</PageHeading>
      {error ? (
        <ProblemAlert problem={error} title="The sync could not be loaded" onRetry={() => void refetch()} />
      ) : (
        <Loading>Loading the sync</Loading>
      )}
      <AnchorLink to="/">Go to the list of syncs</AnchorLink>
    </Stack>
  );
}

function SyncDetail({ sync }: { sync: Sync }) {
  return (
    <Stack gap="lg">
      <Head sync={sync} />
      <Paper withBorder p="md" component="section" aria-label="Summary">
        <Stack>
          <SyncSentence sync={sync} />
          <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
            <Fact label="Next run">
              <NextRun sync={sync} />
            </Fact>
            <Fact label="Schedule">{scheduleOf(sync)}</Fact>
            <Fact label="Definition">
              {sync.version === 1 ? (
                'Saved once'
              ) : (
                <>
                  Saved {formatNumber(sync.version)} times (
                  <AnchorLink
                    to="/syncs/$syncId"
                    params={{ syncId: sync.id }}
                    hash="versions"
                    size="sm"
                    underline="always"
                  >
                    version {sync.version}
                  </AnchorLink>
                  )
                </>
              )}
            </Fact>
            <Fact label="Technical details">
              {sync.links.temporal && sync.status !== 'draft' ? (
                <OutsideLink href={sync.links.temporal}>Workflow in Temporal</OutsideLink>
              ) : sync.status === 'draft' ? (
                'None before it is activated'
              ) : (
                'The address of the Temporal Web UI is not set (TEMPORAL_UI_URL)'
              )}
            </Fact>
          </SimpleGrid>
        </Stack>
      </Paper>
      {sync.lastExecution && isRunning(sync) && (
        <LiveRun execution={sync.lastExecution}>
          <StopRun execution={sync.lastExecution} label="Stop this run" />
        </LiveRun>
      )}
      <DetailSection id="executions" title="Executions">
        <StillDue syncId={sync.id} last={sync.lastExecution} />
        <RunsChart syncId={sync.id} lastNumber={sync.lastExecution?.number} />
        <ExecutionsTable
          syncId={sync.id}
          lastNumber={sync.lastExecution?.number}
          timeZone={sync.schedule?.timeZone}
          isOver={sync.status === 'cancelled'}
        />
      </DetailSection>
      <DetailSection id="definition" title="Definition">
        <DefinitionInWords definition={sync} />
      </DetailSection>
      <Versions sync={sync} />
    </Stack>
  );
}

/** What stands beside the name where there is room, by its label; the rest is in the menu. */
const BUTTONS: readonly string[] = [
  'Run now',
  'Activate again…',
  'Pause',
  'Resume',
  'Cancel sync',
  'Preview',
  'Edit',
  'Continue editing',
];
/** Why something cannot be done now is shown to whoever points at it, or comes to it by the keyboard. */
const WHENEVER = { hover: true, focus: true, touch: true };
const WIDE = '(min-width: 62em)';
const BUTTONS_WHERE_NARROW = 2;

function Head({ sync }: { sync: Sync }) {
  const [failed, setFailed] = useState<FailedAction | null>(null);
  const navigate = useNavigate();
  const actions = useSyncActions(setFailed, () => navigate({ to: '/' }));
  const mayEdit = useMay('operator');
  const possible = mayEdit ? actions(sync) : [];
  const percent = usePercent(sync);
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  const ordered = possible.toSorted((one, other) => rankOf(one) - rankOf(other));
  const beside = ordered.slice(0, isWide ? possible.filter(isButton).length : BUTTONS_WHERE_NARROW);
  return (
    <Stack gap="xs">
      <AnchorLink to="/" size="sm" w="fit-content">
        All syncs
      </AnchorLink>
      <Group justify="space-between" align="flex-start">
        <Stack gap={6} flex="1 1 260px">
          <PageHeading title={percent === null ? sync.name : `${percent}% · ${sync.name}`}>{sync.name}</PageHeading>
          <div>
            <SyncStatus sync={sync} />
          </div>
        </Stack>
        <Group gap="xs">
          {beside.map(({ label, about, hindrance, isBusy, run }, index) => (
            <Tooltip key={label} label={hindrance} disabled={hindrance === undefined} events={WHENEVER}>
              <Button
                variant={index === 0 ? 'filled' : 'default'}
                title={about}
                aria-disabled={hindrance !== undefined || undefined}
                data-disabled={hindrance !== undefined || undefined}
                onClick={() => void run()}
                loading={isBusy}
              >
                {label}
                {hindrance && <span className="visually-hidden"> ({hindrance})</span>}
              </Button>
            </Tooltip>
          ))}
          <SyncMenu sync={sync} actions={ordered.slice(beside.length)} />
        </Group>
      </Group>
      <ProblemAlert problem={failed?.problem} title={failed?.title} />
      {sync.description && <Markdown text={sync.description} />}
    </Stack>
  );
}

const isButton = ({ label }: SyncAction): boolean => BUTTONS.includes(label);
/** What cannot be done now comes after what lets it be done. */
const rankOf = ({ label, hindrance }: SyncAction): number => {
  const place = BUTTONS.indexOf(hindrance === undefined ? label : 'Resume');
  return place < 0 ? BUTTONS.length : place + (hindrance === undefined ? 0 : 0.5);
};

/** For the title of the window, which is seen while one works elsewhere. */
function usePercent({ lastExecution }: Sync): number | null {
  const { data } = useExecution(lastExecution?.id);
  return data?.state === 'running' ? percentOf(data) : null;
}
