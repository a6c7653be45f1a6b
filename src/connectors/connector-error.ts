import type { RecordResult } from './connector';

/**
 * What to do about a call that a system refused or failed:
 * `soon` – try again, with growing waits; `after` – try again when so much time has passed (a rate limit); `whenQuotaResets` – a
 * daily quota is used up, sleep until then; `never` – a person has to act (credentials, a field that is gone).
 */
export type Advice =
  | { retry: 'soon' }
  | { retry: 'after'; delayMs: number }
  | { retry: 'whenQuotaResets'; resetsAt: string }
  | { retry: 'never' };

/** The only error that connectors throw. Its message says what happened, then what to do, without a secret or a record's value. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  constructor(
    message: string,
    /** The system's own code (`606`, `REQUEST_LIMIT_EXCEEDED`), or ours for what has none (`UNREACHABLE`). */
    readonly code: string,
    readonly advice: Advice,
    options?: ErrorOptions & {
      /** A write whose effect is unknown: the request left and no answer came. */
      answerLost?: boolean;
      /** With `answerLost`: what became of those records of the batch that it does not hold for, in the batch's order; null for the others. */
      answers?: readonly (RecordResult | null)[];
    },
  ) {
    super(message, options);
    this.answerLost = options?.answerLost ?? false;
    this.answers = options?.answers ?? null;
  }
  readonly answerLost: boolean;
  readonly answers: readonly (RecordResult | null)[] | null;
}

/**
 * What a failed call of a batch leaves open; the answer to one that was broken off is lost as well.
 * @throws whatever is no matter of the system
 */
export function callError(error: unknown, signal: AbortSignal): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (!signal.aborted) throw error;
  const options = { answerLost: true, cause: error };
  return new ConnectorError('The call was broken off.', 'BROKEN_OFF', { retry: 'soon' }, options);
}

/** The error of a call whose answer was lost, with what is known of the records that did not go by it. */
export function lostInPart<Item>(
  { message, code, advice }: ConnectorError,
  records: readonly Item[],
  results: ReadonlyMap<Item, RecordResult>,
): ConnectorError {
  const answers = results.size > 0 ? records.map((record) => results.get(record) ?? null) : undefined;
  return new ConnectorError(message, code, advice, { answerLost: true, ...(answers ? { answers } : {}) });
}
