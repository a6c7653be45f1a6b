import type { Database } from 'better-sqlite3';

export type ResultKind = 'successful' | 'failed';

/** Lines of result files, as they are sent, a chunk's at a time. */
export interface IngestResults {
  /** @param place decides the order of chunks in the file */
  add(job: number, kind: ResultKind, place: number, lines: string): void;
  /** In the order of the file; the next piece is read when it is asked for. */
  lines(job: number, kind: ResultKind): Iterable<string>;
  removeAllOf(job: number): void;
}

export function createIngestResults(database: Database): IngestResults {
  database.exec(`create table if not exists sf_bulk_results (
    job integer not null, kind text not null, place real not null, number integer primary key, lines text not null);
    create index if not exists sf_bulk_results_place on sf_bulk_results (job, kind, place, number)`);
  const add = database.prepare('insert into sf_bulk_results (job, kind, place, lines) values (?, ?, ?, ?)');
  const order = database
    .prepare('select number from sf_bulk_results where job = ? and kind = ? order by place, number')
    .pluck();
  const read = database.prepare('select lines from sf_bulk_results where number = ?').pluck();
  const removeAllOf = database.prepare('delete from sf_bulk_results where job = ?');
  return {
    add: (job, kind, place, lines) => void add.run(job, kind, place, lines),
    *lines(job, kind) {
      for (const number of order.all(job, kind) as number[]) {
        const lines = read.get(number) as string | undefined;
        if (lines === undefined) return; // the job was deleted meanwhile
        yield lines;
      }
    },
    removeAllOf: (job) => void removeAllOf.run(job),
  };
}
