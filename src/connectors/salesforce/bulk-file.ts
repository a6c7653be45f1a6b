import { salesforceId18 } from '../../domain/salesforce-id';
import type { RecordResult, WriteBatch, WriteRecord } from '../connector';
import { BLOCK_ROWS, type CsvTable, toCsv } from './bulk-csv';
import { unreadableAnswer } from './errors';
import { DONE, parseBulkError, resultOfError } from './record-result';
import { CSV_NULL, toCell } from './values';

const ID = 'Id';

/** The file of a bulk job, and what finds the records again in its results, which come in any order. */
export interface BulkFile {
  header: string[];
  text: string;
  /** One per record, in the order of the records: what tells its row from others. */
  keys: string[];
  records: readonly WriteRecord[];
}

/**
 * The file for a batch. Records may have different fields: an empty cell leaves a field alone, `#N/A` clears it (Bulk API 2.0 guide,
 * "Prepare Data Files"). What is created simply lacks its blanks.
 */
export function bulkFile({ object, operation }: WriteBatch, records: readonly WriteRecord[]): BulkFile {
  const fields = new Map(object.fields.map((field) => [field.name, field]));
  const named = new Set<string>();
  for (const { values } of records) for (const name of Object.keys(values)) named.add(name);
  named.delete(ID);
  const names = [...named];
  const cell = (record: WriteRecord, name: string): string => {
    const value = record.values[name];
    if (value === undefined) return '';
    const text = toCell(value, fields.get(name));
    return operation === 'create' && text === CSV_NULL ? '' : text;
  };
  const isById = operation !== 'create';
  const header = isById ? [ID, ...names] : names;
  const keyOf = keyBy(header);
  const texts = [toCsv([header])];
  const keys: string[] = [];
  for (let from = 0; from < records.length; from += BLOCK_ROWS) {
    const rows = records.slice(from, from + BLOCK_ROWS).map((record) => {
      const cells = names.map((name) => cell(record, name));
      return isById ? [record.destinationId ?? '', ...cells] : cells;
    });
    texts.push(toCsv(rows));
    for (const row of rows) keys.push(keyOf(row));
  }
  return { header, text: texts.join(''), keys, records };
}

/** No cell holds it: a mapping takes it off. */
const SEPARATOR = '\0';

/** Rows of an update or a deletion are told apart by their Id, others by all of their cells. */
const keyBy = ([first]: readonly string[]): ((cells: readonly string[]) => string) =>
  first === ID ? (cells) => salesforceId18(cells[0] ?? '') ?? '' : (cells) => cells.join(SEPARATOR);

/** What a job did with each record, by its result files. Rows that are equal in every cell are interchangeable. */
export class Attribution {
  private readonly found: (RecordResult | null)[];
  private readonly finder: RowFinder;
  private readonly keyOf: (cells: readonly string[]) => string;
  /** Rows that came back otherwise than they were sent. */
  private readonly late: { cells: string[]; toResult: (record: WriteRecord) => RecordResult }[] = [];

  constructor(
    private readonly file: BulkFile,
    private readonly batch: WriteBatch,
  ) {
    this.found = file.records.map(() => null);
    this.finder = new RowFinder(file);
    this.keyOf = keyBy(file.header);
  }

  /** @returns how many rows the file has */
  succeeded(table: CsvTable): number {
    const result = DONE[this.batch.operation];
    return this.take(table, 'sf__Id', (id) => () => ({ result, destinationId: salesforceId18(id) ?? id }));
  }

  failed(table: CsvTable): number {
    return this.take(table, 'sf__Error', (text) => {
      const error = parseBulkError(text);
      return (record) => resultOfError(error, record, this.batch);
    });
  }

  unprocessed(table: CsvTable): number {
    return this.take(table, null, () => () => NOT_PROCESSED);
  }

  /** To be asked for when all files have been taken. @returns one per record, null where no file names it */
  results(): (RecordResult | null)[] {
    for (const { cells, toResult } of this.late.splice(0)) this.settle(this.finder.takeSimilar(cells), toResult);
    return this.found;
  }

  /** @param wanted the column that tells what became of a row */
  private take(
    table: CsvTable,
    wanted: string | null,
    readResult: (text: string) => (record: WriteRecord) => RecordResult,
  ): number {
    const places = this.file.header.map((name) => table.header.indexOf(name));
    const wantedPlace = wanted === null ? 0 : table.header.indexOf(wanted);
    if (wantedPlace < 0 || places.includes(-1)) throw unreadableAnswer('a column of a result file is missing', true);
    let count = 0;
    for (const row of table.rows) {
      const cells = places.map((place) => row[place] ?? '');
      const toResult = readResult(row[wantedPlace] ?? '');
      if (!this.settle(this.finder.takeExact(this.keyOf(cells)), toResult)) this.late.push({ cells, toResult });
      count += 1;
    }
    return count;
  }

  private settle(place: number | undefined, toResult: (record: WriteRecord) => RecordResult): boolean {
    const record = place === undefined ? undefined : this.file.records[place];
    if (place === undefined || !record) return false;
    this.found[place] = toResult(record);
    return true;
  }
}

/** The job ended before it got to the record. */
export const NOT_PROCESSED = {
  result: 'again',
  code: 'NOT_PROCESSED',
  message: 'The bulk job ended before it got to the record.',
} as const satisfies RecordResult;

/** Places of rows by their content; each place is given out once. */
class RowFinder {
  private readonly exact = new Map<string, number[]>();
  private similar: Map<string, number[]> | null = null;
  private readonly taken: boolean[];

  constructor(private readonly file: BulkFile) {
    this.taken = file.keys.map(() => false);
    for (const [place, key] of file.keys.entries()) add(this.exact, key, place);
  }

  takeExact(key: string): number | undefined {
    return this.give(this.exact.get(key));
  }

  /** For cells that came back with other outer blanks or line breaks than they were sent with; asked for after all exact ones. */
  takeSimilar(cells: readonly string[]): number | undefined {
    if (this.file.header[0] === ID) return undefined;
    this.similar ??= this.remaining();
    return this.give(this.similar.get(similarKey(cells)));
  }

  private remaining(): Map<string, number[]> {
    const remaining = new Map<string, number[]>();
    for (const [place, key] of this.file.keys.entries()) {
      if (!this.taken[place]) add(remaining, similarKey(key.split(SEPARATOR)), place);
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
  cells.map((cell) => cell.replaceAll('\r\n', '\n').trim()).join(SEPARATOR);
