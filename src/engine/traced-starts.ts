import type { WorkflowClientInterceptor } from '@temporalio/client';
import { inTraceOf } from '../tracing/spans';

/** Begins the trace of each workflow that is started, with a link to the call that asked for it. Nothing that is sent to Temporal changes. */
export const tracedStarts: WorkflowClientInterceptor = {
  startWithDetails: (input, next) =>
    inTraceOf(input.options.workflowId, `start ${input.workflowType}`, {}, () => next(input)),
  signalWithStart: (input, next) =>
    inTraceOf(input.options.workflowId, `start ${input.workflowType}`, {}, () => next(input)),
  startUpdate: (input, next) =>
    inTraceOf(input.workflowExecution.workflowId ?? '', `update ${input.updateName}`, {}, () => next(input)),
};
