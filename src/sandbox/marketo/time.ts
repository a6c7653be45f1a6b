/** `2026-08-30T05:49:48Z`: seconds only, as everywhere in the lead database and in bulk files. */
export function formatInstant(epochMs: number): string {
  const day = Math.floor(epochMs / DAY_MS);
  const second = Math.floor((epochMs - day * DAY_MS) / 1000);
  let date = dates.get(day);
  if (date === undefined) {
    date = new Date(day * DAY_MS).toISOString().slice(0, 10);
    if (dates.size >= DATES_REMEMBERED) dates.clear();
    dates.set(day, date);
  }
  return `${date}T${twoDigits(Math.floor(second / 3600))}:${twoDigits(Math.floor(second / 60) % 60)}:${twoDigits(second % 60)}Z`;
}

const DAY_MS = 86_400_000;
/** Dates by their day since 1970: files of a million records name the same few hundred days again and again. */
const dates = new Map<number, string>();
const DATES_REMEMBERED = 10_000;
const PADDED = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));
const twoDigits = (number: number): string | undefined => PADDED[number];

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?\s?(Z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * Reads ISO 8601 with or without offset, fractions of a second dropped.
 * @param timeZone is meant where the text has no offset
 * @returns milliseconds since 1970, or `null` where the text is no instant
 */
export function parseInstant(text: string, timeZone: string): number | null {
  const match = INSTANT.exec(text);
  if (!match) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', offset] = match;
  const numbers = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [, , , hours, minutes, seconds] = numbers;
  if (!isDate(numbers[0], numbers[1], numbers[2]) || hours > 23 || minutes > 59 || seconds > 59) return null;
  const local = Date.UTC(numbers[0], numbers[1] - 1, numbers[2], hours, minutes, seconds);
  if (offset === undefined) return local - zoneOffsetMs(local, timeZone);
  if (offset.toUpperCase() === 'Z') return local;
  const sign = offset.startsWith('-') ? -1 : 1;
  const digits = offset.slice(1).replace(':', '');
  return local - sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
}

/** Whether the three numbers are a day of the calendar, in the years that Marketo's database can hold. */
export function isDate(year: number, month: number, day: number): boolean {
  if (year < 1000 || month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

const partsByZone = new Map<string, Intl.DateTimeFormat>();

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  let format = partsByZone.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    partsByZone.set(timeZone, format);
  }
  return format;
}

/** The zone's wall clock at an instant, as if it were UTC. */
function wallClock(epochMs: number, timeZone: string): number {
  const parts = new Map(
    zoneFormat(timeZone)
      .formatToParts(epochMs)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
}

/** Offset of the zone at a local time that is given as if it were UTC; two looks settle the hours around a change. */
function zoneOffsetMs(local: number, timeZone: string): number {
  const first = wallClock(local, timeZone) - local;
  return wallClock(local - first, timeZone) - (local - first);
}

/** Where the daily quotas begin anew (Marketo guide, "API limits": 12:00 AM Central). */
const QUOTA_ZONE = 'America/Chicago';
/** All changes of that zone's offset fall on quarters of an hour, so a day can be remembered for as long. */
const QUARTER_HOUR_MS = 900_000;
let rememberedQuarter = -1;
let rememberedDay = { name: '', startsAt: 0 };

/** The quota day of an instant: its date in Central time and the instant at which it began. */
export function quotaDay(epochMs: number): { name: string; startsAt: number } {
  const quarter = Math.floor(epochMs / QUARTER_HOUR_MS);
  if (quarter !== rememberedQuarter) {
    const name = new Date(wallClock(epochMs, QUOTA_ZONE)).toISOString().slice(0, 10);
    const midnight = Date.parse(`${name}T00:00:00Z`);
    rememberedDay = { name, startsAt: midnight - zoneOffsetMs(midnight, QUOTA_ZONE) };
    rememberedQuarter = quarter;
  }
  return rememberedDay;
}
