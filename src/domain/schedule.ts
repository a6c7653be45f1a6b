import { Temporal } from '@js-temporal/polyfill';
import type { AmountOfTime, DefinitionProblem, Schedule } from './definition';

type IntervalSchedule = Extract<Schedule, { type: 'interval' }>;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Length of a unit; that of a month is the average over 400 years, good enough to guess which tick is near. */
const UNIT_MS = {
  minute: MINUTE_MS,
  hour: 60 * MINUTE_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30.436875 * DAY_MS,
} as const;
/** Beyond this no schedule goes on; it keeps crafted amounts (100,000 months) within the calendar. */
const LAST_INSTANT_MS = Date.UTC(9999, 11, 31);

/** `2026-12-01T09:00`, seconds and their fraction optional, with or without an offset. */
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::[0-5]\d(?:\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** A point in time as a definition states it: the wall clock, and the offset where it carries one. */
interface StatedTime {
  local: Temporal.PlainDateTime;
  offset: string | null;
}

/** @throws RangeError for what is no time, or does not exist in the calendar */
function stated(text: string): StatedTime {
  const match = TIME.exec(text);
  if (!match) throw new RangeError(`Not a time: ${text}`);
  const offset = match[1] ?? null;
  const wallClock = offset === null ? text : text.slice(0, -offset.length);
  return { local: Temporal.PlainDateTime.from(wallClock, { overflow: 'reject' }), offset };
}

/** An offset of a definition as the name of a time zone. */
const offsetZone = (offset: string): string => (offset === 'Z' ? 'UTC' : offset);

/** A time that does not exist moves forward by the gap; of one that occurs twice it is the first. */
const epochMsOf = (local: Temporal.PlainDateTime, timeZone: string): number =>
  local.toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds;

const instantOf = ({ local, offset }: StatedTime, timeZone: string): number =>
  epochMsOf(local, offset === null ? timeZone : offsetZone(offset));

const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** The zone of a schedule's wall clock: the one it names, else the offset of its time, else the default. */
function zoneOf(schedule: Schedule, defaultTimeZone: string): string {
  if (schedule.timeZone !== undefined) return schedule.timeZone;
  if (schedule.type === 'now') return defaultTimeZone;
  const offset = TIME.exec(schedule.type === 'once' ? schedule.at : schedule.start)?.[1];
  return offset === undefined ? defaultTimeZone : offsetZone(offset);
}

/** The ticks of an interval by their number, each counted from the start: so they never drift. */
interface Ticks {
  /** Milliseconds since 1970 of the n-th tick; never less than that of the tick before. */
  at(n: number): number;
  /** A number not above that of the first tick after an instant, and near it. */
  near(epochMs: number): number;
  /** The last instant at which a tick counts. */
  endMs: number;
}

function ticksOf(schedule: IntervalSchedule, defaultTimeZone: string): Ticks {
  const timeZone = zoneOf(schedule, defaultTimeZone);
  const { unit, amount } = schedule.every;
  const start = stated(schedule.start);
  const startMs = instantOf(start, timeZone);
  const endMs = schedule.end === undefined ? LAST_INSTANT_MS : instantOf(stated(schedule.end), timeZone);
  const stepMs = amount * UNIT_MS[unit];
  const steps = (epochMs: number) => Math.floor((epochMs - startMs) / stepMs);
  if (unit === 'minute' || unit === 'hour') {
    return { at: (n) => startMs + n * stepMs, near: (epochMs) => Math.max(0, steps(epochMs)), endMs };
  }
  // the wall-clock time and the day of the month of the start stay, whatever earlier ticks had to give way to
  const anchor =
    start.offset === null
      ? start.local
      : Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(timeZone).toPlainDateTime();
  return {
    at: (n) => {
      // the start itself may state by its offset that it means the second of two equal times
      if (n === 0) return startMs;
      if (startMs + n * stepMs > LAST_INSTANT_MS) return Number.POSITIVE_INFINITY;
      return epochMsOf(anchor.add(calendarSteps(schedule.every, n), { overflow: 'constrain' }), timeZone);
    },
    // a step may be shorter than on average, by a changed clock or a short month
    near: (epochMs) => Math.max(0, steps(epochMs) - 2),
    endMs,
  };
}

const calendarSteps = ({ unit, amount }: AmountOfTime, n: number): Temporal.DurationLike => ({
  [`${unit}s`]: n * amount,
});

/** The instants of the ticks after `afterMs`, up to and including the schedule's end. */
function* ticksAfter(ticks: Ticks, afterMs: number): Generator<number> {
  let last = afterMs;
  for (let n = ticks.near(afterMs); ; n += 1) {
    const at = ticks.at(n);
    if (at > ticks.endMs) return;
    // where a whole day was left out of the calendar (Samoa, 2011) two ticks are one
    if (at > last) yield at;
    last = Math.max(last, at);
  }
}

/** All scheduled instants after `afterMs`, lazily; none for `now`, which has no time of its own. */
function* instantsAfter(schedule: Schedule, afterMs: number, defaultTimeZone: string): Generator<number> {
  if (schedule.type === 'interval') yield* ticksAfter(ticksOf(schedule, defaultTimeZone), afterMs);
  if (schedule.type === 'once') {
    const at = instantOf(stated(schedule.at), zoneOf(schedule, defaultTimeZone));
    if (at > afterMs) yield at;
  }
}

const BEFORE_ALL_MS = -8_640_000_000_000_000;
const epochMs = (after: string | null): number => (after === null ? BEFORE_ALL_MS : Date.parse(after));

/**
 * The first scheduled instant strictly after `after`; the very first one when that is null. How far the start lies back does not
 * matter to the effort.
 * @param after ISO 8601 UTC
 * @returns ISO 8601 UTC with milliseconds; null when nothing comes any more, and for `now`, which has no time of its own
 */
export function nextRun(schedule: Schedule, after: string | null, defaultTimeZone: string): string | null {
  return nextRuns(schedule, after, 1, defaultTimeZone)[0] ?? null;
}

/** The next so many scheduled instants, fewer where the schedule ends before. */
export function nextRuns(schedule: Schedule, after: string | null, count: number, defaultTimeZone: string): string[] {
  const runs: string[] = [];
  if (count < 1) return runs;
  for (const at of instantsAfter(schedule, epochMs(after), defaultTimeZone)) {
    runs.push(iso(at));
    if (runs.length >= count) break;
  }
  return runs;
}

/** The scheduled instants after `from` up to and including `to`, both ISO 8601 UTC. */
export function runsBetween(schedule: Schedule, from: string, to: string, defaultTimeZone: string): string[] {
  const runs: string[] = [];
  const toMs = epochMs(to);
  for (const at of instantsAfter(schedule, epochMs(from), defaultTimeZone)) {
    if (at > toMs) break;
    runs.push(iso(at));
  }
  return runs;
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `1 December 2026 at 09:00`, with the offset where the definition states one. @throws RangeError as `stated` does */
function timeInWords(text: string): string {
  const { offset } = stated(text);
  const [year, month, day] = text.slice(0, 10).split('-').map(Number);
  const [clock, seconds] = [text.slice(11, 16), /^:(?!00)\d{2}/.exec(text.slice(16))?.[0] ?? ''];
  return `${day} ${MONTHS[(month ?? 1) - 1]} ${year} at ${clock}${seconds}${offset === null ? '' : ` ${offsetZone(offset)}`}`;
}

/**
 * A sound schedule in words, for lists, the page and the Temporal Web UI: "Every day from 1 December 2026 at 02:30 until
 * 31 March 2027 at 23:59 (Europe/Vienna)".
 */
export function describeSchedule(schedule: Schedule, defaultTimeZone: string): string {
  const zone = ` (${zoneOf(schedule, defaultTimeZone)})`;
  switch (schedule.type) {
    case 'now':
      return 'Once, as soon as it is activated';
    case 'once':
      return `Once, on ${timeInWords(schedule.at)}${zone}`;
    case 'interval': {
      const { amount, unit } = schedule.every;
      const every = amount === 1 ? unit : `${amount} ${unit}s`;
      const until = schedule.end === undefined ? '' : ` until ${timeInWords(schedule.end)}`;
      return `Every ${every} from ${timeInWords(schedule.start)}${until}${zone}`;
    }
  }
}

/** What can be made; null for impossible times and unknown zones, for which the library throws a RangeError. */
function ifPossible<Result>(make: () => Result): Result | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const isPossible = (make: () => object | number): boolean => ifPossible(make) !== null;

/** The schedule of a definition that may still be written, in words; null where there is none, or its times are none. */
export function scheduleInWords(schedule: Schedule | undefined, defaultTimeZone: string): string | null {
  return schedule ? ifPossible(() => describeSchedule(schedule, defaultTimeZone)) : null;
}

const shown = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

/**
 * What is wrong with a schedule: an unknown zone, a time that does not exist in the calendar, a `once` that has passed, an end
 * before the start or without a run ahead. A start in the past only anchors.
 * @param now ISO 8601 UTC
 */
export function scheduleProblems(schedule: Schedule, now: string, defaultTimeZone: string): DefinitionProblem[] {
  const named = schedule.timeZone ?? defaultTimeZone;
  if (!isPossible(() => Temporal.Instant.from(now).toZonedDateTimeISO(named))) {
    return [
      {
        path: 'schedule.timeZone',
        message: `There is no time zone "${shown(named)}". Give a name such as Europe/Vienna.`,
      },
    ];
  }
  if (schedule.type === 'now') return [];
  const timeZone = zoneOf(schedule, defaultTimeZone);
  const members = schedule.type === 'once' ? { at: schedule.at } : { start: schedule.start, end: schedule.end };
  const problems = Object.entries(members).flatMap(([member, text]) =>
    text === undefined || isPossible(() => instantOf(stated(text), timeZone))
      ? []
      : [
          {
            path: `schedule.${member}`,
            message: `"${shown(text)}" is not a time that exists. Give a day and a time such as 2026-12-01T09:00.`,
          },
        ],
  );
  return problems.length > 0 ? problems : problemsInTime(schedule, now, timeZone);
}

function problemsInTime(
  schedule: Exclude<Schedule, { type: 'now' }>,
  now: string,
  timeZone: string,
): DefinitionProblem[] {
  const isLeft = nextRun(schedule, new Date(epochMs(now) - 1).toISOString(), timeZone) !== null;
  if (isLeft) return [];
  const present = Temporal.Instant.from(now).toZonedDateTimeISO(timeZone).toPlainDateTime();
  const presently = `it is ${timeInWords(present.toString({ smallestUnit: 'minute' }))} in ${timeZone}`;
  if (schedule.type === 'once') {
    return [{ path: 'schedule.at', message: `That time has passed: ${presently}. Choose a later one.` }];
  }
  const end = schedule.end ?? schedule.start;
  const isReversed = instantOf(stated(end), timeZone) < instantOf(stated(schedule.start), timeZone);
  return [
    {
      path: 'schedule.end',
      message: isReversed
        ? 'The end is before the start. Choose a later end.'
        : `No run is left before the end: ${presently}. Choose a later end.`,
    },
  ];
}
