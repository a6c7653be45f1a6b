import { parse } from 'csv-parse/sync';
import type { InstanceHost } from '../../src/sandbox/instance-host';
import { fields, LOOK_EVERY_MS, Previews } from '../support/previews';
import { salesforceRows } from '../support/vendor-rows';

const PEOPLE = 600;
/** So far back people are read: some exports of 31 days, which leave calls for the run in Marketo's window of 20 seconds. */
const SINCE = new Date(Date.now() - 150 * 86_400_000).toISOString().slice(0, 10);

let previews: Previews;

beforeAll(async () => {
  previews = await Previews.start({ people: PEOPLE });
}, 60_000);
afterAll(() => previews.stop());
afterEach(() => {
  for (const host of previews.hosts) host.clearFaults();
  expect(previews.sandbox.defects).toEqual([]);
});

const leadsToContacts = (more: Record<string, unknown> = {}) => ({
  name: `Leads to contacts ${Math.random()}`,
  source: { connectionId: previews.connections.marketo, object: 'Lead' },
  destination: { connectionId: previews.connections.salesforce, object: 'Contact' },
  deduplicate: 'youngestByLastUpdate',
  filter: {
    all: [
      { column: 'email', operator: 'isNotEmpty' },
      { column: 'createdAt', operator: 'greaterOrEqual', value: SINCE },
    ],
  },
  mappings: fields({ email: 'Email', firstName: 'FirstName', lastName: 'LastName', city: 'MailingCity' }),
  schedule: { type: 'now' },
  ...more,
});

const contactsToPeople = (more: Record<string, unknown> = {}) => ({
  name: `Contacts to people ${Math.random()}`,
  source: { connectionId: previews.connections.salesforce, object: 'Contact' },
  destination: { connectionId: previews.connections.second, object: 'Lead' },
  mappings: fields({ Email: 'email', FirstName: 'firstName', LastName: 'lastName', MailingCity: 'city' }),
  schedule: { type: 'now' },
  ...more,
});

/** Calls that count against the quota; a sign-in does not. */
const callsOf = (host: InstanceHost): number =>
  host
    .counters()
    .filter(({ endpoint }) => !/oauth|identity/.test(endpoint))
    .reduce((sum, { count }) => sum + count, 0);

const contactsById = async () => {
  const rows = await salesforceRows(
    previews.sandbox.salesforce,
    'SELECT Id, Email, FirstName, LastName, MailingCity FROM Contact',
  );
  return new Map(rows.map((row) => [row.Id, row]));
};

test('leads become contacts: values before and after are those that are there before and after, and the run costs what was forecast', async () => {
  const syncId = await previews.saved(leadsToContacts());
  const writesBefore = previews.writes();
  const before = await contactsById();

  const preview = await previews.previewed(syncId);
  const planned = await previews.planned(preview.id);
  const written = previews.writes() - writesBefore;
  for (const { state } of previews.hosts) state.clearCounters();
  const { counts, fates } = await previews.ran(syncId);
  const calls = previews.hosts.map(callsOf);
  const after = await contactsById();

  const { read = 0, filteredOut = 0, duplicates, created, updated, unchanged, skipped, failed } = counts;
  const updates = planned.filter(({ action }) => action === 'update');
  expect(preview).toMatchObject({ state: 'completed', problem: null, exact: true, total: read - filteredOut, read });
  expect(preview.plan).toEqual({
    filteredOut,
    duplicates,
    create: created,
    update: updated,
    unchanged,
    skip: skipped,
    refuse: failed,
  });
  expect(written).toBe(0);
  expect(preview.warnings.map(({ code }) => code)).toEqual(['automation', 'nativeSync']);
  expect(fates).toEqual(planned.map(({ sourceId, action, reason, field }) => ({ sourceId, action, reason, field })));
  expect(updates.length).toBeGreaterThan(0);
  for (const { destinationId, ...values } of updates) {
    expect(before.get(destinationId)).toMatchObject(values.before ?? {});
    expect(after.get(destinationId)).toMatchObject(values.after ?? {});
  }
  // of Marketo some exports, of Salesforce a look-up, a job and a request
  const { source, destination } = preview.forecast;
  expect(Math.abs(source.apiCalls - (calls[0] ?? 0))).toBeLessThanOrEqual(0.3 * source.apiCalls);
  expect(Math.abs(destination.apiCalls - (calls[1] ?? 0))).toBeLessThanOrEqual(0.3 * destination.apiCalls);
  expect(preview.forecast.megabytes).toBeGreaterThan(0);
}, 90_000);

