import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { keyOf, type StoredValue } from './field-values';
import { type ObjectField, type ObjectType, objectTypeSchema } from './object-types';
import { formatInstant } from './time';

export type ObjectValues = Record<string, StoredValue>;

export interface ObjectRow {
  id: number;
  guid: string;
  created: number;
  updated: number;
  values: ObjectValues;
}

/** Records of one object of the common pattern. */
export interface ObjectStore {
  readonly type: ObjectType;
  field(name: string): ObjectField | undefined;
  get(id: number): ObjectRow | undefined;
  /** Rows whose searchable field has one of the values, by ascending id. */
  find(fieldName: string, values: readonly unknown[], afterId: number, limit: number): ObjectRow[];
  /** The row with these keys, each given in the order of the object's `dedupeFields`. */
  findByKeys(keys: readonly unknown[]): ObjectRow | undefined;
  insert(values: ObjectValues, created?: number): ObjectRow;
  update(row: ObjectRow, values: ObjectValues): ObjectRow;
  remove(row: ObjectRow): void;
  /** Every value of a row as the API gives it out, with id field and times. */
  read(row: ObjectRow, fieldName: string): StoredValue | null;
  snapshot(row: ObjectRow): Record<string, unknown>;
  rows(afterId: number, limit: number): ObjectRow[];
  count(): number;
}

interface StoredRow {
  id: number;
  guid: string;
  created: number;
  updated: number;
  data: string;
}

/** The compound key lies under this name beside the searchable fields. */
const COMPOUND = '#keys';

export interface ObjectStores {
  /** @param key the part of the path: `companies`, `opportunities/roles`, `customobjects/car_c` */
  open(key: string, type: ObjectType): ObjectStore;
  customTypes(): ObjectType[];
  keepCustomType(type: ObjectType): void;
}

export function createObjectStores(database: Database, now: () => number): ObjectStores {
  const opened = new Map<string, ObjectStore>();
  const keep = database.prepare('insert or replace into mk_object_types (type, definition) values (?, ?)');
  const all = database.prepare('select definition from mk_object_types order by type').pluck();
  return {
    open(key, type) {
      let store = opened.get(key);
      if (store?.type !== type) {
        store = createObjectStore(database, key, type, now);
        opened.set(key, store);
      }
      return store;
    },
    customTypes: () => (all.all() as string[]).map((text) => objectTypeSchema.parse(JSON.parse(text))),
    keepCustomType: (type) => void keep.run(type.name, JSON.stringify(type)),
  };
}

