import { Temporal } from '@js-temporal/polyfill';
import type { DefinitionProblem, Schedule } from './definition';

type IntervalSchedule = Extract<Schedule, { type: 'interval' }>;

const MS: Record<'minute' | 'hour', number> = { minute: 60_000, hour: 3_600_000 };
/** Average length of a calendar unit: good enough to guess which tick is near. */
const ROUGH_DAYS = { day: 1, week: 7, month: 30.436875 } as const;
const DAY_MS = 86_400_000;

const zoneOf = (schedule: Schedule, defaultTimeZone: string): string => schedule.timeZone ?? defaultTimeZone;

const CARRIES_OFFSET = /(Z|[+-]\d{2}:?\d{2})$/i;

/** A time that does not exist moves forward by the gap; one that occurs twice is the first. */
const toInstant = (local: string, timeZone: string): Temporal.Instant =>
  CARRIES_OFFSET.test(local)
    ? Temporal.Instant.from(local)
    : Temporal.PlainDateTime.from(local, { overflow: 'reject' })
        .toZonedDateTime(timeZone, { disambiguation: 'compatible' })
        .toInstant();

const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** The ticks of an interval, by their number from the start on: so they never drift. */
interface Ticks {
  /** Milliseconds since 1970 of the n-th tick. */
  at(n: number): number;
  /** A number not above that of the first tick after the instant, and near it. */
  near(epochMs: number): number;
  end: number;
}

function ticksOf(schedule: IntervalSchedule, timeZone: string): Ticks {
  const { amount, unit } = schedule.every;
  const start = toInstant(schedule.start, timeZone);
  const end =
    schedule.end === undefined ? Number.POSITIVE_INFINITY : toInstant(schedule.end, timeZone).epochMilliseconds;
  const startMs = start.epochMilliseconds;
  if (unit === 'minute' || unit === 'hour') {
    const step = amount * MS[unit];
    return {
      at: (n) => startMs + n * step,
      near: (epochMs) => Math.max(0, Math.floor((epochMs - startMs) / step)),
      end,
    };
  }
  // the anchor's wall-clock time and day stay, whatever earlier ticks had to give way to
  const anchor = CARRIES_OFFSET.test(schedule.start)
    ? start.toZonedDateTimeISO(timeZone).toPlainDateTime()
    : Temporal.PlainDateTime.from(schedule.start, { overflow: 'reject' });
  const at = (n: number) =>
    anchor
      .add({ [`${unit}s`]: n * amount }, { overflow: 'constrain' })
      .toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds;
  const stepMs = amount * ROUGH_DAYS[unit] * DAY_MS;
  return { at, near: (epochMs) => Math.max(0, Math.floor((epochMs - startMs) / stepMs) - 2), end };
}

/** The number of the first tick after an instant. */
function firstAfter(ticks: Ticks, epochMs: number): number {
  let n = ticks.near(epochMs);
  while (ticks.at(n) <= epochMs) n += 1;
  return n;
}

/**
 * The first scheduled instant strictly after `after`; the very first one when that is null.
 * @param after ISO 8601 UTC
 * @returns ISO 8601 UTC; null when nothing comes any more, and for `now`, which has no time of its own
 */
export function nextRun(schedule: Schedule, after: string | null, defaultTimeZone: string): string | null {
  return nextRuns(schedule, after, 1, defaultTimeZone)[0] ?? null;
}

/** The next so many scheduled instants, fewer where the schedule ends before. */
export function nextRuns(schedule: Schedule, after: string | null, count: number, defaultTimeZone: string): string[] {
  if (schedule.type === 'now') return [];
  const timeZone = zoneOf(schedule, defaultTimeZone);
  const afterMs = after === null ? Number.NEGATIVE_INFINITY : Date.parse(after);
  if (schedule.type === 'once') {
    const at = toInstant(schedule.at, timeZone).epochMilliseconds;
    return at > afterMs ? [iso(at)] : [];
  }
  const ticks = ticksOf(schedule, timeZone);
  const first = after === null ? 0 : firstAfter(ticks, afterMs);
  const runs: string[] = [];
  for (let n = first; runs.length < count && ticks.at(n) <= ticks.end; n += 1) runs.push(iso(ticks.at(n)));
  return runs;
}

/** The scheduled instants after `from` up to and including `to`, both ISO 8601 UTC. */
export function runsBetween(schedule: Schedule, from: string, to: string, defaultTimeZone: string): string[] {
  const runs: string[] = [];
  for (let next = nextRun(schedule, from, defaultTimeZone); next !== null && next <= to; ) {
    runs.push(next);
    next = nextRun(schedule, next, defaultTimeZone);
  }
  return runs;
}

/** The schedule in words, for lists and for the Temporal Web UI. */
export function describeSchedule(schedule: Schedule, defaultTimeZone: string): string {
  const timeZone = zoneOf(schedule, defaultTimeZone);
  const when = (local: string) => `${local.replace('T', ' ')}${CARRIES_OFFSET.test(local) ? '' : ` ${timeZone}`}`;
  switch (schedule.type) {
    case 'now':
      return 'Once, now';
    case 'once':
      return `Once, at ${when(schedule.at)}`;
    case 'interval': {
      const { amount, unit } = schedule.every;
      const every = amount === 1 ? `Every ${unit}` : `Every ${amount} ${unit}s`;
      return `${every} from ${when(schedule.start)}${schedule.end ? ` until ${when(schedule.end)}` : ''}`;
    }
  }
}

function attempt<Result>(make: () => Result): Result | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) return null; // what the library says of impossible times and unknown zones
    throw error;
  }
}

/**
 * What is wrong with a schedule.
 * @param now ISO 8601 UTC: a `once` in the past is refused
 */
export function scheduleProblems(schedule: Schedule, now: string, defaultTimeZone: string): DefinitionProblem[] {
  const timeZone = zoneOf(schedule, defaultTimeZone);
  if (attempt(() => Temporal.Instant.from(now).toZonedDateTimeISO(timeZone)) === null) {
    return [
      { path: 'schedule.timeZone', message: `${timeZone} is not a time zone; use a name such as Europe/Vienna.` },
    ];
  }
  if (schedule.type === 'now') return [];
  const members: [string, string | undefined][] =
    schedule.type === 'once'
      ? [['at', schedule.at]]
      : [
          ['start', schedule.start],
          ['end', schedule.end],
        ];
  const problems = members.flatMap(([name, local]) =>
    local !== undefined && attempt(() => toInstant(local, timeZone)) === null
      ? [{ path: `schedule.${name}`, message: `${local} is not a time; write it as 2026-12-01T09:00.` }]
      : [],
  );
  if (problems.length > 0) return problems;
  if (schedule.type === 'once') {
    if (toInstant(schedule.at, timeZone).epochMilliseconds > Date.parse(now)) return [];
    const present = Temporal.Instant.from(now).toZonedDateTimeISO(timeZone).toPlainDateTime().toString().slice(0, 16);
    return [
      { path: 'schedule.at', message: `That time is past: it is ${present} in ${timeZone}. Choose a later one.` },
    ];
  }
  if (schedule.end === undefined) return [];
  const end = toInstant(schedule.end, timeZone).epochMilliseconds;
  if (end < toInstant(schedule.start, timeZone).epochMilliseconds) {
    return [{ path: 'schedule.end', message: 'The end is before the start.' }];
  }
  return end <= Date.parse(now) ? [{ path: 'schedule.end', message: 'The end is past: nothing would run.' }] : [];
}
