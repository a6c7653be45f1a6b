import type { Field } from './field';
import type { ObjectSchema, OrgSchema } from './org-schema';
import { type RecordError, recordError } from './record-error';
import type { StoredValue } from './stored-values';
import { type Locate, parseCsvValue, parseJsonValue, type ValueRefusal } from './value-parsing';

/** Where a value goes: into a field, or through another object's key into a lookup. */
export interface Assignment {
  field: Field;
  /** Present for `Account.Ext__c`: the parent is found by this field of that object. */
  via?: { object: ObjectSchema; key: Field };
}

/** What a client sent for one record: values that cannot be read as their fields' types are kept as refusals. */
export interface RecordInput {
  assignments: readonly Assignment[];
  /** One per assignment; undefined leaves the field alone. */
  values: readonly (StoredValue | ValueRefusal | undefined)[];
}

export function noSuchColumn(name: string, object: ObjectSchema): RecordError {
  return recordError('INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`);
}

/**
 * Reads a record of a JSON body.
 * @param ignored names (lower case) that are no fields here: `attributes`, the Id, an external Id in the path
 */
export function readJsonRecord(
  schema: OrgSchema,
  object: ObjectSchema,
  record: Readonly<Record<string, unknown>>,
  ignored: ReadonlySet<string>,
  locate: Locate,
): RecordInput | RecordError {
  const assignments: Assignment[] = [];
  const values: (StoredValue | ValueRefusal)[] = [];
  for (const [name, value] of Object.entries(record)) {
    if (ignored.has(name.toLowerCase())) continue;
    const field = object.field(name);
    if (field && field.type !== 'id') {
      assignments.push({ field });
      values.push(parseJsonValue(field, value, locate));
      continue;
    }
    const lookup = object.relationship(name);
    if (!lookup || (typeof value !== 'object' && value !== null)) return noSuchColumn(name, object);
    if (value === null) {
      assignments.push({ field: lookup });
      values.push(null);
      continue;
    }
    const through = jsonLookup(schema, lookup, value as Record<string, unknown>);
    if ('statusCode' in through) return through;
    assignments.push({ field: lookup, via: through.via });
    values.push(parseJsonValue(through.via.key, through.value, locate));
  }
  return { assignments, values };
}

/** `{"attributes":{"type":"User"},"Username":"…"}` below a relationship's name. */
function jsonLookup(
  schema: OrgSchema,
  lookup: Field,
  value: Readonly<Record<string, unknown>>,
): { via: NonNullable<Assignment['via']>; value: unknown } | RecordError {
  const attributes = value.attributes;
  const type =
    typeof attributes === 'object' && attributes !== null && 'type' in attributes ? String(attributes.type) : undefined;
  const target = schema.object(type ?? lookup.referenceTo[0] ?? '');
  const entry = Object.entries(value).find(([name]) => name.toLowerCase() !== 'attributes');
  if (!target || !entry)
    return recordError('INVALID_FIELD', `The relationship ${lookup.relationshipName} needs an external ID field`);
  const [name, keyValue] = entry;
  const key = target.field(name);
  if (!key || !isKey(key))
    return recordError(
      'INVALID_FIELD',
      `Field name provided, ${name} does not match an External ID, Salesforce Id, or indexed field for ${target.name}`,
    );
  return { via: { object: target, key }, value: keyValue };
}

/** Fields by which a record can be named: its Id, external Ids and the standard look-up fields. */
export function isKey(field: Field): boolean {
  return field.externalId || field.idLookup;
}

/** A column of a Bulk file: what its heading means, or why it means nothing. */
export interface CsvColumn {
  assignment: Assignment | undefined;
  /** Also for the Id, which is no assignment. */
  isId: boolean;
}

/**
 * Understands the heading of a column: `LastName`, `Account.Ext__c`, `User:Owner.Username`.
 * @returns undefined when the org has no such field
 */
export function readHeading(schema: OrgSchema, object: ObjectSchema, heading: string): CsvColumn | undefined {
  const dot = heading.indexOf('.');
  if (dot < 0) {
    const field = object.field(heading);
    if (!field) return undefined;
    return field.type === 'id' ? { assignment: undefined, isId: true } : { assignment: { field }, isId: false };
  }
  const path = heading.slice(0, dot);
  const colon = path.indexOf(':');
  const lookup = object.relationship(colon < 0 ? path : path.slice(colon + 1));
  const target = lookup && schema.object(colon < 0 ? (lookup.referenceTo[0] ?? '') : path.slice(0, colon));
  const key = target?.field(heading.slice(dot + 1));
  if (!lookup || !target || !key || !isKey(key)) return undefined;
  return { assignment: { field: lookup, via: { object: target, key } }, isId: false };
}

/** @param columns places of the assignments in the row, from 0 */
export function readCsvRecord(
  assignments: readonly Assignment[],
  columns: readonly number[],
  cells: readonly string[],
): RecordInput {
  const values = assignments.map((assignment, index) => {
    const column = columns[index] ?? -1;
    return parseCsvValue(assignment.via?.key ?? assignment.field, cells[column] ?? '', column);
  });
  return { assignments, values };
}
