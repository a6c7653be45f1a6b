import { AT, FOR_BULK_UPDATES, toContactsBy, useCaseRuns } from '../support/case-runs';
import { say } from '../support/service-variables';
import { salesforceRows } from '../support/vendor-rows';

/** `UNDO_RECORDS=10000 npx jest --selectProjects integration -i test/integration/undo-volume.test.ts` for a run of that size. */
const RECORDS = Number(process.env.UNDO_RECORDS ?? 1_000);
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
      ...{ batchId: '', object, operation: 'update', matchField: 'Email', sentAt: null },
      records: theirs.map((destinationId) => ({ destinationId, key: null, values: { FirstName: 'Theirs' } })),
      options: { assignmentRules: false, allowDuplicates: false },
    },
    null,
    signal,
  );
  const startedAt = performance.now();

  const undo = await started().undo(run);

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
  if (process.env.UNDO_RECORDS) say(`Undone ${RECORDS} in ${Math.round((performance.now() - startedAt) / 100) / 10} s`);
}, 600_000);
