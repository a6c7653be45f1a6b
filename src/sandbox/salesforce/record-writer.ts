import type { InstanceCore } from '../core';
import { setDerivedFields } from './derived-fields';
import type { Field } from './field';
import { checkContent, checkSize, missingFields, normalized, notWritable } from './field-checks';
import { LookupCheck } from './lookup-check';
import type { Org } from './org';
import { lockedRow, type OrgRules } from './org-rules';
import type { ObjectSchema } from './org-schema';
import { plainValue } from './plain-value';
import { type RecordError, recordError } from './record-error';
import { keyPrefixOf, type RecordReference, sequenceOf } from './record-id';
import type { RecordInput } from './record-input';
import type { StoredRow } from './record-store';
import type { StoredValue } from './stored-values';
import { ValueRefusal } from './value-parsing';

/** On whose behalf, and by which call, records are written. */
export interface WriteSession {
  user: RecordReference;
  userName: string;
  /** The API that was used, for the write log. */
  via: string;
  /** Sforce-Auto-Assign: rules run unless the client says FALSE. */
  assignsByRule: boolean;
  /** Sforce-Duplicate-Rule-Header: allowSave=true. */
  savesAlerts: boolean;
  /** Who holds the parents of a Bulk job's rows; absent outside of Bulk. */
  parentHolder?: ParentLocks | undefined;
}

/** Parents whose rows are in work in another Bulk job. */
export interface ParentLocks {
  /** @returns false when somebody else holds the parent */
  hold(parent: RecordReference): boolean;
}

export type WriteResult =
  | { success: true; reference: RecordReference; created: boolean }
  | { success: false; reference: RecordReference | undefined; errors: RecordError[] };

type LogEntry = Parameters<InstanceCore['logWrite']>[0];

/**
 * Writes single records. The checks come in this order, and the first stage with errors ends them: writability, type,
 * required, length, e-mail and lists, look-ups, unique values, duplicate rules, validation rules.
 */
export class RecordWriter {
  private readonly lookups: LookupCheck;
  private readonly templates = new WeakMap<readonly Field[], StoredRow>();

  constructor(
    private readonly org: Org,
    private readonly rules: OrgRules,
  ) {
    this.lookups = new LookupCheck(org);
  }

  create(object: ObjectSchema, input: RecordInput, session: WriteSession): WriteResult {
    if (!object.can('create')) return refused([unsupported(object, 'create')]);
    const early = checkKinds(input, 'createable');
    if (early) return refused([early]);
    const row = this.newRow(object, session);
    const { fields, errors } = this.assign(object, row, input, undefined, session);
    if (errors.length > 0) return refused(errors);
    // the rule beats the owner that the client has named (Data Loader guide, "Assignment rule")
    const assigned = session.assignsByRule ? this.rules.assignedOwner(object) : undefined;
    if (assigned !== undefined) this.setOwner(object, row, assigned);
    const stamp = this.org.stamp();
    const sent = new Set(fields.map(({ name }) => name));
    setDerivedFields(object, row, sent, (reference) => this.read(reference), stamp);
    this.setNumbers(object, row);
    const duplicate = this.rules.checkDuplicates(object, row, undefined, session.savesAlerts);
    if (duplicate) return refused([duplicate]);
    const table = this.org.table(object);
    const sequence = table.insert(row);
    const invalid = this.rules.checkValidation(object, sequence);
    if (invalid.length > 0) {
      table.remove(sequence);
      return refused(invalid);
    }
    const reference = this.org.reference(object, sequence);
    this.log(session, object, reference, 'create', null, this.shown(fields, row));
    return { success: true, reference, created: true };
  }

