import { AT, FOR_BULK_UPDATES, toContactsBy, useCaseRuns } from '../support/case-runs';
import { sized } from '../support/case-sizes';
import { say } from '../support/service-variables';
import { salesforceRows } from '../support/vendor-rows';

const RECORDS = sized({ usual: 1_000, told: 10_000 });
/** Records that somebody changes between the run and its undo. */
const CHANGED = 50;

const started = useCaseRuns({ bulkFrom: FOR_BULK_UPDATES });

const rows = async () =>
  new Map(
    (await salesforceRows(started().salesforce, 'SELECT Id, Email, FirstName, LastName FROM Contact')).map((row) => [
      String(row.Id),
      row,
    ]),
  );

const calls = () =>
  started()
    .salesforce.counters()
    .reduce((all, { count }) => all + count, 0);

test('an undo of a large run, half of it created and half updated, leaves the destination as before but for what others changed', async () => {
  const names = Array.from({ length: RECORDS }, (_none, index) => `person${index}@example.com`);
  const isThere = (index: number) => index % 2 === 1;
  started().givenContacts(names.filter((_name, index) => isThere(index)).map((Email) => ({ Email, FirstName: 'Old' })));
  started().givenLeads(names.map((email) => ({ email, firstName: 'New', lastName: 'Sample' })));
  const before = await rows();
  const run = await started().run(await started().leadsToContacts({ destination: toContactsBy('Bulk') }));
  expect(run.counts).toMatchObject({ created: RECORDS / 2, updated: RECORDS / 2, failed: 0 });
  const theirs = [...(await rows()).keys()].filter((_id, index) => index % (RECORDS / CHANGED) === 0);
  const { connector } = started().runs.connectionOf(AT.salesforce);
  const { signal } = new AbortController();
  const object = await connector.describe('Contact', signal);
  await connector.write(
    {
      ...{ batchId: '', object, operation: 'update', matchField: 'Email', sentAt: null, arrivesUntil: null },
      records: theirs.map((destinationId) => ({ destinationId, key: null, values: { FirstName: 'Theirs' } })),
      options: { assignmentRules: false, allowDuplicates: false },
    },
    null,
    signal,
  );
  const startedAt = performance.now();
  const callsBefore = calls();

  const undo = await started().undo(run);
  const seconds = (performance.now() - startedAt) / 1_000;
  const callsOfUndo = calls() - callsBefore;

  const after = await rows();
  const spared = undo.outcomes.filter(({ outcome }) => outcome === 'skipped');
  expect(undo.counts).toMatchObject({ read: RECORDS, updated: RECORDS - CHANGED, skipped: CHANGED, failed: 0 });
  expect(spared.map(({ destinationId }) => destinationId).sort()).toEqual([...theirs].sort());
  expect(new Set(spared.map(({ reason }) => reason))).toEqual(new Set(['changedSince']));
  for (const id of theirs) {
    expect(after.get(id)).toMatchObject({ FirstName: 'Theirs' });
    before.delete(id);
    after.delete(id);
  }
  expect(after).toEqual(before);
  if (process.env.CASE_SIZES)
    say(`${RECORDS} undone in ${seconds.toFixed(1)} s by ${callsOfUndo} calls; ${spared.length} spared`);
}, 600_000);
