/** A number as its digits: `0.digits × 10^point`, without zeros at either end of the digits; zero has none. */
export interface Decimal {
  isNegative: boolean;
  digits: string;
  /** Where the decimal point lies, counted from the left of the digits; negative for small numbers. */
  point: number;
}

const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;
/** Beyond the range of a double; keeps a crafted exponent from becoming a long text. */
const FARTHEST_POINT = 400;

/**
 * Reads a number without loss, whatever its number of digits: `12.50`, `9.9213206E7`, `-3`, `+1`. Digits are ASCII, the decimal
 * mark is a point, and nothing separates thousands.
 * @returns null for every other text
 */
export function parseDecimal(text: string): Decimal | null {
  const match = NUMBER.exec(text);
  if (!match) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const all = whole + fraction;
  const leadingZeros = /^0*/.exec(all)?.[0].length ?? 0;
  const digits = all.slice(leadingZeros).replace(/0+$/, '');
  if (digits === '') return { isNegative: false, digits: '', point: 0 };
  const point = whole.length - leadingZeros + Number(exponent);
  return Math.abs(point) > FARTHEST_POINT ? null : { isNegative: sign === '-', digits, point };
}

/** Writes a number with all its digits and without an exponent, the same text for the same number: `99213206`, `-0.0001`, `12.5`. */
export function formatDecimal({ isNegative, digits, point }: Decimal): string {
  if (digits === '') return '0';
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  const fraction = point > 0 ? digits.slice(point) : '0'.repeat(-point) + digits;
  return `${isNegative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** A finite number as text with all its digits and without an exponent, which `String` uses for large and small ones. */
export function numberText(value: number): string {
  const text = String(value);
  if (Number.isFinite(value) && !text.includes('e')) return text;
  const decimal = parseDecimal(text);
  if (!decimal) throw new RangeError('Only a finite number has digits.');
  return formatDecimal(decimal);
}

/** Rounds to a number of digits behind the point; a half goes away from zero, as databases round. */
export function roundDecimal(decimal: Decimal, scale: number): Decimal {
  const kept = decimal.point + scale;
  if (kept >= decimal.digits.length) return decimal;
  if (kept < 0) return { isNegative: false, digits: '', point: 0 };
  const roundsUp = (decimal.digits[kept] ?? '0') >= '5';
  const units = BigInt(decimal.digits.slice(0, kept) || '0') + (roundsUp ? 1n : 0n);
  const rounded = parseDecimal(`${units}e${-scale}`);
  return rounded && rounded.digits !== ''
    ? { ...rounded, isNegative: decimal.isNegative }
    : { isNegative: false, digits: '', point: 0 };
}

/** The number of digits in front of the decimal point; 0 for numbers below one. */
export const wholeDigits = ({ digits, point }: Decimal): number => (digits === '' ? 0 : Math.max(point, 0));

/** True for a number without digits behind the point. */
export const isWhole = ({ digits, point }: Decimal): boolean => point >= digits.length;

/**
 * The number as JavaScript holds it.
 * @returns null where that would change its digits
 */
export function exactNumber(decimal: Decimal): number | null {
  const number = Number(formatDecimal(decimal));
  return Number.isFinite(number) && numberText(number) === formatDecimal(decimal) ? number : null;
}

/** The number that a text is, or the text as it is where that would change its digits, or where it is no number. */
export function numberOrText(text: string): number | string {
  const decimal = parseDecimal(text.trim());
  if (decimal) return exactNumber(decimal) ?? text;
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : text;
}

/**
 * A number as a field of so many places keeps it, as text without an exponent.
 * @param scale null for all places
 * @returns null for what is no number
 */
export function roundedText(text: string, scale: number | null): string | null {
  const decimal = parseDecimal(text);
  return decimal && formatDecimal(scale === null ? decimal : roundDecimal(decimal, scale));
}
