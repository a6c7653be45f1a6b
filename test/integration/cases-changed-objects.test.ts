import type { SalesforceHost } from '../../src/sandbox/sandbox';
import { MarketoSyncs, type ShownSync } from '../support/marketo-syncs';
import { givenSalesforceRecords, marketoPeople, salesforceRows } from '../support/vendor-rows';

let syncs: MarketoSyncs;
let salesforceId: string;

beforeAll(async () => {
  syncs = await MarketoSyncs.start({ people: 3 });
  const { url, credentials } = salesforce();
  const settings = {
    loginUrl: url,
    quotaShare: 1,
    auth: { type: 'clientCredentials', clientId: credentials.clientId, clientSecret: credentials.clientSecret },
  };
  const made = await syncs.api.call('POST', '/connections', { name: 'Org', kind: 'salesforce', settings });
  salesforceId = String(made.body.id);
});
afterAll(() => syncs.stop());
beforeEach(() => {
  salesforce().reset();
  syncs.reset();
});

const salesforce = (): SalesforceHost => syncs.sandbox.salesforce;
const org = () => salesforce().vendor.org;
const needsAttention = ({ status }: ShownSync) => status === 'needsAttention';
const completed = ({ status }: ShownSync) => status === 'completed';

/** Far enough ahead to change an object in between; the sync is then run at once. */
const LATER = { type: 'interval', every: { amount: 1, unit: 'month' }, start: '2090-01-01T00:00' };
const idle = ({ status, lastExecution }: ShownSync) => status === 'active' && lastExecution?.state === 'succeeded';

/** Activates a sync that waits, changes an object, and starts a run. */
async function runAfter(change: () => void, definition: Record<string, unknown>): Promise<string> {
  const syncId = await syncs.activated({ schedule: LATER, ...definition });
  change();
  await syncs.runNow(syncId);
  return syncId;
}

const toContacts = (more: Record<string, string> = {}) => ({
  destination: { connectionId: salesforceId, object: 'Contact' },
  mappings: Object.entries({ email: 'Email', lastName: 'LastName', ...more }).map(([field, to]) => ({
    from: { field },
    to,
  })),
});
const contacts = () => salesforceRows(salesforce(), 'SELECT Email, LastName FROM Contact');

describe('when a field has gone since the sync was activated', () => {
  test('of Salesforce, nothing is written until it is back, and the mapping is named', async () => {
    const hide = (hidden: boolean) => void org().changeField('Contact', 'Title', { hidden });
    const syncId = await runAfter(() => hide(true), toContacts({ firstName: 'Title' }));

    const waiting = await syncs.until(syncId, needsAttention);
    expect(waiting.problem).toContain('mappings[2].to: Contact has no field Title.');
    expect(await contacts()).toEqual([]);
    expect(waiting.lastExecution).toMatchObject({ state: 'running', counts: { read: 0 } });

    hide(false);
    await syncs.control(syncId, 'resume');
    const done = await syncs.until(syncId, idle);

    expect(done).toMatchObject({ problem: null, lastExecution: { counts: { read: 3, created: 3 } } });
    expect(await contacts()).toHaveLength(3);
  });

  test('of Marketo, whether it is read, computed with or filtered by, each place is named', async () => {
    const { fields } = syncs.sandbox.marketo.vendor.stores;
    const hide = (isHidden: boolean) => void fields.change('crmKey', { isHidden });
    const syncId = await runAfter(() => hide(true), {
      ...toContacts(),
      mappings: [
        ...toContacts({ crmKey: 'Title' }).mappings,
        { from: { expression: 'coalesce(crmKey, "none")' }, to: 'Department' },
      ],
      filter: { column: 'crmKey', operator: 'isEmpty' },
    });

    const waiting = await syncs.until(syncId, needsAttention);
    expect(waiting.problem).toContain('filter.column: Lead has no field crmKey.');
    expect(waiting.problem).toContain('mappings[2].from.field: Lead has no field crmKey.');
    expect(waiting.problem).toContain('mappings[3].from.expression: The source has no field crmKey at character 10.');
    expect(await contacts()).toEqual([]);

    hide(false);
    await syncs.control(syncId, 'resume');

    expect((await syncs.until(syncId, idle)).lastExecution?.counts).toMatchObject({ read: 3, created: 3 });
  });

  test('of Marketo as the destination, nothing is written until it is back', async () => {
    const { fields } = syncs.target.vendor.stores;
    const hide = (isHidden: boolean) => void fields.change('crmKey', { isHidden });
    const mappings = ['email', 'lastName'].map((field) => ({ from: { field }, to: field }));
    const syncId = await runAfter(() => hide(true), {
      mappings: [...mappings, { from: { constant: 'x' }, to: 'crmKey' }],
    });

    const waiting = await syncs.until(syncId, needsAttention);
    expect(waiting.problem).toContain('mappings[2].to: Lead has no field crmKey.');
    expect(marketoPeople(syncs.target)).toEqual([]);

    hide(false);
    await syncs.control(syncId, 'resume');
    await syncs.until(syncId, idle);
    expect(marketoPeople(syncs.target)).toHaveLength(3);
  });

  test('by which a reference is looked up, nothing is written until it is back', async () => {
    await givenSalesforceRecords(salesforce(), 'Account', [{ Name: 'Acme', AccountNumber: 'person' }]);
    const hide = (hidden: boolean) => void org().changeField('Account', 'AccountNumber', { hidden });
    const { destination, mappings } = toContacts();
    const lookup = { object: 'Account', by: 'AccountNumber', missing: 'blank' };
    const syncId = await runAfter(() => hide(true), {
      destination,
      mappings: [...mappings, { from: { field: 'firstName' }, to: 'AccountId', lookup }],
    });

    const waiting = await syncs.until(syncId, needsAttention);
    expect(waiting.problem).toContain('mappings[2].lookup.by: Account has no field AccountNumber.');
    expect(await contacts()).toEqual([]);

    hide(false);
    await syncs.control(syncId, 'resume');
    expect((await syncs.until(syncId, idle)).lastExecution?.counts).toMatchObject({ read: 3, created: 3 });
  });

  test('a person may also cancel, take the mapping out and activate again', async () => {
    const syncId = await runAfter(
      () => void org().changeField('Contact', 'Title', { hidden: true }),
      toContacts({ firstName: 'Title' }),
    );
    await syncs.until(syncId, needsAttention);
    await syncs.control(syncId, 'cancel');
    const { body } = await syncs.api.call('GET', `/syncs/${syncId}`);

    const saved = await syncs.api.call('PUT', `/syncs/${syncId}`, {
      ...body,
      ...toContacts(),
      schedule: { type: 'now' },
    });
    expect(saved.status).toBe(200);
    // its execution ends first
    await syncs.until(syncId, ({ lastExecution }) => lastExecution?.state === 'cancelled');
    while ((await syncs.control(syncId, 'activate')).status !== 202) await syncs.until(syncId, () => true);

    expect((await syncs.until(syncId, completed)).lastExecution?.counts).toMatchObject({ read: 3, created: 3 });
  });
});

