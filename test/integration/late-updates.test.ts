import { closeExecution } from '../../db/queries/executions';
import { useCaseRuns } from '../support/case-runs';
import { marketoPost } from '../support/marketo-calls';
import { marketoPeople, salesforceRows, salesforceWrite } from '../support/vendor-rows';

/** The answer to an update is lost, and it takes effect minutes later, when other values have been written since. */
const LATE_MS = 540_000;
const late = { type: 'late', afterMs: LATE_MS } as const;
/** Longer than any effect that comes late. */
const ALL_MS = 15 * 60_000;

const started = useCaseRuns();

const updatesOfSalesforceComeLate = () =>
  started().salesforce.addFault({ match: { method: 'PATCH', path: '*/composite/sobjects' }, nth: 1, action: late });
const updatesOfMarketoComeLate = () =>
  started().marketo.addFault({
    match: { method: 'POST', path: '/rest/v1/leads.json', bodyContains: 'updateOnly' },
    nth: 1,
    action: late,
  });

/** Lets everything arrive that is on its way. */
async function arrive(): Promise<void> {
  started().sandbox.clock.advance(ALL_MS);
  for (const host of started().hosts) await host.lateEffects.settled();
}

const firstNames = async () =>
  (await salesforceRows(started().salesforce, 'SELECT FirstName FROM Contact ORDER BY Email')).map(
    ({ FirstName }) => FirstName,
  );
const callPerson = (firstName: string) =>
  marketoPost(started().marketo, '/rest/v1/leads.json', {
    action: 'updateOnly',
    lookupField: 'email',
    input: [{ email: 'ann@example.com', firstName }],
  });
const nowMs = () => started().sandbox.clock.now();

/** A run whose update is applied late and was repeated since. */
async function runWithLateUpdate(syncId: string) {
  updatesOfSalesforceComeLate();
  await expect(started().run(syncId)).rejects.toThrow();
  return started().run(syncId);
}

const givenOne = () => {
  started().givenContacts([{ Email: 'ann@example.com', FirstName: 'Before' }]);
  started().givenLeads([{ email: 'ann@example.com', firstName: 'First', lastName: 'Sample' }]);
};

test('where everything is imported, what is written last of a key stands in the end', async () => {
  const emails = ['ann@example.com', 'ben@example.com'];
  started().givenContacts(emails.map((email) => ({ Email: email, FirstName: 'Before' })));
  started().givenLeads(
    ['First', 'Last'].flatMap((firstName) => emails.map((email) => ({ email, firstName, lastName: 'Sample' }))),
  );
  const syncId = await started().leadsToContacts({ deduplicate: 'importEverything' });

  const run = await runWithLateUpdate(syncId);
  await arrive();

  expect(await firstNames()).toEqual(['Last', 'Last']);
  expect(run.counts).toMatchObject({ updated: 4, failed: 0 });
});

test('what the next run writes stands in the end', async () => {
  givenOne();
  const syncId = await started().leadsToContacts();
  await runWithLateUpdate(syncId);
  await callPerson('Second');

  await started().run(syncId);
  await arrive();

  expect(await firstNames()).toEqual(['Second']);
});

test('what another sync into the same object writes stands in the end, and other records do not wait for it', async () => {
  givenOne();
  started().givenContacts([{ Email: 'ben@example.com', FirstName: 'Before' }]);
  await runWithLateUpdate(await started().leadsToContacts());
  started().givenLeads([{ email: 'ben@example.com', firstName: 'Other', lastName: 'Sample' }]);
  await callPerson('Second');
  const before = nowMs();

  await started().run(await started().leadsToContacts({ name: 'Another' }));
  await arrive();

  expect(await firstNames()).toEqual(['Second', 'Other']);
  const [ben] = await salesforceRows(
    started().salesforce,
    "SELECT LastModifiedDate FROM Contact WHERE Email = 'ben@example.com'",
  );
  expect(Date.parse(String(ben?.LastModifiedDate)) - before).toBeLessThan(LATE_MS);
});

test('what a run writes stands over an update that nobody has asked about since its run was terminated', async () => {
  givenOne();
  const syncId = await started().leadsToContacts();
  updatesOfSalesforceComeLate();
  await expect(started().run(syncId)).rejects.toThrow();
  const { sql } = started().runs.database;
  const [broken] = await sql<{ executionId: string }[]>`
    select execution_id as "executionId" from executions where sync_id = ${syncId}`;
  await closeExecution(sql, broken?.executionId ?? '', { state: 'failed', now: new Date(nowMs()).toISOString() });
  await callPerson('Second');

  await started().run(syncId);
  await arrive();

  expect(await firstNames()).toEqual(['Second']);
});

test('an undo waits until nothing of what it undoes can arrive', async () => {
  givenOne();
  const run = await runWithLateUpdate(await started().leadsToContacts());

  const undone = await started().undo(run);
  await arrive();

  expect(await firstNames()).toEqual(['Before']);
  expect(undone.outcomes).toMatchObject([{ outcome: 'updated', reason: 'restored' }]);
});

test('what a run writes stands over a restoration that arrives late', async () => {
  givenOne();
  const syncId = await started().leadsToContacts();
  const run = await started().run(syncId);
  updatesOfSalesforceComeLate();
  await expect(started().undo(run)).rejects.toThrow();
  await started().goOnUndoing(run);

  await started().run(syncId);
  await arrive();

  expect(await firstNames()).toEqual(['First']);
});

test('people without a key, who are known by their link, are written in order as well', async () => {
  const [contactId] = started().givenContacts([{ FirstName: 'First' }]);
  const syncId = await started().contactsToLeads();
  await started().run(syncId);
  const rename = (FirstName: string) =>
    salesforceWrite(started().salesforce, 'PATCH', `Contact/${contactId}`, { FirstName });
  await rename('Second');
  updatesOfMarketoComeLate();
  await expect(started().run(syncId)).rejects.toThrow();
  await started().run(syncId);
  await rename('Third');

  await started().run(syncId);
  await arrive();

  expect(marketoPeople(started().marketo).map(({ firstName }) => firstName)).toEqual(['Third']);
});
