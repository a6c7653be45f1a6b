import { z } from 'zod';
import type { FieldDescription, FieldType, ObjectDescription, ObjectSummary } from '../../domain/object-description';
import { ConnectorError } from '../connector-error';
import type { MarketoClient } from './client';

/** Selects the members of a static list; no field of a person, so it is never read or written. */
export const STATIC_LIST_COLUMN = 'staticListId';

/** Where an object's calls live, and what is special about it (Marketo developer guide, "Lead database"). */
interface ObjectKind {
  label: string;
  path: string;
  idField: string;
  idOrder: 'number' | 'bytes';
  readableAsWhole: boolean;
}

const KINDS: Readonly<Record<string, ObjectKind>> = {
  Lead: { label: 'Person', path: 'leads', idField: 'id', idOrder: 'number', readableAsWhole: true },
  Company: { label: 'Company', path: 'companies', idField: 'id', idOrder: 'number', readableAsWhole: true },
  Opportunity: {
    label: 'Opportunity',
    path: 'opportunities',
    idField: 'marketoGUID',
    idOrder: 'bytes',
    readableAsWhole: false,
  },
  OpportunityRole: {
    label: 'Opportunity role',
    path: 'opportunities/roles',
    idField: 'marketoGUID',
    idOrder: 'bytes',
    readableAsWhole: false,
  },
};

const customKind = (name: string): ObjectKind => ({
  label: name,
  path: `customobjects/${encodeURIComponent(name)}`,
  idField: 'marketoGUID',
  idOrder: 'bytes',
  readableAsWhole: false,
});

/** The path of an object's calls under `/rest/v1/`. */
export const objectPath = (objectName: string): string => (KINDS[objectName] ?? customKind(objectName)).path;

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

/** A text area takes 30,000 bytes (Marketo developer guide, "Field types"); characters are never fewer than a quarter of that. */
const TEXT_AREA_CHARACTERS = 30_000;

const leadField = z.object({
  displayName: z.string(),
  dataType: z.string(),
  length: z.number().optional(),
  rest: z.object({ name: z.string(), readOnly: z.boolean() }).optional(),
});
const objectField = z.object({
  name: z.string(),
  displayName: z.string().default(''),
  dataType: z.string(),
  length: z.number().optional(),
  updateable: z.boolean().default(true),
});
const objectAnswer = z.object({
  name: z.string().optional(),
  displayName: z.string().optional(),
  idField: z.string().optional(),
  dedupeFields: z.array(z.string()).default([]),
  searchableFields: z.array(z.array(z.string())).default([]),
  fields: z.array(objectField).default([]),
});

/** Fields that the system writes by itself, whatever a description says. */
const SYSTEM_FIELDS: ReadonlySet<string> = new Set(['id', 'marketoGUID', 'createdAt', 'updatedAt']);

interface FieldFacts {
  name: string;
  label: string;
  dataType: string;
  length: number | undefined;
  createable: boolean;
  updateable: boolean;
  required: boolean;
  searchable: boolean;
}

const toField = (facts: FieldFacts): FieldDescription => {
  const isId = facts.name === 'id' || facts.name === 'marketoGUID';
  return {
    name: facts.name,
    label: facts.label || facts.name,
    type: isId ? 'id' : (TYPES[facts.dataType] ?? 'other'),
    length: facts.length ?? (facts.dataType.startsWith('text') ? TEXT_AREA_CHARACTERS : null),
    precision: null,
    scale: null,
    required: facts.required,
    createable: facts.createable && !SYSTEM_FIELDS.has(facts.name),
    updateable: facts.updateable && !SYSTEM_FIELDS.has(facts.name),
    filterable: true,
    matchable: facts.searchable,
    caseSensitive: false,
    restricted: false,
    picklistValues: [],
    referenceTo: [],
  };
};

/** The objects that Sync can work with. */
export async function listObjects(client: MarketoClient, signal: AbortSignal): Promise<ObjectSummary[]> {
  const standard = Object.entries(KINDS).map(([name, kind]) => ({
    name,
    label: kind.label,
    readable: true,
    writable: true,
  }));
  return [...standard, ...(await customObjects(client, signal))];
}

const customObjectAnswer = z.object({ name: z.string(), displayName: z.string().optional() });

/** A subscription without custom objects, or an API user without the permission, simply has none. */
const NO_CUSTOM_OBJECTS: ReadonlySet<string> = new Set(['603', '703', '1026', '616']);

