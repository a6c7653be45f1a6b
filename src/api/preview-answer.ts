import type { z } from 'zod';
import { listPlanned, type PlannedRow, type PreviewRow } from '../../db/queries/previews-read';
import type { MappingRefusal } from '../domain/mapping';
import type { Values } from '../domain/object-description';
import { actionOf, outcomeOfAction, PLAN_ACTIONS } from '../domain/preview';
import { progressOf } from '../domain/progress';
import type { ApiDeps } from './deps';
import { previewLinks } from './links';
import type { plannedRecord, previewAnswer } from './schemas/previews';

type PlannedRecord = z.input<typeof plannedRecord>;

/** A record of a plan as it is shown. */
export function toPlanned(row: PlannedRow): PlannedRecord {
  const { sourceId, matchKey, outcome, reason, message, field, destinationId } = row;
  const action = actionOf[outcome];
  const isProblem = action === 'refuse' || action === 'skip';
  return {
    sourceId,
    matchKey,
    action,
    reason,
    message,
    field,
    destinationId,
    // written by the activity that plans
    before: row.before === null ? null : (JSON.parse(row.before) as Values),
    after: row.after === null ? null : (JSON.parse(row.after) as Values),
    problems: isProblem ? [{ code: reason ?? 'unknown', field, message }] : warningsOf(row),
  };
}

// written by the activity that plans
const warningsOf = ({ warnings }: PlannedRow): MappingRefusal[] =>
  warnings === null ? [] : (JSON.parse(warnings) as MappingRefusal[]);

/** Records of each action that are shown beside the figures. */
const SAMPLES = 5;

/** A preview as it is shown. */
export async function toPreview(deps: ApiDeps, row: PreviewRow): Promise<z.input<typeof previewAnswer>> {
  const { previewId, syncId, report, state } = row;
  return {
    id: previewId,
    syncId,
    number: row.number,
    version: row.version,
    state: state === 'previewing' ? 'running' : state,
    phase: row.phase,
    progress: progressOf(row, row.finishedAt ?? deps.now()),
    mode: row.mode,
    total: row.total,
    exact: row.exact,
    read: row.read,
    plan: {
      filteredOut: row.filteredOut,
      duplicates: row.duplicates,
      create: row.created,
      update: row.updated,
      unchanged: row.unchanged,
      skip: row.skipped,
      refuse: row.failed,
    },
    samples: state === 'completed' ? await samplesOf(deps, row) : [],
    duplicates: report?.duplicates ?? null,
    problems: report?.problems ?? [],
    warnings: report?.warnings ?? [],
    forecast: report?.forecast ?? null,
    problem: row.problem,
    startedAt: row.startedAt ?? row.scheduledFor,
    finishedAt: row.finishedAt,
    links: previewLinks(deps, previewId, syncId),
  };
}

async function samplesOf({ database }: ApiDeps, row: PreviewRow): Promise<PlannedRecord[]> {
  const perAction = await Promise.all(
    PLAN_ACTIONS.map((action) => listPlanned(database.db, row, null, SAMPLES, { outcome: outcomeOfAction[action] })),
  );
  return perAction.flat().map(toPlanned);
}
