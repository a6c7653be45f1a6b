import { ApplicationFailure } from '@temporalio/common';
import type { PhaseResult } from '../../activities/run';
import { FailureType } from '../../src/domain/failures';
import { resumeExecution, stopExecution } from '../../workflows/messages';
import type { FakeActivities } from '../support/fake-activities';
import { WorkflowRig } from '../support/workflow-rig';

jest.setTimeout(180_000);

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let rig: WorkflowRig;
beforeAll(async () => {
  rig = await WorkflowRig.start();
});
afterAll(() => rig.stop());

const forPerson = (message: string) =>
  ApplicationFailure.nonRetryable(message, FailureType.NeedsAttention, { code: '603' });

/** Fails the first call of a phase; the later ones are through. */
const failsFirst =
  (failure: () => Error | Promise<Error>) =>
  async (call: number): Promise<PhaseResult> => {
    if (call === 1) throw await failure();
    return { stopped: false };
  };

/** Milliseconds between the calls of an activity. */
const pauses = (fake: FakeActivities, name: string): number[] => {
  const times = fake.of(name).map(({ at }) => Date.parse(at));
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
};

/** Lets days pass until something has been called. */
async function untilCalled(fake: FakeActivities, name: string): Promise<void> {
  while (fake.of(name).length === 0) await rig.environment.sleep('1 second');
}

test('what a person has to mend waits for that person, however long it takes, and then goes on', async () => {
  const load = failsFirst(() => forPerson('Enter a new client secret.'));

  const fake = await rig.withExecution({ load }, async (handle, book) => {
    await untilCalled(book, 'raiseAttention');
    await rig.environment.sleep('30 days');
    expect(await handle.query('progress')).toEqual({ phase: 'load', problem: 'Enter a new client secret.' });
    await handle.signal(resumeExecution);
    expect(await handle.result()).toMatchObject({ state: 'succeeded' });
  });

  expect(fake.of('raiseAttention')).toMatchObject([{ input: { problem: 'Enter a new client secret.' } }]);
  expect(fake.of('calmDown')).toHaveLength(1);
  expect(pauses(fake, 'load')[0]).toBeGreaterThanOrEqual(30 * DAY_MS);
});

test('a wait of a month leaves no trace in the history', async () => {
  const load = failsFirst(() => forPerson('Enter a new client secret.'));

  await rig.withExecution({ load }, async (handle, book) => {
    await untilCalled(book, 'raiseAttention');
    await rig.environment.sleep('1 minute');
    const before = (await handle.fetchHistory()).events?.length ?? 0;

    await rig.environment.sleep('30 days');

    expect((await handle.fetchHistory()).events).toHaveLength(before);
    await handle.signal(resumeExecution);
    await handle.result();
  });
});

test('what may pass by itself is tried again, after ever longer waits', async () => {
  const failures = 4;
  const load = async (call: number): Promise<PhaseResult> => {
    if (call <= failures) throw ApplicationFailure.nonRetryable('Out of order.', 'OUTAGE');
    return { stopped: false };
  };

  const fake = await rig.withExecution({ load }, async (handle) => void (await handle.result()));

  const minutes = pauses(fake, 'load').map((ms) => Math.round(ms / MINUTE_MS));
  expect(minutes).toEqual([1, 2, 4, 8]);
  expect(fake.of('raiseAttention')).toHaveLength(failures);
  expect(fake.of('calmDown')).toHaveLength(failures);
});

