import type { ShownExecution } from '../../db/queries/executions-read';
import { READS_ALL_IN_WORDS } from '../domain/changed-only';
import { progressOf } from '../domain/progress';
import { executionLinks, type LinkDeps } from './links';
import type { ExecutionAnswer } from './schemas/executions';

/** An execution as it is shown. */
export const toExecution = (deps: LinkDeps & { now(): string }, row: ShownExecution): ExecutionAnswer => ({
  id: row.executionId,
  syncId: row.syncId,
  number: row.number,
  version: row.version,
  trigger: row.trigger,
  scheduledFor: row.scheduledFor,
  startedAt: row.startedAt,
  finishedAt: row.finishedAt,
  state: row.state,
  phase: row.phase,
  counts: {
    read: row.read,
    filteredOut: row.filteredOut,
    duplicates: row.duplicates,
    created: row.created,
    updated: row.updated,
    unchanged: row.unchanged,
    skipped: row.skipped,
    failed: row.failed,
  },
  // events that were written before there were these have none
  deleted: row.deleted ?? 0,
  undoneBy: row.undoneBy ?? null,
  follows: row.follows ?? null,
  corrected: row.corrected ?? 0,
  progress: progressOf(row, row.finishedAt ?? deps.now()),
  problem: row.problem,
  stopping: row.state === 'running' ? row.stop : null,
  reading: {
    changedSince: row.changedSince,
    readsAllBecause: row.readsAllBecause,
    text: row.readsAllBecause === null ? null : READS_ALL_IN_WORDS[row.readsAllBecause],
  },
  links: executionLinks(deps, row.executionId, row.syncId, row.number),
});
