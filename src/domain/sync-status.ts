import type { ExecutionState, SyncStatus } from './outcome';

/** What a person can ask of a sync, the statuses in which that makes sense, and the status that follows. */
export const SYNC_TRANSITIONS = {
  activate: { from: ['draft', 'completed', 'cancelled'], to: 'active' },
  pause: { from: ['active', 'needsAttention'], to: 'paused' },
  resume: { from: ['paused', 'needsAttention'], to: 'active' },
  runNow: { from: ['active'], to: 'active' },
  cancel: { from: ['active', 'paused', 'needsAttention'], to: 'cancelled' },
} as const satisfies Record<string, { from: readonly SyncStatus[]; to: SyncStatus }>;
export type SyncControl = keyof typeof SYNC_TRANSITIONS;

/** What can be asked of an active sync, and is noted before it is done. */
export const WISH_KINDS = ['pause', 'resume', 'runNow', 'cancel', 'cancelExecution', 'changeSchedule'] as const;
export type WishKind = (typeof WISH_KINDS)[number];

/** Statuses in which a workflow of the sync is open. */
export const LIVE_STATUSES: readonly SyncStatus[] = ['active', 'paused', 'needsAttention'];

const STATUS_WORDS: Record<SyncStatus, string> = {
  draft: 'a draft that was never activated',
  active: 'active',
  paused: 'paused',
  needsAttention: 'waiting for a person',
  completed: 'completed',
  cancelled: 'cancelled',
};

/** Why a control is refused in a status, and what does it instead. */
export const whyNot = (control: SyncControl, status: SyncStatus): string => {
  const allowed = SYNC_TRANSITIONS[control].from.map((each) => STATUS_WORDS[each]).join(' or ');
  const isOver = !LIVE_STATUSES.includes(status);
  const advice = control === 'runNow' && isOver ? ' Activate it to run it.' : '';
  return `The sync is ${STATUS_WORDS[status]}; this works while it is ${allowed}.${advice}`;
};

/** A run that is due starts within a moment where a worker runs; after this time it is late. */
export const OVERDUE_AFTER_MS = 5_000;

/**
 * Since when a sync should have run and did not: no worker runs, or Temporal is away.
 * @param sync.nextRunAt null before a worker has decided it; a sync that was just activated is looked at by a worker at once
 * @param last its last execution, missed ones among them
 * @returns null while it is not late
 */
export function overdueSince(
  sync: { status: SyncStatus; nextRunAt: string | null; activatedAt: string | null },
  last: { state: ExecutionState; startedAt: string | null; scheduledFor: string } | undefined,
  now: string,
): string | null {
  if (sync.status !== 'active' || last?.state === 'running') return null;
  const isUntouched = !last || (last.startedAt ?? last.scheduledFor) < (sync.activatedAt ?? '');
  const dueAt = sync.nextRunAt ?? (isUntouched ? sync.activatedAt : null);
  if (dueAt === null) return null;
  return Date.parse(now) - Date.parse(dueAt) > OVERDUE_AFTER_MS ? dueAt : null;
}
