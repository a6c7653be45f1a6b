import { stringify } from 'csv-stringify/sync';
import type { Response } from 'express';
import { neutralised } from '../domain/csv-cell';
import { type Rows, sendRows } from './download';

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
export interface Download<Row extends { sortKey: string }> extends Rows<Row> {
  columns: readonly string[];
  /** Texts in the order of the columns; null for an empty cell. */
  cells(row: Row): (string | null)[];
}

/**
 * Writes records as CSV. No cell is taken for a formula.
 * @param bom begins with a byte order mark
 */
export async function sendRecords<Row extends { sortKey: string }>(
  download: Download<Row>,
  response: Response,
  { signal, bom }: { signal: AbortSignal; bom?: 'true' | undefined },
): Promise<void> {
  const { columns, cells } = download;
  const lineOf = (row: Row) => cells(row).map((cell) => neutralised(cell ?? ''));
  response.write(`${bom === undefined ? '' : BYTE_ORDER_MARK}${csv([columns])}`);
  await sendRows(download, (rows) => csv(rows.map(lineOf)), response, signal);
  response.end();
}
