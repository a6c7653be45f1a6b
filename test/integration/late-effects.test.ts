import { closeExecution } from '../../db/queries/executions';
import { AT, useCaseRuns } from '../support/case-runs';
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

test('what a sync that matches by another field writes stands', async () => {
  started().givenContacts([{ Email: 'ann@example.com', FirstName: 'Before', Crm_Key__c: 'K1' }]);
  started().givenLeads([{ email: 'ann@example.com', firstName: 'First', lastName: 'Sample', sfdcContactId: 'K1' }]);
  const one = await started().leadsToContacts();
  updatesOfSalesforceComeLate();
  await expect(started().run(one)).rejects.toThrow();
  await started().run(one);
  await callPerson('Second');

  await started().run(
    await started().leadsToContacts({ name: 'By key', match: { source: 'sfdcContactId', destination: 'Crm_Key__c' } }),
  );
  await arrive();

  expect(await firstNames()).toEqual(['Second']);
});

test('a person that was without a key and has one by now', async () => {
  const [contactId] = started().givenContacts([{ FirstName: 'First' }]);
  const syncId = await started().contactsToLeads();
  await started().run(syncId);
  const change = (values: Record<string, unknown>) =>
    salesforceWrite(started().salesforce, 'PATCH', `Contact/${contactId}`, values);
  await change({ FirstName: 'Second' });
  started().marketo.addFault({
    match: { method: 'POST', path: '/rest/v1/leads.json', bodyContains: 'updateOnly' },
    nth: 1,
    action: late,
  });
  await expect(started().run(syncId)).rejects.toThrow();
  await started().run(syncId);
  await change({ FirstName: 'Third', Email: 'ann@example.com' });

  await started().run(syncId);
  await arrive();

  expect(marketoPeople(started().marketo).map(({ firstName }) => firstName)).toEqual(['Third']);
});

test('what another sync writes while the first one has not asked stands after the first one is cancelled', async () => {
  started().givenContacts([{ Email: 'ann@example.com', FirstName: 'Before' }]);
  started().givenLeads([{ email: 'ann@example.com', firstName: 'First', lastName: 'Sample' }]);
  const one = await started().leadsToContacts();
  updatesOfSalesforceComeLate();
  await expect(started().run(one)).rejects.toThrow();
  await callPerson('Second');

  started().sandbox.clock.advance(2 * 60_000);
  await started().run(await started().leadsToContacts({ name: 'Another' }));
  await started().cancel(one);
  await arrive();

  expect(await firstNames()).toEqual(['Second']);
});

test('a batch that was planned long ago does not hold up the others for one of its records', async () => {
  const emails = ['a@example.com', 'b@example.com'];
  started().givenContacts(emails.map((Email) => ({ Email, FirstName: 'Before' })));
  started().givenLeads(emails.map((email) => ({ email, firstName: 'New', lastName: 'Sample' })));
  const one = await started().leadsToContacts();
  const refused = started().salesforce.addFault({
    match: { method: 'PATCH', path: '*/composite/sobjects' },
    action: { type: 'vendorError', code: 'REQUEST_LIMIT_EXCEEDED', status: 403 },
  });
  await expect(started().run(one)).rejects.toThrow();
  started().salesforce.faults.remove(refused.id);
  started().sandbox.clock.advance(86_400_000);
  const other = await started().otherNameFor('a@example.com');
  started().salesforce.addFault({ match: { method: 'PATCH', path: '*/composite/sobjects' }, nth: 1, action: late });
  await expect(started().run(other)).rejects.toThrow();
  await started().run(other);
  const before = started().sandbox.clock.now();

  await started().run(one);

  const [ben] = await salesforceRows(
    started().salesforce,
    "SELECT FirstName, LastModifiedDate FROM Contact WHERE Email = 'b@example.com'",
  );
  expect(ben?.FirstName).toBe('New');
  expect(Date.parse(String(ben?.LastModifiedDate)) - before).toBeLessThan(LATE_MS);
});

