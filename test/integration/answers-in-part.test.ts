import type { Counts } from '../../src/domain/outcome';
import { toContactsBy, useCaseRuns } from '../support/case-runs';
import { marketoPost } from '../support/marketo-calls';
import { marketoPeople, salesforceRows, salesforceWrite } from '../support/vendor-rows';

const late = { type: 'late', afterMs: 540_000 } as const;
const ALL_MS = 15 * 60_000;
const started = useCaseRuns();

async function arrive(): Promise<void> {
  started().sandbox.clock.advance(ALL_MS);
  for (const host of started().hosts) await host.lateEffects.settled();
}
const firstNames = async () =>
  (await salesforceRows(started().salesforce, 'SELECT FirstName FROM Contact ORDER BY Email')).map(
    ({ FirstName }) => FirstName,
  );

const DAY_MS = 86_400_000;
const LEADS = { method: 'POST', path: '/rest/v1/leads.json' };
const COLLECTIONS = { path: '*/composite/sobjects' };
const givenSamples = (count: number, more: (index: number) => Record<string, unknown> = () => ({})) =>
  started().givenLeads(
    Array.from({ length: count }, (_none, index) => ({ lastName: `Sample ${index}`, ...more(index) })),
  );

/** Runs a sync that sleeps until the next day whenever the day's calls are used up. */
async function overDays(syncId: string, days = 10): Promise<Counts> {
  const ran = started().run(syncId);
  if (days === 0) return (await ran).counts;
  try {
    return (await ran).counts;
  } catch {
    started().sandbox.clock.advance(DAY_MS);
    return overDays(syncId, days - 1);
  }
}

test('creates that go in several requests are not doubled', async () => {
  const many = Array.from({ length: 201 }, (_none, index) => ({ email: `p${index}@example.com`, lastName: 'Sample' }));
  started().givenLeads(many);
  const syncId = await started().leadsToContacts({ salesforce: { allowDuplicates: true } });
  const match = { method: 'POST', path: '*/composite/sobjects' };
  const slow = started().salesforce.addFault({ match, nth: 1, action: { type: 'delay', ms: 1_000 } });
  started().salesforce.addFault({ match, nth: 2, action: late });
  const broken = expect(started().run(syncId)).rejects.toThrow();
  await started().untilActed(started().salesforce, slow.id);
  started().sandbox.clock.advance(3 * 60_000);
  await broken;

  const run = await started().run(syncId);
  await arrive();

  expect(run.counts).toMatchObject({ created: 201 });
  expect(await salesforceRows(started().salesforce, 'SELECT Id FROM Contact')).toHaveLength(201);
});

