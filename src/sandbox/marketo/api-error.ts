/**
 * A refusal in Marketo's envelope: HTTP 200 with `success: false`. Codes and texts are those of the vendor's guide,
 * "Error codes"; the code is a string on the wire.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** An answer below the envelope, as Marketo's gateway and its file endpoints give: a real HTTP status, plain text. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Why one record of a batch was skipped; becomes an element of its `reasons`. */
export interface Reason {
  code: string;
  message: string;
}

/** Thrown while one record is looked at: that record is skipped, the others of the batch go through. */
export class RecordRefusal extends Error {
  override readonly name = 'RecordRefusal';
  readonly reason: Reason;
  constructor(code: string, message: string) {
    super(message);
    this.reason = { code, message };
  }
}

/** Codes that count neither against the day's quota nor against the rate limit (Marketo guide, "Error codes"). */
export const UNCOUNTED_CODES: ReadonlySet<string> = new Set(['600', '601', '602', '604', '605', '608', '611']);
