import type { Database, Statement } from 'better-sqlite3';
import type { Field } from './field';
import type { ObjectSchema, OrgSchema } from './org-schema';
import type { StoredValue } from './stored-values';
import { fold, sortKey } from './text-folding';

/** A record's values in the order of its object's `stored` fields. */
export type StoredRow = StoredValue[];

/** Deleted records stay in the recycle bin for 15 days. */
export const RECYCLE_BIN_MS = 15 * 86_400_000;

/** References that are always set, mostly to the same few records: an index would cost more than it brings. */
const NOT_INDEXED = new Set(['OwnerId', 'CreatedById', 'LastModifiedById', 'MasterRecordId', 'RecordTypeId']);
/** Objects whose Name is made of parts: it is not looked up by itself. */
const PERSONS = new Set(['Lead', 'Contact', 'User', 'CampaignMember']);

/** Name of the table of an object's records, quoted. */
export function tableOf(object: ObjectSchema): string {
  return quoted(`r_${object.name}`);
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** True for fields that can be looked up by value in an index. */
export function isIndexed(object: ObjectSchema, field: Field): boolean {
  if (field.type === 'reference') return !NOT_INDEXED.has(field.name);
  if (field.externalId || field.unique || field.idLookup) return true;
  return field.name === 'Name' && !PERSONS.has(object.name);
}

/**
 * The column in which a text is kept as it is compared. E-mail addresses are kept in lower case anyway, and case-sensitive
 * fields are compared as they are; other indexed text has a second column.
 * @returns the field's own name where there is no second column
 */
export function comparedColumn(object: ObjectSchema, field: Field): string {
  return hasFoldedColumn(object, field) ? foldedName(field) : field.name;
}

export function hasFoldedColumn(object: ObjectSchema, field: Field): boolean {
  return isText(field) && field.type !== 'email' && !field.caseSensitive && isIndexed(object, field);
}

const foldedName = (field: Field): string => `${field.name}$folded`;

function isText(field: Field): boolean {
  return affinityOf(field) === 'TEXT' && field.type !== 'date';
}

function affinityOf(field: Field): 'TEXT' | 'INTEGER' | 'REAL' {
  switch (field.type) {
    case 'boolean':
    case 'int':
    case 'datetime':
    case 'time':
    case 'reference':
      return 'INTEGER';
    case 'double':
    case 'currency':
    case 'percent':
      return 'REAL';
    default:
      return 'TEXT';
  }
}

/** The records of one org: a table for each object, a column for each field. */
export class RecordStore {
  private readonly tables = new Map<string, RecordTable>();

  constructor(
    readonly database: Database,
    private readonly schema: OrgSchema,
  ) {
    database.function('fold', { deterministic: true }, (text: unknown) =>
      typeof text === 'string' ? fold(text) : null,
    );
    database.function('sort_key', { deterministic: true }, (text: unknown) =>
      typeof text === 'string' ? sortKey(text) : null,
    );
  }

  table(object: ObjectSchema): RecordTable {
    let table = this.tables.get(object.name);
    if (!table) {
      table = new RecordTable(this.database, object);
      this.tables.set(object.name, table);
    }
    return table;
  }

  named(objectName: string): RecordTable {
    return this.table(this.schema.require(objectName));
  }

  /** To be called when an object's fields have changed. */
  refresh(object: ObjectSchema): void {
    this.tables.delete(object.name);
    this.table(object);
  }
}

export class RecordTable {
  /** Quoted. */
  readonly name: string;
  private readonly folded: readonly Field[];
  private readonly insertStatement: Statement<unknown[]>;
  private readonly readStatement: Statement<unknown[]>;
  private readonly lookups = new Map<string, Statement<unknown[]>>();
  private readonly updates = new Map<string, Statement<unknown[]>>();

  constructor(
    private readonly database: Database,
    readonly object: ObjectSchema,
  ) {
    this.name = tableOf(object);
    this.folded = object.stored.filter((field) => hasFoldedColumn(object, field));
    this.createOrExtend();
    const columns = [...object.stored.map(({ name }) => name), ...this.folded.map(foldedName)].map(quoted);
    this.insertStatement = database.prepare(
      `insert into ${this.name} (seq, ${columns.join(', ')}) values (?, ${columns.map(() => '?').join(', ')})`,
    );
    this.readStatement = database
      .prepare(`select ${object.stored.map(({ name }) => quoted(name)).join(', ')} from ${this.name} where seq = ?`)
      .raw();
  }

  /**
   * @param sequence a number of its own for the record; absent: the next one
   * @returns the record's sequence number
   */
  insert(row: StoredRow, sequence?: number): number {
    if (this.folded.length === 0) return Number(this.insertStatement.run(sequence ?? null, row).lastInsertRowid);
    const folded = this.folded.map((field) => foldedValue(row[field.position]));
    return Number(this.insertStatement.run(sequence ?? null, row, folded).lastInsertRowid);
  }

  /** Deleted records are read too; see `IsDeleted`. */
  read(sequence: number): StoredRow | undefined {
    return this.readStatement.get(sequence) as StoredRow | undefined; // raw: one value per stored field
  }

  /** Whether there is such a record, and whether it is in the recycle bin. */
  stateOf(sequence: number): { isDeleted: boolean } | undefined {
    const state = this.once('state', `select "IsDeleted" as isDeleted from ${this.name} where seq = ?`).get(sequence) as
      | { isDeleted: number }
      | undefined;
    return state && { isDeleted: state.isDeleted === 1 };
  }

  /** Writes some fields of a record. */
  update(sequence: number, fields: readonly Field[], values: readonly StoredValue[]): void {
    const key = fields.map(({ position }) => position).join();
    let statement = this.updates.get(key);
    if (!statement) {
      const sets = fields.flatMap((field) =>
        hasFoldedColumn(this.object, field)
          ? [`${quoted(field.name)} = ?`, `${quoted(foldedName(field))} = ?`]
          : [`${quoted(field.name)} = ?`],
      );
      statement = this.database.prepare(`update ${this.name} set ${sets.join(', ')} where seq = ?`);
      this.updates.set(key, statement);
    }
    const bound: (StoredValue | undefined)[] = [];
    fields.forEach((field, index) => {
      bound.push(values[index]);
      if (hasFoldedColumn(this.object, field)) bound.push(foldedValue(values[index]));
    });
    statement.run(bound, sequence);
  }

  /**
   * Sequence numbers of the records (not deleted) that have this value in an indexed field, in order.
   * @param value text is compared as the field is
   * @param limit at most so many
   */
  find(field: Field, value: StoredValue, limit = 10): number[] {
    let statement = this.lookups.get(field.name);
    if (!statement) {
      const own = quoted(field.name);
      const compared = quoted(comparedColumn(this.object, field));
      statement = this.database
        .prepare(
          `select seq from ${this.name} where ${own} is not null and ${compared} = ? and "IsDeleted" = 0 order by seq limit ?`,
        )
        .pluck();
      this.lookups.set(field.name, statement);
    }
    const compared = typeof value === 'string' && !field.caseSensitive ? fold(value) : value;
    return statement.all(compared, limit) as number[];
  }

  markDeleted(sequence: number, epochMs: number, stamp: number): void {
    this.once(
      'delete',
      `update ${this.name} set "IsDeleted" = 1, "_DeletedAt" = ?, "SystemModstamp" = ? where seq = ?`,
    ).run(epochMs, stamp, sequence);
  }

  undelete(sequence: number, stamp: number): void {
    this.once(
      'undelete',
      `update ${this.name} set "IsDeleted" = 0, "_DeletedAt" = null, "SystemModstamp" = ? where seq = ?`,
    ).run(stamp, sequence);
  }

  /** Leaves no row behind. */
  remove(sequence: number): void {
    this.once('remove', `delete from ${this.name} where seq = ?`).run(sequence);
  }

  /** Empties the recycle bin of what has been in it for 15 days. */
  purge(nowMs: number): void {
    this.once('purge', `delete from ${this.name} where "_DeletedAt" is not null and "_DeletedAt" < ?`).run(
      nowMs - RECYCLE_BIN_MS,
    );
  }

  /** How many there are, without those in the recycle bin. */
  count(): number {
    const statement = this.database.prepare(`select count(*) from ${this.name} where "IsDeleted" = 0`).pluck();
    return statement.get() as number;
  }

  private once(key: string, sql: string): Statement<unknown[]> {
    let statement = this.updates.get(key);
    if (!statement) {
      statement = this.database.prepare(sql);
      this.updates.set(key, statement);
    }
    return statement;
  }

  private createOrExtend(): void {
    const { database, object, name } = this;
    const pragma = database.pragma(`table_info(${name})`) as { name: string }[]; // one row per column
    const present = new Set(pragma.map((column) => column.name));
    if (present.size === 0) {
      const columns = object.stored.map((field) => `${quoted(field.name)} ${affinityOf(field)}`);
      const folded = this.folded.map((field) => `${quoted(foldedName(field))} TEXT`);
      database.exec(
        // "autoincrement": the Id of a record that is gone is never given out again
        `create table ${name} (seq integer primary key autoincrement, ${[...columns, ...folded].join(', ')}, "_DeletedAt" INTEGER)`,
      );
    } else {
      for (const field of object.stored)
        if (!present.has(field.name))
          database.exec(
            `alter table ${name} add column ${quoted(field.name)} ${affinityOf(field)}${defaultClause(field)}`,
          );
      for (const field of this.folded)
        if (!present.has(foldedName(field))) {
          database.exec(`alter table ${name} add column ${quoted(foldedName(field))} TEXT`);
          database.exec(`update ${name} set ${quoted(foldedName(field))} = fold(${quoted(field.name)})`);
        }
    }
    this.createIndexes();
  }

  private createIndexes(): void {
    const { database, object, name } = this;
    const index = (column: string, condition = ''): void => {
      const indexName = quoted(`i_${object.name}_${column}`);
      database.exec(`create index if not exists ${indexName} on ${name} (${quoted(column)}) ${condition}`);
    };
    index('SystemModstamp');
    index('CreatedDate');
    index('_DeletedAt', 'where "_DeletedAt" is not null');
    for (const field of object.stored)
      if (isIndexed(object, field)) index(comparedColumn(object, field), `where ${quoted(field.name)} is not null`);
  }
}

/** Records that are older than a checkbox have it unchecked. */
function defaultClause(field: Field): string {
  return field.type === 'boolean' ? ` default ${field.defaultValue === true ? 1 : 0}` : '';
}

function foldedValue(value: StoredValue | undefined): string | null {
  return typeof value === 'string' ? fold(value) : null;
}
