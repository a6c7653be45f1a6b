import { and, eq, gt, lt, or } from 'drizzle-orm';
import type { Database } from '../client';
import { sessions, signInLinks } from '../schema/sessions';
import type { Sql } from './executions';

/** The key that somebody signed in with: exactly one of the two is there. */
export interface SignedInWith {
  apiKeyId: string | null;
  /** Of the key of the settings. */
  settingsKeyHash: string | null;
}

/** Who a session is. */
export interface SessionRow extends SignedInWith {
  sessionId: string;
  /** The key of the table; null for that of the settings. */
  key: { name: string; role: 'viewer' | 'operator' | 'admin' } | null;
}

/** The name and role of its key, where that is of the table. */
type SessionKey = { [Member in keyof NonNullable<SessionRow['key']>]: NonNullable<SessionRow['key']>[Member] | null };

/** @returns the id of the session */
export async function insertSession(
  tx: Database,
  session: SignedInWith & { tokenHash: string; now: string },
): Promise<string> {
  const { now, ...row } = session;
  const [inserted] = await tx
    .insert(sessions)
    .values({ ...row, createdAt: now, lastUsedAt: now })
    .returning({ sessionId: sessions.sessionId });
  if (!inserted) throw new Error('A session that was just inserted is missing.');
  return inserted.sessionId;
}

/**
 * The session of a token, and notes that it was used.
 * @param since.used before this it was not used for too long; `since.opened`: before this it was opened too long ago
 * @returns null when there is none, it has ended, or its key was revoked or has expired
 */
export async function useSession(
  sql: Sql,
  tokenHash: string,
  now: string,
  since: { used: string; opened: string },
): Promise<SessionRow | null> {
  // how exactly the last use is known; each call would otherwise write
  const isToBeNoted = sql`s.last_used_at < ${now}::timestamptz - interval '1 minute'`;
  const [row] = await sql<(Omit<SessionRow, 'key'> & SessionKey & { isToBeNoted: boolean })[]>`
    select s.session_id as "sessionId", s.api_key_id as "apiKeyId", s.settings_key_hash as "settingsKeyHash", k.name, k.role,
      ${isToBeNoted} as "isToBeNoted"
    from sessions s left join api_keys k on k.api_key_id = s.api_key_id
    where s.token_hash = ${tokenHash} and s.last_used_at > ${since.used} and s.created_at > ${since.opened}
      and (s.api_key_id is null or (not k.revoked and (k.expires_at is null or k.expires_at > now())))`;
  if (!row) return null;
  const { sessionId, apiKeyId, settingsKeyHash, name, role } = row;
  // most calls write nothing
  if (row.isToBeNoted) {
    await sql`update sessions s set last_used_at = ${now} where s.session_id = ${sessionId} and ${isToBeNoted}`;
  }
  return { sessionId, apiKeyId, settingsKeyHash, key: name === null || role === null ? null : { name, role } };
}

/** @returns whether it was there */
export async function deleteSession(tx: Database, sessionId: string): Promise<boolean> {
  const deleted = await tx
    .delete(sessions)
    .where(eq(sessions.sessionId, sessionId))
    .returning({ sessionId: sessions.sessionId });
  return deleted.length > 0;
}

/** Ends the session of a token, if it has one. */
export async function deleteSessionOfToken(tx: Database, tokenHash: string): Promise<void> {
  await tx.delete(sessions).where(eq(sessions.tokenHash, tokenHash));
}

export async function insertSignInLink(
  tx: Database,
  link: SignedInWith & { tokenHash: string; expiresAt: string },
): Promise<void> {
  await tx.insert(signInLinks).values(link);
}

/** Uses up a link. @returns null when there is none, it was used, or is too old */
export async function takeSignInLink(tx: Database, tokenHash: string, now: string): Promise<SignedInWith | null> {
  const [link] = await tx
    .delete(signInLinks)
    .where(and(eq(signInLinks.tokenHash, tokenHash), gt(signInLinks.expiresAt, now)))
    .returning({ apiKeyId: signInLinks.apiKeyId, settingsKeyHash: signInLinks.settingsKeyHash });
  return link ?? null;
}

/** Forgets sessions and links that have ended. @param since as for `useSession` */
export async function forgetSessions(
  db: Database,
  now: string,
  since: { used: string; opened: string },
): Promise<void> {
  await db.delete(sessions).where(or(lt(sessions.lastUsedAt, since.used), lt(sessions.createdAt, since.opened)));
  await db.delete(signInLinks).where(lt(signInLinks.expiresAt, now));
}
