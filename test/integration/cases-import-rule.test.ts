import { FOR_BULK_UPDATES, fields, PATHS, toContactsBy, useCaseRuns } from '../support/case-runs';
import { marketoPost } from '../support/marketo-calls';
import { marketoPeople, salesforceRows, salesforceWrite } from '../support/vendor-rows';

const started = useCaseRuns();

const wordOf = ({ outcome, reason }: { outcome: string; reason: string | null }) => reason ?? outcome;

describe('C14: a key that fits two records changes neither', () => {
  const KEYS = [
    ['an external Id', 'Crm_Key__c', 'crmKey', (key: string) => key],
    ['the e-mail', 'Email', 'email', (key: string) => `${key}@example.com`.toLowerCase()],
  ] as const;
  const contacts = (where = '') =>
    salesforceRows(started().salesforce, `SELECT Id, FirstName, SystemModstamp FROM Contact ${where} ORDER BY Id`);

  describe.each(KEYS)('by %s', (_what, destination, source, spelt) => {
    const given = () => {
      const ids = started().givenContacts(
        ['K1', 'K2', 'K2'].map((key) => ({ [destination]: spelt(key), FirstName: 'Old' })),
      );
      started().givenLeads(
        ['K1', 'K2', 'K3'].map((key) => ({ [source]: spelt(key), firstName: 'New', lastName: 'Sample' })),
      );
      return ids;
    };
    const run = async (importRule: string) =>
      started().runAsForetold(
        await started().leadsToContacts({
          match: { source, destination },
          importRule,
          mappings: fields({ [source]: destination, firstName: 'FirstName', lastName: 'LastName' }),
        }),
      );

    test.each([
      ['createAndUpdate', ['updated', 'ambiguous', 'created'], 'partial'],
      ['update', ['updated', 'ambiguous', 'notFound'], 'partial'],
      ['create', ['exists', 'exists', 'created'], 'succeeded'],
    ])('under %s the three keys become %j', async (rule, words, state) => {
      const [, ...both] = given();
      const where = `WHERE Id IN ('${both.join("','")}')`;
      const before = await contacts(where);
      started().sandbox.clock.advance(60_000);

      const { outcomes, state: ended } = await run(rule);

      expect(outcomes.map(wordOf)).toEqual(words);
      expect(ended).toBe(state);
      // as they were, the time of their last change included
      expect(await contacts(where)).toEqual(before);
      const message = outcomes.find(({ reason }) => reason === 'ambiguous')?.message;
      if (message) for (const told of ['2 destination records', ...both]) expect(message).toContain(told);
      expect(await contacts()).toHaveLength(words.includes('created') ? 4 : 3);
    });
  });
});

describe.each(PATHS)('a record that is created is recognised by the next run, by %s', (path) => {
  const twice = async (more: Record<string, unknown>) => {
    started().givenLeads(['K1', 'K2'].map((crmKey) => ({ crmKey, firstName: `A${crmKey}`, lastName: 'Sample' })));
    const syncId = await started().leadsToContacts({
      destination: toContactsBy(path),
      match: { source: 'crmKey', destination: 'Crm_Key__c' },
      mappings: fields({ firstName: 'FirstName', lastName: 'LastName' }),
      ...more,
    });
    const first = await started().runAsForetold(syncId);
    return [first.outcomes, (await started().runAsForetold(syncId)).outcomes].map((all) => all.map(wordOf));
  };
  const contacts = () => salesforceRows(started().salesforce, 'SELECT Crm_Key__c FROM Contact ORDER BY Crm_Key__c');

  test('although nothing is mapped to the match field', async () => {
    expect(await twice({})).toEqual([Array(2).fill('created'), Array(2).fill('unchanged')]);
    expect(await contacts()).toEqual(['K1', 'K2'].map((Crm_Key__c) => ({ Crm_Key__c })));
  });

  test('or fails, where something else is mapped to it', async () => {
    const mappings = fields({ firstName: 'Crm_Key__c', lastName: 'LastName' });

    expect(await twice({ mappings })).toEqual([Array(2).fill('keyDiffers'), Array(2).fill('keyDiffers')]);
    expect(await contacts()).toEqual([]);
  });
});

