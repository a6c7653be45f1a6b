import { numberOrText, numberText } from '../../domain/decimal';
import type { FieldDescription, FieldType, Value } from '../../domain/object-description';
import { salesforceId18 } from '../../domain/salesforce-id';

/** In a bulk file this text means "set to null" (Bulk API 2.0 guide, "Valid Date Format and Null Values"). */
export const CSV_NULL = '#N/A';

const TEXT_TYPES: ReadonlySet<FieldType> = new Set(['text', 'email', 'phone', 'url', 'picklist', 'multipicklist']);
/** `2026-05-04T09:30:00.000+0000` in REST answers, `…Z` in bulk files. */
const DATETIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,3})\d*)?(?:Z|[+-]00:?00)$/;
const OFFSET_DATETIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?[+-]\d{2}:?\d{2}$/;

/**
 * The canonical value of what Salesforce gave, in JSON or as the text of a bulk file's cell: both give the same. Empty text is blank.
 */
export function fromSalesforce(raw: unknown, type: FieldType): Value {
  if (raw === null || raw === undefined || raw === '') return null;
  switch (type) {
    case 'boolean':
      return raw === true || raw === 'true' || raw === '1';
    case 'integer':
    case 'number':
      return typeof raw === 'number' ? raw : numberOrText(String(raw));
    case 'id':
    case 'reference':
      return salesforceId18(String(raw)) ?? String(raw);
    case 'datetime':
      return toInstant(String(raw));
    case 'time':
      return String(raw).replace(/Z$/, '');
    default:
      return String(raw);
  }
}

/** An instant as `2026-05-04T09:30:00.000Z`; what is none stays as it is. */
export function toInstant(text: string): string {
  const utc = DATETIME.exec(text);
  if (utc) return `${utc[1]}.${(utc[2] ?? '').padEnd(3, '0')}Z`;
  if (!OFFSET_DATETIME.test(text)) return text;
  return new Date(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')).toISOString();
}

/** The value for a JSON body. A number for a text field is sent as text, or Salesforce refuses the whole request. */
export function toJson(value: Value, field: FieldDescription | undefined): Value {
  if (value === null || value === '') return null;
  if (!field) return value;
  if (TEXT_TYPES.has(field.type)) return asText(value);
  if (field.type === 'time') return toTime(String(value));
  return value;
}

/** The value for a bulk file's cell; a blank clears the field. */
export function toCell(value: Value, field: FieldDescription | undefined): string {
  if (value === null || value === '') return CSV_NULL;
  return field?.type === 'time' ? toTime(String(value)) : asText(value);
}

/** A number keeps its digits instead of getting an exponent. */
const asText = (value: Exclude<Value, null>): string => (typeof value === 'number' ? numberText(value) : String(value));

/** Times are given in UTC; without the letter Salesforce refuses them. */
const toTime = (text: string): string => (/[Z+-]/.test(text) ? text : `${text}Z`);

/** A text that a bulk file cannot hold, since it means "blank" there. */
export const isUnsayableInCsv = (value: Value): boolean => value === CSV_NULL;