test('what is refused is told by rule with the values, duplicates by group with the one that is kept', async () => {
  const lastName = 'Featherstonehaugh-'.repeat(6);
  const now = Date.now();
  const tooLong = { email: 'long@example.com', lastName, createdAt: now, updatedAt: now };
  previews.sandbox.marketo.vendor.stores.insertRecords('leads', [tooLong]);
  const syncId = await previews.saved(leadsToContacts());

  const { id, problems, duplicates, warnings, samples, plan } = await previews.previewed(syncId, { mode: 'full' });
  const planned = await previews.planned(id);
  const viewer = await previews.api.call('POST', '/api-keys', { name: 'Looks on', role: 'viewer' });
  const authorization = `Bearer ${String(viewer.body.key)}`;
  const seen = async (path: string) =>
    JSON.stringify((await previews.api.call('GET', path, undefined, { authorization })).body);
  const seenByViewer = await Promise.all([
    seen(`/previews/${id}`),
    seen(`/previews/${id}/records?search=long%40example.com`),
    seen(`/previews/${id}/records.csv?search=long%40example.com`),
    seen(`/previews/${id}/records.json?search=long%40example.com`),
  ]);

  expect(problems).toContainEqual(
    expect.objectContaining({
      action: 'refuse',
      code: 'tooLong',
      field: 'LastName',
      examples: expect.arrayContaining([expect.objectContaining({ matchKey: 'long@example.com', value: lastName })]),
    }),
  );
  const refused = planned.find(({ matchKey }) => matchKey === 'long@example.com');
  expect(refused?.problems).toMatchObject([{ code: 'tooLong', field: 'LastName', value: lastName }]);
  expect(seenByViewer.filter((text) => text.includes(lastName))).toEqual([]);
  expect(seenByViewer[0]).toContain('"value":"•••"');
  expect(problems.reduce((sum, { action, records }) => sum + (action === 'refuse' ? records : 0), 0)).toBe(plan.refuse);
  const [group] = duplicates.largest;
  expect(group?.sourceIds).toHaveLength(group?.records ?? 0);
  expect(group?.sourceIds).toContain(group?.kept);
  expect(duplicates.decidedBy).toEqual({ field: 'updatedAt', label: 'Updated At' });
  expect(group?.dates.map(({ sourceId }) => sourceId)).toEqual(group?.sourceIds);
  const kept = group?.dates.find(({ sourceId }) => sourceId === group.kept)?.value;
  expect(kept).toBe(
    group?.dates
      .map(({ value }) => String(value))
      .toSorted()
      .at(-1),
  );
  expect(seenByViewer[0]).not.toContain(`"value":"${kept}"`);
  expect(duplicates.largest.reduce((sum, { records }) => sum + records - 1, 0)).toBe(plan.duplicates);
  expect(warnings).toEqual([]); // nothing is left to be written
  expect(new Set(samples.map(({ action }) => action)).size).toBeGreaterThan(3);
}, 60_000);

test('a draft without a schedule is previewed, and neither it nor its numbers change by that', async () => {
  const { schedule: _later, ...definition } = contactsToPeople();
  const syncId = await previews.saved(definition);

  const first = await previews.previewed(syncId);
  const second = await previews.previewed(syncId);
  const sync = await previews.api.call('GET', `/syncs/${syncId}`);
  const executions = await previews.api.call('GET', `/syncs/${syncId}/executions`);
  const asExecution = await previews.api.call('GET', `/executions/${second.id}`);

  expect([first.number, second.number]).toEqual([1, 2]);
  expect(second).toMatchObject({ state: 'completed', exact: true });
  expect(sync.body).toMatchObject({ status: 'draft', nextRunAt: null, lastExecution: null, version: 1 });
  expect(executions.body.items).toEqual([]);
  expect(asExecution.status).toBe(404);
}, 60_000);

