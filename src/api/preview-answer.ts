import type { z } from 'zod';
import { listPlanned, type PlannedRow, type PreviewRow } from '../../db/queries/previews-read';
import { ambiguousIds } from '../domain/import-decision';
import type { MappingRefusal } from '../domain/mapping';
import type { Value, Values } from '../domain/object-description';
import { actionOf, outcomeOfAction, PLAN_ACTIONS, type PreviewReport } from '../domain/preview';
import { progressOf } from '../domain/progress';
import type { ApiDeps } from './deps';
import { previewLinks } from './links';
import { valuesFor } from './masking';
import { type LinksOf, recordLinksOf } from './record-links';
import type { plannedRecord, previewAnswer } from './schemas/previews';
import type { Role } from './schemas/roles';

type PlannedRecord = z.input<typeof plannedRecord>;

/** A record of a preview's plan as it is shown. @param role of who is told: see `valuesFor` */
export function toPlanned(preview: PreviewRow, row: PlannedRow, role: Role, linksOf: LinksOf): PlannedRecord {
  const { sourceId, matchKey, outcome, reason, message, field, destinationId } = row;
  const action = actionOf[outcome];
  const isProblem = action === 'refuse' || action === 'skip';
  const code = reason ?? 'unknown';
  const { value = null } = valuesFor(role, { value: refusedValue(preview, row, code) });
  return {
    sourceId,
    matchKey,
    action,
    reason,
    message,
    field,
    destinationId,
    before: valuesOf(row.before, role),
    after: valuesOf(row.after, role),
    problems: isProblem ? [{ code, field, message, value }] : warningsOf(row),
    links: linksOf(row),
    matches: matchesOf(message, linksOf),
  };
}

/** The records of the destination that the message of an ambiguous one names. */
const matchesOf = (message: string | null, linksOf: LinksOf): PlannedRecord['matches'] =>
  ambiguousIds(message).map((id) => ({ id, link: linksOf({ sourceId: id, destinationId: id }).destination }));

/** What the source holds in the field for whose sake a record is refused; null where that is not one field, or is kept no longer. */
function refusedValue({ report }: PreviewRow, { field, body }: PlannedRow, code: string): Value {
  const group = report?.problems.find((one) => one.action === 'refuse' && one.code === code && one.field === field);
  // written by the activity that extracts
  const values = body === null ? [] : (JSON.parse(body) as Value[]);
  return values[group?.position ?? -1] ?? null;
}

// written by the activity that plans
const valuesOf = (json: string | null, role: Role): Values | null =>
  json === null ? null : valuesFor(role, JSON.parse(json) as Values);

/** The cells of a record of a plan in a download: values as JSON, as they were planned. @param role see `toPlanned` */
export const toCells = (row: PlannedRow, role: Role) => {
  const cell = (json: string | null) =>
    json !== null && role === 'viewer' ? JSON.stringify(valuesOf(json, role)) : json;
  return { ...row, action: actionOf[row.outcome], before: cell(row.before), after: cell(row.after) };
};

// written by the activity that plans
const warningsOf = ({ warnings }: PlannedRow): PlannedRecord['problems'] =>
  warnings === null ? [] : (JSON.parse(warnings) as MappingRefusal[]).map((warning) => ({ ...warning, value: null }));

/** Records of each action that are shown beside the figures. */
const SAMPLES = 5;

/** A preview as it is shown. @param role of who is told: see `valuesFor` */
export async function toPreview(deps: ApiDeps, row: PreviewRow, role: Role): Promise<z.input<typeof previewAnswer>> {
  const { previewId, syncId, report, state } = row;
  const linksOf = await recordLinksOf(deps, row);
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
    samples: state === 'completed' ? await samplesOf(deps, row, role, linksOf) : [],
    duplicates: report ? duplicatesFor(role, report) : null,
    problems: (report?.problems ?? []).map(({ position: _, ...group }) => ({
      ...group,
      examples: group.examples.map((one) => ({ ...one, ...valuesFor(role, { value: one.value }) })),
      matches: matchesOf(group.message, linksOf),
    })),
    warnings: report?.warnings ?? [],
    filter: (report?.filter ?? []).map(({ columns, ...finding }) => ({
      ...finding,
      columns: columns.map((column) => ({
        ...column,
        values: column.values.map((one) => ({ ...one, ...valuesFor(role, { value: one.value }) })),
      })),
    })),
    forecast: report?.forecast ?? null,
    problem: row.problem,
    startedAt: row.startedAt ?? row.scheduledFor,
    finishedAt: row.finishedAt,
    links: previewLinks(deps, previewId, syncId),
  };
}

/** The dates that decide are values of records too. */
const duplicatesFor = (role: Role, { duplicates: { groups, largest, decidedBy = null } }: PreviewReport) => ({
  groups,
  largest: largest.map(({ dates = [], ...group }) => ({
    ...group,
    dates: dates.map(({ sourceId, value }) => {
      const { shown = null } = valuesFor(role, { shown: value });
      return { sourceId, value: shown === null ? null : String(shown) };
    }),
  })),
  decidedBy,
});

async function samplesOf(
  { database: { db } }: ApiDeps,
  row: PreviewRow,
  role: Role,
  linksOf: LinksOf,
): Promise<PlannedRecord[]> {
  const perAction = await Promise.all(
    PLAN_ACTIONS.map((action) => listPlanned(db, row, null, SAMPLES, { outcome: outcomeOfAction[action] })),
  );
  return perAction.flat().map((planned) => toPlanned(row, planned, role, linksOf));
}
