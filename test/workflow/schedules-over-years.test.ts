import type { Schedule, TimeUnit } from '../../src/domain/definition';
import { clockAt, dayAfter, nextClockChange } from '../support/clock-changes';
import { type ScheduledRun, ScheduleRig } from '../support/schedule-rig';

jest.setTimeout(300_000);

const DAY_MS = 86_400_000;

let rig: ScheduleRig;
beforeAll(async () => {
  rig = await ScheduleRig.start();
});
afterAll(() => rig.stop());

const every = (amount: number, unit: TimeUnit, start: string, more: { end?: string; timeZone?: string } = {}) =>
  ({ type: 'interval', every: { amount, unit }, start, ...more }) satisfies Schedule;

/** Lets a sync run to its end. */
const runsOf = (schedule: Schedule): Promise<ScheduledRun[]> =>
  rig.withWorker(async () => {
    const sync = await rig.activate(schedule);
    await sync.end();
    return sync.runs();
  });

/** 1 January of a year that lies ahead. */
const yearAhead = async (): Promise<number> => new Date(await rig.now()).getUTCFullYear() + 1;
/** A day that lies so many days ahead. */
const dayAhead = async (days: number): Promise<string> =>
  dayAfter(new Date(await rig.now()).toISOString().slice(0, 10), days);

const told = (runs: readonly ScheduledRun[]) => runs.map(({ scheduledFor, state }) => `${scheduledFor} ${state}`);

describe('the clock on the wall, around the nights when clocks change, both ways', () => {
  /** A day that lacks the time runs later by the gap; one that has it twice runs the first time, still by the old offset. */
  test.each([
    { timeZone: 'Europe/Vienna', at: '02:30', inTheGap: '03:30', firstOfTwo: '02:30 +02:00' },
    { timeZone: 'America/New_York', at: '01:30', inTheGap: '01:30', firstOfTwo: '01:30 -04:00' },
    // midnight is left out
    { timeZone: 'America/Santiago', at: '00:15', inTheGap: '01:15', firstOfTwo: '00:15 -03:00' },
    { timeZone: 'Australia/Sydney', at: '02:30', inTheGap: '03:30', firstOfTwo: '02:30 +11:00' },
    // by half an hour
    { timeZone: 'Australia/Lord_Howe', at: '01:45', inTheGap: '01:45', firstOfTwo: '01:45 +11:00' },
    { timeZone: 'Australia/Lord_Howe', at: '02:15', inTheGap: '02:45', firstOfTwo: '02:15 +10:30' },
  ])(
    'in $timeZone a sync at $at runs at $inTheGap, and once, at $firstOfTwo',
    async ({ timeZone, at, inTheGap, firstOfTwo }) => {
      for (let change = 0; change < 2; change += 1) {
        const [night, direction] = await nextNight(timeZone);
        const end = `${dayAfter(night, 1)}T23:00`;

        const runs = await runsOf(every(1, 'day', `${dayAfter(night, -1)}T${at}`, { end, timeZone }));

        const shown = runs.map(({ scheduledFor }) => clockAt(scheduledFor, timeZone));
        expect(shown.map((text) => text.slice(0, 16))).toEqual([
          `${dayAfter(night, -1)} ${at}`,
          `${night} ${direction === 'forward' ? inTheGap : at}`,
          `${dayAfter(night, 1)} ${at}`,
        ]);
        if (direction === 'back') expect(shown[1]?.slice(11)).toBe(firstOfTwo);
        expect(runs.every(({ state }) => state === 'succeeded')).toBe(true);
      }
    },
  );

  const nextNight = async (timeZone: string): Promise<[string, 'forward' | 'back']> => {
    const ahead = (await rig.now()) + 3 * DAY_MS;
    const forward = nextClockChange(timeZone, ahead, 'forward');
    const back = nextClockChange(timeZone, ahead, 'back');
    return forward < back ? [forward, 'forward'] : [back, 'back'];
  };

  test('where clocks are never changed, a day has 24 hours all the year', async () => {
    const first = await dayAhead(10);
    const schedule = every(28, 'day', `${first}T02:30`, {
      end: `${dayAfter(first, 364)}T23:00`,
      timeZone: 'Asia/Kolkata',
    });

    const runs = await runsOf(schedule);

    expect(told(runs)).toEqual(
      Array.from({ length: 14 }, (_, n) => `${dayAfter(first, 28 * n - 1)}T21:00:00.000Z succeeded`),
    );
  });
});

