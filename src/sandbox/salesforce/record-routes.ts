import { ApiError, notFound } from './api-error';
import type { Route } from './dispatcher';
import type { Field } from './field';
import { type Answer, type Call, json, objectBody } from './http-call';
import type { ObjectSchema } from './org-schema';
import { hasId, isRecordError, type RecordAccess, refusedAnswer, writeSessionOf } from './record-access';
import { type RecordError, recordError } from './record-error';
import { keyPrefixOf, type RecordReference, sequenceOf, UNKNOWN_RECORD } from './record-id';
import { matchesOf, upsert } from './record-upsert';
import type { WriteResult } from './record-writer';
import type { StoredValue } from './stored-values';
import { parseJsonValue, ValueRefusal } from './value-parsing';

/** From this version on an upsert that updates answers 200 with a body, before it 204 without one. */
const UPSERT_BODY_SINCE = 46;

/** Single records (REST guide, "sObject Rows", "sObject Rows by External ID"). */
export function recordRoutes(access: RecordAccess): Route[] {
  return [
    { pattern: 'sobjects/:object', methods: { POST: (call, { object = '' }) => create(access, call, object) } },
    {
      pattern: 'sobjects/:object/:id',
      methods: {
        GET: (call, { object = '', id = '' }) => retrieve(access, call, object, id),
        PATCH: (call, { object = '', id = '' }) => update(access, call, object, id),
        DELETE: (call, { object = '', id = '' }) => remove(access, call, object, id),
      },
    },
    {
      pattern: 'sobjects/:object/:field/:value',
      methods: {
        GET: (call, { object = '', field = '', value = '' }) => retrieveByKey(access, call, object, field, value),
        PATCH: (call, { object = '', field = '', value = '' }) => upsertOne(access, call, object, field, value),
        POST: (call, { object = '', field = '', value = '' }) => upsertOne(access, call, object, field, value),
        DELETE: (call, { object = '', field = '', value = '' }) => removeByKey(access, call, object, field, value),
      },
    },
  ];
}

function create(access: RecordAccess, call: Call, objectName: string): Answer {
  const object = access.object(objectName);
  const record = objectBody(call);
  if (hasId(record)) throw new ApiError(400, 'INVALID_FIELD', 'cannot specify Id in an insert call');
  const input = access.read(object, record, [], call.body);
  if (isRecordError(input)) return refusedAnswer([input]);
  const session = writeSessionOf(call, `POST /sobjects/${object.name}`);
  const result = access.org.transaction(() => access.writer.create(object, input, session));
  if (!result.success) return refusedAnswer(result.errors);
  const id = access.org.ids.encode(result.reference);
  const answer = json({ id, success: true, errors: [] }, 201);
  return { ...answer, headers: { Location: `${call.versionPath}/sobjects/${object.name}/${id}` } };
}

function update(access: RecordAccess, call: Call, objectName: string, id: string): Answer {
  const object = access.object(objectName);
  const reference = existing(access, object, id);
  const record = objectBody(call);
  if (hasId(record))
    throw new ApiError(400, 'INVALID_FIELD', 'The Id field should not be specified in the sobject data.');
  const input = access.read(object, record, [], call.body);
  if (isRecordError(input)) return refusedAnswer([input]);
  const session = writeSessionOf(call, `PATCH /sobjects/${object.name}`);
  const result = access.org.transaction(() => access.writer.update(object, reference, input, session));
  return result.success ? { status: 204 } : refusedAnswer(result.errors);
}

function remove(access: RecordAccess, call: Call, objectName: string, id: string): Answer {
  const object = access.object(objectName);
  return removed(access, call, object, existing(access, object, id));
}

function removed(access: RecordAccess, call: Call, object: ObjectSchema, reference: RecordReference): Answer {
  const session = writeSessionOf(call, `DELETE /sobjects/${object.name}`);
  const result = access.org.transaction(() => access.removal.remove(reference, session, false));
  return result.success ? { status: 204 } : refusedAnswer(result.errors);
}

function removeByKey(access: RecordAccess, call: Call, objectName: string, fieldName: string, text: string): Answer {
  const object = access.object(objectName);
  const matches = matchesInPath(access, object, fieldName, text);
  const [match] = matches;
  if (match === undefined) throw notFound();
  if (matches.length > 1) return several(access, call, object, matches);
  return removed(access, call, object, access.org.reference(object, match));
}

