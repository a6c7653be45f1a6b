import busboy from 'busboy';
import { stringify } from 'csv-stringify/sync';
import type { InstanceCore } from '../core';
import { ApiError, GatewayError } from './api-error';
import type { Permission } from './api-users';
import {
  type Call,
  type Envelope,
  IMPORT_LIMIT_BYTES,
  integerOf,
  type Reply,
  type Route,
  requiredParameter,
} from './call';
import { DELIMITERS, type FileFormat } from './delimited-text';
import { isFileFormat } from './export-api';
import { showValue } from './field-values';
import { type ImportRunner, readFile } from './import-runner';
import type { ImportJob, ImportRequest, ImportStore, RowKind } from './import-store';
import type { PollWatch } from './poll-watch';
import type { SettingsStore } from './settings';

/** A batch id is good for a week (Marketo guide, "Bulk import"). */
const JOB_LIFE_MS = 7 * 86_400_000;
const REASON_COLUMNS = { failed: 'Import Failure Reason', warned: 'Import Warning Reason' } as const;

/** What differs from one importable object to the next. */
export interface Importable {
  paths: { create: string; status: string; failures: string; warnings: string };
  permission: Permission;
  /** Of a create call and of the calls about a batch alike. @throws ApiError where it does not exist */
  objectOf(call: Call): string;
  /** @throws ApiError where the call or the file's header cannot be */
  plan(call: Call, parameters: URLSearchParams, header: readonly string[]): Omit<ImportRequest, 'format'>;
  describe(job: ImportJob, counts: { failed: number; warned: number }): Record<string, unknown>;
  /** Whether a batch without such rows has an empty file, or none at all. */
  emptyFile: 'empty' | 'missing';
}

export interface ImportApiContext {
  core: InstanceCore;
  settings: SettingsStore;
  store: ImportStore;
  runner: ImportRunner;
  polls: PollWatch;
}

/** The four calls of bulk import for one object. */
export function importRoutes(importable: Importable, context: ImportApiContext): Route[] {
  const { paths, permission } = importable;
  const rowsFile = (kind: RowKind) => (call: Call) =>
    sendRows(findJob(importable, call, context), kind, importable, context);
  return [
    {
      method: 'POST',
      path: paths.create,
      permission,
      bodyLimitBytes: IMPORT_LIMIT_BYTES,
      handle: (call) => create(importable, call, context),
    },
    { method: 'GET', path: paths.status, permission, handle: (call) => status(importable, call, context) },
    { method: 'GET', path: paths.failures, permission, handle: rowsFile('failed') },
    { method: 'GET', path: paths.warnings, permission, handle: rowsFile('warned') },
  ];
}

async function create(importable: Importable, call: Call, context: ImportApiContext): Promise<Envelope> {
  const { core, settings, store, runner } = context;
  const object = importable.objectOf(call);
  const { file, fields } = await readMultipart(call);
  const parameters = new URLSearchParams(call.parameters);
  for (const [name, value] of fields) if (!parameters.has(name)) parameters.append(name, value);
  const format = requiredParameter(parameters, 'format').toUpperCase();
  if (!isFileFormat(format)) throw new ApiError('1003', `Invalid value for 'format' and value '${showValue(format)}'`);
  const [header] = readHeader(file, format);
  if (!header) throw new ApiError('1003', 'Invalid file: it is empty');
  const names = header.map((name) => name.trim());
  const request = importable.plan(call, parameters, names);
  const active = [...store.inState('Queued'), ...store.inState('Importing')];
  const { jobsInQueue } = settings.current();
  if (jobsInQueue > 0 && active.length >= jobsInQueue) {
    const message = `There are ${jobsInQueue} imports currently being processed. Please try again later`;
    throw new ApiError('1016', message);
  }
  if (request.listId !== undefined && active.some((job) => job.request.listId === request.listId))
    throw new ApiError('1019', 'Import into this list is in progress');
  const now = core.clock.now();
  store.expire(now - JOB_LIFE_MS);
  const job = store.insert(
    { object, userName: call.user.userName, request: { format, ...request }, createdAt: now },
    file,
  );
  runner.wake();
  return { result: [importable.describe(job, { failed: 0, warned: 0 })] };
}

