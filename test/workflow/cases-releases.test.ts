import { setTimeout as nextLook } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import type { PhaseResult } from '../../activities/run';
import type { Schedule } from '../../src/domain/definition';
import { untilCancelled } from '../support/fake-activities';
import {
  type KeptHistory,
  keepHistories,
  keptHistories,
  keptReleases,
  replayProblems,
  toKept,
} from '../support/histories';
import { incompatibleBundle } from '../support/workflow-bundle';
import { WorkflowRig } from '../support/workflow-rig';

jest.setTimeout(120_000);

/** The name of a release: what runs here is then kept as its histories. See docs/architecture.md, "Tests". */
const RELEASE_TO_KEEP = process.env.SYNC_KEEP_HISTORIES;

let rig: WorkflowRig;
beforeAll(async () => {
  rig = await WorkflowRig.start();
});
afterAll(() => rig.stop());

const hourly = async (): Promise<Schedule> => ({
  type: 'interval',
  every: { amount: 1, unit: 'hour' },
  start: await rig.inHours(1),
});
const wish = (wishId: string) => ({ args: [{ wishId, activation: 1 }] as [{ wishId: string; activation: number }] });

async function untilState(handle: WorkflowHandle, holds: (state: { nextRunAt: string | null }) => boolean) {
  while (!holds(await handle.query<{ nextRunAt: string | null }>('state'))) await nextLook(20);
}
const asleep = (handle: WorkflowHandle) => untilState(handle, ({ nextRunAt }) => nextRunAt !== null);

/** A phase that works until it is cancelled, and tells when it has begun. */
function working() {
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const script = (): Promise<PhaseResult> => {
    begin();
    return untilCancelled();
  };
  return { begun, script };
}

/** Takes the history of a workflow that is open. */
type Take = (handle: WorkflowHandle) => Promise<void>;

/** What a release may find open when it begins to run. */
const CIRCUMSTANCES: Record<string, (take: Take) => Promise<unknown>> = {
  'sleepingBeforeFirstRun.sync': async (take) => {
    const at = await rig.inHours(5);
    return rig.withSync({ schedule: { type: 'once', at } }, async (handle) => {
      await asleep(handle);
      await take(handle);
    });
  },
  'pausedAsleep.sync': async (take) =>
    rig.withSync({ schedule: await hourly() }, async (handle) => {
      await asleep(handle);
      await handle.executeUpdate('pause', wish('pause'));
      await take(handle);
    }),
  'oneMissedTick.sync': async (take) =>
    rig.withSync({ schedule: await hourly() }, async (handle) => {
      await asleep(handle);
      await handle.executeUpdate('pause', wish('pause'));
      await rig.environment.sleep('90 minutes');
      await handle.executeUpdate('resume', wish('resume'));
      await rig.environment.sleep('1 minute');
      await take(handle);
    }),
  'continuedAsNew.sync': async (take) =>
    rig.withSync({ schedule: await hourly() }, async (handle) => {
      const { taskQueue } = await handle.describe();
      const busyUntil = await rig.inHours(0);
      const workflowId = `${handle.workflowId}-next`;
      const args = [{ syncId: 'sync', activation: 1, searchable: false, busyUntil, countFrom: null }];
      const next = await rig.environment.client.workflow.start('sync', { taskQueue, workflowId, args });
      await asleep(next);
      await take(next);
    }),
  'midLoad.execution': async (take) => {
    const { begun, script } = working();
    return rig.withExecution({ load: script }, async (handle) => {
      await begun;
      await take(handle);
      await handle.signal('stop', { kind: 'cancel' });
      await handle.result();
    });
  },
  'quotaWait.execution': async (take) => {
    const resetsAt = await rig.inHours(8);
    const load = (): PhaseResult => {
      throw ApplicationFailure.nonRetryable('The daily quota is used up.', 'QuotaExhausted', { resetsAt });
    };
    return rig.withExecution({ load }, async (handle) => {
      while ((await handle.query<{ problem: string | null }>('progress')).problem === null) await nextLook(20);
      await take(handle);
    });
  },
};

test.each(Object.entries(CIRCUMSTANCES))('C27: %s: what is open goes on by the present code', async (name, come) => {
  const taken: KeptHistory[] = [];

  await come(async (handle) => void taken.push(toKept(name, await handle.fetchHistory())));

  if (RELEASE_TO_KEEP) await keepHistories(RELEASE_TO_KEEP, taken);
  expect(taken).toHaveLength(1);
  expect(await replayProblems(taken)).toEqual({});
});

test('C27: histories of each of these circumstances are kept of a release before, and replayed', async () => {
  const kept = (await Promise.all((await keptReleases()).map(keptHistories))).flat();

  expect(kept.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(CIRCUMSTANCES)));
  const ofHere = kept.filter(({ name }) => name in CIRCUMSTANCES);
  expect(await replayProblems(ofHere)).toEqual({});
});

test('C27: one phase more in the loop is found by the histories that it does not fit, by their names', async () => {
  const [release = ''] = await keptReleases();
  const kept = await keptHistories(release);

  const problems = await replayProblems(kept, await incompatibleBundle());

  const executions = kept.map(({ name }) => name).filter((name) => name.endsWith('.execution'));
  expect(executions).toContain('now.execution');
  expect(Object.keys(problems).sort()).toEqual(executions);
  expect(problems['now.execution']).toMatch(/nondeterminism/i);
});
