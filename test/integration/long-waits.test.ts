import { toContactsBy, useCaseRuns } from '../support/case-runs';
import { marketoPost } from '../support/marketo-calls';
import { salesforceRows } from '../support/vendor-rows';

const HOUR_MS = 3_600_000;
const MANY = 201;

// a job that has not ended at the first look is asked about later
const started = useCaseRuns({ patienceMs: 0 });

const emailOf = (index: number) => `p${index}@example.com`;
const givenPeople = (count: number) =>
  started().givenLeads(
    Array.from({ length: count }, (_none, index) => ({
      email: emailOf(index),
      firstName: 'First',
      lastName: 'Sample',
    })),
  );
const givenThem = (count: number) =>
  started().givenContacts(
    Array.from({ length: count }, (_none, index) => ({ Email: emailOf(index), FirstName: 'Before' })),
  );
const jobsBegin = (afterMs: number) => started().salesforce.vendor.org.changeSettings({ bulkStartDelayMs: afterMs });

/** A run whose job has not begun; it goes on when it is run again. */
async function givenRunWithSlowJob(): Promise<string> {
  const syncId = await started().leadsToContacts({ name: 'Slow', destination: toContactsBy('Bulk') });
  jobsBegin(2 * HOUR_MS);
  await expect(started().run(syncId)).rejects.toThrow('takes longer');
  return syncId;
}

const stopAs = (syncId: string, stop: 'pause' | null) =>
  started().runs.database.sql`update executions set stop = ${stop} where sync_id = ${syncId}`;

const toOne = { column: 'email', operator: 'equals', value: emailOf(0) };

test('what another sync writes stands over an update job that takes hours, however long its run is paused', async () => {
  givenThem(MANY);
  givenPeople(MANY);
  const slow = await givenRunWithSlowJob();
  await stopAs(slow, 'pause');
  started().sandbox.clock.advance(20 * 60_000);
  await marketoPost(started().marketo, '/rest/v1/leads.json', {
    action: 'updateOnly',
    lookupField: 'email',
    input: [{ email: emailOf(0), firstName: 'Second' }],
  });
  const other = await started().leadsToContacts({ name: 'Other', destination: toContactsBy('Bulk'), filter: toOne });

  await expect(started().run(other, { wait: null })).rejects.toThrow(
    /Slow.* is at work on the same records.*That one is paused: resume or cancel it\./,
  );
  await stopAs(slow, null);
  started().sandbox.clock.advance(2 * HOUR_MS);
  const first = await started().run(slow);
  const second = await started().run(other);

  const [row] = await salesforceRows(
    started().salesforce,
    `SELECT FirstName FROM Contact WHERE Email = '${emailOf(0)}'`,
  );
  expect([row?.FirstName, first.counts.updated, second.counts.updated]).toEqual(['Second', MANY, 1]);
});

test('two syncs that spell the name of one object otherwise create a key once', async () => {
  givenPeople(1);
  const slow = await givenRunWithSlowJob();
  const destination = { ...toContactsBy('Bulk'), object: 'contact' };
  const other = await started().leadsToContacts({ name: 'Other', destination });
  await stopAs(slow, 'pause');

  await expect(started().run(other, { wait: null })).rejects.toThrow(/Slow.* is at work on the same records/);
  await stopAs(slow, null);
  started().sandbox.clock.advance(2 * HOUR_MS);
  const first = await started().run(slow);
  const second = await started().run(other);

  expect([first.counts.created, second.counts.unchanged]).toEqual([1, 1]);
});

test('a record that the vendor says is there and no look-up finds fails in the end', async () => {
  started().givenContacts([{ Email: 'ann@example.com', FirstName: 'Ann' }]);
  const syncId = await started().contactsToLeads();
  started().marketo.addFault({
    match: { method: 'POST', path: '/rest/v1/leads.json', bodyContains: 'createOnly' },
    action: {
      type: 'respond',
      status: 200,
      body: {
        requestId: 'a#b',
        success: true,
        result: [{ status: 'skipped', reasons: [{ code: '1005', message: 'Lead already exists' }] }],
      },
    },
  });

  const { outcomes } = await started().run(syncId);

  expect(outcomes.map(({ outcome, reason }) => [outcome, reason])).toEqual([['failed', 'exists']]);
}, 120_000);

test('what the first sending of an update has written is not told as failed since it held the lock', async () => {
  givenThem(1);
  givenPeople(1);
  const syncId = await started().leadsToContacts();
  const match = { method: 'PATCH', path: '*/composite/sobjects' };
  started().salesforce.addFault({ match, nth: 1, action: { type: 'late', afterMs: 240_000 } });
  await expect(started().run(syncId)).rejects.toThrow();
  const errors = [{ statusCode: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain exclusive access', fields: [] }];
  const locked = started().salesforce.addFault({
    match,
    action: { type: 'respond', status: 200, body: [{ success: false, errors }] },
  });

  const running = started().run(syncId);
  // as often as a record is sent that others have locked
  await started().untilActed(started().salesforce, locked.id, 6);
  started().sandbox.clock.advance(15 * 60_000);
  for (const host of started().hosts) await host.lateEffects.settled();
  started().salesforce.faults.remove(locked.id);
  const { outcomes } = await running;

  const rows = await salesforceRows(started().salesforce, 'SELECT FirstName FROM Contact');
  expect([outcomes.map(({ outcome }) => outcome), rows.map(({ FirstName }) => FirstName)]).toEqual([
    ['updated'],
    ['First'],
  ]);
}, 120_000);