test('people without a key whose call was refused, behind one that was answered, are not in doubt', async () => {
  started().givenContacts([{ Email: 'ann@example.com', FirstName: 'Ann' }, { FirstName: 'Keyless' }]);
  const syncId = await started().contactsToLeads();
  started().marketo.addFault({
    match: { method: 'POST', path: '/rest/v1/leads.json', bodyContains: 'createDuplicate' },
    nth: 1,
    action: { type: 'vendorError', code: '607' },
  });
  await expect(started().run(syncId)).rejects.toThrow();
  // the quota is back
  started().sandbox.clock.advance(86_400_000);

  const { outcomes } = await started().run(syncId);

  expect(outcomes.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual(['created null', 'created null']);
});

test('what went beside a bulk job that was refused is told as updated', async () => {
  const many = Array.from({ length: 202 }, (_none, index) => `p${index}@example.com`);
  started().givenContacts(many.map((Email) => ({ Email, FirstName: 'Before' })));
  started().givenLeads(
    many.map((email, index) => ({ email, firstName: index === 0 ? '#N/A' : 'New', lastName: 'Sample' })),
  );
  const syncId = await started().leadsToContacts({ destination: toContactsBy('Bulk') });
  started().salesforce.addFault({
    match: { method: 'PUT', path: '*/batches' },
    nth: 1,
    action: { type: 'vendorError', code: 'LIMIT_EXCEEDED', status: 403 },
  });
  await expect(started().run(syncId)).rejects.toThrow();
  started().sandbox.clock.advance(86_400_000);

  const run = await started().run(syncId);
  expect(run.counts).toMatchObject({ updated: 202, unchanged: 0 });
  await started().undo(run);
  expect(await salesforceRows(started().salesforce, "SELECT Id FROM Contact WHERE FirstName = '#N/A'")).toHaveLength(0);
});

test('what a repeat of long after did is told after a cancel', async () => {
  started().givenContacts([{ Email: 'ann@example.com', FirstName: 'Old' }]);
  started().givenLeads([{ email: 'ann@example.com', firstName: 'New', lastName: 'Sample' }]);
  const syncId = await started().leadsToContacts();
  started().salesforce.addFault({
    match: { method: 'PATCH', path: '*/composite/sobjects' },
    nth: 1,
    action: { type: 'resetBefore' },
  });
  await expect(started().run(syncId)).rejects.toThrow();
  // as in a pause
  started().sandbox.clock.advance(20 * 60_000);
  started().salesforce.addFault({
    match: { method: 'PATCH', path: '*/composite/sobjects' },
    nth: 1,
    action: { type: 'late', afterMs: 60_000 },
  });
  await expect(started().run(syncId)).rejects.toThrow();

  const { outcomes } = await started().cancel(syncId);
  await arrive();

  expect([outcomes.map(({ outcome }) => outcome), await firstNames()]).toEqual([['updated'], ['New']]);
});

test('a run does not wait for a day for one that is paused before it has sent anything', async () => {
  started().givenLeads([{ email: 'a@example.com', firstName: 'New', lastName: 'Sample' }]);
  const one = await started().leadsToContacts();
  const fault = started().salesforce.addFault({
    match: { method: 'POST', path: '*/jobs/ingest' },
    action: { type: 'vendorError', code: 'UNKNOWN_EXCEPTION', status: 500 },
  });
  await expect(started().run(one)).rejects.toThrow();
  started().salesforce.faults.remove(fault.id);
  started().sandbox.clock.advance(86_400_000);

  const other = await started().run(await started().leadsToContacts({ name: 'Another' }), { wait: undefined as never });

  expect(other.counts).toMatchObject({ created: 1 });
});

test('a first run loads no more than it may, also when its first batch is planned anew', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  started().givenLeads(names.map((name) => ({ email: `${name}@example.com`, firstName: 'New', lastName: 'Sample' })));
  const syncId = await started().leadsToContacts({ firstRun: { records: 2 } });
  const fault = started().salesforce.addFault({
    match: { method: 'POST', path: '*/jobs/ingest' },
    action: { type: 'vendorError', code: 'UNKNOWN_EXCEPTION', status: 500 },
  });
  await expect(started().run(syncId)).rejects.toThrow();
  started().salesforce.faults.remove(fault.id);
  started().givenContacts(['a', 'b'].map((name) => ({ Email: `${name}@example.com`, FirstName: 'New' })));
  started().sandbox.clock.advance(6 * 60_000);

  await expect(started().run(syncId)).rejects.toThrow(/The first 2 records/);

  const { sql } = started().runs.database;
  expect(
    await sql`select source_id from outcomes join executions using (execution_id) where sync_id = ${syncId}`,
  ).toHaveLength(2);
});

test('a look-up that fails when a creation has been answered doubles nobody, and what was created is told so', async () => {
  started().givenContacts([
    { FirstName: 'Keyless' },
    { Email: 'one@example.com', FirstName: 'Ours' },
    { Email: 'two@example.com', FirstName: 'Two' },
  ]);
  const syncId = await started().contactsToLeads();
  const creation = started().marketo.addFault({
    match: { ...LEADS, bodyContains: 'createOnly' },
    nth: 1,
    action: { type: 'delay', ms: 500 },
  });
  const broken = expect(started().run(syncId)).rejects.toThrow();
  await started().untilActed(started().marketo, creation.id);
  // others create one of the keys, and the look-up that this takes fails
  const createdAt = started().sandbox.clock.now();
  started().givenLeads([{ email: 'one@example.com', firstName: 'Theirs', createdAt, updatedAt: createdAt }]);
  started().marketo.addFault({
    match: { ...LEADS, bodyContains: 'filterType' },
    nth: 1,
    action: { type: 'vendorError', code: '607' },
  });
  await broken;
  started().sandbox.clock.advance(DAY_MS);

  const { outcomes } = await started().run(syncId);

  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['created', 'updated', 'created']);
  const people = marketoPeople(started().marketo).map(({ firstName }) => firstName);
  expect(people.sort()).toEqual(['Keyless', 'Ours', 'Two']);
});

