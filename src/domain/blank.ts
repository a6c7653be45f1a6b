import type { Value } from './object-description';

/** U+0085 is white space in Unicode, which `\s` leaves out. */
const OUTER_BLANKS = /^[\s\u0085]+|[\s\u0085]+$/g;

/** Takes off all that Unicode calls white space at either end, the no-break space (U+00A0) included. */
export const trimBlanks = (text: string): string => text.replace(OUTER_BLANKS, '');

const NOT_BLANK = /[^\s\u0085]/;

/** True for what counts as blank: null, and text without anything but white space. */
export const isBlank = (value: Value): boolean =>
  value === null || (typeof value === 'string' && !NOT_BLANK.test(value));
