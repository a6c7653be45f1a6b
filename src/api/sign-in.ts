import type { Request } from 'express';
import { useApiKey } from '../../db/queries/api-keys';
import { KEY_OF_SETTINGS } from '../domain/key-of-settings';
import { hashApiKey, isSameKey, looksLikeApiKey } from '../security/api-keys';
import type { ApiDeps, RouteDeps } from './deps';
import { Problem } from './problem';
import type { Caller } from './route';
import { ROLES, type Role } from './schemas/roles';
import { hashToken, sessionCaller, sessionTokenOf } from './session';

/** Who makes a call, by its key, or by the session of a browser. @throws Problem 401, 403, 429 */
export async function callerOf(request: Request, deps: RouteDeps): Promise<Caller> {
  const { authorization } = request.headers;
  const caller = (authorization ? null : await browserCaller(request, deps)) ?? (await keyCaller(request, deps));
  await deps.rates.take(caller.id);
  return caller;
}

/**
 * Whether whoever began a long answer may still have it: the key was not revoked meanwhile, and the session has not ended. What cannot be
 * told just now is taken for a yes.
 */
export const isStillKnown = (request: Request, deps: RouteDeps): Promise<boolean> =>
  callerOf(request, deps).then(
    () => true,
    (error: unknown) => !(error instanceof Problem && error.status === 401),
  );

/** By the session of a browser; tokens that are none are counted as wrong keys are. */
async function browserCaller(request: Request, deps: RouteDeps): Promise<Caller | null> {
  const token = sessionTokenOf(request.headers.cookie, deps.settings);
  if (token === null) return null;
  const [address, hash] = [request.ip ?? '', hashToken(token)];
  await deps.rates.demandFewRefusals(address, hash);
  const caller = await sessionCaller(request, token, deps);
  await deps.rates.judge(address, hash, caller !== null);
  return caller;
}

async function keyCaller(request: Request, deps: RouteDeps): Promise<Caller> {
  const { rates } = deps;
  const [, key] = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (key === undefined) throw notSignedIn('Send an API key: `Authorization: Bearer KEY`.');
  const address = request.ip ?? '';
  const keyHash = hashApiKey(key);
  await rates.demandFewRefusals(address, keyHash);
  const caller = await callerOfKey(key, deps);
  await rates.judge(address, keyHash, caller !== null);
  if (!caller) throw notSignedIn('The API key is wrong, was revoked, or has expired.');
  return caller;
}

async function callerOfKey(key: string, { database, settings }: ApiDeps): Promise<Caller | null> {
  if (settings.apiKey !== undefined && isSameKey(key, settings.apiKey)) {
    return { id: KEY_OF_SETTINGS, name: KEY_OF_SETTINGS, role: 'admin' };
  }
  // what cannot be a key of ours is not looked up
  const row = looksLikeApiKey(key) ? await useApiKey(database.sql, hashApiKey(key)) : null;
  return row && { id: row.apiKeyId, name: row.name, role: row.role };
}

const notSignedIn = (detail: string): Problem =>
  new Problem(401, detail, [], { 'WWW-Authenticate': 'Bearer realm="Sync"' });

/** @throws Problem 403 when the role of a call does not reach */
export function demandRole(caller: Caller, role: Role): void {
  if (ROLES.indexOf(caller.role) >= ROLES.indexOf(role)) return;
  throw new Problem(403, `This needs the role ${role}; the key has the role ${caller.role}.`);
}
