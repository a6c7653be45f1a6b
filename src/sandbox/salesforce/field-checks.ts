import { type Field, isTextType } from './field';
import { choicesInOrder } from './picklist-order';
import { type RecordError, recordError } from './record-error';
import type { StoredValue } from './stored-values';
import { fold, trimmed } from './text-folding';

/** How much of a value that is too long is repeated in the message. */
const SHOWN_OF_LONG_VALUE = 80;

/**
 * A value as it is saved: text without blanks at its ends, empty text as null, e-mail addresses in lower case, numbers
 * rounded to the field's decimals, choices in the order of their list.
 */
export function normalized(field: Field, value: StoredValue): StoredValue {
  if (value === null) return null;
  if (typeof value === 'number') return isDecimal(field) ? rounded(value, field.scale) : value;
  if (!isTextType(field.type)) return value;
  const text = trimmed(value);
  if (text === '') return null;
  switch (field.type) {
    case 'email':
      return storedEmail(text);
    case 'multipicklist':
      return choicesInOrder(field, text).join(';') || null;
    case 'picklist':
      return field.restrictedPicklist ? (listed(field, text) ?? text) : text;
    default:
      return text;
  }
}

function isDecimal({ type }: Field): boolean {
  return type === 'double' || type === 'currency' || type === 'percent';
}

/** Half away from zero, in decimal digits: 1.005 with two decimals is 1.01. */
function rounded(value: number, scale: number): number {
  const text = String(Math.abs(value));
  if (text.includes('e')) return Math.abs(value) < 1 ? 0 : value;
  const size = Number(`${Math.round(Number(`${text}e${scale}`))}e-${scale}`);
  return value < 0 ? -size : size;
}

/** Local parts with a trailing or doubled dot are kept in quotes (release notes of Spring '25). */
function storedEmail(text: string): string {
  const address = text.toLowerCase();
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const needsQuotes = at > 0 && (local.endsWith('.') || local.includes('..')) && !local.startsWith('"');
  return needsQuotes ? `"${local}"${address.slice(at)}` : address;
}

/** The value of the list that this text is, whatever its case. */
function listed(field: Field, text: string): string | undefined {
  return field.picklist.find(({ value, active }) => active && fold(value) === fold(text))?.value;
}

/** Text that is too long, numbers with too many digits before the point. */
export function checkSize(field: Field, value: StoredValue): RecordError | undefined {
  if (typeof value === 'string') {
    if (!isTextType(field.type) || value.length <= field.length) return undefined;
    const shown = value.slice(0, SHOWN_OF_LONG_VALUE);
    const text = `${field.label}: data value too large: ${shown} (max length=${field.length})`;
    return recordError('STRING_TOO_LONG', text, [field.name]);
  }
  if (typeof value !== 'number') return undefined;
  if (field.type !== 'int' && !isDecimal(field)) return undefined;
  const digits = field.type === 'int' ? field.digits : field.precision - field.scale;
  const isWhole = field.type !== 'int' || Number.isInteger(value);
  if (isWhole && Math.abs(value) < 10 ** digits) return undefined;
  if (!isWhole) {
    const text = `${field.label}: value not of required type: ${value}`;
    return recordError('INVALID_TYPE_ON_FIELD_IN_RECORD', text, [field.name]);
  }
  const text = `${field.label}: value outside of valid range on numeric field: ${value}`;
  return recordError('NUMBER_OUTSIDE_VALID_RANGE', text, [field.name]);
}

// ASCII alone, a dot in the domain, no blanks: what the vendor's check lets pass is about this
const EMAIL =
  /^(?:"[\x21\x23-\x5b\x5d-\x7e ]+"|[a-z0-9!#$%&'*+/=?^_`{|}~.-]+)@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/;

/** E-mail addresses and restricted lists. */
export function checkContent(field: Field, value: StoredValue): RecordError | undefined {
  if (typeof value !== 'string') return undefined;
  if (field.type === 'email' && !EMAIL.test(value))
    return recordError('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${value}`, [field.name]);
  if (!field.restrictedPicklist || (field.type !== 'picklist' && field.type !== 'multipicklist')) return undefined;
  const choices = field.type === 'picklist' ? [value] : value.split(';');
  const wrong = choices.find((choice) => listed(field, choice) === undefined);
  if (wrong === undefined) return undefined;
  const text = `${field.label}: bad value for restricted picklist field: ${wrong}`;
  return recordError('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', text, [field.name]);
}

export function missingFields(names: string[]): RecordError {
  return recordError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, names);
}

export function notWritable(names: string[]): RecordError {
  return recordError(
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    `Unable to create/update fields: ${names.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
    names,
  );
}
