import { numberText } from '../../domain/decimal';
import type { FieldType, Value } from '../../domain/object-description';
import { salesforceId18 } from '../../domain/salesforce-id';

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** One text literal of a WHERE clause holds so many characters (SOQL and SOSL Reference, "SOQL and SOSL Limits"). */
const MOST_LITERAL_CHARACTERS = 4_000;

/** A number has 18 digits at most, besides its sign and its point (Object Reference, "Field Types"). */
const MOST_DIGITS = 20;

/**
 * The only way in which a text enters a query: in quotes, with every character escaped that SOQL treats specially (SOQL and SOSL
 * Reference, "Quoted String Escape Sequences").
 */
export function textLiteral(text: string): string {
  return `'${escaped(text)}'`;
}

/** A pattern for LIKE: `%` and `_` of the text stand for themselves, `before` and `after` are wildcards of ours. */
export function likeLiteral(before: '' | '%', text: string, after: '' | '%'): string {
  return `'${before}${escaped(text).replace(/[%_]/g, '\\$&')}${after}'`;
}

const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be escaped
  text.replace(/[\\'\u0000-\u001f\u007f]/g, (character) => ESCAPES[character] ?? unicodeEscape(character));

const unicodeEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A text that can be written as one literal: not too long, and no half of a surrogate pair, which no request can carry. */
export const fitsLiteral = (text: string): boolean =>
  text.length <= MOST_LITERAL_CHARACTERS - 100 &&
  escaped(text).length <= MOST_LITERAL_CHARACTERS &&
  !/\p{Surrogate}/u.test(text);

/** A number without an exponent; null for what is none, and for one that no field of Salesforce can hold. */
export function numberLiteral(value: number): string | null {
  if (!Number.isFinite(value)) return null;
  const text = numberText(value);
  return text.length <= MOST_DIGITS ? text : null;
}

/** The second in which an instant lies: Salesforce compares date-times by whole seconds. */
export const secondLiteral = (instant: string): string =>
  new Date(Math.floor(Date.parse(instant) / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');

/**
 * A value as the literal of a field's type, for look-ups by equality.
 * @returns null for a value that no record can hold in such a field
 */
export function keyLiteral(value: Value, type: FieldType): string | null {
  if (value === null || value === '') return null;
  switch (type) {
    case 'id':
    case 'reference': {
      const id = salesforceId18(String(value));
      return id && textLiteral(id);
    }
    case 'integer':
    case 'number':
      return typeof value === 'boolean' ? null : numberLiteral(Number(value));
    default: {
      const text = String(value);
      return fitsLiteral(text) ? textLiteral(text) : null;
    }
  }
}
