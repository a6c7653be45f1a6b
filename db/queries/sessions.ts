import { and, eq, gt, lt, or, sql } from 'drizzle-orm';
import type { Database } from '../client';
import { apiKeys } from '../schema/definitions';
import { sessions, signInLinks } from '../schema/sessions';

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

/** How exactly the last use is known; each call would otherwise write. */
const LAST_USE = sql`interval '1 minute'`;
const isToBeNoted = (now: string) => sql<boolean>`${sessions.lastUsedAt} < ${now}::timestamptz - ${LAST_USE}`;

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
 * @returns null when there is none, it has ended, or its key was revoked
 */
export async function useSession(
  db: Database,
  tokenHash: string,
  now: string,
  since: { used: string; opened: string },
): Promise<SessionRow | null> {
  const [row] = await db
    .select({ session: sessions, key: apiKeys, isToBeNoted: isToBeNoted(now) })
    .from(sessions)
    .leftJoin(apiKeys, eq(apiKeys.apiKeyId, sessions.apiKeyId))
    .where(
      and(
        eq(sessions.tokenHash, tokenHash),
        gt(sessions.lastUsedAt, since.used),
        gt(sessions.createdAt, since.opened),
        or(eq(apiKeys.revoked, false), sql`${sessions.apiKeyId} is null`),
      ),
    );
  if (!row) return null;
  const { sessionId, apiKeyId, settingsKeyHash } = row.session;
  // most calls write nothing
  if (row.isToBeNoted) {
    await db
      .update(sessions)
      .set({ lastUsedAt: now })
      .where(and(eq(sessions.sessionId, sessionId), isToBeNoted(now)));
  }
  return { sessionId, apiKeyId, settingsKeyHash, key: row.key && { name: row.key.name, role: row.key.role } };
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
