import type { RecordResult, WriteBatch, WriteRecord } from '../connector';
import { recordRemedy } from './errors';

/** An error that Salesforce tells of one record. */
export interface RecordError {
  code: string;
  message: string;
  /** API names; the message names fields by their labels, in the language of the user. */
  fields: readonly string[];
}

/** What has become of a record of a batch that was dealt with. */
export const DONE = { create: 'created', update: 'updated', delete: 'deleted' } as const;

/** What an error told of one record means for it. */
export function resultOfError(error: RecordError, record: WriteRecord, batch: WriteBatch): RecordResult {
  const { code, message } = error;
  const remedy = recordRemedy(code, message);
  if (remedy === 'again') return { result: 'again', code, message };
  if (remedy === 'gone' || (code === 'INVALID_CROSS_REFERENCE_KEY' && isItself(error, record, batch))) {
    return batch.operation === 'create'
      ? { result: 'failed', code, message, field: fieldOf(error) }
      : { result: 'notFound', destinationId: record.destinationId, message };
  }
  return { result: 'failed', code, message, field: fieldOf(error) };
}

/** That a record is gone for good is told by the code of a broken reference; it is one only if no reference was written. */
function isItself({ fields }: RecordError, record: WriteRecord, { object, operation }: WriteBatch): boolean {
  if (operation === 'create' || fields.some((name) => name !== 'Id')) return false;
  return !object.fields.some(({ name, type }) => type === 'reference' && (record.values[name] ?? null) !== null);
}

function fieldOf({ fields, message }: RecordError): string | null {
  return fields[0] ?? /^duplicate value found: (\w+) duplicates/.exec(message)?.[1] ?? null;
}

/** Reads `CODE:message:Field1 Field2 --` of a bulk result (Bulk API 2.0 guide, "Get Job Failed Record Results"). */
export function parseBulkError(text: string): RecordError {
  const [, code = 'UNKNOWN_CODE', rest = text] = /^([A-Za-z_]+):([\s\S]*)$/.exec(text) ?? [];
  const body = rest.replace(/\s*--\s*$/, '');
  const [, message = body, fields = ''] = /^([\s\S]*):([\w.,\s]*)$/.exec(body) ?? [];
  return { code, message, fields: fields.split(/[\s,]+/).filter(Boolean) };
}
