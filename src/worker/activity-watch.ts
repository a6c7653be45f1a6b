import { CancelledFailure, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { FailureType } from '../domain/failures';
import type { ActivityEnd, WorkerMetrics } from '../metrics/worker-metrics';

/** Counts how attempts of activities end. It stands outermost, where failures are as Temporal gets them. */
export class ActivityWatch implements ActivityInboundCallsInterceptor {
  constructor(private readonly metrics: Pick<WorkerMetrics, 'activityEnded'>) {}

  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    const { activityType } = Context.current().info;
    try {
      const result = await next(input);
      this.metrics.activityEnded(activityType, 'completed');
      return result;
    } catch (error) {
      this.metrics.activityEnded(activityType, endOf(error));
      throw error;
    }
  }
}

function endOf(error: unknown): ActivityEnd {
  if (error instanceof CancelledFailure || (error instanceof Error && error.name === 'AbortError')) return 'cancelled';
  if (!(error instanceof ApplicationFailure)) return 'failed';
  if (error.type === FailureType.QuotaExhausted) return 'quota';
  return error.type === FailureType.NeedsAttention ? 'needsAttention' : 'failed';
}
