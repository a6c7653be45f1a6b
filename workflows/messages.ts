import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ExecutionState, Phase } from '../src/domain/outcome';
import type { PreviewPhase, Sampling } from '../src/domain/preview';

/** What the workflow of a sync starts with; everything else is read from the database by activities. */
export interface SyncInput {
  syncId: string;
  /** The activation that started it; a workflow of an earlier one ends by itself. */
  activation: number;
  /** The engine knows our search attributes; where it does not, a start or a change with one would be refused. */
  searchable: boolean;
  /** The end of the run or wait before it continued as new: ticks up to then were missed. */
  busyUntil?: string | null;
  /** When the schedule was changed last: its ticks count from then on. */
  countFrom?: string | null;
  /** The last wishes for a run that were taken: one that is delivered again, since its answer was lost, has no further effect. */
  takenWishes?: readonly string[];
  /** A run was asked for that could not begin yet. */
  wantsRun?: boolean;
  /** What the last execution came to, to be shown. */
  last?: LastExecution | null;
}

/** An execution that has ended, as the workflow of its sync shows it. */
export interface LastExecution {
  number: number;
  state: ExecutionState;
  counts: Record<string, number>;
}

export interface ExecutionInput {
  syncId: string;
  executionId: string;
  searchable: boolean;
}

export interface PreviewInput {
  /** The preview's id: it has a row among the executions. */
  executionId: string;
  /** Null where everything is read. */
  sampling: Sampling | null;
  searchable: boolean;
}

/** The last state of an execution: its workflow's result and memo. */
export interface ExecutionResult {
  executionId: string;
  state: ExecutionState;
  counts: Record<string, number>;
}

export interface SyncState {
  status: 'sleeping' | 'running' | 'paused' | 'ended';
  nextRunAt: string | null;
  executionId: string | null;
}

/** Id of a sync's workflow. */
export const syncWorkflowId = (syncId: string): string => `sync/${syncId}`;
/** Id of the workflow of a sync's n-th execution. */
export const executionWorkflowId = (syncId: string, number: number): string => `sync/${syncId}/execution/${number}`;

const WORKFLOW_ID = /^sync\/([\da-f-]{36})(?:\/execution\/(\d+))?$/;

/** The sync, and the number of the execution, that a workflow is of; null for one of another kind. */
export function parseWorkflowId(workflowId: string): { syncId: string; number: number | null } | null {
  const [, syncId, number] = WORKFLOW_ID.exec(workflowId) ?? [];
  return syncId ? { syncId, number: number ? Number(number) : null } : null;
}

/** Id of the workflow of a preview. */
export const previewWorkflowId = (previewId: string): string => `preview/${previewId}`;

/** What an update of a sync's workflow is sent with; an operator in the Temporal Web UI may send none. */
export interface WishArgument {
  wishId: string;
  /** The activation that the wish was made of; 0 for whichever runs. */
  activation: number;
  /** When it was asked for (ISO 8601 UTC): it may be delivered after an outage. */
  askedAt?: string;
}

export const pause = defineUpdate<void, [WishArgument?]>('pause');
export const resume = defineUpdate<void, [WishArgument?]>('resume');
export const runNow = defineUpdate<void, [WishArgument?]>('runNow');
export const cancel = defineUpdate<void, [WishArgument?]>('cancel');
export const cancelExecution = defineUpdate<void, [WishArgument & { executionId: string }]>('cancelExecution');
export const changeSchedule = defineUpdate<void, [WishArgument?]>('changeSchedule');
export const state = defineQuery<SyncState>('state');
/** The database may say otherwise than the workflow: it reads it again. */
export const lookAgain = defineSignal('lookAgain');

/** From a sync to its running execution. */
export const stopExecution = defineSignal<[{ kind: 'cancel' | 'pause' }]>('stop');
export const resumeExecution = defineSignal('resume');
export interface ExecutionProgress {
  phase: Phase | null;
  problem: string | null;
}
export const progress = defineQuery<ExecutionProgress>('progress');

/** To a preview that is to end. */
export const stopPreview = defineSignal('stop');
export const previewProgress = defineQuery<{ phase: PreviewPhase | null }>('progress');
