import type { LookupFunction } from 'node:net';
import type { CallWatch } from './call-watch';
import type { QuotaNotes } from './quota-gate';
import type { RateLimit } from './rate-limit';
import type { SignInBook } from './sign-in-book';

/** What a connector is handed besides its settings. */
export interface ConnectorDeps {
  rateLimit: RateLimit;
  /** What is known of the instance's quota; where it is left out, the connector remembers by itself. */
  quota?: QuotaNotes;
  /** The connection's sign-ins; where it is left out, the connector remembers by itself. */
  signIns?: SignInBook;
  /** Told of each request and refusal. */
  watch?: CallWatch;
  /** Throws a `ConnectorError` for an address that connections may not use; called for each address, those from answers included. */
  checkUrl(url: string): void;
  /**
   * Resolves the names of servers; a connection is made to what it answers. Fails with the code `ADDRESS_NOT_PUBLIC` for a name that leads where
   * connections may not go. Where it is left out, names lead anywhere.
   */
  lookup?: LookupFunction;
  /** Milliseconds since 1970. */
  now(): number;
  /** Called when the system hands out a new refresh token, before the new one is used. */
  storeRefreshToken?(refreshToken: string): Promise<void>;
}
