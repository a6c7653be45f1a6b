import { Alert, Button, Group, Stack } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useAnnounce } from '../../../components/announcer';
import { useConfirm } from '../../../components/confirm';
import { AnchorLink } from '../../../components/links';
import { Loading } from '../../../components/loading';
import { PageHeading } from '../../../components/page-heading';
import { ProblemAlert } from '../../../components/problem-alert';
import { ExecutionStateBadge } from '../../../components/status-badge';
import { counted } from '../../../lib/format';
import { reasonInWords } from '../../../lib/reasons';
import { useMay } from '../../session/api';
import { useSync } from '../../syncs/api';
import { type Execution, useCancelExecution, useExecution, useGiveUp, useRetryFailed } from '../api';
import { Causes } from '../components/causes';
import { ExecutionFacts } from '../components/execution-facts';
import { FailedActions } from '../components/failed-actions';
import { LiveRun } from '../components/live-run';
import { Records } from '../components/records';
import { UndoDialog } from '../components/undo-dialog';
import type { RecordsSearch } from '../records-search';

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
  const { id, syncId, number, state, problem } = execution;
  const shown: RecordsSearch = route.useSearch();
  const navigate = useNavigate();
  const mayEdit = useMay('operator');
  const { data: sync } = useSync(syncId);
  const retry = useRetryFailed(id);
  const giveUp = useGiveUp(id);
  const confirm = useConfirm();
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
  const showCause = async (search: RecordsSearch) => {
    await show(search);
    document.getElementById('records')?.focus();
  };
  const hasEnded = state !== 'running';
  const askToGiveUp = async (reason: string, due: number) => {
    const title = `Give up ${counted(due, 'record')}?`;
    const text = `They failed with: ${reasonInWords(reason)}. They are not tried again, by a retry or by a run that reads what changed, until the source changes them.`;
    if (await confirm({ title, text, action: 'Give up', isDangerous: true })) giveUp.mutate({ reasons: [reason] });
  };
  const causeActions = {
    isBusy: retry.isPending || giveUp.isPending,
    onRetry: (reason: string) => retry.mutate({ reasons: [reason] }, { onSuccess: open }),
    onGiveUp: (reason: string, due: number) => void askToGiveUp(reason, due),
  };
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <AnchorLink to="/syncs/$syncId" params={{ syncId }} size="sm" w="fit-content">
          {sync?.name ?? 'The sync'}
        </AnchorLink>
        <Group justify="space-between">
          <Group gap="sm">
            <PageHeading
              title={sync ? `Execution ${number} of ${sync.name}` : undefined}
            >{`Execution ${number}`}</PageHeading>
            <ExecutionStateBadge state={state} />
          </Group>
          {mayEdit && <Actions execution={execution} onBegun={open} />}
        </Group>
      </Stack>
      {hasEnded && problem && (
        <Alert
          color={state === 'failed' ? 'red' : 'yellow'}
          title={state === 'failed' ? 'It had to stop' : 'Told at its end'}
        >
          {problem}
        </Alert>
      )}
      {!hasEnded && <LiveRun execution={execution} />}
      <ExecutionFacts execution={execution} timeZone={sync?.schedule?.timeZone} />
      <ProblemAlert problem={retry.error} title="The records could not be tried again" />
      <ProblemAlert problem={giveUp.error} title="The records could not be given up" />
      {hasEnded && mayEdit && (
        <FailedActions
          execution={execution}
          isBusy={retry.isPending}
          onRetryAll={() => retry.mutate({}, { onSuccess: open })}
          onFile={(file) => retry.mutate(file, { onSuccess: open })}
        />
      )}
      {hasEnded && (
        <Causes
          executionId={id}
          actions={mayEdit ? causeActions : undefined}
          onShow={(search) => void showCause(search)}
        />
      )}
      <Records
        execution={execution}
        shown={shown}
        onChange={(search) => void show(search)}
        mayEdit={mayEdit}
        onBegun={open}
      />
    </Stack>
  );
}

function Actions({ execution, onBegun }: { execution: Execution; onBegun(next: Execution): void }) {
  const [isUndoOpen, setIsUndoOpen] = useState(false);
  const cancel = useCancelExecution();
  const confirm = useConfirm();
  const announce = useAnnounce();
  const { id, number, state, trigger, counts } = execution;
  const isUndoable = state !== 'running' && trigger !== 'undo' && counts.created + counts.updated > 0;

  const askToCancel = async () => {
    const text =
      'Nothing more is sent; what was loaded stays, and records not reached are skipped. A sync with an interval goes on with its next run.';
    if (
      !(await confirm({
        title: `Cancel execution ${number}?`,
        text,
        action: 'Cancel the execution',
        isDangerous: true,
      }))
    )
      return;
    cancel.mutate(id, { onSuccess: () => announce(`Execution ${number} is being cancelled.`) });
  };

  return (
    <Stack gap="xs" align="flex-end">
      {state === 'running' && (
        <Button variant="default" onClick={() => void askToCancel()} loading={cancel.isPending}>
          Cancel execution
        </Button>
      )}
      {isUndoable && (
        <Button variant="default" onClick={() => setIsUndoOpen(true)}>
          Undo…
        </Button>
      )}
      <ProblemAlert problem={cancel.error} title="It could not be cancelled" />
      <UndoDialog execution={execution} isOpen={isUndoOpen} onClose={() => setIsUndoOpen(false)} onBegun={onBegun} />
    </Stack>
  );
}
