import { z } from 'zod';
import type { Page, ReadRequest } from '../connector';
import { ConnectorError } from '../connector-error';
import type { MarketoClient } from './client';
import { unreadableAnswer } from './errors';
import { parseRecords, RunningChecksums, recordReader, unreadableFile } from './export-file';
import { type ExportFilter, type ExportJob, ExportJobs, exportFilter } from './export-job';
import { kindOf } from './objects';
import { fieldsToRead } from './query';

const common = { filter: exportFilter, attempt: z.number() };
const job = { ...common, exportId: z.string() };
const fileCursor = z.object({
  at: z.literal('file'),
  ...job,
  size: z.number(),
  total: z.number(),
  /** Hexadecimal SHA-256; null where Marketo tells none. */
  checksum: z.string().nullable(),
  offset: z.number(),
  /** Records before the offset. */
  rows: z.number(),
  /** The header's names, once it was read. */
  columns: z.array(z.string()),
  /** How often the file was not there although it should be. */
  missed: z.number(),
});
type FileCursor = z.output<typeof fileCursor>;

/** Where an export stands: to be made, made, in the queue or at work, or being read from a byte on. */
export const exportCursor = z.discriminatedUnion('at', [
  z.object({ at: z.literal('export'), ...common }),
  z.object({ at: z.literal('made'), ...job }),
  z.object({ at: z.literal('queued'), ...job, polls: z.number() }),
  fileCursor,
]);
export type ExportCursor = z.output<typeof exportCursor>;
type CursorAt<At extends ExportCursor['at']> = Extract<ExportCursor, { at: At }>;

export const newExport = (filter: ExportFilter): ExportCursor => ({ at: 'export', filter, attempt: 1 });

/** Each wait between two looks is so much longer than the one before: a job of a minute is looked at six times. */
const POLL_GROWTH = 2.5;
/** A file that is missing is waited for so often, then the export is made again. */
const MOST_MISSED = 3;
/** An export that fails is made again at once so often; after that each failure is told first. */
const QUIET_ATTEMPTS = 2;

/**
 * Reads exports step by step: each step ends with a cursor that can be stored, and can be repeated. A job that was made and whose id was
 * lost is harmless: it waits for ever and holds no place.
 */
export class ExportReader {
  private readonly checksums = new RunningChecksums();
  /** Failed exports that were told of already, so that the next attempt makes a new one. */
  private readonly told = new Set<string>();

  constructor(private readonly client: MarketoClient) {}

  async step(request: ReadRequest, cursor: ExportCursor, signal: AbortSignal): Promise<Page> {
    const jobs = jobsOf(this.client, request);
    switch (cursor.at) {
      case 'export':
        return goTo({
          ...cursor,
          at: 'made',
          exportId: await jobs.create(fieldsToRead(request), cursor.filter, signal),
        });
      case 'made':
        return this.enqueue(jobs, cursor, signal);
      case 'queued':
        return this.look(jobs, cursor, signal);
      case 'file':
        return this.readFile(request, jobs, cursor, signal);
    }
  }

  private async enqueue(jobs: ExportJobs, cursor: CursorAt<'made'>, signal: AbortSignal): Promise<Page> {
    const { firstPollMs, queueWaitMs } = this.client.tuning;
    if (await jobs.enqueue(cursor.exportId, signal)) {
      return { ...goTo({ ...cursor, at: 'queued', polls: 0 }), waitMs: firstPollMs };
    }
    return { ...goTo(cursor), waitMs: queueWaitMs };
  }

  private async look(jobs: ExportJobs, cursor: CursorAt<'queued'>, signal: AbortSignal): Promise<Page> {
    const { secondPollMs, longestPollMs } = this.client.tuning;
    const found = await jobs.status(cursor.exportId, signal);
    switch (found?.status) {
      case 'Completed':
        return this.open(cursor, found);
      case 'Created': // it never came into the queue
        return goTo({ filter: cursor.filter, attempt: cursor.attempt, exportId: cursor.exportId, at: 'made' });
      case undefined:
        return this.makeAgain(cursor, 'it is not there any more');
      case 'Failed':
        return this.makeAgain(cursor, found?.errorMsg ?? 'it failed');
      case 'Cancelled':
      case 'Canceled':
        return this.makeAgain(cursor, 'somebody cancelled it');
      default: {
        const waitMs = Math.min(secondPollMs * POLL_GROWTH ** cursor.polls, longestPollMs);
        return { ...goTo({ ...cursor, polls: cursor.polls + 1 }), waitMs };
      }
    }
  }

