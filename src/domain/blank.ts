import type { Value } from './object-description';

/** U+0085 is white space in Unicode, which `\s` leaves out. */
const OUTER_BLANKS = /^[\s\u0085]+|[\s\u0085]+$/g;

/** Takes off all that Unicode calls white space at either end, the no-break space (U+00A0) included. */
export const trimBlanks = (text: string): string =>
  isPrinted(text.charCodeAt(0)) && isPrinted(text.charCodeAt(text.length - 1)) ? text : text.replace(OUTER_BLANKS, '');

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among it
const PLAIN_BLANKS = /^[\u0000-\u0020]+|[\u0000-\u0020]+$/g;

/** Takes off what both systems take off the ends of a text by themselves; a no-break space is none of it. */
export const trimPlainBlanks = (text: string): string => text.replace(PLAIN_BLANKS, '');

/** A printed ASCII character, as most texts begin and end with: there is nothing to take off, which is quicker seen than searched for. */
const isPrinted = (code: number): boolean => code > 0x20 && code < 0x7f;

export const hasNul = (value: unknown): boolean => typeof value === 'string' && value.includes('\u0000');

/** Whether one of some values has the character U+0000. */
export function someHaveNul(values: readonly unknown[]): boolean {
  for (const value of values) if (hasNul(value)) return true;
  return false;
}

/** Neither system can hold the character U+0000, so it is dropped wherever a value is looked at. */
export const withoutNul = <Given>(value: Given): Given | string =>
  typeof value === 'string' && hasNul(value) ? value.replaceAll('\u0000', '') : value;

const NOT_BLANK = /[^\s\u0085]/;

/** True for what counts as blank: null, and text without anything but white space. */
export const isBlank = (value: Value): boolean =>
  value === null || (typeof value === 'string' && !isPrinted(value.charCodeAt(0)) && !NOT_BLANK.test(value));
