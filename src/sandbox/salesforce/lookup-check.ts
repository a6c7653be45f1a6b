import type { Org } from './org';
import type { ObjectSchema } from './org-schema';
import { type RecordError, recordError } from './record-error';
import { keyPrefixOf, type RecordReference, sequenceOf, UNKNOWN_RECORD } from './record-id';
import type { Assignment } from './record-input';
import type { StoredValue } from './stored-values';

/** Finds out whether the record that a lookup names is there, and may be named. */
export class LookupCheck {
  constructor(private readonly org: Org) {}

  /**
   * @param value an Id, or the value of the parent's key; null and empty text clear the lookup
   * @returns the reference to store
   */
  resolve(object: ObjectSchema, assignment: Assignment, value: StoredValue): RecordReference | null | RecordError {
    if (value === null) return null;
    if (assignment.via && assignment.via.key.type !== 'id') return this.byKey(assignment, assignment.via, value);
    return this.byId(object, assignment, String(value));
  }

  private byKey(
    { field }: Assignment,
    { object: target, key }: NonNullable<Assignment['via']>,
    value: StoredValue,
  ): RecordReference | RecordError {
    const found = this.org.table(target).find(key, value, 2);
    const [first] = found;
    if (first === undefined)
      return recordError(
        'INVALID_FIELD',
        `Foreign key external ID: ${value} not found for field ${key.name} in entity ${target.name}`,
      );
    if (found.length > 1) {
      const ids = found.map((sequence) => this.org.ids.encode(this.org.reference(target, sequence)));
      const text = `${key.name}: more than one record found for external id field: [${ids.join(', ')}]`;
      return recordError('DUPLICATE_EXTERNAL_ID', text, [field.name]);
    }
    return this.org.reference(target, first);
  }

  private byId(object: ObjectSchema, { field }: Assignment, text: string): RecordReference | RecordError {
    const reference = this.org.ids.parse(text);
    const code = field.name === 'OwnerId' ? 'FIELD_INTEGRITY_EXCEPTION' : 'MALFORMED_ID';
    if (reference === undefined)
      return recordError('MALFORMED_ID', `${field.label}: id value of incorrect type: ${text}`, [field.name]);
    const prefix = reference === UNKNOWN_RECORD ? text.slice(0, 3) : keyPrefixOf(reference);
    const target = this.org.schema.byKeyPrefix(prefix);
    if (target && !field.referenceTo.includes(target.name))
      return recordError(code, `${field.label}: id value of incorrect type: ${text}`, [field.name]);
    if (!target || reference === UNKNOWN_RECORD) return unknownReference(field.name);
    const state = this.stateOf(target, sequenceOf(reference));
    if (state === 'absent') return unknownReference(field.name);
    if (state === 'deleted') return recordError('ENTITY_IS_DELETED', 'entity is deleted');
    if (field.name === 'OwnerId' && state === 'inactive')
      return recordError(
        'INACTIVE_OWNER_OR_USER',
        `operation performed with inactive user [${this.org.ids.encode(reference)}] as owner of ${object.label.toLowerCase()}`,
      );
    return reference;
  }

  private stateOf(target: ObjectSchema, sequence: number): 'present' | 'absent' | 'deleted' | 'inactive' {
    const state = this.org.table(target).stateOf(sequence);
    if (state === undefined) return 'absent';
    if (state.isDeleted) return 'deleted';
    if (target.name !== 'User') return 'present';
    const isActive = target.storedField('IsActive');
    const row = isActive && this.org.table(target).read(sequence);
    return row?.[isActive?.position ?? -1] === 0 ? 'inactive' : 'present';
  }
}

function unknownReference(field: string): RecordError {
  return recordError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [field]);
}
