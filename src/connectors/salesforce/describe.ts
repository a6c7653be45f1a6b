import { z } from 'zod';
import type { FieldDescription, FieldType, ObjectDescription, ObjectSummary } from '../../domain/object-description';
import { ConnectorError } from '../connector-error';
import type { SalesforceClient } from './client';

/** Objects that Salesforce keeps beside others: history, sharing, feeds, events of change, tags. */
const BESIDE_OTHERS = /(?:History|Share|Feed|ChangeEvent|Tag)$/;
const API_NAME = /^[A-Za-z]\w{0,254}$/;
/** People are matched by e-mail unless the definition says otherwise. */
const PEOPLE = new Set(['Contact', 'Lead']);

/** Object Reference, "Field Types"; a type that is missing here is compound or binary and cannot be mapped. */
const TYPES: Readonly<Record<string, FieldType>> = {
  id: 'id',
  reference: 'reference',
  string: 'text',
  textarea: 'text',
  combobox: 'text',
  encryptedstring: 'text',
  email: 'email',
  phone: 'phone',
  url: 'url',
  picklist: 'picklist',
  multipicklist: 'multipicklist',
  boolean: 'boolean',
  int: 'integer',
  double: 'number',
  currency: 'number',
  percent: 'number',
  date: 'date',
  datetime: 'datetime',
  time: 'time',
};
const MATCHABLE: ReadonlySet<FieldType> = new Set([
  'id',
  'reference',
  'text',
  'email',
  'phone',
  'url',
  'integer',
  'number',
]);

const globalDescribe = z.object({
  sobjects: z.array(
    z.object({
      name: z.string(),
      label: z.string(),
      queryable: z.boolean(),
      createable: z.boolean(),
      updateable: z.boolean(),
      deprecatedAndHidden: z.boolean().default(false),
    }),
  ),
});

const describedField = z.object({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  length: z.number().default(0),
  precision: z.number().default(0),
  scale: z.number().default(0),
  digits: z.number().default(0),
  nillable: z.boolean(),
  defaultedOnCreate: z.boolean(),
  createable: z.boolean(),
  updateable: z.boolean(),
  filterable: z.boolean(),
  caseSensitive: z.boolean().default(false),
  restrictedPicklist: z.boolean().default(false),
  unique: z.boolean().default(false),
  externalId: z.boolean().default(false),
  idLookup: z.boolean().default(false),
  deprecatedAndHidden: z.boolean().default(false),
  picklistValues: z
    .array(z.object({ active: z.boolean().default(true), value: z.string(), label: z.string().nullish() }))
    .nullish(),
  referenceTo: z.array(z.string()).nullish(),
});
const objectDescribe = z.object({
  name: z.string(),
  label: z.string(),
  queryable: z.boolean(),
  fields: z.array(describedField),
});
type DescribedField = z.output<typeof describedField>;

/** The objects that a sync can read or write, without those that Salesforce keeps beside others. */
export async function listObjects(client: SalesforceClient, signal: AbortSignal): Promise<ObjectSummary[]> {
  // asked for by ourselves: jsforce keeps what its own method gets for good, and fails on an answer of another shape
  const path = `${client.versionPath}/sobjects`;
  const { sobjects } = await client.json({ method: 'GET', path }, globalDescribe, { signal });
  return sobjects
    .filter((object) => !object.deprecatedAndHidden && !BESIDE_OTHERS.test(object.name))
    .map(({ name, label, queryable, createable, updateable }) => ({
      name,
      label,
      readable: queryable,
      writable: createable || updateable,
    }))
    .filter(({ readable, writable }) => readable || writable);
}

/** @throws ConnectorError `UNKNOWN_OBJECT` where there is no such object, or the user may not see it */
export async function describeObject(
  client: SalesforceClient,
  objectName: string,
  signal: AbortSignal,
): Promise<ObjectDescription> {
  if (!API_NAME.test(objectName)) throw unknownObject();
  const path = `${client.versionPath}/sobjects/${objectName}/describe`;
  try {
    return toDescription(await client.json({ method: 'GET', path }, objectDescribe, { signal }));
  } catch (error) {
    throw error instanceof ConnectorError && (error.code === 'NOT_FOUND' || error.code === 'INVALID_TYPE')
      ? unknownObject()
      : error;
  }
}

const unknownObject = (): ConnectorError =>
  new ConnectorError(
    'Salesforce does not have this object, or the user of the connection may not see it. Choose another object.',
    'UNKNOWN_OBJECT',
    { retry: 'never' },
  );

function toDescription(object: z.output<typeof objectDescribe>): ObjectDescription {
  const visible = object.fields.filter((field) => !field.deprecatedAndHidden && TYPES[field.type] !== undefined);
  const named = new Set(visible.map(({ name }) => name));
  const firstOf = (...names: string[]) => names.find((name) => named.has(name)) ?? null;
  return {
    name: object.name,
    label: object.label,
    idOrder: 'bytes',
    idField: 'Id',
    createdAtField: firstOf('CreatedDate'),
    updatedAtField: firstOf('SystemModstamp', 'LastModifiedDate', 'CreatedDate'),
    readableAsWhole: object.queryable,
    keyFields: visible.filter(({ externalId, idLookup }) => externalId || idLookup).map(({ name }) => name),
    defaultMatchField: PEOPLE.has(object.name) ? firstOf('Email') : null,
    fields: visible.map(toField),
  };
}

function toField(field: DescribedField): FieldDescription {
  const type = TYPES[field.type] ?? 'other';
  const isNumber = type === 'number' || type === 'integer';
  return {
    name: field.name,
    label: field.label,
    type,
    length: !isNumber && field.length > 0 ? field.length : null,
    precision: isNumber ? (type === 'integer' ? field.digits || field.precision : field.precision) : null,
    scale: isNumber ? field.scale : null,
    required: field.createable && !field.nillable && !field.defaultedOnCreate,
    createable: field.createable,
    updateable: field.updateable,
    filterable: field.filterable,
    matchable: field.filterable && MATCHABLE.has(type),
    unique: field.unique || type === 'id',
    externalId: field.externalId,
    caseSensitive: field.caseSensitive,
    restricted: field.restrictedPicklist,
    picklistValues: (field.picklistValues ?? [])
      .filter(({ active }) => active)
      .map(({ value, label }) => ({ value, label: label ?? value })),
    referenceTo: field.referenceTo ?? [],
  };
}
