import type { SyncEngine } from '../../src/engine/engine';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { RunningApi, settingsOf } from '../support/running-api';
import { givenSalesforceRecords } from '../support/vendor-rows';

let sandbox: Sandbox;
let api: RunningApi;
let marketo: unknown;
let salesforce: unknown;

beforeAll(async () => {
  sandbox = await startSandbox();
  const allowedHosts = [sandbox.marketo.url, sandbox.salesforce.url].map((url) => new URL(url).host);
  // nothing is started here
  api = await RunningApi.start({ engine: {} as SyncEngine, allowedHosts });
  const connect = async (name: string, kind: string, settings: unknown) =>
    (await api.call('POST', '/connections', { name, kind, settings })).body.id;
  const { clientId, clientSecret } = sandbox.salesforce.credentials;
  const auth = { type: 'clientCredentials', clientId, clientSecret };
  marketo = await connect('Marketo', 'marketo', settingsOf(sandbox.marketo));
  salesforce = await connect('Salesforce', 'salesforce', { loginUrl: sandbox.salesforce.url, auth });
}, 60_000);
afterAll(async () => {
  await api.stop();
  await sandbox.stop();
});

const suggested = async (source: unknown, destination: unknown): Promise<Record<string, string>> => {
  const { body } = await api.call('POST', '/suggest-mappings', { source, destination });
  const items = body.items as unknown as { from: string; to: string; confidence: string }[];
  return Object.fromEntries(items.map(({ from, to, confidence }) => [`${from} → ${to}`, confidence]));
};

test('from people to contacts the obvious is suggested, and no consent', async () => {
  const pairs = await suggested(
    { connectionId: marketo, object: 'Lead' },
    { connectionId: salesforce, object: 'Contact' },
  );

  expect(pairs).toMatchObject({
    'email → Email': 'sure',
    'firstName → FirstName': 'sure',
    'lastName → LastName': 'sure',
    'city → MailingCity': 'likely',
    'dateOfBirth → Birthdate': 'likely',
  });
  expect(Object.keys(pairs).filter((pair) => /OptedOut|DoNotCall/.test(pair))).toEqual([]);
});

test('from accounts to companies the obvious is suggested', async () => {
  const pairs = await suggested(
    { connectionId: salesforce, object: 'Account' },
    { connectionId: marketo, object: 'Company' },
  );

  expect(pairs).toMatchObject({ 'Name → company': 'likely', 'Website → website': 'sure' });
});

test('records of either system show what its fields hold, none where the system has none', async () => {
  sandbox.marketo.vendor.stores.insertRecords('leads', [{ email: 'jane@example.com', leadScore: 7 }]);
  await givenSalesforceRecords(sandbox.salesforce, 'Contact', [
    { LastName: 'Doe', HasOptedOutOfEmail: true },
    { LastName: 'Roe' },
  ]);
  const examples = async (connectionId: unknown, object: string) =>
    (await api.call('POST', '/examples', { connectionId, object })).body.items;

  expect(await examples(marketo, 'Lead')).toEqual([
    { sourceId: expect.any(String), values: expect.objectContaining({ email: 'jane@example.com', leadScore: 7 }) },
  ]);
  expect(await examples(salesforce, 'Contact')).toEqual([
    { sourceId: expect.any(String), values: expect.objectContaining({ LastName: 'Doe', HasOptedOutOfEmail: true }) },
    { sourceId: expect.any(String), values: expect.objectContaining({ LastName: 'Roe', FirstName: null }) },
  ]);
  expect(await examples(salesforce, 'Account')).toEqual([]);
  expect(await examples(marketo, 'Opportunity')).toEqual([]);
});

test('records are looked for by a part of their name, and none are found where they have none', async () => {
  await givenSalesforceRecords(sandbox.salesforce, 'Account', [{ Name: 'Acme Linz' }, { Name: 'Globex' }]);
  const found = async (connectionId: unknown, object: string, search: string) => {
    const { body } = await api.call('POST', '/examples', { connectionId, object, search });
    return (body.items as unknown as { values: { Name: string } }[]).map(({ values }) => values.Name);
  };

  expect(await found(salesforce, 'Account', 'linz')).toEqual(['Acme Linz']);
  expect(await found(salesforce, 'Account', "o'r%")).toEqual([]);
  expect(await found(marketo, 'Lead', 'jane')).toEqual([]);
});

test('a look at records is noted, without what was searched for', async () => {
  await api.call('POST', '/examples', { connectionId: salesforce, object: 'Lead', search: 'nobody' });

  const { body } = await api.call('GET', `/audit?subject=connection/${salesforce}/Lead`);

  expect(body.items).toMatchObject([{ action: 'values.show', details: { object: 'Lead', search: true } }]);
  expect(JSON.stringify(body)).not.toContain('nobody');
});

test('an object that is not there is named', async () => {
  const reply = await api.call('POST', '/suggest-mappings', {
    source: { connectionId: marketo, object: 'Nothing' },
    destination: { connectionId: salesforce, object: 'Contact' },
  });

  expect(reply).toMatchObject({ status: 404, type: expect.stringContaining('problem+json') });
});
