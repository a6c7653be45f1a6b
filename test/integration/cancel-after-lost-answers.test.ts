import type { FaultInput } from '../../src/sandbox/faults';
import { useCaseRuns } from '../support/case-runs';
import { marketoPeople, salesforceRows } from '../support/vendor-rows';

const started = useCaseRuns();

const NAMES = ['one', 'two'];
const lost = (method: string, path: string, action: FaultInput['action']): FaultInput => ({
  match: { method, path },
  nth: 1,
  action,
});
const UPDATE = ['PATCH', '*/composite/sobjects'] as const;

const fates = (outcomes: readonly { outcome: string; reason: string | null }[]) =>
  outcomes.map(({ outcome, reason }) => `${outcome} ${reason}`);
const firstNames = async () =>
  (await salesforceRows(started().salesforce, 'SELECT FirstName FROM Contact')).map(({ FirstName }) => FirstName);

const givenUpdates = () => {
  started().givenContacts(NAMES.map((name) => ({ Email: `${name}@example.com`, FirstName: 'Old' })));
  started().givenLeads(NAMES.map((name) => ({ email: `${name}@example.com`, firstName: 'New', lastName: 'Sample' })));
};

describe('C26: after a cancel nothing is repeated, and what was sent is told as it is', () => {
  test('an update that was applied although its answer was lost is told as updated', async () => {
    givenUpdates();
    const syncId = await started().leadsToContacts();
    started().salesforce.addFault(lost(...UPDATE, { type: 'resetAfter' }));
    await expect(started().run(syncId)).rejects.toThrow();

    const run = await started().cancel(syncId);

    expect(run.state).toBe('cancelled');
    expect(fates(run.outcomes)).toEqual(['updated null', 'updated null']);
    expect(started().salesforce.writeLog()).toHaveLength(2);
    await started().undo(run);
    expect(await firstNames()).toEqual(['Old', 'Old']);
  });

  test('an update that comes to be applied later is waited for', async () => {
    givenUpdates();
    const syncId = await started().leadsToContacts();
    started().salesforce.addFault(lost(...UPDATE, { type: 'late', afterMs: 60_000 }));
    await expect(started().run(syncId)).rejects.toThrow();

    expect(fates((await started().cancel(syncId)).outcomes)).toEqual(['updated null', 'updated null']);
    expect(await firstNames()).toEqual(['New', 'New']);
  });

  test('an update that never arrives is skipped in the end', async () => {
    givenUpdates();
    const syncId = await started().leadsToContacts();
    started().salesforce.addFault(lost(...UPDATE, { type: 'resetBefore' }));
    await expect(started().run(syncId)).rejects.toThrow();

    expect(fates((await started().cancel(syncId)).outcomes)).toEqual(['skipped cancelled', 'skipped cancelled']);
    expect(await firstNames()).toEqual(['Old', 'Old']);
  });

  test('people whose creation comes to be applied later are waited for', async () => {
    started().givenContacts(NAMES.map((name) => ({ Email: `${name}@example.com`, FirstName: 'New' })));
    const syncId = await started().contactsToLeads();
    const match = { method: 'POST', path: '/rest/v1/leads.json', bodyContains: 'createOnly' };
    started().marketo.addFault({ match, nth: 1, action: { type: 'late', afterMs: 60_000 } });
    await expect(started().run(syncId)).rejects.toThrow();

    const { outcomes } = await started().cancel(syncId);

    expect(marketoPeople(started().marketo)).toHaveLength(2);
    expect(fates(outcomes)).toEqual(['created null', 'created null']);
  });

  test('a job that takes its time is asked about now and then, until it has ended', async () => {
    started().givenLeads(NAMES.map((name) => ({ email: `${name}@example.com`, lastName: 'Sample' })));
    started().salesforce.vendor.org.changeSettings({ bulkStartDelayMs: 60_000 });
    const syncId = await started().leadsToContacts();
    started().salesforce.addFault(
      lost('GET', '*/jobs/ingest/*', { type: 'vendorError', code: 'UNKNOWN_EXCEPTION', status: 500 }),
    );
    await expect(started().run(syncId)).rejects.toThrow();

    expect(fates((await started().cancel(syncId)).outcomes)).toEqual(['created null', 'created null']);
  });

  test('of an undo, what was deleted although the answer was lost is told as deleted', async () => {
    started().givenLeads(NAMES.map((name) => ({ email: `${name}@example.com`, lastName: 'Sample' })));
    const run = await started().run(await started().leadsToContacts());
    started().salesforce.addFault(lost('DELETE', '*/composite/sobjects*', { type: 'resetAfter' }));
    await expect(started().undo(run)).rejects.toThrow();

    expect(fates((await started().cancelUndoing(run)).outcomes)).toEqual(['updated deleted', 'updated deleted']);
  });
});
