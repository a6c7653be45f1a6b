import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { restored } from '../domain/csv-cell';
import type { FieldDescription, Values } from '../domain/object-description';
import { convertValue } from '../domain/values';
import { isPlain } from './plain-input';
import { Problem, type ProblemDetail } from './problem';
import { RECORD_COLUMNS, sourceColumn } from './records-csv';

/** What a person has put in place of the values of one record. */
export interface Correction {
  sourceId: string;
  /** Where its row begins in the file, for people. */
  line: number;
  values: Values;
}

/** Of the mistakes in a file so many are told at once. */
export const MOST_NAMED = 20;
/** The file is read in pieces, so that other calls are answered in between. */
const PIECE_CHARACTERS = 1 << 16;
const MOST_RECORD_CHARACTERS = 1_000_000;

/** Where something stands in the file: `line 3, source.lastName`. */
export const placeOf = (line: number, column: string): string => `line ${line}, ${column}`;

const refusal = (errors: readonly ProblemDetail[]): Problem =>
  new Problem(422, 'The file cannot be used as it is.', errors);

/**
 * Reads a file of corrected records, as it was downloaded or made by hand: a column `sourceId`, and a column `source.lastName` for a field
 * `lastName`. What else a download holds may stay; rows of records that have not failed are passed over. An apostrophe that our downloads
 * put before what looks like a formula is taken off. An empty cell is a blank.
 * @param fields those of the source that the sync reads
 * @throws Problem 422 that names line and column of what is wrong
 */
export async function readCorrections(
  text: string,
  fields: readonly FieldDescription[],
  options: { timeZone: string },
): Promise<Correction[]> {
  let columns: Column[] | null = null;
  const errors: ProblemDetail[] = [];
  const lines = new Map<string, number>();
  const corrections: Correction[] = [];
  for await (const { cells, line } of rowsOf(text)) {
    if (columns === null) {
      columns = columnsOf(cells, fields);
      continue;
    }
    const row = toCorrection(columns, cells, line, options, errors);
    if (row) {
      const before = lines.get(row.sourceId);
      if (before !== undefined) {
        const message = `The record stands in line ${before} already.`;
        errors.push({ path: placeOf(line, ID), message });
      }
      lines.set(row.sourceId, line);
      corrections.push(row);
    }
    if (errors.length >= MOST_NAMED) break;
  }
  if (errors.length > 0) throw refusal(errors);
  if (corrections.length === 0) throw refusal([{ path: 'file', message: 'No row of a failed record is in it.' }]);
  return corrections;
}

const ID = 'sourceId';
const OUTCOME = 'outcome';

interface Column {
  name: string;
  /** The field whose values it holds; null for one that says what became of the record. */
  field: FieldDescription | null;
}

function columnsOf(header: readonly string[], fields: readonly FieldDescription[]): Column[] {
  const byColumn = new Map(fields.map((field) => [sourceColumn(field.name), field]));
  const names = header.map((cell) => restored(cell).trim());
  const errors = names.flatMap((name, index) => {
    if (names.indexOf(name) < index) return [{ path: placeOf(1, name), message: 'The column occurs twice.' }];
    if (isOfLedger(name) || byColumn.has(name)) return [];
    const known = [...byColumn.keys()].join(', ');
    return [{ path: placeOf(1, name), message: `There is no such column. Columns of values are ${known}.` }];
  });
  if (!names.includes(ID)) errors.unshift({ path: placeOf(1, ID), message: 'A column sourceId is needed.' });
  const columns = names.map((name) => ({ name, field: byColumn.get(name) ?? null }));
  if (errors.length === 0 && columns.every(({ field }) => field === null)) {
    const message = `No column holds values of the source, such as ${[...byColumn.keys()][0] ?? sourceColumn('name')}.`;
    errors.push({ path: 'file', message });
  }
  if (errors.length > 0) throw refusal(errors.slice(0, MOST_NAMED));
  return columns;
}

const isOfLedger = (column: string): boolean => (RECORD_COLUMNS as readonly string[]).includes(column);

/** @returns null where the row is passed over; what is wrong with it is added to `errors` */
function toCorrection(
  columns: readonly Column[],
  cells: readonly string[],
  line: number,
  options: { timeZone: string },
  errors: ProblemDetail[],
): Correction | null {
  if (cells.every((cell) => cell.trim() === '')) return null;
  if (cells.length !== columns.length) {
    errors.push({
      path: `line ${line}`,
      message: `It has ${cells.length} cells, and the first line ${columns.length}.`,
    });
    return null;
  }
  const textOf = (name: string) => restored(cells[columns.findIndex((column) => column.name === name)] ?? '').trim();
  if (!['', 'failed'].includes(textOf(OUTCOME))) return null;
  const sourceId = textOf(ID);
  if (sourceId === '' || !isPlain(sourceId)) {
    errors.push({ path: placeOf(line, ID), message: 'The Id of the record is needed.' });
    return null;
  }
  const values: Values = {};
  for (const [index, { name, field }] of columns.entries()) {
    if (!field) continue;
    const text = restored(cells[index] ?? '');
    if (!isPlain(text)) errors.push({ path: placeOf(line, name), message: 'It holds what cannot be kept.' });
    const converted = convertValue(text, read(field), options);
    if ('refused' in converted) errors.push({ path: placeOf(line, name), message: converted.refused.message });
    else values[field.name] = converted.value;
  }
  return { sourceId, line, values };
}

/** A field as it is read: whether a value is too long or in a picklist, its own system has decided, and the destination will. */
const read = (field: FieldDescription): FieldDescription => {
  if (field.type === 'id' || field.type === 'reference') return field;
  const isText = field.type === 'email' || field.type === 'picklist';
  return { ...field, type: isText ? 'text' : field.type, length: null, restricted: false, picklistValues: [] };
};

async function* rowsOf(text: string): AsyncGenerator<{ cells: string[]; line: number }> {
  const [first = ''] = text.split(/[\r\n]/, 1);
  let next = 1;
  const lines: number[] = [];
  const parser = parse({
    // spreadsheets of many countries write semicolons, a copy from one has tabs
    delimiter: [',', ';', '\t'].find((delimiter) => first.includes(delimiter)) ?? ',',
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: MOST_RECORD_CHARACTERS,
    // told by line and column
    relax_column_count: true,
    on_record: (cells: string[]) => {
      lines.push(next);
      next += 1 + cells.reduce((breaks, cell) => breaks + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);
      return cells;
    },
  });
  try {
    for await (const cells of Readable.from(piecesOf(text)).pipe(parser)) yield { cells, line: lines.shift() ?? next };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // its own count of lines is another one
    const [message = ''] = error.message.split(/ (?:at|on) line /, 1);
    throw refusal([{ path: `line ${next}`, message: `It is no CSV: ${message}.` }]);
  }
}

function* piecesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; from += PIECE_CHARACTERS) yield text.slice(from, from + PIECE_CHARACTERS);
}
