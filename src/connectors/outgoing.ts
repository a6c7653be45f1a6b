import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { ConnectorError } from './connector-error';

/** With this code a look-up of a name fails whose addresses connections may not use. */
const NOT_PUBLIC = 'ADDRESS_NOT_PUBLIC';

/** Connections that are kept, or one that is not. */
export interface Agents {
  httpAgent: HttpAgent;
  httpsAgent: HttpsAgent;
}

/** As long as a connection that nobody uses is kept, at most. */
const IDLE_MS = 5_000;

/** @param lookup how names become addresses; the connection is made to what it answers */
export function keptAgents(lookup: LookupFunction | undefined): Agents {
  const options = { keepAlive: true, timeout: IDLE_MS, ...(lookup ? { lookup } : {}) };
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) };
}

/** Agents for one request, on a connection of its own. */
export function freshAgents(lookup: LookupFunction | undefined): Agents {
  const options = lookup ? { lookup } : {};
  return { httpAgent: new HttpAgent(options), httpsAgent: new HttpsAgent(options) };
}

/** The error for an address that nothing is sent to, until a person acts. */
export const urlNotAllowed = (message: string): ConnectorError =>
  new ConnectorError(message, 'URL_NOT_ALLOWED', { retry: 'never' });

/**
 * The error for a name that leads where connections may not go; null for every other failure of the network.
 * @param cause its code
 */
export const errorOfLookup = (cause: string, system: string): ConnectorError | null =>
  cause === NOT_PUBLIC
    ? urlNotAllowed(
        `The name of the server of ${system} leads into a private network. Check the address under Connections, or let an administrator add the host to SYNC_ALLOWED_HOSTS.`,
      )
    : null;