  /** @param reference of the record; of any object, known or not */
  update(object: ObjectSchema, reference: RecordReference, input: RecordInput, session: WriteSession): WriteResult {
    if (!object.can('update')) return refused([unsupported(object, 'update')], reference);
    const sequence = sequenceOf(reference);
    const table = this.org.table(object);
    const row = keyPrefixOf(reference) === object.keyPrefix ? table.read(sequence) : undefined;
    if (!row) return refused([recordError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')], reference);
    if (row[object.system('IsDeleted').position] === 1) return refused([isDeleted()], reference);
    if (isConverted(object, row))
      return refused([recordError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead')], reference);
    const lock = this.rules.checkLock(object, reference, row);
    if (lock) return refused([lock], reference);
    const early = checkKinds(input, 'updateable');
    if (early) return refused([early], reference);
    const before = [...row];
    const { fields, errors } = this.assign(object, row, input, sequence, session);
    if (errors.length > 0) return refused(errors, reference);
    const stamp = this.org.stamp();
    const sent = new Set(fields.map(({ name }) => name));
    setDerivedFields(object, row, sent, (one) => this.read(one), stamp);
    const duplicate = this.rules.checkDuplicates(object, row, sequence, session.savesAlerts);
    if (duplicate) return refused([duplicate], reference);
    this.stampRow(object, row, session, stamp);
    this.writeChanges(object, sequence, before, row);
    const invalid = this.rules.checkValidation(object, sequence);
    if (invalid.length > 0) {
      this.writeChanges(object, sequence, row, before);
      return refused(invalid, reference);
    }
    this.log(session, object, reference, 'update', this.shown(fields, before), this.shown(fields, row));
    return { success: true, reference, created: false };
  }

  /** Writes a Name, a converted lead's links and the like: fields that no client may set. */
  setSystemFields(object: ObjectSchema, sequence: number, values: Readonly<Record<string, StoredValue>>): void {
    const fields = object.stored.filter(({ name }) => name in values);
    this.org.table(object).update(
      sequence,
      fields,
      fields.map(({ name }) => values[name] ?? null),
    );
  }

  private newRow(object: ObjectSchema, session: WriteSession): StoredRow {
    let template = this.templates.get(object.stored);
    if (!template) {
      template = object.stored.map((field) => {
        if (field.type === 'boolean') return field.defaultValue === true ? 1 : 0;
        const listDefault = field.picklist.find(({ isDefault }) => isDefault)?.value;
        const value = field.defaultValue ?? (field.createable ? listDefault : undefined) ?? null;
        return typeof value === 'boolean' ? Number(value) : value;
      });
      this.templates.set(object.stored, template);
    }
    const row = [...template];
    const stamp = this.org.stamp();
    row[object.system('CreatedDate').position] = stamp;
    row[object.system('CreatedById').position] = session.user;
    const owner = object.storedField('OwnerId');
    if (owner) row[owner.position] = session.user;
    this.stampRow(object, row, session, stamp);
    return row;
  }

  private stampRow(object: ObjectSchema, row: StoredRow, session: WriteSession, stamp: number): void {
    row[object.system('LastModifiedDate').position] = stamp;
    row[object.system('LastModifiedById').position] = session.user;
    row[object.system('SystemModstamp').position] = stamp;
  }

  /**
   * Puts the values that were sent into the row, and checks them.
   * @param sequence of the record when it exists already
   */
  private assign(
    object: ObjectSchema,
    row: StoredRow,
    { assignments, values }: RecordInput,
    sequence: number | undefined,
    session: WriteSession,
  ): { fields: Field[]; errors: RecordError[] } {
    const fields: Field[] = [];
    const lookups: number[] = [];
    const sizes: RecordError[] = [];
    const contents: RecordError[] = [];
    const nulls: Field[] = [];
    for (let index = 0; index < assignments.length; index += 1) {
      const assignment = assignments[index];
      const value = values[index];
      if (!assignment || value === undefined || value instanceof ValueRefusal) continue;
      const { field } = assignment;
      fields.push(field);
      if (field.type === 'reference') {
        lookups.push(index);
        continue;
      }
      const stored = normalized(field, value);
      if (stored === null && field.type === 'boolean') nulls.push(field);
      row[field.position] = stored;
      if (stored === null) continue;
      const size = checkSize(field, stored);
      if (size) sizes.push(size);
      else {
        const content = checkContent(field, stored);
        if (content) contents.push(content);
      }
    }
    if (nulls.length > 0) return { fields, errors: nulls.map(nullCheckbox) };
    const missing = this.missing(object, row, fields, assignments, lookups, values, sequence);
    if (missing.length > 0) return { fields, errors: [missingFields(missing)] };
    if (sizes.length > 0) return { fields, errors: sizes };
    if (contents.length > 0) return { fields, errors: contents };
    for (const index of lookups) {
      const assignment = assignments[index];
      const value = values[index];
      if (!assignment || value === undefined || value instanceof ValueRefusal) continue;
      const found = this.lookups.resolve(object, assignment, value);
      if (typeof found === 'object' && found !== null) return { fields, errors: [found] };
      row[assignment.field.position] = found;
      if (found !== null && session.parentHolder && assignment.field.referenceTo.includes('Account'))
        if (!session.parentHolder.hold(found)) return { fields, errors: [lockedRow(this.org.ids.encode(found))] };
    }
    const special = this.checkMember(object, row, sequence);
    if (special) return { fields, errors: [special] };
    const taken = this.checkUnique(object, row, fields, sequence);
    return { fields, errors: taken ? [taken] : [] };
  }

  private missing(
    object: ObjectSchema,
    row: StoredRow,
    fields: readonly Field[],
    assignments: RecordInput['assignments'],
    lookups: readonly number[],
    values: RecordInput['values'],
    sequence: number | undefined,
  ): string[] {
    const looked = new Map(lookups.map((index) => [assignments[index]?.field, values[index]]));
    const candidates = sequence === undefined ? object.fields : fields;
    return candidates
      .filter((field) => {
        if (field.nillable || field.type === 'boolean' || field.type === 'id' || field.autoNumber !== null)
          return false;
        if (sequence === undefined && (!field.createable || field.defaultedOnCreate)) return false;
        if (field.type !== 'reference') return row[field.position] === null;
        return looked.has(field) ? looked.get(field) === null || looked.get(field) === '' : sequence === undefined;
      })
      .map(({ name }) => name);
  }

  private checkUnique(
    object: ObjectSchema,
    row: StoredRow,
    fields: readonly Field[],
    sequence: number | undefined,
  ): RecordError | undefined {
    for (const field of fields) {
      const value = row[field.position];
      if (!field.unique || value === null || value === undefined) continue;
      const other = this.org
        .table(object)
        .find(field, value, 2)
        .find((one) => one !== sequence);
      if (other === undefined) continue;
      const id = this.org.ids.encode15(this.org.reference(object, other));
      const text = `duplicate value found: ${field.name} duplicates value on record with id: ${id}`;
      return recordError('DUPLICATE_VALUE', text);
    }
    return undefined;
  }

  /** A campaign has each person once; a member is one person. */
  private checkMember(object: ObjectSchema, row: StoredRow, sequence: number | undefined): RecordError | undefined {
    if (object.name !== 'CampaignMember' || sequence !== undefined) return undefined;
    const [campaign, lead, contact] = ['CampaignId', 'LeadId', 'ContactId'].map((name) => object.storedField(name));
    if (!campaign || !lead || !contact) return undefined;
    const person = row[contact.position] ?? row[lead.position] ?? null;
    if (person === null) return missingFields(['LeadId']);
    if (row[lead.position] !== null && row[contact.position] !== null)
      // the vendor's text is not known
      return recordError('FIELD_INTEGRITY_EXCEPTION', 'A member is either a lead or a contact', [
        'LeadId',
        'ContactId',
      ]);
    const field = row[contact.position] === null ? lead : contact;
    const table = this.org.table(object);
    const others = table.find(field, person, 100_000).map((one) => table.read(one));
    const isTaken = others.some((other) => other?.[campaign.position] === row[campaign.position]);
    return isTaken ? recordError('DUPLICATE_VALUE', 'Already a campaign member.') : undefined;
  }

  private setOwner(object: ObjectSchema, row: StoredRow, ownerId: string): void {
    const owner = object.storedField('OwnerId');
    const reference = this.org.ids.parse(ownerId);
    if (owner && reference !== undefined) row[owner.position] = reference;
  }

  /** Automatic numbers go up by one for each record. */
  private setNumbers(object: ObjectSchema, row: StoredRow): void {
    for (const field of object.stored) {
      if (field.autoNumber === null) continue;
      const key = `autoNumber ${object.name}.${field.name}`;
      const next = ((this.org.read(key) as number | undefined) ?? 0) + 1;
      this.org.write(key, next);
      row[field.position] = field.autoNumber.replace(/\{(0+)\}/, (_all, zeros: string) =>
        String(next).padStart(zeros.length, '0'),
      );
    }
  }

  private writeChanges(object: ObjectSchema, sequence: number, from: StoredRow, to: StoredRow): void {
    const changed = object.stored.filter(({ position }) => from[position] !== to[position]);
    if (changed.length === 0) return;
    this.org.table(object).update(
      sequence,
      changed,
      changed.map(({ position }) => to[position] ?? null),
    );
  }

  private read(reference: StoredValue): { object: ObjectSchema; row: StoredRow } | undefined {
    if (typeof reference !== 'number') return undefined;
    const object = this.org.schema.byKeyPrefix(keyPrefixOf(reference));
    const row = object && this.org.table(object).read(sequenceOf(reference));
    return object && row ? { object, row } : undefined;
  }

  private shown(fields: readonly Field[], row: StoredRow): Record<string, unknown> {
    const shown: Record<string, unknown> = {};
    for (const field of fields) shown[field.name] = plainValue(field, row[field.position] ?? null, this.org.ids);
    return shown;
  }

  private log(
    session: WriteSession,
    object: ObjectSchema,
    reference: RecordReference,
    operation: LogEntry['operation'],
    before: Record<string, unknown> | null,
    after: Record<string, unknown> | null,
  ): void {
    this.org.core.logWrite({
      by: session.userName,
      via: session.via,
      object: object.name,
      recordId: this.org.ids.encode(reference),
      operation,
      before,
      after,
    });
  }
}

export function refused(errors: RecordError[], reference?: RecordReference): WriteResult {
  return { success: false, reference, errors };
}

export function unsupported(object: ObjectSchema, operation: string): RecordError {
  if (object.access !== 'edit')
    return recordError('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object');
  return recordError('INVALID_TYPE_FOR_OPERATION', `entity type ${object.name} does not support ${operation}`);
}

export const isDeleted = (): RecordError => recordError('ENTITY_IS_DELETED', 'entity is deleted');

function isConverted(object: ObjectSchema, row: StoredRow): boolean {
  if (object.name !== 'Lead') return false;
  return object.stored.some(({ name, position }) => name === 'IsConverted' && row[position] === 1);
}

/** Fields that may not be set, then values that cannot be read. */
function checkKinds({ assignments, values }: RecordInput, mode: 'createable' | 'updateable'): RecordError | undefined {
  const readOnly = assignments.filter(({ field }, index) => values[index] !== undefined && !field[mode]);
  if (readOnly.length > 0) return notWritable(readOnly.map(({ field }) => field.name));
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    const name = assignments[index]?.field.name;
    if (value instanceof ValueRefusal) return recordError(value.statusCode, value.message, name ? [name] : []);
  }
  return undefined;
}

function nullCheckbox({ name, label }: Field): RecordError {
  return recordError('INVALID_TYPE_ON_FIELD_IN_RECORD', `${label}: value not of required type: null`, [name]);
}
