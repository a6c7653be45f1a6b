import type { FieldDescription, FieldType, ObjectDescription } from '../../src/domain/object-description';

/** A field with everything allowed, but for what is given. */
export const describedField = (
  name: string,
  type: FieldType,
  more: Partial<FieldDescription> = {},
): FieldDescription => ({
  name,
  label: name,
  type,
  length: null,
  precision: null,
  scale: null,
  required: false,
  createable: true,
  updateable: true,
  filterable: true,
  matchable: true,
  unique: false,
  externalId: false,
  caseSensitive: false,
  restricted: false,
  picklistValues: [],
  referenceTo: [],
  ...more,
});

/** A text field of 40 characters, filterable and writable, unless said otherwise. */
export const field = (name: string, { type = 'text', ...more }: Partial<FieldDescription> = {}): FieldDescription =>
  describedField(name, type, { length: 40, ...more });

/** An object that is read as a whole, with an Id of its own. */
export const object = (fields: FieldDescription[], more: Partial<ObjectDescription> = {}): ObjectDescription => ({
  name: 'Thing',
  label: 'Thing',
  idOrder: 'bytes',
  idField: 'Id',
  createdAtField: 'CreatedDate',
  updatedAtField: 'LastModifiedDate',
  readableAsWhole: true,
  keyFields: ['Id'],
  defaultMatchField: null,
  fields: [field('Id', { type: 'id', length: 18, createable: false, updateable: false }), ...fields],
  ...more,
});