test('when a quota is used up, it sleeps until the quota begins anew, and says why', async () => {
  let resetsAt = '';
  const load = failsFirst(async () => {
    resetsAt = await rig.inHours(17);
    return ApplicationFailure.nonRetryable('The quota is used up.', FailureType.QuotaExhausted, { resetsAt });
  });

  const fake = await rig.withExecution({ load }, async (handle) => void (await handle.result()));

  const [, second] = fake.of('load');
  expect(Date.parse(second?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(resetsAt));
  expect(Date.parse(second?.at ?? '') - Date.parse(resetsAt)).toBeLessThan(MINUTE_MS);
  expect(fake.of('noteProblem').map(({ input }) => input.problem)).toEqual(['The quota is used up.', null]);
  expect(fake.of('raiseAttention')).toEqual([]);
});

test('paused and resumed while it waits for a quota, it goes on, also with another worker', async () => {
  const load = failsFirst(async () =>
    ApplicationFailure.nonRetryable('Used up.', FailureType.QuotaExhausted, { resetsAt: await rig.inHours(20) }),
  );

  const fake = await rig.withExecution({ load }, async (handle, book) => {
    await untilCalled(book, 'noteProblem');
    await rig.environment.sleep('10 seconds');
    await handle.signal(stopExecution, { kind: 'pause' });
    while (book.of('noteProblem').length < 2) await rig.environment.sleep('1 second');
    await handle.signal(resumeExecution);
    expect(await handle.result()).toMatchObject({ state: 'succeeded' });
  });

  expect(fake.of('load')).toHaveLength(2);
});

test('where a vendor is still busy, it sleeps until it is time to ask again', async () => {
  const extract = async (call: number): Promise<PhaseResult> =>
    call === 1 ? { stopped: false, waitUntil: await rig.inHours(2) } : { stopped: false };

  const fake = await rig.withExecution({ extract }, async (handle) => void (await handle.result()));

  expect(pauses(fake, 'extract').map((ms) => Math.round(ms / MINUTE_MS))).toEqual([120]);
});

test('where it is not the vendor that is waited for, people are told what', async () => {
  const waitsFor = '"Other" is at work on the same records.';
  const load = async (call: number): Promise<PhaseResult> =>
    call === 1 ? { stopped: false, waitUntil: await rig.inHours(1), waitsFor } : { stopped: false };

  const fake = await rig.withExecution({ load }, async (handle) => void (await handle.result()));

  expect(fake.of('noteProblem').map(({ input }) => input.problem)).toEqual([waitsFor, null]);
  expect(pauses(fake, 'load').map((ms) => Math.round(ms / MINUTE_MS))).toEqual([60]);
});

test('a first run waits until somebody has looked, and then loads the rest', async () => {
  const load = (call: number): PhaseResult =>
    call === 1 ? { stopped: false, hold: 'Look at the first 50.' } : { stopped: false };

  const fake = await rig.withExecution({ load }, async (handle, book) => {
    await untilCalled(book, 'raiseAttention');
    await rig.environment.sleep('2 days');
    await handle.signal(resumeExecution);
    await handle.result();
  });

  expect(fake.of('load').map(({ input }) => input)).toEqual([
    { executionId: '1' },
    { executionId: '1', firstSeen: true },
  ]);
});

describe('cancelled while it waits', () => {
  test.each<[string, (call: number) => Promise<PhaseResult>]>([
    ['for a person', failsFirst(() => forPerson('Mend it.'))],
    [
      'for a quota',
      failsFirst(async () =>
        ApplicationFailure.nonRetryable('Used up.', FailureType.QuotaExhausted, { resetsAt: await rig.inHours(20) }),
      ),
    ],
    ['for its next try', failsFirst(() => ApplicationFailure.nonRetryable('Out of order.', 'OUTAGE'))],
    ['for the vendor', async () => ({ stopped: false, waitUntil: await rig.inHours(5) })],
  ])('%s, it ends at once', async (_what, load) => {
    let askedAt = 0;

    const fake = await rig.withExecution({ load }, async (handle, book) => {
      await untilCalled(book, 'load');
      await rig.environment.sleep('10 seconds');
      askedAt = await rig.now();
      await handle.signal(stopExecution, { kind: 'cancel' });
      expect(await handle.result()).toMatchObject({ state: 'cancelled' });
    });

    expect(fake.of('load')).toHaveLength(1);
    expect(Date.parse(fake.of('finish')[0]?.at ?? '') - askedAt).toBeLessThan(MINUTE_MS);
  });
});

describe('a wish whose signal does not come', () => {
  test('ends the execution where the database says so', async () => {
    const map = (): PhaseResult => ({ stopped: true, wish: 'cancel' });

    const fake = await rig.withExecution({ map }, async (handle) => {
      expect(await handle.result()).toMatchObject({ state: 'cancelled' });
    });

    expect(fake.of('load')).toEqual([]);
  });

  test('pauses it without asking again and again', async () => {
    const map = (call: number): PhaseResult => (call === 1 ? { stopped: true, wish: 'pause' } : { stopped: false });

    const fake = await rig.withExecution({ map }, async (handle, book) => {
      await untilCalled(book, 'map');
      await rig.environment.sleep('3 days');
      expect(book.of('map')).toHaveLength(1);
      await handle.signal(resumeExecution);
      await handle.result();
    });

    expect(fake.of('map')).toHaveLength(2);
  });
});

test('a cancelled execution settles what it has sent before it ends, and waits for what is in the way of that', async () => {
  const load = async (call: number): Promise<PhaseResult> => {
    if (call === 1) return { stopped: true, wish: 'cancel' };
    if (call === 2) throw forPerson('The credentials are wrong.');
    if (call === 3) return { stopped: false, waitUntil: await rig.inHours(1) };
    book.unsettled = 0;
    return { stopped: true, wish: 'cancel' };
  };
  let book = { unsettled: 0 } as FakeActivities;

  const fake = await rig.withExecution({ load }, async (handle, given) => {
    book = given;
    given.unsettled = 1;
    expect(await handle.result()).toMatchObject({ state: 'cancelled' });
  });

  expect(fake.of('noteProblem').map(({ input }) => input.problem)).toEqual(['The credentials are wrong.']);
  expect(pauses(fake, 'load').map((ms) => Math.round(ms / MINUTE_MS))).toEqual([0, 1, 60]);
  expect(fake.names().at(-1)).toBe('finish');
});
