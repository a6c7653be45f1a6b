import Papa from 'papaparse';
import { unreadableAnswer } from './errors';

/** A bulk file: its header line, and the rows below it, each as the texts of its cells. */
export interface CsvTable {
  header: string[];
  /** Can be gone through once. */
  rows: Iterable<string[]>;
}

/** Rows that are taken apart together: few enough to be garbage before anybody moves them about. */
export const BLOCK_ROWS = 500;

/**
 * Reads a bulk file, whose lines all end as its first one does; its rows as they are asked for.
 * @throws ConnectorError `soon`, here or at one of the rows, for a file that was cut within a row, a cell or a character
 */
export function parseCsv(text: string): CsvTable {
  const rows = rowsOf(text);
  const first = rows.next();
  return { header: first.done ? [] : first.value, rows };
}

const BYTE_ORDER_MARK = '\uFEFF';

function* rowsOf(text: string): Generator<string[], undefined> {
  const newline = /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
  const how = { delimiter: ',', newline, skipEmptyLines: true, fastMode: false, preview: BLOCK_ROWS } as const;
  let width: number | null = null;
  for (let at = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0; at < text.length; ) {
    const { data, errors, meta } = Papa.parse<string[]>(text.slice(at), how);
    if (errors.length > 0) throw unreadableAnswer('a file is cut or malformed', false);
    for (const row of data) {
      width ??= row.length;
      if (row.length !== width) throw unreadableAnswer('a file is cut or malformed', false);
      yield row;
    }
    at += meta.cursor;
  }
}

const OUTER_BLANK = /^\s|\s$/;

/** Lines of a bulk file, each ended by LF; quotes only where they are needed; an empty cell leaves its field alone. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  const quotes = (cell: unknown) => typeof cell === 'string' && OUTER_BLANK.test(cell);
  return rows.length === 0 ? '' : `${Papa.unparse([...rows], { newline: '\n', quotes })}\n`;
}
