import { Alert, Button, Group, Stack, Tabs } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { AnchorLink } from '../../../components/links';
import { Loading } from '../../../components/loading';
import { PageHeading } from '../../../components/page-heading';
import { ProblemAlert } from '../../../components/problem-alert';
import { ExecutionStateBadge } from '../../../components/status-badge';
import { formatNumber } from '../../../lib/format';
import { useMay } from '../../session/api';
import { useSync } from '../../syncs/api';
import { type Execution, useDue, useExecution } from '../api';
import { Compare } from '../components/compare';
import { DefinitionTab } from '../components/definition-tab';
import { ExecutionFacts } from '../components/execution-facts';
import { LiveRun } from '../components/live-run';
import { ProblemsTab } from '../components/problems-tab';
import { Records } from '../components/records';
import { StillDue } from '../components/still-due';
import { StopRun } from '../components/stop-run';
import { TemporalTab } from '../components/temporal-tab';
import { Timeline } from '../components/timeline';
import { UndoDialog } from '../components/undo-dialog';
import { UndoNotice } from '../components/undo-notice';
import { type RecordsSearch, TABS } from '../records-search';
import { titleOf } from '../words';

const route = getRouteApi('/executions/$executionId');

/** What became of each record of an execution, and what can be done about it. */
export default function ExecutionDetailPage() {
  const { executionId } = route.useParams();
  const { data, error, refetch } = useExecution(executionId);
  if (data) return <ExecutionDetail key={data.id} execution={data} />;
  return (
    <Stack>
      <PageHeading>Execution</PageHeading>
      {error ? (
        <ProblemAlert problem={error} title="The execution could not be loaded" onRetry={() => void refetch()} />
      ) : (
        <Loading>Loading the execution</Loading>
      )}
      <AnchorLink to="/">Go to the list of syncs</AnchorLink>
    </Stack>
  );
}

function ExecutionDetail({ execution }: { execution: Execution }) {
  const { id, syncId, number, state, problem, counts } = execution;
  const shown: RecordsSearch = route.useSearch();
  const navigate = useNavigate();
  const mayEdit = useMay('operator');
  const { data: sync } = useSync(syncId);
  const open = (next: Execution) =>
    void navigate({ to: '/executions/$executionId', params: { executionId: next.id }, search: {} });
  const show = (search: RecordsSearch) =>
    navigate({
      to: '/executions/$executionId',
      params: { executionId: id },
      search,
      replace: true,
      resetScroll: false,
    });
  const showRecords = async (search: RecordsSearch) => {
    await show(search);
    // once they are there
    requestAnimationFrame(() => document.getElementById('records')?.focus());
  };
  const hasEnded = state !== 'running';
  const due = useDue(hasEnded && counts.failed > 0 ? id : undefined);
  const timeZone = sync?.schedule?.timeZone;
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <AnchorLink to="/syncs/$syncId" params={{ syncId }} size="sm" w="fit-content">
          {sync?.name ?? 'The sync'}
        </AnchorLink>
        <Group justify="space-between">
          <Group gap="sm">
            <PageHeading title={sync ? `Execution ${number} of ${sync.name}` : undefined}>
              {titleOf(execution)}
            </PageHeading>
            <ExecutionStateBadge of={execution} />
          </Group>
          {mayEdit && <Actions execution={execution} onBegun={open} />}
        </Group>
      </Stack>
      {hasEnded && problem && (
        <Alert
          color={state === 'failed' ? 'red' : 'yellow'}
          title={state === 'failed' ? 'Why it stopped' : 'Please note'}
        >
          {problem}
        </Alert>
      )}
      <UndoNotice execution={execution} />
      {hasEnded && <StillDue syncId={syncId} last={execution} besideId={id} />}
      {!hasEnded && <LiveRun execution={execution} isOwnPage />}
      <ExecutionFacts
        execution={execution}
        timeZone={timeZone}
        shown={shown.tab === undefined ? shown : null}
        onShow={(search) => void showRecords(search)}
      />
      <Tabs
        value={shown.tab ?? 'records'}
        onChange={(tab) => void show({ ...shown, tab: TABS.find((name) => name === tab) })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="records">Records</Tabs.Tab>
          <Tabs.Tab value="problems">Problems{counts.failed > 0 && <> ({howMany(counts.failed, due)})</>}</Tabs.Tab>
          <Tabs.Tab value="timeline">Timeline</Tabs.Tab>
          <Tabs.Tab value="definition">Definition</Tabs.Tab>
          <Tabs.Tab value="compare">Compare</Tabs.Tab>
          <Tabs.Tab value="temporal">Technical details</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="records">
          <Records
            execution={execution}
            shown={shown}
            onChange={(search) => void show(search)}
            mayEdit={mayEdit}
            onBegun={open}
          />
        </Tabs.Panel>
        <Tabs.Panel value="problems">
          <ProblemsTab
            execution={execution}
            onShow={(search) => void showRecords(search)}
            mayEdit={mayEdit}
            onBegun={open}
          />
        </Tabs.Panel>
        <Tabs.Panel value="timeline">
          <Timeline execution={execution} timeZone={timeZone} />
        </Tabs.Panel>
        <Tabs.Panel value="definition">
          <DefinitionTab execution={execution} timeZone={timeZone} />
        </Tabs.Panel>
        <Tabs.Panel value="compare">
          <Compare
            execution={execution}
            withId={shown.with}
            onChoose={(executionId) => void show({ ...shown, with: executionId })}
            timeZone={timeZone}
          />
        </Tabs.Panel>
        <Tabs.Panel value="temporal">
          <TemporalTab execution={execution} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

/** How many have failed, and how many of them are still to be loaded where some have been since. */
const howMany = (failed: number, due: number | undefined): string =>
  due === undefined || due === failed ? formatNumber(failed) : `${formatNumber(due)} of ${formatNumber(failed)}`;

function Actions({ execution, onBegun }: { execution: Execution; onBegun(next: Execution): void }) {
  const [isUndoOpen, setIsUndoOpen] = useState(false);
  const { state, trigger, counts, undoneBy } = execution;
  const hasWritten = counts.created + counts.updated > 0;
  const isUndoable = state !== 'running' && trigger !== 'undo' && hasWritten && undoneBy === null;
  return (
    <Stack gap="xs" align="flex-end">
      <StopRun execution={execution} label="Cancel execution" />
      {isUndoable && (
        <Button variant="default" onClick={() => setIsUndoOpen(true)}>
          Undo…
        </Button>
      )}
      <UndoDialog execution={execution} isOpen={isUndoOpen} onClose={() => setIsUndoOpen(false)} onBegun={onBegun} />
    </Stack>
  );
}
