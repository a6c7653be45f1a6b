import { Temporal } from '@js-temporal/polyfill';

type Unit = 'DAY' | 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR';

const FIXED = /^(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR)$/;
const COUNTED = /^(LAST|NEXT)_N_(DAY|WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR)S$/;
const AGO = /^N_(DAY|WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR)S_AGO$/;
const SINGLE = new Set(['TODAY', 'YESTERDAY', 'TOMORROW', 'LAST_90_DAYS', 'NEXT_90_DAYS']);

/** True for `TODAY`, `LAST_N_DAYS` with a number and the like (SOQL guide, "Date Formats and Date Literals"). */
export function isDateLiteral(name: string, hasCount: boolean): boolean {
  return hasCount ? COUNTED.test(name) || AGO.test(name) : SINGLE.has(name) || FIXED.test(name);
}

/** Days from `start` to before `end`. */
export interface DayRange {
  start: Temporal.PlainDate;
  end: Temporal.PlainDate;
}

/** More than the calendar holds: a query with such a number reaches its end. */
const MOST_UNITS = 20_000;

/**
 * The days that a literal stands for, seen from `today`. Fiscal years are calendar years; weeks begin on Sunday.
 * @param count the number after the colon, where there is one
 */
export function daysOf(name: string, count: number | undefined, today: Temporal.PlainDate): DayRange {
  const days = (from: number, to: number): DayRange => ({
    start: today.add({ days: from }),
    end: today.add({ days: to }),
  });
  const number = Math.min(count ?? 0, MOST_UNITS);
  switch (name) {
    case 'TODAY':
      return days(0, 1);
    case 'YESTERDAY':
      return days(-1, 0);
    case 'TOMORROW':
      return days(1, 2);
    case 'LAST_90_DAYS':
      return days(-90, 1);
    case 'NEXT_90_DAYS':
      return days(1, 91);
    case 'LAST_N_DAYS':
      return days(-number, 1);
    case 'NEXT_N_DAYS':
      return days(1, number + 1);
    case 'N_DAYS_AGO':
      return days(-number, -number + 1);
  }
  const fixed = FIXED.exec(name);
  if (fixed) {
    const shift = fixed[1] === 'LAST' ? -1 : fixed[1] === 'NEXT' ? 1 : 0;
    return units(unitOf(fixed[2]), today, shift, shift + 1);
  }
  const counted = COUNTED.exec(name);
  if (counted) {
    const unit = unitOf(counted[2]);
    return counted[1] === 'LAST' ? units(unit, today, -number, 0) : units(unit, today, 1, number + 1);
  }
  const ago = AGO.exec(name);
  if (ago) return units(unitOf(ago[1]), today, -number, -number + 1);
  throw new Error(`${name} is not a date literal`);
}

function unitOf(text: string | undefined): Unit {
  return (text ?? 'DAY').replace('FISCAL_', '') as Unit; // the patterns above let only units pass
}

/** From the beginning of one unit to the beginning of another, counted from the one that holds `today`. */
function units(unit: Unit, today: Temporal.PlainDate, from: number, to: number): DayRange {
  const begin = beginningOf(unit, today);
  return { start: shifted(unit, begin, from), end: shifted(unit, begin, to) };
}

function beginningOf(unit: Unit, day: Temporal.PlainDate): Temporal.PlainDate {
  switch (unit) {
    case 'DAY':
      return day;
    case 'WEEK':
      return day.subtract({ days: day.dayOfWeek % 7 });
    case 'MONTH':
      return day.with({ day: 1 });
    case 'QUARTER':
      return day.with({ day: 1, month: Math.floor((day.month - 1) / 3) * 3 + 1 });
    case 'YEAR':
      return day.with({ day: 1, month: 1 });
  }
}

function shifted(unit: Unit, day: Temporal.PlainDate, count: number): Temporal.PlainDate {
  switch (unit) {
    case 'DAY':
      return day.add({ days: count });
    case 'WEEK':
      return day.add({ weeks: count });
    case 'MONTH':
      return day.add({ months: count });
    case 'QUARTER':
      return day.add({ months: 3 * count });
    case 'YEAR':
      return day.add({ years: count });
  }
}

/** The day on which an instant falls in a zone. */
export function dayIn(zone: string, epochMs: number): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(zone).toPlainDate();
}

/** The instant at which a day begins in a zone, in milliseconds since 1970. */
export function startOfDay(day: Temporal.PlainDate, zone: string): number {
  return day.toZonedDateTime(zone).epochMilliseconds;
}
