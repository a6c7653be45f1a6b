import { Group, Stack, Text, Tooltip } from '@mantine/core';
import { isFollowUp } from '../../../../domain/outcome';
import { CountsBar } from '../../../components/counts';
import { AnchorLink } from '../../../components/links';
import { RunProgress } from '../../../components/run-progress';
import { ExecutionStateBadge } from '../../../components/status-badge';
import { formatNumber, formatRelative, formatTime } from '../../../lib/format';
import { useNow } from '../../../lib/use-now';
import { StillDue } from '../../executions/components/still-due';
import { startedInWords } from '../../executions/words';
import type { Sync } from '../api';
import { hasNeverFailed } from '../lib/recent-runs';
import { RecentRuns } from './recent-runs';

/** The absolute time is shown to whoever points at the relative one, or comes to it by the keyboard. */
const WHENEVER = { hover: true, focus: true, touch: true };

/** How the last run of a sync went, with what retries and an undo have made of it; or how far the execution is that runs. */
export function LastRun({ sync }: { sync: Sync }) {
  const now = useNow();
  const last = sync.lastExecution;
  const run = last?.state === 'running' ? last : (sync.lastRun ?? last);
  if (!last || !run) {
    return (
      <Text size="sm" c="dimmed">
        Has not run yet
      </Text>
    );
  }
  const at = run.finishedAt ?? run.startedAt ?? run.scheduledFor;
  return (
    <Stack gap={2}>
      <Group gap="xs">
        <ExecutionStateBadge of={run} />
        <Tooltip label={formatTime(at, sync.schedule?.timeZone)} events={WHENEVER}>
          <AnchorLink to="/executions/$executionId" params={{ executionId: run.id }} size="sm">
            {run.state === 'running' ? `Execution ${run.number}` : formatRelative(at, now)}
            <span className="visually-hidden"> (execution of {sync.name})</span>
          </AnchorLink>
        </Tooltip>
      </Group>
      {isFollowUp(run.trigger) && (
        <Text size="xs" c="dimmed">
          {startedInWords(run)}
          {run.follows && ` of execution ${run.follows.number}`}
        </Text>
      )}
      {run.state === 'running' ? <RunProgress run={run} /> : <CountsBar of={run} />}
      {run !== last && sync.lastRun && sync.lastRun.loadedLater > 0 && (
        <Text size="xs">{formatNumber(sync.lastRun.loadedLater)} loaded later by a retry</Text>
      )}
      <StillDue syncId={sync.id} last={hasNeverFailed(sync.recentExecutions) ? null : last} />
      <RecentRuns executions={sync.recentExecutions} />
    </Stack>
  );
}
