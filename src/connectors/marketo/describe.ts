import { z } from 'zod';
import type { FieldDescription, FieldType, ObjectDescription } from '../../domain/object-description';
import { ConnectorError } from '../connector-error';
import type { MarketoClient } from './client';
import { kindOf, type ObjectKind } from './objects';

/** Selects the members of a static list; no field of a person, so it is never read or written. */
export const STATIC_LIST_COLUMN = 'staticListId';

/** Marketo developer guide, "Field types". Computed types (formula, lead function, array) can be neither exported nor written. */
const TYPES: Readonly<Record<string, FieldType>> = {
  string: 'text',
  text: 'text',
  textarea: 'text',
  email: 'email',
  phone: 'phone',
  url: 'url',
  integer: 'integer',
  score: 'integer',
  percent: 'number',
  float: 'number',
  currency: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
  reference: 'reference',
};

/** Bytes that a text area takes (Marketo developer guide, "Field types"), and so the most characters. */
const TEXT_AREA_LENGTH = 30_000;
const TEXT_AREAS: ReadonlySet<string> = new Set(['text', 'textarea']);

const leadField = z.object({
  displayName: z.string().optional(),
  dataType: z.string(),
  length: z.number().optional(),
  // a field without it cannot be used over REST
  rest: z.object({ name: z.string(), readOnly: z.boolean().default(false) }).optional(),
});
const objectField = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  dataType: z.string(),
  length: z.number().optional(),
  updateable: z.boolean().default(true),
});
const related = z.object({ name: z.string() });
const objectAnswer = z.object({
  displayName: z.string().optional(),
  idField: z.string().optional(),
  dedupeFields: z.array(z.string()).default([]),
  searchableFields: z.array(z.array(z.string())).default([]),
  // an older form calls the second member `object`
  relationships: z.array(z.object({ relatedTo: related.optional(), object: related.optional() })).default([]),
  fields: z.array(objectField).default([]),
});

/** Fields that the system writes by itself, whatever a description says: `id` is told as writable, but is the key. */
const SYSTEM_FIELDS: ReadonlySet<string> = new Set(['id', 'marketoGUID', 'createdAt', 'updatedAt', 'seq']);

interface FieldFacts {
  name: string;
  label: string | undefined;
  dataType: string;
  length: number | undefined;
  createable: boolean;
  updateable: boolean;
  required: boolean;
  filterable: boolean;
  matchable: boolean;
  unique: boolean;
}

function toField(facts: FieldFacts): FieldDescription[] {
  const { name, dataType, label, length } = facts;
  const isSystem = SYSTEM_FIELDS.has(name);
  const type = name === 'id' || name === 'marketoGUID' ? 'id' : TYPES[dataType];
  if (type === undefined) return [];
  return [
    {
      name,
      label: label || name,
      type,
      length: hasLength(type) ? (length ?? (TEXT_AREAS.has(dataType) ? TEXT_AREA_LENGTH : null)) : null,
      precision: null,
      scale: null,
      required: facts.required,
      createable: facts.createable && !isSystem,
      updateable: facts.updateable && !isSystem,
      filterable: facts.filterable,
      matchable: facts.matchable,
      unique: facts.unique,
      externalId: false,
      caseSensitive: false,
      restricted: false,
      picklistValues: [],
      referenceTo: [],
    },
  ];
}

/** A length that is told of anything else (seen for currencies) is none of its characters. */
const hasLength = (type: FieldType): boolean => ['text', 'email', 'phone', 'url'].includes(type);

/** Fields by which a query can select alone: pairs and triples are keys only together. */
const single = (searchable: readonly (readonly string[])[]): string[] => [
  ...new Set(searchable.flatMap((names) => (names.length === 1 ? names : []))),
];

/** @throws ConnectorError `UNKNOWN_OBJECT` */
export async function describeObject(
  client: MarketoClient,
  objectName: string,
  signal: AbortSignal,
): Promise<ObjectDescription> {
  if (objectName === 'Lead') return describeLead(client, signal);
  return kindOf(objectName).programId === undefined
    ? describeOther(client, objectName, signal)
    : describeMembers(client, objectName, signal);
}

/**
 * `describe` tells which fields REST can use and which are read-only; `describe2` tells by which a query can select, and by its
 * flag `updateable` what describe may still call writable.
 */
async function describeLead(client: MarketoClient, signal: AbortSignal): Promise<ObjectDescription> {
  const what = 'describe people';
  const [all, second] = await Promise.all([
    client.list({ what, path: '/rest/v1/leads/describe.json' }, leadField, signal),
    client.list({ what, path: '/rest/v1/leads/describe2.json' }, objectAnswer, signal),
  ]);
  const [more] = second.items;
  const keys = single(more?.searchableFields ?? []);
  const readOnly = new Set((more?.fields ?? []).filter((field) => !field.updateable).map((field) => field.name));
  const filterable = new Set([...keys, 'createdAt', 'updatedAt']);
  const fields = all.items.flatMap(({ rest, displayName: label, dataType, length }) => {
    if (!rest) return [];
    const { name } = rest;
    const isWritable = !rest.readOnly && !readOnly.has(name);
    return toField({
      name,
      label,
      dataType,
      length,
      createable: isWritable,
      updateable: isWritable,
      required: false,
      filterable: filterable.has(name),
      matchable: keys.includes(name),
      // nothing else of people is: there may be several with one e-mail
      unique: name === 'id',
    });
  });
  return {
    name: 'Lead',
    label: kindOf('Lead').label,
    idOrder: 'number',
    idField: 'id',
    createdAtField: 'createdAt',
    updatedAtField: 'updatedAt',
    readableAsWhole: true,
    keyFields: keys,
    defaultMatchField: 'email',
    fields: [...fields, staticListField],
  };
}

