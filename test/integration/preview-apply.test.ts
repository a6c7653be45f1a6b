import { marketoPost } from '../support/marketo-calls';
import { fields, Previews } from '../support/previews';
import { addressKey, givenSalesforceRecords, marketoPeople, salesforceWrite } from '../support/vendor-rows';

let previews: Previews;

beforeAll(async () => {
  previews = await Previews.start();
}, 60_000);
afterAll(() => previews.stop());
afterEach(() => {
  expect(previews.sandbox.defects).toEqual([]);
});

const NAMES = ['new', 'changed', 'same', 'source', 'destination', 'made', 'gone'] as const;
type Name = (typeof NAMES)[number];
const emailOf = (group: string, name: Name | 'late') => `${name}@${group}.test`;

/** People of a group, each with a fate of its own. @returns the Ids of the contacts */
async function givenGroup(group: string): Promise<Map<string, string>> {
  const contacts = NAMES.map((name) => ({ Email: emailOf(group, name), FirstName: 'Ann', LastName: group }));
  const ids = await givenSalesforceRecords(previews.sandbox.salesforce, 'Contact', contacts);
  previews.second.vendor.stores.insertRecords(
    'leads',
    (['changed', 'same', 'source', 'destination'] as const).map((name) => ({
      email: emailOf(group, name),
      firstName: name === 'same' ? 'Ann' : 'Anna',
      lastName: group,
    })),
  );
  return new Map(NAMES.map((name, index) => [name, ids[index] ?? '']));
}

const saved = (group: string, more: Record<string, unknown> = {}) =>
  previews.saved({
    name: `Apply ${group}`,
    source: { connectionId: previews.connections.salesforce, object: 'Contact' },
    destination: { connectionId: previews.connections.second, object: 'Lead' },
    filter: { column: 'LastName', operator: 'equals', value: group },
    mappings: fields({ Email: 'email', FirstName: 'firstName', LastName: 'lastName' }),
    ...more,
  });

const apply = (previewId: string) => previews.api.call('POST', `/previews/${previewId}/apply`);

/** Waits until the sync has done what was applied. @returns its records by address */
async function done(syncId: string) {
  const sync = await previews.api.until(syncId, ({ status }) => status === 'completed');
  const { id } = sync.lastExecution as unknown as { id: string };
  const { body } = await previews.api.call('GET', `/executions/${id}/records?limit=500`);
  const items = body.items as unknown as { matchKey: string; outcome: string; reason: string | null }[];
  return new Map(items.map(({ matchKey, outcome, reason }) => [matchKey, reason ?? outcome]));
}

const leads = (group: string) =>
  new Map(
    marketoPeople(previews.second)
      .filter(({ lastName }) => lastName === group)
      .map(({ email, firstName }) => [addressKey(email), firstName]),
  );

test('what is as it was is written as planned; what has changed since is held back and listed', async () => {
  const group = 'apply';
  const ids = await givenGroup(group);
  const syncId = await saved(group, { schedule: { type: 'now' } });
  const preview = await previews.previewed(syncId);
  const org = previews.sandbox.salesforce;
  await salesforceWrite(org, 'PATCH', `Contact/${ids.get('source')}`, { FirstName: 'Other' });
  await salesforceWrite(org, 'DELETE', `Contact/${ids.get('gone')}`);
  await givenSalesforceRecords(previews.sandbox.salesforce, 'Contact', [
    { Email: emailOf(group, 'late'), FirstName: 'Late', LastName: group },
  ]);
  const input = (['destination', 'made'] as const).map((name) => ({
    email: emailOf(group, name),
    firstName: 'Someone',
    lastName: group,
  }));
  await marketoPost(previews.second, '/rest/v1/leads.json', { action: 'createOrUpdate', input });

  const applied = await apply(preview.id);
  const became = await done(syncId);

  expect(applied).toMatchObject({ status: 202, body: { id: syncId, status: 'active', workflowId: `sync/${syncId}` } });
  expect(Object.fromEntries(became)).toEqual({
    [emailOf(group, 'new')]: 'created',
    [emailOf(group, 'changed')]: 'updated',
    [emailOf(group, 'same')]: 'unchanged',
    [emailOf(group, 'source')]: 'changedSincePreview',
    [emailOf(group, 'destination')]: 'changedSincePreview',
    [emailOf(group, 'made')]: 'changedSincePreview',
    [emailOf(group, 'late')]: 'changedSincePreview',
  });
  expect(Object.fromEntries(leads(group))).toEqual({
    [emailOf(group, 'new')]: 'Ann',
    [emailOf(group, 'changed')]: 'Ann',
    [emailOf(group, 'same')]: 'Ann',
    [emailOf(group, 'source')]: 'Anna',
    [emailOf(group, 'destination')]: 'Someone',
    [emailOf(group, 'made')]: 'Someone',
  });
}, 90_000);

