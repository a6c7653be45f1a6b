import type { OpenConnection } from '../../activities/run';
import type { Database } from '../../db/client';
import { loadConnection, type Sealer, storeRefreshToken } from '../../db/queries/connections';
import type { Connector } from '../connectors/connector';
import type { ConnectorDeps } from '../connectors/connector-deps';
import { createRateLimit } from '../connectors/rate-limit';
import { createConnector, rateLimitRule } from '../connectors/registry';
import type { NewConnection } from '../domain/connection';
import { createUrlCheck } from '../security/allowed-urls';
import { openConnections } from './open-connections';

/** How a process gets at the systems. */
export interface StoredConnections {
  /** Opens a stored connection by its id; new refresh tokens are stored before they are used. */
  connect(connectionId: string): Promise<OpenConnection>;
  /** Makes a connector of settings that are not stored. */
  createConnector(connection: NewConnection): Connector;
}

/** @param allowedHosts `name` or `name:port` that connections may use besides the vendors' own */
export function storedConnections(db: Database, secrets: Sealer, allowedHosts: readonly string[]): StoredConnections {
  const checkUrl = createUrlCheck(allowedHosts);
  const depsOf = (connection: NewConnection): ConnectorDeps => ({
    rateLimit: createRateLimit(rateLimitRule(connection)),
    checkUrl,
    now: Date.now,
  });
  return {
    connect: openConnections(
      (connectionId) => loadConnection(db, secrets, connectionId),
      (stored) =>
        createConnector(stored, {
          ...depsOf(stored),
          storeRefreshToken: (token) => storeRefreshToken(db, secrets, stored.connectionId, token),
        }),
      Date.now,
    ),
    createConnector: (connection) => createConnector(connection, depsOf(connection)),
  };
}
