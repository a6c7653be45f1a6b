import type { SyncEngine } from '../../src/engine/engine';
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
