import type { Database } from 'better-sqlite3';
import type { SplitUpload } from './upload-splitter';

/** A file that has come in full for a job. */
export interface Upload extends SplitUpload {
  id: number;
}

export interface Chunk {
  /** From 0. */
  number: number;
  bytes: Buffer;
}

/** Files of ingest jobs, in chunks; a chunk is removed when its rows have been processed. */
export interface UploadStore {
  /** @returns the number under which its chunks are kept */
  begin(job: number): number;
  addChunk(upload: number, chunk: number, bytes: Buffer): void;
  /** From now on the file counts as the job's. */
  complete(upload: number, split: SplitUpload): void;
  /** Forgets a file whose rest never came. */
  discard(upload: number): void;
  /** How many files the job has been given. */
  countOf(job: number): number;
  /** The first of them. */
  of(job: number): Upload | undefined;
  /** The first chunk with a number above `after` that is still there. */
  nextChunk(upload: number, after: number): Chunk | undefined;
  removeChunk(upload: number, chunk: number): void;
  removeAllOf(job: number): void;
}

export function createUploadStore(database: Database): UploadStore {
  database.exec(`
    create table if not exists sf_bulk_uploads (
      id integer primary key autoincrement, job integer not null, is_complete integer not null default 0, header text,
      rows integer, fault text);
    create index if not exists sf_bulk_uploads_job on sf_bulk_uploads (job);
    create table if not exists sf_bulk_chunks (
      upload integer not null, number integer not null, bytes blob not null, primary key (upload, number));
    delete from sf_bulk_chunks where upload in (select id from sf_bulk_uploads where is_complete = 0);
    delete from sf_bulk_uploads where is_complete = 0`);
  const begin = database.prepare('insert into sf_bulk_uploads (job) values (?)');
  const addChunk = database.prepare('insert into sf_bulk_chunks (upload, number, bytes) values (?, ?, ?)');
  const complete = database.prepare(
    'update sf_bulk_uploads set is_complete = 1, header = @header, rows = @rows, fault = @fault where id = @id',
  );
  const discardChunks = database.prepare('delete from sf_bulk_chunks where upload = ?');
  const discard = database.prepare('delete from sf_bulk_uploads where id = ?');
  const count = database.prepare('select count(*) from sf_bulk_uploads where job = ? and is_complete = 1').pluck();
  const first = database.prepare(
    'select id, header, rows, fault from sf_bulk_uploads where job = ? and is_complete = 1 order by id limit 1',
  );
  const nextChunk = database.prepare(
    'select number, bytes from sf_bulk_chunks where upload = ? and number > ? order by number limit 1',
  );
  const removeChunk = database.prepare('delete from sf_bulk_chunks where upload = ? and number = ?');
  const uploadsOf = database.prepare('select id from sf_bulk_uploads where job = ?').pluck();
  const forget = (upload: number): void => {
    discardChunks.run(upload);
    discard.run(upload);
  };
  return {
    begin: (job) => Number(begin.run(job).lastInsertRowid),
    addChunk: (upload, chunk, bytes) => void addChunk.run(upload, chunk, bytes),
    complete: (id, { header, rows, fault }) => void complete.run({ id, header, rows, fault }),
    discard: forget,
    countOf: (job) => count.get(job) as number,
    of: (job) => first.get(job) as Upload | undefined,
    nextChunk: (upload, after) => nextChunk.get(upload, after) as Chunk | undefined,
    removeChunk: (upload, chunk) => void removeChunk.run(upload, chunk),
    removeAllOf: (job) => {
      for (const upload of uploadsOf.all(job) as number[]) forget(upload);
    },
  };
}
