import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { InstanceCore } from '../core';
import { ApiError, GatewayError } from './api-error';
import type { Permission } from './api-users';
import { batchSizeOf, type Call, type Envelope, jsonBody, listOf, type Reply, type Route, readShape } from './call';
import { DELIMITERS } from './delimited-text';
import { sendExportFile } from './export-file';
import type { ExportRunner } from './export-runner';
import type { ExportJob, ExportRequest, ExportState, ExportStore } from './export-store';
import { showValue } from './field-values';
import type { PageTokens } from './page-token';
import type { PollWatch } from './poll-watch';
import type { SettingsStore } from './settings';
import { formatInstant, quotaDay } from './time';

const DAY_MS = 86_400_000;
/** How long jobs and their files are kept, and how far back the list looks (Marketo guide, "Bulk extract"). */
const FILE_LIFE_MS = 7 * DAY_MS;
const JOB_LIFE_MS = 30 * DAY_MS;

const createSchema = z.object({
  format: z.enum(['CSV', 'TSV', 'SSV']).default('CSV'),
  fields: z.array(z.string()).optional(),
  columnHeaderNames: z.record(z.string(), z.string()).optional(),
  filter: z.record(z.string(), z.unknown()),
});
export type CreateRequest = z.infer<typeof createSchema>;

/** What differs from one extractable object to the next. */
export interface ExportableObject {
  /** The part of the path, `leads` or `customobjects/{apiName}`. */
  path: string;
  permission: Permission;
  /** The object a call is about, e.g. `customobjects/car_c`. @throws ApiError where it does not exist */
  objectOf(call: Call): string;
  /**
   * Checks a create call and settles the columns.
   * @throws ApiError 1002, 1003, 1013, 1035
   */
  plan(call: Call, request: CreateRequest): ExportRequest;
}

export interface ExportApiContext {
  core: InstanceCore;
  settings: SettingsStore;
  store: ExportStore;
  runner: ExportRunner;
  tokens: PageTokens;
  polls: PollWatch;
}

/** The six calls of bulk extract for one object. */
export function exportRoutes(exportable: ExportableObject, context: ExportApiContext): Route[] {
  const base = `/bulk/v1/${exportable.path}/export`;
  const { permission } = exportable;
  const job = (call: Call): ExportJob => findJob(exportable, call, context);
  return [
    { method: 'POST', path: `${base}/create.json`, permission, handle: (call) => create(exportable, call, context) },
    {
      method: 'POST',
      path: `${base}/{exportId}/enqueue.json`,
      permission,
      handle: (call) => enqueue(job(call), context),
    },
    { method: 'GET', path: `${base}/{exportId}/status.json`, permission, handle: (call) => status(job(call), context) },
    {
      method: 'POST',
      path: `${base}/{exportId}/cancel.json`,
      permission,
      handle: (call) => cancel(job(call), context),
    },
    {
      method: 'GET',
      path: `${base}/{exportId}/file.json`,
      permission,
      handle: (call) => file(exportable, call, context),
    },
    { method: 'GET', path: `${base}.json`, permission, handle: (call) => list(exportable, call, context) },
  ];
}

function create(exportable: ExportableObject, call: Call, { core, settings, store }: ExportApiContext): Envelope {
  const object = exportable.objectOf(call);
  const request = readShape(createSchema, jsonBody(call));
  const now = core.clock.now();
  checkQuota(store, settings, now);
  const plan = exportable.plan(call, request);
  store.expire(now - JOB_LIFE_MS, now - FILE_LIFE_MS);
  const job = store.insert({
    exportId: randomUUID(),
    object,
    userName: call.user.userName,
    format: request.format,
    request: plan,
    createdAt: now,
  });
  return { result: [describe(job, 'Created')] };
}

/** The columns of a file and their headers. @throws ApiError 1002 or 1003 where no field or an unknown one is named */
export function planColumns(
  { fields, columnHeaderNames }: CreateRequest,
  isField: (name: string) => boolean,
): Pick<ExportRequest, 'fields' | 'headers'> {
  if (fields === undefined || fields.length === 0)
    throw new ApiError('1002', `Missing value for the required parameter 'fields'`);
  const unknown = fields.filter((name) => !isField(name));
  if (unknown.length > 0) throw new ApiError('1003', `Invalid fields [${unknown.map(showValue).join(', ')}]`);
  const names = [...new Set(fields)];
  const headers = new Map(Object.entries(columnHeaderNames ?? {}));
  return { fields: names, headers: names.map((name) => headers.get(name) ?? name) };
}

function checkQuota(store: ExportStore, settings: SettingsStore, now: number): void {
  const limit = settings.current().exportBytesPerDay;
  if (limit === 0 || store.bytesSince(quotaDay(now).startsAt) < limit) return;
  throw new ApiError('1029', `Export daily quota ${Math.round(limit / (1024 * 1024))}MB exceeded.`);
}

function findJob(exportable: ExportableObject, call: Call, { core, store }: ExportApiContext): ExportJob {
  const exportId = call.path.exportId ?? '';
  const job = store.find(exportId);
  // only the API user that made a job can see it
  const isOwn = job?.userName === call.user.userName && job.object === exportable.objectOf(call);
  if (!job || !isOwn || job.createdAt < core.clock.now() - JOB_LIFE_MS)
    throw new ApiError('1013', `Export request '${showValue(exportId)}' not found`);
  return job;
}

