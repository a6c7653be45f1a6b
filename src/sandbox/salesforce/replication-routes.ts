import { ApiError } from './api-error';
import type { Route } from './dispatcher';
import { type Answer, type Call, json } from './http-call';
import type { Org } from './org';
import type { ObjectSchema } from './org-schema';
import type { RecordAccess } from './record-access';
import { RECYCLE_BIN_MS } from './record-store';
import { isoSeconds } from './stored-values';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** REST guide, "sObject Get Updated". */
const UPDATED_DAYS = 30;
const MAX_IDS = 600_000;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})$/;

/** Both ends belong to it. Milliseconds since 1970, whole minutes. */
interface Span {
  start: number;
  end: number;
}

/**
 * What was changed, and what was deleted, between two instants (REST guide, "sObject Get Updated", "sObject Get Deleted").
 * To stand before the routes of single records, which would take these paths for Ids.
 */
export function replicationRoutes(access: RecordAccess): Route[] {
  return [
    {
      pattern: 'sobjects/:object/updated',
      methods: { GET: (call, { object = '' }) => updated(access, call, object) },
    },
    {
      pattern: 'sobjects/:object/deleted',
      methods: { GET: (call, { object = '' }) => deleted(access, call, object) },
    },
  ];
}

function updated(access: RecordAccess, call: Call, objectName: string): Answer {
  const { org } = access;
  const object = replicateable(access, objectName);
  const span = spanOf(call);
  if (span.start < org.now() - UPDATED_DAYS * DAY_MS)
    throw badDate(`startDate cannot be more than ${UPDATED_DAYS} days ago`);
  const sequences = org.core.database
    .prepare(
      `select seq from ${org.table(object).name} where "IsDeleted" = 0 and "SystemModstamp" between ? and ? order by seq limit ?`,
    )
    .pluck()
    .all(span.start, span.end, MAX_IDS + 1) as number[];
  refuseTooMany(sequences.length);
  const ids = sequences.map((sequence) => org.ids.encode(org.reference(object, sequence)));
  return json({ ids, latestDateCovered: latestDateCovered(org, span) });
}

function deleted(access: RecordAccess, call: Call, objectName: string): Answer {
  const { org } = access;
  const object = replicateable(access, objectName);
  const span = spanOf(call);
  const earliest = wholeMinutes(org.now() - RECYCLE_BIN_MS);
  if (span.start < earliest)
    throw badDate(`startDate cannot be before ${dateTime(earliest)}, the earliest date available`);
  const rows = org.core.database
    .prepare(
      `select seq, "_DeletedAt" as deletedAt from ${org.table(object).name} where "_DeletedAt" between ? and ? order by seq limit ?`,
    )
    .all(span.start, span.end, MAX_IDS + 1) as { seq: number; deletedAt: number }[];
  refuseTooMany(rows.length);
  const deletedRecords = rows.map(({ seq, deletedAt }) => ({
    id: org.ids.encode(org.reference(object, seq)),
    deletedDate: dateTime(deletedAt),
  }));
  return json({
    deletedRecords,
    earliestDateAvailable: dateTime(earliest),
    latestDateCovered: latestDateCovered(org, span),
  });
}

function replicateable(access: RecordAccess, objectName: string): ObjectSchema {
  const object = access.object(objectName);
  if (object.can('replicate')) return object;
  const text = `entity type ${object.name} does not support replicate`;
  throw new ApiError(400, 'INVALID_TYPE_FOR_OPERATION', text);
}

/** @throws ApiError INVALID_REPLICATION_DATE */
function spanOf({ query }: Call): Span {
  const start = minuteOf(query, 'start');
  const end = minuteOf(query, 'end');
  if (end < start) throw badDate('endDate must be after startDate');
  if (end - start < MINUTE_MS) throw badDate('endDate must be at least one minute after startDate');
  return { start, end };
}

/** Seconds are ignored. */
function minuteOf(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '';
  const time = TIME.test(text) ? Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')) : Number.NaN;
  if (Number.isNaN(time)) throw badDate(`${name} is not a valid date: ${text.slice(0, 40)}`);
  return wholeMinutes(time);
}

/** Where the next look should begin: the minute that has not ended yet is not covered. */
function latestDateCovered(org: Org, { end }: Span): string {
  return dateTime(Math.min(end, wholeMinutes(org.now())));
}

function refuseTooMany(count: number): void {
  if (count > MAX_IDS) throw new ApiError(400, 'EXCEEDED_ID_LIMIT', `more than ${MAX_IDS} ids in the specified range`);
}

function badDate(message: string): ApiError {
  return new ApiError(400, 'INVALID_REPLICATION_DATE', message);
}

function wholeMinutes(epochMs: number): number {
  return Math.floor(epochMs / MINUTE_MS) * MINUTE_MS;
}

function dateTime(epochMs: number): string {
  return `${isoSeconds(epochMs)}.000+0000`;
}
