import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { FieldDescription } from '../../domain/object-description';
import type { Cursor, Page, ReadRequest, SourceRecord } from '../connector';
import { ConnectorError } from '../connector-error';
import type { MarketoClient } from './client';
import { fromFile, toInstant, toSeconds } from './values';

/** Bytes of a file that are read at once: some ten thousand people, so that memory stays flat and calls stay few. */
const PAGE_BYTES = 4 << 20;
const FIRST_POLL_MS = 150;
/** Marketo refreshes the status of a job once a minute (Marketo developer guide, "Bulk extract"). */
const LONGEST_POLL_MS = 60_000;
/** The queue of ten jobs is shared with all other integrations. */
const QUEUE_FULL_MS = 30_000;

/** Columns that every export has besides the fields that are asked for. */
const ALWAYS = ['id', 'createdAt', 'updatedAt'];

const filterSchema = z.union([
  z.object({ createdAt: z.object({ startAt: z.string(), endAt: z.string() }) }),
  z.object({ updatedAt: z.object({ startAt: z.string(), endAt: z.string() }) }),
  z.object({ staticListId: z.number() }),
]);

/** Where an export stands: to be made, being made, or being read from a byte on. */
const cursorSchema = z.discriminatedUnion('at', [
  z.object({ at: z.literal('start'), filter: filterSchema }),
  z.object({ at: z.literal('job'), filter: filterSchema, exportId: z.string(), polls: z.number() }),
  z.object({
    at: z.literal('file'),
    filter: filterSchema,
    exportId: z.string(),
    offset: z.number(),
    size: z.number(),
    columns: z.array(z.string()),
    total: z.number(),
  }),
]);
export type ExportCursor = z.output<typeof cursorSchema>;
export const isExportCursor = (cursor: Cursor): boolean => cursorSchema.safeParse(cursor).success;

const jobAnswer = z.object({
  exportId: z.string(),
  status: z.string(),
  fileSize: z.number().optional(),
  numberOfRecords: z.number().optional(),
  errorMsg: z.string().optional(),
});

/** Cursors of the windows from one instant to another, both included. */
export function exportWindows(field: 'createdAt' | 'updatedAt', from: string, to: string): ExportCursor[] {
  const windows: ExportCursor[] = [];
  // 31 days are the most that Marketo takes, both ends belong to a window, and its clock knows seconds alone
  const stepMs = 31 * 86_400_000 - 1_000;
  const endMs = Date.parse(to);
  for (let startMs = Date.parse(from); startMs <= endMs; startMs += stepMs + 1_000) {
    const startAt = toSeconds(new Date(startMs).toISOString());
    const endAt = toSeconds(new Date(Math.min(startMs + stepMs, endMs)).toISOString());
    const span = { startAt, endAt };
    windows.push({ at: 'start', filter: field === 'createdAt' ? { createdAt: span } : { updatedAt: span } });
  }
  return windows;
}

export const listExport = (listId: number): ExportCursor => ({ at: 'start', filter: { staticListId: listId } });

/** One step of an export: make the job, look at it, or read the next part of its file. */
export async function readExport(
  client: MarketoClient,
  request: ReadRequest,
  given: Cursor,
  signal: AbortSignal,
): Promise<Page> {
  const cursor = cursorSchema.parse(given);
  switch (cursor.at) {
    case 'start':
      return startJob(client, request, cursor, signal);
    case 'job':
      return lookAtJob(client, cursor, signal);
    case 'file':
      return readFilePage(client, request, cursor, signal);
  }
}

const columnsOf = (request: ReadRequest): string[] => [...new Set([...ALWAYS, ...request.fields])];

async function startJob(
  client: MarketoClient,
  request: ReadRequest,
  cursor: Extract<ExportCursor, { at: 'start' }>,
  signal: AbortSignal,
): Promise<Page> {
  const json = { format: 'CSV', fields: columnsOf(request), filter: cursor.filter };
  const created = await client.call(
    { what: 'make an export of people', path: '/bulk/v1/leads/export/create.json', method: 'POST', json },
    signal,
  );
  const [job] = z.array(jobAnswer).parse(created.result);
  if (!job) throw new ConnectorError('Marketo made no export job. Sync tries again.', 'NO_JOB', { retry: 'soon' });
  const made: ExportCursor = { at: 'job', filter: cursor.filter, exportId: job.exportId, polls: 0 };
  const path = `/bulk/v1/leads/export/${job.exportId}/enqueue.json`;
  try {
    await client.call({ what: 'start an export of people', path, method: 'POST' }, signal);
  } catch (error) {
    // a job that is made but not queued holds no place; it is made again when there is one
    if (error instanceof ConnectorError && error.code === '1029' && error.advice.retry === 'after') {
      return { records: [], next: cursor, waitMs: QUEUE_FULL_MS };
    }
    throw error;
  }
  return { records: [], next: made, waitMs: FIRST_POLL_MS };
}