function enqueue(job: ExportJob, { core, settings, store, runner }: ExportApiContext): Envelope {
  if (job.state === 'Queued' || job.state === 'Processing' || job.state === 'Completed')
    throw new ApiError('1029', 'Job already queued');
  if (job.state !== 'Created') throw new ApiError('1003', `Invalid state '${job.state}' of the job`);
  const now = core.clock.now();
  checkQuota(store, settings, now);
  const { jobsInQueue } = settings.current();
  const waiting = store.inState('Queued').length + store.inState('Processing').length;
  if (jobsInQueue > 0 && waiting >= jobsInQueue) throw new ApiError('1029', 'Too many jobs in queue');
  const queued: ExportJob = { ...job, state: 'Queued', queuedAt: now };
  store.save(queued);
  runner.wake();
  return { result: [describe(queued, 'Queued')] };
}

function status(job: ExportJob, { core, settings, polls }: ExportApiContext): Envelope {
  polls.note(`extract ${job.exportId}`);
  return { result: [describe(job, shownState(job, core.clock.now(), settings.current().statusStepMs))] };
}

/** The state that is shown: where the vendor's pace is imitated, the one at the last step since the job was queued. */
function shownState({ state, queuedAt, startedAt, finishedAt }: ExportJob, now: number, stepMs: number): ExportState {
  if (stepMs === 0 || queuedAt === null || state === 'Cancelled') return state;
  const seenAt = queuedAt + Math.floor((now - queuedAt) / stepMs) * stepMs;
  if (finishedAt !== null && finishedAt <= seenAt) return state;
  return startedAt !== null && startedAt < seenAt ? 'Processing' : 'Queued';
}

function cancel(job: ExportJob, { core, store, runner }: ExportApiContext): Envelope {
  if (job.state !== 'Created' && job.state !== 'Queued' && job.state !== 'Processing')
    throw new ApiError('1003', `Invalid state '${job.state}' of the job`);
  const cancelled: ExportJob = { ...job, state: 'Cancelled', finishedAt: core.clock.now() };
  store.save(cancelled);
  runner.wake();
  return { result: [describe(cancelled, 'Cancelled')] };
}

/** Members appear as the job proceeds (seen in recordings). */
function describe(job: ExportJob, shown: ExportState): Record<string, unknown> {
  const { exportId, format, createdAt, queuedAt, startedAt, finishedAt, records, fileSize, checksum, error } = job;
  const isStarted = startedAt !== null && shown !== 'Queued' && shown !== 'Created';
  const isFinished = finishedAt !== null && (shown === 'Completed' || shown === 'Failed');
  return {
    exportId,
    format,
    status: shown,
    createdAt: formatInstant(createdAt),
    ...(queuedAt === null ? {} : { queuedAt: formatInstant(queuedAt) }),
    ...(isStarted ? { startedAt: formatInstant(startedAt) } : {}),
    ...(isFinished ? { finishedAt: formatInstant(finishedAt) } : {}),
    ...(shown === 'Completed' ? { numberOfRecords: records, fileSize, fileChecksum: checksum } : {}),
    ...(shown === 'Failed' ? { errorMsg: error } : {}),
  };
}

function file(exportable: ExportableObject, call: Call, context: ExportApiContext): Reply {
  const { core, settings, store } = context;
  const job = findJobOrNothing(exportable, call, context);
  const now = core.clock.now();
  const isReady =
    job !== undefined &&
    shownState(job, now, settings.current().statusStepMs) === 'Completed' &&
    (job.finishedAt ?? 0) > now - FILE_LIFE_MS;
  if (!isReady || settings.takeOne('missingFiles')) throw new GatewayError(404, 'File not found');
  return { sendFile: (request, response) => sendExportFile(store, job, request, response) };
}

function findJobOrNothing(exportable: ExportableObject, call: Call, context: ExportApiContext): ExportJob | undefined {
  try {
    return findJob(exportable, call, context);
  } catch (error) {
    if (error instanceof ApiError) return undefined; // the file endpoint answers with plain text
    throw error;
  }
}

function list(exportable: ExportableObject, call: Call, { core, settings, store, tokens }: ExportApiContext): Envelope {
  const { parameters, user } = call;
  const wished = listOf(parameters, 'status').map((name) => (name === 'Canceled' ? 'Cancelled' : name));
  const size = batchSizeOf(parameters);
  const object = exportable.objectOf(call);
  const query = JSON.stringify(['exports', object, wished, size]);
  const now = core.clock.now();
  const after = tokens.read(query, parameters.get('nextPageToken'));
  const jobs = store
    .list(user.userName, object, now - FILE_LIFE_MS, after)
    .map((job) => ({ job, shown: shownState(job, now, settings.current().statusStepMs) }))
    .filter(({ shown }) => wished.length === 0 || wished.includes(shown));
  const page = jobs.slice(0, size);
  const last = page[page.length - 1];
  return {
    result: page.map(({ job, shown }) => describe(job, shown)),
    ...(jobs.length > size && last ? { nextPageToken: tokens.issue(query, last.job.id) } : {}),
  };
}

/** Names of file formats, for the calls that take them in lower case. */
export const isFileFormat = (name: string): name is keyof typeof DELIMITERS => Object.hasOwn(DELIMITERS, name);
