import { setImmediate as nextTurn } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import type { InstanceCore } from '../core';
import { DELIMITERS, type FileFormat } from './delimited-text';
import type { ImportJob, ImportStore, RowKind } from './import-store';
import { createJobQueue, type JobQueue } from './job-queue';
import type { SettingsStore } from './settings';

/** What became of one row: done, failed, or done with a warning. */
export type RowOutcome = { kind: 'done' } | { kind: RowKind; reason: string };

/** Writes the rows of one job. A row is its cells by the names of the header. */
export interface RowImport {
  importRow(job: ImportJob, row: ReadonlyMap<string, string>): RowOutcome;
  /** The sentence of a finished job. */
  message(counts: { processed: number; failed: number; warned: number }, job: ImportJob): string;
}

export type ImportRunner = Pick<JobQueue, 'wake' | 'stop'>;

interface ImportRunnerOptions {
  core: InstanceCore;
  settings: SettingsStore;
  store: ImportStore;
  /** Who writes the rows of a job, by its object. */
  importOf(object: string): RowImport;
}

/** Rows that are written before other calls get their turn, within one transaction. */
const ROWS_AT_A_TIME = 500;

/** Works off the queue of imports, two at a time, first in first out; what a restart interrupts goes on at its row. */
export function createImportRunner({ core, settings, store, importOf }: ImportRunnerOptions): ImportRunner {
  const { clock, database } = core;
  const queue = createJobQueue<ImportJob>({
    clock,
    settings,
    waiting: () => [...store.inState('Importing'), ...store.inState('Queued')],
    begin: (job) => store.save({ ...job, state: 'Importing', startedAt: job.startedAt ?? clock.now() }),
    run: (jobId) => run(jobId),
    fail(jobId) {
      const job = store.get(jobId);
      if (job) store.save({ ...job, state: 'Failed', finishedAt: clock.now(), message: 'System error' });
    },
  });
  const run = async (jobId: number): Promise<void> => {
    let job = store.get(jobId);
    if (!job) return;
    const { importRow, message } = importOf(job.object);
    const [header = [], ...rows] = readFile(store.file(jobId), job.request.format);
    while (job.position < rows.length) {
      const before: ImportJob = job;
      job = database.transaction(() => {
        let { position, processed } = before;
        for (const cells of rows.slice(position, position + ROWS_AT_A_TIME)) {
          const outcome = importRow(before, byHeader(header, cells));
          if (outcome.kind !== 'failed') processed += 1;
          if (outcome.kind !== 'done') store.addRow(jobId, position, outcome.kind, { cells, reason: outcome.reason });
          position += 1;
        }
        const after = { ...before, position, processed };
        store.save(after);
        return after;
      })();
      await nextTurn();
      if (queue.isStopped()) return;
    }
    const counts = {
      processed: job.processed,
      failed: store.countRows(jobId, 'failed'),
      warned: store.countRows(jobId, 'warned'),
    };
    store.save({ ...job, state: 'Complete', finishedAt: clock.now(), message: message(counts, job) });
  };

  return queue;
}

/** Reads a file with whatever its writer got wrong: stray quotes, short and long lines. The first row is the header. */
export function readFile(file: Buffer, format: FileFormat): string[][] {
  return parse(file, {
    delimiter: DELIMITERS[format],
    bom: true,
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
  }) as string[][]; // without columns the rows are lists of cells
}

function byHeader(header: readonly string[], cells: readonly string[]): Map<string, string> {
  return new Map(header.map((name, index) => [name.trim(), cells[index] ?? '']));
}