describe('the ends of months', () => {
  test.each([
    ['every month from the 31st of January, over two years', 1, '01-31', 2],
    ['every three months from the 30th of November, over four years', 3, '11-30', 4],
    ['every twelve months from the 29th of February, over five years', 12, '02-29', 5],
  ])('%s: a month without the day uses its last one, and the day comes back', async (_case, months, day, years) => {
    const year = leapYearFrom(await yearAhead());
    const start = `${year}-${day}`;
    const schedule = every(months, 'month', `${start}T09:00`, {
      end: `${year + years - 1}-12-31T23:59`,
      timeZone: 'Europe/Vienna',
    });

    const runs = await runsOf(schedule);

    const expected: string[] = [];
    for (let month = Number(day.slice(0, 2)) - 1; month < 12 * years; month += months) {
      const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
      const wanted = Math.min(Number(day.slice(3)), last);
      expected.push(new Date(Date.UTC(year, month, wanted)).toISOString().slice(0, 10));
    }
    expect(runs.map(({ scheduledFor }) => clockAt(scheduledFor, 'Europe/Vienna').slice(0, 16))).toEqual(
      expected.map((each) => `${each} 09:00`),
    );
    expect(runs.every(({ state }) => state === 'succeeded')).toBe(true);
  });

  const leapYearFrom = (year: number): number => (year % 4 === 0 ? year : leapYearFrom(year + 1));
});

describe('runs that somebody asks for, and schedules that are changed', () => {
  test('a run before the first tick takes no tick away, nor does one in the middle of the years', async () => {
    const first = await dayAhead(10);
    const schedule = every(3, 'month', `${first}T12:00Z`, { end: `${dayAfter(first, 800)}T00:00Z` });

    const runs = await rig.withWorker(async () => {
      const sync = await rig.activate(schedule);
      await sync.control('runNow');
      await rig.passUntil(`${dayAfter(first, 400)}T00:00Z`);
      await sync.control('runNow');
      await sync.end();
      return sync.runs();
    });

    const ticks = runs.filter(({ trigger }) => trigger === 'interval');
    expect(runs[0]).toMatchObject({ number: 1, trigger: 'manual', state: 'succeeded' });
    expect(runs.filter(({ trigger }) => trigger === 'manual')).toHaveLength(2);
    expect(ticks).toHaveLength(9);
    expect(ticks[0]?.scheduledFor).toBe(`${first}T12:00:00.000Z`);
    expect(runs.every(({ state }) => state === 'succeeded')).toBe(true);
    expect(runs.map(({ number }) => number)).toEqual(runs.map((_, index) => index + 1));
  });

  test('a tick that falls into a run that somebody asked for is missed', async () => {
    const first = await dayAhead(10);
    const schedule = every(1, 'day', `${first}T12:00Z`, { end: `${dayAfter(first, 3)}T12:00Z` });

    const runs = await rig.withWorker(async () => {
      const sync = await rig.activate(schedule, (run) => (run === 2 ? 30 * 60 : 0));
      await rig.passUntil(`${first}T18:00Z`);
      await sync.control('runNow');
      await sync.end();
      return sync.runs();
    });

    expect(runs.map(({ trigger, state }) => [trigger, state])).toEqual([
      ['interval', 'succeeded'],
      ['manual', 'succeeded'],
      // 12:00 on the second day; the run took until midnight after it
      ['interval', 'missed'],
      ['interval', 'succeeded'],
      ['interval', 'succeeded'],
    ]);
  });

  test('from yearly to monthly to an end: each change counts from then on, and shows at once', async () => {
    const first = await dayAhead(10);
    const shown: (string | null)[] = [];

    const runs = await rig.withWorker(async () => {
      const sync = await rig.activate(every(12, 'month', `${first}T12:00Z`));
      await rig.passUntil(`${dayAfter(first, 5)}T00:00Z`);
      shown.push((await sync.shown()).nextRunAt);
      await sync.changeSchedule(every(1, 'month', `${first}T15:00Z`));
      await rig.passUntil(`${dayAfter(first, 6)}T00:00Z`);
      shown.push((await sync.shown()).nextRunAt);
      await rig.passUntil(`${dayAfter(first, 63)}T00:00Z`);
      await sync.changeSchedule(every(1, 'week', `${first}T15:00Z`, { end: `${dayAfter(first, 77)}T15:00Z` }));
      await sync.end();
      return sync.runs();
    });

    const monthLater = (months: number) => {
      const start = new Date(`${first}T15:00:00.000Z`);
      const last = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months + 1, 0));
      last.setUTCDate(Math.min(last.getUTCDate(), start.getUTCDate()));
      return `${last.toISOString().slice(0, 10)}T15:00:00.000Z`;
    };
    expect(shown).toEqual([`${Number(first.slice(0, 4)) + 1}${first.slice(4)}T12:00:00.000Z`, monthLater(1)]);
    expect(told(runs)).toEqual([
      `${first}T12:00:00.000Z succeeded`,
      `${monthLater(1)} succeeded`,
      `${monthLater(2)} succeeded`,
      `${dayAfter(first, 63)}T15:00:00.000Z succeeded`,
      `${dayAfter(first, 70)}T15:00:00.000Z succeeded`,
      `${dayAfter(first, 77)}T15:00:00.000Z succeeded`,
    ]);
  });

  test('a new schedule whose end has passed ends the sync at once', async () => {
    const first = await dayAhead(10);

    const { shown, runs } = await rig.withWorker(async () => {
      const sync = await rig.activate(every(1, 'day', `${first}T12:00Z`));
      await rig.passUntil(`${dayAfter(first, 1)}T18:00Z`);
      await sync.changeSchedule(every(1, 'day', `${first}T12:00Z`, { end: `${dayAfter(first, 1)}T12:00Z` }));
      await sync.end();
      return { shown: await sync.shown(), runs: await sync.runs() };
    });

    expect(shown).toEqual({ status: 'completed', nextRunAt: null });
    expect(runs).toHaveLength(2);
  });
});

