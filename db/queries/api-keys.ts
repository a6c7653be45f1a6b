import { and, asc, eq, gt, or } from 'drizzle-orm';
import type { Database } from '../client';
import { apiKeys } from '../schema/definitions';
import type { Sql } from './executions';

export type ApiKeyRow = typeof apiKeys.$inferSelect;

/** Who a key is. */
type UsedApiKey = Pick<ApiKeyRow, 'apiKeyId' | 'name' | 'role'>;

/** The key of a hash, and notes that it was used; null for one that is unknown, revoked or expired. Asked by each call, so by a prepared statement. */
export async function useApiKey(sql: Sql, keyHash: string): Promise<UsedApiKey | null> {
  // how exactly the last use is known; each call would otherwise write
  const isToBeNoted = sql`coalesce(last_used_at < now() - interval '1 minute', true)`;
  const [row] = await sql<(UsedApiKey & { isToBeNoted: boolean })[]>`
    select api_key_id as "apiKeyId", name, role, ${isToBeNoted} as "isToBeNoted" from api_keys where key_hash = ${keyHash} and not revoked
      and (expires_at is null or expires_at > now())`;
  if (!row) return null;
  const { isToBeNoted: isNow, ...key } = row;
  // most calls write nothing
  if (isNow) await sql`update api_keys set last_used_at = now() where api_key_id = ${key.apiKeyId} and ${isToBeNoted}`;
  return key;
}

/** Keys that are not revoked, by name, those that have expired among them. @param after the last one of the page before */
export const listApiKeys = (
  db: Database,
  after: { name: string; apiKeyId: string } | null,
  limit: number,
): Promise<ApiKeyRow[]> =>
  db
    .select()
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.revoked, false),
        after === null
          ? undefined
          : or(gt(apiKeys.name, after.name), and(eq(apiKeys.name, after.name), gt(apiKeys.apiKeyId, after.apiKeyId))),
      ),
    )
    .orderBy(asc(apiKeys.name), asc(apiKeys.apiKeyId))
    .limit(limit);

/** @returns null when a key that is not revoked has the name */
export async function insertApiKey(
  tx: Database,
  key: { name: string; role: ApiKeyRow['role']; keyHash: string; expiresAt: string | null },
): Promise<ApiKeyRow | null> {
  const taken = await tx
    .select({ apiKeyId: apiKeys.apiKeyId })
    .from(apiKeys)
    .where(and(eq(apiKeys.name, key.name), eq(apiKeys.revoked, false)));
  if (taken.length > 0) return null;
  const [row] = await tx.insert(apiKeys).values(key).returning();
  if (!row) throw new Error('An API key that was just inserted is missing.');
  return row;
}

/** @returns the name of the key; null when there is no such key, or it was revoked before */
export async function revokeApiKey(tx: Database, apiKeyId: string): Promise<string | null> {
  const [row] = await tx
    .update(apiKeys)
    .set({ revoked: true })
    .where(and(eq(apiKeys.apiKeyId, apiKeyId), eq(apiKeys.revoked, false)))
    .returning({ name: apiKeys.name });
  return row?.name ?? null;
}
