import { type Field, isCompound } from '../field';
import type { ObjectSchema, OrgSchema } from '../org-schema';
import { firstReference, type IdCodec, keyPrefixOf } from '../record-id';
import { quoted } from '../record-store';
import { csvWriter, jsonWriter, type StoredValue, type ValueWriter } from '../stored-values';
import type { ResolvedField, Scope } from './scope';

/** A row of the query's SQL: one value per column that was asked for. */
export type ResultRow = readonly StoredValue[];
/** Writes a part of an answer; `path` is `/services/data/v60.0`. */
type RowWriter = (row: ResultRow, path: string) => string;

/** The columns of a query, and how they are put together. */
export class Output {
  /** SQL of the columns. */
  readonly columns: string[] = [];
  /** Headings and cells of a Bulk result. */
  readonly csv: { heading: string; write: (row: ResultRow) => string }[] = [];

  constructor(
    private readonly scope: Scope,
    private readonly schema: OrgSchema,
    private readonly ids: IdCodec,
  ) {}

  /** @returns the column's place in the row */
  column(sql: string): number {
    const known = this.columns.indexOf(sql);
    if (known >= 0) return known;
    this.columns.push(sql);
    return this.columns.length - 1;
  }

  /** JSON of a value, and its cell in a CSV. */
  value(resolved: ResolvedField): { json: RowWriter; cell: (row: ResultRow) => string } {
    const { field } = resolved;
    if (isCompound(field)) return this.compound(resolved);
    const place = this.column(resolved.sql);
    const json = withBase(jsonWriter(field, this.ids), resolved.idBase);
    const cell = withBase(csvWriter(field, this.ids), resolved.idBase);
    return { json: (row) => json(row[place] ?? null), cell: (row) => cell(row[place] ?? null) };
  }

  /** A compound field is an object of its parts, or null when all of them are. */
  private compound({ field, object, sql }: ResolvedField): { json: RowWriter; cell: (row: ResultRow) => string } {
    const alias = sql.slice(0, sql.indexOf('.'));
    const parts = compoundParts(object, field).map(({ key, field: part }) => ({
      key: JSON.stringify(key),
      place: this.column(`${alias}.${quoted(part.name)}`),
      write: jsonWriter(part, this.ids),
    }));
    const json: RowWriter = (row) => {
      if (parts.every(({ place }) => row[place] === null)) return 'null';
      return `{${parts.map(({ key, place, write }) => `${key}:${write(row[place] ?? null)}`).join()}}`;
    };
    return { json, cell: () => '' };
  }

  /** `"attributes":{…}` of a record, whose reference is in a column. */
  attributes(names: readonly string[]): { place: number; write: RowWriter } {
    const { object, alias } = this.scope;
    if (names.length === 0) {
      const place = this.column(`${alias}.seq`);
      const base = firstReference(object.keyPrefix);
      return {
        place,
        write: (row, path) => attributesOf(object.name, this.ids.encode(Number(row[place]) + base), path),
      };
    }
    const place = this.column(this.scope.parentReferenceSql(names));
    return {
      place,
      write: (row, path) => {
        const reference = Number(row[place]);
        const name = this.schema.byKeyPrefix(keyPrefixOf(reference))?.name ?? 'Name';
        return attributesOf(name, this.ids.encode(reference), path);
      },
    };
  }
}

export function attributesOf(type: string, id: string, path: string): string {
  return `"attributes":{"type":"${type}","url":"${path}/sobjects/${type}/${id}"}`;
}

function withBase(write: ValueWriter, base: number): ValueWriter {
  return base === 0 ? write : (value) => write(value === null ? null : Number(value) + base);
}

/** The parts of an address or location in the order and spelling of REST (REST guide, "Compound Fields"). */
export function compoundParts(object: ObjectSchema, compound: Field): { key: string; field: Field }[] {
  const parts = object.stored.filter(({ compoundFieldName, hidden }) => compoundFieldName === compound.name && !hidden);
  if (compound.type === 'location')
    return parts.map((field) => ({ key: field.name.includes('__Latitude__s') ? 'latitude' : 'longitude', field }));
  const prefix = compound.name.slice(0, -'Address'.length);
  return parts
    .map((field) => ({ key: lowerFirst(field.name.slice(prefix.length)), field }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** A record as it grows while the SELECT list is read: fields and parents in the order in which they were named. */
export class RecordShape {
  private readonly members = new Map<string, RowWriter | RecordShape>();
  private attributes: { place: number; write: RowWriter } | undefined;

  constructor(private readonly names: readonly string[]) {}

  /** @param names relationship names and, last, the field's name */
  add(names: readonly string[], write: RowWriter, output: Output): void {
    this.attributes ??= output.attributes(this.names);
    const [first = '', ...rest] = names;
    if (rest.length === 0) {
      this.members.set(first, write);
      return;
    }
    let inner = this.members.get(first);
    if (!(inner instanceof RecordShape)) {
      inner = new RecordShape([...this.names, first]);
      this.members.set(first, inner);
    }
    inner.add(rest, write, output);
  }

  has(name: string): boolean {
    return this.members.has(name);
  }

  /** Compiles the shape into one function. */
  writer(): RowWriter {
    const { attributes } = this;
    if (!attributes) throw new Error('A record without members cannot be written');
    const isParent = this.names.length > 0;
    const parts = [...this.members].map(([name, member]) => ({
      key: `,${JSON.stringify(name)}:`,
      write: member instanceof RecordShape ? member.writer() : member,
    }));
    return (row, path) => {
      if (isParent && row[attributes.place] === null) return 'null';
      let text = `{${attributes.write(row, path)}`;
      for (const { key, write } of parts) text += key + write(row, path);
      return `${text}}`;
    };
  }
}
