import { z } from 'zod';
import { ApiError, type Reason, RecordRefusal } from './api-error';
import {
  batchSizeOf,
  type Call,
  checkBatch,
  type Envelope,
  inputSchema,
  jsonBody,
  listOf,
  type Route,
  readShape,
} from './call';
import { DATA_TYPES, showValue } from './field-values';
import type { LeadField, LeadFields } from './lead-fields';
import type { ObjectField } from './object-types';
import type { PageTokens } from './page-token';

/** Custom fields that can be made by API (Marketo guide, "Lead fields"). */
const MOST_API_FIELDS = 100;
const TYPES_FOR_CREATION = DATA_TYPES.filter((type) => type !== 'text' && type !== 'reference');

const createSchema = z.object({
  displayName: z.string().min(1).max(255),
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,254}$/),
  dataType: z.enum(TYPES_FOR_CREATION),
  description: z.string().optional(),
  isHidden: z.boolean().optional(),
});
const changeSchema = z.object({
  displayName: z.string().min(1).max(255).optional(),
  description: z.string().optional(),
  isHidden: z.boolean().optional(),
});
const inputOnlySchema = z.object({ input: inputSchema });

interface FieldSchemaOptions {
  fields: LeadFields;
  tokens: PageTokens;
  /** Fields of other objects that can be read here, by the path before `/schema/fields.json`. */
  others: Readonly<Record<string, readonly ObjectField[]>>;
}

/** Field administration: lists, and for leads also making and changing custom fields. */
export function fieldSchemaRoutes(options: FieldSchemaOptions): Route[] {
  const base = '/rest/v1/leads/schema/fields';
  const reads = 'Read-Write Schema Standard Field' as const;
  const writes = 'Read-Write Schema Custom Field' as const;
  return [
    { method: 'GET', path: `${base}.json`, permission: reads, handle: (call) => list(call, options) },
    {
      method: 'GET',
      path: `${base}/{apiName}.json`,
      permission: reads,
      handle: (call) => ({ result: [describeLeadField(fieldOf(call, options))] }),
    },
    { method: 'POST', path: `${base}.json`, permission: writes, handle: (call) => createFields(call, options) },
    {
      method: 'POST',
      path: `${base}/{apiName}.json`,
      permission: writes,
      handle: (call) => changeField(call, options),
    },
    ...Object.entries(options.others).map(
      ([path, fields]): Route => ({
        method: 'GET',
        path: `/rest/v1/${path}/schema/fields.json`,
        permission: reads,
        handle: () => ({ result: fields.map(describeObjectField) }),
      }),
    ),
  ];
}

function describeLeadField(field: LeadField) {
  return {
    displayName: field.displayName,
    name: field.name,
    description: field.description ?? null,
    dataType: field.dataType,
    ...(field.length === undefined ? {} : { length: field.length }),
    isHidden: field.isHidden,
    isHtmlEncodingInEmail: true,
    isSensitive: false,
    isCustom: field.isCustom,
    isApiCreated: field.isApiCreated,
  };
}

const describeObjectField = ({ displayName, name, dataType, length }: ObjectField) => ({
  displayName,
  name,
  description: null,
  dataType,
  ...(length === undefined ? {} : { length }),
  isHidden: false,
  isHtmlEncodingInEmail: true,
  isSensitive: false,
  isCustom: false,
  isApiCreated: false,
});

function list({ parameters }: Call, { fields, tokens }: FieldSchemaOptions): Envelope {
  const names = listOf(parameters, 'name');
  const size = batchSizeOf(parameters);
  const query = JSON.stringify(['lead fields', names, size]);
  const after = tokens.read(query, parameters.get('nextPageToken'));
  const found = fields
    .everything()
    .filter(({ id, name }) => id > after && (names.length === 0 || names.includes(name)));
  const last = found[size - 1];
  return {
    result: found.slice(0, size).map(describeLeadField),
    ...(found.length > size && last ? { nextPageToken: tokens.issue(query, last.id) } : {}),
  };
}

function fieldOf({ path }: Call, { fields }: FieldSchemaOptions): LeadField {
  const name = path.apiName ?? '';
  const field = fields.everything().find((candidate) => candidate.name === name);
  if (!field) throw new ApiError('1006', `Field '${showValue(name)}' not found`);
  return field;
}

function createFields(call: Call, { fields }: FieldSchemaOptions): Envelope {
  const { input } = readShape(inputOnlySchema, jsonBody(call));
  checkBatch(input, () => undefined);
  const result = input.map((given): { name?: string; status: string; reasons?: Reason[] } => {
    try {
      const { name, displayName, dataType, description, isHidden } = readShape(createSchema, given);
      if (fields.everything().some((field) => field.name === name))
        throw new RecordRefusal('1017', `Field '${name}' already exists`);
      if (fields.everything().filter(({ isApiCreated }) => isApiCreated).length >= MOST_API_FIELDS)
        throw new RecordRefusal('1003', `At most ${MOST_API_FIELDS} fields can be made`);
      const optional = { ...(description === undefined ? {} : { description }), isHidden: isHidden ?? false };
      fields.add({ name, displayName, dataType, isApiCreated: true, ...optional });
      return { name, status: 'created' };
    } catch (error) {
      if (error instanceof RecordRefusal) return { status: 'skipped', reasons: [error.reason] };
      if (error instanceof ApiError)
        return { status: 'skipped', reasons: [{ code: error.code, message: error.message }] };
      throw error;
    }
  });
  return { result };
}

function changeField(call: Call, options: FieldSchemaOptions): Envelope {
  const field = fieldOf(call, options);
  const { input } = readShape(inputOnlySchema, jsonBody(call));
  checkBatch(input, () => undefined);
  for (const given of input) options.fields.change(field.name, readShape(changeSchema, given));
  return { result: [{ name: field.name, status: 'updated' }] };
}
