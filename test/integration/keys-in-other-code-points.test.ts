import { fields, useCaseRuns } from '../support/case-runs';
import { marketoPeople, salesforceRows } from '../support/vendor-rows';

const started = useCaseRuns();

/** The same text to a person, in code points that neither system takes for the same, or of which nobody knows how it takes them. */
const KEYS = [
  ['an accent of its own', 'Zoe\u0301'],
  ['one letter with its accent', 'Zo\u00e9'],
  ['a no-break space behind it', 'Zoe\u00a0'],
  ['a wide space before it', '\u3000Zoe'],
  ['a capital that becomes two small letters', '\u0130zmir'],
  ['an accent of its own, and a no-break space behind it', 'Zoe\u0301\u00a0'],
] as const;

const toContacts = (more: Record<string, unknown> = {}) =>
  started().leadsToContacts({
    match: { source: 'sfdcContactId', destination: 'Crm_Key__c' },
    mappings: fields({ sfdcContactId: 'Crm_Key__c', firstName: 'FirstName', lastName: 'LastName' }),
    ...more,
  });
const toLeads = (more: Record<string, unknown> = {}) =>
  started().contactsToLeads({
    match: { source: 'Crm_Key__c', destination: 'sfdcContactId' },
    mappings: fields({ Crm_Key__c: 'sfdcContactId', FirstName: 'firstName', LastName: 'lastName' }),
    ...more,
  });
const kinds = ({ outcomes }: { outcomes: { outcome: string }[] }) => outcomes.map(({ outcome }) => outcome);
const leadWith = (sfdcContactId: string) => ({ firstName: 'Ann', lastName: 'Sample', sfdcContactId });
const contactWith = (Crm_Key__c: string) => ({ FirstName: 'Ann', LastName: 'Sample', Crm_Key__c });

test('what a run creates in Salesforce under a key, in whatever code points, the next run finds, as its preview says', async () => {
  started().givenLeads(KEYS.map(([, key], index) => leadWith(`${key} ${index}${key}`)));
  const syncId = await toContacts();

  const runs = [await started().runAsForetold(syncId), await started().runAsForetold(syncId)];

  expect(runs.map(kinds)).toEqual([KEYS.map(() => 'created'), KEYS.map(() => 'unchanged')]);
  expect(await salesforceRows(started().salesforce, 'SELECT Id FROM Contact')).toHaveLength(KEYS.length);
});

test('what a run creates in Marketo under a key, in whatever code points, the next run finds, as its preview says', async () => {
  started().givenContacts(KEYS.map(([, key], index) => contactWith(`${key} ${index}${key}`)));
  const syncId = await toLeads();

  const runs = [await started().runAsForetold(syncId), await started().runAsForetold(syncId)];

  expect(runs.map(kinds)).toEqual([KEYS.map(() => 'created'), KEYS.map(() => 'unchanged')]);
  expect(marketoPeople(started().marketo)).toHaveLength(KEYS.length);
});

test.each([
  ['Zoe\u0301', 'Zo\u00e9'],
  ['Zo\u00e9', 'Zoe\u0301'],
  ['Zoe\u0301 \u00e9', 'Zo\u00e9 e\u0301'],
])('two source records of one key in different code points make one record: %j and %j', async (...keys) => {
  started().givenLeads(keys.map(leadWith));

  const { outcomes } = await started().runAsForetold(await toContacts());

  expect(kinds({ outcomes })).toEqual(['created', 'unchanged']);
  expect(await salesforceRows(started().salesforce, 'SELECT Id FROM Contact')).toHaveLength(1);
});

test.each(KEYS)(
  'who has a key with %s in both systems is found in either, also where only that is looked at',
  async (_name, key) => {
    const rules = ['createAndUpdate', 'create', 'update'].map((importRule) => ({ name: importRule, importRule }));
    const mappings = fields({ firstName: 'FirstName', lastName: 'LastName' });
    started().givenLeads([leadWith(key)]);
    started().givenContacts([contactWith(key)]);

    const ends = [];
    for (const rule of rules) ends.push(kinds(await started().run(await toContacts({ ...rule, mappings }))));
    for (const rule of rules) ends.push(kinds(await started().run(await toLeads(rule))));

    const expected = [['unchanged'], ['skipped'], ['unchanged']];
    expect(ends).toEqual([...expected, ...expected]);
  },
);

test.each(KEYS)('a reference is found by a key with %s', async (_name, key) => {
  const [accountId] = started().givenRecords('Account', [{ Name: key }]);
  started().givenLeads([{ email: 'ann@example.com', lastName: 'Sample', company: key }]);
  const reference = {
    from: { field: 'company' },
    to: 'AccountId',
    lookup: { object: 'Account', by: 'Name', missing: 'fail' },
  };
  const syncId = await started().leadsToContacts({
    mappings: [...fields({ email: 'Email', lastName: 'LastName' }), reference],
  });

  const { outcomes } = await started().runAsForetold(syncId);

  expect(outcomes).toMatchObject([{ outcome: 'created' }]);
  expect(await salesforceRows(started().salesforce, 'SELECT AccountId FROM Contact')).toMatchObject([
    { AccountId: accountId },
  ]);
});
