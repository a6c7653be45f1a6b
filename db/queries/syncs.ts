import { and, eq } from 'drizzle-orm';
import type { DraftDefinition } from '../../src/domain/definition';
import type { Database } from '../client';
import { syncVersions } from '../schema/definitions';

/**
 * The definition of a version of a sync, as it was saved: complete or not.
 * @throws Error when there is no such version
 */
export async function loadDefinition(db: Database, syncId: string, version: number): Promise<DraftDefinition> {
  const [row] = await db
    .select({ definition: syncVersions.definition })
    .from(syncVersions)
    .where(and(eq(syncVersions.syncId, syncId), eq(syncVersions.version, version)));
  if (!row) throw new Error(`Version ${version} of sync ${syncId} is gone.`);
  return row.definition;
}
