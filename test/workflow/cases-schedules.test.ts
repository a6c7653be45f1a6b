import type { Schedule, TimeUnit } from '../../src/domain/definition';
import { nextRuns } from '../../src/domain/schedule';
import { dayAfter, nextClockChange } from '../support/clock-changes';
import { ScheduleRig } from '../support/schedule-rig';

jest.setTimeout(180_000);

const VIENNA = 'Europe/Vienna';
const MINUTE_MS = 60_000;

let rig: ScheduleRig;
beforeAll(async () => {
  rig = await ScheduleRig.start();
});
afterAll(() => rig.stop());

const interval = (amount: number, unit: TimeUnit, start: string, more: { end?: string; timeZone?: string } = {}) =>
  ({ type: 'interval', every: { amount, unit }, start, timeZone: VIENNA, ...more }) satisfies Schedule;

/** Runs a schedule to its end; beforehand the API and the list have to show what then comes. @returns the instants of its runs */
async function instantsOf(schedule: Schedule): Promise<string[]> {
  const foretold = nextRuns(schedule, null, 100, 'UTC');

  const sync = await rig.withWorker(async () => {
    const sync = await rig.activate(schedule);
    await sync.end();
    return sync;
  });

  const runs = await sync.runs();
  const instants = runs.map((run) => run.scheduledFor);
  expect(runs.filter(({ state }) => state !== 'succeeded')).toEqual([]);
  expect(sync.announced).toEqual(instants);
  expect(foretold).toEqual(instants);
  expect(await sync.shown()).toEqual({ status: 'completed', nextRunAt: null });
  return instants;
}

describe('C03 Daily at 02:30 on the nights when clocks change', () => {
  let spring: string;
  let autumn: string;
  beforeEach(async () => {
    // a week ahead at least, so that the days before lie ahead as well
    const ahead = (await rig.now()) + 7 * 24 * 60 * MINUTE_MS;
    spring = nextClockChange(VIENNA, ahead, 'forward');
    autumn = nextClockChange(VIENNA, ahead, 'back');
  });

  test('(1) in spring 02:30 does not exist: that day it runs at 03:30, an hour later by no clock', async () => {
    const schedule = interval(1, 'day', `${dayAfter(spring, -2)}T02:30`, { end: `${dayAfter(spring, 2)}T23:59` });

    expect(await instantsOf(schedule)).toEqual([
      `${dayAfter(spring, -2)}T01:30:00.000Z`,
      `${dayAfter(spring, -1)}T01:30:00.000Z`,
      `${spring}T01:30:00.000Z`,
      `${dayAfter(spring, 1)}T00:30:00.000Z`,
      `${dayAfter(spring, 2)}T00:30:00.000Z`,
    ]);
  });

  test('(2) in autumn 02:30 occurs twice: it runs the first time alone', async () => {
    const schedule = interval(1, 'day', `${dayAfter(autumn, -1)}T02:30`, { end: `${dayAfter(autumn, 2)}T23:59` });

    expect(await instantsOf(schedule)).toEqual([
      `${dayAfter(autumn, -1)}T00:30:00.000Z`,
      `${autumn}T00:30:00.000Z`,
      `${dayAfter(autumn, 1)}T01:30:00.000Z`,
      `${dayAfter(autumn, 2)}T01:30:00.000Z`,
    ]);
  });

  test('(3) every 60 minutes there are 25 runs on the longest day, one per real hour', async () => {
    const schedule = interval(60, 'minute', `${autumn}T00:00`, { end: `${autumn}T23:59` });

    const instants = await instantsOf(schedule);

    const first = Date.parse(`${dayAfter(autumn, -1)}T22:00:00Z`);
    expect(instants).toEqual(Array.from({ length: 25 }, (_, n) => new Date(first + n * 60 * MINUTE_MS).toISOString()));
    expect(instants.at(-1)).toBe(`${autumn}T22:00:00.000Z`);
  });

  test('(4) once at a time that does not exist is an hour of the clock later', async () => {
    const schedule: Schedule = { type: 'once', at: `${spring}T02:30`, timeZone: VIENNA };

    expect(await instantsOf(schedule)).toEqual([`${spring}T01:30:00.000Z`]);
  });

  test('(5) once at a time that occurs twice is the first of the two', async () => {
    const schedule: Schedule = { type: 'once', at: `${autumn}T02:30`, timeZone: VIENNA };

    expect(await instantsOf(schedule)).toEqual([`${autumn}T00:30:00.000Z`]);
  });
});

