import { ApplicationFailure } from '@temporalio/common';
import type { PhaseResult } from '../../activities/run';
import { FailureType } from '../../src/domain/failures';
import { resumeExecution, stopExecution } from '../../workflows/messages';
import { WorkflowRig } from '../support/workflow-rig';

jest.setTimeout(180_000);

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** As Salesforce's connector probes (test/contract/salesforce-session.test.ts), in hours. */
const PROBE_WAITS = [0.25, 2, 4];

let rig: WorkflowRig;
beforeAll(async () => {
  rig = await WorkflowRig.start();
});
afterAll(() => rig.stop());

/** The load of a destination without quota, which comes back after so many hours. */
function withoutQuotaFor(hours: number) {
  let backAtMs: number | null = null;
  return async (call: number): Promise<PhaseResult> => {
    backAtMs ??= (await rig.now()) + hours * HOUR_MS;
    if ((await rig.now()) >= backAtMs) return { stopped: false };
    const resetsAt = await rig.inHours(PROBE_WAITS[call - 1] ?? 4);
    throw ApplicationFailure.nonRetryable(`Used up, until ${resetsAt}.`, FailureType.QuotaExhausted, { resetsAt });
  };
}

describe('C20: the daily quota is used up', () => {
  test('six hours of it leave fewer than 50 events in the history, and the problem that is told is of the next try', async () => {
    const fake = await rig.withExecution({ load: withoutQuotaFor(6) }, async (handle, book) => {
      while (book.of('noteProblem').length === 0) await rig.environment.sleep('1 second');
      const before = (await handle.fetchHistory()).events?.length ?? 0;
      await rig.environment.sleep('6 hours');
      const after = (await handle.fetchHistory()).events?.length ?? 0;
      expect(after - before).toBeLessThan(50);
      expect(await handle.result()).toMatchObject({ state: 'succeeded' });
    });

    const loads = fake.of('load').map(({ at }) => at);
    expect(loads).toHaveLength(4);
    const told = fake.of('noteProblem').map(({ input }) => input.problem);
    expect(told.filter((problem) => problem !== null)).toHaveLength(3);
    expect(told.at(-1)).toBeNull();
    // nobody is asked to act
    expect(fake.of('raiseAttention')).toEqual([]);
  });

  test('a pause during the wait takes effect at once, and nothing is tried until it is taken back', async () => {
    let askedAt = 0;

    const fake = await rig.withExecution({ load: withoutQuotaFor(1) }, async (handle, book) => {
      while (book.of('noteProblem').length === 0) await rig.environment.sleep('1 second');
      askedAt = await rig.now();
      await handle.signal(stopExecution, { kind: 'pause' });
      await rig.environment.sleep('7 hours');
      expect(book.of('load')).toHaveLength(1);
      await handle.signal(resumeExecution);
      await handle.result();
    });

    const [, goesOn] = fake.of('noteProblem');
    expect(goesOn?.input.problem).toBeNull();
    expect(Date.parse(goesOn?.at ?? '') - askedAt).toBeLessThan(10 * SECOND_MS);
    expect(fake.of('load')).toHaveLength(2);
  });

  test('a cancel during the wait takes effect at once', async () => {
    let askedAt = 0;

    const fake = await rig.withExecution({ load: withoutQuotaFor(6) }, async (handle, book) => {
      while (book.of('noteProblem').length === 0) await rig.environment.sleep('1 second');
      askedAt = await rig.now();
      await handle.signal(stopExecution, { kind: 'cancel' });
      expect(await handle.result()).toMatchObject({ state: 'cancelled' });
    });

    expect(Date.parse(fake.of('finish')[0]?.at ?? '') - askedAt).toBeLessThan(10 * SECOND_MS);
    expect(fake.of('load')).toHaveLength(1);
  });
});
