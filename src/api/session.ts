import { createHash, randomBytes } from 'node:crypto';
import type { Request } from 'express';
import type { Database } from '../../db/client';
import { deleteSessionOfToken, insertSession, type SignedInWith, useSession } from '../../db/queries/sessions';
import { KEY_OF_SETTINGS } from '../domain/key-of-settings';
import { hashApiKey } from '../security/api-keys';
import type { ApiDeps } from './deps';
import { Problem } from './problem';
import type { Caller } from './route';
import { isSameOrigin } from './same-origin';

const HOUR_MS = 3_600_000;
/** A session ends when nobody has used it for so long. */
const IDLE_MS = 12 * HOUR_MS;
/** And after a week in any case. */
const MOST_MS = 7 * 24 * HOUR_MS;

/** Moments before which a session must not have been used last, and not been opened. */
export const sessionsSince = (now: string): { used: string; opened: string } => ({
  used: new Date(Date.parse(now) - IDLE_MS).toISOString(),
  opened: new Date(Date.parse(now) - MOST_MS).toISOString(),
});

/** 256 random bits. */
export const newToken = (): string => randomBytes(32).toString('base64url');
/** What is stored of a token. It has as much entropy as the hash. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

type SessionSettings = Pick<ApiDeps['settings'], 'publicUrl'>;

/** Browsers keep cookies by host, whatever the port: two Syncs of one machine have two names. */
function cookieName({ publicUrl }: SessionSettings): string {
  const { protocol, port } = new URL(publicUrl);
  return protocol === 'https:' ? '__Host-sync_session' : `sync_session_${port || '80'}`;
}

/** The header that gives a browser its session: out of reach of scripts, and of requests that other sites cause. */
export function sessionCookie(settings: SessionSettings, token: string): string {
  const isSecure = settings.publicUrl.startsWith('https:');
  return `${cookieName(settings)}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${MOST_MS / 1_000}${isSecure ? '; Secure' : ''}`;
}

/** The header that takes it away. */
export const noSessionCookie = (settings: SessionSettings): string =>
  `${sessionCookie(settings, '').replace(/Max-Age=\d+/, 'Max-Age=0')}`;

/**
 * The token that a browser sends of its session, whether or not that has ended.
 * @param cookies the request's header
 */
export function sessionTokenOf(cookies: string | undefined, settings: SessionSettings): string | null {
  const name = `${cookieName(settings)}=`;
  const own = (cookies ?? '').split(';').map((cookie) => cookie.trim());
  return own.find((cookie) => cookie.startsWith(name))?.slice(name.length) || null;
}

/**
 * Opens a session in place of the one that the browser had.
 * @param before the token of that
 * @returns the id of the session, and its token
 */
export async function openSession(
  tx: Database,
  signedIn: SignedInWith,
  before: string | null,
  now: string,
): Promise<{ sessionId: string; token: string }> {
  if (before !== null) await deleteSessionOfToken(tx, hashToken(before));
  const token = newToken();
  return { token, sessionId: await insertSession(tx, { ...signedIn, tokenHash: hashToken(token), now }) };
}

/** What a session is opened with. */
export const signedInWith = ({ id }: Caller, { apiKey }: ApiDeps['settings']): SignedInWith =>
  id === KEY_OF_SETTINGS
    ? { apiKeyId: null, settingsKeyHash: apiKey === undefined ? null : hashApiKey(apiKey) }
    : { apiKeyId: id, settingsKeyHash: null };

/**
 * Who makes a call by the session of a browser; null when there is none, or it has ended.
 * @param token that the browser sent
 * @throws Problem 403 for a change that another site may have caused
 */
export async function sessionCaller(request: Request, token: string, deps: ApiDeps): Promise<Caller | null> {
  const { database, settings, now } = deps;
  const session = await useSession(database.sql, hashToken(token), now(), sessionsSince(now()));
  if (!session) return null;
  const isOfSettings = session.apiKeyId === null;
  // the key of the settings is another one by now
  if (isOfSettings && (!settings.apiKey || session.settingsKeyHash !== hashApiKey(settings.apiKey))) return null;
  if (!isSameOrigin(request)) {
    throw new Problem(403, 'A change by a session must come from a page of Sync itself.');
  }
  const { sessionId } = session;
  if (isOfSettings) return { id: KEY_OF_SETTINGS, name: KEY_OF_SETTINGS, role: 'admin', sessionId };
  return session.key && { id: session.apiKeyId ?? '', ...session.key, sessionId };
}
