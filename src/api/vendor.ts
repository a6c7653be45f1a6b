import type { OpenConnection } from '../../activities/run';
import { type ConnectionRow, findConnection } from '../../db/queries/connections';
import { ConnectorError } from '../connectors/connector-error';
import type { ApiDeps } from './deps';
import { connectorProblem, notFound, Problem } from './problem';

/** Longest that a person waits for a vendor. */
const PATIENCE_MS = 30_000;

/** @throws Problem 404 */
export async function existingConnection(
  deps: Pick<ApiDeps, 'database'>,
  connectionId: string,
): Promise<ConnectionRow> {
  const row = await findConnection(deps.database.db, connectionId);
  if (!row) throw notFound('connection');
  return row;
}

/**
 * Waits for a vendor, but no longer than a person would.
 * @param signal aborts when the client is gone
 * @throws ConnectorError as the connector gave it; one with the code `TIMEOUT` when it took too long
 */
export async function patiently<Answer>(
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await work(AbortSignal.any([signal, patience]));
  } catch (error) {
    if (!patience.aborted || error instanceof ConnectorError) throw error;
    const message = `The vendor did not answer within ${PATIENCE_MS / 1_000} seconds. Try again later.`;
    throw new ConnectorError(message, 'TIMEOUT', { retry: 'soon' }, { cause: error });
  }
}

/**
 * Asks the system of a connection something.
 * @throws Problem 404 when there is no such connection; 409, 502, 503 or 504 that names the connection when it cannot be asked
 */
export async function askConnection<Answer>(
  deps: Pick<ApiDeps, 'database' | 'connect'>,
  connectionId: string,
  signal: AbortSignal,
  question: (open: OpenConnection, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const { name } = await existingConnection(deps, connectionId);
  try {
    const open = await deps.connect(connectionId);
    return await patiently(signal, (limited) => question(open, limited));
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    if (error.code === 'UNKNOWN_OBJECT') throw new Problem(404, error.message);
    throw connectorProblem(error, name);
  }
}
