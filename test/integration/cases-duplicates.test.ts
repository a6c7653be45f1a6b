import { type CaseRun, fields, PATHS, toContactsBy, useCaseRuns } from '../support/case-runs';
import { marketoPost } from '../support/marketo-calls';
import { salesforceRows } from '../support/vendor-rows';

const started = useCaseRuns();

/** What became of each record, by its source Id. */
const fates = ({ outcomes }: CaseRun) =>
  Object.fromEntries(outcomes.map(({ sourceId, outcome, reason }) => [sourceId, reason ?? outcome]));

describe('C11: the same person by another spelling of the address', () => {
  const on = (day: number) => Date.now() - (10 - day) * 86_400_000;
  const spellings = [
    { email: 'Mia.Holt@Example.com', firstName: 'A', createdAt: on(1), updatedAt: on(1) },
    { email: ' mia.holt@example.com ', firstName: 'B', createdAt: on(2), updatedAt: on(2) },
    { email: 'mia.holt+spring@example.com', firstName: 'C', createdAt: on(3) },
    { email: 'miaholt@example.com', firstName: 'D', createdAt: on(3) },
    { email: 'MIA.HOLT@EXAMPLE.COM\u00a0', firstName: 'E', createdAt: on(3), updatedAt: on(3) },
    { email: 'mia.holt@example.org', firstName: 'F', createdAt: on(3) },
  ].map((lead) => ({ ...lead, lastName: 'Holt' }));
  const run = async (deduplicate: string) => {
    started().givenLeads(spellings);
    return started().run(await started().leadsToContacts({ deduplicate }));
  };
  const contacts = () => salesforceRows(started().salesforce, 'SELECT Email, FirstName FROM Contact ORDER BY Id');

  test('capitals and outer blanks make no other person, tags and dots do', async () => {
    const { counts, outcomes } = await run('ignoreDuplicates');

    expect(counts).toMatchObject({ duplicates: 3, created: 3 });
    expect(outcomes.filter(({ outcome }) => outcome === 'duplicate').map(({ sourceId }) => sourceId)).toEqual([
      '1',
      '2',
      '5',
    ]);
  });

  test.each([
    ['youngestByLastUpdate', 'E', '5'],
    ['oldestByCreation', 'A', '1'],
  ])('under %s the record %s is kept, and the list says so', async (rule, firstName, kept) => {
    const { counts, outcomes } = await run(rule);

    expect(counts).toMatchObject({ duplicates: 2, created: 4 });
    const leftOut = outcomes.filter(({ outcome }) => outcome === 'duplicate').map(({ message }) => message);
    expect(leftOut).toEqual([`Record ${kept} is kept.`, `Record ${kept} is kept.`]);
    expect((await contacts()).map(({ FirstName }) => FirstName)).toContain(firstName);
  });

  test('where all are imported, the first of a key is created and the others change it in turn', async () => {
    const { counts } = await run('importEverything');

    expect(counts).toMatchObject({ created: 4, updated: 2 });
    const mia = (await contacts()).filter(({ Email }) => Email === 'mia.holt@example.com');
    expect(mia).toEqual([{ Email: 'mia.holt@example.com', FirstName: 'E' }]);
    expect(await contacts()).toHaveLength(4);
  });

  test('where the destination has the person, all spellings find that one', async () => {
    started().givenContacts([{ Email: 'mia.holt@example.com' }]);

    const { counts } = await run('importEverything');

    expect(counts).toMatchObject({ created: 3, updated: 3 });
    expect(await contacts()).toHaveLength(4);
  });
});