/** @throws ApiError 1003 where the file cannot be read at all */
function readHeader(file: Buffer, format: FileFormat): string[][] {
  try {
    return readFile(file, format);
  } catch {
    throw new ApiError('1003', `Invalid file: it is no ${format}`);
  }
}

/** The part named `file`, and the form's other fields. @throws ApiError 613 */
function readMultipart(call: Call): Promise<{ file: Buffer; fields: [string, string][] }> {
  const malformed = new ApiError('613', 'Invalid Multipart Request');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const fields: [string, string][] = [];
    let hasFile = false;
    let parser: busboy.Busboy;
    try {
      parser = busboy({ headers: { 'content-type': call.contentType } });
    } catch {
      reject(malformed); // not multipart, or without a boundary
      return;
    }
    parser.on('file', (name, stream) => {
      if (name === 'file') {
        hasFile = true;
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      } else stream.resume();
      stream.on('error', () => reject(malformed));
    });
    parser.on('field', (name, value) => fields.push([name, value]));
    parser.on('error', () => reject(malformed));
    parser.on('close', () => {
      if (hasFile) resolve({ file: Buffer.concat(chunks), fields });
      else reject(malformed);
    });
    parser.end(call.body);
  });
}

function findJob(importable: Importable, call: Call, { core, store }: ImportApiContext): ImportJob {
  const text = call.path.batchId ?? '';
  const job = store.get(integerOf(text));
  const isThere = job && job.object === importable.objectOf(call) && job.createdAt >= core.clock.now() - JOB_LIFE_MS;
  if (!isThere) throw new ApiError('1013', `Import batch '${showValue(text)}' not found`);
  return job;
}

function status(importable: Importable, call: Call, context: ImportApiContext): Envelope {
  const { store, polls } = context;
  const job = findJob(importable, call, context);
  polls.note(`import ${job.id}`);
  const counts = { failed: store.countRows(job.id, 'failed'), warned: store.countRows(job.id, 'warned') };
  return { result: [importable.describe(job, counts)] };
}

/**
 * The failed rows, or those with a warning, in the format of the upload with the reason in a last column. A column that
 * is empty in all of these rows is left out, as it was seen to be.
 */
function sendRows(job: ImportJob, kind: RowKind, { emptyFile }: Importable, { store }: ImportApiContext): Reply {
  const rows = store.rows(job.id, kind);
  if (rows.length === 0 && emptyFile === 'missing') throw new GatewayError(404, 'File not found');
  const [header = []] = readFile(store.file(job.id), job.request.format);
  const kept = header.flatMap((_name, column) =>
    rows.some(({ cells }) => (cells[column] ?? '') !== '') ? [column] : [],
  );
  const lines = [
    [...kept.map((column) => header[column] ?? ''), REASON_COLUMNS[kind]],
    ...rows.map(({ cells, reason }) => [...kept.map((column) => cells[column] ?? ''), reason]),
  ];
  const text = rows.length === 0 ? '' : stringify(lines, { delimiter: DELIMITERS[job.request.format] });
  return {
    sendFile(_request, response) {
      const body = Buffer.from(text);
      response.setHeader('Content-Type', 'text/csv;charset=UTF-8');
      response.setHeader('Content-Length', body.length);
      response.end(body);
    },
  };
}

export type JobCounts = { processed: number; failed: number; warned: number };

/** The vendor's sentence for a finished import. @param members what the records became, e.g. ` (3 members)` */
export function importMessage({ processed, failed, warned }: JobCounts, members: string): string {
  const warnings = warned === 0 ? '' : `, ${warned} warning${warned === 1 ? '' : 's'}.`;
  return failed === 0
    ? `Import succeeded, ${processed} records imported${members}${warnings}`
    : `Import completed with errors, ${processed} records imported${members}, ${failed} failed${warnings}`;
}
