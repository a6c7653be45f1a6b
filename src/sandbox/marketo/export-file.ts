import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { CHUNK_BYTES } from './export-runner';
import type { ExportJob, ExportStore } from './export-store';

const CONTENT_TYPES = {
  CSV: 'text/csv;charset=UTF-8',
  TSV: 'text/tab-separated-values;charset=UTF-8',
  SSV: 'text/plain;charset=UTF-8',
} as const;

/** Sends a job's file, or the wished range of it (206), straight from where it is kept. */
export async function sendExportFile(
  store: ExportStore,
  job: ExportJob,
  request: Request,
  response: Response,
): Promise<void> {
  const size = job.fileSize ?? 0;
  const range = readRange(request.headers.range, size);
  response.setHeader('Content-Type', CONTENT_TYPES[job.format]);
  response.setHeader('Accept-Ranges', 'bytes');
  if (range === 'unsatisfiable') {
    response.statusCode = 416;
    response.setHeader('Content-Range', `bytes */${size}`);
    response.setHeader('Content-Length', 0);
    response.end();
    return;
  }
  const { from, to } = range ?? { from: 0, to: size - 1 };
  response.statusCode = range ? 206 : 200;
  if (range) response.setHeader('Content-Range', `bytes ${from}-${to}/${size}`);
  response.setHeader('Content-Length', Math.max(to - from + 1, 0));
  try {
    await pipeline(Readable.from(pieces(store, job.id, from, to), { objectMode: false }), response);
  } catch (error) {
    // a client that goes away in mid-file is no failure of the sandbox
    if (!response.destroyed) throw error;
  }
}

function* pieces(store: ExportStore, jobId: number, from: number, to: number): Generator<Buffer> {
  for (let position = from; position <= to; ) {
    const sequence = Math.floor(position / CHUNK_BYTES);
    const start = sequence * CHUNK_BYTES;
    const chunk = store.chunk(jobId, sequence);
    if (!chunk) throw new Error(`Chunk ${sequence} of the file of job ${jobId} is missing`);
    const bytes = chunk.subarray(position - start, to - start + 1);
    position += bytes.length;
    yield bytes;
  }
}

/** @returns `undefined` for the whole file: no range, or one in a form that servers may pass over */
function readRange(
  header: string | undefined,
  size: number,
): { from: number; to: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.replace(/\s/g, '') ?? '');
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { from: size - length, to: size - 1 };
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return undefined;
  if (from >= size) return 'unsatisfiable';
  return { from, to: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
}
