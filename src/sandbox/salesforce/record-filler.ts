import { setDerivedFields } from './derived-fields';
import { normalized } from './field-checks';
import type { Org } from './org';
import type { ObjectSchema } from './org-schema';
import { keyPrefixOf, type RecordReference, sequenceOf } from './record-id';
import type { StoredRow } from './record-store';
import { type StoredValue, wholeSeconds } from './stored-values';
import { parseJsonValue, ValueRefusal } from './value-parsing';

/** A record that was there before anybody looked. */
export interface FilledRecord {
  /** By field names, as a JSON body has them. */
  values: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970. */
  createdAt: number;
  updatedAt: number;
}

/** Puts records into an org as if they had been there for long: neither checked, nor counted, nor in the write log. */
export interface RecordFiller {
  /**
   * @returns the record's Id
   * @throws RangeError for a field or value that the object cannot have
   */
  add(objectName: string, record: FilledRecord): string;
}

/** @param user whose records they are */
export function createRecordFiller(org: Org, user: RecordReference): RecordFiller {
  const nowhere = () => ({ line: 0, column: 0 });
  const stored = (object: ObjectSchema, name: string, value: unknown): StoredValue => {
    const field = object.field(name);
    if (!field) throw new RangeError(`${object.name} has no field ${name}`);
    const parsed = parseJsonValue(field, value, nowhere);
    if (parsed instanceof ValueRefusal) throw new RangeError(`${object.name}.${name}: ${parsed.message}`);
    return field.type === 'reference' && parsed !== null ? referenceOf(org, String(parsed)) : normalized(field, parsed);
  };
  const read = (reference: StoredValue) => {
    const object = typeof reference === 'number' ? org.schema.byKeyPrefix(keyPrefixOf(reference)) : undefined;
    const row = object && org.table(object).read(sequenceOf(Number(reference)));
    return object && row ? { object, row } : undefined;
  };
  return {
    add(objectName, { values, createdAt, updatedAt }) {
      const object = org.schema.require(objectName);
      const row = emptyRow(object, user, wholeSeconds(createdAt), wholeSeconds(updatedAt));
      for (const [name, value] of Object.entries(values)) {
        const position = object.field(name)?.position ?? -1;
        if (value !== null && value !== undefined) row[position] = stored(object, name, value);
      }
      setDerivedFields(object, row, new Set(Object.keys(values)), read, wholeSeconds(createdAt));
      return org.ids.encode(org.reference(object, org.table(object).insert(row)));
    },
  };
}

function emptyRow(object: ObjectSchema, user: RecordReference, createdAt: number, updatedAt: number): StoredRow {
  const system: Record<string, StoredValue> = {
    OwnerId: user,
    CreatedById: user,
    LastModifiedById: user,
    CreatedDate: createdAt,
    LastModifiedDate: updatedAt,
    SystemModstamp: updatedAt,
  };
  return object.stored.map((field) => system[field.name] ?? defaultOf(field));
}

function defaultOf(field: ObjectSchema['stored'][number]): StoredValue {
  const isDefault = field.defaultValue ?? field.picklist.find((value) => value.isDefault)?.value ?? null;
  if (field.type === 'boolean') return isDefault === true ? 1 : 0;
  return typeof isDefault === 'boolean' ? Number(isDefault) : isDefault;
}

function referenceOf(org: Org, id: string): RecordReference {
  const reference = org.ids.parse(id);
  if (reference === undefined) throw new RangeError(`${id} is no Id`);
  return reference;
}