async function lookAtJob(
  client: MarketoClient,
  cursor: Extract<ExportCursor, { at: 'job' }>,
  signal: AbortSignal,
): Promise<Page> {
  const { exportId, filter, polls } = cursor;
  const path = `/bulk/v1/leads/export/${exportId}/status.json`;
  const again: ExportCursor = { at: 'start', filter };
  const job = await statusOf(client, path, signal);
  switch (job?.status) {
    case 'Completed':
      return {
        records: [],
        next: {
          at: 'file',
          filter,
          exportId,
          offset: 0,
          size: job.fileSize ?? 0,
          columns: [],
          total: job.numberOfRecords ?? 0,
        },
        total: job.numberOfRecords ?? 0,
      };
    case undefined: // it is kept for 30 days, and belongs to the API user that made it
    case 'Failed':
    case 'Cancelled':
    case 'Canceled':
      return { records: [], next: again, waitMs: QUEUE_FULL_MS };
    default:
      return {
        records: [],
        next: { ...cursor, polls: polls + 1 },
        waitMs: Math.min(FIRST_POLL_MS * 1.6 ** (polls + 1), LONGEST_POLL_MS),
      };
  }
}

async function statusOf(client: MarketoClient, path: string, signal: AbortSignal) {
  try {
    const { result } = await client.call({ what: 'look at an export', path }, signal);
    return z.array(jobAnswer).parse(result)[0];
  } catch (error) {
    if (error instanceof ConnectorError && error.code === '1013') return undefined;
    throw error;
  }
}

async function readFilePage(
  client: MarketoClient,
  request: ReadRequest,
  cursor: Extract<ExportCursor, { at: 'file' }>,
  signal: AbortSignal,
): Promise<Page> {
  const { exportId, filter, offset, size, total } = cursor;
  if (offset >= size) return { records: [], next: null, total };
  const path = `/bulk/v1/leads/export/${exportId}/file.json`;
  for (let bytes = PAGE_BYTES; ; bytes *= 2) {
    const to = Math.min(offset + bytes, size) - 1;
    const part = await client.bytes(path, { from: offset, to }, signal);
    // seen in practice: "Completed", and no file
    if (part === null || part.whole !== size)
      return { records: [], next: { at: 'start', filter }, waitMs: QUEUE_FULL_MS };
    if (part.body.length !== to - offset + 1) {
      throw new ConnectorError('Marketo sent less of a file than it holds. Sync reads it again.', 'CUT_FILE', {
        retry: 'soon',
      });
    }
    const isEnd = to + 1 === size;
    const { rows, used } = wholeRecords(part.body, isEnd);
    if (used === 0 && !isEnd) continue; // a single record larger than the page
    const columns = cursor.columns.length > 0 ? cursor.columns : (rows.shift() ?? []);
    const toRecord = recordReader(request, columns);
    const next: ExportCursor | null = isEnd ? null : { ...cursor, offset: offset + used, columns };
    return { records: rows.map(toRecord), next, total };
  }
}

/** The records that a part of a file holds whole, and how many bytes they take; the last one may be cut. */
function wholeRecords(body: Buffer, isEnd: boolean): { rows: string[][]; used: number } {
  const used = isEnd ? body.length : lastRecordEnd(body);
  const rows = parse(body.subarray(0, used), {
    // seen in files of real instances: quotes that are not doubled, and rows of another length
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  }) as string[][];
  return { rows, used };
}

const QUOTE = 0x22;
const LINE_FEED = 0x0a;

/** The byte after the last line feed that lies outside of quotes. */
function lastRecordEnd(body: Buffer): number {
  let end = 0;
  let isQuoted = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === LINE_FEED && !isQuoted) end = at + 1;
  }
  return end;
}

/** Reads by the header's names; the order of columns is not promised. */
function recordReader(request: ReadRequest, columns: readonly string[]): (row: readonly string[]) => SourceRecord {
  const positionOf = (name: string) => columns.indexOf(name);
  const fieldOf = (name: string): FieldDescription | undefined =>
    request.object.fields.find((field) => field.name === name);
  const wanted = request.fields.map((name) => ({ position: positionOf(name), field: fieldOf(name) }));
  const [id, createdAt, updatedAt] = ALWAYS.map(positionOf);
  const instantAt = (row: readonly string[], position: number | undefined) => {
    const cell = position === undefined ? undefined : row[position];
    return cell === undefined || cell === 'null' || cell === '' ? null : toInstant(cell);
  };
  return (row) => ({
    sourceId: row[id ?? -1] ?? '',
    createdAt: instantAt(row, createdAt),
    updatedAt: instantAt(row, updatedAt),
    values: wanted.map(({ position, field }) => fromFile(row[position] ?? 'null', field)),
  });
}
