import { randomBytes } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import type { SyncEngine } from '../../src/engine/engine';
import { AT, FOR_BULK_UPDATES, fields, PATHS, toContactsBy, useCaseRuns } from '../support/case-runs';
import { RunningApi } from '../support/running-api';
import { marketoPeople, salesforceRows } from '../support/vendor-rows';

const started = useCaseRuns();

const addressOf = (name: string) => `${name.toLowerCase()}@example.com`;

describe('C05: letters beyond ASCII, and lengths in characters', () => {
  const TEXTS = {
    key: 'Ключ-Ünï 🚀',
    company: 'Café Łódź Straße',
    name: 'Ñandú-Øre',
    note: '👩‍🚀🚀 こんにちは',
    code: '£'.repeat(10),
  };
  const LEAD = { crmKey: TEXTS.key, company: TEXTS.company, lastName: TEXTS.name, mktoPersonNotes: TEXTS.note };
  const CONTACT = {
    Crm_Key__c: TEXTS.key,
    Department: TEXTS.company,
    LastName: TEXTS.name,
    Description: TEXTS.note,
    Code__c: TEXTS.code,
  };
  const toContacts = () =>
    started().leadsToContacts({
      match: { source: 'crmKey', destination: 'Crm_Key__c' },
      mappings: fields({
        crmKey: 'Crm_Key__c',
        company: 'Department',
        lastName: 'LastName',
        mktoPersonNotes: 'Description',
        externalRef: 'Code__c',
      }),
    });
  const contacts = () => salesforceRows(started().salesforce, `SELECT ${Object.keys(CONTACT).join(', ')} FROM Contact`);

  test.each(PATHS)('to contacts by %s: ten characters of two bytes fit into ten, eleven do not', async (path) => {
    started().givenLeads([
      { ...LEAD, externalRef: TEXTS.code },
      { ...LEAD, crmKey: 'another', externalRef: `${TEXTS.code}£` },
    ]);
    // what is there is updated by REST, what is new is created by Bulk
    if (path === 'REST') started().givenContacts([{ Crm_Key__c: TEXTS.key }]);

    const { plan, outcomes } = await started().runAsForetold(await toContacts());

    expect(outcomes.map(({ outcome }) => outcome)).toEqual([path === 'REST' ? 'updated' : 'created', 'failed']);
    for (const record of [plan[1], outcomes[1]]) {
      expect(record).toMatchObject({ reason: 'tooLong', field: 'Code__c' });
      expect(record?.message).toContain('10 characters');
    }
    expect(await contacts()).toEqual([CONTACT]);
  });

  test.each(PATHS)('from contacts read by %s', async (path) => {
    started().givenContacts([{ Crm_Key__c: 'first' }, CONTACT]);

    const { counts } = await started().runAsForetold(
      await started().contactsToLeads({
        match: { source: 'Crm_Key__c', destination: 'crmKey' },
        source: started().contactsBy(path),
        mappings: fields({
          Crm_Key__c: 'crmKey',
          Department: 'company',
          LastName: 'lastName',
          Description: 'mktoPersonNotes',
          Code__c: 'externalRef',
        }),
      }),
    );

    expect(counts).toMatchObject({ created: 2 });
    expect(marketoPeople(started().marketo).at(-1)).toMatchObject({ ...LEAD, externalRef: TEXTS.code });
  });

  test('the list of outcomes and its download show the same text', async () => {
    started().givenLeads([LEAD]);
    const { executionId, outcomes } = await started().run(await toContacts());
    const api = await RunningApi.start({
      // nothing is started here
      engine: {} as SyncEngine,
      allowedHosts: [],
      shared: { database: started().runs.database, secretKeys: [randomBytes(32)] },
    });

    const list = await api.call('GET', `/executions/${executionId}/records`);
    const download = await api.call('GET', `/executions/${executionId}/records.csv`);
    await api.stop();

    const { sourceId, matchKey } = outcomes[0] ?? {};
    expect(matchKey).toBe(TEXTS.key.toLowerCase());
    expect(list.body.items).toMatchObject([{ sourceId, matchKey }]);
    expect(parse(String(download.body.text), { columns: true })).toMatchObject([{ sourceId, matchKey }]);
  });
});

