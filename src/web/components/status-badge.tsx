import { Badge } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconClockExclamation,
  IconClockPause,
  IconLoader,
  IconPencil,
  IconPlayerPlay,
  type TablerIcon,
} from '@tabler/icons-react';
import type { Counts, ExecutionState, SyncStatus } from '../../domain/outcome';

interface Look {
  label: string;
  color: string;
  icon: TablerIcon;
}

/** Words, icon and colour of each status of a sync. */
export const SYNC_LOOKS: Record<SyncStatus | 'overdue', Look> = {
  draft: { label: 'Draft', color: 'gray', icon: IconPencil },
  active: { label: 'Active', color: 'blue', icon: IconPlayerPlay },
  paused: { label: 'Paused', color: 'yellow', icon: IconClockPause },
  needsAttention: { label: 'Needs attention', color: 'red', icon: IconAlertTriangle },
  completed: { label: 'Completed', color: 'green', icon: IconCircleCheck },
  cancelled: { label: 'Cancelled', color: 'gray', icon: IconBan },
  overdue: { label: 'Overdue', color: 'red', icon: IconClockExclamation },
};

/** The same of each state of an execution. */
export const EXECUTION_LOOKS: Record<ExecutionState, Look> = {
  running: { label: 'Running', color: 'blue', icon: IconLoader },
  succeeded: { label: 'Succeeded', color: 'green', icon: IconCircleCheck },
  partial: { label: 'Partial', color: 'orange', icon: IconAlertTriangle },
  failed: { label: 'Failed', color: 'red', icon: IconCircleX },
  cancelled: { label: 'Cancelled', color: 'gray', icon: IconBan },
  missed: { label: 'Missed', color: 'yellow', icon: IconClockExclamation },
};

/** A status in words, with an icon; never by its colour alone. */
function LookBadge({ label, color, icon: Icon }: Look) {
  return (
    <Badge
      variant="default"
      tt="none"
      fw={600}
      radius="sm"
      miw="max-content"
      leftSection={
        <Icon
          size={14}
          aria-hidden
          color={`light-dark(var(--mantine-color-${color}-8), var(--mantine-color-${color}-4))`}
        />
      }
    >
      {label}
    </Badge>
  );
}

interface SyncStatusBadgeProps {
  status: SyncStatus;
  /** It should have run and did not. */
  isOverdue?: boolean;
  /** Its last run was undone. */
  isUndone?: boolean;
}

/** The status of a sync; one that is completed tells, too, that its last run was undone: others may have loaded records that stay. */
export function SyncStatusBadge({ status, isOverdue = false, isUndone = false }: SyncStatusBadgeProps) {
  const look = SYNC_LOOKS[isOverdue ? 'overdue' : status];
  if (!isUndone || status !== 'completed') return <LookBadge {...look} />;
  return <LookBadge label={`${look.label}, then undone`} color="gray" icon={IconArrowBackUp} />;
}

interface Ran {
  state: ExecutionState;
  counts: Counts;
  undoneBy: { isRunning: boolean } | null;
}

/** The state of an execution, and whether it was undone; one that ended without a single record that did not fail says so. */
function lookOf({ state, counts, undoneBy }: Ran): Look {
  const { created, updated, unchanged, skipped } = counts;
  const didNothing = state === 'partial' && created + updated + unchanged + skipped === 0;
  const look = { ...EXECUTION_LOOKS[state], ...(didNothing && { label: 'All failed', color: 'red' }) };
  if (!undoneBy) return look;
  const label = `${look.label}, ${undoneBy.isRunning ? 'being undone' : 'then undone'}`;
  return { label, color: 'gray', icon: IconArrowBackUp };
}

/** The state of an execution in the words of its badge. */
export const stateInWords = (execution: Ran): string => lookOf(execution).label;

/** The state of an execution. */
export const ExecutionStateBadge = ({ of }: { of: Ran }) => <LookBadge {...lookOf(of)} />;
