import { sequenceOf } from '../../src/sandbox/salesforce/record-id';
import { type MarketoHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import type { ActivityRuns, Ran } from '../support/activity-runs';
import { connectedRuns } from '../support/connected-runs';
import { marketoPost } from '../support/marketo-calls';
import { marketoPeople, salesforceWrite } from '../support/vendor-rows';

const MARKETO = '11111111-1111-4111-8111-111111111111';
const SALESFORCE = '22222222-2222-4222-8222-222222222222';
const TARGET = '33333333-3333-4333-8333-333333333333';

let sandbox: Sandbox;
let target: MarketoHost;
let runs: ActivityRuns;

beforeAll(async () => {
  sandbox = await startSandbox({});
  target = await sandbox.createInstance('marketo', { name: 'second' });
  runs = await connectedRuns(sandbox, {
    marketo: { [MARKETO]: sandbox.marketo, [TARGET]: target },
    salesforce: { [SALESFORCE]: sandbox.salesforce },
  });
}, 60_000);
afterAll(async () => {
  await runs.stop();
  await sandbox.stop();
});
beforeEach(() => {
  for (const host of [sandbox.marketo, sandbox.salesforce, target]) host.reset();
  sandbox.clock.set(Date.now());
});
afterEach(() => {
  expect(sandbox.defects).toEqual([]);
});

const MINUTE_S = 60;
/** Longer than two runs overlap. */
const LATER_S = 20 * MINUTE_S;
const pass = (seconds: number) => sandbox.clock.advance(seconds * 1_000);

const fields = (pairs: Record<string, string>) => Object.entries(pairs).map(([field, to]) => ({ from: { field }, to }));
const people = (more: Record<string, unknown> = {}) =>
  runs.sync({
    name: 'People',
    source: { connectionId: MARKETO, object: 'Lead' },
    destination: { connectionId: TARGET, object: 'Lead' },
    mappings: fields({ email: 'email', firstName: 'firstName' }),
    records: 'changed',
    ...more,
  });
const contacts = (more: Record<string, unknown> = {}) =>
  runs.sync({
    name: 'Contacts',
    source: { connectionId: SALESFORCE, object: 'Contact' },
    destination: { connectionId: TARGET, object: 'Lead' },
    mappings: fields({ Email: 'email', FirstName: 'firstName' }),
    records: 'changed',
    ...more,
  });

/** Each a little later than the one before. @returns their ids */
async function givenPeople(...records: Record<string, unknown>[]): Promise<number[]> {
  const ids: number[] = [];
  for (const record of records) {
    pass(2);
    const created = await marketoPost(sandbox.marketo, '/rest/v1/leads.json', {
      action: 'createDuplicate',
      input: [record],
    });
    ids.push(...created.map(({ id }) => id));
  }
  return ids;
}
const edit = (id: number | undefined, values: Record<string, unknown>) =>
  marketoPost(sandbox.marketo, '/rest/v1/leads.json', {
    action: 'updateOnly',
    lookupField: 'id',
    input: [{ id, ...values }],
  });

async function givenContacts(...records: Record<string, unknown>[]): Promise<string[]> {
  const ids: string[] = [];
  for (const record of records) {
    pass(2);
    const values = { LastName: 'Sample', ...record };
    ids.push((await salesforceWrite(sandbox.salesforce, 'POST', 'Contact', values)) ?? '');
  }
  return ids;
}

const firstNames = () => Object.fromEntries(marketoPeople(target).map(({ email, firstName }) => [email, firstName]));
const became = ({ ledger }: Ran, id: number | string | undefined) => ledger.get(String(id));
const ann = 'ann@example.com';
const ben = 'ben@example.com';

describe('what is read', () => {
  test('the first run reads everything, the second what changed, the third nothing', async () => {
    const emails = Array.from({ length: 30 }, (_none, index) => ({ Email: `p${index}@example.com`, FirstName: 'Old' }));
    const ids = await givenContacts(...emails);
    const sync = await contacts();

    const first = await runs.run(sync);
    pass(LATER_S);
    await salesforceWrite(sandbox.salesforce, 'PATCH', `Contact/${ids[7]}`, { FirstName: 'New' });
    const second = await runs.run(sync);
    pass(LATER_S);
    const third = await runs.run(sync);

    expect(first).toMatchObject({ readsAllBecause: 'firstRun', counts: { read: 30, created: 30 } });
    expect(second).toMatchObject({ readsAllBecause: null, counts: { read: 1, updated: 1 } });
    expect(third.counts.read).toBe(0);
  });

  test('what two runs both read, since they overlap, counts once', async () => {
    const [id] = await givenPeople({ email: ann, firstName: 'Old' }, { email: ben });
    const sync = await people();
    await runs.run(sync);
    pass(5);
    await edit(id, { firstName: 'New' });

    const second = await runs.run(sync);
    pass(5);
    const third = await runs.run(sync);

    expect(second.counts).toMatchObject({ read: 1, updated: 1 });
    expect(third.counts.read).toBe(0);
  });

  test('a record that failed is read by each run until it is loaded', async () => {
    const [id] = await givenPeople({ email: ann, address: 'x'.repeat(300) }, { email: ben, address: 'short' });
    const sync = await people({ mappings: fields({ email: 'email', address: 'title' }) });

    const first = await runs.run(sync);
    pass(LATER_S);
    const second = await runs.run(sync);
    pass(LATER_S);
    await edit(id, { address: 'short' });
    const third = await runs.run(sync);
    pass(LATER_S);
    const fourth = await runs.run(sync);

    expect(first).toMatchObject({ state: 'partial', counts: { failed: 1, created: 1 } });
    expect(second).toMatchObject({ state: 'partial', counts: { read: 1, failed: 1 } });
    expect(third).toMatchObject({ state: 'succeeded', counts: { read: 1, created: 1 } });
    expect(fourth.counts.read).toBe(0);
  });

  test('after a run that was cancelled the next one reads what changed since the last complete one', async () => {
    const [id] = await givenPeople({ email: ann, firstName: 'Old' });
    const sync = await people();
    await runs.run(sync);
    pass(LATER_S);
    await edit(id, { firstName: 'New' });

    const cancelled = await runs.run(sync, { until: 'map' });
    pass(LATER_S);
    const next = await runs.run(sync);

    expect(cancelled).toMatchObject({ state: 'cancelled', counts: { read: 1, skipped: 1 } });
    expect(next.counts).toMatchObject({ read: 1, updated: 1 });
  });

  test('when the mapping has changed, everything is read once', async () => {
    await givenPeople({ email: ann, firstName: 'Ann', lastName: 'Lee' });
    const sync = await people();
    await runs.run(sync);
    pass(LATER_S);
    runs.change(sync, { mappings: fields({ email: 'email', lastName: 'firstName' }) });

    const second = await runs.run(sync);
    pass(LATER_S);
    const third = await runs.run(sync);

    expect(second).toMatchObject({ readsAllBecause: 'definitionChanged', counts: { read: 1, updated: 1 } });
    expect(third.counts.read).toBe(0);
  });

  test('where the source does not tell what was deleted, everything is read, and the run says why', async () => {
    sandbox.marketo.vendor.stores.insertRecords('companies', [{ externalCompanyId: 'a', company: 'Acme' }]);
    const sync = await people({
      source: { connectionId: MARKETO, object: 'Company' },
      destination: { connectionId: TARGET, object: 'Company' },
      match: { source: 'externalCompanyId', destination: 'externalCompanyId' },
      mappings: fields({ externalCompanyId: 'externalCompanyId', company: 'company' }),
    });
    await runs.run(sync);
    pass(LATER_S);

    const second = await runs.run(sync);

    expect(second).toMatchObject({ readsAllBecause: 'sourceCannotTell', counts: { read: 1, unchanged: 1 } });
  });

  test('members of a static list come and go without a change of theirs, so the list is read as a whole', async () => {
    const [id] = await givenPeople({ email: ann });
    const { lists } = sandbox.marketo.vendor.stores;
    const list = lists.add({ name: 'Chosen' });
    lists.addMember(list.id, Number(id));
    pass(MINUTE_S);
    const sync = await people({ filter: { column: 'staticListId', operator: 'equals', value: list.id } });
    await runs.run(sync);
    pass(LATER_S);

    expect(await runs.run(sync)).toMatchObject({ readsAllBecause: 'sourceCannotTell', counts: { read: 1 } });
  });
});

test('a change that the date does not show is seen all the same, also within the overlap', async () => {
  const [id] = await givenPeople({ email: ann, score__c: 1 });
  const sync = await people({ mappings: fields({ email: 'email', score__c: 'department' }) });
  await runs.run(sync);
  const dates = () => marketoPeople(sandbox.marketo).map(({ updatedAt }) => updatedAt);
  const before = dates();
  pass(5);
  await edit(id, { score__c: 2 });

  const second = await runs.run(sync);

  expect(dates()).toEqual(before);
  expect(second.counts).toMatchObject({ read: 1, updated: 1 });
});

describe('duplicates', () => {
  test('a record that did not change keeps its place, and is named', async () => {
    const [oldest, later] = await givenContacts(
      { Email: ann, FirstName: 'First' },
      { Email: ann, FirstName: 'Second' },
    );
    const sync = await contacts({ deduplicate: 'oldestByCreation' });
    await runs.run(sync);
    pass(LATER_S);
    await salesforceWrite(sandbox.salesforce, 'PATCH', `Contact/${later}`, { FirstName: 'Edited' });

    const second = await runs.run(sync);

    expect(second.counts).toMatchObject({ read: 1, duplicates: 1 });
    expect(became(second, later)?.message).toBe(`Record ${oldest} is kept.`);
    expect(firstNames()).toEqual({ [ann]: 'First' });
  });

  test('a record with the key of one that was loaded makes both ignored', async () => {
    await givenContacts({ Email: ann, FirstName: 'First' });
    const sync = await contacts({ deduplicate: 'ignoreDuplicates' });
    await runs.run(sync);
    pass(LATER_S);
    const [twin] = await givenContacts({ Email: ann, FirstName: 'Twin' });

    const second = await runs.run(sync);

    expect(became(second, twin)?.message).toBe('Its key occurs in 2 records; none of them is imported.');
    expect(firstNames()).toEqual({ [ann]: 'First' });
  });

  test('when the one that was kept is deleted, the next one is loaded although it did not change', async () => {
    const [oldest] = await givenContacts({ Email: ann, FirstName: 'First' }, { Email: ann, FirstName: 'Second' });
    const sync = await contacts({ deduplicate: 'oldestByCreation' });
    await runs.run(sync);
    pass(LATER_S);
    await salesforceWrite(sandbox.salesforce, 'DELETE', `Contact/${oldest}`);

    const second = await runs.run(sync);

    expect(second.counts).toMatchObject({ read: 1, updated: 1 });
    expect(firstNames()).toEqual({ [ann]: 'Second' });
  });

  test('when the one that was kept vanishes without a trace, its place is free as soon as it is missed', async () => {
    const [oldest] = await givenContacts(
      { Email: ann, Description: 'x'.repeat(300) },
      { Email: ann, Description: 'short' },
    );
    const sync = await contacts({
      deduplicate: 'oldestByCreation',
      mappings: fields({ Email: 'email', Description: 'title' }),
    });
    const first = await runs.run(sync);
    pass(LATER_S);
    const { org } = sandbox.salesforce.vendor;
    org.table(org.schema.require('Contact')).remove(sequenceOf(org.ids.parse(oldest ?? '') ?? 0));

    const second = await runs.run(sync);
    const third = await runs.run(sync);

    expect(first.counts).toMatchObject({ read: 2, duplicates: 1, failed: 1 });
    expect(second.counts).toMatchObject({ read: 0 });
    expect(third.counts).toMatchObject({ read: 1, created: 1 });
  });

  test('when the one that was kept is given another key, the next one is loaded', async () => {
    const [, youngest] = await givenContacts({ Email: ann, FirstName: 'First' }, { Email: ann, FirstName: 'Second' });
    const sync = await contacts({ deduplicate: 'youngestByLastUpdate' });
    await runs.run(sync);
    pass(LATER_S);
    await salesforceWrite(sandbox.salesforce, 'PATCH', `Contact/${youngest}`, { Email: ben });

    const second = await runs.run(sync);

    expect(second.counts).toMatchObject({ read: 2, created: 1, updated: 1 });
    expect(firstNames()).toEqual({ [ann]: 'First', [ben]: 'Second' });
  });

  test('when the one that was kept leaves the filter, it stands in nobody’s way any more', async () => {
    const [older, younger] = await givenContacts(
      { Email: ann, FirstName: 'First', MailingCity: 'Vienna' },
      { Email: ann, FirstName: 'Second', MailingCity: 'Vienna' },
    );
    const sync = await contacts({
      deduplicate: 'youngestByLastUpdate',
      filter: { column: 'MailingCity', operator: 'equals', value: 'Vienna' },
    });
    await runs.run(sync);
    pass(LATER_S);
    await salesforceWrite(sandbox.salesforce, 'PATCH', `Contact/${younger}`, { MailingCity: 'Rome' });
    pass(LATER_S);

    const second = await runs.run(sync);
    pass(LATER_S);
    await salesforceWrite(sandbox.salesforce, 'PATCH', `Contact/${older}`, { FirstName: 'Edited' });
    const third = await runs.run(sync);

    expect(second.counts).toMatchObject({ read: 2, filteredOut: 1, updated: 1 });
    expect(third.counts).toMatchObject({ read: 1, updated: 1 });
    expect(firstNames()).toEqual({ [ann]: 'Edited' });
  });

  test('where all are imported, those that follow a changed one under its key are loaded again after it', async () => {
    const [first] = await givenContacts({ Email: ann, FirstName: 'First' }, { Email: ann, FirstName: 'Last' });
    const sync = await contacts({ deduplicate: 'importEverything' });
    await runs.run(sync);
    pass(LATER_S);
    await salesforceWrite(sandbox.salesforce, 'PATCH', `Contact/${first}`, { FirstName: 'Edited' });

    const second = await runs.run(sync);

    expect(second.counts).toMatchObject({ read: 2, updated: 2 });
    expect(firstNames()).toEqual({ [ann]: 'Last' });
  });
});

test('a record without a key is created once, also when it was read again', async () => {
  const [id] = await givenPeople({ firstName: 'Nobody', lastName: 'One' });
  const sync = await people({ mappings: fields({ firstName: 'firstName', lastName: 'lastName' }) });
  await runs.run(sync);
  pass(LATER_S);
  await edit(id, { firstName: 'Somebody' });

  const second = await runs.run(sync);

  expect(second.counts).toMatchObject({ read: 1, updated: 1 });
  expect(marketoPeople(target)).toMatchObject([{ firstName: 'Somebody' }]);
});
