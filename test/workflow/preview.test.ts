import { ApplicationFailure } from '@temporalio/common';
import { FailureType } from '../../src/domain/failures';
import { previewProgress, stopPreview } from '../../workflows/messages';
import { untilCancelled } from '../support/fake-activities';
import { WorkflowRig } from '../support/workflow-rig';

let rig: WorkflowRig;

beforeAll(async () => {
  rig = await WorkflowRig.start();
}, 60_000);
afterAll(() => rig.stop());

const THROUGH = { stopped: false };

test('a preview goes through the phases of a run, plans where a run loads, and is reported', async () => {
  const fake = await rig.withPreview({}, async (handle) => {
    expect(await handle.result()).toMatchObject({ state: 'completed' });
  });

  expect(fake.names()).toEqual(['extract', 'filter', 'dedupe', 'map', 'plan', 'reportPreview']);
  expect(fake.of('extract')[0]?.input).toEqual({ executionId: '1', sampling: { above: 10, records: 5 } });
}, 60_000);

test('while the source prepares its data, the preview sleeps and then goes on', async () => {
  const until = await rig.inHours(2);

  const fake = await rig.withPreview(
    { extract: (call) => (call === 1 ? { ...THROUGH, waitUntil: until } : THROUGH) },
    async (handle) => {
      expect(await handle.result()).toMatchObject({ state: 'completed' });
    },
  );

  const [first, second] = fake.of('extract');
  expect(first && first.at < until).toBe(true);
  expect(second && second.at >= until).toBe(true);
}, 60_000);

test('a preview that is told to end during a phase ends as cancelled', async () => {
  const fake = await rig.withPreview({ extract: () => untilCancelled() }, async (handle) => {
    while ((await handle.query(previewProgress)).phase !== 'extract');
    await handle.signal(stopPreview);
    expect(await handle.result()).toMatchObject({ state: 'cancelled' });
  });

  expect(fake.names()).not.toContain('filter');
  expect(fake.of('endPreview')[0]?.input).toMatchObject({ state: 'cancelled', problem: null });
}, 60_000);

test('a preview that is told to end while it sleeps ends as cancelled at once', async () => {
  const until = await rig.inHours(1_000);

  const fake = await rig.withPreview({ extract: () => ({ ...THROUGH, waitUntil: until }) }, async (handle) => {
    await rig.environment.sleep('1 minute');
    await handle.signal(stopPreview);
    expect(await handle.result()).toMatchObject({ state: 'cancelled' });
  });

  // had it slept on, it would have read again
  expect(fake.names()).toEqual(['extract', 'endPreview']);
}, 60_000);

test('a preview that is cancelled in Temporal ends as cancelled', async () => {
  const fake = await rig.withPreview({ plan: () => untilCancelled() }, async (handle) => {
    while ((await handle.query(previewProgress)).phase !== 'plan');
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ state: 'cancelled' });
  });

  expect(fake.of('endPreview')[0]?.input).toMatchObject({ state: 'cancelled', problem: null });
}, 60_000);

test('a wish that an activity has found in the database ends it, whether or not the signal comes', async () => {
  const fake = await rig.withPreview({ map: () => ({ stopped: true, wish: 'cancel' }) }, async (handle) => {
    expect(await handle.result()).toMatchObject({ state: 'cancelled' });
  });

  expect(fake.names()).not.toContain('plan');
}, 60_000);

test.each([FailureType.NeedsAttention, FailureType.QuotaExhausted])(
  'a failure that waiting does not mend (%s) ends the preview with its message',
  async (type) => {
    const details = { resetsAt: await rig.inHours(5) };
    const refuse = () => {
      throw ApplicationFailure.nonRetryable('The quota is used up until 06:00 UTC.', type, details);
    };

    const fake = await rig.withPreview({ plan: refuse }, async (handle) => {
      expect(await handle.result()).toMatchObject({ state: 'failed' });
    });

    expect(fake.of('endPreview')[0]?.input).toMatchObject({
      state: 'failed',
      problem: 'The quota is used up until 06:00 UTC.',
    });
  },
  60_000,
);

test('what fails now and then is tried again', async () => {
  const fake = await rig.withPreview(
    {
      dedupe: (call) => {
        if (call < 3) throw new Error('The database is away.');
        return THROUGH;
      },
    },
    async (handle) => {
      expect(await handle.result()).toMatchObject({ state: 'completed' });
    },
  );

  expect(fake.of('dedupe')).toHaveLength(3);
}, 60_000);
