import type { Database } from 'better-sqlite3';
import type { FileFormat } from './delimited-text';

export type ImportState = 'Queued' | 'Importing' | 'Complete' | 'Failed';
export type RowKind = 'failed' | 'warned';

/** What an import call asks for, as it is kept beside the file. */
export interface ImportRequest {
  format: FileFormat;
  lookupField?: string;
  listId?: number;
  partitionId?: number;
  programId?: number;
  statusName?: string;
}

/** One import job. `position` rows of the file are done. */
export interface ImportJob {
  id: number;
  /** `leads`, `customobjects/{apiName}` or `program/members`. */
  object: string;
  userName: string;
  request: ImportRequest;
  state: ImportState;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  position: number;
  processed: number;
  message: string | null;
}

export interface ImportRow {
  cells: string[];
  reason: string;
}

export interface ImportStore {
  insert(job: Pick<ImportJob, 'object' | 'userName' | 'request' | 'createdAt'>, file: Buffer): ImportJob;
  get(id: number): ImportJob | undefined;
  save(job: ImportJob): void;
  file(id: number): Buffer;
  inState(state: ImportState): ImportJob[];
  addRow(id: number, position: number, kind: RowKind, row: ImportRow): void;
  rows(id: number, kind: RowKind): ImportRow[];
  countRows(id: number, kind: RowKind): number;
  expire(before: number): void;
}

interface StoredJob {
  id: number;
  object: string;
  user_name: string;
  request: string;
  status: ImportState;
  created: number;
  started: number | null;
  finished: number | null;
  position: number;
  processed: number;
  message: string | null;
}

const COLUMNS = 'id, object, user_name, request, status, created, started, finished, position, processed, message';

export function createImportStore(database: Database): ImportStore {
  const insert = database.prepare(
    `insert into mk_imports (object, user_name, request, status, created, file) values (?, ?, ?, 'Queued', ?, ?)
     returning ${COLUMNS}`,
  );
  const get = database.prepare(`select ${COLUMNS} from mk_imports where id = ?`);
  const file = database.prepare('select file from mk_imports where id = ?').pluck();
  const save = database.prepare(
    `update mk_imports set status = @state, started = @startedAt, finished = @finishedAt, position = @position,
       processed = @processed, message = @message where id = @id`,
  );
  const inState = database.prepare(`select ${COLUMNS} from mk_imports where status = ? order by id`);
  const addRow = database.prepare(
    'insert or replace into mk_import_rows (job_id, position, kind, cells, reason) values (?, ?, ?, ?, ?)',
  );
  const rows = database.prepare(
    'select cells, reason from mk_import_rows where job_id = ? and kind = ? order by position',
  );
  const countRows = database.prepare('select count(*) from mk_import_rows where job_id = ? and kind = ?').pluck();
  const expireRows = database.prepare(
    'delete from mk_import_rows where job_id in (select id from mk_imports where created < ?)',
  );
  // jobs stay, so that no id is given twice
  const expireFiles = database.prepare('update mk_imports set file = null where created < ? and file is not null');
  return {
    insert: ({ object, userName, request, createdAt }, bytes) =>
      toJob(insert.get(object, userName, JSON.stringify(request), createdAt, bytes) as StoredJob),
    get(id) {
      const stored = get.get(id) as StoredJob | undefined;
      return stored && toJob(stored);
    },
    save({ id, state, startedAt, finishedAt, position, processed, message }) {
      save.run({ id, state, startedAt, finishedAt, position, processed, message });
    },
    file: (id) => (file.get(id) as Buffer | null | undefined) ?? Buffer.alloc(0),
    inState: (state) => (inState.all(state) as StoredJob[]).map(toJob),
    addRow: (id, position, kind, { cells, reason }) =>
      void addRow.run(id, position, kind, JSON.stringify(cells), reason),
    rows: (id, kind) =>
      (rows.all(id, kind) as { cells: string; reason: string }[]).map(({ cells, reason }) => ({
        cells: JSON.parse(cells) as string[], // written by addRow alone
        reason,
      })),
    countRows: (id, kind) => countRows.get(id, kind) as number,
    expire(before) {
      expireRows.run(before);
      expireFiles.run(before);
    },
  };
}

const toJob = (stored: StoredJob): ImportJob => ({
  id: stored.id,
  object: stored.object,
  userName: stored.user_name,
  request: JSON.parse(stored.request) as ImportRequest, // written by this store alone
  state: stored.status,
  createdAt: stored.created,
  startedAt: stored.started,
  finishedAt: stored.finished,
  position: stored.position,
  processed: stored.processed,
  message: stored.message,
});
