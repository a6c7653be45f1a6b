import { useCaseRuns } from '../support/case-runs';
import { marketoPeople, salesforceRows, salesforceWrite } from '../support/vendor-rows';

const started = useCaseRuns();

const EMAIL = 'one@example.com';
const LEADS = { method: 'POST', path: '/rest/v1/leads.json' };
const CREATION = { ...LEADS, bodyContains: 'createOnly' };
const UPDATE = { ...LEADS, bodyContains: 'updateOnly' };
const LOOK_UP = { ...LEADS, bodyContains: 'filterType' };

const fates = (outcomes: readonly { outcome: string; reason: string | null }[]) =>
  outcomes.map(({ outcome, reason }) => `${outcome} ${reason}`);
const people = () => marketoPeople(started().marketo).map(({ firstName }) => firstName);
const somebodyCreates = (more: Record<string, unknown> = {}) => {
  const createdAt = started().sandbox.clock.now();
  started().givenLeads([{ email: EMAIL, firstName: 'Theirs', ...more, createdAt, updatedAt: createdAt }]);
};

describe('what others do between the look-up and the write', () => {
  test('when the creation never arrived, and somebody else created the key meanwhile, theirs is updated', async () => {
    started().givenContacts([{ Email: EMAIL, FirstName: 'Ours' }]);
    const syncId = await started().contactsToLeads();
    started().marketo.addFault({ match: CREATION, nth: 1, action: { type: 'resetBefore' } });
    await expect(started().run(syncId)).rejects.toThrow();
    somebodyCreates();

    const { outcomes } = await started().run(syncId);

    expect(fates(outcomes)).toEqual(['updated null']);
    expect(people()).toEqual(['Ours']);
  });

  test('what somebody else created before our sending, whose answer was lost, is not counted as ours', async () => {
    started().givenContacts([{ Email: EMAIL, FirstName: 'Same' }]);
    const syncId = await started().contactsToLeads();
    started().marketo.addFault({ match: CREATION, nth: 1, action: { type: 'vendorError', code: '608' } });
    await expect(started().run(syncId)).rejects.toThrow();
    const createdAt = started().sandbox.clock.now();
    started().givenLeads([{ email: EMAIL, firstName: 'Same', lastName: 'Sample', createdAt, updatedAt: createdAt }]);
    started().sandbox.clock.advance(30_000);
    started().marketo.addFault({ match: CREATION, nth: 1, action: { type: 'resetBefore' } });
    await expect(started().run(syncId)).rejects.toThrow();

    const { outcomes } = await started().run(syncId);

    expect(fates(outcomes)).toEqual(['unchanged null']);
    expect(people()).toEqual(['Same']);
  });

  test('a creation that arrives late, beside people without a key whose creation was answered, stays ours', async () => {
    started().givenContacts([{ FirstName: 'Keyless' }, { Email: EMAIL, FirstName: 'Ours' }]);
    const syncId = await started().contactsToLeads();
    started().marketo.addFault({ match: CREATION, nth: 1, action: { type: 'late', afterMs: 60_000 } });
    await expect(started().run(syncId)).rejects.toThrow();
    const fault = started().marketo.addFault({ match: CREATION, nth: 1, action: { type: 'delay', ms: 500 } });
    const running = started().run(syncId);
    await started().untilActed(started().marketo, fault.id);
    started().sandbox.clock.advance(61_000);

    const { outcomes } = await running;

    expect(fates(outcomes)).toEqual(['created null', 'created null']);
    expect(people()).toEqual(['Keyless', 'Ours']);
  });

  test('a record that was deleted is created with all its values, not with the changed ones alone', async () => {
    const [id] = started().givenContacts([{ Email: EMAIL, FirstName: 'Old' }]);
    started().givenLeads([{ email: EMAIL, firstName: 'New', lastName: 'Sample' }]);
    const match = { method: 'PATCH', path: '*/composite/sobjects' };
    const fault = started().salesforce.addFault({ match, nth: 1, action: { type: 'delay', ms: 500 } });
    const running = started().run(await started().leadsToContacts());
    await started().untilActed(started().salesforce, fault.id);
    await salesforceWrite(started().salesforce, 'DELETE', `Contact/${id}`);

    expect(fates((await running).outcomes)).toEqual(['created null']);
    expect(await salesforceRows(started().salesforce, 'SELECT Email, FirstName, LastName FROM Contact')).toEqual([
      { Email: EMAIL, FirstName: 'New', LastName: 'Sample' },
    ]);
  });

  test('a record that was deleted, and that another sync is about to write, is not created twice', async () => {
    const { sql } = started().runs.database;
    const [id] = started().givenContacts([{ Email: EMAIL, FirstName: 'Old' }]);
    started().givenLeads([{ email: EMAIL, firstName: 'New', lastName: 'Sample' }]);
    const [one, another] = [await started().leadsToContacts(), await started().leadsToContacts()];
    const match = { method: 'PATCH', path: '*/composite/sobjects' };
    const fault = started().salesforce.addFault({ match, nth: 1, action: { type: 'delay', ms: 2_500 } });
    const updating = started().run(one);
    await started().untilActed(started().salesforce, fault.id);
    await salesforceWrite(started().salesforce, 'DELETE', `Contact/${id}`);
    started().salesforce.vendor.org.changeSettings({ bulkStartDelayMs: 3_000 });
    const creating = started().run(another);
    while ((await sql`select from load_batches where operation = 'create' and state = 'sent'`).length === 0);

    const counts = [(await updating).counts, (await creating).counts];

    expect(await salesforceRows(started().salesforce, 'SELECT FirstName FROM Contact')).toEqual([{ FirstName: 'New' }]);
    // the other waits for the answer
    expect(counts).toMatchObject([{ created: 1 }, { unchanged: 1 }]);
  });

  test('what somebody else creates, and a sync by another key is just writing, is written after it', async () => {
    started().givenContacts([{ Email: EMAIL, FirstName: 'Ours', Phone: '7' }]);
    const one = await started().contactsToLeads();
    const other = await started().contactsToLeads({
      match: { source: 'Phone', destination: 'crmKey' },
      mappings: [
        { from: { field: 'Phone' }, to: 'crmKey' },
        { from: { constant: 'Other' }, to: 'firstName' },
      ],
    });
    const creation = started().marketo.addFault({ match: CREATION, nth: 1, action: { type: 'delay', ms: 2_000 } });
    const update = started().marketo.addFault({ match: UPDATE, nth: 1, action: { type: 'delay', ms: 4_000 } });
    const creating = started().run(one);
    await started().untilActed(started().marketo, creation.id);
    somebodyCreates({ crmKey: '7' });
    const updating = started().run(other);
    await started().untilActed(started().marketo, update.id);

    const [created, updated] = [await creating, await updating];

    expect([...fates(created.outcomes), ...fates(updated.outcomes)]).toEqual(['updated null', 'updated null']);
    expect(people()).toEqual(['Ours']);
    await started().undo(created);
    expect(people()).toEqual(['Other']);
  });

  test('a first run is not held before its first records have been loaded, whatever somebody else has created', async () => {
    started().givenContacts([
      { Email: EMAIL, FirstName: 'Ours' },
      { Email: 'two@example.com', FirstName: 'Ours' },
    ]);
    const syncId = await started().contactsToLeads({ firstRun: { records: 1 } });
    const creation = started().marketo.addFault({ match: CREATION, nth: 1, action: { type: 'delay', ms: 500 } });
    const held = expect(started().run(syncId)).rejects.toThrow('The first 1 records have been loaded');
    await started().untilActed(started().marketo, creation.id);
    somebodyCreates();

    await held;

    const outcomes = await started().runs.database.sql`
      select outcome from outcomes join executions using (execution_id) where sync_id = ${syncId}`;
    expect(outcomes).toHaveLength(1);
  });

  test('a pause while it is decided about what somebody else has created loses no answer', async () => {
    const { sql } = started().runs.database;
    started().givenContacts([{ Email: EMAIL, FirstName: 'Ours' }]);
    const syncId = await started().contactsToLeads();
    const creation = started().marketo.addFault({ match: CREATION, nth: 1, action: { type: 'delay', ms: 300 } });
    const lookUp = started().marketo.addFault({ match: LOOK_UP, nth: 2, action: { type: 'delay', ms: 1_200 } });
    const running = started().run(syncId);
    await started().untilActed(started().marketo, creation.id);
    somebodyCreates();
    await started().untilActed(started().marketo, lookUp.id);
    await sql`update executions set stop = 'pause' where sync_id = ${syncId}`;
    await expect(running).rejects.toThrow('not through');
    await sql`update executions set stop = null where sync_id = ${syncId}`;

    const { outcomes } = await started().run(syncId);

    expect(fates(outcomes)).toEqual(['updated null']);
    expect(people()).toEqual(['Ours']);
  });

  test('what somebody else creates while a planned batch waits for long is not created once more', async () => {
    const { sql } = started().runs.database;
    started().givenLeads([{ email: EMAIL, firstName: 'Ours', lastName: 'Sample' }]);
    const syncId = await started().leadsToContacts();
    const match = { method: 'POST', path: '*/jobs/ingest' };
    started().salesforce.addFault({
      match,
      nth: 1,
      action: { type: 'vendorError', code: 'REQUEST_LIMIT_EXCEEDED', status: 403 },
    });
    await expect(started().run(syncId)).rejects.toThrow();
    expect(
      await sql`select b.state from load_batches b join executions using (execution_id) where sync_id = ${syncId}`,
    ).toEqual([{ state: 'planned' }]);
    started().givenContacts([{ Email: EMAIL, FirstName: 'Theirs' }]);
    started().sandbox.clock.advance(16 * 60_000);

    const { outcomes } = await started().run(syncId);

    expect(fates(outcomes)).toEqual(['updated null']);
    expect(await salesforceRows(started().salesforce, 'SELECT FirstName FROM Contact')).toEqual([
      { FirstName: 'Ours' },
    ]);
  });
});
