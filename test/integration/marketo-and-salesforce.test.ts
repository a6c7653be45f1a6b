import { addsUp } from '../../src/domain/outcome';
import { type MarketoHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { RunningSync } from '../support/running-sync';
import { addressKey, marketoCompanies, marketoPeople, salesforceRows } from '../support/vendor-rows';

const PEOPLE = 1_000;
const COMPANIES = 503;

let sandbox: Sandbox;
let second: MarketoHost;
let sync: RunningSync;
let marketo: string;
let salesforce: string;
let secondMarketo: string;

const hostOf = (url: string) => new URL(url).host;
const fields = (pairs: Record<string, string>) => Object.entries(pairs).map(([field, to]) => ({ from: { field }, to }));

beforeAll(async () => {
  sandbox = await startSandbox({ people: PEOPLE });
  second = await sandbox.createInstance('marketo', { name: 'second' });
  sync = await RunningSync.start([sandbox.marketo, sandbox.salesforce, second].map(({ url }) => hostOf(url)));
  const client = { clientId: 'sandbox', clientSecret: 'sandbox' };
  const marketoAt = ({ url }: MarketoHost) => ({ baseUrl: url, quotaShare: 1, ...client });
  marketo = await sync.addConnection({ name: 'Marketo', kind: 'marketo', settings: marketoAt(sandbox.marketo) });
  secondMarketo = await sync.addConnection({ name: 'Second', kind: 'marketo', settings: marketoAt(second) });
  salesforce = await sync.addConnection({
    name: 'Salesforce',
    kind: 'salesforce',
    settings: { loginUrl: sandbox.salesforce.url, quotaShare: 1, auth: { type: 'clientCredentials', ...client } },
  });
}, 60_000);
afterAll(async () => {
  await sync.stop();
  await sandbox.stop();
});
afterEach(() => {
  expect(sandbox.defects).toEqual([]);
  for (const host of [sandbox.marketo, sandbox.salesforce, second])
    expect(host.violations().filter(({ count, violation }) => count > 0 && violation !== 'unboundedQuery')).toEqual([]);
});

test('leads become contacts: every address that Marketo has is there once more at most, and a second run changes nothing', async () => {
  const before = await salesforceRows(sandbox.salesforce, 'SELECT Email FROM Contact');
  const definition = {
    name: 'Leads to contacts',
    source: { connectionId: marketo, object: 'Lead' },
    destination: { connectionId: salesforce, object: 'Contact' },
    deduplicate: 'youngestByLastUpdate',
    filter: { column: 'email', operator: 'isNotEmpty' },
    mappings: fields({ email: 'Email', firstName: 'FirstName', lastName: 'LastName', city: 'MailingCity' }),
  };

  const first = await sync.run(definition);
  const again = await sync.run(definition);

  const contacts = await salesforceRows(sandbox.salesforce, 'SELECT Email FROM Contact');
  const addresses = new Set(marketoPeople(sandbox.marketo).map(({ email }) => addressKey(email)));
  addresses.delete('');
  const known = new Set(contacts.map(({ Email }) => addressKey(Email)));
  const failures = (await sync.outcomes(first.executionId)).filter(({ outcome }) => outcome === 'failed');
  // a name that is too long is refused, never cut
  const refused = failures.filter(({ reason }) => reason === 'tooLong');
  expect(first).toMatchObject({ problem: null, counts: { read: PEOPLE } });
  expect(addsUp(first.counts)).toBe(true);
  expect(first.counts.created).toBe(contacts.length - before.length);
  expect(failures.filter(({ reason }) => reason !== 'tooLong' && reason !== 'ambiguous')).toEqual([]);
  expect([...addresses].filter((address) => !known.has(address)).length).toBeLessThanOrEqual(refused.length);
  expect(again.counts).toMatchObject({ created: 0, updated: 0, failed: first.counts.failed });
}, 120_000);

test('contacts become leads of Marketo, and a second run finds them all unchanged', async () => {
  const contacts = await salesforceRows(sandbox.salesforce, "SELECT Email FROM Contact WHERE Email != ''");
  const definition = {
    name: 'Contacts to people',
    source: { connectionId: salesforce, object: 'Contact' },
    destination: { connectionId: secondMarketo, object: 'Lead' },
    deduplicate: 'youngestByLastUpdate',
    filter: { column: 'Email', operator: 'isNotEmpty' },
    mappings: fields({ Email: 'email', FirstName: 'firstName', LastName: 'lastName', MailingCity: 'city' }),
  };

  const first = await sync.run(definition);
  const again = await sync.run(definition);

  const wanted = new Set(contacts.map(({ Email }) => addressKey(Email)));
  const people = marketoPeople(second);
  expect(first).toMatchObject({ state: 'succeeded', counts: { created: wanted.size, failed: 0 } });
  expect(addsUp(first.counts)).toBe(true);
  expect(new Set(people.map(({ email }) => addressKey(email)))).toEqual(wanted);
  expect(people).toHaveLength(wanted.size);
  expect(again.counts).toMatchObject({ created: 0, updated: 0, unchanged: wanted.size });
}, 120_000);

test('the 503 companies become accounts: those that are there are updated or unchanged, the others created, names intact', async () => {
  const present = await salesforceRows(sandbox.salesforce, 'SELECT Name FROM Account');
  const companies = marketoCompanies(sandbox.marketo);
  const known = new Set(present.map(({ Name }) => String(Name).toLowerCase()));
  const shared = companies.filter(({ company }) => known.has(String(company).toLowerCase())).length;

  const first = await sync.run({
    name: 'Companies to accounts',
    source: { connectionId: marketo, object: 'Company' },
    destination: { connectionId: salesforce, object: 'Account' },
    match: { source: 'company', destination: 'Name' },
    mappings: fields({ company: 'Name', website: 'Website', industry: 'Industry', billingState: 'BillingState' }),
  });

  const accounts = await salesforceRows(sandbox.salesforce, 'SELECT Name FROM Account');
  const names = new Set(accounts.map(({ Name }) => Name));
  expect(first).toMatchObject({
    state: 'succeeded',
    counts: { read: COMPANIES, created: COMPANIES - shared, failed: 0 },
  });
  expect(first.counts.updated).toBeGreaterThan(0);
  expect(first.counts.unchanged).toBeGreaterThan(0);
  expect(companies.filter(({ company }) => !names.has(company))).toEqual([]);
}, 120_000);

test('accounts become companies of another Marketo by their Ids, and a second run finds them all unchanged', async () => {
  const accounts = await salesforceRows(sandbox.salesforce, 'SELECT Id, Name FROM Account');
  const definition = {
    name: 'Accounts to companies',
    source: { connectionId: salesforce, object: 'Account' },
    destination: { connectionId: secondMarketo, object: 'Company' },
    match: { source: 'Id', destination: 'externalCompanyId' },
    mappings: fields({ Id: 'externalCompanyId', Name: 'company', Website: 'website', BillingCity: 'billingCity' }),
  };

  const first = await sync.run(definition);
  const again = await sync.run(definition);

  const companies = marketoCompanies(second).map(({ externalCompanyId, company }) => [externalCompanyId, company]);
  expect(first.counts).toMatchObject({ read: accounts.length, created: accounts.length, failed: 0 });
  expect(new Map(companies as [string, string][])).toEqual(new Map(accounts.map(({ Id, Name }) => [Id, Name])));
  expect(again.counts).toMatchObject({ read: accounts.length, unchanged: accounts.length });
}, 120_000);
