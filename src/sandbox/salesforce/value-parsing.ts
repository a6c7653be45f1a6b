import type { Field, FieldType } from './field';
import { type StoredValue, wholeSeconds } from './stored-values';

/** Why a value cannot be read as its field's type. */
export class ValueRefusal {
  constructor(
    readonly statusCode: string,
    readonly message: string,
  ) {}
}

const SOAP_TYPES: Partial<Record<FieldType, string>> = {
  boolean: 'boolean',
  int: 'int',
  double: 'double',
  currency: 'double',
  percent: 'double',
  date: 'date',
  datetime: 'dateTime',
  time: 'time',
  base64: 'base64Binary',
};

/** The name that describe gives the type, e.g. `xsd:dateTime` (SOAP guide, "Primitive Data Types"). */
export function soapTypeOf(type: FieldType): string {
  if (type === 'id' || type === 'reference') return 'tns:ID';
  if (type === 'address') return 'urn:address';
  if (type === 'location') return 'urn:location';
  if (type === 'anyType') return 'xsd:anyType';
  return `xsd:${SOAP_TYPES[type] ?? 'string'}`;
}

/** Where a field's value stands in the body, for the text of the error; both from 1. */
export type Locate = (field: string) => { line: number; column: number };

/**
 * Reads a value of a JSON body. References are left as text: whether they are Ids is checked with the lookups.
 * @returns null for null and for the empty text of text fields
 */
export function parseJsonValue(field: Field, value: unknown, locate: Locate): StoredValue | ValueRefusal {
  if (value === null) return null;
  const refuse = (): ValueRefusal => {
    const { line, column } = locate(field.name);
    const name = SOAP_TYPES[field.type] ?? 'string';
    return new ValueRefusal(
      'JSON_PARSER_ERROR',
      `Cannot deserialize instance of ${name} from ${jacksonToken(value)} value ${shown(value)} or request may be missing a required field at [line:${line}, column:${column}]`,
    );
  };
  switch (field.type) {
    case 'boolean':
      if (typeof value === 'boolean') return value ? 1 : 0;
      return typeof value === 'string' ? (parseBoolean(value, JSON_BOOLEANS) ?? refuse()) : refuse();
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      if (typeof value === 'number') return value;
      return typeof value === 'string' ? (parseNumber(value) ?? refuse()) : refuse();
    case 'date':
      return typeof value === 'string' ? (parseDate(value) ?? refuse()) : refuse();
    case 'datetime':
      return typeof value === 'string' ? (parseDateTime(value) ?? refuse()) : refuse();
    case 'time':
      return typeof value === 'string' ? (parseTime(value) ?? refuse()) : refuse();
    default:
      return typeof value === 'string' ? value : refuse();
  }
}

const JSON_BOOLEANS: Record<string, number> = { true: 1, false: 0 };
const CSV_BOOLEANS: Record<string, number> = { true: 1, false: 0, '1': 1, '0': 0 };
/** Clears a field in a CSV (Bulk API 2.0 guide, "Prepare CSV Files"). */
const CSV_NULL = '#N/A';

/**
 * Reads a cell of a Bulk file.
 * @param column from 0, for the text of the error
 * @returns undefined for the empty cell, which leaves the field alone; null for `#N/A`
 */
export function parseCsvValue(field: Field, cell: string, column: number): StoredValue | ValueRefusal | undefined {
  if (cell === '') return undefined;
  if (cell === CSV_NULL) return null;
  let parsed: StoredValue | undefined;
  switch (field.type) {
    case 'boolean':
      parsed = parseBoolean(cell, CSV_BOOLEANS);
      break;
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      parsed = parseNumber(cell);
      break;
    case 'date':
      parsed = parseDate(cell);
      break;
    case 'datetime':
      parsed = parseDateTime(cell);
      break;
    case 'time':
      parsed = parseTime(cell);
      break;
    default:
      return cell;
  }
  if (parsed !== undefined) return parsed;
  return new ValueRefusal(
    'INVALID_FIELD',
    `Failed to deserialize field at col ${column}. Due to, '${cell}' is not a valid value for the type ${soapTypeOf(field.type)}`,
  );
}

function parseBoolean(text: string, words: Record<string, number>): number | undefined {
  const value = words[text.toLowerCase()];
  return typeof value === 'number' ? value : undefined;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Only days that exist. */
export function parseDate(text: string): string | undefined {
  const match = DATE.exec(text);
  if (!match) return undefined;
  return isRealDay(Number(match[1]), Number(match[2]), Number(match[3])) ? text : undefined;
}

function isRealDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
}

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:?\d{2})$/;

/** ISO 8601 with seconds and an offset or `Z`; fractions are dropped. */
export function parseDateTime(text: string): number | undefined {
  const match = DATE_TIME.exec(text);
  if (!match) return undefined;
  const [, day = '', hour = '', minute = '', second = '', , zone = 'Z'] = match;
  if (parseDate(day) === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  const epochMs = Date.parse(`${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(epochMs) ? undefined : wholeSeconds(epochMs);
}

const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,3}))?Z?$/;

export function parseTime(text: string): number | undefined {
  const match = TIME.exec(text);
  if (!match) return undefined;
  const [hour = 0, minute = 0, second = 0] = match.slice(1, 4).map(Number);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return ((hour * 60 + minute) * 60 + second) * 1000 + Number((match[4] ?? '0').padEnd(3, '0'));
}

/** The name of a JSON token in the messages of the vendor's parser. */
function jacksonToken(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'VALUE_STRING';
    case 'number':
      return Number.isInteger(value) ? 'VALUE_NUMBER_INT' : 'VALUE_NUMBER_FLOAT';
    case 'boolean':
      return value ? 'VALUE_TRUE' : 'VALUE_FALSE';
    default:
      return Array.isArray(value) ? 'START_ARRAY' : 'START_OBJECT';
  }
}

function shown(value: unknown): string {
  if (typeof value === 'object') return Array.isArray(value) ? '[' : '{';
  return String(value).slice(0, 255);
}
