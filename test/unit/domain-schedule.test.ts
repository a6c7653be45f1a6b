import type { Schedule, TimeUnit } from '../../src/domain/definition';
import { describeSchedule, nextRun, nextRuns, runsBetween, scheduleProblems } from '../../src/domain/schedule';
import fc from '../support/fast-check';

const VIENNA = 'Europe/Vienna';
const interval = (
  amount: number,
  unit: TimeUnit,
  start: string,
  end?: string,
  timeZone: string = VIENNA,
): Schedule => ({
  type: 'interval',
  every: { amount, unit },
  start,
  ...(end === undefined ? {} : { end }),
  timeZone,
});
const once = (at: string, timeZone?: string): Schedule => ({ type: 'once', at, ...(timeZone ? { timeZone } : {}) });
const ALL = 1_000;

describe('daily at 02:30 on the nights when clocks change', () => {
  test('in spring the time that does not exist moves forward by the gap', () => {
    const runs = nextRuns(interval(1, 'day', '2027-03-26T02:30', '2027-03-30T23:59'), null, ALL, 'UTC');

    expect(runs).toEqual([
      '2027-03-26T01:30:00.000Z',
      '2027-03-27T01:30:00.000Z',
      '2027-03-28T01:30:00.000Z',
      '2027-03-29T00:30:00.000Z',
      '2027-03-30T00:30:00.000Z',
    ]);
  });

  test('in autumn the time that occurs twice runs once, the first time', () => {
    const runs = nextRuns(interval(1, 'day', '2027-10-30T02:30', '2027-11-02T23:59'), null, ALL, 'UTC');

    expect(runs).toEqual([
      '2027-10-30T00:30:00.000Z',
      '2027-10-31T00:30:00.000Z',
      '2027-11-01T01:30:00.000Z',
      '2027-11-02T01:30:00.000Z',
    ]);
  });

  test('minutes are absolute: the longest day has 25 runs of every 60 minutes', () => {
    const runs = nextRuns(interval(60, 'minute', '2027-10-31T00:00', '2027-10-31T23:59'), null, ALL, 'UTC');

    expect(runs).toHaveLength(25);
    expect(runs[0]).toBe('2027-10-30T22:00:00.000Z');
    expect(runs.at(-1)).toBe('2027-10-31T22:00:00.000Z');
  });

  test.each([
    ['2027-03-28T02:30', '2027-03-28T01:30:00.000Z'],
    ['2027-10-31T02:30', '2027-10-31T00:30:00.000Z'],
  ])('once at %s in Vienna is %s', (at, expected) => {
    expect(nextRun(once(at, VIENNA), null, 'UTC')).toBe(expected);
  });
});

describe('an hourly sync stays on its minute', () => {
  test('whenever the last run ended, the next one is at :06', () => {
    const hourly = interval(1, 'hour', '2026-11-25T13:06', undefined, 'UTC');
    const endedAfterMinutes = [2, 7, 31];
    let tick = nextRun(hourly, null, 'UTC') ?? '';

    for (let run = 0; run < 48; run += 1) {
      expect(tick.slice(14)).toBe('06:00.000Z');
      const end = new Date(Date.parse(tick) + (endedAfterMinutes[run % 3] ?? 0) * 60_000).toISOString();
      const next = nextRun(hourly, end, 'UTC') ?? '';
      expect(Date.parse(next) - Date.parse(tick)).toBe(3_600_000);
      tick = next;
    }
  });

  test('every 90 minutes is start + n × 90 minutes exactly', () => {
    const start = Date.parse('2026-11-25T13:06:00Z');
    const runs = nextRuns(interval(90, 'minute', '2026-11-25T13:06', undefined, 'UTC'), null, 48, 'UTC');

    expect(runs).toEqual(Array.from({ length: 48 }, (_, n) => new Date(start + n * 90 * 60_000).toISOString()));
  });
});

