import { z } from 'zod';
import type { InstanceCore } from '../core';
import { ApiError } from './api-error';
import {
  BATCH_LIMIT,
  batchSizeOf,
  type Call,
  checkBatch,
  type Envelope,
  inputSchema,
  integerOf,
  isRecord,
  jsonBody,
  listOf,
  readShape,
  requiredParameter,
} from './call';
import { showValue } from './field-values';
import type { ObjectRow, ObjectStore } from './object-store';
import type { PageTokens } from './page-token';
import type { MarketoSettings } from './settings';

const compoundSchema = z.object({
  filterType: z.string().min(1),
  fields: z.array(z.string()).optional(),
  input: inputSchema,
  batchSize: z.number().int().min(1).optional(),
  nextPageToken: z.string().optional(),
});

interface QueryContext {
  core: InstanceCore;
  settings: () => Readonly<MarketoSettings>;
  tokens: PageTokens;
}

interface Wish {
  fields: readonly string[];
  size: number;
  token: string | null;
  /** All that has to be the same on the next page. */
  query: string;
}

/**
 * Records by one searchable field, or by all keys together where the call carries a JSON body with them.
 * There is no way to list all records of an object.
 */
export function queryObjects(store: ObjectStore, call: Call, context: QueryContext): Envelope {
  return /^application\/json\b/i.test(call.contentType) && call.body.length > 0
    ? byBody(store, call, context)
    : byFilter(store, call, context);
}

function byFilter(store: ObjectStore, { parameters }: Call, context: QueryContext): Envelope {
  const fieldName = filterField(store, requiredParameter(parameters, 'filterType'));
  requiredParameter(parameters, 'filterValues');
  const values = [...new Set(listOf(parameters, 'filterValues'))];
  checkValues(store, fieldName, values, context);
  const fields = listOf(parameters, 'fields');
  const size = batchSizeOf(parameters);
  return page(
    store,
    { fields, size, token: parameters.get('nextPageToken'), query: JSON.stringify([fieldName, values, fields, size]) },
    context,
    (afterId, limit) => store.find(fieldName, values, afterId, limit),
  );
}

function byBody(store: ObjectStore, call: Call, context: QueryContext): Envelope {
  const request = readShape(compoundSchema, jsonBody(call));
  checkBatch(request.input, (count) => context.core.countViolation('batchTooLarge', `${count} keys in one query`));
  const isByKeys = request.filterType === 'dedupeFields';
  const fieldName = isByKeys && store.type.dedupeFields.length > 1 ? null : filterField(store, request.filterType);
  const fields = request.fields ?? [];
  const size = Math.min(request.batchSize ?? BATCH_LIMIT, BATCH_LIMIT);
  const query = JSON.stringify([request.filterType, request.input.map(shallow), fields, size]);
  const keyNames = fieldName === null ? store.type.dedupeFields : [fieldName];
  const keys = request.input.map((record) => keysOf(record, keyNames));
  const find = (afterId: number, limit: number): ObjectRow[] =>
    fieldName === null ? rowsByKeys(store, keys, afterId, limit) : store.find(fieldName, keys.flat(), afterId, limit);
  return page(store, { fields, size, token: request.nextPageToken ?? null, query }, context, find);
}

function rowsByKeys(store: ObjectStore, keys: readonly unknown[][], afterId: number, limit: number): ObjectRow[] {
  const rows = new Map<number, ObjectRow>();
  for (const key of keys) {
    const row = store.findByKeys(key);
    if (row && row.id > afterId) rows.set(row.id, row);
  }
  return [...rows.values()].sort((a, b) => a.id - b.id).slice(0, limit);
}

/** @throws ApiError 1003 where a record of the body lacks one of the keys */
function keysOf(record: unknown, names: readonly string[]): unknown[] {
  return names.map((name) => {
    const value = isRecord(record) && Object.hasOwn(record, name) ? record[name] : undefined;
    if (value === undefined || value === null || typeof value === 'object')
      throw new ApiError('1003', `Value for lookup field '${name}' not found`);
    return value;
  });
}

const shallow = (record: unknown): unknown =>
  isRecord(record)
    ? Object.fromEntries(Object.entries(record).map(([name, value]) => [name, showValue(value)]))
    : showValue(record);

function page(
  store: ObjectStore,
  { fields, size, token, query }: Wish,
  { tokens, settings }: QueryContext,
  find: (afterId: number, limit: number) => ObjectRow[],
): Envelope {
  const { idField, dedupeFields } = store.type;
  const names = [...new Set(fields.length > 0 ? fields : [idField, ...dedupeFields, 'createdAt', 'updatedAt'])];
  for (const name of names) if (!store.field(name)) throw new ApiError('1006', `Field '${showValue(name)}' not found`);
  const rows = find(tokens.read(query, token), size + 1);
  const { omitNulls } = settings();
  const result = rows.slice(0, size).map((row, seq) => {
    const record: Record<string, unknown> = { seq, [idField]: store.read(row, idField) };
    for (const name of names) {
      const value = store.read(row, name);
      if (value !== null || !omitNulls) record[name] = value;
    }
    return record;
  });
  const last = rows[size - 1];
  if (rows.length <= size || !last) return { result };
  return {
    result,
    nextPageToken: tokens.issue(query, last.id),
    ...(settings().moreResultFalse ? { moreResult: false } : {}),
  };
}

/** @throws ApiError 1003 for a field that the object cannot be searched by */
function filterField(store: ObjectStore, filterType: string): string {
  const { type } = store;
  if (filterType === 'idField') return type.idField;
  if (filterType === 'dedupeFields' && type.dedupeFields.length === 1) return type.dedupeFields[0] ?? type.idField;
  if (filterType === type.idField || type.searchableFields.includes(filterType)) return filterType;
  throw new ApiError('1003', `Invalid value for 'filterType' and value '${showValue(filterType)}'`);
}

function checkValues(store: ObjectStore, fieldName: string, values: readonly string[], { core }: QueryContext): void {
  if (values.length > BATCH_LIMIT) {
    core.countViolation('batchTooLarge', `${values.length} filter values`);
    throw new ApiError('1003', `Invalid value for 'filterValues': at most ${BATCH_LIMIT} values`);
  }
  if (store.field(fieldName)?.dataType === 'integer') for (const value of values) integerOf(value);
}
