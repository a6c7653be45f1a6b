import type { Database } from 'better-sqlite3';

/** Rows of a query's answer that lie together. */
export interface Block {
  /** Number of the block's first row in the answer, from 0. */
  first: number;
  /** The lines as they are sent. */
  bytes: Buffer;
  /** Where each line ends in `bytes`. */
  ends: Uint32Array;
}

/** Answers of query jobs: written once, so that a page that is read again is the same. */
export interface QueryResults {
  /** Forgets what there is of the job's answer. @param header first line of every page */
  begin(job: number, header: string): void;
  header(job: number): string;
  add(job: number, block: Block): void;
  /** Lines of rows from `start` up to but without `end`; read block by block. */
  lines(job: number, start: number, end: number): Iterable<Buffer>;
  removeAllOf(job: number): void;
}

export function createQueryResults(database: Database): QueryResults {
  database.exec(`
    create table if not exists sf_bulk_answers (job integer primary key, header text not null);
    create table if not exists sf_bulk_blocks (
      job integer not null, first integer not null, ends blob not null, bytes blob not null, primary key (job, first))`);
  const setHeader = database.prepare('insert into sf_bulk_answers (job, header) values (?, ?)');
  const header = database.prepare('select header from sf_bulk_answers where job = ?').pluck();
  const removeHeader = database.prepare('delete from sf_bulk_answers where job = ?');
  const add = database.prepare('insert into sf_bulk_blocks (job, first, ends, bytes) values (?, ?, ?, ?)');
  const read = database.prepare(
    'select first, ends, bytes from sf_bulk_blocks where job = ? and first <= ? order by first desc limit 1',
  );
  const removeBlocks = database.prepare('delete from sf_bulk_blocks where job = ?');
  const removeAllOf = (job: number): void => {
    removeHeader.run(job);
    removeBlocks.run(job);
  };
  const blockOf = (job: number, row: number): Block | undefined => {
    const stored = read.get(job, row) as { first: number; ends: Buffer; bytes: Buffer } | undefined;
    if (!stored) return undefined;
    const copy = new Uint8Array(stored.ends); // a copy of its own is aligned as numbers must be
    return { first: stored.first, bytes: stored.bytes, ends: new Uint32Array(copy.buffer) };
  };
  return {
    begin(job, line) {
      removeAllOf(job);
      setHeader.run(job, line);
    },
    header: (job) => (header.get(job) as string | undefined) ?? '',
    add: (job, { first, bytes, ends }) =>
      void add.run(job, first, Buffer.from(ends.buffer, ends.byteOffset, ends.byteLength), bytes),
    *lines(job, start, end) {
      for (let row = start; row < end; ) {
        const block = blockOf(job, row);
        const rows = block ? Math.min(end - block.first, block.ends.length) : 0;
        if (!block || block.first + rows <= row) return; // the job was deleted meanwhile
        const from = row > block.first ? (block.ends[row - block.first - 1] ?? 0) : 0;
        yield block.bytes.subarray(from, block.ends[rows - 1]);
        row = block.first + rows;
      }
    },
    removeAllOf,
  };
}