function retrieve(access: RecordAccess, call: Call, objectName: string, id: string): Answer {
  const object = access.object(objectName);
  const reference = existing(access, object, id);
  if (access.org.table(object).stateOf(sequenceOf(reference))?.isDeleted)
    throw new ApiError(404, 'ENTITY_IS_DELETED', 'entity is deleted', []);
  return shown(access, call, object, reference);
}

/** Numbers of the records that a path names by a key. @throws ApiError 404 when there is no such key */
function matchesInPath(access: RecordAccess, object: ObjectSchema, fieldName: string, text: string): number[] {
  const field = access.keyField(object, fieldName);
  const value = keyInPath(field, text);
  return value instanceof ValueRefusal ? [] : matchesOf(access.org, object, { field, value });
}

/** A path is text, the key may be a number. */
function keyInPath(field: Field, text: string): StoredValue | ValueRefusal {
  return parseJsonValue(field, text, () => ({ line: 1, column: 1 }));
}

function wrongKey({ name, label }: Field, text: string): RecordError {
  return recordError('INVALID_TYPE_ON_FIELD_IN_RECORD', `${label}: value not of required type: ${text}`, [name]);
}

function retrieveByKey(access: RecordAccess, call: Call, objectName: string, fieldName: string, text: string): Answer {
  const object = access.object(objectName);
  const matches = matchesInPath(access, object, fieldName, text);
  const [match] = matches;
  if (match === undefined) throw notFound();
  if (matches.length > 1) return several(access, call, object, matches);
  return shown(access, call, object, access.org.reference(object, match));
}

/** The record with the fields of the query string, or with all. */
function shown(access: RecordAccess, call: Call, object: ObjectSchema, reference: RecordReference): Answer {
  const wanted = call.query.get('fields') ?? '';
  const names = wanted.trim() === '' ? object.fields.map(({ name }) => name) : wanted.split(',');
  const plan = access.retrievalPlan(object, names);
  const [row] = access.queries.fetch(plan, Float64Array.of(sequenceOf(reference)));
  if (!row) throw notFound();
  return { status: 200, body: plan.writeJson(row, call.versionPath) };
}

function upsertOne(access: RecordAccess, call: Call, objectName: string, fieldName: string, text: string): Answer {
  const object = access.object(objectName);
  const field = access.keyField(object, fieldName);
  const record = objectBody(call);
  if (hasId(record))
    throw new ApiError(400, 'INVALID_FIELD', 'The Id field should not be specified in the sobject data.');
  if (Object.keys(record).some((name) => name.toLowerCase() === field.name.toLowerCase()))
    throw new ApiError(400, 'INVALID_FIELD', `The ${field.name} field should not be specified in the sobject data.`);
  const value = keyInPath(field, text);
  if (value instanceof ValueRefusal) return refusedAnswer([wrongKey(field, text)]);
  const matches = matchesOf(access.org, object, { field, value });
  if (matches.length > 1) return several(access, call, object, matches);
  const input = access.read(object, record, [field.name], call.body);
  if (isRecordError(input)) return refusedAnswer([input]);
  const session = writeSessionOf(call, `PATCH /sobjects/${object.name}/${field.name}`);
  const updateOnly = call.query.get('updateOnly') === 'true';
  const result = access.org.transaction(() =>
    upsert(access.org, access.writer, object, { field, value }, input, session, updateOnly),
  );
  return upserted(access, call, result);
}

function upserted(access: RecordAccess, call: Call, result: WriteResult): Answer {
  if (!result.success) return refusedAnswer(result.errors);
  if (!result.created && call.version < UPSERT_BODY_SINCE) return { status: 204 };
  const body = { id: access.org.ids.encode(result.reference), success: true, errors: [], created: result.created };
  return json(body, result.created ? 201 : 200);
}

/** 300: the addresses of all records that the key fits. */
function several(access: RecordAccess, call: Call, object: ObjectSchema, matches: readonly number[]): Answer {
  const urls = matches.map((sequence) => {
    const id = access.org.ids.encode(access.org.reference(object, sequence));
    return `${call.versionPath}/sobjects/${object.name}/${id}`;
  });
  return json(urls, 300);
}

/** The record of that Id, also when it is in the recycle bin. @throws ApiError 404 */
function existing(access: RecordAccess, object: ObjectSchema, id: string): RecordReference {
  const reference = access.org.ids.parse(id);
  if (reference === undefined)
    throw new ApiError(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${id}`);
  const isOwn = reference !== UNKNOWN_RECORD && keyPrefixOf(reference) === object.keyPrefix;
  if (!isOwn || !access.org.table(object).stateOf(sequenceOf(reference))) throw notFound();
  return reference;
}
