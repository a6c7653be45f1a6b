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
 * Reads a bulk file in UTF-8, whose lines all end as its first one does; its rows as they are asked for. It stays bytes until then, since the text of
 * a file takes several times the room, twice that again where one character of it is no Latin one, and the text of a few rows does not stay.
 * @throws ConnectorError `soon`, here or at one of the rows, for a file that was cut within a row, a cell or a character
 */
export function parseCsv(file: Buffer): CsvTable {
  const rows = rowsOf(file);
  const first = rows.next();
  return { header: first.done ? [] : first.value, rows };
}

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
const [QUOTE, CR, LF] = [0x22, 0x0d, 0x0a];

function* rowsOf(file: Buffer): Generator<string[], undefined> {
  const newline = file[file.indexOf(LF) - 1] === CR ? '\r\n' : '\n';
  const how = { delimiter: ',', newline, skipEmptyLines: true, fastMode: false } as const;
  const isMarked = file.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  let width: number | null = null;
  for (let from = isMarked ? BYTE_ORDER_MARK.length : 0, to = from; from < file.length; from = to) {
    to = endOfBlock(file, from);
    const { data, errors } = Papa.parse<string[]>(file.toString('utf8', from, to), how);
    if (errors.length > 0) throw unreadableAnswer('a file is cut or malformed', false);
    for (const row of data) {
      width ??= row.length;
      if (row.length !== width) throw unreadableAnswer('a file is cut or malformed', false);
      yield row;
    }
  }
}

/** Where a block of rows ends that begins somewhere; a line break within quotes ends no row. */
function endOfBlock(file: Buffer, from: number): number {
  let isQuoted = false;
  let rows = 0;
  for (let at = from; at < file.length; at += 1) {
    const byte = file[at];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (byte === LF && !isQuoted) {
      rows += 1;
      if (rows === BLOCK_ROWS) return at + 1;
    }
  }
  return file.length;
}

const OUTER_BLANK = /^\s|\s$/;

/** Lines of a bulk file, each ended by LF; quotes only where they are needed; an empty cell leaves its field alone. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  const quotes = (cell: unknown) => typeof cell === 'string' && OUTER_BLANK.test(cell);
  return rows.length === 0 ? '' : `${Papa.unparse([...rows], { newline: '\n', quotes })}\n`;
}
