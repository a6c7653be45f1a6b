import { RecordRefusal } from './api-error';
import { formatInstant, isDate, parseInstant } from './time';

/** Marketo's data types as its describe calls name them. */
export const DATA_TYPES = [
  'string',
  'text',
  'email',
  'phone',
  'url',
  'integer',
  'score',
  'percent',
  'float',
  'currency',
  'boolean',
  'date',
  'datetime',
  'reference',
] as const;
export type DataType = (typeof DATA_TYPES)[number];

/** A value as it is stored and given out: text, number, boolean; dates and instants as text in Marketo's own form. */
export type StoredValue = string | number | boolean;

export interface ValueRules {
  timeZone: string;
  tooLongText: 'refuse' | 'truncate';
  trimText: boolean;
}

export interface TypedField {
  name: string;
  dataType: DataType;
  length?: number | undefined;
}

/** Area of text fields: 30,000 bytes of UTF-8 (Marketo guide, "Field types"). */
const TEXT_LIMIT_BYTES = 30_000;
const NUMERIC = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
// one address, ASCII alone (Marketo guide, "Field types"); what a mail system would take beyond that is not the API's business
const EMAIL = /^[!#-'*+\-./-9=?A-Z^-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;

/**
 * Reads one value of a request body as its field's type, coerced where nothing is lost.
 * @returns `null` where the field is to be cleared: for null and for empty text
 * @throws RecordRefusal 1003 `Invalid value for field 'f' and value 'v'`
 */
export function readValue(field: TypedField, raw: unknown, rules: ValueRules): StoredValue | null {
  if (raw === null || raw === undefined) return null;
  const value = typeof raw === 'string' && (rules.trimText || !isText(field.dataType)) ? trimBlanks(raw) : raw;
  if (value === '') return null;
  const result = parseAs(field, value, rules);
  if (result === undefined) throw invalidValue(field.name, raw);
  return result;
}

export function invalidValue(fieldName: string, raw: unknown): RecordRefusal {
  return new RecordRefusal('1003', `Invalid value for field '${fieldName}' and value '${showValue(raw)}'`);
}

/** A value within an error text: JSON for what is not plain, and never longer than a line. */
export function showValue(raw: unknown): string {
  const text = typeof raw === 'object' && raw !== null ? shallowJson(raw) : String(raw);
  return text.length > 255 ? text.slice(0, 255) : text;
}

function shallowJson(raw: object): string {
  return Array.isArray(raw) ? `[${raw.length === 0 ? '' : '…'}]` : `{${Object.keys(raw).length === 0 ? '' : '…'}}`;
}

/** Blanks and control characters at both ends, as Java's `trim` takes them away. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 32) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= 32) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** The form in which keys are compared: without outer blanks and without regard to case. */
export function keyOf(value: unknown): string {
  return trimBlanks(String(value)).toLowerCase();
}

function isText(dataType: DataType): boolean {
  return (
    dataType === 'string' || dataType === 'text' || dataType === 'email' || dataType === 'phone' || dataType === 'url'
  );
}

/** @returns `undefined` where the value is refused */
function parseAs(field: TypedField, value: unknown, rules: ValueRules): StoredValue | undefined {
  switch (field.dataType) {
    case 'string':
    case 'text':
    case 'phone':
    case 'url':
      return parseText(field, value, rules);
    case 'email': {
      const text = parseText(field, value, rules);
      return text !== undefined && EMAIL.test(text) ? text : undefined;
    }
    case 'integer':
    case 'score':
    case 'reference':
      return parseInteger(value);
    case 'percent':
    case 'float':
    case 'currency':
      return parseNumber(value);
    case 'boolean':
      return parseBoolean(value);
    case 'date':
      return parseDate(value);
    case 'datetime':
      return parseDatetime(value, rules.timeZone);
  }
}

function parseText(field: TypedField, value: unknown, rules: ValueRules): string | undefined {
  if (typeof value === 'object') return undefined;
  const text = String(value);
  if (field.dataType === 'text') {
    if (text.length * 3 <= TEXT_LIMIT_BYTES || Buffer.byteLength(text) <= TEXT_LIMIT_BYTES) return text;
    if (rules.tooLongText === 'refuse') return undefined;
    return new TextDecoder().decode(Buffer.from(text).subarray(0, TEXT_LIMIT_BYTES)).replace(/\uFFFD+$/, '');
  }
  const limit = field.length ?? 255;
  if (text.length <= limit) return text;
  const letters = [...text];
  if (letters.length <= limit) return text;
  return rules.tooLongText === 'truncate' ? letters.slice(0, limit).join('') : undefined;
}

function parseNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !NUMERIC.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function parseInteger(value: unknown): number | undefined {
  const number = parseNumber(value);
  if (number === undefined || !Number.isInteger(number)) return undefined;
  return number >= -2_147_483_648 && number <= 2_147_483_647 ? number : undefined;
}

function parseBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === '1') return true;
  if (value === 0 || value === '0') return false;
  if (typeof value !== 'string') return undefined;
  const word = value.toLowerCase();
  return word === 'true' ? true : word === 'false' ? false : undefined;
}

function parseDate(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
  if (!match) return undefined;
  return isDate(Number(match[1]), Number(match[2]), Number(match[3])) ? value : undefined;
}

function parseDatetime(value: unknown, timeZone: string): string | undefined {
  if (typeof value !== 'string') return undefined;
  const instant = parseInstant(value, timeZone);
  return instant === null ? undefined : formatInstant(instant);
}