describe('C28 An hourly sync stays on its minute', () => {
  /** Five seconds where the machine has time for it; a sync that drifts would be late by the minutes of its runs. */
  const MOST_LATE_MS = MINUTE_MS;
  /** 13:06 on a day that lies ahead. */
  const dayAhead = async () => `${dayAfter(new Date(await rig.now()).toISOString().slice(0, 10), 2)}T13:06`;
  const minutesOn = (from: string, minutes: number) =>
    new Date(Date.parse(`${from}:00Z`) + minutes * MINUTE_MS).toISOString();
  const minutesOfRun = (run: number) => [2, 7, 31][run % 3] ?? 0;

  test.each([
    [60, 48],
    [90, 16],
  ])(
    'every %i minutes, with runs of 2, 7 and 31 minutes, the %i runs begin at their minute',
    async (minutes, count) => {
      const from = await dayAhead();
      const schedule = interval(minutes, 'minute', from, {
        end: minutesOn(from, (count - 1) * minutes),
        timeZone: 'UTC',
      });

      const runs = await rig.withWorker(async () => {
        const sync = await rig.activate(schedule, minutesOfRun);
        await sync.end();
        return sync.runs();
      });

      expect(runs.map((run) => run.scheduledFor)).toEqual(
        Array.from({ length: count }, (_, n) => minutesOn(from, n * minutes)),
      );
      expect(runs.filter((run) => latenessOf(run) < 0 || latenessOf(run) > MOST_LATE_MS)).toEqual([]);
      expect(runs.every(({ state }) => state === 'succeeded')).toBe(true);
    },
  );

  test('a worker that is down between two ticks changes nothing', async () => {
    const from = await dayAhead();
    const schedule = interval(1, 'hour', from, { end: minutesOn(from, 3 * 60), timeZone: 'UTC' });

    const sync = await rig.beforeOutage(async () => {
      const activated = await rig.activate(schedule, minutesOfRun);
      await rig.passUntil(minutesOn(from, 14));
      return activated;
    });
    await rig.passUntil(minutesOn(from, 44));
    await rig.withWorker(() => sync.end());

    const runs = await sync.runs();
    expect(runs.map((run) => run.scheduledFor)).toEqual([0, 60, 120, 180].map((minutes) => minutesOn(from, minutes)));
    expect(runs.filter((run) => latenessOf(run) < 0 || latenessOf(run) > MOST_LATE_MS)).toEqual([]);
  });

  test('a run that somebody asks for in between does not move the ticks', async () => {
    const from = await dayAhead();
    const schedule = interval(1, 'hour', from, { end: minutesOn(from, 2 * 60), timeZone: 'UTC' });

    const sync = await rig.withWorker(async () => {
      const activated = await rig.activate(schedule, minutesOfRun);
      await rig.passUntil(minutesOn(from, 20));
      await activated.control('runNow');
      await activated.end();
      return activated;
    });

    const runs = await sync.runs();
    const [manual] = runs.filter(({ trigger }) => trigger === 'manual');
    const ticks = runs.filter(({ trigger }) => trigger === 'interval');
    expect(runs.map(({ trigger }) => trigger)).toEqual(['interval', 'manual', 'interval', 'interval']);
    expect(Date.parse(manual?.scheduledFor ?? '') - Date.parse(minutesOn(from, 20))).toBeLessThan(MOST_LATE_MS);
    expect(ticks.map((run) => run.scheduledFor)).toEqual([0, 60, 120].map((minutes) => minutesOn(from, minutes)));
    expect(ticks.filter((run) => latenessOf(run) < 0 || latenessOf(run) > MOST_LATE_MS)).toEqual([]);
  });
});

const latenessOf = ({ scheduledFor, startedAt }: { scheduledFor: string; startedAt: string | null }): number =>
  Date.parse(startedAt ?? '') - Date.parse(scheduledFor);
