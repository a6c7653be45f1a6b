import type { OpenConnection } from '../../activities/run';
import type { Connector } from '../connectors/connector';
import type { ObjectDescription } from '../domain/object-description';

/** How long a description of an object is taken as it is: a run of many short phases would otherwise ask for it each time. */
const DESCRIPTION_MS = 60_000;

/** What an open connection offers that depends on its present settings alone. */
type Opened = Pick<OpenConnection, 'connector' | 'describe'>;

/** A connection as it is stored, with what tells whether its settings have changed. */
export interface StoredConnection {
  connectionId: string;
  /** Changes with each change of the settings. */
  fingerprint: string;
}

/**
 * Keeps one connector per connection, with its sign-in and its rate limit, as long as the settings stay the same.
 * @param load reads the connection and makes a connector of it
 */
export function openConnections<Stored extends StoredConnection>(
  load: (connectionId: string) => Promise<Stored>,
  create: (stored: Stored) => Connector,
  now: () => number,
): (connectionId: string) => Promise<Opened> {
  const open = new Map<string, { fingerprint: string; connection: Opened }>();
  return async (connectionId) => {
    const stored = await load(connectionId);
    const known = open.get(connectionId);
    if (known && known.fingerprint === stored.fingerprint) return known.connection;
    const connection = withDescriptions(create(stored), now);
    open.set(connectionId, { fingerprint: stored.fingerprint, connection });
    return connection;
  };
}

function withDescriptions(connector: Connector, now: () => number): Opened {
  const descriptions = new Map<string, { readAt: number; description: Promise<ObjectDescription> }>();
  return {
    connector,
    describe(objectName, signal, isAsked = false) {
      const known = descriptions.get(objectName);
      if (!isAsked && known && now() - known.readAt < DESCRIPTION_MS) return known.description;
      const description = connector.describe(objectName, signal);
      descriptions.set(objectName, { readAt: now(), description });
      description.catch(() => {
        if (descriptions.get(objectName)?.description === description) descriptions.delete(objectName);
      });
      return description;
    },
  };
}
