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
    },
  ) {
    super(message, options);
    this.answerLost = options?.answerLost ?? false;
  }
  readonly answerLost: boolean;
}
