import { once } from 'node:events';
import { stringify } from 'csv-stringify/sync';
import type { Response } from 'express';
import { neutralised } from '../domain/csv-cell';

const ROWS = 5_000;
/** By it some spreadsheets know UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';

/** What a download says of each record. */
export const RECORD_COLUMNS = [
  'sourceId',
  'matchKey',
  'outcome',
  'reason',
  'message',
  'field',
  'destinationId',
] as const;

/** The column that holds the values of a field of the source. */
export const sourceColumn = (field: string): string => `source.${field}`;

/** RFC 4180; a lone carriage return is quoted too, since readers take it for the end of a line. */
const csv = (rows: readonly (readonly string[])[]): string =>
  stringify([...rows], { record_delimiter: '\r\n', quoted_match: /[\r\n]/ });

/** What a download holds, and where it comes from. */
export interface Download<Row extends { sortKey: string }, Column extends string> {
  columns: readonly Column[];
  /** @param after sort key of the last row of the page before */
  page(after: string | null, limit: number): Promise<Row[]>;
  /** Texts by column; null for an empty cell. */
  cells(row: Row): Record<Column, string | null>;
}

/**
 * Writes page by page, so that a million rows need no more memory than one page. No cell is taken for a formula.
 * @param bom begins with a byte order mark
 */
export async function sendRecords<Row extends { sortKey: string }, Column extends string>(
  { columns, page, cells }: Download<Row, Column>,
  response: Response,
  { signal, bom }: { signal: AbortSignal; bom?: 'true' | undefined },
): Promise<void> {
  response.write(`${bom === undefined ? '' : BYTE_ORDER_MARK}${csv([columns])}`);
  for (let after: string | null = null; !signal.aborted; ) {
    const rows: Row[] = await page(after, ROWS);
    const text = csv(
      rows.map((row) => {
        const values = cells(row);
        return columns.map((column) => neutralised(values[column] ?? ''));
      }),
    );
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
