import { randomBytes } from 'node:crypto';
import type { Statement } from 'better-sqlite3';
import { ApiError } from './api-error';
import type { Org } from './org';
import { suffixOf } from './record-id';
import type { ResultRow } from './soql/output';
import { parseSoql } from './soql/parser';
import { type ChildPlan, type Plan, planQuery, type RowsPlan } from './soql/plan';
import { tooComplicated } from './soql/soql-error';

/** An answer of groups does not page (SOQL guide, "GROUP BY"). */
const MAX_GROUPS = 2_000;
/** Rows of very many columns come in smaller pages. */
const WIDE_ROW = 150;
const WIDE_PAGE_ROWS = 1_000;
/** How much of a query is kept to tell of it. */
const SHOWN_OF_QUERY = 500;
/** SQLite's words for too many columns, parents, conditions within each other. */
const BEYOND_THE_DATABASE = /too many|too large|too big|at most \d+ tables|stack overflow/i;

export interface QueryWish {
  soql: string;
  /** queryAll. */
  includeDeleted: boolean;
  /** From Sforce-Query-Options; absent: the org's page. */
  batchSize: number | undefined;
  /** `/services/data/v60.0`. */
  path: string;
  /** Who opens a locator. */
  user: number;
}

interface LocatorRow {
  id: string;
  user: number;
  soql: string;
  include_deleted: number;
  page_rows: number;
  sequences: Buffer;
  used_at: number;
}

/** Runs queries, and keeps what is needed to give their further pages. */
export class QueryService {
  /** Snapshots of open locators; the database has them too. */
  private readonly snapshots = new Map<string, Float64Array>();

  constructor(private readonly org: Org) {
    org.core.database.exec(`create table if not exists sf_locators (
      sequence integer primary key, id text not null unique, user integer not null, soql text not null,
      include_deleted integer not null, page_rows integer not null, sequences blob not null, opened_at integer not null,
      used_at integer not null, is_drained integer not null default 0)`);
  }

  /** @throws ApiError */
  plan(soql: string, includeDeleted: boolean, isBulk: boolean): Plan {
    const { org } = this;
    if (includeDeleted) for (const object of org.schema.all()) org.table(object).purge(org.now());
    return planQuery(soql, parseSoql(soql), {
      schema: org.schema,
      ids: org.ids,
      nowMs: org.now(),
      timeZone: org.settings.timeZone,
      includeDeleted,
      isBulk,
    });
  }

  /** @returns the JSON of the first page */
  run(wish: QueryWish): string {
    const plan = this.plan(wish.soql, wish.includeDeleted, false);
    // to read a whole object is what Bulk is for
    if (plan.kind === 'rows' && plan.isUnbounded)
      this.org.core.countViolation('unboundedQuery', wish.soql.slice(0, SHOWN_OF_QUERY));
    if (plan.kind === 'count') {
      const count = this.prepared(plan.count.sql)
        .pluck()
        .get(...plan.count.parameters);
      return `{"totalSize":${count},"done":true,"records":[]}`;
    }
    if (plan.kind === 'aggregate') {
      const rows = this.prepared(plan.select.sql)
        .raw()
        .all(...plan.select.parameters) as ResultRow[];
      if (rows.length > MAX_GROUPS)
        throw new ApiError(
          400,
          'EXCEEDED_ID_LIMIT',
          'Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch',
        );
      return `{"totalSize":${rows.length},"done":true,"records":[${rows.map((row) => plan.writeJson(row)).join()}]}`;
    }
    const sequences = this.sequences(plan);
    const pageRows = this.pageRows(plan, wish.batchSize);
    if (sequences.length <= pageRows) return this.page(plan, sequences, 0, pageRows, undefined, wish.path);
    const locator = this.openLocator(wish, sequences, pageRows);
    return this.page(plan, sequences, 0, pageRows, locator, wish.path);
  }

  /**
   * @param locator as in `nextRecordsUrl`: `0r8…-2000`
   * @throws ApiError INVALID_QUERY_LOCATOR
   */
  next(locator: string, path: string): string {
    const [, id = '', offset = ''] = /^([A-Za-z0-9]{15,18})-(\d{1,9})$/.exec(locator) ?? [];
    const { database } = this.org.core;
    const row = database.prepare('select * from sf_locators where id = ?').get(id) as LocatorRow | undefined;
    const { locatorLifetimeMs } = this.org.settings;
    if (!row || this.org.now() - row.used_at > locatorLifetimeMs) throw invalidLocator();
    const sequences = this.snapshotOf(row);
    const start = Number(offset);
    if (start >= sequences.length) throw invalidLocator();
    // read to its end it is no longer open, but whose answer was lost may ask for the last page again
    const isDrained = start + row.page_rows >= sequences.length;
    if (isDrained) this.snapshots.delete(id);
    database
      .prepare('update sf_locators set used_at = ?, is_drained = max(is_drained, ?) where id = ?')
      .run(this.org.now(), Number(isDrained), id);
    const plan = this.plan(row.soql, row.include_deleted === 1, false);
    if (plan.kind !== 'rows') throw invalidLocator();
    return this.page(plan, sequences, start, row.page_rows, id, path);
  }

  /** The records of an answer as they are now; later pages follow this list. */
  sequences(plan: RowsPlan): Float64Array {
    const found = this.prepared(plan.sequences.sql)
      .pluck()
      .all(...plan.sequences.parameters) as number[];
    return Float64Array.from(found);
  }

