import { ApplicationFailure } from '@temporalio/activity';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { ConnectorError } from '../src/connectors/connector-error';
import { InvalidDefinition } from '../src/domain/definition';
import { FailureType } from '../src/domain/failures';

/** Turns what a connector advises, and what needs a person, into what Temporal does. Everything else passes through and is retried. */
export function toFailure(error: unknown): unknown {
  if (error instanceof InvalidDefinition) {
    return ApplicationFailure.nonRetryable(error.message, FailureType.NeedsAttention, { code: error.name });
  }
  if (!(error instanceof ConnectorError)) return error;
  const { message, code, advice } = error;
  switch (advice.retry) {
    case 'soon':
      return ApplicationFailure.create({ message, type: code });
    case 'after':
      return ApplicationFailure.create({ message, type: code, nextRetryDelay: advice.delayMs });
    case 'whenQuotaResets': // the workflow sleeps: no worker is kept busy, and a restart does not forget
      return ApplicationFailure.nonRetryable(message, FailureType.QuotaExhausted, { resetsAt: advice.resetsAt });
    case 'never': // the sync waits as needsAttention
      return ApplicationFailure.nonRetryable(message, FailureType.NeedsAttention, { code });
  }
}

/** Applies `toFailure` to all activities. */
export class ConnectorFailures implements ActivityInboundCallsInterceptor {
  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    try {
      return await next(input);
    } catch (error) {
      throw toFailure(error);
    }
  }
}
