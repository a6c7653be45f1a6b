/** What became of a source record; each has exactly one, and together they account for every record that was read. */
export const OUTCOMES = ['filteredOut', 'duplicate', 'created', 'updated', 'unchanged', 'skipped', 'failed'] as const;
export type OutcomeKind = (typeof OUTCOMES)[number];

/** Reasons that Sync itself gives; a failed record may also carry a code of the vendor's API as its reason. */
export const SKIP_REASONS = [
  'exists',
  'notFound',
  'noKey',
  'cancelled',
  'missingReference',
  'changedSincePreview',
  // of a retry
  'deletedInSource',
  // of an undo
  'changedSince',
  'deletedSince',
  'unknownId',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export interface Outcome {
  sourceId: string;
  /** Source Id in the form that sorts in source order. */
  sortKey: string;
  matchKey: string | null;
  outcome: OutcomeKind;
  reason: string | null;
  message: string | null;
  field: string | null;
  destinationId: string | null;
}

/** The outcome of a record; members that it does not need are null. */
export const outcomeOf = (
  record: Pick<Outcome, 'sortKey' | 'sourceId' | 'matchKey'>,
  outcome: OutcomeKind,
  more: Partial<Pick<Outcome, 'reason' | 'message' | 'field' | 'destinationId'>> = {},
): Outcome => ({
  sortKey: record.sortKey,
  sourceId: record.sourceId,
  matchKey: record.matchKey,
  outcome,
  reason: more.reason ?? null,
  message: more.message ?? null,
  field: more.field ?? null,
  destinationId: more.destinationId ?? null,
});

/** An undo counts as updated what it gives back as it was (`restored`), and what it takes away again (`deleted`). */
export const isDeletion = ({ outcome, reason }: Pick<Outcome, 'outcome' | 'reason'>): boolean =>
  outcome === 'updated' && reason === 'deleted';

/** The members of an execution's `counts`; the first equals the sum of all others once it has ended. */
export interface Counts {
  read: number;
  filteredOut: number;
  duplicates: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  failed: number;
}

/** Of an execution that has not read anything yet. */
export const NO_COUNTS: Counts = {
  read: 0,
  filteredOut: 0,
  duplicates: 0,
  created: 0,
  updated: 0,
  unchanged: 0,
  skipped: 0,
  failed: 0,
};

/** The member of `Counts` that an outcome is counted under. */
export const countedAs: Record<OutcomeKind, Exclude<keyof Counts, 'read'>> = {
  filteredOut: 'filteredOut',
  duplicate: 'duplicates',
  created: 'created',
  updated: 'updated',
  unchanged: 'unchanged',
  skipped: 'skipped',
  failed: 'failed',
};

/** True when every record that was read has been accounted for. */
export const addsUp = (counts: Counts): boolean =>
  counts.read ===
  counts.filteredOut +
    counts.duplicates +
    counts.created +
    counts.updated +
    counts.unchanged +
    counts.skipped +
    counts.failed;

export const EXECUTION_STATES = ['running', 'succeeded', 'partial', 'failed', 'cancelled', 'missed'] as const;
export type ExecutionState = (typeof EXECUTION_STATES)[number];
export const PHASES = ['extract', 'filter', 'dedupe', 'map', 'load'] as const;
export type Phase = (typeof PHASES)[number];
export const TRIGGERS = ['now', 'once', 'interval', 'manual', 'retry', 'undo'] as const;
export type Trigger = (typeof TRIGGERS)[number];
/** Executions that go over what an earlier one has done. They have workflows of their own, since that of their sync may be over. */
export const FOLLOW_UP_TRIGGERS = ['retry', 'undo'] as const satisfies readonly Trigger[];
export type FollowUpTrigger = (typeof FOLLOW_UP_TRIGGERS)[number];
export const isFollowUp = (trigger: Trigger): trigger is FollowUpTrigger =>
  (FOLLOW_UP_TRIGGERS as readonly Trigger[]).includes(trigger);
export const SYNC_STATUSES = ['draft', 'active', 'paused', 'needsAttention', 'completed', 'cancelled'] as const;
export type SyncStatus = (typeof SYNC_STATUSES)[number];

/** The state in which an execution ends that was not stopped: `partial` as soon as one record failed. */
export const endState = (counts: Counts): 'succeeded' | 'partial' => (counts.failed > 0 ? 'partial' : 'succeeded');
