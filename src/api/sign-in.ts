import type { Request } from 'express';
import { useApiKey } from '../../db/queries/api-keys';
import { hashApiKey, isSameKey } from '../security/api-keys';
import type { ApiDeps } from './deps';
import { Problem } from './problem';
import { type Caller, ROLES, type Role } from './route';

/** Who makes a call, by its key. @throws Problem 401 */
export async function callerOf(request: Request, { database, settings }: ApiDeps): Promise<Caller> {
  const [, key] = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (key === undefined) throw new Problem(401, 'Send an API key: `Authorization: Bearer KEY`.');
  if (settings.apiKey !== undefined && isSameKey(key, settings.apiKey)) return { name: 'SYNC_API_KEY', role: 'admin' };
  const row = await useApiKey(database.db, hashApiKey(key));
  if (!row) throw new Problem(401, 'The API key is wrong, or was revoked.');
  return { name: row.name, role: row.role };
}

/** @throws Problem 403 when the role of a call does not reach */
export function demandRole(caller: Caller, role: Role): void {
  if (ROLES.indexOf(caller.role) >= ROLES.indexOf(role)) return;
  throw new Problem(403, `This needs the role ${role}; the key has the role ${caller.role}.`);
}

/** Names under which a service on this machine is reached; any other in `Host` is a web page that tries its luck. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** The `Host` headers that are answered: the public address, where it listens, and loopback. */
export function allowedHosts({ publicUrl, host, port }: ApiDeps['settings']): ReadonlySet<string> {
  const names = [...LOOPBACK, host];
  return new Set([new URL(publicUrl).host, ...names.map((name) => `${name}:${port}`), ...(port === 80 ? names : [])]);
}
