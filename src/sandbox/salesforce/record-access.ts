import { ApiError, notFound } from './api-error';
import type { Field } from './field';
import { type Answer, type Call, locateIn } from './http-call';
import type { Org } from './org';
import type { OrgRules } from './org-rules';
import type { ObjectSchema } from './org-schema';
import { QueryService } from './query-service';
import { type RecordError, statusOfRecordError } from './record-error';
import { isKey, type RecordInput, readJsonRecord } from './record-input';
import { RecordRemoval } from './record-removal';
import { RecordWriter, type WriteSession } from './record-writer';
import { ValueRefusal } from './value-parsing';

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

/** The first value of the wrong JSON type, which may refuse a whole request. */
export function jsonTypeError(input: RecordInput | RecordError): ValueRefusal | undefined {
  if (isRecordError(input)) return undefined;
  return input.values.find(
    (value): value is ValueRefusal => value instanceof ValueRefusal && value.statusCode === 'JSON_PARSER_ERROR',
  );
}
