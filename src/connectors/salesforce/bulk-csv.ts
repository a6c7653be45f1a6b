import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { unreadableAnswer } from './errors';

/** The rows of a bulk file below its header line, each as the texts of its cells. */
export interface CsvTable {
  header: string[];
  rows: string[][];
}

/** @throws ConnectorError `soon` for a file that was cut within a row, a cell or a character */
export function parseCsv(text: string): CsvTable {
  try {
    const [header = [], ...rows]: string[][] = parse(text, {
      bom: true,
      record_delimiter: ['\r\n', '\n'],
      skip_empty_lines: true,
    });
    return { header, rows };
  } catch {
    throw unreadableAnswer('a file is cut or malformed', false);
  }
}

/** Rows end with LF; quotes only where they are needed; an empty cell leaves its field alone. */
export function toCsv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return stringify([[...header], ...rows.map((row) => [...row])], {
    record_delimiter: '\n',
    quoted_match: /^[\s]|[\s]$|[\r\n]/,
  });
}
