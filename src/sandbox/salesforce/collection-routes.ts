import { ApiError } from './api-error';
import type { Route } from './dispatcher';
import { type Answer, type Call, json, locateIn, objectBody } from './http-call';
import type { ObjectSchema } from './org-schema';
import { hasId, isRecordError, jsonTypeError, type RecordAccess, writeSessionOf } from './record-access';
import { type RecordError, recordError } from './record-error';
import { keyPrefixOf, type RecordReference, sequenceOf, UNKNOWN_RECORD } from './record-id';
import type { RecordInput } from './record-input';
import { comparableKey, repeated, sameIdTwice, sameKeyTwice, type UpsertKey, upsert } from './record-upsert';
import { refused, type WriteResult } from './record-writer';
import { parseJsonValue, ValueRefusal } from './value-parsing';

/** REST guide, "sObject Collections". */
const MAX_RECORDS = 200;
const MAX_RETRIEVED = 2_000;
const MAX_TYPE_RUNS = 10;

/** Up to 200 records in a call; the answer has one result for each, in order. */
export function collectionRoutes(access: RecordAccess): Route[] {
  return [
    {
      pattern: 'composite/sobjects',
      methods: {
        POST: (call) => createMany(access, call),
        PATCH: (call) => updateMany(access, call),
        DELETE: (call) => removeMany(access, call),
      },
    },
    {
      pattern: 'composite/sobjects/:object',
      methods: {
        GET: (call, { object = '' }) => retrieveMany(access, call, object, listOf(call, 'ids'), listOf(call, 'fields')),
        POST: (call, { object = '' }) => {
          const { ids, fields } = objectBody(call);
          return retrieveMany(access, call, object, textList(ids), textList(fields));
        },
      },
    },
    {
      pattern: 'composite/sobjects/:object/:field',
      methods: { PATCH: (call, { object = '', field = '' }) => upsertMany(access, call, object, field) },
    },
  ];
}

interface SentRecord {
  record: Record<string, unknown>;
  object: ObjectSchema;
}

function createMany(access: RecordAccess, call: Call): Answer {
  const { records, allOrNone } = recordsOf(access, call);
  const inputs = records.map(({ record, object }) => {
    if (hasId(record)) return recordError('INVALID_FIELD', 'cannot specify Id in an insert call', ['Id']);
    return access.read(object, record, [], call.body);
  });
  refuseWrongTypes(access, inputs);
  const session = writeSessionOf(call, 'POST /composite/sobjects');
  const results = writeAll(access, allOrNone, records.length, (index) => {
    const input = inputs[index] as RecordInput | RecordError; // as many as records
    const { object } = records[index] as SentRecord;
    return isRecordError(input) ? refused([input]) : access.writer.create(object, input, session);
  });
  return answerOf(access, results, false);
}

function updateMany(access: RecordAccess, call: Call): Answer {
  const { records, allOrNone } = recordsOf(access, call);
  const inputs = records.map(({ record, object }) => access.read(object, record, ['id'], call.body));
  refuseWrongTypes(access, inputs);
  const ids = records.map(({ record }) => idOf(access, record));
  const twice = repeated(ids.map((id) => (typeof id === 'number' && id !== UNKNOWN_RECORD ? id : null)));
  if (twice.size > 0) access.org.core.countViolation('sameKeyTwiceInBatch', 'PATCH /composite/sobjects');
  const session = writeSessionOf(call, 'PATCH /composite/sobjects');
  const results = writeAll(access, allOrNone, records.length, (index) => {
    const input = inputs[index] as RecordInput | RecordError;
    const id = ids[index] as RecordReference | RecordError;
    const { object } = records[index] as SentRecord;
    if (typeof id !== 'number') return refused([id]);
    if (twice.has(id)) return refused([sameIdTwice(access.org.ids.encode(id))], id);
    return isRecordError(input) ? refused([input], id) : access.writer.update(object, id, input, session);
  });
  return answerOf(access, results, false);
}

