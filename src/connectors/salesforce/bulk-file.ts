import { salesforceId18 } from '../../domain/salesforce-id';
import type { RecordResult, WriteBatch, WriteRecord } from '../connector';
import { type CsvTable, toCsv } from './bulk-csv';
import { unreadableAnswer } from './errors';
import { DONE, parseBulkError, resultOfError } from './record-result';
import { CSV_NULL, toCell } from './values';

const ID = 'Id';

/** The file of a bulk job, and what finds the records again in its results, which come in any order. */
export interface BulkFile {
  header: string[];
  /** One per record, in the order of the records. */
  rows: string[][];
  records: readonly WriteRecord[];
}

/**
 * The file for a batch. Records may have different fields: an empty cell leaves a field alone, `#N/A` clears it (Bulk API 2.0 guide,
 * "Prepare Data Files"). What is created simply lacks its blanks.
 */
export function bulkFile({ object, operation }: WriteBatch, records: readonly WriteRecord[]): BulkFile {
  const fields = new Map(object.fields.map((field) => [field.name, field]));
  const names = [...new Set(records.flatMap(({ values }) => Object.keys(values)))].filter((name) => name !== ID);
  const cell = (record: WriteRecord, name: string): string => {
    const value = record.values[name];
    if (value === undefined) return '';
    const text = toCell(value, fields.get(name));
    return operation === 'create' && text === CSV_NULL ? '' : text;
  };
  const isById = operation !== 'create';
  return {
    header: isById ? [ID, ...names] : names,
    rows: records.map((record) => [
      ...(isById ? [record.destinationId ?? ''] : []),
      ...names.map((name) => cell(record, name)),
    ]),
    records,
  };
}

export const textOf = ({ header, rows }: BulkFile): string => toCsv(header, rows);

/** The result files of a job that has ended. */
export interface ResultFiles {
  succeeded: CsvTable | null;
  failed: CsvTable | null;
  unprocessed: CsvTable | null;
}

/**
 * Finds for each record what the job did with it. Rows of an update or a deletion are found by their Id, others by all of their cells: rows that
 * are equal in every cell are interchangeable.
 * @returns one per record, null where no file names it
 */
export function attribute(file: BulkFile, files: ResultFiles, batch: WriteBatch): (RecordResult | null)[] {
  const results: (RecordResult | null)[] = file.records.map(() => null);
  const finder = new RowFinder(file);
  const late: { cells: string[]; toResult: (record: WriteRecord) => RecordResult }[] = [];
  const settle = (place: number | undefined, toResult: (record: WriteRecord) => RecordResult): boolean => {
    const record = place === undefined ? undefined : file.records[place];
    if (place === undefined || !record) return false;
    results[place] = toResult(record);
    return true;
  };
  for (const { cells, toResult } of resultRows(file, files, batch)) {
    if (!settle(finder.takeExact(cells), toResult)) late.push({ cells, toResult });
  }
  for (const { cells, toResult } of late) settle(finder.takeSimilar(cells), toResult);
  return results;
}

function* resultRows(file: BulkFile, { succeeded, failed, unprocessed }: ResultFiles, batch: WriteBatch) {
  for (const { row, cells, idPlace } of rowsOf(file, succeeded, 'sf__Id')) {
    const id = row[idPlace] ?? '';
    const destinationId = salesforceId18(id) ?? id;
    const result = DONE[batch.operation];
    yield { cells, toResult: (): RecordResult => ({ result, destinationId }) };
  }
  for (const { row, cells, idPlace } of rowsOf(file, failed, 'sf__Error')) {
    const error = parseBulkError(row[idPlace] ?? '');
    yield { cells, toResult: (record: WriteRecord) => resultOfError(error, record, batch) };
  }
  for (const { cells } of rowsOf(file, unprocessed, null)) yield { cells, toResult: () => NOT_PROCESSED };
}

/** The job ended before it got to the record. */
export const NOT_PROCESSED = {
  result: 'again',
  code: 'NOT_PROCESSED',
  message: 'The bulk job ended before it got to the record.',
} as const satisfies RecordResult;

/** Rows of a result file with their cells in the order of our columns. */
function* rowsOf(file: BulkFile, table: CsvTable | null, wanted: string | null) {
  if (!table) return;
  const places = file.header.map((name) => table.header.indexOf(name));
  const idPlace = wanted === null ? 0 : table.header.indexOf(wanted);
  if (idPlace < 0 || places.includes(-1)) throw unreadableAnswer('a column of a result file is missing', true);
  for (const row of table.rows) yield { row, idPlace, cells: places.map((place) => row[place] ?? '') };
}

/** Places of rows by their content; each place is given out once. */
class RowFinder {
  private readonly exact = new Map<string, number[]>();
  private similar: Map<string, number[]> | null = null;
  private readonly byId: boolean;
  private readonly taken: boolean[];

  constructor(private readonly file: BulkFile) {
    this.byId = file.header[0] === ID;
    this.taken = file.rows.map(() => false);
    for (const [place, cells] of file.rows.entries()) add(this.exact, this.keyOf(cells), place);
  }

  private keyOf(cells: readonly string[]): string {
    return this.byId ? (salesforceId18(cells[0] ?? '') ?? '') : JSON.stringify(cells);
  }

  takeExact(cells: readonly string[]): number | undefined {
    return this.give(this.exact.get(this.keyOf(cells)));
  }

  /** For cells that came back with other outer blanks or line breaks than they were sent with; asked for after all exact ones. */
  takeSimilar(cells: readonly string[]): number | undefined {
    if (this.byId) return undefined;
    this.similar ??= this.remaining();
    return this.give(this.similar.get(similarKey(cells)));
  }

  private remaining(): Map<string, number[]> {
    const remaining = new Map<string, number[]>();
    for (const [place, cells] of this.file.rows.entries()) {
      if (!this.taken[place]) add(remaining, similarKey(cells), place);
    }
    return remaining;
  }

  private give(places: number[] | undefined): number | undefined {
    const place = places?.shift();
    if (place !== undefined) this.taken[place] = true;
    return place;
  }
}

function add(map: Map<string, number[]>, key: string, place: number): void {
  const places = map.get(key);
  if (places) places.push(place);
  else map.set(key, [place]);
}

const similarKey = (cells: readonly string[]): string =>
  JSON.stringify(cells.map((cell) => cell.replaceAll('\r\n', '\n').trim()));
