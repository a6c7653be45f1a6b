import type { Schedule } from '../../src/domain/definition';
import { say } from '../support/service-variables';
import { WorkflowRig } from '../support/workflow-rig';

/** Runs of a sync with an interval of a minute; more by command: `SCHEDULE_RUNS=20000`. */
const RUNS = Number(process.env.SCHEDULE_RUNS ?? 60);
const MINUTE_MS = 60_000;

jest.setTimeout(120_000 + RUNS * 500);

let rig: WorkflowRig;
beforeAll(async () => {
  rig = await WorkflowRig.start();
});
afterAll(() => rig.stop());

/** Every so many hours, from the hour after next on, so many times. */
async function everyHours(hours: number, times: number): Promise<Schedule> {
  const start = (await rig.inHours(2)).slice(0, 13);
  const end = new Date(Date.parse(`${start}:00Z`) + (times - 1) * hours * 60 * MINUTE_MS).toISOString();
  return { type: 'interval', every: { amount: hours, unit: 'hour' }, start: `${start}:00Z`, end };
}

const late = ({ scheduledFor, startedAt }: { scheduledFor: string; startedAt: string }) =>
  Date.parse(startedAt) - Date.parse(scheduledFor);

test('a sync that runs now runs at once, once, and ends', async () => {
  const fake = await rig.withSync({}, async (handle) => void (await handle.result()));

  expect(fake.status).toBe('completed');
  expect(fake.executions).toMatchObject([{ number: 1, state: 'succeeded', scheduledFor: fake.activatedAt }]);
  expect(fake.names()).toEqual(['openRun', 'extract', 'filter', 'dedupe', 'map', 'load', 'finish']);
});

test('a sync that runs once sleeps until its time, though that is 200 days away, and ends after it', async () => {
  const at = await rig.inHours(200 * 24);

  const fake = await rig.withSync({ schedule: { type: 'once', at } }, async (handle) => void (await handle.result()));

  const [execution] = fake.executions;
  expect(fake.status).toBe('completed');
  expect(fake.executions).toMatchObject([{ state: 'succeeded', scheduledFor: at }]);
  expect(execution && late(execution)).toBeGreaterThanOrEqual(0);
  expect(execution && late(execution)).toBeLessThan(MINUTE_MS);
});

test('an interval runs at each of its times and none after its end', async () => {
  const schedule = await everyHours(24, 10);

  const fake = await rig.withSync({ schedule }, async (handle) => void (await handle.result()));

  expect(fake.status).toBe('completed');
  expect(fake.executions).toHaveLength(10);
  expect(fake.executions.every(({ state }) => state === 'succeeded')).toBe(true);
  expect(fake.executions.map(late).filter((ms) => ms < 0 || ms >= MINUTE_MS)).toEqual([]);
  expect(fake.executions.at(-1)?.scheduledFor).toBe(schedule.type === 'interval' && schedule.end);
});

test('times that fall into a long run are missed, and the next ones keep the cadence', async () => {
  const schedule = await everyHours(24, 6);
  // the second run waits 60 hours for the vendor
  let waits = 0;
  const load = async (call: number) => {
    if (call !== 2) return { stopped: false };
    waits += 1;
    return { stopped: false, waitUntil: await rig.inHours(60) };
  };

  const fake = await rig.withSync({ schedule, script: { load } }, async (handle) => void (await handle.result()));

  const ticks = fake.executions.map(({ scheduledFor }) => Date.parse(scheduledFor) / (24 * 60 * MINUTE_MS));
  expect(waits).toBe(1);
  expect(fake.executions.map(({ state }) => state)).toEqual([
    ...['succeeded', 'succeeded', 'missed', 'missed', 'succeeded', 'succeeded'],
  ]);
  expect(ticks.map((tick) => Math.round(tick - (ticks[0] ?? 0)))).toEqual([0, 1, 2, 3, 4, 5]);
  expect(late(fake.executions[4] ?? { scheduledFor: '', startedAt: '' })).toBeLessThan(MINUTE_MS);
});

test('times that fall into a pause are missed', async () => {
  const schedule = await everyHours(24, 5);

  const fake = await rig.withSync({ schedule }, async (handle, book) => {
    await rig.environment.sleep('20 hours');
    book.status = 'paused';
    await handle.executeUpdate('pause', { args: [] });
    await rig.environment.sleep('2 days');
    book.status = 'active';
    await handle.executeUpdate('resume', { args: [] });
    await handle.result();
  });

  expect(fake.executions.map(({ state }) => state)).toEqual([
    ...['succeeded', 'missed', 'missed', 'succeeded', 'succeeded'],
  ]);
});

test('over many runs the history stays short: the sync continues as new, and no run is lost or doubled', async () => {
  const start = await rig.inHours(1);
  const end = new Date(Date.parse(start) + (RUNS - 1) * MINUTE_MS).toISOString();
  const schedule: Schedule = { type: 'interval', every: { amount: 1, unit: 'minute' }, start, end };
  const lengths: number[] = [];

  const fake = await rig.withSync({ schedule }, async (handle, book) => {
    await handle.result();
    for (const runId of book.runIds) {
      const { events } = await rig.environment.client.workflow.getHandle(handle.workflowId, runId).fetchHistory();
      lengths.push(events?.length ?? 0);
    }
  });

  expect(fake.executions).toHaveLength(RUNS);
  expect(new Set(fake.executions.map(({ scheduledFor }) => scheduledFor)).size).toBe(RUNS);
  expect(fake.executions.every(({ state }) => state === 'succeeded')).toBe(true);
  expect(fake.runIds.size).toBeGreaterThan(1);
  expect(Math.max(...lengths)).toBeLessThan(1_200);
  if (process.env.SCHEDULE_RUNS)
    say(`${RUNS} runs, ${lengths.length} histories, the longest of ${Math.max(...lengths)} events.`);
});

test('a schedule that was changed moves the timer at once', async () => {
  const far = await rig.inHours(1_000);
  const near = await rig.inHours(3);
  const schedule: Schedule = { type: 'once', at: far };

  const fake = await rig.withSync({ schedule }, async (handle) => {
    await rig.environment.sleep('1 hour');
    schedule.at = near;
    await handle.executeUpdate('changeSchedule', { args: [] });
    await handle.result();
  });

  const [execution] = fake.executions;
  expect(fake.executions).toMatchObject([{ scheduledFor: near, state: 'succeeded' }]);
  expect(execution && late(execution)).toBeLessThan(MINUTE_MS);
});
