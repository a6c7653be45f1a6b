import { addsUp } from '../../src/domain/outcome';
import { type MarketoHost, type Sandbox, startSandbox } from '../../src/sandbox/sandbox';
import { RunningSync } from '../support/running-sync';

let sandbox: Sandbox;
let target: MarketoHost;
let sync: RunningSync;
let sourceId: string;
let targetId: string;

const hostOf = (url: string) => new URL(url).host;

beforeAll(async () => {
  sandbox = await startSandbox({});
  target = await sandbox.createInstance('marketo', { name: 'second' });
  sync = await RunningSync.start([hostOf(sandbox.marketo.url), hostOf(target.url)]);
  const connection = (name: string, url: string, credentials: { clientId: string; clientSecret: string }) => ({
    name,
    kind: 'marketo',
    settings: { baseUrl: url, clientId: credentials.clientId, clientSecret: credentials.clientSecret, quotaShare: 1 },
  });
  sourceId = await sync.addConnection(connection('Source', sandbox.marketo.url, sandbox.marketo.credentials as never));
  targetId = await sync.addConnection(connection('Target', target.url, target.credentials as never));
}, 60_000);

afterAll(async () => {
  await sync.stop();
  await sandbox.stop();
});

async function token(host: MarketoHost): Promise<string> {
  const { clientId, clientSecret } = host.credentials as { clientId: string; clientSecret: string };
  const query = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
  });
  const answer = await fetch(`${host.url}/identity/oauth/token?${query}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function post(host: MarketoHost, path: string, body: unknown): Promise<{ result: Record<string, unknown>[] }> {
  const headers = { authorization: `Bearer ${await token(host)}`, 'content-type': 'application/json' };
  const answer = await fetch(`${host.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await answer.json()) as { result: Record<string, unknown>[] };
}

const definition = (more: Record<string, unknown> = {}) => ({
  name: 'Copy people',
  source: { connectionId: sourceId, object: 'Lead' },
  destination: { connectionId: targetId, object: 'Lead' },
  mappings: ['email', 'firstName', 'lastName'].map((field) => ({ from: { field }, to: field })),
  ...more,
});

test('people are moved from one instance to another; a second run finds them all unchanged', async () => {
  const input = [
    { email: 'ana@example.com', firstName: 'Ana', lastName: 'One' },
    { email: ' ANA@example.com ', firstName: 'Ana', lastName: 'Two' },
    { email: 'ben@example.com', firstName: 'Ben', lastName: 'Łódź' },
    { firstName: 'No', lastName: 'Key' },
  ];
  await post(sandbox.marketo, '/rest/v1/leads.json', { action: 'createDuplicate', input });

  const first = await sync.run(definition({ deduplicate: 'youngestByLastUpdate' }));
  const second = await sync.run(definition({ deduplicate: 'youngestByLastUpdate' }));

  expect(first).toMatchObject({ state: 'succeeded', problem: null });
  expect(first.counts).toMatchObject({ read: 4, duplicates: 1, created: 3, failed: 0 });
  expect(addsUp(first.counts)).toBe(true);
  expect(second.counts).toMatchObject({ read: 4, duplicates: 1, unchanged: 2, created: 1 });
}, 60_000);

test('when a create takes effect only after its connection broke, every record is created once, and its Id is known', async () => {
  const people = Array.from({ length: 40 }, (_none, index) => ({
    email: `lost${index}@example.com`,
    lastName: 'Lost',
  }));
  await post(sandbox.marketo, '/rest/v1/leads.json', { action: 'createDuplicate', input: people });
  const match = { method: 'POST', path: '/rest/v1/leads.json', bodyContains: 'createOnly' };
  // the request takes effect after we have asked what became of it, and before we send it again
  target.addFault({ match, action: { type: 'late', afterMs: 2_500 }, count: 1 });
  target.addFault({ match, nth: 2, action: { type: 'delay', ms: 3_000 } });

  const { executionId, counts } = await sync.run(
    definition({ filter: { column: 'email', operator: 'startsWith', value: 'lost' } }),
  );

  const created = await sync.destinationIds(executionId);
  target.clearFaults();
  expect(counts).toMatchObject({ created: people.length, failed: 0 });
  expect(new Set(created).size).toBe(people.length);
  expect(created).not.toContain(null);
}, 60_000);
