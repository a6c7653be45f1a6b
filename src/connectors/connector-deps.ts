import type { RateLimit } from './rate-limit';

/** What a connector is handed besides its settings. */
export interface ConnectorDeps {
  rateLimit: RateLimit;
  /** Throws a `ConnectorError` for an address that connections may not use; called for each address, those from answers included. */
  checkUrl(url: string): void;
  /** Milliseconds since 1970. */
  now(): number;
  /** Called when the system hands out a new refresh token, before the new one is used. */
  storeRefreshToken?(refreshToken: string): Promise<void>;
}
