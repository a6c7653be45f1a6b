import type { SyncEngine } from '../../src/engine/engine';
import { AT, fields, useCaseRuns } from '../support/case-runs';
import { RunningApi, settingsOf } from '../support/running-api';
import { marketoPeople, salesforceRows } from '../support/vendor-rows';

const started = useCaseRuns();

/** How often an org was asked for all records of an object. */
const unboundedQueries = () =>
  started()
    .salesforce.violations()
    .filter(({ violation }) => violation === 'unboundedQuery')
    .reduce((sum, { count }) => sum + count, 0);

describe('C08: quotes, backslashes and wildcards in the value of a filter', () => {
  const NAMES = [
    "O'Brien \\ Sons",
    'Edge\\Communications',
    '100% Juice_Co',
    '100x JuiceACo',
    "x') OR (Name LIKE '%",
  ] as const;
  const CONDITIONS = [
    ...NAMES.map((name) => ['equals', name, name] as const),
    ['contains', '100% Juice_', '100% Juice_Co'],
    ['startsWith', 'Edge\\', 'Edge\\Communications'],
    ['endsWith', '_Co', '100% Juice_Co'],
  ] as const;
  const accounts = (filter: Record<string, unknown>) =>
    started().contactsToLeads({
      source: { connectionId: AT.salesforce, object: 'Account' },
      destination: { connectionId: AT.secondSalesforce, object: 'Account' },
      match: { source: 'Name', destination: 'Name' },
      mappings: fields({ Name: 'Name' }),
      filter,
    });

  test.each(CONDITIONS)(
    'of accounts %s %j finds %j alone, and their keys find them again',
    async (operator, value, expected) => {
      const records = NAMES.map((Name) => ({ Name }));
      started().givenRecords('Account', records);
      const syncId = await accounts({ column: 'Name', operator, value });

      const { counts } = await started().runAsForetold(syncId);
      const again = await started().run(syncId);

      // Salesforce itself has evaluated it
      expect(counts).toMatchObject({ read: 1, created: 1 });
      expect(again.counts).toMatchObject({ read: 1, unchanged: 1 });
      const made = await salesforceRows(started().secondSalesforce, 'SELECT Name FROM Account');
      expect(made).toEqual([{ Name: expected }]);
    },
  );

  test.each(CONDITIONS)('of leads, by their company, %s %j finds %j alone', async (operator, value, expected) => {
    started().givenLeads(NAMES.map((company, index) => ({ company, lastName: `Lead${index}` })));

    const { counts } = await started().runAsForetold(
      await started().leadsToContacts({
        destination: { connectionId: AT.secondMarketo, object: 'Lead' },
        mappings: fields({ company: 'company' }),
        filter: { column: 'company', operator, value },
      }),
    );

    // Sync evaluates it
    expect(counts).toMatchObject({ read: NAMES.length, filteredOut: NAMES.length - 1, created: 1 });
    expect(marketoPeople(started().secondMarketo)).toMatchObject([{ company: expected }]);
  });

  test.each([
    ['equals', NAMES[0], String.raw`Name = 'O\'Brien \\ Sons'`],
    ['contains', '100% Juice_', String.raw`Name LIKE '%100\% Juice\_%'`],
  ])('View Query shows %s %j as %s', async (operator, value, expected) => {
    const { query } = await started().runs.queryOf(await accounts({ column: 'Name', operator, value }));

    expect(query).toContain(expected);
  });
});