  private open(cursor: CursorAt<'queued'>, { fileSize, numberOfRecords, fileChecksum }: ExportJob): Page {
    const total = numberOfRecords ?? 0;
    if (total === 0) return { records: [], next: null, total };
    const { filter, attempt, exportId } = cursor;
    const next: FileCursor = {
      at: 'file',
      filter,
      attempt,
      exportId,
      size: fileSize ?? 0,
      total,
      checksum: /^sha256:([0-9a-f]{64})$/i.exec(fileChecksum ?? '')?.[1]?.toLowerCase() ?? null,
      offset: 0,
      rows: 0,
      columns: [],
      missed: 0,
    };
    return { records: [], next, total };
  }

  private async readFile(
    request: ReadRequest,
    jobs: ExportJobs,
    cursor: FileCursor,
    signal: AbortSignal,
  ): Promise<Page> {
    const { offset, size, exportId, total } = cursor;
    const { pageBytes, mostPageBytes } = this.client.tuning;
    for (let bytes = pageBytes; ; bytes *= 2) {
      const to = Math.min(offset + bytes, size) - 1;
      const part = await this.client.filePart(jobs.filePath(exportId), { from: offset, to }, signal);
      if (part === null) return this.missing(cursor);
      if (part.fileBytes !== size) return this.makeAgain(cursor, 'its file has another size than announced');
      if (part.body.length !== to - offset + 1) {
        throw unreadableAnswer('it is cut', { what: 'read the file of an export', isWrite: false });
      }
      const isEnd = to + 1 === size;
      const parsed = await parseRecords(part.body, isEnd);
      if (parsed.bytes === 0 && !isEnd) {
        if (bytes >= mostPageBytes) throw unreadableFile(`it has a record of more than ${mostPageBytes} bytes`);
        continue;
      }
      const used = isEnd ? part.body.length : parsed.bytes;
      const columns = cursor.columns.length > 0 ? cursor.columns : withoutMark(parsed.rows.shift() ?? []);
      const rows = cursor.rows + parsed.rows.length;
      const digest = this.checksums.take(exportId, offset, part.body.subarray(0, used));
      if (isEnd) {
        if (rows !== total) return this.makeAgain(cursor, `its file has ${rows} records instead of ${total}`);
        if (digest !== null && cursor.checksum !== null && digest !== cursor.checksum) {
          return this.makeAgain(cursor, 'its file does not have the checksum that was announced');
        }
      }
      const records = parsed.rows.map(recordReader(request, columns));
      return { records, next: isEnd ? null : { ...cursor, offset: offset + used, rows, columns }, total };
    }
  }

  /** "Completed", and no file: seen in practice, for a while or for good. */
  private missing(cursor: FileCursor): Page {
    const missed = cursor.missed + 1;
    if (missed > MOST_MISSED) return this.makeAgain(cursor, 'its file is not there');
    return { ...goTo({ ...cursor, missed }), waitMs: this.client.tuning.missingFileMs * 5 ** cursor.missed };
  }

  /** Nothing of a failed export is used: the next one gives all its records again. */
  private makeAgain({ filter, attempt, exportId }: CursorAt<'queued' | 'file'>, why: string): Page {
    if (attempt >= QUIET_ATTEMPTS && !this.told.has(exportId)) {
      this.told.add(exportId);
      throw new ConnectorError(
        `An export of Marketo could not be used: ${why.slice(0, 300)}. Sync has it made again.`,
        'EXPORT_FAILED',
        { retry: 'soon' },
      );
    }
    this.told.delete(exportId);
    return { ...goTo({ at: 'export', filter, attempt: attempt + 1 }), waitMs: this.client.tuning.firstPollMs };
  }
}

function jobsOf(client: MarketoClient, { object }: ReadRequest): ExportJobs {
  const { path, exportedAt } = kindOf(object.name);
  return new ExportJobs(client, exportedAt ?? path);
}

const goTo = (next: ExportCursor): Page => ({ records: [], next });

const BYTE_ORDER_MARK = '\uFEFF';
const withoutMark = ([first = '', ...others]: readonly string[]): string[] => [
  first.startsWith(BYTE_ORDER_MARK) ? first.slice(1) : first,
  ...others,
];
