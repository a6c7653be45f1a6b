import { z } from 'zod';
import { ApiError } from './api-error';
import { readShape } from './call';
import { showValue } from './field-values';
import { parseInstant } from './time';

/** The longest range of an extract (Marketo guide, "Bulk extract"). */
const LONGEST_RANGE_MS = 31 * 86_400_000;

const rangeSchema = z.object({ startAt: z.string(), endAt: z.string() });

/** A range of instants, both ends included, in milliseconds since 1970. */
export interface InstantRange {
  from: number;
  to: number;
}

/**
 * Reads `{"startAt", "endAt"}`.
 * @throws ApiError 1002 or 1003 where an end is missing, is no instant, or the range is longer than 31 days
 */
export function readRange(name: string, value: unknown, timeZone: string, longestMs = LONGEST_RANGE_MS): InstantRange {
  const { startAt, endAt } = readShape(rangeSchema, value);
  const from = readInstant(startAt, timeZone);
  const to = readInstant(endAt, timeZone);
  if (from > to) throw new ApiError('1003', `Invalid range for '${name}': startAt is after endAt`);
  if (to - from > longestMs) {
    const days = Math.round(longestMs / 86_400_000);
    throw new ApiError('1003', `Invalid range for '${name}': at most ${days} days`);
  }
  return { from, to };
}

export function readInstant(text: string, timeZone: string): number {
  const instant = parseInstant(text, timeZone);
  if (instant === null) throw new ApiError('1003', `Invalid date '${showValue(text)}'`);
  return instant;
}

/** The members of `filter` that are there. @throws ApiError 1002 or 1003 where there is not exactly one */
export function oneFilter(filter: Readonly<Record<string, unknown>>): [name: string, value: unknown] {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined && value !== null);
  const [first] = given;
  if (!first) throw new ApiError('1002', `Missing value for the required parameter 'filter'`);
  if (given.length > 1) throw new ApiError('1003', 'Invalid filter: exactly one filter type is allowed');
  return first;
}

/** @throws ApiError 1001 where the value is not the id of something */
export function readId(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0)
    throw new ApiError('1001', `Invalid value '${showValue(value)}'. Required of type 'Integer'`);
  return number;
}