test('a definition that cannot run is refused with each problem, and what is not there with 404', async () => {
  const syncId = await previews.saved(
    contactsToPeople({
      mappings: fields({ Email: 'email', Nothing: 'nowhere' }),
      match: { source: 'No', destination: 'email' },
    }),
  );

  const refused = await previews.api.call('POST', `/syncs/${syncId}/preview`);
  const unfinished = await previews.api.call('POST', `/syncs/${await previews.saved({ name: 'Begun' })}/preview`, {});
  const missing = await previews.api.call('GET', `/previews/${syncId}`);
  const misspelt = await previews.api.call('POST', `/syncs/${syncId}/preview`, { mode: 'quick' });

  const paths = (errors: unknown) => (errors as { path: string }[]).map(({ path }) => path);
  expect(refused.status).toBe(422);
  expect(paths(refused.body.errors)).toEqual(['match.source', 'mappings[1].to']);
  expect(unfinished.status).toBe(422);
  expect(paths(unfinished.body.errors)).toEqual(expect.arrayContaining(['source', 'destination', 'mappings']));
  expect([missing.status, misspelt.status]).toEqual([404, 422]);
});

test('a sample holds the first records in source order, and says that it is one', async () => {
  const syncId = await previews.saved(contactsToPeople());
  const contacts = await salesforceRows(previews.sandbox.salesforce, 'SELECT Id FROM Contact');

  const sample = await previews.previewed(syncId, { mode: 'sample', limit: 25 });
  const sampled = await previews.planned(sample.id);
  const small = await previews.previewed(syncId, { mode: 'sample', limit: contacts.length });

  const first = contacts
    .map(({ Id }) => String(Id))
    .sort()
    .slice(0, 25);
  expect(sample).toMatchObject({ state: 'completed', exact: false, read: 25, total: contacts.length });
  expect(sampled.map(({ sourceId }) => sourceId)).toEqual(first);
  expect(sample.warnings[0]).toMatchObject({ code: 'sample', message: expect.stringContaining('first 25 records') });
  expect(small).toMatchObject({ exact: true, read: contacts.length, total: contacts.length });
}, 60_000);

test('a preview that is cancelled ends soon, and what is left of it says so', async () => {
  const syncId = await previews.saved(contactsToPeople());
  previews.sandbox.salesforce.addFault({ match: { path: '/services/data/*/query*' }, action: { type: 'hang' } });
  const previewId = await previews.asked(syncId);
  await previews.until(previewId, ({ phase }) => phase === 'extract');

  const kept = await previews.api.call('DELETE', `/syncs/${syncId}`);
  const cancelled = await previews.api.call('POST', `/previews/${previewId}/cancel`);
  const ended = await previews.until(previewId, ({ state }) => state !== 'running');
  const again = await previews.api.call('POST', `/previews/${previewId}/cancel`);
  const gone = await previews.api.call('DELETE', `/syncs/${syncId}`);

  expect([kept.status, cancelled.status, again.status, gone.status]).toEqual([409, 202, 409, 204]);
  expect(ended).toMatchObject({ state: 'cancelled', problem: null, phase: null });
  expect((await previews.api.call('GET', `/previews/${previewId}`)).status).toBe(404);
}, 60_000);

test('when a vendor refuses for good, the preview fails and says why; the sync stays as it is', async () => {
  const syncId = await previews.saved(contactsToPeople());
  previews.second.addFault({
    match: { path: '/rest/v1/leads.json*' },
    action: { type: 'vendorError', code: '603', message: 'Access denied' },
  });

  const preview = await previews.previewed(syncId);
  const sync = await previews.api.call('GET', `/syncs/${syncId}`);

  expect(preview).toMatchObject({ state: 'failed', forecast: null, problem: expect.stringContaining('Access denied') });
  expect(sync.body).toMatchObject({ status: 'draft', problem: null });
}, 60_000);

