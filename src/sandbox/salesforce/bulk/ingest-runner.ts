import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordAccess } from '../record-access';
import type { WriteSession } from '../record-writer';
import { shuffled } from '../shuffled';
import { parseRows } from './csv-format';
import { readColumns } from './ingest-columns';
import { createResultLine, uploadedLine } from './ingest-lines';
import type { IngestResults } from './ingest-results';
import type { IngestJob, IngestRequest } from './job';
import { createJobRunner, JobFailure, type JobRunner } from './job-runner';
import type { JobStore } from './job-store';
import { jobId } from './job-view';
import { createParentHolds, type ParentHolds } from './parent-holds';
import { createChunkWriter } from './row-writer';
import type { Chunk, Upload, UploadStore } from './upload-store';

/** Bulk API 2.0 guide, "Limits": characters of a cell and of a row. */
const MAX_CELL = 131_072;
const MAX_ROW = 400_000;

interface IngestRunnerOptions {
  access: RecordAccess;
  jobs: JobStore<IngestRequest>;
  uploads: UploadStore;
  results: IngestResults;
}

/**
 * Writes the rows of closed ingest jobs. A chunk, its results and the job's progress are one transaction, so that what a
 * kill interrupts goes on at its chunk.
 */
export function createIngestRunner(options: IngestRunnerOptions): JobRunner<IngestRequest> {
  const { access, jobs, uploads } = options;
  const holds = createParentHolds();
  return createJobRunner({
    org: access.org,
    jobs,
    async work(job, current) {
      const upload = uploads.of(job.sequence);
      if (!upload) return;
      const writeChunk = prepare(options, holds, job, upload);
      while (current()) {
        const chunk = uploads.nextChunk(upload.id, -1);
        if (!chunk) return;
        writeChunk(chunk);
        await nextTurn();
      }
    },
    ended: (sequence) => holds.release(sequence),
  });
}

/** @throws JobFailure when nothing of the file can be written */
function prepare(
  { access, jobs, uploads, results }: IngestRunnerOptions,
  holds: ParentHolds,
  job: IngestJob,
  upload: Upload,
): (chunk: Chunk) => void {
  const { org } = access;
  const { request, sequence } = job;
  if (upload.fault !== null) throw new JobFailure(upload.fault);
  if (upload.header === '') return () => undefined; // an empty file has no rows either
  const object = org.schema.object(request.object);
  if (!object) throw new JobFailure(`InvalidBatch : Unable to find object: ${request.object}`);
  const columns = readColumns(org.schema, object, request, upload.header);
  const lineOf = createResultLine(job, columns, org.ids);
  const session = sessionOf(access, job);

  return (chunk) => {
    const before = jobs.get(sequence) ?? job;
    const isAbortedAt = org.settings.bulkAbortAfterRows ?? Number.POSITIVE_INFINITY;
    const all = readRows(chunk, job);
    const rows = all.slice(0, isAbortedAt - before.processed);
    const left = all.slice(rows.length);
    const parentHolder = org.settings.parentLocks ? holds.begin(sequence) : undefined;
    const write = createChunkWriter({
      access,
      object,
      operation: request.operation,
      columns,
      session: { ...session, parentHolder },
    });
    org.transaction(() => {
      const written = write(rows);
      const lines = { successful: [] as string[], failed: [] as string[] };
      written.forEach((result, index) => {
        lines[result.success ? 'successful' : 'failed'].push(lineOf(rows[index] ?? [], result));
      });
      for (const kind of ['successful', 'failed'] as const) {
        if (lines[kind].length === 0) continue;
        const { random } = org.core;
        results.add(sequence, kind, random(), shuffled(lines[kind], random).join(''));
      }
      uploads.removeChunk(upload.id, chunk.number);
      if (left.length > 0) {
        const text = left.map((cells) => uploadedLine(cells, request)).join('');
        uploads.addChunk(upload.id, chunk.number, Buffer.from(text));
      }
      const processed = before.processed + rows.length;
      jobs.save({
        ...before,
        ...(processed >= isAbortedAt ? { state: 'Aborted', finishedAt: org.now() } : {}),
        modifiedAt: org.now(),
        processed,
        failed: before.failed + lines.failed.length,
      });
    });
  };
}

function sessionOf(access: RecordAccess, job: IngestJob): WriteSession {
  return {
    user: job.user,
    userName: job.userName,
    via: `bulk ingest ${jobId(access.org.ids, job.sequence)}`,
    assignsByRule: job.request.assignmentRuleId !== undefined,
    savesAlerts: false, // Bulk knows no Sforce-Duplicate-Rule-Header
  };
}

/** @throws JobFailure, MalformedCsv */
function readRows(chunk: Chunk, { request }: IngestJob): string[][] {
  const rows = parseRows(chunk.bytes.toString('utf8'), request.columnDelimiter);
  for (const cells of rows) {
    let length = 0;
    for (const cell of cells) {
      if (cell.length > MAX_CELL) throw new JobFailure(`InvalidBatch : A field has more than ${MAX_CELL} characters`);
      length += cell.length;
    }
    if (length > MAX_ROW) throw new JobFailure(`InvalidBatch : A record has more than ${MAX_ROW} characters`);
  }
  return rows;
}