describe('C06: blank, kept or cleared', () => {
  const PHONES = { A: null, B: '', C: '+43 1 5550100', D: '#N/A' } as const;
  const NAMES = Object.keys(PHONES);
  /** What a field must never hold in place of nothing. */
  const NO_VALUES = ['null', 'undefined', 'NaN'];
  const POLICIES = [
    ['keep', { A: '111', B: '111', C: '+43 1 5550100', D: '#N/A' }],
    ['clear', { A: null, B: null, C: '+43 1 5550100', D: '#N/A' }],
  ] as const;

  test('a blank that would clear what a contact cannot lack fails the record, as foretold', async () => {
    started().givenContacts([{ Email: addressOf('A'), LastName: 'Stays' }]);
    started().givenLeads([{ email: addressOf('A'), firstName: 'Ann' }]);

    const { outcomes } = await started().runAsForetold(await started().leadsToContacts({ blankValues: 'clear' }));

    expect(outcomes).toMatchObject([{ outcome: 'failed', reason: 'requiredMissing', field: 'LastName' }]);
    expect(await salesforceRows(started().salesforce, 'SELECT LastName FROM Contact')).toEqual([{ LastName: 'Stays' }]);
  });

  describe.each(PATHS)('in contacts, by %s', (path) => {
    /** Further updates, without which nothing goes by a bulk job. */
    const others = path === 'Bulk' ? Array.from({ length: FOR_BULK_UPDATES }, (_none, index) => `Other${index}`) : [];
    const givenContacts = () =>
      started().givenContacts([...NAMES, ...others].map((name) => ({ Email: addressOf(name), Phone: '111' })));
    const run = async (blankValues: string) =>
      started().runAsForetold(
        await started().leadsToContacts({
          destination: toContactsBy(path),
          blankValues,
          mappings: fields({ email: 'Email', lastName: 'LastName', phone: 'Phone' }),
        }),
      );
    const phones = async () => {
      const rows = await salesforceRows(started().salesforce, 'SELECT Email, Phone FROM Contact');
      return Object.fromEntries(rows.map(({ Email, Phone }) => [Email, Phone]));
    };

    test.each(POLICIES)('%s', async (policy, expected) => {
      givenContacts();
      started().givenLeads([
        ...Object.entries(PHONES).map(([name, phone]) => ({ email: addressOf(name), lastName: 'Sample', phone })),
        ...others.map((name) => ({ email: addressOf(name), lastName: 'Sample', phone: '222' })),
      ]);

      const { outcomes } = await run(policy);

      const after = await phones();
      expect(NAMES.map((name) => [name, after[addressOf(name)]])).toEqual(Object.entries(expected));
      expect(Object.values(after).filter((phone) => NO_VALUES.includes(String(phone)) && phone !== null)).toEqual([]);
      const blanks = policy === 'keep' ? 'unchanged' : 'updated';
      expect(outcomes.slice(0, NAMES.length).map(({ outcome }) => outcome)).toEqual([
        blanks,
        blanks,
        'updated',
        'updated',
      ]);
      const jobs = started()
        .salesforce.writeLog()
        .filter(({ via }) => via.includes('bulk'));
      expect(jobs.length > 0).toBe(path === 'Bulk');
    });

    test.each(['keep', 'clear'])(
      '%s: what is created lacks its blanks, and #N/A is refused by name',
      async (policy) => {
        started().givenLeads(
          Object.entries(PHONES).map(([name, phone]) => ({ email: addressOf(name), lastName: 'Sample', phone })),
        );

        const { outcomes } = await run(policy);

        expect(outcomes.map(({ outcome, reason, field }) => [reason ?? outcome, field])).toEqual([
          ['created', null],
          ['created', null],
          ['created', null],
          ['TEXT_MEANS_BLANK', 'Phone'],
        ]);
        expect(await phones()).toEqual({ 'a@example.com': null, 'b@example.com': null, 'c@example.com': PHONES.C });
      },
    );
  });

  describe.each(PATHS)('in leads, from contacts read by %s', (path) => {
    test.each(POLICIES)('%s', async (policy, expected) => {
      started().givenLeads(NAMES.map((name) => ({ email: addressOf(name), lastName: 'Sample', phone: '111' })));
      started().givenContacts([
        { Email: 'first@example.com' },
        ...Object.entries(PHONES).map(([name, Phone]) => ({ Email: addressOf(name), Phone })),
      ]);
      const nulls = started().marketo.addFault({
        label: 'none: it counts the requests that say null',
        match: { path: '/rest/v1/leads.json', bodyContains: '"phone":null' },
        action: { type: 'delay', ms: 0 },
      });

      await started().runAsForetold(
        await started().contactsToLeads({
          source: started().contactsBy(path),
          blankValues: policy,
          mappings: fields({ Email: 'email', LastName: 'lastName', Phone: 'phone' }),
        }),
      );

      const leads = marketoPeople(started().marketo);
      expect(leads.slice(0, NAMES.length).map(({ phone }) => phone ?? null)).toEqual(Object.values(expected));
      expect(leads.at(-1)).toMatchObject({ email: 'first@example.com' });
      expect(leads.at(-1)?.phone ?? null).toBeNull();
      const said = started()
        .marketo.faults.list()
        .find(({ id }) => id === nulls.id)?.seen;
      expect(said).toBe(policy === 'clear' ? 1 : 0);
    });
  });
});

