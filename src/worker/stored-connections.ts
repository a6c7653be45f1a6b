import type { OpenConnection } from '../../activities/run';
import type { Database } from '../../db/client';
import { noteAudit } from '../../db/queries/audit';
import {
  findConnection,
  loadConnection,
  rememberIdentity,
  type Sealer,
  storeRefreshToken,
} from '../../db/queries/connections';
import type { Connector } from '../connectors/connector';
import type { ConnectorDeps } from '../connectors/connector-deps';
import { createRateLimit } from '../connectors/rate-limit';
import { createConnector, rateLimitRule } from '../connectors/registry';
import type { NewConnection } from '../domain/connection';
import { createUrlCheck } from '../security/allowed-urls';
import { openConnections } from './open-connections';
import { demandSameInstance } from './same-instance';

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
  const open = openConnections(
    (connectionId) => loadConnection(db, secrets, connectionId),
    (stored) =>
      createConnector(stored, {
        ...depsOf(stored),
        storeRefreshToken: (token) => storeRefreshToken(db, secrets, stored.connectionId, token),
      }),
    Date.now,
  );
  return {
    async connect(connectionId) {
      const opened = await open(connectionId);
      return {
        ...opened,
        demandSameInstance: (signal) => demandSameInstance(opened.connector, remembered(db, connectionId), signal),
      };
    },
    createConnector: (connection) => createConnector(connection, depsOf(connection)),
  };
}

/** What the database remembers of where a connection leads. */
const remembered = (db: Database, connectionId: string) => ({
  async read() {
    const row = await findConnection(db, connectionId);
    if (!row) throw new Error(`Connection ${connectionId} is gone.`);
    return row;
  },
  remember: (identity: string) =>
    db.transaction(async (tx) => {
      if (!(await rememberIdentity(tx, connectionId, identity))) return;
      const subject = `connection/${connectionId}`;
      await noteAudit(tx, { who: 'worker', action: 'connection.identify', subject, details: { identity } });
    }),
});
