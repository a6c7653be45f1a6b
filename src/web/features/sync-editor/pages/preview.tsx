import { Alert, Button, Divider, Group, List, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconClockExclamation, IconRefresh } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { PLAN_ACTIONS, type PlanAction } from '../../../../domain/preview';
import { useAnnounce } from '../../../components/announcer';
import { Loading } from '../../../components/loading';
import { ProblemAlert } from '../../../components/problem-alert';
import { ApiProblem } from '../../../lib/api';
import { counted } from '../../../lib/format';
import type { Preview } from '../api';
import { ErrorSummary } from '../components/error-summary';
import { MappingGrid } from '../components/mapping-grid';
import classes from '../components/notice.module.css';
import { PageEnd } from '../components/page-end';
import { countOf, PlanCounts } from '../components/plan-counts';
import { PreviewAgain } from '../components/preview-again';
import { PreviewDuplicates } from '../components/preview-duplicates';
import { PreviewEmpty } from '../components/preview-empty';
import { PreviewForecast } from '../components/preview-forecast';
import { PreviewNext } from '../components/preview-next';
import { PreviewProblems } from '../components/preview-problems';
import { PreviewProgress } from '../components/preview-progress';
import { leadToRecords, PreviewRecords, type ShownRecords } from '../components/preview-records';
import { leadToTotal, PreviewTotal } from '../components/preview-total';
import { ACTION_WORDS } from '../lib/plan-actions';
import { useEditor } from '../state/editor-context';
import { type PreviewRun, usePreviewRun } from '../state/use-preview-run';

/** Page 4: what the sync would do, before it does it, and the mappings once more. */
export default function PreviewPage() {
  const { problems, told } = useEditor();
  const run = usePreviewRun();
  const { preview } = run;
  /** Somebody on the page asked for it anew: its totals are led to. */
  const isAskedAnew = useRef(false);
  const previewAgain = () => {
    isAskedAnew.current = true;
    void run.start();
  };
  const blocking = problems.filter(({ path }) => !path.startsWith('schedule'));
  const isToldBesideFields = run.problem instanceof ApiProblem && run.problem.status === 422 && told.length > 0;
  return (
    <Stack>
      <Text fw={600}>Preview purposes only; nothing has been written.</Text>
      <ErrorSummary />
      {run.problem && !isToldBesideFields ? (
        <ProblemAlert problem={run.problem} title="The preview could not be made" onRetry={() => void run.start()} />
      ) : null}
      {run.isComing && <Loading>Starting the preview</Loading>}
      {preview?.state === 'running' && <PreviewProgress preview={preview} onCancel={() => void run.cancel()} />}
      {preview?.state === 'failed' && (
        <Alert color="red" role="alert" title="The preview has failed">
          {preview.problem}
        </Alert>
      )}
      {preview?.state === 'cancelled' && <Alert color="gray" title="The preview was cancelled" />}
      {preview?.state === 'completed' && (
        <PreviewResult
          key={preview.id}
          preview={preview}
          run={run}
          onPreviewAgain={previewAgain}
          onShown={() => {
            if (isAskedAnew.current) leadToTotal();
            isAskedAnew.current = false;
          }}
        />
      )}
      {preview?.state !== 'running' && !run.isComing && <Refresh run={run} onRefresh={previewAgain} />}
      <Divider mt="md" />
      <Title order={2} size="h4">
        Field mappings
      </Title>
      <Text size="sm" c="dimmed">
        Add or correct mappings here; the figures above are then marked as outdated until you preview again.
      </Text>
      <MappingGrid />
      <PageEnd missing={blocking.length > 0 ? [`fix ${counted(blocking.length, 'problem')}`] : []} />
    </Stack>
  );
}

interface PreviewResultProps {
  preview: Preview;
  run: PreviewRun;
  onPreviewAgain(): void;
  /** It stands on the page. */
  onShown(): void;
}

function PreviewResult({ preview, run, onPreviewAgain, onShown }: PreviewResultProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each preview
  useEffect(onShown, []);
  const announce = useAnnounce();
  const [shown, setShown] = useState<ShownRecords>(() => ({
    action: PLAN_ACTIONS.find((name) => countOf(preview, name) > 0) ?? null,
    reason: null,
    warning: null,
    field: null,
  }));
  const showAction = (action: PlanAction | null) => {
    setShown({ action, reason: null, warning: null, field: null });
    leadToRecords();
    announce(
      action === null ? 'All records are listed.' : `Listed: ${ACTION_WORDS[action]} ${countOf(preview, action)}.`,
    );
  };
  return (
    <Stack>
      {run.outdated && (
        <Alert
          color="yellow"
          classNames={{ title: classes.title }}
          role="status"
          icon={<IconClockExclamation aria-hidden />}
          title={`These figures are outdated: ${run.outdated} since`}
        >
          <PreviewAgain onClick={onPreviewAgain} />
        </Alert>
      )}
      <Stack gap="sm">
        <PreviewTotal preview={preview} />
        <PlanCounts preview={preview} before={run.before} action={shown.action} onAction={showAction} />
      </Stack>
      <PreviewNext preview={preview} outdated={run.outdated} />
      {preview.total === 0 && <PreviewEmpty preview={preview} />}
      <Warnings preview={preview} />
      <PreviewProblems preview={preview} onShow={setShown} onPreviewAgain={onPreviewAgain} />
      <PreviewRecords preview={preview} shown={shown} onShow={setShown} />
      <PreviewDuplicates preview={preview} />
      <PreviewForecast preview={preview} />
    </Stack>
  );
}

/** What a run may bring about besides what it writes. */
function Warnings({ preview: { warnings } }: { preview: Preview }) {
  if (warnings.length === 0) return null;
  return (
    <Alert
      color="yellow"
      variant="outline"
      classNames={{ title: classes.title }}
      icon={<IconAlertTriangle aria-hidden />}
      title="Before you run it"
    >
      <List size="sm" spacing={4}>
        {warnings.map(({ code, message }) => (
          <List.Item key={`${code} ${message}`}>{message}</List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Refresh({ run, onRefresh }: { run: PreviewRun; onRefresh(): void }) {
  return (
    <Group gap="xs">
      <Button variant="default" size="xs" leftSection={<IconRefresh size={14} aria-hidden />} onClick={onRefresh}>
        Refresh the preview
      </Button>
      {run.preview?.exact === false && (
        <Button variant="default" size="xs" onClick={() => void run.start('full')}>
          Read all records (full dry run)
        </Button>
      )}
    </Group>
  );
}
