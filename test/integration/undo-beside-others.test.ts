import { type CaseRun, toContactsBy, useCaseRuns } from '../support/case-runs';
import { salesforceRows, salesforceWrite } from '../support/vendor-rows';

/** A sync of ours and an undo write the same records at the same time. One batch of 200 is sent at a time. */
const started = useCaseRuns({ bulkFrom: 100_000, batchesAtOnce: 1 });
const destination = toContactsBy('Bulk');

const ANN = 'ann@example.com';
const BEN = 'ben@example.com';
const PATCH = { method: 'PATCH', path: '*/composite/sobjects' };
const DELETE = { method: 'DELETE', path: '*/composite/sobjects*' };
const LATE_MS = 540_000;
const DAY_MS = 86_400_000;

/** A run that has given its people the first name `First`. */
async function ranOver({ updated = [], created = [] }: { updated?: string[]; created?: string[] }): Promise<CaseRun> {
  started().givenContacts(updated.map((Email) => ({ Email, FirstName: 'Before' })));
  started().givenLeads([...updated, ...created].map((email) => ({ email, firstName: 'First', lastName: 'Sample' })));
  return started().run(await started().leadsToContacts({ destination }));
}

const other = (email = ANN) => started().otherNameFor(email, { destination });
const delay = (match: typeof PATCH) =>
  started().salesforce.addFault({ match, nth: 1, action: { type: 'delay', ms: 2_500 } });
const firstNames = async (email?: string) =>
  (
    await salesforceRows(
      started().salesforce,
      `SELECT FirstName FROM Contact ${email ? `WHERE Email = '${email}'` : ''} ORDER BY Email`,
    )
  ).map(({ FirstName }) => FirstName);
const fates = ({ outcomes }: CaseRun) =>
  Object.fromEntries(outcomes.map(({ matchKey, outcome, reason }) => [matchKey, `${outcome} ${reason}`]));

const untilNoAnswerIsExpected = () => started().sandbox.clock.advance(2 * 60_000);

/** Lets everything arrive that is on its way. */
async function arrive(): Promise<void> {
  started().sandbox.clock.advance(2 * LATE_MS);
  await started().salesforce.lateEffects.settled();
}

describe('what another sync writes', () => {
  test('while a deletion is under way is not deleted with it', async () => {
    const run = await ranOver({ created: [ANN] });
    const syncId = await other();
    const fault = delay(DELETE);
    const undoing = started().undo(run);
    await started().untilActed(started().salesforce, fault.id);

    const { counts } = await started().run(syncId);

    expect(fates(await undoing)).toEqual({ [ANN]: 'updated deleted' });
    expect(counts).toMatchObject({ created: 1 });
    expect(await firstNames()).toEqual(['Other']);
  });

  test('while a restoration is under way is written after it', async () => {
    const run = await ranOver({ updated: [ANN] });
    const syncId = await other();
    const fault = delay(PATCH);
    const undoing = started().undo(run);
    await started().untilActed(started().salesforce, fault.id);

    const { counts } = await started().run(syncId);

    expect(fates(await undoing)).toEqual({ [ANN]: 'updated restored' });
    expect(counts).toMatchObject({ updated: 1 });
    expect(await firstNames()).toEqual(['Other']);
  });

  test('while an undo waits until it can send more is spared, and need not wait', async () => {
    const many = Array.from({ length: 201 }, (_none, index) => `p${index}@example.com`);
    const run = await ranOver({ updated: many });
    const last = run.outcomes.at(-1)?.matchKey ?? '';
    const syncId = await other(last);
    const fault = delay(PATCH);
    const undoing = started().undo(run);
    await started().untilActed(started().salesforce, fault.id);

    await started().run(syncId);

    expect(await firstNames(last)).toEqual(['Other']);
    expect(fates(await undoing)[last]).toBe('skipped changedSince');
    expect(await firstNames(last)).toEqual(['Other']);
  });

  test('just before an undo looks is spared', async () => {
    const run = await ranOver({ updated: [ANN, BEN], created: ['zoe@example.com'] });
    const syncId = await other();
    const fault = delay(PATCH);
    const running = started().run(syncId);
    await started().untilActed(started().salesforce, fault.id);

    const undone = await started().undo(run);

    expect((await running).counts).toMatchObject({ updated: 1 });
    expect(fates(undone)).toEqual({
      [ANN]: 'skipped changedSince',
      [BEN]: 'updated restored',
      'zoe@example.com': 'updated deleted',
    });
    expect(await firstNames()).toEqual(['Other', 'Before']);
  });

  test('and is applied late is spared, while all other records are restored at once', async () => {
    const run = await ranOver({ updated: [ANN, BEN] });
    const syncId = await other();
    started().salesforce.addFault({ match: PATCH, nth: 1, action: { type: 'late', afterMs: LATE_MS } });
    await expect(started().run(syncId)).rejects.toThrow();
    untilNoAnswerIsExpected();
    const before = started().sandbox.clock.now();

    const undone = await started().undo(run);
    await started().run(syncId);
    await arrive();

    expect(fates(undone)).toMatchObject({ [BEN]: 'updated restored' });
    expect(await firstNames()).toEqual(['Other', 'Before']);
    const [ben] = await salesforceRows(
      started().salesforce,
      `SELECT LastModifiedDate FROM Contact WHERE Email = '${BEN}'`,
    );
    expect(Date.parse(String(ben?.LastModifiedDate)) - before).toBeLessThan(LATE_MS);
  });

  test('stands over a deletion that arrives late', async () => {
    const run = await ranOver({ created: [ANN] });
    const syncId = await other();
    started().salesforce.addFault({ match: DELETE, nth: 1, action: { type: 'late', afterMs: LATE_MS } });
    await expect(started().undo(run)).rejects.toThrow();
    untilNoAnswerIsExpected();

    await started().run(syncId);
    await arrive();

    expect(await firstNames()).toEqual(['Other']);
    await started().goOnUndoing(run);
    expect(await firstNames()).toEqual(['Other']);
  });

  test('while an undo is paused that has sent nothing is spared, and need not wait', async () => {
    const run = await ranOver({ updated: [ANN] });
    const refused = started().salesforce.addFault({
      match: PATCH,
      action: { type: 'vendorError', code: 'REQUEST_LIMIT_EXCEEDED', status: 403 },
    });
    await expect(started().undo(run)).rejects.toThrow();
    started().salesforce.faults.remove(refused.id);
    started().sandbox.clock.advance(DAY_MS);

    const { counts } = await started().run(await other(), { wait: undefined as never });

    expect(counts).toMatchObject({ updated: 1 });
    expect(fates(await started().goOnUndoing(run))).toEqual({ [ANN]: 'skipped changedSince' });
    expect(await firstNames()).toEqual(['Other']);
  });
});

test('what a person changes while a batch of an undo waits for long is spared', async () => {
  const run = await ranOver({ updated: [ANN], created: [BEN] });
  const annId = run.outcomes.find(({ matchKey }) => matchKey === ANN)?.destinationId;
  // it is sent first
  const fault = delay(DELETE);
  const undoing = started().undo(run);
  await started().untilActed(started().salesforce, fault.id);
  await salesforceWrite(started().salesforce, 'PATCH', `Contact/${annId}`, { FirstName: 'Theirs' });
  started().sandbox.clock.advance(6 * 60_000);

  expect(fates(await undoing)).toEqual({ [ANN]: 'skipped changedSince', [BEN]: 'updated deleted' });
  expect(await firstNames()).toEqual(['Theirs']);
});