test('a preview that is ended in Temporal has failed within five seconds', async () => {
  const syncId = await previews.saved(contactsToPeople());
  previews.sandbox.salesforce.addFault({ match: { path: '/services/data/*/query*' }, action: { type: 'hang' } });
  const previewId = await previews.asked(syncId);
  await previews.until(previewId, ({ phase }) => phase === 'extract');

  await previews.sync.client.workflow.getHandle(`preview/${previewId}`).terminate('no longer needed');
  let looks = 0;
  const ended = await previews.until(previewId, ({ state }) => {
    looks += 1;
    return state !== 'running';
  });

  expect(ended).toMatchObject({ state: 'failed', problem: expect.stringContaining('ended in Temporal') });
  // by looks and not by the clock: where the machine pauses, nobody looks either
  expect(looks * LOOK_EVERY_MS).toBeLessThan(5_000);
}, 60_000);

test('a download holds every record, and no cell is taken for a formula', async () => {
  previews.second.vendor.stores.insertRecords('leads', [
    { email: 'csv@example.com', firstName: '=1+1', lastName: '+43 1' },
  ]);
  const syncId = await previews.saved(
    leadsToContacts({
      source: { connectionId: previews.connections.second, object: 'Lead' },
      filter: { column: 'email', operator: 'in', value: ['csv@example.com'] },
    }),
  );
  const preview = await previews.previewed(syncId);

  const reply = await previews.api.call('GET', `/previews/${preview.id}/records.csv?action=create`);

  const [header, row] = parse(String(reply.body.text), { record_delimiter: '\r\n' }) as string[][];
  expect(reply.type).toBe('text/csv; charset=utf-8');
  expect(reply.headers.get('content-disposition')).toContain('preview-1-records.csv');
  expect(header).toEqual([
    'sourceId',
    'matchKey',
    'action',
    'reason',
    'message',
    'field',
    'destinationId',
    'before',
    'after',
  ]);
  expect(row?.slice(1, 3)).toEqual(['csv@example.com', 'create']);
  expect(JSON.parse(row?.[8] ?? '')).toMatchObject({ FirstName: '=1+1', LastName: '+43 1' });

  const json = await previews.api.call('GET', `/previews/${preview.id}/records.json`);
  const none = await previews.api.call('GET', `/previews/${preview.id}/records.json?action=update`);
  const looks = await previews.api.call('GET', `/audit?action=values.download&subject=preview/${preview.id}`);
  const shown = await previews.api.call('GET', `/audit?action=values.show&subject=preview/${preview.id}`);
  expect(json.type).toBe('application/json; charset=utf-8');
  expect(json.headers.get('content-disposition')).toContain('preview-1-records.json');
  expect(json.body).toEqual(await previews.planned(preview.id));
  expect(json.body).toEqual([
    expect.objectContaining({ action: 'create', after: expect.objectContaining({ FirstName: '=1+1' }) }),
  ]);
  expect(none.body).toEqual([]);
  expect((looks.body.items as unknown as { details: unknown }[]).map(({ details }) => details)).toEqual([
    { action: 'update' },
    {},
    { action: 'create' },
  ]);
  expect(shown.body.items).toHaveLength(1);
}, 60_000);

test('a preview whose filter lets nothing through tells for how many records each condition holds, and what its column has', async () => {
  const all = [
    { column: 'createdAt', operator: 'greaterOrEqual', value: SINCE },
    { column: 'country', operator: 'equals', value: 'Nowhere' },
  ];

  const { read, total, filter } = await previews.previewed(await previews.saved(leadsToContacts({ filter: { all } })));

  expect(read).toBeGreaterThan(0);
  expect(total).toBe(0);
  const ofCountry = filter.find(({ text }) => text === 'Country is "Nowhere"');
  expect(ofCountry).toMatchObject({ holds: 0, of: read, columns: [{ column: 'country' }] });
  expect(ofCountry?.columns[0]?.values.length).toBeGreaterThan(0);
}, 120_000);
