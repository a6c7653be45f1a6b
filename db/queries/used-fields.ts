import { and, eq } from 'drizzle-orm';
import type { UsedField } from '../../src/domain/field-types';
import type { Database } from '../client';
import { syncVersions } from '../schema/definitions';
import type { Sql } from './executions';

/** Notes the fields of a version, with the types that they had when it was checked. */
export async function noteUsedFields(
  db: Database,
  { syncId, version }: { syncId: string; version: number },
  usedFields: UsedField[],
): Promise<void> {
  await db
    .update(syncVersions)
    .set({ usedFields })
    .where(and(eq(syncVersions.syncId, syncId), eq(syncVersions.version, version)));
}

/** A person has looked at what has changed: the next run takes the types as they are then. */
export async function forgetUsedFields(db: Database, syncId: string): Promise<void> {
  await db.update(syncVersions).set({ usedFields: null }).where(eq(syncVersions.syncId, syncId));
}

/**
 * The fields of a version, as they were when it was checked.
 * @param present what is noted where nothing was
 */
export async function knownUsedFields(
  sql: Sql,
  { syncId, version }: { syncId: string; version: number },
  present: readonly UsedField[],
): Promise<UsedField[]> {
  const [row] = await sql<{ used_fields: UsedField[] }[]>`
    update sync_versions set used_fields = coalesce(used_fields, ${JSON.stringify(present)}::text::jsonb)
    where sync_id = ${syncId} and version = ${version} returning used_fields`;
  return row?.used_fields ?? [...present];
}
