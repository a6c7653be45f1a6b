import { fields, Previews } from '../support/previews';
import { RunningApi } from '../support/running-api';
import { givenSalesforceRecords } from '../support/vendor-rows';

const CONTACTS = Array.from({ length: 30 }, (_none, index) => ({
  Email: `c${index}@example.com`,
  FirstName: index % 2 === 0 ? 'Ann' : 'Bob',
  LastName: `Contact ${index}`,
}));

/** Two of each address: the second one is planned in a round of its own. */
const TWINS = ['Ann', 'Bob'].flatMap((FirstName) =>
  [1, 2, 3].map((number) => ({ Email: `twin${number}@example.com`, FirstName, LastName: `Twin ${number}` })),
);

let previews: Previews;

beforeAll(async () => {
  previews = await Previews.start();
  await givenSalesforceRecords(previews.sandbox.salesforce, 'Contact', [...CONTACTS, ...TWINS]);
}, 60_000);
afterAll(() => previews.stop());
afterEach(() => {
  for (const host of previews.hosts) host.clearFaults();
  expect(previews.sandbox.defects).toEqual([]);
});

const contactsToPeople = (more: Record<string, unknown> = {}) => ({
  name: `Contacts to people ${Math.random()}`,
  source: { connectionId: previews.connections.salesforce, object: 'Contact' },
  destination: { connectionId: previews.connections.second, object: 'Lead' },
  filter: { column: 'LastName', operator: 'startsWith', value: 'Contact' },
  mappings: fields({ Email: 'email', FirstName: 'firstName', LastName: 'lastName' }),
  schedule: { type: 'now' },
  ...more,
});

/** An API of a process that cannot reach Temporal just now. */
async function withoutTemporal<Result>(work: (api: RunningApi) => Promise<Result>): Promise<Result> {
  const away = () => Promise.reject(new Error('Temporal is away.'));
  const engine = {
    startSync: away,
    startPreview: away,
    stopPreview: away,
    startFollowUp: away,
    stopFollowUp: away,
    readiness: () => Promise.resolve({ temporal: false, worker: false }),
  };
  const allowedHosts = previews.hosts.map(({ url }) => new URL(url).host);
  const api = await RunningApi.start({ engine, allowedHosts, shared: previews.sync });
  try {
    return await work(api);
  } finally {
    await api.stop();
  }
}

test('a preview that could not be started at once is started by a worker', async () => {
  const syncId = await previews.saved(contactsToPeople());

  const asked = await withoutTemporal((api) => api.call('POST', `/syncs/${syncId}/preview`));
  const preview = await previews.until(String(asked.body.previewId), ({ state }) => state !== 'running');

  expect(asked.status).toBe(202);
  expect(preview).toMatchObject({ state: 'completed', plan: { create: CONTACTS.length } });
}, 60_000);

test('a preview that is cancelled before it was started ends without being started', async () => {
  const syncId = await previews.saved(contactsToPeople());

  const previewId = await withoutTemporal(async (api) => {
    const { body } = await api.call('POST', `/syncs/${syncId}/preview`);
    await api.call('POST', `/previews/${body.previewId}/cancel`);
    return String(body.previewId);
  });
  const preview = await previews.until(previewId, ({ state }) => state !== 'running');

  expect(preview).toMatchObject({ state: 'cancelled', read: 0 });
}, 60_000);

test('a repeat with the same key is the same preview, another one is a new one', async () => {
  const syncId = await previews.saved(contactsToPeople());
  const ask = async (key: string) => {
    const { body } = await previews.api.call('POST', `/syncs/${syncId}/preview`, {}, { 'Idempotency-Key': key });
    return String(body.previewId);
  };

  const ids = [await ask('one'), await ask('one'), await ask('two')];
  for (const previewId of ids) await previews.until(previewId, ({ state }) => state !== 'running');

  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
}, 60_000);

test('a plan that breaks off between two rounds goes on with the second, which finds what the first would have written', async () => {
  const syncId = await previews.saved(
    contactsToPeople({ filter: { column: 'LastName', operator: 'startsWith', value: 'Twin' } }),
  );
  const lookUps = { match: { path: '/rest/v1/leads.json*' } };
  const fault = previews.second.addFault({ ...lookUps, nth: 2, action: { type: 'respond', status: 503 } });

  const preview = await previews.previewed(syncId);

  const planned = await previews.planned(preview.id);
  expect(previews.second.faults.list().find(({ id }) => id === fault.id)).toMatchObject({ acted: 1, seen: 3 });
  expect(preview).toMatchObject({ state: 'completed', read: TWINS.length, plan: { create: 3, update: 3 } });
  expect(planned.map(({ action, before, after }) => [action, before, after?.firstName])).toEqual([
    ...[1, 2, 3].map(() => ['create', null, 'Ann']),
    ...[1, 2, 3].map(() => ['update', { firstName: 'Ann' }, 'Bob']),
  ]);
}, 60_000);

