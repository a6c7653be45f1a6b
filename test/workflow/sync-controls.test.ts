import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { PhaseResult } from '../../activities/run';
import type { Schedule } from '../../src/domain/definition';
import { PHASES } from '../../src/domain/outcome';
import { untilCancelled } from '../support/fake-activities';
import { WorkflowRig } from '../support/workflow-rig';

jest.setTimeout(180_000);

let rig: WorkflowRig;
/** From half a day after the test's beginning on: whatever time of day it is, nothing is due meanwhile. */
let daily: Schedule;
beforeEach(async () => {
  daily = { type: 'interval', every: { amount: 1, unit: 'day' }, start: await rig.inHours(12) };
});
beforeAll(async () => {
  rig = await WorkflowRig.start();
});
afterAll(() => rig.stop());

/** A phase that works until it is cancelled, and tells when it has begun. */
function working(): { begun: Promise<void>; script: () => Promise<PhaseResult> } {
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  return {
    begun,
    script: () => {
      begin();
      return untilCancelled();
    },
  };
}

test.each(PHASES)('cancelled in the phase %s, the sync ends there, and nothing follows', async (phase) => {
  const { begun, script } = working();

  const fake = await rig.withSync({ script: { [phase]: script } }, async (handle, book) => {
    await begun;
    book.status = 'cancelled';
    await handle.executeUpdate('cancel', { args: [] });
    await handle.result();
  });

  const reached = PHASES.slice(0, PHASES.indexOf(phase) + 1);
  expect(fake.names()).toEqual(['openRun', ...reached, 'requestStop', 'finish', 'endSync']);
  expect(fake.of('finish')[0]?.input).toMatchObject({ cancelled: true });
  expect(fake.executions).toMatchObject([{ state: 'cancelled' }]);
});

test('cancelled while it sleeps, the sync ends without a run', async () => {
  const fake = await rig.withSync({ schedule: daily }, async (handle) => {
    await handle.executeUpdate('cancel', { args: [] });
    await handle.result();
  });

  expect(fake.of('endSync')).toMatchObject([{ input: { activation: 1, status: 'cancelled' } }]);
  expect(fake.executions).toEqual([]);
});

test('cancelled in the Temporal Web UI, sync and execution end as by the wish', async () => {
  const { begun, script } = working();

  const fake = await rig.withSync({ schedule: daily, script: { load: script } }, async (handle) => {
    await handle.executeUpdate('runNow', { args: [] });
    await begun;
    await handle.cancel();
    await handle.result();
  });

  expect(fake.names().slice(-3)).toEqual(['requestStop', 'finish', 'endSync']);
  expect(fake.executions).toMatchObject([{ state: 'cancelled' }]);
});

test('when one execution of an interval is cancelled, the sync goes on with its next time', async () => {
  const { begun, script } = working();
  const load = (call: number) => (call === 1 ? script() : { stopped: false });

  const fake = await rig.withSync({ schedule: daily, script: { load } }, async (handle) => {
    await handle.executeUpdate('runNow', { args: [] });
    await begun;
    await handle.executeUpdate('cancelExecution', { args: [{ wishId: 'w', activation: 1, executionId: '1' }] });
    await rig.environment.sleep('25 hours');
    await handle.executeUpdate('cancel', { args: [] });
    await handle.result();
  });

  expect(fake.executions.map(({ state }) => state)).toEqual(['cancelled', 'succeeded']);
});

test('when the execution of a sync without a further run is cancelled, the sync is cancelled', async () => {
  const { begun, script } = working();

  const fake = await rig.withSync({ script: { load: script } }, async (handle) => {
    await begun;
    await handle.executeUpdate('cancelExecution', { args: [{ wishId: 'w', activation: 1, executionId: '1' }] });
    await handle.result();
  });

  expect(fake.of('endSync')).toMatchObject([{ input: { status: 'cancelled' } }]);
});