function upsertMany(access: RecordAccess, call: Call, objectName: string, fieldName: string): Answer {
  const object = access.object(objectName);
  const field = access.keyField(object, fieldName);
  const { records, allOrNone } = recordsOf(access, call, object);
  const given = records.map(({ record }): UpsertKey | ValueRefusal => {
    const value = parseJsonValue(field, valueNamed(record, field.name) ?? null, locateIn(call.body));
    return value instanceof ValueRefusal ? value : { field, value };
  });
  const inputs = records.map(({ record }, index) => {
    const key = given[index];
    if (key instanceof ValueRefusal) return recordError(key.statusCode, key.message, [field.name]);
    if (field.type !== 'id' && hasId(record))
      return recordError('INVALID_FIELD', 'The Id field should not be specified in the sobject data.', ['Id']);
    return access.read(object, record, ['id', field.name], call.body);
  });
  refuseWrongTypes(access, inputs);
  const keys = given.map((key): UpsertKey => (key instanceof ValueRefusal ? { field, value: null } : key));
  const comparable = keys.map(comparableKey);
  const twice = repeated(comparable);
  const via = `PATCH /composite/sobjects/${object.name}/${field.name}`;
  if (twice.size > 0) access.org.core.countViolation('sameKeyTwiceInBatch', via);
  const session = writeSessionOf(call, via);
  const results = writeAll(access, allOrNone, records.length, (index) => {
    const input = inputs[index] as RecordInput | RecordError;
    const key = keys[index] as UpsertKey;
    const compared = comparable[index];
    if (isRecordError(input)) return refused([input]);
    if (compared !== null && compared !== undefined && twice.has(compared))
      return refused([sameKeyTwice(String(key.value))]);
    return upsert(access.org, access.writer, object, key, input, session);
  });
  return answerOf(access, results, true);
}

function removeMany(access: RecordAccess, call: Call): Answer {
  const ids = listOf(call, 'ids');
  checkCount(access, ids.length);
  const allOrNone = call.query.get('allOrNone') === 'true';
  const session = writeSessionOf(call, 'DELETE /composite/sobjects');
  const results = writeAll(access, allOrNone, ids.length, (index) => {
    const id = ids[index] ?? '';
    const reference = access.org.ids.parse(id);
    if (reference === undefined) return refused([recordError('MALFORMED_ID', `malformed id ${id}`)]);
    return access.removal.remove(reference, session, false);
  });
  return answerOf(access, results, false);
}

function retrieveMany(
  access: RecordAccess,
  call: Call,
  objectName: string,
  ids: readonly string[],
  fields: readonly string[],
): Answer {
  const object = access.object(objectName);
  if (ids.length > MAX_RETRIEVED)
    throw new ApiError(
      400,
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${MAX_RETRIEVED} records into this call`,
    );
  if (fields.length === 0) throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'At least 1 field is required');
  const plan = access.retrievalPlan(object, fields);
  const records = ids.map((id) => {
    const reference = access.org.ids.parse(id);
    if (reference === undefined) throw new ApiError(400, 'MALFORMED_ID', `malformed id ${id}`);
    const isOwn = reference !== UNKNOWN_RECORD && keyPrefixOf(reference) === object.keyPrefix;
    if (!isOwn || access.org.table(object).stateOf(sequenceOf(reference))?.isDeleted !== false) return 'null';
    const [row] = access.queries.fetch(plan, Float64Array.of(sequenceOf(reference)));
    return row ? plan.writeJson(row, call.versionPath) : 'null';
  });
  return { status: 200, body: `[${records.join()}]` };
}

/** The records of a body. @param object of all of them; absent: each says its own in `attributes` */
function recordsOf(
  access: RecordAccess,
  call: Call,
  object?: ObjectSchema,
): { records: SentRecord[]; allOrNone: boolean } {
  const body = objectBody(call);
  const list: unknown[] = Array.isArray(body.records) ? body.records : [];
  checkCount(access, list.length);
  const records = list.map((item) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      throw new ApiError(
        400,
        'JSON_PARSER_ERROR',
        'Cannot deserialize instance of sobject from a value that is no object',
      );
    const record = item as Record<string, unknown>;
    return { record, object: object ?? typeOf(access, record) };
  });
  let runs = 0;
  records.forEach((record, index) => {
    if (record.object !== records[index - 1]?.object) runs += 1;
  });
  if (runs > MAX_TYPE_RUNS)
    throw new ApiError(
      400,
      'LIMIT_EXCEEDED',
      'Cannot have more than 10 chunks in a single operation. Please rearrange the data to reduce chunking.',
    );
  return { records, allOrNone: body.allOrNone === true };
}

function checkCount(access: RecordAccess, count: number): void {
  if (count > MAX_RECORDS) {
    access.org.core.countViolation('batchTooLarge', `${count} records`);
    throw new ApiError(
      400,
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${MAX_RECORDS} records into this call`,
    );
  }
  if (count === 0) throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'At least 1 record is required');
}

