import { once } from 'node:events';
import { stringify } from 'csv-stringify/sync';
import type { Response } from 'express';
import type { Database } from '../../db/client';
import { listOutcomes, type OutcomeRow, type RecordFilter } from '../../db/queries/executions-read';
import { neutralised } from '../domain/csv-cell';

const ROWS = 5_000;
const COLUMNS = ['sourceId', 'matchKey', 'outcome', 'reason', 'message', 'field', 'destinationId'] as const;

/** RFC 4180; a lone carriage return is quoted too, since readers take it for the end of a line. */
const csv = (rows: readonly (readonly string[])[]): string =>
  stringify([...rows], { record_delimiter: '\r\n', quoted_match: /[\r\n]/ });

/** Writes page by page, so that a million rows need no more memory than one page. */
export async function sendRecords(
  db: Database,
  executionId: string,
  filter: RecordFilter,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  response.write(csv([COLUMNS]));
  for (let after: string | null = null; !signal.aborted; ) {
    const rows: OutcomeRow[] = await listOutcomes(db, executionId, after, ROWS, filter);
    const text = csv(rows.map((row) => COLUMNS.map((column) => neutralised(row[column] ?? ''))));
    if (rows.length > 0 && !response.write(text)) await drained(response, signal);
    after = rows.at(-1)?.sortKey ?? after;
    if (rows.length < ROWS) break;
  }
  response.end();
}

/** Until the client has taken what was written, or is gone. */
async function drained(response: Response, signal: AbortSignal): Promise<void> {
  try {
    await once(response, 'drain', { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