describe.each(PATHS)('C07: line breaks, quotes, commas and NUL within a value, read by %s', (path) => {
  const KEPT = ['first\nsecond', 'one\r\ntwo', 'He said "stay", then left', '"'];

  test('go to Marketo and on into another org as they are, but for NUL', async () => {
    const texts = ['plain', ...KEPT, 'ab\u0000cd', 'the last one'];
    const addresses = texts.map((_text, index) => `person${index}@example.com`);
    started().givenContacts(texts.map((Description, index) => ({ Email: addresses[index], Description })));

    const there = await started().runAsForetold(
      await started().contactsToLeads({
        source: started().contactsBy(path),
        mappings: fields({ Email: 'email', LastName: 'lastName', Description: 'mktoPersonNotes' }),
      }),
    );
    const onward = await started().runAsForetold(
      await started().leadsToContacts({
        destination: { connectionId: AT.secondSalesforce, object: 'Contact' },
        mappings: fields({ email: 'Email', lastName: 'LastName', mktoPersonNotes: 'Description' }),
      }),
    );

    const arrived = ['plain', ...KEPT, 'abcd', 'the last one'];
    expect(there.counts).toMatchObject({ read: texts.length, created: texts.length, failed: 0 });
    expect(marketoPeople(started().marketo).map(({ mktoPersonNotes }) => mktoPersonNotes)).toEqual(arrived);
    expect(there.outcomes.map(({ message }) => message)).toEqual(
      texts.map((text) => (text.includes('\u0000') ? expect.stringContaining('U+0000') : null)),
    );
    expect(onward.counts).toMatchObject({ read: texts.length, created: texts.length, failed: 0 });
    const paths = started()
      .secondSalesforce.writeLog()
      .map(({ via }) => via.split(' ')[0]);
    expect(new Set(paths)).toEqual(new Set(['bulk']));
    const rows = await salesforceRows(
      started().secondSalesforce,
      'SELECT Email, Description FROM Contact ORDER BY Email',
    );
    expect(rows.map(({ Description }) => Description)).toEqual(arrived);
  });
});