/** The value of a key, whatever its case. */
function valueNamed(record: Readonly<Record<string, unknown>>, wanted: string): unknown {
  return Object.entries(record).find(([name]) => name.toLowerCase() === wanted.toLowerCase())?.[1];
}

function typeOf(access: RecordAccess, record: Readonly<Record<string, unknown>>): ObjectSchema {
  const { attributes } = record;
  const type =
    typeof attributes === 'object' && attributes !== null && 'type' in attributes ? attributes.type : undefined;
  if (typeof type !== 'string') throw new ApiError(400, 'INVALID_TYPE', 'Each record must name its type in attributes');
  const object = access.org.schema.object(type);
  if (!object || object.access === 'none')
    throw new ApiError(400, 'INVALID_TYPE', `sObject type '${type}' is not supported.`);
  return object;
}

function idOf(access: RecordAccess, record: Readonly<Record<string, unknown>>): RecordReference | RecordError {
  const id = valueNamed(record, 'id');
  if (id === undefined || id === null || id === '')
    return recordError('MISSING_ARGUMENT', 'Id not specified in an update call');
  return access.org.ids.parse(String(id)) ?? recordError('MALFORMED_ID', `malformed id ${String(id)}`, ['Id']);
}

/** One value of the wrong JSON type refuses the whole call, where the org is set so. */
function refuseWrongTypes(access: RecordAccess, inputs: readonly (RecordInput | RecordError)[]): void {
  if (access.org.settings.jsonTypeErrors === 'record') return;
  for (const input of inputs) {
    const refusal = jsonTypeError(input);
    if (refusal) throw new ApiError(400, refusal.statusCode, refusal.message);
  }
}

class RolledBack extends Error {}

/** Writes record by record in one transaction; with `allOrNone` one failure undoes all. */
export function writeAll(
  access: RecordAccess,
  allOrNone: boolean,
  count: number,
  write: (index: number) => WriteResult,
): WriteResult[] {
  const results: WriteResult[] = [];
  try {
    access.org.transaction(() => {
      for (let index = 0; index < count; index += 1) results.push(write(index));
      if (allOrNone && results.some(({ success }) => !success)) throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
    return results.map((result) => (result.success ? refused([rolledBack()]) : result));
  }
  return results;
}

function rolledBack(): RecordError {
  return recordError(
    'ALL_OR_NONE_OPERATION_ROLLED_BACK',
    'Record rolled back because not all records were valid and the request was using AllOrNone header',
  );
}

function answerOf(access: RecordAccess, results: readonly WriteResult[], isUpsert: boolean): Answer {
  const { ids } = access.org;
  return json(
    results.map((result) => {
      const created = isUpsert ? { created: result.success && result.created } : {};
      if (result.success) return { id: ids.encode(result.reference), success: true, errors: [], ...created };
      const id =
        result.reference === undefined || result.reference === UNKNOWN_RECORD
          ? {}
          : { id: ids.encode(result.reference) };
      const errors = result.errors.map(({ statusCode, message, fields }) => ({ statusCode, message, fields }));
      return { ...id, success: false, errors, ...created };
    }),
  );
}

function listOf(call: Call, name: string): string[] {
  return (call.query.get(name) ?? '').split(',').filter((text) => text !== '');
}

function textList(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
