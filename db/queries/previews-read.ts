import { and, asc, eq, max, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import type { MappingRefusal } from '../../src/domain/mapping';
import {
  PREVIEW_PHASES,
  PREVIEW_STATES,
  type PreviewMode,
  type PreviewReport,
  type Sampling,
} from '../../src/domain/preview';
import type { Database } from '../client';
import { syncs } from '../schema/definitions';
import { executions, outcomes, stagedRecords } from '../schema/executions';
import { plannedRecords, previews } from '../schema/previews';
import { type ExecutionRow, isWanted, type OutcomeRow, type RecordFilter } from './executions-read';

/**
 * Previews are numbered behind all executions that a sync can ever have, so that whatever goes by the numbers of executions, in a
 * worker of whichever release, never meets one.
 */
const NUMBERS_AFTER = 1_000_000_000;

export interface NewPreview {
  syncId: string;
  /** The version whose definition was checked. */
  version: number;
  mode: PreviewMode;
  sampling: Sampling | null;
  /** ISO 8601 UTC; relative filters go by it. */
  now: string;
}

/**
 * Opens a preview of a sync, within a transaction. The sync itself stays as it is.
 * @returns its id; null when another version has been saved meanwhile
 */
export async function openPreview(
  tx: Database,
  { syncId, version, mode, sampling, now }: NewPreview,
): Promise<string | null> {
  const [sync] = await tx
    .select({ syncId: syncs.syncId })
    .from(syncs)
    .where(and(eq(syncs.syncId, syncId), eq(syncs.version, version)))
    .for('no key update');
  if (!sync) return null;
  const [last] = await tx
    .select({ number: max(executions.number) })
    .from(executions)
    .where(and(eq(executions.syncId, syncId), eq(executions.purpose, 'preview')));
  const [opened] = await tx
    .insert(executions)
    .values({
      syncId,
      version,
      purpose: 'preview',
      number: (last?.number ?? NUMBERS_AFTER) + 1,
      trigger: 'manual',
      scheduledFor: now,
      startedAt: now,
      state: 'previewing',
      stagedOn: now.slice(0, 10),
      asOf: now,
    })
    .returning({ previewId: executions.executionId });
  if (!opened) throw new Error('A preview that was just inserted is missing.');
  const { previewId } = opened;
  await tx
    .insert(previews)
    .values({ previewId, mode, sampleAbove: sampling?.above ?? null, sampleRecords: sampling?.records ?? null });
  return previewId;
}

const state = z.enum(PREVIEW_STATES);
const phase = z.enum(PREVIEW_PHASES).nullable();

/** A preview with how far it is, and what it has found. */
export type PreviewRow = Omit<ExecutionRow, 'state' | 'phase' | 'executionId'> &
  Omit<typeof previews.$inferSelect, 'report'> & {
    state: z.output<typeof state>;
    phase: z.output<typeof phase>;
    report: PreviewReport | null;
  };

export async function findPreview(db: Database, previewId: string): Promise<PreviewRow | null> {
  const [row] = await db
    .select({ preview: previews, execution: executions })
    .from(previews)
    .innerJoin(executions, eq(executions.executionId, previews.previewId))
    .where(eq(previews.previewId, previewId));
  if (!row) return null;
  const { execution, preview } = row;
  return {
    ...execution,
    ...preview,
    number: execution.number - NUMBERS_AFTER,
    state: state.parse(execution.state),
    phase: phase.parse(execution.phase),
    // written by the activity that completes it
    report: preview.report === null ? null : (JSON.parse(preview.report) as PreviewReport),
  };
}

/**
 * An entry of a preview's ledger with the values that a run would write; all of them null for a record that is not written. `body`: of a
 * record that is refused, the JSON array of the values that were read; null for every other, and where they are kept no longer.
 */
export type PlannedRow = OutcomeRow & Record<'before' | 'after' | 'warnings' | 'body', string | null>;

/** Which records of a preview are wanted. */
export interface PlannedFilter extends RecordFilter {
  /** A field of the destination that would be written, or for whose sake the record is refused or skipped. */
  field?: string | undefined;
  /** The code of what is probably not meant so, although it would be written; in that field, where one is given. */
  warning?: string | undefined;
}

/** The values are JSON without blanks, in which a quotation mark before a colon ends a name: one within a text has a backslash before it. */
const writes = (field: string) => sql`strpos(${plannedRecords.after}, ${`${JSON.stringify(field)}:`}) > 0`;

const isWarned = (warning: Partial<MappingRefusal>) =>
  sql`${plannedRecords.warnings}::jsonb @> ${JSON.stringify([warning])}::jsonb`;

/** Records of a preview in source order. @param after sort key of the last one of the page before */
export async function listPlanned(
  db: Database,
  { previewId, stagedOn }: Pick<PreviewRow, 'previewId' | 'stagedOn'>,
  after: string | null,
  limit: number,
  { field, warning, ...filter }: PlannedFilter,
): Promise<PlannedRow[]> {
  const rows = await db
    .select({ outcome: outcomes, planned: plannedRecords, body: stagedRecords.body })
    .from(outcomes)
    .leftJoin(
      plannedRecords,
      and(
        eq(plannedRecords.stagedOn, stagedOn),
        eq(plannedRecords.executionId, outcomes.executionId),
        eq(plannedRecords.sortKey, outcomes.sortKey),
      ),
    )
    .leftJoin(
      stagedRecords,
      and(
        eq(outcomes.outcome, 'failed'),
        eq(stagedRecords.stagedOn, stagedOn),
        eq(stagedRecords.executionId, outcomes.executionId),
        eq(stagedRecords.sortKey, outcomes.sortKey),
      ),
    )
    .where(
      and(
        isWanted(previewId, after, filter),
        warning === undefined ? undefined : isWarned({ code: warning, ...(field === undefined ? {} : { field }) }),
        field === undefined || warning !== undefined ? undefined : or(eq(outcomes.field, field), writes(field)),
      ),
    )
    .orderBy(asc(outcomes.sortKey))
    .limit(limit);
  return rows.map(({ outcome, planned, body }) => ({
    ...outcome,
    body,
    before: planned?.before ?? null,
    after: planned?.after ?? null,
    warnings: planned?.warnings ?? null,
  }));
}

/** Leaves a wish to end a preview, if it still runs. @returns whether it did */
export async function cancelPreview(tx: Database, previewId: string): Promise<boolean> {
  const rows = await tx
    .update(executions)
    .set({ stop: 'cancel' })
    .where(and(eq(executions.executionId, previewId), eq(executions.state, 'previewing')))
    .returning({ previewId: executions.executionId });
  return rows.length > 0;
}

/** True while a preview of a sync is open. */
export async function isPreviewing(tx: Database, syncId: string): Promise<boolean> {
  const rows = await tx
    .select({ previewId: executions.executionId })
    .from(executions)
    .where(and(eq(executions.syncId, syncId), eq(executions.state, 'previewing')))
    .limit(1);
  return rows.length > 0;
}
