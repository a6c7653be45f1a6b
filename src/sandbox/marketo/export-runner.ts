import { createHash, type Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { InstanceCore } from '../core';
import type { ExportJob, ExportStore } from './export-store';
import { createJobQueue, type JobQueue } from './job-queue';
import type { SettingsStore } from './settings';

/** Pieces in which a file is kept: every chunk but the last has this size, so that a range is found at once. */
export const CHUNK_BYTES = 512 * 1024;

/** The rows of one job's file, each a finished line with its line end; read in slices so that calls go on meanwhile. */
export type RowSource = (job: ExportJob) => Iterable<string>;

/** Rows that are written before other calls get their turn. */
const ROWS_AT_A_TIME = 1000;
/** Runs the extracts of all bulk APIs alike. */
export type ExportRunner = Pick<JobQueue, 'wake' | 'running' | 'stop'>;

interface ExportRunnerOptions {
  core: InstanceCore;
  settings: SettingsStore;
  store: ExportStore;
  rowsOf: RowSource;
}

/** Works off the queue of extract jobs, two at a time; a job that a restart interrupted begins anew. */
export function createExportRunner({ core, settings, store, rowsOf }: ExportRunnerOptions): ExportRunner {
  const { clock, database } = core;
  // what a restart interrupted
  for (const job of store.inState('Processing')) store.save({ ...job, state: 'Queued', startedAt: null });
  const queue = createJobQueue<ExportJob>({
    clock,
    settings,
    waiting: () => store.inState('Queued'),
    begin: (job) => store.save({ ...job, state: 'Processing', startedAt: clock.now() }),
    // one that was cancelled gives its place free
    canBeHeld: (jobId) => store.get(jobId)?.state === 'Processing',
    run: (jobId) => finish(jobId),
    fail: (jobId) => fail(jobId, 'System error'),
  });

  const fail = (jobId: number, message: string): void => {
    const job = store.get(jobId);
    store.dropFile(jobId);
    if (job?.state === 'Processing') store.save({ ...job, state: 'Failed', finishedAt: clock.now(), error: message });
  };

  const finish = async (jobId: number): Promise<void> => {
    const job = store.get(jobId);
    if (job?.state !== 'Processing') return;
    if (settings.takeOne('failNextExports')) return fail(jobId, 'The job could not be completed');
    store.dropFile(jobId);
    const file = await writeFile(job);
    const current = queue.isStopped() ? undefined : store.get(jobId);
    if (!file || current?.state !== 'Processing') {
      if (!queue.isStopped()) store.dropFile(jobId);
      return;
    }
    const checksum = settings.takeOne('wrongChecksums') ? file.hash.update('-').digest('hex') : file.hash.digest('hex');
    store.save({
      ...current,
      state: 'Completed',
      finishedAt: clock.now(),
      records: file.records,
      fileSize: file.size,
      checksum: `sha256:${checksum}`,
    });
  };

  /** @returns `undefined` where the job was cancelled or the sandbox stopped meanwhile */
  const writeFile = async (job: ExportJob): Promise<{ hash: Hash; size: number; records: number } | undefined> => {
    const hash = createHash('sha256');
    const out = new ChunkWriter((sequence, bytes) => {
      hash.update(bytes);
      store.appendChunk(job.id, sequence, bytes);
    });
    let lines = 0;
    const rows = rowsOf(job)[Symbol.iterator]();
    for (let isDone = false; !isDone; ) {
      if (queue.isStopped() || store.get(job.id)?.state !== 'Processing') return undefined;
      database.transaction(() => {
        for (let count = 0; count < ROWS_AT_A_TIME; count += 1) {
          const next = rows.next();
          if (next.done) {
            isDone = true;
            return;
          }
          lines += 1;
          out.write(next.value);
        }
      })();
      await nextTurn();
    }
    if (queue.isStopped()) return undefined;
    out.end();
    return { hash, size: out.size, records: lines - 1 }; // the first line is the header
  };

  return queue;
}

/** Cuts text into chunks of equal size. */
class ChunkWriter {
  size = 0;
  private sequence = 0;
  private held = '';
  private rest: Buffer = Buffer.alloc(0);

  constructor(private readonly keep: (sequence: number, bytes: Buffer) => void) {}

  write(text: string): void {
    this.held += text;
    if (this.held.length >= CHUNK_BYTES) this.flush(false);
  }

  end(): void {
    this.flush(true);
  }

  private flush(isEnd: boolean): void {
    let bytes = Buffer.concat([this.rest, Buffer.from(this.held, 'utf8')]);
    this.held = '';
    while (bytes.length >= CHUNK_BYTES || (isEnd && bytes.length > 0)) {
      const chunk = bytes.subarray(0, CHUNK_BYTES);
      this.keep(this.sequence, chunk);
      this.sequence += 1;
      this.size += chunk.length;
      bytes = bytes.subarray(chunk.length);
    }
    this.rest = bytes;
  }
}
