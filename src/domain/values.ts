import { Temporal } from '@js-temporal/polyfill';
import { hasNul, isBlank, trimBlanks, withoutNul } from './blank';
import { dayRange } from './day-range';
import { exactNumber, isWhole, numberText, parseDecimal, roundDecimal, roundedText, wholeDigits } from './decimal';
import type { FieldDescription, FieldType, Value } from './object-description';
import { SALESFORCE_ID_LENGTH, salesforceId18 } from './salesforce-id';

/** Why a value does not fit its field. */
export const REFUSAL_CODES = [
  'tooLong',
  'notANumber',
  'notWhole',
  'outOfRange',
  'notABoolean',
  'notADate',
  'notADateTime',
  'notATime',
  'notAnEmail',
  'notInPicklist',
  'notAnId',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A value that does not fit: the message names the field and what would be right, never the value. */
export interface Refusal {
  code: RefusalCode;
  message: string;
}
/** A value that the destination takes, but that is probably not what is meant. */
export interface ValueWarning {
  code: 'notInPicklist' | 'nulDropped';
  message: string;
}
export type Conversion = { value: Value; warning?: ValueWarning } | { refused: Refusal };

/** A conversion as it goes from cell to cell: most have nothing to tell, and are the new value itself, without an object around it. */
export type Converted = Value | { value: Value; warning: ValueWarning } | { refused: Refusal };

/** True for what is the value itself, and false for an object that tells more. */
export const isPlain = <More extends object>(cell: Value | More): cell is Value =>
  cell === null || typeof cell !== 'object';

type Filled = string | number | boolean;
type Convert = (value: Filled, field: FieldDescription, timeZone: string) => Converted;

const refuse = (code: RefusalCode, message: string): { refused: Refusal } => ({ refused: { code, message } });

/** The one table of conversions, by the type of the field that takes the value; described in docs/values.md. */
const CONVERT: Readonly<Record<FieldType, Convert>> = {
  id: toId,
  reference: toId,
  text: toText,
  phone: toText,
  url: toText,
  other: toText,
  email: toEmail,
  picklist: toPicklist,
  multipicklist: toMultiPicklist,
  boolean: toBoolean,
  integer: toNumber,
  number: toNumber,
  date: toDate,
  datetime: toDateTime,
  time: toTime,
};

/**
 * Converts a value to what a field takes: without loss, or not at all. Blank (null, nothing but white space) stays blank.
 * @param options.timeZone the sync's zone: a day becomes its beginning there, an instant the day that it falls on there
 */
export function convertValue(value: Value, field: FieldDescription, options: { timeZone: string }): Conversion {
  const converted = converterOf(field, options)(value);
  return isPlain(converted) ? { value: converted } : converted;
}

/** `convertValue` for all values of a field. */
export function converterOf(field: FieldDescription, options: { timeZone: string }): (value: Value) => Converted {
  const convert = converterWithoutNul(field, options);
  return (value) => {
    if (!hasNul(value)) return convert(value);
    const given = withoutNul(value);
    if (isBlank(given)) return null;
    const converted = convert(given);
    const warning = nulDropped(field);
    if (isPlain(converted)) return { value: converted, warning };
    return 'refused' in converted ? converted : { value: converted.value, warning };
  };
}

/** The same where it was seen that the character U+0000 is not in the values. */
export function converterWithoutNul(
  field: FieldDescription,
  { timeZone }: { timeZone: string },
): (value: Value) => Converted {
  const convert = CONVERT[field.type];
  return (value) => (value === null || isBlank(value) ? null : convert(value, field, timeZone));
}

/** What people are told where a value has lost the character that neither system can hold. */
export const nulDropped = ({ label }: Pick<FieldDescription, 'label'>): ValueWarning => ({
  code: 'nulDropped',
  message: `The character U+0000 was dropped from the value for ${label}.`,
});

/** A value as text: a number with all its digits and without an exponent, true and false as such. */
export const valueText = (value: Filled): string => (typeof value === 'number' ? numberText(value) : String(value));

function toText(value: Filled, field: FieldDescription): Converted {
  const text = valueText(value);
  return tooLong(text, field) ?? text;
}

/** Both systems count code points; blanks at the end, which they take off, do not count. */
function tooLong(text: string, { label, length }: FieldDescription): { refused: Refusal } | null {
  // no text has more code points than UTF-16 units, so most need no counting
  if (length === null || length < 1 || text.length <= length) return null;
  const characters = Array.from(text.trimEnd()).length;
  return characters > length
    ? refuse('tooLong', `${label} holds ${length} characters; the value has ${characters}.`)
    : null;
}

/** One address; whether more than its shape is right, the destination decides. */
const EMAIL = /^[^\s@,;]+@[^\s@,;.]+(?:\.[^\s@,;.]+)+$/;

function toEmail(value: Filled, field: FieldDescription): Converted {
  const text = trimBlanks(valueText(value));
  if (!EMAIL.test(text))
    return refuse('notAnEmail', `${field.label} takes one e-mail address, such as ada@example.com.`);
  return tooLong(text, field) ?? text;
}

/** The picklist's own spelling of a value; null for one that it lacks. */
function spelling(text: string, { picklistValues }: FieldDescription): string | null {
  const known = spellings(picklistValues);
  return known.exact.has(text) ? text : (known.folded.get(text.toLowerCase()) ?? null);
}

interface Spellings {
  exact: ReadonlySet<string>;
  /** In small letters → the first value that is spelled so. */
  folded: ReadonlyMap<string, string>;
}

/** Picklists can have hundreds of values: each is sorted out once, not for every record. */
const SPELLINGS = new WeakMap<FieldDescription['picklistValues'], Spellings>();

function spellings(values: FieldDescription['picklistValues']): Spellings {
  const known = SPELLINGS.get(values);
  if (known) return known;
  const texts = values.map(({ value }) => value);
  const made = {
    exact: new Set(texts),
    folded: new Map(texts.map((text) => [text.toLowerCase(), text] as const).reverse()),
  };
  SPELLINGS.set(values, made);
  return made;
}

const outsidePicklist = (field: FieldDescription): string =>
  `${field.label} takes the values of its picklist alone; the value is not among them. Map it by a value table.`;
const besidePicklist = (field: FieldDescription): ValueWarning => ({
  code: 'notInPicklist',
  message: `The value is not in the picklist of ${field.label}. The field accepts other values, so it is written anyway.`,
});

function toPicklist(value: Filled, field: FieldDescription): Converted {
  const text = trimBlanks(valueText(value));
  if (field.picklistValues.length === 0) return toText(text, field);
  const known = spelling(text, field);
  if (known !== null) return known;
  if (field.restricted) return refuse('notInPicklist', outsidePicklist(field));
  return tooLong(text, field) ?? { value: text, warning: besidePicklist(field) };
}

/** The values of a multi-picklist, without blanks and repetitions, in their order. */
export function multiValues(text: string): string[] {
  const parts = text.split(';').map(trimBlanks);
  const distinct = new Set(parts);
  return distinct.size === parts.length && !distinct.has('') ? parts : [...distinct].filter((part) => part !== '');
}

function toMultiPicklist(value: Filled, field: FieldDescription): Converted {
  const parts = multiValues(valueText(value));
  if (parts.length === 0) return null;
  const isOpen = field.picklistValues.length === 0;
  const isBeside = !isOpen && parts.some((part) => spelling(part, field) === null);
  if (isBeside && field.restricted) return refuse('notInPicklist', outsidePicklist(field));
  const text = (isOpen ? parts : parts.map((part) => spelling(part, field) ?? part)).join(';');
  return tooLong(text, field) ?? (isBeside ? { value: text, warning: besidePicklist(field) } : text);
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

function toBoolean(value: Filled, field: FieldDescription): Converted {
  const known = typeof value === 'boolean' ? value : BOOLEANS.get(trimBlanks(valueText(value)).toLowerCase());
  return known === undefined
    ? refuse('notABoolean', `${field.label} takes true or false (1 or 0). Map other words by a value table.`)
    : known;
}

/** The integers of Marketo and of Salesforce have 32 bits. */
const LARGEST_INTEGER = 2_147_483_647;
const SMALLEST_INTEGER = -2_147_483_648;

/** A number that plainly fits, as most do, needs no look at its digits; whatever is near a limit does. */
function hasRoom(value: number, { type, precision, scale }: FieldDescription): boolean {
  if (type === 'integer' && !(Number.isInteger(value) && value <= LARGEST_INTEGER && value >= SMALLEST_INTEGER))
    return false;
  if (precision === null || precision <= 0) return Number.isFinite(value);
  // rounding adds one at most
  return Math.abs(value) < 10 ** (precision - (scale ?? 0)) - 1;
}

function toNumber(value: Filled, field: FieldDescription): Converted {
  const { label, type, precision, scale } = field;
  if (typeof value === 'number' && hasRoom(value, field)) return value;
  const decimal = typeof value === 'boolean' ? null : parseDecimal(trimBlanks(valueText(value)));
  if (!decimal) return refuse('notANumber', `${label} takes a number, such as 1234.5.`);
  if (type === 'integer' && !isWhole(decimal)) {
    return refuse('notWhole', `${label} takes whole numbers; the value has digits after the point.`);
  }
  const number = exactNumber(decimal);
  if (number === null) return refuse('outOfRange', `The value for ${label} has more digits than a number can keep.`);
  if (type === 'integer' && (number > LARGEST_INTEGER || number < SMALLEST_INTEGER)) {
    return refuse('outOfRange', `${label} takes numbers from ${SMALLEST_INTEGER} to ${LARGEST_INTEGER}.`);
  }
  const places = (precision ?? 0) - (scale ?? 0);
  if (precision !== null && precision > 0 && wholeDigits(roundDecimal(decimal, scale ?? 0)) > places) {
    return refuse('outOfRange', `${label} has room for ${places} digits before the point.`);
  }
  return number;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** The form in which date-times are staged. */
const STAGED_INSTANT = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;
const WALL_CLOCK = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::[0-5]\d(?:\.\d{1,9})?)?$/;

/** @returns null where `parse` meets what does not exist (30 February), which the library tells by a RangeError */
function existing(parse: () => string | null): string | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const iso = (epochMs: number): string => new Date(epochMs).toISOString();

const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** @param text begins with ten characters such as `2026-03-01` */
function hasDayThatExists(text: string): boolean {
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const longest = LONGEST_MONTHS[month - 1] ?? 0;
  return day >= 1 && day <= longest && (month !== 2 || day < longest || isLeapYear(Number(text.slice(0, 4))));
}

const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const ZERO = '0'.charCodeAt(0);
const twoDigits = (text: string, at: number): number =>
  10 * (text.charCodeAt(at) - ZERO) + text.charCodeAt(at + 1) - ZERO;

/** A day that exists, or null. */
const dayOf = (text: string): string | null => (DAY.test(text) && hasDayThatExists(text) ? text : null);

/**
 * Reads a date-time that carries an offset, or is meant on the zone's wall clock: a time that does not exist there moves forward by
 * the gap, one that occurs twice is the first.
 * @returns ISO 8601 UTC with milliseconds; null for everything else, a day without a time included
 */
export function instantOf(text: string, timeZone: string): string | null {
  if (STAGED_INSTANT.test(text)) return hasDayThatExists(text) ? text : null;
  if (INSTANT.test(text)) return existing(() => iso(Temporal.Instant.from(text).epochMilliseconds));
  if (!WALL_CLOCK.test(text)) return null;
  return existing(() => {
    const local = Temporal.PlainDateTime.from(text, { overflow: 'reject' });
    return iso(local.toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds);
  });
}

/** The day that an instant falls on in a zone. */
const dayOfInstant = (instant: string | null, timeZone: string): string | null =>
  instant && Temporal.Instant.from(instant).toZonedDateTimeISO(timeZone).toPlainDate().toString();

function toDate(value: Filled, field: FieldDescription, timeZone: string): Converted {
  const text = trimBlanks(valueText(value));
  const day = dayOf(text) ?? dayOfInstant(instantOf(text, timeZone), timeZone);
  return day === null ? refuse('notADate', `${field.label} takes a day that exists, such as 2026-03-01.`) : day;
}

function toDateTime(value: Filled, field: FieldDescription, timeZone: string): Converted {
  const text = trimBlanks(valueText(value));
  const day = dayOf(text);
  const instant = day === null ? instantOf(text, timeZone) : dayRange(day, timeZone).from;
  return instant === null
    ? refuse('notADateTime', `${field.label} takes a day and time that exist, such as 2026-03-01T09:30:00Z.`)
    : instant;
}

const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?(?=Z?$)/;

/** `09:30` as `09:30:00.000`; null for what is no time of day. */
export function timeOf(text: string): string | null {
  const time = TIME.exec(text)?.[0];
  if (time === undefined) return null;
  const [clock = '', fraction = ''] = time.split('.');
  return `${clock.padEnd(8, ':00')}.${fraction.padEnd(3, '0')}`;
}

function toTime(value: Filled, field: FieldDescription): Converted {
  const time = timeOf(trimBlanks(valueText(value)));
  return time === null ? refuse('notATime', `${field.label} takes a time of day, such as 09:30:00.`) : time;
}

/** Marketo's Ids are numbers, or texts of a form of their own. */
function toId(value: Filled, field: FieldDescription): Converted {
  const text = trimBlanks(valueText(value));
  if (field.length !== SALESFORCE_ID_LENGTH) {
    return tooLong(text, field) ?? (typeof value === 'number' ? value : text);
  }
  const id = salesforceId18(text);
  if (id !== null) return id;
  return refuse(
    'notAnId',
    `${field.label} takes an Id of 15 characters, or of 18 with the suffix that belongs to them.`,
  );
}

/**
 * True when both values mean the same to the field, so that writing one over the other would change nothing: 15 and 18
 * characters of an Id, digits beyond the field's scale, capitals of an e-mail, outer blanks, the order of a multi-picklist,
 * `+0000` and `Z`, fractions of a second (neither system keeps them), and a boolean that is null or false.
 */
export function sameMeaning(field: FieldDescription, one: Value, other: Value): boolean {
  return one === other || meaning(field, one) === meaning(field, other);
}

function meaning(field: FieldDescription, value: Value): Value {
  if (field.type === 'boolean') {
    return typeof value === 'boolean' ? value : (BOOLEANS.get(String(value ?? false).toLowerCase()) ?? value);
  }
  if (value === null) return null;
  const text = trimBlanks(withoutNul(valueText(value)));
  return text === '' ? null : textMeaning(field, text);
}

function textMeaning(field: FieldDescription, text: string): string {
  switch (field.type) {
    case 'integer':
    case 'number':
      return roundedText(text, field.scale) ?? text;
    case 'datetime':
      return instantOf(text, 'UTC')?.slice(0, 'yyyy-mm-ddThh:mm:ss'.length) ?? text;
    case 'time':
      return timeOf(text) ?? text;
    case 'email':
      return text.toLowerCase();
    case 'id':
    case 'reference':
      return salesforceId18(text) ?? text;
    case 'multipicklist':
      return multiValues(text).sort().join(';');
    default:
      return text;
  }
}
