import type { Database } from 'better-sqlite3';
import type { RequestHandler } from 'express';

export const VENDOR_KINDS = ['salesforce', 'marketo'] as const;
export type VendorKind = (typeof VENDOR_KINDS)[number];

/** The sandbox's own time, which tests can set and move; every expiry, quota and stamp goes by it. */
export interface Clock {
  /** Milliseconds since 1970, by the sandbox's clock. */
  now(): number;
  /** Moves the clock by so many milliseconds; forward only. */
  advance(ms: number): void;
  /** Sets the clock to an instant (milliseconds since 1970); it runs on from there. */
  set(epochMs: number): void;
  /**
   * Runs `action` once the clock has reached `epochMs`, at once (but not in this call) when it already has. Moving the
   * clock past the instant runs it too, in the order of the instants.
   * @returns a function that withdraws the appointment
   */
  at(epochMs: number, action: () => void): () => void;
}

export const WRITE_OPERATIONS = ['create', 'update', 'delete', 'merge'] as const;

/** One acknowledged change of one record: the instrument by which "nothing lost, nothing twice" is proven. */
export interface WriteLogEntry {
  sequence: number;
  /** ISO 8601 UTC, by the sandbox's clock. */
  at: string;
  /** Who wrote: the user name or client id of the session. */
  by: string;
  /** The API that was used, e.g. `POST /composite/sobjects` or `bulk ingest 750…`. */
  via: string;
  object: string;
  recordId: string;
  operation: (typeof WRITE_OPERATIONS)[number];
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

export const VIOLATIONS = [
  'callsPerWindow',
  'callsAtOnce',
  'batchTooLarge',
  'bodyTooLarge',
  'sameKeyTwiceInBatch',
  'expiredTokenUsedAgain',
  'pollingWithoutPause',
  'unboundedQuery',
] as const;
/** Things that a well-behaved client never does; each is counted, none is answered differently than the vendor would. */
export type Violation = (typeof VIOLATIONS)[number];

/** What every instance of either vendor is given. One SQLite file holds all of its state. */
export interface InstanceCore {
  readonly kind: VendorKind;
  readonly name: string;
  /** Opened with WAL; a committed transaction survives the end of the process. */
  readonly database: Database;
  readonly clock: Clock;
  /** Address of this instance without a trailing slash, e.g. `http://127.0.0.1:4100`. */
  readonly url: string;
  /** Chance for everything that the vendor does in no particular order: seeded, so that a run can be repeated. */
  readonly random: () => number;
  logWrite(entry: Omit<WriteLogEntry, 'sequence' | 'at'>): void;
  /** @param detail what was done, for the person who looks for the reason; the last few of each kind are kept */
  countViolation(violation: Violation, detail?: string): void;
}

/** What a client needs to sign in. Salesforce has a user besides the client. */
export interface Credentials {
  clientId: string;
  clientSecret: string;
  username?: string;
  password?: string;
}

/** One vendor's behaviour over one instance's state: what the core serves on the instance's address. */
export interface VendorInstance {
  /** Answers every request that no fault has answered. Bodies arrive unread. */
  readonly router: RequestHandler;
  readonly credentials: Credentials;
  /**
   * Stands before the faults: a request that a fault holds up counts as in flight from its arrival on. The place for
   * limits on calls at once, per window and per day; it answers, or calls `next`. Effects that come late do not pass it.
   */
  readonly admission?: RequestHandler;
  /** Withdraws timers and writes out what is held in memory; the database is closed afterwards. */
  stop(): void;
  /** Ends every access token at once, as an administrator's "revoke" would. */
  expireTokens?(): void;
  /** Settings and declarations that only this vendor has, served by the control API below `/instances/{kind}/{name}/vendor`. */
  readonly controlRouter?: RequestHandler;
}