function createObjectStore(database: Database, key: string, type: ObjectType, now: () => number): ObjectStore {
  const statements = prepareStatements(database);
  const fields = new Map(type.fields.map((field) => [field.name, field]));
  const searched = new Set(type.searchableFields.filter((name) => name !== 'id' && name !== 'marketoGUID'));

  const keysOf = ({ guid, values }: Pick<ObjectRow, 'guid' | 'values'>): [string, string][] => {
    const keys: [string, string][] = [
      ['marketoGUID', guid],
      [COMPOUND, compoundKey(type.dedupeFields.map((name) => values[name]))],
    ];
    for (const name of searched) {
      const value = values[name];
      if (value !== undefined) keys.push([name, keyOf(value)]);
    }
    return keys;
  };
  const nextId = (): number => statements.nextId.get(key) as number;
  const get = (id: number): ObjectRow | undefined => {
    const stored = statements.get.get(key, id) as StoredRow | undefined;
    return stored && toRow(stored);
  };
  const read = (row: ObjectRow, name: string): StoredValue | null => {
    if (name === 'id') return row.id;
    if (name === 'marketoGUID') return row.guid;
    if (name === 'createdAt') return formatInstant(row.created);
    if (name === 'updatedAt') return formatInstant(row.updated);
    return row.values[name] ?? (fields.get(name)?.dataType === 'boolean' ? false : null);
  };

  return {
    type,
    field: (name) => fields.get(name),
    get,
    find(fieldName, values, afterId, limit) {
      const list = JSON.stringify(values.map(keyOf));
      const rows =
        fieldName === 'id'
          ? statements.findById.all(key, list, afterId, limit)
          : statements.findByKey.all({ key, fieldName, list, afterId, limit });
      return (rows as StoredRow[]).map(toRow);
    },
    findByKeys(keys) {
      const id = statements.idByKey.get(key, COMPOUND, compoundKey(keys)) as number | undefined;
      return id === undefined ? undefined : get(id);
    },
    insert(values, created = now()) {
      const row: ObjectRow = { id: nextId(), guid: randomUUID(), created, updated: created, values };
      statements.insert.run(key, row.id, row.guid, row.created, row.updated, JSON.stringify(values));
      for (const [name, value] of keysOf(row)) statements.insertKey.run(key, name, value, row.id);
      return row;
    },
    update(row, values) {
      const changed = { ...row, values, updated: now() };
      statements.update.run(changed.updated, JSON.stringify(values), key, row.id);
      for (const [name, value] of keysOf(row)) statements.removeKey.run(key, name, value, row.id);
      for (const [name, value] of keysOf(changed)) statements.insertKey.run(key, name, value, row.id);
      return changed;
    },
    remove(row) {
      for (const [name, value] of keysOf(row)) statements.removeKey.run(key, name, value, row.id);
      statements.remove.run(key, row.id);
    },
    read,
    snapshot: (row) => ({
      [type.idField]: read(row, type.idField),
      ...row.values,
      createdAt: formatInstant(row.created),
      updatedAt: formatInstant(row.updated),
    }),
    rows: (afterId, limit) => (statements.rows.all(key, afterId, limit) as StoredRow[]).map(toRow),
    count: () => statements.count.get(key) as number,
  };
}

function prepareStatements(database: Database) {
  const columns = 'id, guid, created, updated, data';
  return {
    nextId: database
      .prepare(
        `insert into mk_object_counters (type, last_id) values (?, 1)
         on conflict (type) do update set last_id = last_id + 1 returning last_id`,
      )
      .pluck(),
    get: database.prepare(`select ${columns} from mk_objects where type = ? and id = ?`),
    findById: database.prepare(
      `select ${columns} from mk_objects where type = ? and id in (select cast(value as integer) from json_each(?))
       and id > ? order by id limit ?`,
    ),
    findByKey: database.prepare(
      `select ${columns} from mk_objects where type = @key and id > @afterId and id in (
         select id from mk_object_keys where type = @key and field = @fieldName and key in (select value from json_each(@list)))
       order by id limit @limit`,
    ),
    idByKey: database.prepare('select id from mk_object_keys where type = ? and field = ? and key = ? limit 1').pluck(),
    insert: database.prepare(
      'insert into mk_objects (type, id, guid, created, updated, data) values (?, ?, ?, ?, ?, ?)',
    ),
    update: database.prepare('update mk_objects set updated = ?, data = ? where type = ? and id = ?'),
    remove: database.prepare('delete from mk_objects where type = ? and id = ?'),
    insertKey: database.prepare('insert or ignore into mk_object_keys (type, field, key, id) values (?, ?, ?, ?)'),
    removeKey: database.prepare('delete from mk_object_keys where type = ? and field = ? and key = ? and id = ?'),
    rows: database.prepare(`select ${columns} from mk_objects where type = ? and id > ? order by id limit ?`),
    count: database.prepare('select count(*) from mk_objects where type = ?').pluck(),
  };
}

const toRow = ({ id, guid, created, updated, data }: StoredRow): ObjectRow => ({
  id,
  guid,
  created,
  updated,
  values: JSON.parse(data) as ObjectValues, // written by this store alone
});

/** One text for all keys of a record; a unit separator cannot be typed into a key. */
const compoundKey = (keys: readonly unknown[]): string => keys.map((key) => keyOf(key ?? '')).join('\u001f');