test('paused in mid-run, nothing is tried for days; resumed, it goes on where it was', async () => {
  const { begun, script } = working();
  const load = (call: number) => (call === 1 ? script() : { stopped: false });

  const fake = await rig.withSync({ script: { load } }, async (handle) => {
    await begun;
    await handle.executeUpdate('pause', { args: [] });
    await rig.environment.sleep('5 days');
    expect(await handle.query('state')).toMatchObject({ status: 'paused' });
    await handle.executeUpdate('resume', { args: [] });
    await handle.result();
  });

  const [first, second, ...more] = fake.of('load');
  const days = (Date.parse(second?.at ?? '') - Date.parse(first?.at ?? '')) / 86_400_000;
  expect(days).toBeGreaterThanOrEqual(5);
  expect(more).toEqual([]);
  expect(fake.executions).toMatchObject([{ state: 'succeeded' }]);
});

test('paused and resumed at once, before the run has stopped, it goes on', async () => {
  const { begun, script } = working();
  const load = (call: number) => (call === 1 ? script() : { stopped: false });

  const fake = await rig.withSync({ script: { load } }, async (handle) => {
    await begun;
    await handle.executeUpdate('pause', { args: [] });
    await handle.executeUpdate('resume', { args: [] });
    await handle.result();
  });

  expect(fake.of('load')).toHaveLength(2);
  expect(fake.executions).toMatchObject([{ state: 'succeeded' }]);
});

test('a pause that the database holds outlives the workflow that took it', async () => {
  const at = await rig.inHours(5);

  const fake = await rig.withSync({ schedule: { type: 'once', at } }, async (handle, book) => {
    book.status = 'paused';
    await handle.executeUpdate('changeSchedule', { args: [] }); // it looks again, as one does that is started anew
    await rig.environment.sleep('3 days');
    expect(await handle.query('state')).toMatchObject({ status: 'paused' });
    book.status = 'active';
    await handle.executeUpdate('resume', { args: [] });
    await handle.result();
  });

  expect(fake.executions.map(({ state }) => state)).toEqual(['missed']);
});

test('run now runs besides the schedule, and is refused while something runs', async () => {
  const { begun, script } = working();
  const load = (call: number) => (call === 2 ? script() : { stopped: false });

  const fake = await rig.withSync({ schedule: daily, script: { load } }, async (handle, book) => {
    await handle.executeUpdate('runNow', { args: [] });
    while (book.executions.at(-1)?.state !== 'succeeded') await rig.environment.sleep('1 minute');
    await handle.executeUpdate('runNow', { args: [] });
    await begun;

    const again = handle.executeUpdate('runNow', { args: [] });

    await expect(again).rejects.toThrow(WorkflowUpdateFailedError);
    await handle.executeUpdate('cancel', { args: [] });
    await handle.result();
  });

  expect(fake.of('openRun').map(({ input }) => input.dueAt)).toEqual([null, null]);
  expect(fake.executions.map(({ state }) => state)).toEqual(['succeeded', 'cancelled']);
});

test('a run that was asked for just before a pause begins when the sync is resumed', async () => {
  const fake = await rig.withSync({ schedule: daily }, async (handle, book) => {
    book.status = 'paused';
    await handle.executeUpdate('runNow', { args: [] });
    await handle.executeUpdate('pause', { args: [] });
    await rig.environment.sleep('1 hour');
    book.status = 'active';
    await handle.executeUpdate('resume', { args: [] });
    while (book.executions.at(-1)?.state !== 'succeeded') await rig.environment.sleep('1 minute');
    await handle.executeUpdate('cancel', { args: [] });
    await handle.result();
  });

  expect(fake.of('openRun').at(-1)).toMatchObject({ input: { dueAt: null } });
  expect(fake.executions.map(({ state }) => state)).toEqual(['succeeded']);
});

test('a wish of another activation is refused, so that its own workflow gets it', async () => {
  await rig.withSync({ schedule: daily }, async (handle) => {
    const foreign = handle.executeUpdate('cancel', { args: [{ wishId: 'w', activation: 2 }] });
    await expect(foreign).rejects.toMatchObject({ cause: { type: 'OtherActivation' } });

    await handle.executeUpdate('cancel', { args: [{ wishId: 'w', activation: 1 }] });
    await handle.result();
  });
});
