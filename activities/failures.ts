import { ApplicationFailure, Context } from '@temporalio/activity';
import { TemporalFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import { ConnectorError } from '../src/connectors/connector-error';
import { InvalidDefinition } from '../src/domain/definition';
import { DISK_FULL_TEXT, isDiskFull } from '../src/domain/disk-space';
import { errorText, innerCode, tellable } from '../src/domain/error-text';
import { FailureType } from '../src/domain/failures';
import { PHASES } from '../src/domain/outcome';
import { PREVIEW_PHASES } from '../src/domain/preview';

/** Longest stack that a history keeps. */
const MOST_STACK_CHARACTERS = 4_000;
/** Of activities that hold up their workflow until a person has acted; the others are tried again until they succeed. */
const HOLD_UP: ReadonlySet<string> = new Set([...PHASES, ...PREVIEW_PHASES]);

const FIRST_WAIT_MS = 1_000;
/** What was away is to be at work again within ten seconds of its return. */
const LONGEST_WAIT_MS = 8_000;

/**
 * How long to wait after a failure. The failure says it, not the workflow: the death of a worker is an attempt that failed too, and
 * after that nobody is to wait at all.
 */
const waitAfter = (attempt: number): number => Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);

/**
 * Turns what a connector advises, and what needs a person, into what Temporal does. Everything else is retried; what histories keep of it
 * is short, and has no value of a record in it.
 * @param activity the name of the one that failed
 * @param attempt which it was
 */
export function toFailure(error: unknown, activity?: string, attempt = 1): unknown {
  if (error instanceof InvalidDefinition) return forPerson(error.message, error.name);
  if (error instanceof ConnectorError) return ofConnector(error, attempt);
  if (HOLD_UP.has(activity ?? '') && isDiskFull(innerCode(error))) return forPerson(DISK_FULL_TEXT, 'DISK_FULL');
  // failures of Temporal's own, and the end of what was cancelled, have a meaning for it
  if (error instanceof TemporalFailure || !(error instanceof Error) || error.name === 'AbortError') return error;
  const message = tellable(errorText(error));
  const failure = ApplicationFailure.create({ message, type: error.name, nextRetryDelay: waitAfter(attempt) });
  const [calls = ''] = /\n {4}at [\s\S]*/.exec(error.stack ?? '') ?? [];
  failure.stack = `${error.name}: ${message}${calls}`.slice(0, MOST_STACK_CHARACTERS);
  return failure;
}

/** The sync waits as `needsAttention`. */
const forPerson = (message: string, code: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(tellable(message), FailureType.NeedsAttention, { code });

function ofConnector({ message: text, code, advice }: ConnectorError, attempt: number): ApplicationFailure {
  const message = tellable(text);
  switch (advice.retry) {
    case 'soon':
      return ApplicationFailure.create({ message, type: code, nextRetryDelay: waitAfter(attempt) });
    case 'after':
      return ApplicationFailure.create({ message, type: code, nextRetryDelay: advice.delayMs });
    case 'whenQuotaResets': // the workflow sleeps: no worker is kept busy, and a restart does not forget
      return ApplicationFailure.nonRetryable(message, FailureType.QuotaExhausted, { resetsAt: advice.resetsAt });
    case 'never':
      return forPerson(message, code);
  }
}

/** Applies `toFailure` to all activities. */
export class ConnectorFailures implements ActivityInboundCallsInterceptor {
  async execute(input: ActivityExecuteInput, next: Next<ActivityInboundCallsInterceptor, 'execute'>): Promise<unknown> {
    try {
      return await next(input);
    } catch (error) {
      const { activityType, attempt } = Context.current().info;
      throw toFailure(error, activityType, attempt);
    }
  }
}