test('a plan of rounds is carried out by rounds, and once', async () => {
  const group = 'rounds';
  const twins = ['Ann', 'Bob', 'Cid'].map((FirstName) => ({ Email: `twin@${group}.test`, FirstName, LastName: group }));
  await givenSalesforceRecords(previews.sandbox.salesforce, 'Contact', twins);
  const syncId = await saved(group, {
    schedule: { type: 'interval', every: { amount: 1, unit: 'day' }, start: '2026-01-01T00:00', timeZone: 'UTC' },
  });
  const preview = await previews.previewed(syncId);

  const first = await apply(preview.id);
  await done(syncId);
  const { body } = await previews.api.call('GET', `/syncs/${syncId}`);

  expect(preview.plan).toMatchObject({ create: 1, update: 2 });
  expect(first.status).toBe(202);
  expect(body).toMatchObject({ nextRunAt: null, lastExecution: { number: 1, trigger: 'now', state: 'succeeded' } });
  expect(body.lastExecution).toMatchObject({ counts: { created: 1, updated: 2, skipped: 0 } });
  expect([...leads(group)]).toEqual([[`twin@${group}.test`, 'Cid']]);
}, 90_000);

test('a draft without a schedule is done by applying its preview; activated later, it goes by its schedule again', async () => {
  const group = 'draft';
  await givenGroup(group);
  const syncId = await saved(group);

  const applied = await apply((await previews.previewed(syncId)).id);
  await done(syncId);
  const { body: definition } = await previews.api.call('GET', `/syncs/${syncId}`);
  const changed = {
    ...definition,
    schedule: { type: 'now' },
    mappings: fields({ Email: 'email', LastName: 'firstName' }),
  };
  await previews.api.call('PUT', `/syncs/${syncId}`, changed);
  await previews.api.call('POST', `/syncs/${syncId}/activate`);
  const later = await previews.api.until(
    syncId,
    ({ lastExecution, status }) =>
      status === 'completed' && (lastExecution as unknown as { number: number } | null)?.number === 2,
  );

  expect(applied.status).toBe(202);
  expect(later.lastExecution).toMatchObject({ counts: { updated: NAMES.length, skipped: 0 } });
}, 90_000);

test('a sample, a preview of an earlier version and one of an active sync are not applied', async () => {
  const group = 'refused';
  await givenGroup(group);
  const syncId = await saved(group, { schedule: { type: 'once', at: '2100-01-01T00:00', timeZone: 'UTC' } });
  const sample = await previews.previewed(syncId, { mode: 'sample', limit: 2 });
  const full = await previews.previewed(syncId, { mode: 'full' });

  const ofSample = await apply(sample.id);
  await previews.api.call('POST', `/syncs/${syncId}/activate`);
  const ofActive = await apply(full.id);
  await previews.api.call('POST', `/syncs/${syncId}/cancel`);
  const { body } = await previews.api.call('GET', `/syncs/${syncId}`);
  await previews.api.call('PUT', `/syncs/${syncId}`, { ...body, description: 'changed' });
  const ofEarlier = await apply(full.id);

  expect([ofSample, ofActive, ofEarlier].map(({ status, body: refusal }) => [status, refusal.detail])).toEqual([
    [409, expect.stringContaining('sample')],
    [409, expect.stringContaining('active')],
    [409, expect.stringContaining('has been changed since the preview')],
  ]);
}, 60_000);
