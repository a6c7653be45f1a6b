import { ApiError, notFound } from './api-error';
import type { Field } from './field';
import { type Answer, type Call, locateIn } from './http-call';
import type { Org } from './org';
import type { OrgRules } from './org-rules';
import type { ObjectSchema } from './org-schema';
import { QueryService } from './query-service';
import { type RecordError, statusOfRecordError } from './record-error';
import { isKey, noSuchColumn, type RecordInput, readJsonRecord } from './record-input';
import { RecordRemoval } from './record-removal';
import { RecordWriter, type WriteSession } from './record-writer';
import type { RowsPlan } from './soql/plan';
import { ValueRefusal } from './value-parsing';

const JSON_TYPE_CODE = 'JSON_PARSER_ERROR';
/** A field, or a field of a parent. */
const FIELD_PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

/** The parts that every way to a record needs. */
export class RecordAccess {
  readonly writer: RecordWriter;
  readonly removal: RecordRemoval;
  readonly queries: QueryService;

  constructor(
    readonly org: Org,
    readonly rules: OrgRules,
  ) {
    this.writer = new RecordWriter(org, rules);
    this.removal = new RecordRemoval(org, rules);
    this.queries = new QueryService(org);
  }

  /** @throws ApiError 404 */
  object(name: string): ObjectSchema {
    const object = this.org.schema.object(name);
    if (!object || object.access === 'none') throw notFound();
    return object;
  }

  /** A field by which records of the object can be named. @throws ApiError 404 */
  keyField(object: ObjectSchema, name: string): Field {
    const field = object.field(name);
    if (!field || !isKey(field))
      throw new ApiError(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${name}`);
    return field;
  }

  /**
   * How records are read whose Ids are known.
   * @param fields names as a client gave them; those that come twice are read once
   * @throws ApiError INVALID_FIELD
   */
  retrievalPlan(object: ObjectSchema, fields: readonly string[]): RowsPlan {
    const names = new Map(fields.map((name) => [name.trim().toLowerCase(), name.trim()]));
    for (const name of names.values())
      if (!FIELD_PATH.test(name)) throw new ApiError(400, 'INVALID_FIELD', noSuchColumn(name, object).message);
    const plan = this.queries.plan(
      `SELECT ${[...names.values()].join(', ')} FROM ${object.name} LIMIT 1`,
      false,
      false,
    );
    if (plan.kind !== 'rows') throw new Error('A list of fields is no query of groups');
    return plan;
  }

  /** What a record of a JSON body says. */
  read(
    object: ObjectSchema,
    record: Readonly<Record<string, unknown>>,
    ignored: readonly string[],
    body: string,
  ): RecordInput | RecordError {
    const names = new Set(['attributes', ...ignored.map((name) => name.toLowerCase())]);
    return readJsonRecord(this.org.schema, object, record, names, locateIn(body));
  }
}

export function writeSessionOf(call: Call, via: string): WriteSession {
  const { headers, caller } = call;
  return {
    user: caller.user,
    userName: caller.userName,
    via,
    assignsByRule: String(headers['sforce-auto-assign'] ?? 'TRUE').toUpperCase() !== 'FALSE',
    savesAlerts: /allowSave\s*=\s*true/i.test(String(headers['sforce-duplicate-rule-header'] ?? '')),
  };
}

/** A refused record in plain REST: the code is called `errorCode`, and decides the status. */
export function refusedAnswer(errors: readonly RecordError[]): Answer {
  const body = errors.map(({ statusCode, message, fields, duplicateResult }) => ({
    message,
    errorCode: statusCode,
    fields,
    // the key is misspelt at the vendor too
    ...(duplicateResult === undefined ? {} : { duplicateResut: duplicateResult }),
  }));
  return { status: statusOfRecordError(errors[0]?.statusCode ?? ''), body: JSON.stringify(body) };
}

export function isRecordError(value: RecordInput | RecordError): value is RecordError {
  return 'statusCode' in value;
}

/** Whether a body names the record that it is about, which most calls do not allow. */
export function hasId(record: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(record).some((name) => name.toLowerCase() === 'id');
}

/** The first value of the wrong JSON type, which may refuse a whole request. */
export function jsonTypeError(
  input: RecordInput | RecordError,
): Pick<ValueRefusal, 'statusCode' | 'message'> | undefined {
  if (isRecordError(input)) return input.statusCode === JSON_TYPE_CODE ? input : undefined;
  return input.values.find(
    (value): value is ValueRefusal => value instanceof ValueRefusal && value.statusCode === JSON_TYPE_CODE,
  );
}
