import { dayRange, type InstantRange } from '../../domain/day-range';
import type { Condition } from '../../domain/definition';
import type { FieldDescription } from '../../domain/object-description';
import { salesforceId18 } from '../../domain/salesforce-id';
import { fitsLiteral, numberLiteral, textLiteral } from './soql-literal';
import { toInstant } from './values';

/**
 * What a value of a condition is to a field: a literal; a day within a date-time field; `blank`; `none`, which no record can hold;
 * or null, when it is left to Sync.
 */
export type Operand = { literal: string } | { day: InstantRange } | 'blank' | 'none' | null;

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:?\d{2})$/;

type Scalar = string | number | boolean | null;

/** Reads a single value of a condition by the type of its field. */
export function operandOf(value: Condition['value'], field: FieldDescription, timeZone: string): Operand {
  if (value === undefined || (typeof value === 'object' && value !== null)) return null;
  if (value === null || value === '') return 'blank';
  switch (field.type) {
    case 'id':
    case 'reference':
      return idOperand(value);
    case 'boolean':
      return value === true || value === false ? { literal: value ? 'TRUE' : 'FALSE' } : null;
    case 'integer':
    case 'number':
      return numberOperand(value);
    case 'date':
      return typeof value === 'string' && isDay(value) ? { literal: value } : null;
    case 'datetime':
      return datetimeOperand(value, timeZone);
    case 'text':
    case 'email':
    case 'phone':
    case 'url':
    case 'picklist':
      return typeof value === 'string' && isPlainText(value) && value === value.trim()
        ? { literal: textLiteral(value) }
        : null;
    default:
      return null;
  }
}

function idOperand(value: Scalar): Operand {
  const id = salesforceId18(String(value));
  return id ? { literal: textLiteral(id) } : 'none';
}

function numberOperand(value: Scalar): Operand {
  const number = typeof value === 'string' && String(Number(value)) === value ? Number(value) : value;
  const literal = typeof number === 'number' ? numberLiteral(number) : null;
  return literal === null ? null : { literal };
}

/** Salesforce compares date-times by whole seconds, so an instant within a second is left to Sync. */
function datetimeOperand(value: Scalar, timeZone: string): Operand {
  if (typeof value !== 'string') return null;
  if (isDay(value)) return { day: wholeSeconds(dayRange(value, timeZone)) };
  const instant = instantOf(value);
  return instant?.endsWith('.000Z') ? { literal: secondsOnly(instant) } : null;
}

/** An instant that carries its offset, in UTC with milliseconds; null for everything else. */
export function instantOf(value: unknown): string | null {
  if (typeof value !== 'string' || !INSTANT.test(value)) return null;
  const instant = toInstant(value);
  return Number.isNaN(Date.parse(instant)) ? null : instant;
}

export const secondsOnly = (instant: string): string => instant.replace('.000Z', 'Z');

export const wholeSeconds = ({ from, to }: InstantRange): InstantRange => ({
  from: secondsOnly(from),
  to: secondsOnly(to),
});

export const isDay = (value: unknown): value is string =>
  typeof value === 'string' && DAY.test(value) && new Date(`${value}T00:00:00Z`).toJSON()?.startsWith(value) === true;

/**
 * Letters whose capital and small forms do not simply correspond (ß, ı, ligatures) are compared differently by every system, so a
 * text with one of them is left to Sync.
 */
export const isPlainText = (text: string): boolean =>
  fitsLiteral(text) &&
  [...text].every((letter) => {
    const capital = letter.toUpperCase();
    return capital.length === letter.length && capital.toLowerCase() === letter.toLowerCase();
  });
