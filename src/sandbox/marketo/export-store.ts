import type { Database } from 'better-sqlite3';

export const EXPORT_STATES = ['Created', 'Queued', 'Processing', 'Completed', 'Failed', 'Cancelled'] as const;
export type ExportState = (typeof EXPORT_STATES)[number];

/** One extract job as it is stored. Instants are milliseconds since 1970. */
export interface ExportJob {
  id: number;
  exportId: string;
  /** `leads`, `activities`, `program/members` or `customobjects/{apiName}`. */
  object: string;
  userName: string;
  format: 'CSV' | 'TSV' | 'SSV';
  request: ExportRequest;
  state: ExportState;
  createdAt: number;
  queuedAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  records: number | null;
  fileSize: number | null;
  checksum: string | null;
  error: string | null;
}

export interface ExportRequest {
  fields: string[];
  /** Headers of the columns, in the order of `fields`. */
  headers: string[];
  filter: Record<string, unknown>;
}

export type NewExportJob = Pick<ExportJob, 'exportId' | 'object' | 'userName' | 'format' | 'request' | 'createdAt'>;

export interface ExportStore {
  insert(job: NewExportJob): ExportJob;
  find(exportId: string): ExportJob | undefined;
  get(id: number): ExportJob | undefined;
  save(job: ExportJob): void;
  inState(state: ExportState): ExportJob[];
  /** Jobs of a user and an object from an instant on, by ascending id. */
  list(userName: string, object: string, since: number, afterId: number): ExportJob[];
  /** Bytes of the files that were finished from an instant on. */
  bytesSince(instant: number): number;
  appendChunk(jobId: number, sequence: number, bytes: Buffer): void;
  chunk(jobId: number, sequence: number): Buffer | undefined;
  dropFile(jobId: number): void;
  /** Forgets jobs older than one instant, and files of those older than another. */
  expire(jobsBefore: number, filesBefore: number): void;
}

interface StoredJob {
  id: number;
  export_id: string;
  object: string;
  user_name: string;
  format: ExportJob['format'];
  request: string;
  status: ExportState;
  created: number;
  queued: number | null;
  started: number | null;
  finished: number | null;
  records: number | null;
  file_size: number | null;
  checksum: string | null;
  error: string | null;
}

export function createExportStore(database: Database): ExportStore {
  const insert = database.prepare(
    `insert into mk_exports (export_id, object, user_name, format, request, status, created)
     values (?, ?, ?, ?, ?, 'Created', ?) returning *`,
  );
  const find = database.prepare('select * from mk_exports where export_id = ?');
  const get = database.prepare('select * from mk_exports where id = ?');
  const save = database.prepare(
    `update mk_exports set status = @state, queued = @queuedAt, started = @startedAt, finished = @finishedAt,
       records = @records, file_size = @fileSize, checksum = @checksum, error = @error where id = @id`,
  );
  const inState = database.prepare('select * from mk_exports where status = ? order by queued, id');
  const list = database.prepare(
    'select * from mk_exports where user_name = ? and object = ? and created >= ? and id > ? order by id',
  );
  const bytesSince = database
    .prepare(`select coalesce(sum(file_size), 0) from mk_exports where status = 'Completed' and finished >= ?`)
    .pluck();
  const appendChunk = database.prepare('insert into mk_export_chunks (job_id, sequence, bytes) values (?, ?, ?)');
  const chunk = database.prepare('select bytes from mk_export_chunks where job_id = ? and sequence = ?').pluck();
  const dropFile = database.prepare('delete from mk_export_chunks where job_id = ?');
  const dropFiles = database.prepare(
    'delete from mk_export_chunks where job_id in (select id from mk_exports where finished < ?)',
  );
  const dropJobs = database.prepare('delete from mk_exports where created < ?');
  return {
    insert: ({ exportId, object, userName, format, request, createdAt }) =>
      toJob(insert.get(exportId, object, userName, format, JSON.stringify(request), createdAt) as StoredJob),
    find(exportId) {
      const stored = find.get(exportId) as StoredJob | undefined;
      return stored && toJob(stored);
    },
    get(id) {
      const stored = get.get(id) as StoredJob | undefined;
      return stored && toJob(stored);
    },
    save({ id, state, queuedAt, startedAt, finishedAt, records, fileSize, checksum, error }) {
      save.run({ id, state, queuedAt, startedAt, finishedAt, records, fileSize, checksum, error });
    },
    inState: (state) => (inState.all(state) as StoredJob[]).map(toJob),
    list: (userName, object, since, afterId) => (list.all(userName, object, since, afterId) as StoredJob[]).map(toJob),
    bytesSince: (instant) => bytesSince.get(instant) as number,
    appendChunk: (jobId, sequence, bytes) => void appendChunk.run(jobId, sequence, bytes),
    chunk: (jobId, sequence) => chunk.get(jobId, sequence) as Buffer | undefined,
    dropFile: (jobId) => void dropFile.run(jobId),
    expire(jobsBefore, filesBefore) {
      dropFiles.run(filesBefore);
      dropJobs.run(jobsBefore);
    },
  };
}

const toJob = (stored: StoredJob): ExportJob => ({
  id: stored.id,
  exportId: stored.export_id,
  object: stored.object,
  userName: stored.user_name,
  format: stored.format,
  request: JSON.parse(stored.request) as ExportRequest, // written by this store alone
  state: stored.status,
  createdAt: stored.created,
  queuedAt: stored.queued,
  startedAt: stored.started,
  finishedAt: stored.finished,
  records: stored.records,
  fileSize: stored.file_size,
  checksum: stored.checksum,
  error: stored.error,
});
