import type { FieldDescription } from '../../domain/object-description';
import { salesforceId18 } from '../../domain/salesforce-id';
import type { RecordResult, WriteBatch, WriteRecord } from '../connector';
import { BLOCK_ROWS, type CsvTable, toCsv } from './bulk-csv';
import { unreadableAnswer } from './errors';
import { DONE, parseBulkError, resultOfError } from './record-result';
import { CSV_NULL, toCell } from './values';

const ID = 'Id';

/**
 * The file of a bulk job. Records may have different fields: an empty cell leaves a field alone, `#N/A` clears it (Bulk API 2.0 guide, "Prepare
 * Data Files"). What is created simply lacks its blanks. Text and rows are made when they are asked for, since a job is waited for with many others.
 */
export class BulkFile {
  readonly header: readonly string[];
  private readonly names: readonly string[];
  private readonly isById: boolean;
  private readonly fields: ReadonlyMap<string, FieldDescription>;

  constructor(
    { object, operation }: WriteBatch,
    readonly records: readonly WriteRecord[],
  ) {
    this.fields = new Map(object.fields.map((field) => [field.name, field]));
    const names = new Set<string>();
    for (const { values } of records) for (const name of Object.keys(values)) names.add(name);
    names.delete(ID);
    this.names = [...names];
    this.isById = operation !== 'create';
    this.header = this.isById ? [ID, ...this.names] : this.names;
  }

  get text(): string {
    const texts = [toCsv([this.header])];
    for (let from = 0; from < this.records.length; from += BLOCK_ROWS)
      texts.push(toCsv(this.records.slice(from, from + BLOCK_ROWS).map((record) => this.rowOf(record))));
    return texts.join('');
  }

  /** What tells the row of a record from others: its Id in an update or a deletion, else all of its cells. */
  keyOfRecord(record: WriteRecord): string {
    return this.isById ? (salesforceId18(record.destinationId ?? '') ?? '') : this.rowOf(record).join(SEPARATOR);
  }

  /** The same of a row as it came back. */
  keyOf(cells: readonly string[]): string {
    return this.isById ? (salesforceId18(cells[0] ?? '') ?? '') : cells.join(SEPARATOR);
  }

  private rowOf(record: WriteRecord): string[] {
    const cells = this.names.map((name) => this.cellOf(record, name));
    return this.isById ? [record.destinationId ?? '', ...cells] : cells;
  }

  private cellOf({ values }: WriteRecord, name: string): string {
    const value = values[name];
    if (value === undefined) return '';
    const text = toCell(value, this.fields.get(name));
    return !this.isById && text === CSV_NULL ? '' : text;
  }
}

/** No cell holds it: a mapping takes it off. */
const SEPARATOR = '\0';

/** What a job did with each record, by its result files. Rows that are equal in every cell are interchangeable. */
export class Attribution {
  private readonly found: (RecordResult | null)[];
  private readonly finder: RowFinder;
  /** Rows that came back otherwise than they were sent. */
  private readonly late: { cells: string[]; toResult: (record: WriteRecord) => RecordResult }[] = [];

  constructor(
    private readonly file: BulkFile,
    private readonly batch: WriteBatch,
  ) {
    this.found = file.records.map(() => null);
    this.finder = new RowFinder(file, (place) => this.found[place] === null);
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
    for (const { cells, toResult } of this.late.splice(0)) this.settle(this.finder.findSimilar(cells), toResult);
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
    this.finder.startOver();
    for (const row of table.rows) {
      const cells = places.map((place) => row[place] ?? '');
      const toResult = readResult(row[wantedPlace] ?? '');
      if (!this.settle(this.finder.findExact(this.file.keyOf(cells)), toResult)) this.late.push({ cells, toResult });
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

/** So many places are looked at for a row before all are sorted by their content. */
const PLACES_AHEAD = 20;

/**
 * Finds the places of rows by their content, among those that are open yet. Salesforce tells of rows in the order in which they were sent as a
 * rule, so the next places are looked at first.
 */
class RowFinder {
  private next = 0;
  private exact: Map<string, number[]> | null = null;
  private similar: Map<string, number[]> | null = null;

  constructor(
    private readonly file: BulkFile,
    private readonly isOpen: (place: number) => boolean,
  ) {}

  /** Another file begins, which has an order of its own. */
  startOver(): void {
    this.next = 0;
  }

  findExact(key: string): number | undefined {
    if (!this.exact) {
      const place = this.findAhead(key);
      if (place !== undefined) return place;
      this.exact = this.openBy((record) => this.file.keyOfRecord(record));
    }
    return this.exact.get(key)?.shift();
  }

  private findAhead(key: string): number | undefined {
    const { records } = this.file;
    for (let place = this.next; place < Math.min(records.length, this.next + PLACES_AHEAD); place += 1) {
      const record = records[place];
      if (!record || !this.isOpen(place) || this.file.keyOfRecord(record) !== key) continue;
      this.next = place + 1;
      return place;
    }
    return undefined;
  }

  /** For cells that came back with other outer blanks or line breaks than they were sent with; asked for after all exact ones. */
  findSimilar(cells: readonly string[]): number | undefined {
    if (this.file.header[0] === ID) return undefined;
    this.similar ??= this.openBy((record) => similarKey(this.file.keyOfRecord(record).split(SEPARATOR)));
    return this.similar.get(similarKey(cells))?.shift();
  }

  private openBy(keyOf: (record: WriteRecord) => string): Map<string, number[]> {
    const places = new Map<string, number[]>();
    for (const [place, record] of this.file.records.entries())
      if (this.isOpen(place)) add(places, keyOf(record), place);
    return places;
  }
}

function add(map: Map<string, number[]>, key: string, place: number): void {
  const places = map.get(key);
  if (places) places.push(place);
  else map.set(key, [place]);
}

const similarKey = (cells: readonly string[]): string =>
  cells.map((cell) => cell.replaceAll('\r\n', '\n').trim()).join(SEPARATOR);
