import { z } from 'zod';
import { ApiError } from '../api-error';
import type { ObjectSchema } from '../org-schema';
import type { RecordAccess } from '../record-access';
import { isKey } from '../record-input';
import { DELIMITERS, LINE_ENDINGS } from './csv-format';
import { INGEST_OPERATIONS, type IngestRequest, QUERY_OPERATIONS, type QueryRequest } from './job';
import { planOf } from './query-runner';

const namesOf = <Name extends string>(table: Readonly<Record<Name, string>>): [Name, ...Name[]] =>
  Object.keys(table) as [Name, ...Name[]]; // the keys of a table that is not empty

const common = {
  contentType: z.enum(['CSV']).default('CSV'),
  columnDelimiter: z.enum(namesOf(DELIMITERS)).default('COMMA'),
  lineEnding: z.enum(namesOf(LINE_ENDINGS)).default('LF'),
};
const ingestSchema = z.strictObject({
  ...common,
  object: z.string().min(1),
  operation: z.enum(INGEST_OPERATIONS),
  externalIdFieldName: z.string().nullish(),
  assignmentRuleId: z.string().nullish(),
});
const querySchema = z.strictObject({
  ...common,
  operation: z.enum(QUERY_OPERATIONS),
  query: z.string().min(1),
});
const changeSchema = z.strictObject({ state: z.enum(['UploadComplete', 'Aborted']) });

/**
 * Reads what an ingest job is to do.
 * @param body parsed JSON
 * @throws ApiError 400
 */
export function readIngestRequest(access: RecordAccess, body: unknown): IngestRequest {
  const { columnDelimiter, lineEnding, operation, ...wish } = parsed(ingestSchema, body);
  const object = access.org.schema.object(wish.object);
  if (!object) throw new ApiError(400, 'INVALIDENTITY', `Unable to find object: ${wish.object}`);
  return {
    operation,
    object: object.name,
    externalIdFieldName: operation === 'upsert' ? keyName(object, wish.externalIdFieldName ?? '') : undefined,
    columnDelimiter,
    lineEnding,
    assignmentRuleId: ruleId(access, wish.assignmentRuleId ?? undefined),
  };
}

function keyName(object: ObjectSchema, name: string): string {
  if (name === '')
    throw invalidJob(`External ID was blank for ${object.name}. An External ID must be specified for upsert.`);
  const field = object.field(name);
  if (!field || !isKey(field))
    throw invalidJob(
      `Field name provided, ${name} does not match an External ID, Salesforce Id, or indexed field for ${object.name}`,
    );
  return field.name;
}

function ruleId({ org }: RecordAccess, id: string | undefined): string | undefined {
  if (id !== undefined && org.ids.parse(id) === undefined) throw invalidJob(`Invalid assignment rule ID: ${id}`);
  return id;
}

/**
 * Reads what a query job is to ask, and whether Bulk can answer it.
 * @param body parsed JSON
 * @throws ApiError 400
 */
export function readQueryRequest(access: RecordAccess, body: unknown): QueryRequest {
  const { columnDelimiter, lineEnding, operation, query } = parsed(querySchema, body);
  const { object } = planOf(access, { operation, query });
  return { operation, object: object.name, query, columnDelimiter, lineEnding };
}

/** The state that a PATCH asks for. @throws ApiError 400 */
export function readChange(body: unknown): 'UploadComplete' | 'Aborted' {
  return parsed(changeSchema, body).state;
}

function parsed<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = issue?.path.join('.') ?? '';
  const value = (body as Record<string, unknown>)[name]; // an object, or the body would have been refused before
  if (issue?.code === 'unrecognized_keys') throw unreadable(`Unrecognized field "${issue.keys[0]}"`);
  if (value === undefined || value === '') throw invalidJob(`A value for ${name} is required`);
  const choices = issue?.code === 'invalid_value' ? `: it is none of [${issue.values.join(', ')}]` : '';
  throw unreadable(`Cannot deserialize the value ${JSON.stringify(value)} of ${name}${choices}`);
}

const invalidJob = (message: string): ApiError => new ApiError(400, 'INVALIDJOB', message);
const unreadable = (message: string): ApiError =>
  new ApiError(400, 'JSON_PARSER_ERROR', `${message} at [line:1, column:1]`);
