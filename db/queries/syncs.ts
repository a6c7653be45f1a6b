import { and, asc, desc, eq, inArray, lt, or, sql } from 'drizzle-orm';
import type { DraftDefinition } from '../../src/domain/definition';
import type { SyncStatus } from '../../src/domain/outcome';
import type { Database } from '../client';
import { syncs, syncVersions } from '../schema/definitions';
import { isPreviewing } from './previews-read';
import { isExecuting } from './wishes';

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

export interface SyncRow {
  syncId: string;
  name: string;
  status: SyncStatus;
  version: number;
  problem: string | null;
  nextRunAt: string | null;
  activation: number;
  activatedAt: string | null;
  createdAt: string;
  updatedAt: string;
  definition: DraftDefinition;
}

const shown = {
  syncId: syncs.syncId,
  name: syncs.name,
  status: syncs.status,
  version: syncs.version,
  problem: syncs.problem,
  nextRunAt: syncs.nextRunAt,
  activation: syncs.activation,
  activatedAt: syncs.activatedAt,
  createdAt: syncs.createdAt,
  updatedAt: syncs.updatedAt,
  definition: syncVersions.definition,
};

const newest = and(eq(syncVersions.syncId, syncs.syncId), eq(syncVersions.version, syncs.version));

export async function findSync(db: Database, syncId: string): Promise<SyncRow | null> {
  const [row] = await db.select(shown).from(syncs).innerJoin(syncVersions, newest).where(eq(syncs.syncId, syncId));
  return row ?? null;
}

/** The syncs of these ids or names that are there; several can have the same name. */
export const syncsOf = (
  db: Database,
  wanted: { ids: readonly string[]; names: readonly string[] },
): Promise<SyncRow[]> =>
  db
    .select(shown)
    .from(syncs)
    .innerJoin(syncVersions, newest)
    .where(or(inArray(syncs.syncId, [...wanted.ids]), inArray(syncs.name, [...wanted.names])));

/** Names that more than one sync has. */
export async function sharedNames(db: Database): Promise<Set<string>> {
  const rows = await db.select({ name: syncs.name }).from(syncs).groupBy(syncs.name).having(sql`count(*) > 1`);
  return new Set(rows.map(({ name }) => name));
}

/** Waits, within a transaction, until no other one that holds this lock adds syncs by their names, which no index keeps apart. */
export async function lockSyncNames(tx: Database): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('sync_names'))`);
}

/** Syncs in the order in which they were made. @param after the last one of the page before */
export const listSyncs = (
  db: Database,
  after: { createdAt: string; syncId: string } | null,
  limit: number,
): Promise<SyncRow[]> =>
  db
    .select(shown)
    .from(syncs)
    .innerJoin(syncVersions, newest)
    .where(
      // as one comparison it is a place in the index, from which on it is read
      after === null
        ? undefined
        : sql`(${syncs.createdAt}, ${syncs.syncId}) > (${after.createdAt}::timestamptz, ${after.syncId}::uuid)`,
    )
    .orderBy(asc(syncs.createdAt), asc(syncs.syncId))
    .limit(limit);

/** Saves a new sync as a draft, within a transaction. */
export async function insertSync(tx: Database, definition: DraftDefinition, savedBy: string): Promise<SyncRow> {
  // to the millisecond, as cursors carry it
  const createdAt = sql`date_trunc('milliseconds', now())`;
  const [row] = await tx.insert(syncs).values({ name: definition.name, createdAt }).returning({ syncId: syncs.syncId });
  if (!row) throw new Error('A sync that was just inserted is missing.');
  await tx.insert(syncVersions).values({ syncId: row.syncId, version: 1, definition, savedBy });
  const saved = await findSync(tx, row.syncId);
  if (!saved) throw new Error('A sync that was just inserted is missing.');
  return saved;
}

/**
 * Saves a new version of a definition.
 * @param expected the version that the writer has seen
 * @returns null when another version has been saved meanwhile
 */
export async function saveVersion(
  db: Database,
  syncId: string,
  expected: number,
  definition: DraftDefinition,
  savedBy: string,
): Promise<SyncRow | null> {
  const changed = await db
    .update(syncs)
    .set({ name: definition.name, version: expected + 1, updatedAt: sql`now()` })
    .where(and(eq(syncs.syncId, syncId), eq(syncs.version, expected)))
    .returning({ syncId: syncs.syncId });
  if (changed.length === 0) return null;
  await db.insert(syncVersions).values({ syncId, version: expected + 1, definition, savedBy });
  return findSync(db, syncId);
}

export interface VersionRow {
  version: number;
  definition: DraftDefinition;
  savedBy: string;
  savedAt: string;
}

/** The versions of a sync, the newest first. @param before only older ones than this */
export const listVersions = (
  db: Database,
  syncId: string,
  before: number | null,
  limit: number,
): Promise<VersionRow[]> =>
  db
    .select({
      version: syncVersions.version,
      definition: syncVersions.definition,
      savedBy: syncVersions.savedBy,
      savedAt: syncVersions.savedAt,
    })
    .from(syncVersions)
    .where(and(eq(syncVersions.syncId, syncId), before === null ? undefined : lt(syncVersions.version, before)))
    .orderBy(desc(syncVersions.version))
    .limit(limit);

/**
 * Deletes a sync with its executions, within a transaction.
 * @param keep statuses in which it stays
 * @returns why it stays, or null when it is gone
 */
export async function deleteSync(
  tx: Database,
  syncId: string,
  keep: readonly SyncStatus[],
): Promise<SyncStatus | 'executing' | 'previewing' | null> {
  const [row] = await tx.select({ status: syncs.status }).from(syncs).where(eq(syncs.syncId, syncId)).for('update');
  if (row && keep.includes(row.status)) return row.status;
  if (await isExecuting(tx, syncId)) return 'executing';
  if (await isPreviewing(tx, syncId)) return 'previewing';
  await tx.delete(syncs).where(eq(syncs.syncId, syncId));
  return null;
}

/**
 * Makes a sync active, if it is not.
 * @param checked.version whose definition was checked: another one is not activated
 * @param checked.applies the preview whose plan is carried out, instead of what the schedule says
 * @returns the number of the activation; null when its status forbids it, or another version was saved
 */
export async function activateSync(
  db: Database,
  syncId: string,
  checked: { version: number; applies: string | null },
  from: readonly SyncStatus[],
  now: string,
): Promise<number | null> {
  const [row] = await db
    .update(syncs)
    .set({
      status: 'active',
      activation: sql`${syncs.activation} + 1`,
      activatedAt: now,
      applies: checked.applies,
      problem: null,
      updatedAt: now,
      nextRunAt: null,
    })
    .where(and(eq(syncs.syncId, syncId), eq(syncs.version, checked.version), inArray(syncs.status, [...from])))
    .returning({ activation: syncs.activation });
  return row?.activation ?? null;
}

/** Changes a sync's status if it is one of `from`. @returns whether it was */
export async function changeStatus(
  db: Database,
  syncId: string,
  from: readonly SyncStatus[],
  to: SyncStatus,
  now: string,
): Promise<boolean> {
  const rows = await db
    .update(syncs)
    .set({ status: to, updatedAt: now, ...(to === 'active' ? { problem: null } : {}) })
    .where(and(eq(syncs.syncId, syncId), inArray(syncs.status, [...from])))
    .returning({ syncId: syncs.syncId });
  return rows.length > 0;
}
