import { workflowInfo } from '@temporalio/workflow';

/** Events after which a sync continues as new: far below what Temporal warns of, and some dozens of executions. */
const MOST_EVENTS = 1_000;

/** Whether the history of the present workflow is so long that it is to continue as new. */
export function isLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > MOST_EVENTS;
}
