import { listOutcomes } from '../../db/queries/executions-read';
import { type CaseRun, FOR_BULK_UPDATES, fields, PATHS, toContactsBy, useCaseRuns } from '../support/case-runs';
import { salesforceRows } from '../support/vendor-rows';

const started = useCaseRuns();

const wordOf = ({ outcome, reason }: { outcome: string; reason: string | null }) => reason ?? outcome;

describe('C21: which row failed?', () => {
  test('failures of a job belong to their own records, and what the job did not get to is sent again', async () => {
    const { org, rules } = started().salesforce.vendor;
    rules.addValidationRule({ object: 'Contact', name: 'No', when: "LastName = 'Refused'", message: 'Not like this.' });
    org.changeSettings({ bulkAbortAfterRows: 7 });
    const ordinary = (name: string) => ({ email: `${name}@example.com`, lastName: name });
    const equal = { email: null, lastName: 'Refused' };
    started().givenLeads([
      ordinary('one'),
      // Salesforce takes ASCII alone
      { email: 'zwölf@example.com', lastName: 'two' },
      ordinary('three'),
      ordinary('four'),
      equal,
      equal,
      ordinary('seven'),
      ordinary('eight'),
    ]);

    const { outcomes, counts, executionId } = await started().run(
      await started().leadsToContacts({ mappings: fields({ email: 'Email', lastName: 'LastName' }) }),
    );

    const refused = 'FIELD_CUSTOM_VALIDATION_EXCEPTION';
    expect(outcomes.map(wordOf)).toEqual([
      ...['created', 'INVALID_EMAIL_ADDRESS', 'created', 'created'],
      ...[refused, refused, 'created', 'created'],
    ]);
    expect(outcomes[1]).toMatchObject({ field: 'Email', message: expect.stringContaining('invalid email address') });
    expect(outcomes[4]?.message).toBe('Not like this.');
    expect(counts).toMatchObject({ read: 8, created: 5, failed: 3 });
    const failures = await listOutcomes(started().runs.database.sql, executionId, null, 100, { outcome: 'failed' });
    expect(failures.map(({ sourceId }) => sourceId)).toEqual([1, 4, 5].map((place) => outcomes[place]?.sourceId));
    const created = started().salesforce.writeLog({ object: 'Contact', operation: 'create' });
    expect(created.map(({ after }) => after?.LastName)).toEqual(['one', 'three', 'four', 'seven', 'eight']);
    expect(new Set(created.map(({ via }) => via)).size).toBe(2);
  });
});

describe('C22: locked rows are tried again, refused rows are not', () => {
  const REFUSED = 2;
  /** Contacts of one account, all of them to be updated; the first two are refused by a rule. */
  function given(records: number): string[] {
    const { rules } = started().salesforce.vendor;
    rules.addValidationRule({ object: 'Contact', name: 'No', when: "FirstName = 'No'", message: 'Not like this.' });
    const [AccountId] = started().givenRecords('Account', [{ Name: 'Sample Company' }]);
    const emails = Array.from({ length: records }, (_none, index) => `person${index}@example.com`);
    started().givenLeads(emails.map((email, index) => ({ email, firstName: index < REFUSED ? 'No' : 'New' })));
    return started().givenContacts(emails.map((Email) => ({ Email, FirstName: 'Old', AccountId })));
  }
  const update = async (path: (typeof PATHS)[number]) =>
    started().run(
      await started().leadsToContacts({
        importRule: 'update',
        destination: toContactsBy(path),
        mappings: fields({ email: 'Email', firstName: 'FirstName' }),
      }),
    );
  /** How many records went with each try. */
  const sent = async ({ executionId }: CaseRun) =>
    (
      await started().runs.database.sql<{ records: number }[]>`
        select sum(records)::int as records from load_batches where execution_id = ${executionId}
        group by attempt order by attempt`
    ).map(({ records }) => records);
  const updates = () => started().salesforce.writeLog({ object: 'Contact', operation: 'update' });

  test.each(PATHS)('a lock that ends, by %s: what was locked is sent again, and nothing else', async (path) => {
    const all = path === 'REST' ? 200 : FOR_BULK_UPDATES;
    const locked = given(all).slice(10, 17);
    started().salesforce.vendor.rules.addLock({ ids: locked, times: 2 });

    const run = await update(path);

    expect(run.counts).toMatchObject({ updated: all - REFUSED, failed: REFUSED });
    expect(run.outcomes.slice(0, REFUSED).map(wordOf)).toEqual(
      Array(REFUSED).fill('FIELD_CUSTOM_VALIDATION_EXCEPTION'),
    );
    expect(await sent(run)).toEqual([all, locked.length, locked.length]);
    const [first] = updates();
    expect(first?.via).toMatch(path === 'Bulk' ? /^bulk ingest/ : /composite/);
    expect(updates().map(({ recordId }) => recordId)).toHaveLength(all - REFUSED);
    expect(new Set(updates().map(({ recordId }) => recordId)).size).toBe(all - REFUSED);
  });

  test('a lock that does not end fails its record alone, with what to do, and holds up no other', async () => {
    const [held = ''] = given(FOR_BULK_UPDATES).slice(10);
    started().salesforce.vendor.rules.addLock({ ids: [held] });

    const run = await update('Bulk');

    expect(run.state).toBe('partial');
    expect(run.counts).toMatchObject({ updated: FOR_BULK_UPDATES - REFUSED - 1, failed: REFUSED + 1 });
    expect(run.outcomes[10]).toMatchObject({
      reason: 'UNABLE_TO_LOCK_ROW',
      message: expect.stringMatching(/sent it 6 times.*Run the sync again when/),
    });
    expect(await sent(run)).toEqual([FOR_BULK_UPDATES, 1, 1, 1, 1, 1]);
    const contacts = await salesforceRows(started().salesforce, "SELECT Id FROM Contact WHERE FirstName = 'Old'");
    expect(contacts).toHaveLength(REFUSED + 1);
  });
});
