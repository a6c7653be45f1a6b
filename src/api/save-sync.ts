import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../../db/client';
import { insertSync, type SyncRow, saveVersion } from '../../db/queries/syncs';
import { noteUsedFields } from '../../db/queries/used-fields';
import { noteWish } from '../../db/queries/wishes';
import type { DraftDefinition } from '../domain/definition';
import { LIVE_STATUSES } from '../domain/sync-status';
import { type Checked, demandComplete, demandStorable, type Systems } from './definition-check';
import type { ApiDeps } from './deps';
import { Problem } from './problem';
import type { Note } from './route';

/** Saves a new sync as a draft, within a transaction, and notes it in the audit. */
export async function createSync(tx: Database, note: Note, definition: DraftDefinition, by: string): Promise<SyncRow> {
  const row = await insertSync(tx, definition, by);
  await note('sync.create', `sync/${row.syncId}`, { name: row.name });
  return row;
}

/** A new version of a sync that may be saved, since it has been checked as far as its status demands. */
export interface SyncChange {
  before: SyncRow;
  definition: DraftDefinition;
  /** Null for a sync that is not live, which may be incomplete. */
  checked: Checked | null;
}

/**
 * Checks a new version of a sync: on one that is live it must be complete.
 * @param systems what it is checked against; the connections as they are stored unless told otherwise
 * @throws Problem
 */
export async function checkSyncChange(
  deps: ApiDeps,
  before: SyncRow,
  definition: DraftDefinition,
  signal: AbortSignal,
  systems?: Systems,
): Promise<SyncChange> {
  demandStorable(definition);
  const isLive = LIVE_STATUSES.includes(before.status);
  return { before, definition, checked: isLive ? await demandComplete(deps, definition, signal, systems) : null };
}

/**
 * Saves a version that was checked, within a transaction, and notes it in the audit; a changed schedule of a live sync moves its timer.
 * @param saving.expected the version that the change was made on
 * @throws Problem 412 when another version was saved meanwhile; 409 when it was activated
 */
export async function saveSyncChange(
  tx: Database,
  note: Note,
  { before, definition, checked }: SyncChange,
  saving: { expected: number; by: string },
): Promise<SyncRow> {
  const { syncId } = before;
  const saved = await saveVersion(tx, syncId, saving.expected, definition, saving.by);
  if (!saved) {
    throw new Problem(412, 'Someone else has saved the sync meanwhile. Read it again, and repeat your change.');
  }
  if (!checked && LIVE_STATUSES.includes(saved.status)) {
    throw new Problem(409, 'The sync was activated meanwhile. Repeat your change, so that it is checked.');
  }
  if (checked) {
    await noteUsedFields(tx, { syncId, version: saved.version }, checked.usedFields);
    if (!isDeepStrictEqual(before.definition.schedule, definition.schedule)) {
      await noteWish(tx, { syncId, kind: 'changeSchedule', askedBy: saving.by });
    }
  }
  await note('sync.change', `sync/${syncId}`, { version: saved.version });
  return saved;
}