describe('C12: 15 and 18 characters are one Salesforce Id', () => {
  /** A contact and an account, and leads that know them by either form of their Ids. */
  const given = () => {
    const [account = ''] = started().givenRecords('Account', [{ Name: 'Acme' }]);
    const [contact = ''] = started().givenContacts([{ FirstName: 'Old' }]);
    const wrongSuffix = `${contact.slice(0, -1)}${contact.endsWith('B') ? 'A' : 'B'}`;
    const ids = [contact.slice(0, 15), contact, wrongSuffix];
    started().givenLeads(
      ids.map((sfdcContactId, index) => ({
        sfdcContactId,
        externalRef: account.slice(0, 15),
        firstName: `L${index + 1}`,
      })),
    );
    return { account, contact };
  };
  const definition = (deduplicate: string) => ({
    match: { source: 'sfdcContactId', destination: 'Id' },
    importRule: 'update',
    deduplicate,
    mappings: [
      ...fields({ firstName: 'FirstName' }),
      { from: { field: 'externalRef' }, to: 'AccountId', lookup: { object: 'Account', by: 'Id' } },
    ],
  });
  const contacts = () => salesforceRows(started().salesforce, 'SELECT Id, FirstName, AccountId FROM Contact');

  test('both forms find the same record, one after the other; a wrong suffix is no Id and is not cut', async () => {
    const { account, contact } = given();

    const run = await started().run(await started().leadsToContacts(definition('importEverything')));

    expect(run.counts).toMatchObject({ created: 0, updated: 2, failed: 1 });
    expect(run.outcomes.map(({ destinationId }) => destinationId)).toEqual([contact, contact, null]);
    expect(run.outcomes[2]).toMatchObject({ outcome: 'failed', reason: 'notAnId', field: 'sfdcContactId' });
    expect(await contacts()).toEqual([{ Id: contact, FirstName: 'L2', AccountId: account }]);
    const written = started()
      .salesforce.writeLog({ object: 'Contact' })
      .map(({ after }) => after?.FirstName);
    expect(written).toEqual(['L1', 'L2']);
  });

  test('both forms are duplicates of each other', async () => {
    const { contact } = given();

    const { counts, outcomes } = await started().run(
      await started().leadsToContacts(definition('youngestByLastUpdate')),
    );

    expect(counts).toMatchObject({ duplicates: 1, updated: 1, failed: 1 });
    expect(outcomes.find(({ outcome }) => outcome === 'updated')).toMatchObject({ destinationId: contact });
  });
});

describe.each(PATHS)('C13: no key is not a key, by %s', (path) => {
  const BLANKS = [null, '', '   '];
  const given = () => {
    started().givenLeads([
      ...BLANKS.map((email, index) => ({ email, lastName: `Keyless ${index}` })),
      { email: 'kim@example.com', lastName: 'Kim' },
      { email: 'kim@example.com', lastName: 'Kim' },
    ]);
    started().givenContacts(BLANKS.map(() => ({ LastName: 'Without an address' })));
  };
  const definition = (importRule: string) => ({
    destination: toContactsBy(path),
    deduplicate: 'ignoreDuplicates',
    importRule,
    mappings: fields({ email: 'Email', lastName: 'LastName' }),
  });
  const contacts = () =>
    salesforceRows(started().salesforce, 'SELECT Id, LastName, SystemModstamp FROM Contact ORDER BY Id');

  test('each record without one is created once over two runs, and nobody who was there is touched', async () => {
    given();
    const before = await contacts();
    const syncId = await started().leadsToContacts(definition('createAndUpdate'));

    const first = await started().run(syncId);
    const second = await started().run(syncId);

    expect(first.counts).toMatchObject({ duplicates: 2, created: 3 });
    expect(second.counts).toMatchObject({ duplicates: 2, unchanged: 3 });
    const after = await contacts();
    expect(after.slice(0, before.length)).toEqual(before);
    const created = first.outcomes.filter(({ outcome }) => outcome === 'created');
    expect(after.slice(before.length).map(({ Id, LastName }) => [Id, LastName])).toEqual(
      created.map(({ destinationId }, index) => [destinationId, `Keyless ${index}`]),
    );
  });

  test('under "update" they are skipped for want of a key, under "create" the second run knows them', async () => {
    given();

    const updating = await started().run(await started().leadsToContacts(definition('update')));
    const creating = await started().leadsToContacts(definition('create'));
    await started().run(creating);
    const again = await started().run(creating);

    expect(fates(updating)).toMatchObject({ 1: 'noKey', 2: 'noKey', 3: 'noKey' });
    expect(fates(again)).toMatchObject({ 1: 'exists', 2: 'exists', 3: 'exists' });
  });
});

test('C13: a record that is given a key after it was created without one is not created a second time', async () => {
  started().givenLeads([{ lastName: 'Kim' }]);
  const mappings = fields({ lastName: 'LastName' });
  const syncId = await started().leadsToContacts({ mappings });
  const { outcomes } = await started().run(syncId);
  const input = [{ id: 1, email: 'kim@example.com' }];
  await marketoPost(started().marketo, '/rest/v1/leads.json', { action: 'updateOnly', lookupField: 'id', input });

  const second = await started().runAsForetold(syncId);

  expect(second.outcomes).toMatchObject([{ outcome: 'updated', destinationId: outcomes[0]?.destinationId }]);
  expect(await salesforceRows(started().salesforce, 'SELECT Email, LastName FROM Contact')).toEqual([
    { Email: 'kim@example.com', LastName: 'Kim' },
  ]);
});

test('C13: no look-up asks for a blank', async () => {
  started().givenLeads([null, '', '  '].map((email) => ({ email, lastName: 'Keyless' })));

  await started().run(await started().leadsToContacts());

  // every look-up is a composite request
  const lookUps = started()
    .salesforce.counters()
    .filter(({ endpoint }) => endpoint.endsWith('/composite') || endpoint.endsWith('/query'));
  expect(lookUps).toEqual([]);
});
