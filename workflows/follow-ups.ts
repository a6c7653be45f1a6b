import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import {
  type Course,
  ExecutionRun,
  FIRST_PROBE_MS,
  phaseOptions,
  RUN,
  SLOWEST_PROBE_MS,
  throughItsCourse,
} from './execution';
import type { ExecutionInput, ExecutionResult } from './messages';
import { UNDO_LABELS } from './summary';

const UNDO: Course = {
  extract: proxyActivities<Activities>(phaseOptions('Gather what the execution has written')).gatherUndo,
  load: proxyActivities<Activities>(phaseOptions('Delete what was created, give back what was there before')).undo,
  labels: UNDO_LABELS,
};

/** The phases of a run, of the failed records alone. */
const RETRY: Course = {
  ...RUN,
  extract: proxyActivities<Activities>(phaseOptions('Read the failed records again, by their Ids')).extractFailed,
};

/** Tries the failed records of an execution again: they are read by their Ids, and go the way of any run. */
export const retry = (input: ExecutionInput): Promise<ExecutionResult> =>
  throughItsCourse(new FollowUpRun(input, RETRY));

/** Undoes an execution: what it created is deleted, what it updated gets its values back, but for what others have changed since. */
export const undo = (input: ExecutionInput): Promise<ExecutionResult> => throughItsCourse(new FollowUpRun(input, UNDO));

/** An execution beside the schedule of its sync, whose status and controls are not touched by it: it tries again by itself. */
class FollowUpRun extends ExecutionRun {
  private probeMs = FIRST_PROBE_MS;

  protected override async untilPersonActs(message: string): Promise<void> {
    this.problem = message;
    await this.note(message);
    await this.untilResumed(message, this.probeMs);
    this.probeMs = Math.min(this.probeMs * 2, SLOWEST_PROBE_MS);
    if (!this.isCancelled()) await this.note(null);
    this.problem = null;
  }
}
