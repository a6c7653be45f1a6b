import type { CsvTable } from './bulk-csv';
import { unreadableAnswer } from './errors';

/** A page of a bulk query's result that has been fetched, and is handed on a few rows at a time. */
export class ResultPage {
  /** Column name → its place in a row. */
  readonly columns: ReadonlyMap<string, number>;
  private readonly rows: Iterator<string[]>;
  private taken = 0;

  /**
   * @param announced rows that it has by its headers
   * @param locator where the next page begins; null behind the last one
   * @param bytes its size
   */
  constructor(
    table: CsvTable,
    readonly announced: number,
    readonly locator: string | null,
    readonly bytes: number,
  ) {
    this.columns = new Map(table.header.map((name, place) => [name, place]));
    this.rows = table.rows[Symbol.iterator]();
  }

  get isThrough(): boolean {
    return this.taken >= this.announced;
  }

  /** The next rows, so many at most. @throws ConnectorError `soon` where the page has not as many rows as it announced */
  take(most: number): string[][] {
    const rows: string[][] = [];
    while (rows.length < most && !this.isThrough) {
      const next = this.rows.next();
      if (next.done) throw this.differs(`only ${this.taken}`);
      rows.push(next.value);
      this.taken += 1;
    }
    if (this.isThrough && !this.rows.next().done) throw this.differs('more');
    return rows;
  }

  private differs(found: string) {
    return unreadableAnswer(`a file was to hold ${this.announced} records, and holds ${found}`, false);
  }
}
