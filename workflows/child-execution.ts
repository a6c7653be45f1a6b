import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  type ChildWorkflowHandle,
  isCancellation,
  log,
  ParentClosePolicy,
  type SignalDefinition,
  startChild,
} from '@temporalio/workflow';
import type { OpenedExecution } from '../activities/scheduling';
import type { execution } from './execution';
import { executionWorkflowId, type SyncInput } from './messages';
import { labelAttributes } from './search-attributes';
import { readable, summary } from './summary';

type Child = ChildWorkflowHandle<typeof execution>;

/**
 * Starts the workflow of an execution as a child of its sync's.
 * @returns null where it runs already: the sync's was reset in Temporal, and what it had started goes on
 */
export async function startedExecution(
  { syncId, searchable }: Pick<SyncInput, 'syncId' | 'searchable'>,
  opened: OpenedExecution,
): Promise<Child | null> {
  try {
    return await startChild<typeof execution>('execution', {
      workflowId: executionWorkflowId(syncId, opened.number),
      args: [{ syncId, executionId: opened.executionId, searchable }],
      parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      typedSearchAttributes: labelAttributes({ syncId, searchable, name: opened.syncName, route: opened.route }),
      staticSummary: summary(`${opened.syncName}: execution ${opened.number} (${opened.trigger})`),
      staticDetails: `${opened.route}\n\nScheduled for ${readable(opened.scheduledFor)}.`,
    });
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

/** An execution that has ended meanwhile takes no signal, and needs none. */
export async function tell<Args extends unknown[]>(
  child: Child | null,
  signal: SignalDefinition<Args>,
  ...args: Args
): Promise<void> {
  try {
    await child?.signal(signal, ...args);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.info('an execution had ended before it was told', { signal: signal.name });
  }
}
