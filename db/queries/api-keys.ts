import { and, asc, eq, sql } from 'drizzle-orm';
import type { Database } from '../client';
import { apiKeys } from '../schema/definitions';

export type ApiKeyRow = typeof apiKeys.$inferSelect;

/** The key of a hash, and notes that it was used; null for one that is unknown or revoked. */
export async function useApiKey(db: Database, keyHash: string): Promise<ApiKeyRow | null> {
  const [row] = await db
    .update(apiKeys)
    .set({ lastUsedAt: sql`now()` })
    .where(and(eq(apiKeys.keyHash, keyHash), eq(apiKeys.revoked, false)))
    .returning();
  return row ?? null;
}

export const listApiKeys = (db: Database): Promise<ApiKeyRow[]> =>
  db.select().from(apiKeys).where(eq(apiKeys.revoked, false)).orderBy(asc(apiKeys.createdAt));

export async function insertApiKey(
  db: Database,
  key: { name: string; role: ApiKeyRow['role']; keyHash: string },
): Promise<ApiKeyRow> {
  const [row] = await db.insert(apiKeys).values(key).returning();
  if (!row) throw new Error('An API key that was just inserted is missing.');
  return row;
}

/** @returns whether there was such a key */
export async function revokeApiKey(db: Database, apiKeyId: string): Promise<boolean> {
  const rows = await db
    .update(apiKeys)
    .set({ revoked: true })
    .where(and(eq(apiKeys.apiKeyId, apiKeyId), eq(apiKeys.revoked, false)))
    .returning({ apiKeyId: apiKeys.apiKeyId });
  return rows.length > 0;
}
