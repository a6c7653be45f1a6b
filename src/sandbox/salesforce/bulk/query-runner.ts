import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordAccess } from '../record-access';
import type { ResultRow } from '../soql/output';
import type { RowsPlan } from '../soql/plan';
import { type CsvFormat, DELIMITERS, LINE_ENDINGS, quotedCell } from './csv-format';
import type { QueryJob, QueryRequest } from './job';
import { createJobRunner, type JobRunner } from './job-runner';
import type { JobStore } from './job-store';
import type { QueryResults } from './query-results';

/** Rows that are read before other calls get their turn. */
const BLOCK_ROWS = 1_000;

interface QueryRunnerOptions {
  access: RecordAccess;
  jobs: JobStore<QueryRequest>;
  results: QueryResults;
}

/** Writes down the answers of query jobs; one that a restart interrupts begins anew. */
export function createQueryRunner({ access, jobs, results }: QueryRunnerOptions): JobRunner<QueryRequest> {
  const { org, queries } = access;
  return createJobRunner({
    org,
    jobs,
    async work(job, current) {
      const { sequence, request } = job;
      const plan = planOf(access, request);
      const lineOf = createLineWriter(plan, request);
      const wanted = queries.sequences(plan);
      org.transaction(() => {
        results.begin(sequence, lineOfCells(plan.csvHeadings, request));
        jobs.save({ ...job, processed: 0 });
      });
      const addBlock = (from: number, before: QueryJob): void => {
        const lines = queries.fetch(plan, wanted.subarray(from, from + BLOCK_ROWS)).map(lineOf);
        if (lines.length > 0) results.add(sequence, { first: before.processed, ...joined(lines) });
        jobs.save({ ...before, processed: before.processed + lines.length, modifiedAt: org.now() });
      };
      for (let from = 0; from < wanted.length; from += BLOCK_ROWS) {
        const before = current();
        if (!before) return;
        org.transaction(() => addBlock(from, before));
        await nextTurn();
      }
    },
  });
}

/** @throws ApiError when the query cannot be, or cannot be in Bulk */
export function planOf(
  { queries }: RecordAccess,
  { query, operation }: Pick<QueryRequest, 'query' | 'operation'>,
): RowsPlan {
  const plan = queries.plan(query, operation === 'queryAll', true);
  if (plan.kind !== 'rows') throw new Error('A query of groups has passed the checks of Bulk');
  return plan;
}

function lineOfCells(cells: readonly string[], format: CsvFormat): string {
  return cells.map(quotedCell).join(DELIMITERS[format.columnDelimiter]) + LINE_ENDINGS[format.lineEnding];
}

function createLineWriter({ csvCells }: RowsPlan, format: CsvFormat): (row: ResultRow) => string {
  const delimiter = DELIMITERS[format.columnDelimiter];
  const lineEnd = LINE_ENDINGS[format.lineEnding];
  return (row) => {
    let line = '';
    for (const write of csvCells) line += (line === '' ? '' : delimiter) + quotedCell(write(row));
    return line + lineEnd;
  };
}

function joined(lines: readonly string[]): { bytes: Buffer; ends: Uint32Array } {
  const ends = new Uint32Array(lines.length);
  let size = 0;
  lines.forEach((line, index) => {
    size += Buffer.byteLength(line, 'utf8');
    ends[index] = size;
  });
  return { bytes: Buffer.from(lines.join(''), 'utf8'), ends };
}
