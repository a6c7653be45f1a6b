import { createHash, type Hash } from 'node:crypto';
import { type CsvError, parse } from 'csv-parse';
import type { ReadRequest, SourceRecord } from '../connector';
import { ConnectorError } from '../connector-error';
import { fromFile, toInstant } from './values';

/** The whole records at the beginning of some bytes. */
export interface FileRecords {
  rows: string[][];
  /** Bytes that they take; what follows is the beginning of the next one. */
  bytes: number;
}

/**
 * Parses as many records as the bytes hold whole. Values keep their line breaks; quotes that are not doubled, as they occur in files
 * of real instances, are taken as they are (Marketo developer guide, "Bulk extract"; seen in practice).
 * @param isEnd nothing follows: then the last record needs no line feed
 */
export function parseRecords(body: Buffer, isEnd: boolean): Promise<FileRecords> {
  const rows: string[][] = [];
  let bytes = 0;
  const parser = parse({
    // found by itself, it would be CR LF where the first value with one comes before the first line's end
    record_delimiter: '\n',
    relax_quotes: true,
    relax_column_count: true,
    on_record: (row: string[], context) => {
      if (row.length > 1 || row[0] !== '') rows.push(row);
      bytes = context.bytes;
      return null; // kept above, so nothing waits for a reader
    },
  });
  return new Promise((resolve, reject) => {
    parser.on('error', (error: CsvError) => reject(unreadableFile(error.code)));
    const done = () => {
      parser.destroy();
      resolve({ rows, bytes });
    };
    parser.resume();
    if (isEnd) {
      parser.on('end', done);
      parser.end(body);
    } else parser.write(body, (error) => (error ? undefined : done()));
  });
}

export const unreadableFile = (why: string): ConnectorError =>
  new ConnectorError(
    `The file of Marketo's export cannot be read (${why}). Sync has it made again.`,
    'UNREADABLE_FILE',
    { retry: 'soon' },
  );

/**
 * Makes records of rows, by the names in the header, since the order of columns is not promised.
 * @throws ConnectorError when the column of the id is missing
 */
export function recordReader(
  { object, fields }: Pick<ReadRequest, 'object' | 'fields'>,
  columns: readonly string[],
): (row: readonly string[]) => SourceRecord {
  const positions = new Map(columns.map((name, position) => [name, position]));
  const id = positions.get(object.idField);
  if (id === undefined) throw unreadableFile(`it has no column ${object.idField}`);
  const wanted = fields.map((name) => ({
    position: positions.get(name) ?? -1,
    field: object.fields.find((field) => field.name === name),
  }));
  const instantIn = (row: readonly string[], name: string) => {
    const cell = row[positions.get(name) ?? -1];
    return cell === undefined || cell === '' || cell === 'null' ? null : toInstant(cell);
  };
  return (row) => ({
    sourceId: row[id] ?? '',
    createdAt: instantIn(row, 'createdAt'),
    updatedAt: instantIn(row, 'updatedAt'),
    values: wanted.map(({ position, field }) => fromFile(row[position] ?? '', field)),
  });
}

const MOST_RUNNING = 50;

/**
 * The checksums of files that are being read page by page. They live as long as the process: a file whose reading went on in another
 * one is verified by its sizes alone.
 */
export class RunningChecksums {
  private readonly states = new Map<string, { offset: number; hash: Hash }[]>();

  /**
   * Takes the bytes of a file at an offset; the page before may be taken again.
   * @returns the SHA-256 of all bytes up to the end of these, in hex; null when those before were not seen
   */
  take(exportId: string, offset: number, bytes: Buffer): string | null {
    const known = this.states.get(exportId) ?? [];
    const before = offset === 0 ? createHash('sha256') : known.find((state) => state.offset === offset)?.hash;
    if (!before) return null;
    const after = before.copy().update(bytes);
    this.states.delete(exportId);
    this.states.set(exportId, [
      { offset, hash: before },
      { offset: offset + bytes.length, hash: after },
    ]);
    const [oldest] = this.states.keys();
    if (this.states.size > MOST_RUNNING && oldest !== undefined) this.states.delete(oldest);
    return after.copy().digest('hex');
  }
}