test('half of a character pair in what was sent does not hold up who plans next', async () => {
  started().givenLeads([{ email: 'ann@example.com', firstName: 'Before', lastName: 'Sample' }]);
  started().givenContacts([{ Email: 'ann@example.com', FirstName: 'a\ud83d' }]);
  const one = await started().contactsToLeads();
  started().marketo.addFault({
    match: { method: 'POST', path: '/rest/v1/leads.json', bodyContains: 'updateOnly' },
    nth: 1,
    action: late,
  });
  await expect(started().run(one)).rejects.toThrow();
  await started().run(one);

  const next = await started().run(await started().contactsToLeads({ name: 'Another' }));

  expect(next.state).toBe('succeeded');
});

test('a person whose creation arrives late does not come back after an undo', async () => {
  started().givenContacts([{ Email: 'ann@example.com', FirstName: 'Ann' }]);
  const syncId = await started().contactsToLeads();
  started().marketo.addFault({
    match: { method: 'POST', path: '/rest/v1/leads.json', bodyContains: 'createOnly' },
    nth: 1,
    action: late,
  });
  await expect(started().run(syncId)).rejects.toThrow();
  const run = await started().run(syncId);

  const undone = await started().undo(run);
  await arrive();

  expect(undone.outcomes).toMatchObject([{ outcome: 'updated', reason: 'deleted' }]);
  expect(marketoPeople(started().marketo)).toHaveLength(0);
});

test('a created record that an update of the same run reached late is deleted by the undo', async () => {
  started().givenLeads(
    ['First', 'Last'].map((firstName) => ({ email: 'ann@example.com', firstName, lastName: 'Sample' })),
  );
  const syncId = await started().leadsToContacts({ deduplicate: 'importEverything' });
  updatesOfSalesforceComeLate();
  await expect(started().run(syncId)).rejects.toThrow();
  const run = await started().run(syncId);
  started().sandbox.clock.advance(LATE_MS);
  await started().salesforce.lateEffects.settled();

  const undone = await started().undo(run);

  expect(undone.outcomes.map(({ outcome, reason, message }) => [outcome, reason, message])).toEqual([
    ['updated', 'deleted', null],
    ['updated', 'deleted', null],
  ]);
});

const membersOf = (programId: number, webinarUrl: string) =>
  started().runs.sync({
    name: 'Members',
    source: { connectionId: AT.marketo, object: 'Lead' },
    destination: { connectionId: AT.marketo, object: `ProgramMember:${programId}` },
    match: { source: 'id', destination: 'leadId' },
    mappings: [
      { from: { constant: 'Invited' }, to: 'statusName' },
      { from: { constant: webinarUrl }, to: 'webinarUrl' },
    ],
  });

test('what is told of a new member late does not stand over what is written later', async () => {
  started().givenLeads([{ email: 'ann@example.com', lastName: 'Sample' }]);
  const program = started().marketo.vendor.programs.add({ name: 'Spring webinar' });
  const first = await membersOf(program.id, 'First');
  started().marketo.addFault({
    match: { method: 'POST', path: '*/members.json', bodyContains: 'First' },
    nth: 1,
    action: late,
  });
  await expect(started().run(first)).rejects.toThrow();
  const made = await started().run(first);

  const changed = await started().run(await membersOf(program.id, 'Second'));
  await arrive();

  expect([
    [made, changed].map(({ outcomes }) => outcomes.map(({ outcome }) => outcome)),
    started().marketo.vendor.programs.member(program.id, 1)?.values.webinarUrl,
  ]).toEqual([[['created'], ['updated']], 'Second']);
});

test('a membership that is made anew after an undo is not ended by the late deletion', async () => {
  started().givenLeads([{ email: 'ann@example.com', lastName: 'Sample' }]);
  const program = started().marketo.vendor.programs.add({ name: 'Spring webinar' });
  const syncId = await membersOf(program.id, 'First');
  const run = await started().run(syncId);
  started().marketo.addFault({ match: { method: 'POST', path: '*/members/delete.json' }, nth: 1, action: late });
  await expect(started().undo(run)).rejects.toThrow();
  await started().goOnUndoing(run);

  const again = await started().run(syncId);
  await arrive();

  expect([
    again.outcomes.map(({ outcome }) => outcome),
    started().marketo.vendor.programs.member(program.id, 1)?.values,
  ]).toMatchObject([['created'], { statusName: 'Invited' }]);
});
