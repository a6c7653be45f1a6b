import type { Connector } from '../connectors/connector';
import { ConnectorError } from '../connectors/connector-error';

/** What is remembered of a connection. */
export interface RememberedConnection {
  read(): Promise<{ name: string; identity: string | null }>;
  /** Notes the org or instance of the first sign-in; one that is noted already stays. */
  remember(identity: string): Promise<void>;
}

/**
 * Compares where a connector signs in with where its connection led at first; the first time, that is remembered.
 * @throws ConnectorError `never` when it is another org or instance
 */
export async function demandSameInstance(
  connector: Pick<Connector, 'identity'>,
  connection: RememberedConnection,
  signal: AbortSignal,
): Promise<void> {
  const identity = await connector.identity(signal);
  let { name, identity: before } = await connection.read();
  if (before === null) {
    await connection.remember(identity);
    // another process may have been faster
    ({ name, identity: before } = await connection.read());
  }
  if (before === identity) return;
  throw new ConnectorError(
    `The connection "${name}" signs in to another instance (${identity}) than the one that it was made for (${before}), so nothing ` +
      'is read or written. Enter settings that lead there again, or give the sync a new connection.',
    'OTHER_INSTANCE',
    { retry: 'never' },
  );
}
