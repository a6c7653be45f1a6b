import type { Database } from 'better-sqlite3';
import type { Job, JobKind, JobRequest, JobState } from './job';

type NewJob<Request extends JobRequest> = Pick<
  Job<Request>,
  'user' | 'userName' | 'request' | 'apiVersion' | 'state' | 'createdAt' | 'startsAt'
>;

/** Jobs of one kind. Both kinds share their numbers, so that no Id is given twice. */
export interface JobStore<Request extends JobRequest> {
  insert(job: NewJob<Request>): Job<Request>;
  get(sequence: number): Job<Request> | undefined;
  save(job: Job<Request>): void;
  /** Removes the job's row; what belongs to it is in other stores. */
  remove(sequence: number): void;
  inState(state: JobState): Job<Request>[];
  createdBefore(instant: number): Job<Request>[];
  /** @returns jobs by number, beginning behind `after` */
  list(after: number, limit: number): Job<Request>[];
}

interface StoredJob {
  sequence: number;
  user: number;
  user_name: string;
  request: string;
  api_version: number;
  state: JobState;
  created_at: number;
  modified_at: number;
  starts_at: number | null;
  started_at: number | null;
  finished_at: number | null;
  processed: number;
  failed: number;
  error: string | null;
}

export function createJobStore<Request extends JobRequest>(database: Database, kind: JobKind): JobStore<Request> {
  database.exec(`create table if not exists sf_bulk_jobs (
    sequence integer primary key autoincrement, kind text not null, user integer not null, user_name text not null,
    request text not null, api_version integer not null, state text not null, created_at integer not null,
    modified_at integer not null, starts_at integer, started_at integer, finished_at integer,
    processed integer not null default 0, failed integer not null default 0, error text)`);
  const insert = database.prepare(
    `insert into sf_bulk_jobs (kind, user, user_name, request, api_version, state, created_at, modified_at, starts_at)
     values (@kind, @user, @userName, @request, @apiVersion, @state, @createdAt, @createdAt, @startsAt) returning *`,
  );
  const get = database.prepare('select * from sf_bulk_jobs where sequence = ? and kind = ?');
  const save = database.prepare(
    `update sf_bulk_jobs set state = @state, modified_at = @modifiedAt, starts_at = @startsAt, started_at = @startedAt,
       finished_at = @finishedAt, processed = @processed, failed = @failed, error = @error where sequence = @sequence`,
  );
  const remove = database.prepare('delete from sf_bulk_jobs where sequence = ?');
  const inState = database.prepare('select * from sf_bulk_jobs where kind = ? and state = ? order by sequence');
  const createdBefore = database.prepare('select * from sf_bulk_jobs where kind = ? and created_at < ?');
  const list = database.prepare('select * from sf_bulk_jobs where kind = ? and sequence > ? order by sequence limit ?');
  const jobs = (rows: unknown[]): Job<Request>[] => (rows as StoredJob[]).map((row) => jobOf<Request>(row));
  return {
    insert: ({ request, ...job }) => jobOf(insert.get({ ...job, kind, request: JSON.stringify(request) }) as StoredJob),
    get(sequence) {
      const row = get.get(sequence, kind) as StoredJob | undefined;
      return row && jobOf(row);
    },
    save: ({ request: _request, ...job }) => void save.run(job),
    remove: (sequence) => void remove.run(sequence),
    inState: (state) => jobs(inState.all(kind, state)),
    createdBefore: (instant) => jobs(createdBefore.all(kind, instant)),
    list: (after, limit) => jobs(list.all(kind, after, limit)),
  };
}

const jobOf = <Request extends JobRequest>(row: StoredJob): Job<Request> => ({
  sequence: row.sequence,
  user: row.user,
  userName: row.user_name,
  request: JSON.parse(row.request) as Request, // written by `insert` alone
  apiVersion: row.api_version,
  state: row.state,
  createdAt: row.created_at,
  modifiedAt: row.modified_at,
  startsAt: row.starts_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  processed: row.processed,
  failed: row.failed,
  error: row.error,
});