describe('C09: an empty list selects nothing, never everything', () => {
  let api: RunningApi;
  let connections: { marketo: string; salesforce: string };

  beforeAll(async () => {
    const { hosts, marketo, salesforce } = started();
    const allowedHosts = hosts.map(({ url }) => new URL(url).host);
    // nothing is ever started
    api = await RunningApi.start({ engine: {} as SyncEngine, allowedHosts });
    const { clientId, clientSecret } = salesforce.credentials;
    const auth = { type: 'clientCredentials', clientId, clientSecret };
    const connected = async (given: Record<string, unknown>) => {
      const reply = await api.call('POST', '/connections', given);
      expect(reply).toMatchObject({ status: 201 });
      return String(reply.body.id);
    };
    connections = {
      marketo: await connected({ name: 'Marketo', kind: 'marketo', settings: settingsOf(marketo) }),
      salesforce: await connected({
        name: 'Salesforce',
        kind: 'salesforce',
        settings: { loginUrl: salesforce.url, quotaShare: 1, auth },
      }),
    };
  });
  afterAll(() => api.stop());

  const sources = () => ({
    contacts: { source: { connectionId: connections.salesforce, object: 'Contact' }, column: 'Email' },
    leads: { source: { connectionId: connections.marketo, object: 'Lead' }, column: 'email' },
  });
  const VALUES = [
    ['in', []],
    ['in', [null]],
    ['equals', null],
    ['equals', ''],
  ] as const;

  describe.each(['contacts', 'leads'] as const)('of %s', (kind) => {
    test.each(VALUES)(
      '%s %j can be saved as a draft, and is refused wherever it would be evaluated',
      async (operator, value) => {
        started().givenContacts(
          Array.from({ length: 40 }, (_none, index) => ({ Email: `person${index}@example.com` })),
        );
        const { source, column } = sources()[kind];
        const condition = { column, operator, value };
        const other = { column, operator: 'isNotEmpty' };
        const definition = (filter: Record<string, unknown>) => ({
          name: 'Selects nothing',
          source,
          destination: { connectionId: connections.marketo, object: 'Lead' },
          mappings: fields({ [column]: 'email' }),
          schedule: { type: 'now' },
          filter,
        });

        for (const [filter, path] of [
          [condition, 'filter.value'],
          [{ all: [other, { any: [{ not: condition }, other] }] }, 'filter.all[1].any[0].not.value'],
        ] as const) {
          const draft = await api.call('POST', '/syncs', definition(filter));
          expect(draft).toMatchObject({ status: 201 });
          const { name: _name, ...question } = definition(filter);
          const refusals = [
            await api.call('POST', '/query', question),
            await api.call('POST', `/syncs/${draft.body.id}/preview`),
            await api.call('POST', `/syncs/${draft.body.id}/activate`),
          ];

          for (const refusal of refusals) {
            expect(refusal).toMatchObject({
              status: 422,
              body: { errors: [{ path, message: expect.stringContaining('isEmpty') }] },
            });
          }
        }
        expect(unboundedQueries()).toBe(0);
      },
    );
  });

  test('where the match keys of all leads are blank, no contact is looked up', async () => {
    started().givenContacts(Array.from({ length: 40 }, (_none, index) => ({ Email: `person${index}@example.com` })));
    started().givenLeads([null, '', ' '].map((email) => ({ email, lastName: 'Keyless' })));

    const { outcomes } = await started().runAsForetold(await started().leadsToContacts({ importRule: 'update' }));

    expect(outcomes.map(({ reason }) => reason)).toEqual(['noKey', 'noKey', 'noKey']);
    expect(unboundedQueries()).toBe(0);
  });

  test('where the match keys of all contacts are blank, no lead is looked up', async () => {
    started().givenLeads(Array.from({ length: 40 }, (_none, index) => ({ email: `person${index}@example.com` })));
    started().givenContacts([{}, {}, {}]);

    const { outcomes } = await started().runAsForetold(await started().contactsToLeads({ importRule: 'update' }));

    expect(outcomes.map(({ reason }) => reason)).toEqual(['noKey', 'noKey', 'noKey']);
    // leads are looked up, and written, by this call alone
    expect(started().marketo.counters()).not.toContainEqual(
      expect.objectContaining({ endpoint: expect.stringContaining('/rest/v1/leads.json') }),
    );
  });
});