describe('C15: "update" never inserts', () => {
  test('an unknown address of a lead makes no contact', async () => {
    started().givenContacts(['a', 'b'].map((name) => ({ Email: `${name}@example.com`, FirstName: 'Old' })));
    started().givenLeads(['a', 'typo', 'b'].map((name) => ({ email: `${name}@example.com`, firstName: 'New' })));

    const { outcomes } = await started().run(
      await started().leadsToContacts({
        importRule: 'update',
        mappings: fields({ email: 'Email', firstName: 'FirstName' }),
      }),
    );

    expect(outcomes.map(wordOf)).toEqual(['updated', 'notFound', 'updated']);
    expect(await salesforceRows(started().salesforce, 'SELECT Id FROM Contact')).toHaveLength(2);
  });

  test.each(PATHS)('hundreds of contacts read by %s make no lead, and none goes by a bulk import', async (path) => {
    const [all, unknown] = [700, 100];
    const email = (index: number) => `person${index}@example.com`;
    started().givenContacts(
      Array.from({ length: all }, (_none, index) => ({ Email: email(index), FirstName: index % 2 ? 'New' : 'Same' })),
    );
    started().givenLeads(
      Array.from({ length: all - unknown }, (_none, index) => ({
        email: email(index),
        firstName: 'Same',
        lastName: 'Sample',
      })),
    );

    const { counts } = await started().run(
      await started().contactsToLeads({ importRule: 'update', source: started().contactsBy(path) }),
    );

    expect(counts).toMatchObject({ read: all, updated: 300, unchanged: 300, skipped: unknown, failed: 0 });
    expect(marketoPeople(started().marketo)).toHaveLength(all - unknown);
    expect(started().marketo.counters()).not.toContainEqual(
      expect.objectContaining({ endpoint: expect.stringMatching(/^POST \/bulk\/v1\/leads\.json/) }),
    );
  });

  test('a record that is deleted between look-up and write is not made anew', async () => {
    const { salesforce } = started();
    const [kept = '', lost = ''] = started().givenContacts(
      ['a', 'b'].map((name) => ({ Email: `${name}@example.com`, FirstName: 'Old' })),
    );
    started().givenLeads(['a', 'b'].map((name) => ({ email: `${name}@example.com`, firstName: 'New' })));
    const slow = salesforce.addFault({
      match: { method: 'PATCH', path: '*/composite/sobjects*' },
      count: 1,
      action: { type: 'delay', ms: 300 },
    });
    const syncId = await started().leadsToContacts({
      importRule: 'update',
      mappings: fields({ email: 'Email', firstName: 'FirstName' }),
    });

    const running = started().run(syncId);
    await started().untilActed(salesforce, slow.id);
    await salesforceWrite(salesforce, 'DELETE', `Contact/${lost}`);
    const { outcomes } = await running;

    expect(outcomes.map(wordOf)).toEqual(['updated', 'notFound']);
    const contacts = await salesforceRows(salesforce, 'SELECT Id, FirstName FROM Contact');
    expect(contacts).toEqual([{ Id: kept, FirstName: 'New' }]);
  });

  test('a record that failed, and is deleted before it is tried again, is not made anew by the retry', async () => {
    const { salesforce, marketo } = started();
    const [kept = '', lost = ''] = started().givenContacts(
      ['a', 'b'].map((name) => ({ Email: `${name}@example.com`, FirstName: 'Old' })),
    );
    started().givenLeads(['New', 'Odd'].map((firstName, at) => ({ email: `${'ab'[at]}@example.com`, firstName })));
    const known = { from: { field: 'firstName' }, to: 'FirstName', values: { New: 'New' }, otherwise: 'fail' };
    const syncId = await started().leadsToContacts({
      importRule: 'update',
      mappings: [...fields({ email: 'Email' }), known],
    });
    const run = await started().run(syncId);
    await salesforceWrite(salesforce, 'DELETE', `Contact/${lost}`);
    await marketoPost(marketo, '/rest/v1/leads.json', {
      ...{ action: 'updateOnly', lookupField: 'id' },
      input: [{ id: 2, firstName: 'New' }],
    });

    const retry = await started().retry(run);

    expect(run.outcomes.map(({ outcome }) => outcome)).toEqual(['updated', 'failed']);
    expect(retry.outcomes.map(wordOf)).toEqual(['notFound']);
    expect(await salesforceRows(salesforce, 'SELECT Id FROM Contact')).toEqual([{ Id: kept }]);
  });
});

describe('C16: two records with one key', () => {
  test.each(PATHS)('to Salesforce by %s: the later one goes when the first one is settled', async (path) => {
    // as many more pairs as it takes for their second records to go by a job
    const more = path === 'Bulk' ? FOR_BULK_UPDATES : 0;
    const pairs = Array.from({ length: 2 * more }, (_none, index) => `pair ${index % more}`);
    started().givenLeads(
      ['X1', 'X9', 'X2', 'X3', ' x9 ', ...pairs].map((crmKey, index) => ({
        crmKey,
        firstName: `r${index + 1}`,
        lastName: 'A',
      })),
    );

    const { counts, outcomes } = await started().run(
      await started().leadsToContacts({
        match: { source: 'crmKey', destination: 'Crm_Key__c' },
        destination: toContactsBy(path),
        mappings: fields({ crmKey: 'Crm_Key__c', firstName: 'FirstName', lastName: 'LastName' }),
      }),
    );

    expect(counts).toMatchObject({ created: 4 + more, updated: 1 + more, failed: 0 });
    const r5 = await salesforceRows(started().salesforce, "SELECT Id, FirstName FROM Contact WHERE Crm_Key__c = 'x9'");
    expect(r5).toEqual([{ Id: outcomes[4]?.destinationId, FirstName: 'r5' }]);
    const writes = started().salesforce.writeLog({ recordId: String(r5[0]?.Id) });
    const way = path === 'Bulk' ? /^bulk ingest/ : /composite/;
    expect(writes).toMatchObject([
      { operation: 'create', via: expect.stringMatching(/^bulk ingest/), after: { FirstName: 'r2' } },
      { operation: 'update', via: expect.stringMatching(way), after: { FirstName: 'r5' } },
    ]);
    expect(writes[0]?.via).not.toBe(writes[1]?.via);
  });

  test('to Marketo: pairs cost a round, not a request each', async () => {
    const [records, pairs] = [3_000, 300];
    const requests = async (keys: number) => {
      started().reset();
      // the second of each pair lies far behind the first
      started().givenContacts(
        Array.from({ length: records }, (_none, index) => ({
          Email: `person${index % keys}@example.com`,
          FirstName: String(index),
        })),
      );
      const { counts } = await started().run(await started().contactsToLeads());
      expect(counts).toMatchObject({ created: keys, updated: records - keys, failed: 0 });
      return started()
        .marketo.counters()
        .filter(({ endpoint }) => endpoint === 'POST /rest/v1/leads.json')
        .reduce((sum, { count }) => sum + count, 0);
    };

    const withoutPairs = await requests(records);
    const withPairs = await requests(records - pairs);

    expect(withPairs).toBeLessThanOrEqual(1.1 * withoutPairs);
    const last = marketoPeople(started().marketo).filter(({ firstName }) => Number(firstName) >= records - pairs);
    expect(last).toHaveLength(pairs);
  });
});
