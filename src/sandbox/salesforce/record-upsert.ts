import type { Field } from './field';
import { normalized } from './field-checks';
import type { Org } from './org';
import type { ObjectSchema } from './org-schema';
import { type RecordError, recordError } from './record-error';
import { keyPrefixOf, sequenceOf, UNKNOWN_RECORD } from './record-id';
import type { RecordInput } from './record-input';
import { type RecordWriter, refused, type WriteResult, type WriteSession } from './record-writer';
import type { StoredValue } from './stored-values';
import { fold } from './text-folding';

/** The key that a record is named by. */
export interface UpsertKey {
  field: Field;
  /** As the client wrote it; blank is an error of the record. */
  value: StoredValue;
}

/** Numbers of the records (not deleted) that have this key, at most ten. */
export function matchesOf(org: Org, object: ObjectSchema, { field, value }: UpsertKey): number[] {
  if (field.type === 'id') {
    const reference = typeof value === 'string' ? org.ids.parse(value) : undefined;
    const isOwn =
      reference !== undefined && reference !== UNKNOWN_RECORD && keyPrefixOf(reference) === object.keyPrefix;
    return isOwn && org.table(object).stateOf(sequenceOf(reference))?.isDeleted === false
      ? [sequenceOf(reference)]
      : [];
  }
  const key = normalized(field, value);
  return key === null ? [] : org.table(object).find(field, key);
}

/**
 * Updates the record of that key, or makes it.
 * @param updateOnly refuses to make one
 */
export function upsert(
  org: Org,
  writer: RecordWriter,
  object: ObjectSchema,
  key: UpsertKey,
  input: RecordInput,
  session: WriteSession,
  updateOnly = false,
): WriteResult {
  if (normalized(key.field, key.value) === null)
    return refused([recordError('MISSING_ARGUMENT', `${key.field.name} not specified`)]);
  const matches = matchesOf(org, object, key);
  if (matches.length > 1) return refused([severalMatches(org, object, key.field, matches)]);
  const [match] = matches;
  if (match !== undefined) return writer.update(object, org.reference(object, match), input, session);
  if (key.field.type === 'id' || updateOnly)
    return refused([recordError('NOT_FOUND', 'The requested resource does not exist')]);
  return writer.create(object, withKey(input, key), session);
}

function severalMatches(org: Org, object: ObjectSchema, field: Field, matches: readonly number[]): RecordError {
  const ids = matches.map((sequence) => org.ids.encode(org.reference(object, sequence)));
  const text = `${field.name}: more than one record found for external id field: [${ids.join(', ')}]`;
  return recordError('DUPLICATE_EXTERNAL_ID', text);
}

function withKey({ assignments, values }: RecordInput, { field, value }: UpsertKey): RecordInput {
  if (assignments.some((assignment) => assignment.field === field && !assignment.via)) return { assignments, values };
  return { assignments: [...assignments, { field }], values: [...values, value] };
}

/**
 * Keys that come more than once among rows that are written together: none of those rows is written.
 * @returns for each key its comparable form, or null where it is blank
 */
export function comparableKey({ field, value }: UpsertKey): string | null {
  const key = normalized(field, value);
  if (key === null) return null;
  return typeof key === 'string' && !field.caseSensitive ? fold(key) : String(key);
}

export function sameKeyTwice(shown: string): RecordError {
  return recordError('DUPLICATE_VALUE', `Duplicate external id specified: ${shown}`);
}

export function sameIdTwice(id: string): RecordError {
  return recordError('DUPLICATE_VALUE', `duplicate id specified: ${id}`, ['Id']);
}

/** References of rows that name a record twice. */
export function repeated<T>(keys: readonly (T | null)[]): Set<T> {
  const seen = new Set<T>();
  const twice = new Set<T>();
  for (const key of keys) {
    if (key === null) continue;
    if (seen.has(key)) twice.add(key);
    seen.add(key);
  }
  return twice;
}
