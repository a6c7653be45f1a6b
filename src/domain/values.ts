import { Temporal } from '@js-temporal/polyfill';
import { dayRange } from './day-range';
import type { FieldDescription, Value } from './object-description';
import { salesforceId18 } from './salesforce-id';

/** A value that does not fit its field: the code says why, the message names the field and what would be right. */
export interface Refusal {
  code:
    | 'tooLong'
    | 'notANumber'
    | 'notWhole'
    | 'outOfRange'
    | 'notABoolean'
    | 'notADate'
    | 'notAnEmail'
    | 'notInPicklist'
    | 'notAnId';
  message: string;
}
export type Conversion = { value: Value } | { refused: Refusal };

const refuse = (code: Refusal['code'], message: string): Conversion => ({ refused: { code, message } });

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;
/** Marketo's integers and Salesforce's are of 32 bits. */
const LARGEST_INTEGER = 2_147_483_647;
const EMAIL = /^[^\s@,;]+@[^\s@,;]+\.[^\s@,;.]+$/;

/**
 * Converts a value to what a field takes: without loss, or not at all. The one table of conversions, described in
 * `docs/values.md`.
 * @param options.timeZone the sync's zone: a day becomes its beginning there, an instant the day that it falls on there
 */
export function convertValue(value: Value, field: FieldDescription, options: { timeZone: string }): Conversion {
  const given = typeof value === 'string' ? value.replaceAll('\u0000', '') : value;
  if (given === null || (typeof given === 'string' && given.trim() === '')) return { value: null };
  switch (field.type) {
    case 'boolean':
      return toBoolean(given, field);
    case 'integer':
    case 'number':
      return toNumber(given, field);
    case 'date':
      return toDay(given, field, options.timeZone);
    case 'datetime':
      return toInstant(given, field, options.timeZone);
    case 'id':
    case 'reference':
      return toId(given, field);
    default:
      return toText(given, field);
  }
}

function toText(value: Exclude<Value, null>, field: FieldDescription): Conversion {
  const text = String(value);
  // no text has more code points than UTF-16 units, so most need no counting
  const { length } = field;
  if (length !== null && length > 0 && text.length > length && lengthOf(text) > length) {
    return refuse('tooLong', `${field.name} holds ${length} characters; the value has ${lengthOf(text)}.`);
  }
  if (field.type === 'email' && !EMAIL.test(text.trim())) {
    return refuse('notAnEmail', `${field.name} takes one e-mail address.`);
  }
  if (field.restricted && field.picklistValues.length > 0) {
    const allowed = new Map(field.picklistValues.map((entry) => [entry.value.toLowerCase(), entry.value]));
    const parts = field.type === 'multipicklist' ? text.split(';') : [text];
    const known = parts.map((part) => allowed.get(part.trim().toLowerCase()));
    if (known.includes(undefined)) {
      return refuse('notInPicklist', `${field.name} takes its picklist's values alone; the value is not among them.`);
    }
    return { value: known.join(';') };
  }
  return { value: text };
}

/** In code points, as both systems count. */
const lengthOf = (text: string): number => {
  let length = 0;
  for (const _letter of text) length += 1;
  return length;
};

function toNumber(value: Exclude<Value, null>, field: FieldDescription): Conversion {
  const text = String(value).trim();
  if (typeof value === 'boolean' || !NUMBER.test(text)) return refuse('notANumber', `${field.name} takes a number.`);
  const number = Number(text);
  if (field.type === 'integer') {
    if (!Number.isInteger(number))
      return refuse('notWhole', `${field.name} takes whole numbers; the value has a fraction.`);
    if (Math.abs(number) > LARGEST_INTEGER)
      return refuse('outOfRange', `${field.name} takes numbers up to ${LARGEST_INTEGER}.`);
  }
  const { precision, scale } = field;
  if (precision !== null && precision > 0 && Math.abs(number) >= 10 ** (precision - (scale ?? 0))) {
    return refuse('outOfRange', `${field.name} has room for ${precision - (scale ?? 0)} digits before the point.`);
  }
  return { value: number };
}

function toBoolean(value: Exclude<Value, null>, field: FieldDescription): Conversion {
  if (typeof value === 'boolean') return { value };
  const text = String(value).trim().toLowerCase();
  if (text === 'true' || text === '1') return { value: true };
  if (text === 'false' || text === '0') return { value: false };
  return refuse('notABoolean', `${field.name} takes true or false.`);
}

function toDay(value: Exclude<Value, null>, field: FieldDescription, timeZone: string): Conversion {
  const text = String(value).trim();
  const day = parsed(() => {
    if (DAY.test(text)) return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString();
    return INSTANT.test(text)
      ? Temporal.Instant.from(text).toZonedDateTimeISO(timeZone).toPlainDate().toString()
      : null;
  });
  return day === null ? refuse('notADate', `${field.name} takes a day such as 2026-03-01.`) : { value: day };
}

function toInstant(value: Exclude<Value, null>, field: FieldDescription, timeZone: string): Conversion {
  const text = String(value).trim();
  const instant = parsed(() => {
    if (INSTANT.test(text)) return new Date(Temporal.Instant.from(text).epochMilliseconds).toISOString();
    return DAY.test(text)
      ? dayRange(Temporal.PlainDate.from(text, { overflow: 'reject' }).toString(), timeZone).from
      : null;
  });
  return instant === null
    ? refuse('notADate', `${field.name} takes an instant such as 2026-03-01T09:30:00Z.`)
    : { value: instant };
}

/** The library refuses what does not exist (30 February) by a RangeError. */
function parsed(parse: () => string | null): string | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function toId(value: Exclude<Value, null>, field: FieldDescription): Conversion {
  const text = String(value).trim();
  // Marketo's Ids and references are numbers, or have a form of their own
  if (/^\d+$/.test(text) && text.length < 15) return { value: typeof value === 'number' ? value : text };
  const id = salesforceId18(text);
  if (id !== null) return { value: id };
  return field.length === 18 || field.referenceTo.length > 0
    ? refuse('notAnId', `${field.name} takes an Id of 15 or 18 characters whose ending is right.`)
    : { value: text };
}

/** One second: Marketo drops milliseconds, and so does the comparison. */
const SECOND_MS = 1_000;

/**
 * True when both values mean the same to the field, so that writing one over the other would change nothing: 15 and 18
 * characters of an Id, digits beyond the field's scale, e-mail case, outer blanks, the order of a multi-picklist, milliseconds,
 * and a boolean that is null or false.
 */
export function sameMeaning(field: FieldDescription, one: Value, other: Value): boolean {
  const [a, b] = [meaning(field, one), meaning(field, other)];
  return a === b;
}

function meaning(field: FieldDescription, value: Value): Value {
  if (field.type === 'boolean') return value === true || value === 'true' || value === 1;
  if (value === null) return null;
  const text = String(value).trim();
  if (text === '') return null;
  switch (field.type) {
    case 'integer':
    case 'number': {
      const number = Number(text);
      return Number.isFinite(number) ? (field.scale === null ? number : Number(number.toFixed(field.scale))) : text;
    }
    case 'datetime': {
      const epochMs = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
      return Number.isNaN(epochMs) ? text : Math.floor(epochMs / SECOND_MS);
    }
    case 'email':
      return text.toLowerCase();
    case 'id':
    case 'reference':
      return salesforceId18(text) ?? text;
    case 'multipicklist':
      return text.split(';').sort().join(';');
    default:
      return text;
  }
}