test('a look-up that fails when updates have been answered leaves them told as updated, and undone', async () => {
  const names = ['ann', 'ben'];
  const [annId, benId] = started().givenContacts(
    names.map((name) => ({ Email: `${name}@example.com`, FirstName: 'Before' })),
  );
  started().givenLeads(names.map((name) => ({ email: `${name}@example.com`, firstName: 'New', lastName: 'Sample' })));
  const syncId = await started().leadsToContacts();
  const update = started().salesforce.addFault({
    match: { ...COLLECTIONS, method: 'PATCH' },
    nth: 1,
    action: { type: 'delay', ms: 1_000 },
  });
  const broken = expect(started().run(syncId)).rejects.toThrow();
  await started().untilActed(started().salesforce, update.id);
  await salesforceWrite(started().salesforce, 'DELETE', `Contact/${benId}`);
  const usedUp = { type: 'vendorError', code: 'REQUEST_LIMIT_EXCEEDED', status: 403 } as const;
  const faults = ['*/composite', '*/query*'].map((path) =>
    started().salesforce.addFault({ match: { path }, action: usedUp }),
  );
  await broken;
  for (const { id } of faults) started().salesforce.faults.remove(id);
  started().sandbox.clock.advance(DAY_MS);

  const run = await started().run(syncId);
  await started().undo(run);

  expect(run.outcomes.map(({ outcome }) => outcome)).toEqual(['updated', 'created']);
  const [ann] = await salesforceRows(started().salesforce, `SELECT FirstName FROM Contact WHERE Id = '${annId}'`);
  expect(ann?.FirstName).toBe('Before');
});

test('people without a key whose creation was answered are not in doubt when the answer to a later request is lost', async () => {
  givenSamples(601);
  const syncId = await started().leadsToContacts({ salesforce: { allowDuplicates: true } });
  started().salesforce.addFault({ match: { ...COLLECTIONS, method: 'POST' }, nth: 2, action: { type: 'resetAfter' } });
  await expect(started().run(syncId)).rejects.toThrow();

  const { counts, outcomes } = await started().run(syncId);

  // those of the requests after it were not sent before
  expect(counts).toMatchObject({ created: 401, failed: 200 });
  expect(new Set(outcomes.map(({ reason }) => reason))).toEqual(new Set([null, 'inDoubt']));
  expect(await salesforceRows(started().salesforce, 'SELECT Id FROM Contact')).toHaveLength(601);
});

test('who was created with a key stays told so when the answer for people without one is lost', async () => {
  started().givenContacts([{ Email: 'ann@example.com', FirstName: 'Ann' }, { FirstName: 'Keyless' }]);
  const syncId = await started().contactsToLeads();
  started().marketo.addFault({
    match: { ...LEADS, bodyContains: 'createDuplicate' },
    nth: 1,
    action: { type: 'resetBefore' },
  });
  await expect(started().run(syncId)).rejects.toThrow();
  await marketoPost(started().marketo, '/rest/v1/leads.json', {
    action: 'updateOnly',
    lookupField: 'email',
    input: [{ email: 'ann@example.com', firstName: 'Theirs' }],
  });

  const { outcomes } = await started().run(syncId);

  expect(outcomes.map(({ outcome, reason }) => `${outcome} ${reason}`)).toEqual(['created null', 'failed inDoubt']);
  expect(marketoPeople(started().marketo).map(({ firstName }) => firstName)).toEqual(['Theirs']);
});

// the last one: days go by
test("records that were not sent, time after time, since the day's calls were used up do not fail for that", async () => {
  givenSamples(1_500, (index) => ({ email: `p${index}@example.com` }));
  const syncId = await started().leadsToContacts({ salesforce: { allowDuplicates: true } });
  // each time one request is answered, and the next one refused
  started().salesforce.addFault({
    match: { ...COLLECTIONS, method: 'POST' },
    every: 2,
    action: { type: 'vendorError', code: 'REQUEST_LIMIT_EXCEEDED', status: 403 },
  });

  const counts = await overDays(syncId);

  expect(counts).toMatchObject({ created: 1_500, failed: 0 });
});