describe('C10: addresses and keys that no address of the web can hold as they are', () => {
  const ADDRESSES = ['ana+news@example.com', "o'neil@example.org", 'a&b@example.com', 'x%2By@example.com'];
  const NEW_ADDRESS = 'new+one@example.com';
  const KEYS = ['EU/01 #7?ä+b', 'Smith, Jones Ltd'];
  const NEW_KEY = 'EU/02 #8?ö+c';

  test('contacts find their leads by e-mail, and only the new one is made', async () => {
    started().givenLeads(ADDRESSES.map((email) => ({ email, firstName: 'Old', lastName: 'Sample' })));
    started().givenContacts([...ADDRESSES, NEW_ADDRESS].map((Email) => ({ Email, FirstName: 'New' })));

    const { outcomes } = await started().runAsForetold(await started().contactsToLeads());

    expect(outcomes.map(({ outcome }) => outcome)).toEqual([...ADDRESSES.map(() => 'updated'), 'created']);
    expect(marketoPeople(started().marketo).map(({ email, firstName }) => [email, firstName])).toEqual(
      [...ADDRESSES, NEW_ADDRESS].map((email) => [email, 'New']),
    );
  });

  test('leads find their contacts by an external Id, and only the new one is made', async () => {
    const ids = started().givenContacts(KEYS.map((Crm_Key__c) => ({ Crm_Key__c, FirstName: 'Old' })));
    started().givenLeads([...KEYS, NEW_KEY].map((crmKey) => ({ crmKey, firstName: 'New', lastName: 'Sample' })));

    const { outcomes } = await started().runAsForetold(
      await started().leadsToContacts({
        match: { source: 'crmKey', destination: 'Crm_Key__c' },
        mappings: fields({ crmKey: 'Crm_Key__c', firstName: 'FirstName', lastName: 'LastName' }),
      }),
    );

    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['updated', 'updated', 'created']);
    expect(outcomes.slice(0, 2).map(({ destinationId }) => destinationId)).toEqual(ids);
    const rows = await salesforceRows(started().salesforce, 'SELECT Crm_Key__c, FirstName FROM Contact ORDER BY Id');
    expect(rows).toEqual([...KEYS, NEW_KEY].map((Crm_Key__c) => ({ Crm_Key__c, FirstName: 'New' })));
  });

  describe('a key with a comma, by which Marketo separates the values that it looks for', () => {
    const PARTS = ['Smith', 'Jones Ltd'];
    const WHOLE = 'Smith, Jones Ltd';
    const given = (there: readonly string[]) => {
      started().givenLeads(there.map((crmKey) => ({ crmKey, firstName: 'Old', lastName: 'Sample' })));
      started().givenContacts([{ Crm_Key__c: WHOLE, FirstName: 'New' }]);
      return marketoPeople(started().marketo);
    };
    const sync = () =>
      started().contactsToLeads({
        match: { source: 'Crm_Key__c', destination: 'crmKey' },
        mappings: fields({ Crm_Key__c: 'crmKey', FirstName: 'firstName', LastName: 'lastName' }),
      });

    test('touches no lead that has a part of it', async () => {
      const before = given(PARTS);

      const { plan, outcomes } = await started().runAsForetold(await sync());

      expect(plan).toMatchObject([{ outcome: 'created', destinationId: null }]);
      expect(outcomes).toMatchObject([{ outcome: 'created', destinationId: '3' }]);
      expect(marketoPeople(started().marketo).slice(0, 2)).toEqual(before);
    });

    test('makes no second lead where one has it already', async () => {
      const before = given([...PARTS, WHOLE]);

      const { outcomes } = await started().run(await sync());

      expect(outcomes).toMatchObject([{ outcome: 'failed', reason: 'exists', field: 'crmKey' }]);
      expect(marketoPeople(started().marketo)).toEqual(before);
    });
  });
});
