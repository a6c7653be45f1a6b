import { Group, Text } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { AnchorLink } from '../../../components/links';
import { SyncStatusBadge } from '../../../components/status-badge';
import { Time } from '../../../components/time';
import { formatRelative } from '../../../lib/format';
import { useStandstill } from '../../../lib/readiness';
import { useNow } from '../../../lib/use-now';
import { useEndInWords } from '../../connections/names';
import type { Sync } from '../api';
import { isLastRunUndone } from '../lib/recent-runs';
import { ActiveSwitch } from './active-switch';
import type { SyncAction } from './sync-actions';
import classes from './sync-cells.module.css';

/** The name of a sync as the link to it, with where it goes from and to. */
export function SyncName({ sync }: { sync: Sync }) {
  return (
    <div className={classes.name}>
      <AnchorLink to="/syncs/$syncId" params={{ syncId: sync.id }} fw={600}>
        {sync.name}
      </AnchorLink>
      <SyncRoute sync={sync} />
    </div>
  );
}

/** `Lead in Demo Marketo → Contact in Demo Salesforce` */
export function SyncRoute({ sync }: { sync: Sync }) {
  const inWords = useEndInWords([sync.source, sync.destination]);
  return (
    <Text size="sm" c="dimmed" component="span" display="block">
      {inWords(sync.source)} <IconArrowRight size={14} className={classes.arrow} aria-hidden />
      <span className="visually-hidden">to</span> {inWords(sync.destination)}
    </Text>
  );
}

/** The status by itself. */
export const StatusOfSync = ({ sync }: { sync: Sync }) => (
  <SyncStatusBadge
    status={sync.status}
    isOverdue={sync.overdueSince !== null}
    isUndone={isLastRunUndone(sync.recentExecutions)}
  />
);

interface SyncStatusProps {
  sync: Sync;
  /** What can be done with it: with them comes a switch. */
  actions?: readonly SyncAction[];
}

/** The status, and what a person has to do about it. */
export function SyncStatus({ sync, actions = [] }: SyncStatusProps) {
  return (
    <>
      <Group gap="xs" wrap="nowrap">
        <ActiveSwitch sync={sync} actions={actions} />
        <StatusOfSync sync={sync} />
      </Group>
      {sync.problem && (
        <Text size="xs" mt={4} lineClamp={3}>
          {sync.problem}
        </Text>
      )}
      {sync.overdueSince && <Overdue since={sync.overdueSince} />}
    </>
  );
}

/** Why a run that is due has not started. */
function Overdue({ since }: { since: string }) {
  const now = useNow();
  const standstill = useStandstill();
  // a worker that has gone is missed only after a minute
  const reason = standstill ? `${standstill.title}.` : 'No worker has taken it up yet.';
  return (
    <Text size="xs" mt={4} maw={320}>
      Should have run {formatRelative(since, now)}. {reason}
    </Text>
  );
}

/** When the next run starts. */
export function NextRun({ sync }: { sync: Sync }) {
  // what was cancelled a moment ago is told before the rest is known
  const isOver = sync.status === 'cancelled' || sync.status === 'completed';
  const isHeld = sync.status === 'paused' || sync.status === 'needsAttention';
  if (sync.nextRunAt && !isOver && !isHeld) return <Time at={sync.nextRunAt} timeZone={sync.schedule?.timeZone} />;
  return (
    <Text size="sm" c="dimmed">
      {isHeld
        ? 'None until it is resumed'
        : sync.status === 'active' && sync.lastExecution?.state !== 'running'
          ? 'At once'
          : sync.status === 'cancelled'
            ? 'None: it is cancelled'
            : 'None'}
    </Text>
  );
}
