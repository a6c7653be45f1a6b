import type { SyncEngine } from '../../src/engine/engine';
import { dayAfter, nextClockChange } from '../support/clock-changes';
import { RunningApi } from '../support/running-api';

let api: RunningApi;
beforeAll(async () => {
  // nothing is started here
  api = await RunningApi.start({ engine: {} as SyncEngine, allowedHosts: [] });
});
afterAll(() => api.stop());

const ask = (schedule: unknown) => api.call('POST', '/schedule', { schedule });

test('a schedule is said in words, with its next ten runs at the same hour of the day, also when the clocks change', async () => {
  const every = { amount: 1, unit: 'week' };
  const start = '2090-10-02T02:30';
  const { status, body } = await ask({ type: 'interval', every, start, timeZone: 'Europe/Vienna' });

  const runs = body.nextRuns as unknown as string[];
  const hours = runs.map((run) =>
    new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Vienna', hour: '2-digit', minute: '2-digit' }).format(
      new Date(run),
    ),
  );
  expect(status).toBe(200);
  expect(body.text).toContain('Every week from 2 October 2090 at 02:30');
  expect(hours).toEqual(Array(10).fill('02:30'));
  expect(new Set(runs.map((run) => run.slice(11))).size).toBe(2);
});

test('a schedule that ends has no runs after its end, and "now" has none of its own', async () => {
  const every = { amount: 1, unit: 'day' };
  const ending = await ask({ type: 'interval', every, start: '2090-01-01T10:00', end: '2090-01-02T23:00' });
  const now = await ask({ type: 'now' });

  expect(ending.body.nextRuns).toEqual(['2090-01-01T10:00:00.000Z', '2090-01-02T10:00:00.000Z']);
  expect(now.body.nextRuns).toEqual([]);
});

test.each([
  [{ type: 'once', at: '2001-01-01T00:00' }, 'schedule.at'],
  [{ type: 'once', at: '2090-02-30T00:00' }, 'schedule.at'],
  [{ type: 'now', timeZone: 'Mars/Olympus' }, 'schedule.timeZone'],
])('%j is refused, naming %s', async (schedule, path) => {
  const reply = await ask(schedule);

  expect(reply).toMatchObject({ status: 422, body: { errors: [{ path }] } });
});

describe('C03 and C28: the instants are shown beforehand', () => {
  const VIENNA = 'Europe/Vienna';
  const spring = nextClockChange(VIENNA, Date.now() + 7 * 86_400_000, 'forward');
  const autumn = nextClockChange(VIENNA, Date.now() + 7 * 86_400_000, 'back');
  const every = (amount: number, unit: string, start: string, end?: string) => ({
    type: 'interval',
    every: { amount, unit },
    start,
    ...(end ? { end } : {}),
    timeZone: VIENNA,
  });

  test.each([
    [
      'daily at 02:30 over the night that lacks it',
      every(1, 'day', `${dayAfter(spring, -2)}T02:30`, `${dayAfter(spring, 2)}T23:59`),
      [-2, -1, 0, 1, 2].map((days) => `${dayAfter(spring, days)}T${days > 0 ? '00' : '01'}:30:00.000Z`),
    ],
    [
      'daily at 02:30 over the night that has it twice',
      every(1, 'day', `${dayAfter(autumn, -1)}T02:30`, `${dayAfter(autumn, 2)}T23:59`),
      [-1, 0, 1, 2].map((days) => `${dayAfter(autumn, days)}T${days > 0 ? '01' : '00'}:30:00.000Z`),
    ],
    [
      'every 60 minutes on the longest day, of which the first ten are shown',
      every(60, 'minute', `${autumn}T00:00`, `${autumn}T23:59`),
      Array.from({ length: 10 }, (_, n) =>
        new Date(Date.parse(`${dayAfter(autumn, -1)}T22:00:00Z`) + n * 3_600_000).toISOString(),
      ),
    ],
    [
      'once at a time that does not exist',
      { type: 'once', at: `${spring}T02:30`, timeZone: VIENNA },
      [`${spring}T01:30:00.000Z`],
    ],
    [
      'once at a time that occurs twice',
      { type: 'once', at: `${autumn}T02:30`, timeZone: VIENNA },
      [`${autumn}T00:30:00.000Z`],
    ],
    [
      'every 90 minutes from 13:06, across midnight',
      { ...every(90, 'minute', '2090-11-25T13:06'), timeZone: 'UTC' },
      Array.from({ length: 10 }, (_, n) =>
        new Date(Date.parse('2090-11-25T13:06:00Z') + n * 90 * 60_000).toISOString(),
      ),
    ],
  ])('%s', async (_case, schedule, expected) => {
    const { status, body } = await ask(schedule);

    expect(status).toBe(200);
    expect(body.nextRuns).toEqual(expected);
  });
});