const staticListField: FieldDescription = {
  name: STATIC_LIST_COLUMN,
  label: 'Member of the static list (its id)',
  type: 'other',
  length: null,
  precision: null,
  scale: null,
  required: false,
  createable: false,
  updateable: false,
  filterable: true,
  matchable: false,
  unique: false,
  externalId: false,
  caseSensitive: false,
  restricted: false,
  picklistValues: [],
  referenceTo: [],
};

async function describeOther(
  client: MarketoClient,
  objectName: string,
  signal: AbortSignal,
): Promise<ObjectDescription> {
  const kind = kindOf(objectName);
  const answer = await described(client, objectName, kind, signal);
  const idField = answer.idField ?? kind.idField;
  const keys = single([...answer.searchableFields, [idField]]);
  const dedupe = new Set(answer.dedupeFields);
  const unique = [idField, ...single([answer.dedupeFields])];
  return {
    name: objectName,
    label: answer.displayName || kind.label,
    idOrder: kind.idOrder,
    idField,
    createdAtField: 'createdAt',
    updatedAtField: 'updatedAt',
    readableAsWhole: objectName === 'Company' || (kind.isCustom && isLinkedToPeople(answer)),
    keyFields: keys,
    defaultMatchField: null,
    fields: answer.fields.flatMap((field) =>
      toField({
        name: field.name,
        label: field.displayName,
        dataType: field.dataType,
        length: field.length,
        // a dedupe field that is not updateable can be set at creation alone
        createable: field.updateable || dedupe.has(field.name),
        updateable: field.updateable,
        required: dedupe.has(field.name) || (objectName === 'Opportunity' && field.name === 'name'),
        filterable: keys.includes(field.name),
        matchable: keys.includes(field.name),
        unique: unique.includes(field.name),
      }),
    ),
  };
}

/** A status is set by a call of its own, and the person names the member; all else is as the description says. */
async function describeMembers(
  client: MarketoClient,
  objectName: string,
  signal: AbortSignal,
): Promise<ObjectDescription> {
  const kind = kindOf(objectName);
  const [answer] = await Promise.all([
    described(client, objectName, kind, signal),
    demandProgram(client, objectName, signal),
  ]);
  const isKey = (name: string) => name === kind.idField;
  const isStatus = (name: string) => name === 'statusName';
  const fields = answer.fields.flatMap((field) =>
    toField({
      name: field.name,
      label: field.displayName,
      dataType: field.dataType,
      length: field.length,
      createable: field.updateable || isKey(field.name) || isStatus(field.name),
      updateable: !isKey(field.name) && (field.updateable || isStatus(field.name)),
      required: isKey(field.name) || isStatus(field.name),
      filterable: isKey(field.name),
      matchable: isKey(field.name),
      unique: isKey(field.name),
    }),
  );
  return {
    name: objectName,
    label: kind.label,
    idOrder: kind.idOrder,
    idField: kind.idField,
    createdAtField: 'createdAt',
    updatedAtField: 'updatedAt',
    readableAsWhole: true,
    keyFields: [kind.idField],
    defaultMatchField: null,
    fields: fields.map((field) => (isKey(field.name) ? { ...field, type: 'id', length: null } : field)),
  };
}

/** Members are described alike for all programs; whether this one is there, only a look at its members tells. */
async function demandProgram(client: MarketoClient, objectName: string, signal: AbortSignal): Promise<void> {
  const query = { filterType: 'leadId', filterValues: '1' };
  const call = { what: `describe ${objectName}`, path: `/rest/v1/${kindOf(objectName).path}.json`, query };
  try {
    await client.list(call, z.unknown(), signal);
  } catch (error) {
    if (!(error instanceof ConnectorError) || !UNKNOWN.has(error.code)) throw error;
    throw unknownObject(objectName);
  }
}

/** Bulk extract exports only those custom objects that are linked to people directly (Marketo developer guide). */
const isLinkedToPeople = ({ relationships }: z.output<typeof objectAnswer>): boolean =>
  relationships.some(({ relatedTo, object }) => (relatedTo ?? object)?.name === 'Lead');

/** Codes that mean "there is no such object" when a description is asked for. */
const UNKNOWN: ReadonlySet<string> = new Set(['610', '702', '1013', '1026', 'HTTP_404']);

async function described(client: MarketoClient, objectName: string, kind: ObjectKind, signal: AbortSignal) {
  try {
    const call = { what: `describe ${objectName}`, path: `/rest/v1/${kind.describedAt ?? kind.path}/describe.json` };
    const [answer] = (await client.list(call, objectAnswer, signal)).items;
    if (answer) return answer;
  } catch (error) {
    if (!(error instanceof ConnectorError) || !UNKNOWN.has(error.code)) throw error;
  }
  throw unknownObject(objectName);
}

const unknownObject = (objectName: string): ConnectorError =>
  new ConnectorError(
    objectName === 'ProgramMember'
      ? "Marketo keeps members by program. Add the program's id, as in ProgramMember:1005."
      : `Marketo has no object ${objectName}. Choose one of those that the connection lists.`,
    'UNKNOWN_OBJECT',
    { retry: 'never' },
  );
