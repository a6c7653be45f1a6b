import type { Field, FieldType } from './field';
import type { IdCodec } from './record-id';

/**
 * A value as a record keeps it: text as text; boolean as 0 or 1; numbers as numbers; date as `2026-05-04`; datetime and
 * time in milliseconds; references as the numbers of `record-id.ts`; several choices as `A;B` in the order of the list.
 */
export type StoredValue = string | number | null;

/** Writes a stored value into an answer. */
export type ValueWriter = (value: StoredValue) => string;

/** JSON text of a value in a REST answer. */
export function jsonWriter(field: Field, ids: IdCodec): ValueWriter {
  const write = plainJsonWriter(field.type, ids);
  return (value) => (value === null || value === undefined ? 'null' : write(value));
}

function plainJsonWriter(type: FieldType, ids: IdCodec): (value: string | number) => string {
  switch (type) {
    case 'boolean':
      return (value) => (value === 1 ? 'true' : 'false');
    case 'int':
      return String;
    case 'double':
    case 'currency':
    case 'percent':
      return (value) => javaDouble(value as number); // stored as numbers
    case 'datetime':
      return (value) => `"${isoSeconds(value as number)}.000+0000"`;
    case 'time':
      return (value) => `"${timeOfDay(value as number)}"`;
    case 'reference':
    case 'id':
      return (value) => `"${ids.encode(value as number)}"`;
    case 'encryptedstring':
      return (value) => JSON.stringify(masked(value as string));
    default:
      return (value) => JSON.stringify(value);
  }
}

/** Text of a value in a Bulk result file, not yet quoted; null is the empty text. */
export function csvWriter(field: Field, ids: IdCodec): ValueWriter {
  const write = plainCsvWriter(field.type, ids);
  return (value) => (value === null || value === undefined ? '' : write(value));
}

function plainCsvWriter(type: FieldType, ids: IdCodec): (value: string | number) => string {
  switch (type) {
    case 'boolean':
      return (value) => (value === 1 ? 'true' : 'false');
    case 'double':
    case 'currency':
    case 'percent':
      return (value) => javaDouble(value as number);
    case 'datetime':
      return (value) => `${isoSeconds(value as number)}.000Z`;
    case 'time':
      return (value) => timeOfDay(value as number);
    case 'reference':
    case 'id':
      return (value) => ids.encode(value as number);
    case 'encryptedstring':
      return (value) => masked(value as string);
    default:
      return String;
  }
}

/** As Java prints a double: `100.0`, `12.5`, `9.9213206E7`, `1.0E-4`. */
export function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
    return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
  }
  const text = String(value === 0 ? 0 : value);
  return text.includes('.') ? text : `${text}.0`;
}

let lastSeconds = Number.NaN;
let lastText = '';

/** `2026-05-04T09:30:00`; rows of one load share their stamps, so the last one is remembered. */
export function isoSeconds(epochMs: number): string {
  const seconds = Math.floor(epochMs / 1000);
  if (seconds !== lastSeconds) {
    lastText = new Date(seconds * 1000).toISOString().slice(0, -5);
    lastSeconds = seconds;
  }
  return lastText;
}

function timeOfDay(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 23)}Z`;
}

/** Encrypted text shows its last four characters (field reference, "Encrypted String"). */
function masked(text: string): string {
  return 'X'.repeat(Math.max(0, text.length - 4)) + text.slice(-4);
}

/** Salesforce keeps whole seconds. */
export function wholeSeconds(epochMs: number): number {
  return Math.floor(epochMs / 1000) * 1000;
}
