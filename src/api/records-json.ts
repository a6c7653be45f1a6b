import type { Response } from 'express';
import { type Rows, sendRows } from './download';

/** Writes a list of records as JSON, one a line. @param toItem what the list holds of a row */
export async function sendRecordsAsJson<Row extends { sortKey: string }>(
  rows: Rows<Row>,
  toItem: (row: Row) => object,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  let before = '[\n';
  const lineOf = (row: Row) => {
    const line = `${before}${JSON.stringify(toItem(row))}`;
    before = ',\n';
    return line;
  };
  await sendRows(rows, (page) => page.map(lineOf).join(''), response, signal);
  response.end(before === '[\n' ? '[]\n' : '\n]\n');
}
