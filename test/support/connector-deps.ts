import type { ConnectorDeps } from '../../src/connectors/connector-deps';
import { ConnectorError } from '../../src/connectors/connector-error';

export interface TestDeps extends ConnectorDeps {
  /** Permits that were taken, and those of them that have not been given back. */
  permits: { taken: number; open: number };
  pauses: number[];
  refreshTokens: string[];
  /** Moves the connector's clock. */
  advance(ms: number): void;
}

/** What a connector is handed, without a limit; addresses on this machine alone are allowed. */
export function connectorDeps(startAt = Date.now()): TestDeps {
  let aheadMs = 0;
  const startedAt = Date.now();
  const permits = { taken: 0, open: 0 };
  const pauses: number[] = [];
  const refreshTokens: string[] = [];
  return {
    permits,
    pauses,
    refreshTokens,
    advance(ms) {
      aheadMs += ms;
    },
    now: () => startAt + (Date.now() - startedAt) + aheadMs,
    checkUrl(url) {
      if (new URL(url).hostname === '127.0.0.1') return;
      throw new ConnectorError('Connections may not use this address.', 'ADDRESS_NOT_ALLOWED', { retry: 'never' });
    },
    rateLimit: {
      async take(signal) {
        signal.throwIfAborted();
        permits.taken += 1;
        permits.open += 1;
        const giveBack = () => {
          permits.open -= 1;
        };
        return giveBack;
      },
      pauseFor(ms) {
        pauses.push(ms);
      },
    },
    async storeRefreshToken(refreshToken) {
      refreshTokens.push(refreshToken);
    },
  };
}