  /** Reads some of the records; those that have been removed for good meanwhile are missing. */
  fetch(plan: RowsPlan, sequences: Float64Array): ResultRow[] {
    return this.prepared(plan.fetchSql)
      .raw()
      .all(JSON.stringify(Array.from(sequences))) as ResultRow[];
  }

  /** A plan's SQL, ready to run. @throws ApiError when the query is more than the database can take */
  prepared(sql: string): Statement<unknown[]> {
    try {
      return this.org.core.database.prepare(sql);
    } catch (error) {
      if (error instanceof Error && BEYOND_THE_DATABASE.test(error.message)) throw tooComplicated();
      throw error;
    }
  }

  /** Ends all locators, as the vendor does after their time. */
  expireLocators(): void {
    this.org.core.database.exec('delete from sf_locators');
    this.snapshots.clear();
  }

  private pageRows(plan: RowsPlan, batchSize: number | undefined): number {
    const most = Math.min(
      this.org.settings.queryPageRows,
      plan.width > WIDE_ROW ? WIDE_PAGE_ROWS : Number.MAX_SAFE_INTEGER,
    );
    return batchSize === undefined ? most : Math.min(most, Math.max(200, batchSize));
  }

  private page(
    plan: RowsPlan,
    sequences: Float64Array,
    start: number,
    rows: number,
    locator: string | undefined,
    path: string,
  ): string {
    const wanted = sequences.subarray(start, start + rows);
    const fetched = this.fetch(plan, wanted);
    const children = plan.children.length > 0 ? this.children(plan, fetched, path) : undefined;
    const records = fetched.map((row) => {
      const text = plan.writeJson(row, path);
      return children ? withChildren(text, children) : text;
    });
    const end = start + rows;
    const isDone = end >= sequences.length;
    const next = isDone ? '' : `,"nextRecordsUrl":"${path}/query/${locator}-${end}"`;
    return `{"totalSize":${sequences.length},"done":${isDone}${next},"records":[${records.join()}]}`;
  }

  /** Lists of children of a page's records: by the name of the list, then by the parent's number. */
  private children(plan: RowsPlan, rows: readonly ResultRow[], path: string): Map<string, string> {
    const lists = new Map<string, string>();
    for (const child of plan.children) {
      for (const [parent, records] of this.childRecords(child, rows, path)) {
        const kept = child.limit === undefined ? records : records.slice(0, child.limit);
        if (kept.length === 0) continue;
        const list = `{"totalSize":${kept.length},"done":true,"records":[${kept.join()}]}`;
        lists.set(`${child.key}:${parent - child.parentBase}`, list);
      }
    }
    return lists;
  }

  private childRecords(child: ChildPlan, rows: readonly ResultRow[], path: string): Map<number, string[]> {
    const parents = rows.map((row) => Number(row[child.parentPlace]) + child.parentBase);
    const found = this.prepared(child.select.sql)
      .raw()
      .all(...child.select.parameters, JSON.stringify(parents)) as ResultRow[];
    const byParent = new Map<number, string[]>();
    for (const row of found) {
      const parent = Number(row[0]);
      const records = byParent.get(parent);
      const text = child.writeJson(row, path);
      if (records) records.push(text);
      else byParent.set(parent, [text]);
    }
    return byParent;
  }

  private openLocator(wish: QueryWish, sequences: Float64Array, pageRows: number): string {
    const { database } = this.org.core;
    const now = this.org.now();
    const id15 = `0r8${this.org.ids.pod}${randomBytes(8).toString('hex').slice(0, 9)}`;
    const id = id15 + suffixOf(id15);
    const bytes = Buffer.from(sequences.buffer, sequences.byteOffset, sequences.byteLength);
    database
      .prepare('insert into sf_locators values (null, ?, ?, ?, ?, ?, ?, ?, ?, 0)')
      .run(id, wish.user, wish.soql, Number(wish.includeDeleted), pageRows, bytes, now, now);
    this.snapshots.set(id, sequences);
    database.prepare('delete from sf_locators where used_at < ?').run(now - this.org.settings.locatorLifetimeMs);
    this.closeOldest(wish.user);
    return id;
  }

  /** A user has so many open locators; one more closes the one that was used longest ago. */
  private closeOldest(user: number): void {
    const closed = this.org.core.database
      .prepare(
        `delete from sf_locators where user = @user and is_drained = 0 and id not in
         (select id from sf_locators where user = @user and is_drained = 0 order by opened_at desc, sequence desc limit @most) returning id`,
      )
      .pluck()
      .all({ user, most: this.org.settings.openCursors }) as string[];
    for (const id of closed) this.snapshots.delete(id);
  }

  private snapshotOf(row: LocatorRow): Float64Array {
    const known = this.snapshots.get(row.id);
    if (known) return known;
    const copy = new Uint8Array(row.sequences); // a copy of its own is aligned as numbers must be
    const snapshot = new Float64Array(copy.buffer);
    this.snapshots.set(row.id, snapshot);
    return snapshot;
  }
}

function invalidLocator(): ApiError {
  return new ApiError(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
}

function withChildren(text: string, children: ReadonlyMap<string, string>): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: U+0000 marks the place, JSON text never holds it
  return text.replace(/\u0000([^\u0000]+)\u0000/g, (_mark, key: string) => children.get(key) ?? 'null');
}
