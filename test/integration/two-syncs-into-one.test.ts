import { addsUp } from '../../src/domain/outcome';
import { type SalesforceHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { type EndedExecution, RunningSync } from '../support/running-sync';
import { salesforceRows } from '../support/vendor-rows';

const PEOPLE = 300;
/** A Bulk job says so late that it is complete: the other sync looks while the first one's records are on their way. */
const JOB_MS = 1_500;
const DAY_MS = 86_400_000;

let sandbox: Sandbox;
let org: SalesforceHost;
let sync: RunningSync;
let source: string;
let targets: string[];

beforeAll(async () => {
  sandbox = await startSandbox();
  org = sandbox.salesforce;
  sync = await RunningSync.start([sandbox.marketo, org].map(({ url }) => new URL(url).host));
  const client = { clientId: 'sandbox', clientSecret: 'sandbox' };
  source = await sync.addConnection({
    name: 'Marketo',
    kind: 'marketo',
    settings: { baseUrl: sandbox.marketo.url, quotaShare: 1, ...client },
  });
  const auth = { type: 'clientCredentials', ...client };
  const settings = { loginUrl: org.url, quotaShare: 1, auth };
  targets = [
    await sync.addConnection({ name: 'Salesforce', kind: 'salesforce', settings }),
    await sync.addConnection({ name: 'The same org by another connection', kind: 'salesforce', settings }),
  ];
}, 60_000);
afterAll(async () => {
  await sync.stop();
  await sandbox.stop();
});
beforeEach(() => {
  org.reset();
  sandbox.marketo.reset();
  sandbox.clock.advance(20_000);
  org.vendor.org.changeSettings({ bulkStartDelayMs: JOB_MS, bulkFinishDelayMs: JOB_MS });
});

const givenPeople = (emailOf: (index: number) => string) => {
  const createdAt = Date.now() - DAY_MS;
  sandbox.marketo.vendor.stores.insertRecords(
    'leads',
    Array.from({ length: PEOPLE }, (_none, index) => ({
      email: emailOf(index),
      lastName: `Person ${index}`,
      createdAt,
      updatedAt: createdAt,
    })),
  );
};

const definition = (target: string | undefined) => ({
  name: 'Leads to contacts',
  source: { connectionId: source, object: 'Lead' },
  destination: { connectionId: target, object: 'Contact' },
  mappings: [
    { from: { field: 'email' }, to: 'Email' },
    { from: { field: 'lastName' }, to: 'LastName' },
  ],
});

const total = (runs: EndedExecution[], count: 'created' | 'updated' | 'unchanged' | 'failed') =>
  runs.reduce((sum, { counts }) => sum + counts[count], 0);

test('two syncs that load the same people into one org at once create each of them once', async () => {
  givenPeople((index) => `person${index}@example.com`);

  const runs = await Promise.all(targets.map((target) => sync.run(definition(target))));

  const contacts = await salesforceRows(org, 'SELECT Email FROM Contact');
  expect(contacts).toHaveLength(PEOPLE);
  expect(new Set(contacts.map(({ Email }) => Email)).size).toBe(PEOPLE);
  expect(runs.every(({ state, counts }) => state === 'succeeded' && addsUp(counts))).toBe(true);
  expect([total(runs, 'created'), total(runs, 'unchanged')]).toEqual([PEOPLE, PEOPLE]);
}, 60_000);

test('records with one key keep their order, also when they have to wait for another sync', async () => {
  // three records to a key: the later ones change what the first one made
  givenPeople((index) => `person${index % (PEOPLE / 3)}@example.com`);

  const runs = await Promise.all(targets.map((target) => sync.run(definition(target))));

  const contacts = await salesforceRows(org, 'SELECT Email, LastName FROM Contact');
  expect(contacts).toHaveLength(PEOPLE / 3);
  expect(total(runs, 'created')).toBe(PEOPLE / 3);
  expect(total(runs, 'failed')).toBe(0);
  // the last of the three is what stays
  const last = ({ Email }: Record<string, unknown>) => Number(/\d+/.exec(String(Email))?.[0]) + (PEOPLE * 2) / 3;
  expect(contacts.filter((contact) => contact.LastName !== `Person ${last(contact)}`)).toEqual([]);
}, 60_000);