describe('outages', () => {
  test('after an outage of a year the last missed tick runs once, and the cadence goes on', async () => {
    const first = await dayAhead(10);
    const tick = (n: number) => `${dayAfter(first, 30 * n)}T12:00:00.000Z`;
    const schedule = every(30, 'day', `${first}T12:00Z`, { end: tick(15) });

    const sync = await rig.withWorker(async () => {
      const activated = await rig.activate(schedule);
      await rig.passUntil(`${dayAfter(first, 31)}T00:00Z`);
      await activated.outageUntil(`${dayAfter(first, 30 * 13)}T18:00Z`);
      await activated.end();
      return activated;
    });
    const runs = await sync.runs();

    expect(runs.map(({ scheduledFor }) => scheduledFor)).toEqual(Array.from({ length: 16 }, (_, n) => tick(n)));
    expect(runs.map(({ state }) => state)).toEqual([
      ...['succeeded', 'succeeded'],
      ...Array(11).fill('missed'),
      // the thirteenth, some hours late
      ...['succeeded', 'succeeded', 'succeeded'],
    ]);
    expect(runs.map(({ number }) => number)).toEqual(runs.map((_, index) => index + 1));
  });

  test('an outage over the end: the last tick before it runs once, and nothing new starts', async () => {
    const first = await dayAhead(10);
    const schedule = every(1, 'day', `${first}T12:00Z`, { end: `${dayAfter(first, 3)}T12:00Z` });

    const sync = await rig.withWorker(async () => {
      const activated = await rig.activate(schedule);
      await rig.passUntil(`${first}T18:00Z`);
      await activated.outageUntil(`${dayAfter(first, 40)}T00:00Z`);
      await activated.end();
      return activated;
    });
    const runs = await sync.runs();

    expect(told(runs)).toEqual([
      `${first}T12:00:00.000Z succeeded`,
      `${dayAfter(first, 1)}T12:00:00.000Z missed`,
      `${dayAfter(first, 2)}T12:00:00.000Z missed`,
      `${dayAfter(first, 3)}T12:00:00.000Z succeeded`,
    ]);
    expect(await sync.shown()).toEqual({ status: 'completed', nextRunAt: null });
  });

  test('an outage over a once: it runs afterwards, for the time it was meant for', async () => {
    const day = await dayAhead(10);
    const at = `${day}T12:00:00.000Z`;

    const sync = await rig.withWorker(async () => {
      const activated = await rig.activate({ type: 'once', at });
      await rig.passUntil(`${dayAfter(day, -5)}T00:00Z`);
      await activated.outageUntil(`${dayAfter(day, 5)}T00:00Z`);
      await activated.end();
      return activated;
    });
    const runs = await sync.runs();

    expect(told(runs)).toEqual([`${at} succeeded`]);
  });
});

