import type { Database } from 'better-sqlite3';

export type VendorKind = 'salesforce' | 'marketo';

/** The sandbox's own time, which tests can set and move; every expiry, quota and stamp goes by it. */
export interface Clock {
  /** Milliseconds since 1970, by the sandbox's clock. */
  now(): number;
  /** Moves the clock by so many milliseconds; forward only. */
  advance(ms: number): void;
  /** Sets the clock to an instant (milliseconds since 1970); it runs on from there. */
  set(epochMs: number): void;
}

/** One acknowledged change of one record: the instrument by which "nothing lost, nothing twice" is proven. */
export interface WriteLogEntry {
  sequence: number;
  at: string;
  /** Who wrote: the user name or client id of the session. */
  by: string;
  /** The API that was used, e.g. `POST /composite/sobjects` or `bulk ingest 750…`. */
  via: string;
  object: string;
  recordId: string;
  operation: 'create' | 'update' | 'delete' | 'merge';
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** Things that a well-behaved client never does; each is counted, none is answered differently than the vendor would. */
export type Violation =
  | 'callsPerWindow'
  | 'callsAtOnce'
  | 'batchTooLarge'
  | 'bodyTooLarge'
  | 'sameKeyTwiceInBatch'
  | 'expiredTokenUsedAgain'
  | 'pollingWithoutPause'
  | 'unboundedQuery';

/** What every instance of either vendor is given. One SQLite file holds all of its state. */
export interface InstanceCore {
  readonly kind: VendorKind;
  readonly name: string;
  readonly database: Database;
  readonly clock: Clock;
  /** Address of this instance without a trailing slash, e.g. `http://127.0.0.1:4100`. */
  readonly url: string;
  logWrite(entry: Omit<WriteLogEntry, 'sequence' | 'at'>): void;
  countViolation(violation: Violation): void;
}
