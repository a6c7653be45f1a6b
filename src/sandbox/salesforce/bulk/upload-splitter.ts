import { type CsvFormat, DELIMITERS, UNCLOSED_QUOTE } from './csv-format';

/** Rows that are written together; duplicates of a key are looked for among them (Bulk API guide, "How Batches Are Processed"). */
export const CHUNK_ROWS = 200;

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF', 'utf8');

/** What has been learned of a file when it has come in full. */
export interface SplitUpload {
  /** First row as uploaded, without its line end. */
  header: string;
  /** Rows below the header. */
  rows: number;
  /** Why no row of it can be processed; null where there is no reason. */
  fault: string | null;
}

/** Cuts a file into its header and chunks of 200 rows while it comes in, so that it is never held as a whole. */
export class UploadSplitter {
  private header: Buffer | undefined;
  private rows = 0;
  private fault: string | null = null;
  /** Finished rows of the chunk that is being filled, with what has come of the next row. */
  private pending: Buffer[] = [];
  private rowsPending = 0;
  private rowBytes = 0;
  private isQuoted = false;
  private lastByte = LF;
  private hasBegun = false;
  private readonly delimiter: number;

  /** @param keep takes a full chunk: its number from 0, and its rows as uploaded */
  constructor(
    private readonly format: CsvFormat,
    private readonly keep: (chunk: number, bytes: Buffer) => void,
  ) {
    this.delimiter = DELIMITERS[format.columnDelimiter].charCodeAt(0);
  }

  write(bytes: Buffer): void {
    const first = this.hasBegun ? 0 : sizeOfMark(bytes);
    this.hasBegun = true;
    let from = first;
    for (let at = first; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte !== QUOTE && byte !== LF) continue;
      const before = at > first ? bytes[at - 1] : this.lastByte;
      if (byte === QUOTE) this.isQuoted = !this.isQuoted && this.opensQuotes(before);
      else if (!this.isQuoted) {
        this.rowBytes += at + 1 - from;
        this.pending.push(bytes.subarray(from, at + 1));
        this.endRow(before === CR);
        from = at + 1;
      }
    }
    if (from < bytes.length) {
      this.pending.push(bytes.subarray(from));
      this.rowBytes += bytes.length - from;
    }
    this.lastByte = bytes[bytes.length - 1] ?? this.lastByte;
  }

  /** Only at the beginning of a cell, or behind a quote, which then did not close the cell but is doubled. */
  private opensQuotes(before: number | undefined): boolean {
    return before === this.delimiter || before === LF || before === QUOTE;
  }

  end(): SplitUpload {
    if (this.isQuoted) this.fault ??= `InvalidBatch : ${UNCLOSED_QUOTE}`;
    if (this.rowBytes > 0) this.addRow();
    if (this.rowsPending > 0) this.keepChunk();
    return { header: withoutLineEnd(this.header), rows: this.rows, fault: this.fault };
  }

  private endRow(hasReturn: boolean): void {
    if (hasReturn !== (this.format.lineEnding === 'CRLF'))
      this.fault ??= `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${this.format.lineEnding}`;
    if (this.rowBytes > (hasReturn ? 2 : 1)) this.addRow();
    else this.passOverEmptyLine();
  }

  /** It may stay in a chunk, whose reader passes over it too. */
  private passOverEmptyLine(): void {
    this.rowBytes = 0;
    if (this.header === undefined) this.pending = [];
  }

  private addRow(): void {
    this.rowBytes = 0;
    if (this.header === undefined) {
      this.header = Buffer.concat(this.pending);
      this.pending = [];
      return;
    }
    this.rows += 1;
    this.rowsPending += 1;
    if (this.rowsPending === CHUNK_ROWS) this.keepChunk();
  }

  private keepChunk(): void {
    const chunk = Math.ceil(this.rows / CHUNK_ROWS) - 1;
    this.keep(chunk, Buffer.concat(this.pending));
    this.pending = [];
    this.rowsPending = 0;
  }
}

/** Bytes of a byte order mark, which is no part of the first heading. */
function sizeOfMark(bytes: Buffer): number {
  return bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
}

function withoutLineEnd(header: Buffer | undefined): string {
  return (header ?? Buffer.alloc(0)).toString('utf8').replace(/\r?\n$/, '');
}
