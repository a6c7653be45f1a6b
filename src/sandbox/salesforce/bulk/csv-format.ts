/** Separators of Bulk files by the names that a job gives them (Bulk API 2.0 guide, "Create a Job"). */
export const DELIMITERS = {
  COMMA: ',',
  TAB: '\t',
  SEMICOLON: ';',
  PIPE: '|',
  CARET: '^',
  BACKQUOTE: '`',
} as const;
export type ColumnDelimiter = keyof typeof DELIMITERS;

export const LINE_ENDINGS = { LF: '\n', CRLF: '\r\n' } as const;
export type LineEnding = keyof typeof LINE_ENDINGS;

/** How the files of one job are written. */
export interface CsvFormat {
  columnDelimiter: ColumnDelimiter;
  lineEnding: LineEnding;
}

/** A cell of a result file: always in quotes. */
export function quotedCell(text: string): string {
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
}

/** A file cannot be read as CSV; the message is the vendor's. */
export class MalformedCsv extends Error {
  override name = 'MalformedCsv';
}

/**
 * Reads rows of an uploaded file. Quotes are strict: nothing stands between a quote and the delimiter. Both line endings
 * end a row, since whether they are the right ones has been checked when the file came. Empty lines are no rows.
 * @throws MalformedCsv
 */
export function parseRows(text: string, columnDelimiter: ColumnDelimiter): string[][] {
  const delimiter = DELIMITERS[columnDelimiter];
  if (text.includes('"')) return parseQuotedRows(text, delimiter);
  const rows: string[][] = [];
  for (const line of text.split('\n')) {
    const content = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (content !== '') rows.push(content.split(delimiter));
  }
  return rows;
}

function parseQuotedRows(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const isQuoted = text[at] === '"';
    const end = isQuoted ? closingQuote(text, at) + 1 : endOfPlainCell(text, at, delimiter);
    row.push(isQuoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end));
    const isDelimited = text[end] === delimiter;
    const next = isDelimited ? end + 1 : afterLineEnd(text, end);
    if (!isDelimited || next === text.length) {
      if (isDelimited) row.push(''); // the file ends behind a delimiter
      if (row.length > 1 || row[0] !== '' || isQuoted) rows.push(row);
      row = [];
    }
    at = next;
  }
  return rows;
}

/** Place of the quote that ends the cell which begins at `start`. */
function closingQuote(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  if (at < 0) throw new MalformedCsv(UNCLOSED_QUOTE);
  return at;
}

/** What is wrong with a file that ends inside of quotes. */
export const UNCLOSED_QUOTE = 'Failed to parse CSV. EOF reached before closing an opened quote';

function endOfPlainCell(text: string, start: number, delimiter: string): number {
  let at = start;
  for (; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === delimiter || letter === '\n' || (letter === '\r' && text[at + 1] === '\n')) break;
    if (letter === '"') throw unescapedQuote();
  }
  return at;
}

/** @returns the place where the next row begins */
function afterLineEnd(text: string, at: number): number {
  if (at === text.length) return at;
  if (text[at] === '\n') return at + 1;
  if (text[at] === '\r' && (text[at + 1] === '\n' || at + 1 === text.length)) return at + 2;
  throw unescapedQuote();
}

function unescapedQuote(): MalformedCsv {
  return new MalformedCsv('Failed to parse CSV. Found unescaped quote. A value with quote should be within a quote');
}