test('records are found by action, reason, field and key, page by page', async () => {
  const syncId = await previews.saved(
    contactsToPeople({
      mappings: [
        ...fields({ Email: 'email', LastName: 'lastName' }),
        { from: { field: 'FirstName' }, to: 'firstName', values: { Ann: 'Anna' }, otherwise: 'fail' },
        // a text that looks as if another field were written
        { from: { constant: '"phone":1' }, to: 'title' },
      ],
    }),
  );
  const { id } = await previews.previewed(syncId);
  const found = async (query: string) => (await previews.planned(id, query)).map(({ matchKey }) => matchKey);

  const pages = await previews.api.call('GET', `/previews/${id}/records?limit=7`);

  expect(await found('&action=create')).toHaveLength(CONTACTS.length / 2);
  expect(await found('&action=refuse&reason=notInTable')).toHaveLength(CONTACTS.length / 2);
  expect(await found('&search=c12%40')).toEqual(['c12@example.com']);
  expect(await found('&field=title')).toHaveLength(CONTACTS.length / 2);
  expect(await found('&field=firstName')).toHaveLength(CONTACTS.length);
  expect(await found('&field=firstName&action=create')).toHaveLength(CONTACTS.length / 2);
  expect(await found('&field=phone')).toEqual([]);
  expect(await found('&action=update')).toEqual([]);
  expect(pages.body).toMatchObject({ items: expect.any(Array), nextCursor: expect.any(String) });
  expect(await previews.planned(id)).toHaveLength(CONTACTS.length);
}, 60_000);

test('records that are written although it is probably not meant so are found by what is told of them', async () => {
  const there = [`There.${Date.now()}@example.com`, `Twice.${Date.now()}@example.com`];
  const [now, leads] = [Date.now(), previews.second.vendor.stores];
  leads.insertRecords(
    'leads',
    there.map((email) => ({ email, lastName: 'Warned', createdAt: now, updatedAt: now })),
  );
  const twice = ['One', 'Two'].map((FirstName) => ({ Email: there[1], FirstName, LastName: 'Warned' }));
  await givenSalesforceRecords(previews.sandbox.salesforce, 'Contact', twice);
  const syncId = await previews.saved({
    name: 'Warned of',
    source: { connectionId: previews.connections.second, object: 'Lead' },
    destination: { connectionId: previews.connections.salesforce, object: 'Contact' },
    filter: { column: 'lastName', operator: 'equals', value: 'Warned' },
    mappings: [
      ...fields({ email: 'Email', lastName: 'LastName' }),
      { from: { constant: 'Not in the list' }, to: 'LeadSource' },
    ],
  });
  const { id, problems } = await previews.previewed(syncId);
  const found = async (query: string) => (await previews.planned(id, query)).map(({ matchKey }) => matchKey);

  const [ambiguous] = await previews.planned(id, '&reason=ambiguous');

  expect(problems).toContainEqual(
    expect.objectContaining({ action: 'warn', code: 'notInPicklist', field: 'LeadSource', records: 1 }),
  );
  expect(await found('&warning=notInPicklist')).toEqual([there[0]?.toLowerCase()]);
  expect(await found('&warning=notInPicklist&field=LeadSource')).toHaveLength(1);
  expect(await found('&warning=notInPicklist&field=LastName')).toEqual([]);
  expect(ambiguous?.matches.map(({ id: named }) => ambiguous.message?.includes(named))).toEqual([true, true]);
}, 60_000);

test('an active sync in the opposite direction is warned of', async () => {
  const back = await previews.saved({
    name: 'Back',
    source: { connectionId: previews.connections.second, object: 'Lead' },
    destination: { connectionId: previews.connections.salesforce, object: 'Contact' },
    mappings: fields({ email: 'Email', lastName: 'LastName' }),
    schedule: { type: 'once', at: '2100-01-01T00:00', timeZone: 'UTC' },
  });
  const syncId = await previews.saved(contactsToPeople());

  const before = await previews.previewed(syncId);
  await previews.api.call('POST', `/syncs/${back}/activate`);
  const after = await previews.previewed(syncId);
  await previews.api.call('POST', `/syncs/${back}/cancel`);

  const opposite = (codes: readonly { code: string; message: string }[]) =>
    codes.filter(({ code }) => code === 'oppositeSync').map(({ message }) => message);
  expect(opposite(before.warnings)).toEqual([]);
  expect(opposite(after.warnings)).toEqual([expect.stringContaining('"Back"')]);
}, 60_000);

test('an active sync is previewed without a change of what it does next', async () => {
  const schedule = { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2100-01-01T00:00', timeZone: 'UTC' };
  const syncId = await previews.saved(contactsToPeople({ schedule }));
  await previews.api.call('POST', `/syncs/${syncId}/activate`);
  const before = await previews.api.until(syncId, ({ nextRunAt }) => nextRunAt !== null);

  const preview = await previews.previewed(syncId);
  const after = await previews.api.call('GET', `/syncs/${syncId}`);
  await previews.api.call('POST', `/syncs/${syncId}/cancel`);

  expect(preview.state).toBe('completed');
  expect(after.body).toEqual(before);
}, 60_000);
