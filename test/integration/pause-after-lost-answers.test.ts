import { useCaseRuns } from '../support/case-runs';
import { salesforceRows, salesforceWrite } from '../support/vendor-rows';

/** An update whose answer is lost, or that is refused when it is repeated, and a pause of a day before it is gone on with. */
const started = useCaseRuns();

const DAY_MS = 86_400_000;
const LATE_MS = 540_000;
const PATCH = { method: 'PATCH', path: '*/composite/sobjects' };
const QUOTA_IS_USED_UP = { type: 'vendorError', code: 'REQUEST_LIMIT_EXCEEDED', status: 403 } as const;

const contacts = () => salesforceRows(started().salesforce, 'SELECT FirstName, LastName FROM Contact ORDER BY Email');

/** @returns the Ids of people who are to be given the name `First Sample`, and the sync that does so */
async function given(...names: string[]) {
  const emails = names.map((name) => `${name}@example.com`);
  const ids = started().givenContacts(emails.map((Email) => ({ Email, FirstName: 'Before', LastName: 'Before' })));
  started().givenLeads(emails.map((email) => ({ email, firstName: 'First', lastName: 'Sample' })));
  return { ids, syncId: await started().leadsToContacts() };
}
/** The pause begins. */
async function breaksOff(
  syncId: string,
  action: Parameters<ReturnType<typeof started>['salesforce']['addFault']>[0]['action'],
) {
  const fault = started().salesforce.addFault({ match: PATCH, nth: 1, action });
  await expect(started().run(syncId)).rejects.toThrow();
  started().salesforce.faults.remove(fault.id);
}
const personChanges = (id = '') =>
  salesforceWrite(started().salesforce, 'PATCH', `Contact/${id}`, { FirstName: 'Person', LastName: 'Married' });

const OURS = { FirstName: 'First', LastName: 'Sample' };
const BEFORE = { FirstName: 'Before', LastName: 'Before' };
const THEIRS = { FirstName: 'Person', LastName: 'Married' };

test.each([
  ['its answer was lost', async (syncId: string) => breaksOff(syncId, { type: 'resetBefore' })],
  [
    'it was repeated and refused',
    async (syncId: string) => {
      await breaksOff(syncId, { type: 'resetBefore' });
      await breaksOff(syncId, QUOTA_IS_USED_UP);
    },
  ],
])(
  'an update is decided anew after a pause (%s): what a person changed meanwhile comes back by an undo',
  async (_how, pause) => {
    const { ids, syncId } = await given('ann');
    await pause(syncId);
    started().sandbox.clock.advance(DAY_MS);
    await personChanges(ids[0]);

    const run = await started().run(syncId);

    expect([run.outcomes.map(({ outcome }) => outcome), await contacts()]).toEqual([['updated'], [OURS]]);
    await started().undo(run);
    expect(await contacts()).toEqual([THEIRS]);
  },
);

test('what was written before the pause is told so, beside what is decided anew', async () => {
  const { ids, syncId } = await given('ann', 'ben');
  await breaksOff(syncId, { type: 'resetAfter' });
  started().sandbox.clock.advance(DAY_MS);
  await personChanges(ids[1]);

  const run = await started().run(syncId);

  expect(run.counts).toMatchObject({ updated: 2 });
  expect(await contacts()).toEqual([OURS, OURS]);
  await started().undo(run);
  expect(await contacts()).toEqual([BEFORE, THEIRS]);
});

test('what arrives late although a person has changed it meanwhile is told as written', async () => {
  const { ids, syncId } = await given('ann');
  await breaksOff(syncId, { type: 'late', afterMs: LATE_MS });
  started().sandbox.clock.advance(LATE_MS - 60_000);
  await personChanges(ids[0]);

  const run = await started().run(syncId);
  await started().salesforce.lateEffects.settled();

  expect([run.counts, await contacts()]).toMatchObject([{ updated: 1, unchanged: 0 }, [OURS]]);
});