describe('nextRun', () => {
  test('a month without the day of the start uses its last day, and the day comes back', () => {
    const runs = nextRuns(interval(1, 'month', '2027-01-31T09:00', undefined, 'UTC'), null, 5, 'UTC');

    expect(runs.map((run) => run.slice(0, 10))).toEqual([
      '2027-01-31',
      '2027-02-28',
      '2027-03-31',
      '2027-04-30',
      '2027-05-31',
    ]);
  });

  test('the end belongs to the schedule, and after it nothing comes', () => {
    const daily = interval(1, 'day', '2027-01-01T09:00', '2027-01-03T09:00', 'UTC');

    expect(nextRun(daily, '2027-01-02T09:00:00.000Z', 'UTC')).toBe('2027-01-03T09:00:00.000Z');
    expect(nextRun(daily, '2027-01-03T09:00:00.000Z', 'UTC')).toBeNull();
  });

  test('the instant given is left out, the one just before it is not', () => {
    const at = once('2027-01-01T09:00', 'UTC');

    expect(nextRun(at, '2027-01-01T08:59:59.999Z', 'UTC')).toBe('2027-01-01T09:00:00.000Z');
    expect(nextRun(at, '2027-01-01T09:00:00.000Z', 'UTC')).toBeNull();
  });

  test('now has no time of its own', () => {
    expect(nextRun({ type: 'now' }, null, 'UTC')).toBeNull();
  });

  test('a start with an offset and no zone keeps that offset through the year', () => {
    const daily: Schedule = { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2027-03-27T02:30+01:00' };

    expect(nextRuns(daily, null, 3, VIENNA)).toEqual([
      '2027-03-27T01:30:00.000Z',
      '2027-03-28T01:30:00.000Z',
      '2027-03-29T01:30:00.000Z',
    ]);
  });

  test('a start with an offset and a zone keeps its wall-clock time in the zone, from the very instant on', () => {
    const daily = interval(1, 'day', '2027-10-31T01:30Z');

    // 02:30 for the second time on the first day, for the only time on the others
    expect(nextRuns(daily, null, 3, 'UTC')).toEqual([
      '2027-10-31T01:30:00.000Z',
      '2027-11-01T01:30:00.000Z',
      '2027-11-02T01:30:00.000Z',
    ]);
  });

  test('where the schedule names no zone, the default holds', () => {
    expect(nextRun(once('2027-01-01T09:00'), null, 'Asia/Kolkata')).toBe('2027-01-01T03:30:00.000Z');
  });

  test('where the calendar leaves out a whole day, its run and that of the next day are one', () => {
    const daily = interval(1, 'day', '2011-12-28T09:00', '2012-01-01T09:00', 'Pacific/Apia');

    expect(nextRuns(daily, null, ALL, 'UTC')).toEqual([
      '2011-12-28T19:00:00.000Z',
      '2011-12-29T19:00:00.000Z',
      '2011-12-30T19:00:00.000Z',
      '2011-12-31T19:00:00.000Z',
    ]);
  });

  test('after thousands of years of steps, the calendar ends and so does the schedule', () => {
    expect(nextRuns(interval(100_000, 'month', '2027-01-01T09:00'), null, ALL, 'UTC')).toHaveLength(1);
    expect(nextRuns(interval(50_000, 'month', '2027-01-01T09:00'), null, ALL, 'UTC')).toHaveLength(2);
  });
});

describe('any interval', () => {
  const anyInterval = fc
    .record({
      amount: fc.integer({ min: 1, max: 120 }),
      unit: fc.constantFrom<TimeUnit>('minute', 'hour', 'day', 'week', 'month'),
      start: fc.date({ min: new Date('1995-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }),
      zone: fc.constantFrom('UTC', VIENNA, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'),
    })
    .map(({ amount, unit, start, zone }) => interval(amount, unit, start.toISOString().slice(0, 16), undefined, zone));
  const anyInstant = fc
    .date({ min: new Date('1990-01-01'), max: new Date('2060-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString());

  test('its runs strictly increase, and each follows from any moment since the one before', () => {
    fc.assert(
      fc.property(anyInterval, anyInstant, fc.double({ min: 0, max: 1, noNaN: true }), (schedule, after, part) => {
        const runs = nextRuns(schedule, after, 4, 'UTC');
        for (const [index, run] of runs.entries()) {
          const before = Date.parse(runs[index - 1] ?? after);
          expect(Date.parse(run)).toBeGreaterThan(before);
          const between = before + Math.floor((Date.parse(run) - 1 - before) * part);
          expect(nextRun(schedule, new Date(between).toISOString(), 'UTC')).toBe(run);
        }
      }),
    );
  });

  test('it does not drift: wherever one looks, days, weeks and months keep the wall-clock time of the start', () => {
    fc.assert(
      fc.property(anyInterval, anyInstant, (schedule, after) => {
        if (schedule.type !== 'interval' || ['minute', 'hour'].includes(schedule.every.unit)) return;
        const run = nextRun(schedule, after, 'UTC');
        const clock = new Intl.DateTimeFormat('en-GB', { timeZone: schedule.timeZone ?? 'UTC', timeStyle: 'short' });
        const shown = clock.format(new Date(run ?? after));
        // on the one day when that time does not exist, it is up to an hour later
        if (shown !== schedule.start.slice(11)) {
          const isGap = clock.format(new Date(Date.parse(run ?? after) - 3_600_000)) < schedule.start.slice(11);
          expect(isGap).toBe(true);
        }
      }),
    );
  });

  test('the runs between two moments are those that follow one by one', () => {
    fc.assert(
      fc.property(anyInterval, anyInstant, fc.integer({ min: 0, max: 12 }), (schedule, from, count) => {
        const runs = nextRuns(schedule, from, count, 'UTC');
        const to = runs.at(-1) ?? from;
        expect(runsBetween(schedule, from, to, 'UTC')).toEqual(runs);
      }),
    );
  });

  test('a start that lies a million ticks back is no more work than one of today', () => {
    const minutely = interval(1, 'minute', '0001-01-01T00:00', undefined, 'UTC');
    const daily = interval(1, 'day', '0001-01-01T02:30');

    expect(nextRun(minutely, '2026-11-25T10:00:30.000Z', 'UTC')).toBe('2026-11-25T10:01:00.000Z');
    expect(nextRun(daily, '2026-11-25T10:00:00.000Z', 'UTC')).toBe('2026-11-26T01:30:00.000Z');
  });
});

describe('scheduleProblems', () => {
  const now = '2026-11-25T05:16:00.000Z';

  test.each<[string, Schedule, string, RegExp]>([
    ['an unknown zone', { type: 'now', timeZone: 'Europe/Wien' }, 'schedule.timeZone', /no time zone "Europe\/Wien"/],
    ['a day that does not exist', once('2027-02-30T09:00'), 'schedule.at', /not a time that exists/],
    ['an hour that does not exist', once('2027-02-28T25:00'), 'schedule.at', /not a time that exists/],
    ['a second that does not exist', once('2027-02-28T23:00:60'), 'schedule.at', /not a time that exists/],
    ['a day without a time', once('2027-02-28'), 'schedule.at', /a day and a time/],
    ['a text', once('tomorrow'), 'schedule.at', /a day and a time/],
    ['an offset that does not exist', once('2027-02-28T09:00+99:00'), 'schedule.at', /not a time that exists/],
    [
      'a once in the past',
      once('2026-11-25T06:15', VIENNA),
      'schedule.at',
      /25 November 2026 at 06:16 in Europe\/Vienna/,
    ],
    ['an impossible start', interval(1, 'day', '2027-13-01T09:00'), 'schedule.start', /not a time that exists/],
    ['an impossible end', interval(1, 'day', '2027-01-01T09:00', '2027-01-32T09:00'), 'schedule.end', /not a time/],
    [
      'an end before the start',
      interval(1, 'day', '2027-01-02T09:00', '2027-01-01T09:00'),
      'schedule.end',
      /before the start/,
    ],
    [
      'an end in the past',
      interval(1, 'day', '2026-01-01T09:00', '2026-02-01T09:00'),
      'schedule.end',
      /No run is left/,
    ],
    [
      'an end before the next run',
      interval(1, 'week', '2026-11-24T09:00', '2026-11-30T09:00'),
      'schedule.end',
      /No run is left/,
    ],
  ])('%s is told with its path', (_name, schedule, path, message) => {
    expect(scheduleProblems(schedule, now, 'UTC')).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  test('every impossible time of an interval is told', () => {
    const problems = scheduleProblems(interval(1, 'day', '2027-02-30T09:00', 'never'), now, 'UTC');

    expect(problems.map(({ path }) => path)).toEqual(['schedule.start', 'schedule.end']);
  });

  test.each<[string, Schedule]>([
    ['now', { type: 'now' }],
    ['once ahead', once('2026-11-25T06:17', VIENNA)],
    ['once with an offset', once('2026-11-25T06:17+01:00')],
    ['a time that the clocks leave out', once('2027-03-28T02:30', VIENNA)],
    ['a start in the past, which only anchors', interval(1, 'day', '2020-01-01T09:00')],
    ['an end that is the start', interval(1, 'day', '2027-01-01T09:00', '2027-01-01T09:00')],
  ])('%s has no problem', (_name, schedule) => {
    expect(scheduleProblems(schedule, now, 'UTC')).toEqual([]);
  });

  test('a default zone that is unknown is told as well', () => {
    expect(scheduleProblems({ type: 'now' }, now, 'Mars/Olympus')).toMatchObject([{ path: 'schedule.timeZone' }]);
  });
});

describe('describeSchedule', () => {
  test.each<[Schedule, string]>([
    [{ type: 'now' }, 'Once, as soon as it is activated'],
    [once('2026-12-01T09:00', VIENNA), 'Once, on 1 December 2026 at 09:00 (Europe/Vienna)'],
    [
      interval(1, 'day', '2026-12-01T02:30', '2027-03-31T23:59'),
      'Every day from 1 December 2026 at 02:30 until 31 March 2027 at 23:59 (Europe/Vienna)',
    ],
    [
      { type: 'interval', every: { amount: 90, unit: 'minute' }, start: '2026-12-01T02:30:15' },
      'Every 90 minutes from 1 December 2026 at 02:30:15 (UTC)',
    ],
  ])('says it in words', (schedule, words) => {
    expect(describeSchedule(schedule, 'UTC')).toBe(words);
  });
});