test('where references cannot be looked up, the sync is not activated', async () => {
  const { destination, mappings } = toContacts();
  const lookups = [
    { object: 'Nothing', by: 'Name' },
    { object: 'Account', by: 'Nothing__c' },
    { object: 'Account', by: 'Industry' },
  ];
  const to = ['AccountId', 'ReportsToId', 'IndividualId'];
  const syncId = await syncs.saved({
    destination,
    mappings: [
      ...mappings,
      ...lookups.map((lookup, index) => ({ from: { field: 'firstName' }, to: to[index], lookup })),
    ],
  });

  const reply = await syncs.control(syncId, 'activate');

  expect(reply.status).toBe(422);
  expect(reply.body.errors).toEqual([
    { path: 'mappings[2].lookup.object', message: 'The destination has no object Nothing.' },
    { path: 'mappings[3].lookup.by', message: 'Account has no field Nothing__c.' },
    { path: 'mappings[4].lookup.by', message: 'Records of Account cannot be looked up by Industry.' },
  ]);
});

describe('when a field is of another type than when the sync was activated', () => {
  test('nothing is written until a person has looked; then it runs', async () => {
    org().declareField('Contact', { name: 'Level__c', type: 'string', length: 40 });
    const retype = () => void org().changeField('Contact', 'Level__c', { type: 'phone' });
    const syncId = await runAfter(retype, toContacts({ firstName: 'Level__c' }));

    const waiting = await syncs.until(syncId, needsAttention);
    expect(waiting.problem).toContain('mappings[2].to: Level__c of Contact was of type text, and is of type phone now');
    expect(await contacts()).toEqual([]);

    await syncs.control(syncId, 'resume');
    const done = await syncs.until(syncId, idle);

    expect(done.lastExecution?.counts).toMatchObject({ read: 3, created: 3 });
    // what was looked at is not told again
    await syncs.runNow(syncId);
    const again = await syncs.until(syncId, (sync) => idle(sync) && sync.lastExecution?.number === 2);
    expect(again.lastExecution?.counts).toMatchObject({ read: 3, unchanged: 3 });
  });

  test('of the source, with an operator that the new type does not take, the filter is named', async () => {
    org().declareField('Contact', { name: 'Points__c', type: 'double', precision: 10, scale: 2 });
    await givenSalesforceRecords(salesforce(), 'Contact', [{ LastName: 'Sample', Email: 'a@example.com' }]);
    const retype = (type: 'string' | 'double') => void org().changeField('Contact', 'Points__c', { type });
    const syncId = await runAfter(() => retype('string'), {
      source: { connectionId: salesforceId, object: 'Contact' },
      match: { source: 'Email', destination: 'email' },
      mappings: [
        { from: { field: 'Email' }, to: 'email' },
        { from: { field: 'LastName' }, to: 'lastName' },
      ],
      filter: { not: { column: 'Points__c', operator: 'greaterThan', value: 5 } },
    });

    const waiting = await syncs.until(syncId, needsAttention);
    expect(waiting.problem).toContain('filter.not.operator: greaterThan cannot be used with a field of type text.');

    retype('double');
    await syncs.control(syncId, 'resume');
    expect((await syncs.until(syncId, idle)).lastExecution?.counts).toMatchObject({ read: 1, created: 1 });
  });
});
