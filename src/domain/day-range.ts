import { Temporal } from '@js-temporal/polyfill';
import type { AmountOfTime } from './definition';

/** A half-open span of time: `from` belongs to it, `to` does not. ISO 8601 in UTC with milliseconds. */
export interface InstantRange {
  from: string;
  to: string;
}

/** Calendar days, both ends included. */
export interface DayRange {
  first: string;
  last: string;
}

const CALENDAR_UNITS = { day: 'days', week: 'weeks', month: 'months' } as const;

const iso = (instant: Temporal.Instant): string => instant.toString({ fractionalSecondDigits: 3 });

const startOf = (day: Temporal.PlainDate, timeZone: string): Temporal.Instant =>
  day.toZonedDateTime(timeZone).toInstant();

/**
 * The span of a calendar day (`2026-03-01`) in a time zone; 23 or 25 hours long where clocks change, and beginning later than
 * midnight where midnight does not exist.
 */
export function dayRange(day: string, timeZone: string): InstantRange {
  const date = Temporal.PlainDate.from(day);
  return { from: iso(startOf(date, timeZone)), to: iso(startOf(date.add({ days: 1 }), timeZone)) };
}

/**
 * The span that `inLast` (`last`) or `inNext` (`next`) means at `asOf`. Minutes and hours are absolute. `last` with days and
 * longer units begins with the day that lies so far back, and ends at `asOf`; `next` ends with the day that lies so far ahead.
 */
export function relativeRange(
  amount: AmountOfTime,
  direction: 'last' | 'next',
  asOf: string,
  timeZone: string,
): InstantRange {
  const now = Temporal.Instant.from(asOf);
  const far = farEnd(amount, direction, now, timeZone);
  return direction === 'last' ? { from: iso(far), to: iso(now) } : { from: iso(now), to: iso(far) };
}

/** What `relativeRange` means for a column of calendar days: today and the day at the far end belong to it. */
export function relativeDays(
  amount: AmountOfTime,
  direction: 'last' | 'next',
  asOf: string,
  timeZone: string,
): DayRange {
  const now = Temporal.Instant.from(asOf);
  const today = now.toZonedDateTimeISO(timeZone).toPlainDate();
  const far = farDay(amount, direction, now, timeZone);
  return direction === 'last'
    ? { first: far.toString(), last: today.toString() }
    : { first: today.toString(), last: far.toString() };
}

function farEnd(amount: AmountOfTime, direction: 'last' | 'next', now: Temporal.Instant, timeZone: string) {
  if (amount.unit === 'minute' || amount.unit === 'hour') return shifted(amount, direction, now);
  const day = farDay(amount, direction, now, timeZone);
  return startOf(direction === 'last' ? day : day.add({ days: 1 }), timeZone);
}

function farDay(amount: AmountOfTime, direction: 'last' | 'next', now: Temporal.Instant, timeZone: string) {
  if (amount.unit === 'minute' || amount.unit === 'hour')
    return shifted(amount, direction, now).toZonedDateTimeISO(timeZone).toPlainDate();
  const today = now.toZonedDateTimeISO(timeZone).toPlainDate();
  const distance = { [CALENDAR_UNITS[amount.unit]]: amount.amount };
  return direction === 'last' ? today.subtract(distance) : today.add(distance);
}

function shifted(amount: AmountOfTime, direction: 'last' | 'next', now: Temporal.Instant): Temporal.Instant {
  const distance = amount.unit === 'minute' ? { minutes: amount.amount } : { hours: amount.amount };
  return direction === 'last' ? now.subtract(distance) : now.add(distance);
}
