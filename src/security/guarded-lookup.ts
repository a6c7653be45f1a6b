import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { publicLookup } from './public-addresses';

const PORT = /:\d+$/;

/**
 * Resolves the names of servers that connections use, for the very connection that is made: none but hosts that an administrator allows
 * may lead to this machine or into a private network, whatever their name resolved to a moment ago.
 * @param allowedHosts `name` or `name:port`, lower case
 * @param resolve how names are resolved
 */
export function guardedLookup(allowedHosts: readonly string[], resolve: typeof lookup = lookup): LookupFunction {
  const allowed = new Set(allowedHosts.map((host) => host.replace(PORT, '')));
  const guarded = publicLookup(resolve);
  return (hostname, options, callback) =>
    allowed.has(hostname) ? resolve(hostname, options, callback) : guarded(hostname, options, callback);
}