describe('a change of the schedule that comes late to its workflow', () => {
  test('the tick that was there before does not run', async () => {
    const first = await dayAhead(10);

    const shown = await rig.withWorker(async () => {
      const sync = await rig.activate(every(1, 'day', `${first}T12:00Z`));
      await rig.passUntil(`${first}T11:00Z`);
      await sync.saveSchedule(every(1, 'day', `${first}T18:00Z`));
      await rig.passUntil(`${first}T13:00Z`);
      const runs = told(await sync.runs());
      await sync.control('cancel');
      return runs;
    });

    expect(shown).toEqual([]);
  });

  test('a tick that has passed since it was asked for runs late', async () => {
    const first = await dayAhead(10);

    const runs = await rig.withWorker(async () => {
      const sync = await rig.activate(every(1, 'day', `${first}T12:00Z`));
      await rig.passUntil(`${first}T18:00Z`);
      await sync.saveSchedule(every(1, 'day', `${first}T06:00Z`));
      await rig.passUntil(`${dayAfter(first, 1)}T08:00Z`);
      await sync.tellOfChange(`${first}T18:00:00.000Z`);
      await rig.passUntil(`${dayAfter(first, 1)}T09:00Z`);
      await sync.control('cancel');
      await sync.end();
      return told(await sync.runs());
    });

    expect(runs).toEqual([`${first}T12:00:00.000Z succeeded`, `${dayAfter(first, 1)}T06:00:00.000Z succeeded`]);
  });
});

describe('the end', () => {
  test('what runs at the end finishes, and what would start after it does not', async () => {
    const first = await dayAhead(10);
    const schedule = every(1, 'day', `${first}T12:00Z`, { end: `${dayAfter(first, 1)}T13:00Z` });

    const runs = await rig.withWorker(async () => {
      // the second one takes three days
      const sync = await rig.activate(schedule, (run) => (run === 2 ? 3 * 24 * 60 : 0));
      await sync.end();
      return sync.runs();
    });

    expect(told(runs)).toEqual([`${first}T12:00:00.000Z succeeded`, `${dayAfter(first, 1)}T12:00:00.000Z succeeded`]);
    expect(runs[1]?.finishedAt?.slice(0, 16)).toBe(`${dayAfter(first, 4)}T12:00`);
  });

  test('a pause over the end: what fell into it is missed, and resuming starts nothing', async () => {
    const first = await dayAhead(10);
    const schedule = every(1, 'day', `${first}T12:00Z`, { end: `${dayAfter(first, 2)}T12:00Z` });

    const { runs, shown } = await rig.withWorker(async () => {
      const sync = await rig.activate(schedule);
      await rig.passUntil(`${first}T18:00Z`);
      await sync.control('pause');
      await rig.passUntil(`${dayAfter(first, 400)}T00:00Z`);
      await sync.control('resume');
      await sync.end();
      return { runs: await sync.runs(), shown: await sync.shown() };
    });

    expect(told(runs)).toEqual([
      `${first}T12:00:00.000Z succeeded`,
      `${dayAfter(first, 1)}T12:00:00.000Z missed`,
      `${dayAfter(first, 2)}T12:00:00.000Z missed`,
    ]);
    expect(shown).toEqual({ status: 'completed', nextRunAt: null });
  });

  test('a once whose time falls into a pause is missed, and said so', async () => {
    const day = await dayAhead(10);
    const at = `${day}T12:00:00.000Z`;

    const { runs, shown } = await rig.withWorker(async () => {
      const sync = await rig.activate({ type: 'once', at });
      await rig.passUntil(`${dayAfter(day, -5)}T00:00Z`);
      await sync.control('pause');
      await rig.passUntil(`${dayAfter(day, 5)}T00:00Z`);
      await sync.control('resume');
      await sync.end();
      return { runs: await sync.runs(), shown: await sync.shown() };
    });

    expect(told(runs)).toEqual([`${at} missed`]);
    expect(shown).toEqual({ status: 'completed', nextRunAt: null });
  });
});