async function customObjects(client: MarketoClient, signal: AbortSignal): Promise<ObjectSummary[]> {
  try {
    const { result } = await client.call({ what: 'list custom objects', path: '/rest/v1/customobjects.json' }, signal);
    return z
      .array(customObjectAnswer)
      .parse(result)
      .map(({ name, displayName }) => ({ name, label: displayName ?? name, readable: true, writable: true }));
  } catch (error) {
    if (error instanceof ConnectorError && NO_CUSTOM_OBJECTS.has(error.code)) return [];
    throw error;
  }
}

/** @throws ConnectorError `UNKNOWN_OBJECT` */
export async function describeObject(
  client: MarketoClient,
  objectName: string,
  signal: AbortSignal,
): Promise<ObjectDescription> {
  return objectName === 'Lead' ? describeLead(client, signal) : describeOther(client, objectName, signal);
}

async function describeLead(client: MarketoClient, signal: AbortSignal): Promise<ObjectDescription> {
  const [all, searchable] = await Promise.all([
    client.call({ what: 'describe people', path: '/rest/v1/leads/describe.json' }, signal),
    client.call({ what: 'describe people', path: '/rest/v1/leads/describe2.json' }, signal),
  ]);
  const [second] = z.array(objectAnswer).parse(searchable.result);
  const keys = new Set((second?.searchableFields ?? []).flatMap((fields) => (fields.length === 1 ? fields : [])));
  const fields = z
    .array(leadField)
    .parse(all.result)
    .flatMap(({ rest, displayName, dataType, length }) =>
      rest
        ? [
            toField({
              name: rest.name,
              label: displayName,
              dataType,
              length,
              createable: !rest.readOnly,
              updateable: !rest.readOnly,
              required: false,
              searchable: keys.has(rest.name),
            }),
          ]
        : [],
    );
  const list = toField({
    name: STATIC_LIST_COLUMN,
    label: 'Member of static list (its id)',
    dataType: 'other',
    length: undefined,
    createable: false,
    updateable: false,
    required: false,
    searchable: false,
  });
  return {
    name: 'Lead',
    label: 'Person',
    idOrder: 'number',
    idField: 'id',
    createdAtField: 'createdAt',
    updatedAtField: 'updatedAt',
    readableAsWhole: true,
    keyFields: [...keys],
    defaultMatchField: 'email',
    fields: [...fields, list],
  };
}

async function describeOther(
  client: MarketoClient,
  objectName: string,
  signal: AbortSignal,
): Promise<ObjectDescription> {
  const kind = KINDS[objectName] ?? customKind(objectName);
  const [answer] = await described(client, objectName, kind, signal);
  if (!answer) throw unknownObject(objectName);
  const keys = new Set([
    ...answer.searchableFields.flatMap((fields) => (fields.length === 1 ? fields : [])),
    ...answer.dedupeFields,
  ]);
  const dedupe = new Set(answer.dedupeFields);
  return {
    name: objectName,
    label: answer.displayName ?? kind.label,
    idOrder: kind.idOrder,
    idField: answer.idField ?? kind.idField,
    createdAtField: 'createdAt',
    updatedAtField: 'updatedAt',
    readableAsWhole: kind.readableAsWhole,
    keyFields: [...keys],
    defaultMatchField: null,
    fields: answer.fields.map((field) =>
      toField({
        name: field.name,
        label: field.displayName,
        dataType: field.dataType,
        length: field.length,
        // a dedupe field that cannot be updated is given once, at creation
        createable: field.updateable || dedupe.has(field.name),
        updateable: field.updateable && !dedupe.has(field.name),
        required: dedupe.has(field.name) || (objectName === 'Opportunity' && field.name === 'name'),
        searchable: keys.has(field.name) || field.name === kind.idField,
      }),
    ),
  };
}

const unknownObject = (objectName: string): ConnectorError =>
  new ConnectorError(
    `Marketo has no object ${objectName}. Choose one of those that the connection lists.`,
    'UNKNOWN_OBJECT',
    {
      retry: 'never',
    },
  );

async function described(client: MarketoClient, objectName: string, kind: ObjectKind, signal: AbortSignal) {
  try {
    const path = `/rest/v1/${kind.path}/describe.json`;
    const { result } = await client.call({ what: `describe ${objectName}`, path }, signal);
    return z.array(objectAnswer).parse(result);
  } catch (error) {
    if (error instanceof ConnectorError && ['610', '1013', '702', 'HTTP_404'].includes(error.code))
      throw unknownObject(objectName);
    throw error;
  }
}
