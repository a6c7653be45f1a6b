import { Context } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { inTraceOf } from '../tracing/spans';

/** Makes a span of each attempt of an activity, in the trace of its workflow. */
export class ActivitySpans implements ActivityInboundCallsInterceptor {
  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const { activityType, attempt, workflowExecution } = Context.current().info;
    const workflowId = workflowExecution?.workflowId ?? activityType;
    return inTraceOf(workflowId, `activity ${activityType}`, { 'temporal.attempt': attempt }, () => next(input));
  }
}
