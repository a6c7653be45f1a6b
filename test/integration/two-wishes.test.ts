import { MarketoSyncs, type ShownSync } from '../support/marketo-syncs';

jest.setTimeout(120_000);

let syncs: MarketoSyncs;
beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: 0 });
  const { stores } = syncs.sandbox.marketo.vendor;
  stores.settings.change({ jobMs: 0 });
  stores.insertRecords('leads', [
    { email: 'good@example.com', lastName: '7' },
    { email: 'bad@example.com', lastName: 'No number' },
  ]);
}, 60_000);
afterAll(() => syncs.stop());

const every = (days: number) => ({
  schedule: { type: 'interval', every: { amount: days, unit: 'day' }, start: '2026-01-01T02:30' },
});
/** One record is loaded and one fails; each sync leaves its own name behind, so that it has something to undo. */
const saved = (mark: string) => ({
  mappings: [
    { from: { field: 'email' }, to: 'email' },
    { from: { constant: mark }, to: 'firstName' },
    { from: { field: 'lastName' }, to: 'leadScore' },
  ],
  ...every(1),
});

const WISHES = ['run-now', 'pause', 'resume', 'change the schedule', 'cancel', 'undo', 'retry-failed'] as const;
type Wish = (typeof WISHES)[number];
/** What needs an earlier run. */
const GO_OVER: ReadonlySet<Wish> = new Set(['undo', 'retry-failed']);

interface ShownWish {
  kind: string;
  state: 'waiting' | 'taken' | 'refused';
  why: string | null;
  executionId: string | null;
}

const wishesOf = async (syncId: string) =>
  (await syncs.api.call('GET', `/syncs/${syncId}/wishes`)).body.items as unknown as ShownWish[];
const executionsOf = async (syncId: string) =>
  (await syncs.api.call('GET', `/syncs/${syncId}/executions`)).body.items as unknown as {
    id: string;
    trigger: string;
    state: string;
  }[];

/** An active sync that sleeps. @param hasRun it has run once */
async function givenSync(mark: string, hasRun: boolean): Promise<{ syncId: string; runId: string }> {
  const syncId = await syncs.activated(saved(mark));
  if (hasRun) await syncs.runNow(syncId);
  const hasEnded = ({ nextRunAt, lastExecution }: ShownSync) =>
    hasRun ? lastExecution?.state === 'partial' : nextRunAt !== null;
  const { lastExecution } = await syncs.until(syncId, hasEnded);
  // its workflow has heard of the end
  while ((await handleOf(syncId).query<{ status: string }>('state')).status !== 'sleeping');
  return { syncId, runId: lastExecution?.id ?? '' };
}

const handleOf = (syncId: string) => syncs.sync.client.workflow.getHandle(`sync/${syncId}`);

/** @returns whether it was accepted */
async function asked(wish: Wish, { syncId, runId }: { syncId: string; runId: string }, mark: string): Promise<boolean> {
  const reply = await {
    'change the schedule': () => {
      const body = { name: 'Copy people', ...ends(), ...saved(mark), ...every(2) };
      return syncs.api.call('PUT', `/syncs/${syncId}`, body);
    },
    undo: () => syncs.api.call('POST', `/executions/${runId}/undo`),
    'retry-failed': () => syncs.api.call('POST', `/executions/${runId}/retry-failed`),
    'run-now': () => syncs.control(syncId, 'run-now'),
    pause: () => syncs.control(syncId, 'pause'),
    resume: () => syncs.control(syncId, 'resume'),
    cancel: () => syncs.control(syncId, 'cancel'),
  }[wish]();
  expect([200, 202, 409]).toContain(reply.status);
  return reply.status !== 409;
}

const ends = () => ({
  source: { connectionId: syncs.sourceId, object: 'Lead' },
  destination: { connectionId: syncs.targetId, object: 'Lead' },
});

/** Waits until all that was asked has come to its end; a sync that is paused is resumed for that. */
async function settled(syncId: string): Promise<ShownSync> {
  const isAt = (wishes: ShownWish[], state: ShownWish['state'], kind?: string) =>
    wishes.some((wish) => wish.state === state && (kind === undefined || wish.kind === kind));
  let wishes = await wishesOf(syncId);
  while (wishes.some(({ state, kind }) => state === 'waiting' && kind !== 'runNow')) wishes = await wishesOf(syncId);
  const { status } = await syncs.until(syncId, () => true);
  if (status === 'paused') expect((await syncs.control(syncId, 'resume')).status).toBe(202);
  while (isAt(await wishesOf(syncId), 'waiting'));
  while ((await executionsOf(syncId)).some(({ state }) => state === 'running'));
  return syncs.until(syncId, () => true);
}

/** What must have come of a wish that was accepted, and of the one that followed. */
async function expectEffect(wish: Wish, syncId: string, runId: string): Promise<void> {
  const executions = await executionsOf(syncId);
  const ran = (trigger: string) => executions.filter((each) => each.trigger === trigger && each.id !== runId);
  const [ofRun] = (await wishesOf(syncId)).filter(({ kind }) => kind === 'runNow');
  if (wish === 'run-now') {
    if (ofRun?.state === 'refused') expect(ofRun.why).toMatch(/\w+/);
    else expect(ran('manual')).toMatchObject([{ id: ofRun?.executionId }]);
  }
  if (wish === 'undo') expect(ran('undo')).toMatchObject([{ state: 'succeeded' }]);
  if (wish === 'retry-failed') expect(ran('retry')).toHaveLength(1);
  if (wish === 'cancel') await handleOf(syncId).result();
}

describe.each(WISHES)('after %s', (first) => {
  test('whatever is asked within a moment, what was accepted takes effect or says why not', async () => {
    await Promise.all(
      WISHES.map(async (second) => {
        const mark = `${first}, ${second}`;
        const given = await givenSync(mark, GO_OVER.has(first) || GO_OVER.has(second));
        const { syncId, runId } = given;
        if (first === 'resume') await syncs.control(syncId, 'pause');

        const accepted = [await asked(first, given, mark), await asked(second, given, mark)];
        const shown = await settled(syncId);

        expect(accepted[0]).toBe(true);
        await expectEffect(first, syncId, runId);
        if (accepted[1]) await expectEffect(second, syncId, runId);
        const isCancelled = first === 'cancel' || (second === 'cancel' && accepted[1]);
        expect({ mark, status: shown.status }).toEqual({ mark, status: isCancelled ? 'cancelled' : 'active' });
      }),
    );
  });
});
