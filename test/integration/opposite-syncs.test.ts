import { type CaseRun, fields, useCaseRuns } from '../support/case-runs';
import { marketoPeople, salesforceRows, salesforceWrite } from '../support/vendor-rows';

const started = useCaseRuns();

/** Rounds of both syncs; after the first nothing may be written any more. */
const ROUNDS = 5;
const HOUR_MS = 3_600_000;

/** Marketo's names of what the two syncs move, and Salesforce's. */
const MOVED = {
  email: 'Email',
  firstName: 'FirstName',
  lastName: 'LastName',
  amount: 'Score__c',
  optedIn: 'Checked__c',
  goLive: 'Go_Live__c',
  bornOn: 'Birthdate',
  interests: 'Interests__c',
};
const INTERESTS = ['Books', 'Music', 'Sport'];

beforeEach(() => {
  const { marketo, salesforce } = started();
  const add = marketo.vendor.stores.fields.add.bind(marketo.vendor.stores.fields);
  add({ name: 'optedIn', displayName: 'Opted in', dataType: 'boolean' });
  add({ name: 'goLive', displayName: 'Go-live', dataType: 'datetime' });
  add({ name: 'bornOn', displayName: 'Born on', dataType: 'date' });
  add({ name: 'interests', displayName: 'Interests', dataType: 'string', length: 255 });
  salesforce.vendor.org.declareField('Contact', { name: 'Interests__c', type: 'multipicklist', picklist: INTERESTS });
});

/** Two syncs of people, one each way. */
async function bothWays(more: Record<string, unknown>): Promise<{ there: string; back: string }> {
  const reversed = Object.fromEntries(Object.entries(MOVED).map(([lead, contact]) => [contact, lead]));
  return {
    there: await started().leadsToContacts({ mappings: fields(MOVED), ...more }),
    back: await started().contactsToLeads({ mappings: fields(reversed), ...more }),
  };
}

/** Everything that was written to either system after a place in their logs. */
function writes(after: readonly [number, number] = [0, 0]) {
  const { marketo, salesforce } = started();
  return [marketo, salesforce].flatMap((host, index) =>
    host
      .writeLog({ after: after[index] })
      .map(({ object, recordId, operation, before: old, after: now }) => ({ object, recordId, operation, old, now })),
  );
}
const presentPlaces = (): [number, number] => {
  const [marketo = 0, salesforce = 0] = [started().marketo, started().salesforce].map(
    (host) => host.writeLog({ last: 1 }).at(-1)?.sequence ?? 0,
  );
  return [marketo, salesforce];
};

/** Runs both syncs a number of times, an hour apart. @returns what each run did, and what was written after the first round */
async function rounds({ there, back }: { there: string; back: string }) {
  const runs: { there: CaseRun; back: CaseRun }[] = [];
  let afterFirst: [number, number] = [0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    runs.push({ there: await started().run(there), back: await started().run(back) });
    if (round === 0) afterFirst = presentPlaces();
    started().sandbox.clock.advance(HOUR_MS);
  }
  const [first, ...later] = runs;
  if (!first) throw new Error('No round was run.');
  return { first, later, laterWrites: writes(afterFirst) };
}

const nothingWritten = { created: 0, updated: 0, failed: 0 };

/** One value each that the two keep differently. */
const KEPT_DIFFERENTLY = {
  amount: 33.33499,
  goLive: '2026-03-01T09:30:15Z',
  bornOn: '1988-03-27',
  interests: 'Sport;Books',
};

describe.each(['all', 'changed'])('two syncs in opposite directions of %s records', (records) => {
  const RULES = { records, deduplicate: 'youngestByLastUpdate' };

  test('come to rest after one round, though each system keeps values in its own way', async () => {
    started().givenLeads([
      { email: 'Ada.Berg@Example.com', firstName: ' Ada ', lastName: 'Berg ', ...KEPT_DIFFERENTLY },
      // a boolean without a value, which Salesforce does not have
      { email: 'ben@example.com', firstName: 'Ben', lastName: 'Cole', optedIn: null },
      { email: 'cleo@example.com', firstName: 'Cléo', lastName: 'Dahl', optedIn: true, amount: 0.005 },
    ]);
    started().givenContacts([
      { Email: 'dan@example.com', FirstName: 'Dan', LastName: 'Eide', Score__c: 12.5, Checked__c: true },
      {
        Email: 'eva@example.com',
        LastName: 'Falk',
        Interests__c: 'Music;Books',
        Go_Live__c: '2026-10-25T00:30:00.000+0000',
      },
    ]);

    const { first, later, laterWrites } = await rounds(await bothWays(RULES));

    expect(first.there.counts).toMatchObject({ created: 3, failed: 0 });
    expect(first.back.counts).toMatchObject({ created: 2, failed: 0 });
    expect(laterWrites).toEqual([]);
    for (const { there, back } of later) {
      expect(there.counts).toMatchObject(nothingWritten);
      expect(back.counts).toMatchObject(nothingWritten);
    }
    expect(marketoPeople(started().marketo)).toHaveLength(5);
    expect(await salesforceRows(started().salesforce, 'SELECT Id FROM Contact')).toHaveLength(5);
  });

  test('come to rest where both systems had the person before, by different values', async () => {
    started().givenLeads([
      { email: 'MIA@example.com', firstName: 'Mia', lastName: 'Holt', ...KEPT_DIFFERENTLY, optedIn: false },
      { email: 'noa@example.com', lastName: 'Iversen', amount: null, interests: 'Music' },
      { email: 'ole@example.com', firstName: 'Ole', lastName: 'Juhl' },
    ]);
    started().givenContacts([
      { Email: 'mia@example.com', FirstName: 'Maria', LastName: 'Holt-Lund', Checked__c: true, Interests__c: 'Books' },
      { Email: 'noa@example.com', FirstName: 'Noa', LastName: 'Iversen', Score__c: 7 },
      { Email: 'ole@example.com', FirstName: 'Ole', LastName: 'Juhl' },
    ]);

    const { first, later, laterWrites } = await rounds(await bothWays(RULES));

    expect(first.there.counts).toMatchObject({ created: 0, updated: 2, unchanged: 1, failed: 0 });
    // what Marketo lacked; of what it had, Salesforce holds the same by now
    expect(first.back.counts).toMatchObject({ created: 0, failed: 0 });
    expect(laterWrites).toEqual([]);
    expect(later.flatMap(({ there, back }) => [there, back]).map(({ state }) => state)).toEqual(
      Array(2 * (ROUNDS - 1)).fill('succeeded'),
    );
    const [mia] = marketoPeople(started().marketo);
    const [contact] = await salesforceRows(
      started().salesforce,
      "SELECT FirstName, LastName, Score__c, Interests__c FROM Contact WHERE Email = 'mia@example.com'",
    );
    expect(mia).toMatchObject({ firstName: 'Mia', lastName: 'Holt' });
    expect(contact).toEqual({ FirstName: 'Mia', LastName: 'Holt', Score__c: 33.33, Interests__c: 'Books;Sport' });
  });

  test('carry one change over and then rest again', async () => {
    started().givenLeads([{ email: 'pia@example.com', firstName: 'Pia', lastName: 'Kern', ...KEPT_DIFFERENTLY }]);
    const syncs = await bothWays(RULES);
    await rounds(syncs);
    const [contact] = await salesforceRows(started().salesforce, 'SELECT Id FROM Contact');
    await changeContact(String(contact?.Id), { FirstName: 'Philippa', Score__c: 44.445, Interests__c: 'Music;Books' });

    const { back } = syncs;
    const carried = await started().run(back);
    const { laterWrites } = await rounds(syncs);

    expect(carried.counts).toMatchObject({ updated: 1, failed: 0 });
    expect(laterWrites).toEqual([]);
    expect(marketoPeople(started().marketo)).toMatchObject([{ firstName: 'Philippa', amount: 44.45 }]);
  });

  test('clear what the other has cleared, and rest', async () => {
    started().givenLeads([{ email: 'rob@example.com', firstName: 'Rob', lastName: 'Lind', ...KEPT_DIFFERENTLY }]);
    const syncs = await bothWays({ ...RULES, blankValues: 'clear' });
    await rounds(syncs);
    const [contact] = await salesforceRows(started().salesforce, 'SELECT Id FROM Contact');
    await changeContact(String(contact?.Id), { FirstName: null, Interests__c: null, Go_Live__c: null });

    const carried = await started().run(syncs.back);
    const { laterWrites } = await rounds(syncs);

    expect(carried.counts).toMatchObject({ updated: 1, failed: 0 });
    expect(laterWrites).toEqual([]);
    const [person = {}] = marketoPeople(started().marketo);
    expect(Object.keys(person)).toEqual(expect.arrayContaining(['email', 'lastName', 'amount']));
    expect(['firstName', 'interests', 'goLive'].filter((name) => name in person)).toEqual([]);
  });

  test('give a person without a key one counterpart, which is not carried back as another person', async () => {
    started().givenLeads([{ firstName: 'Sam', lastName: 'Moe' }]);
    started().givenContacts([{ FirstName: 'Tea', LastName: 'Nord' }]);

    const { first, laterWrites } = await rounds(await bothWays(RULES));

    const contacts = await salesforceRows(started().salesforce, 'SELECT LastName FROM Contact ORDER BY LastName');
    expect(first.there.counts).toMatchObject({ created: 1, failed: 0 });
    expect(contacts).toEqual([{ LastName: 'Moe' }, { LastName: 'Nord' }]);
    expect(marketoPeople(started().marketo).map(({ lastName }) => lastName)).toEqual(['Moe', 'Nord']);
    expect(laterWrites).toEqual([]);
  });

  test('rest where an address is there twice in either system', async () => {
    started().givenLeads([
      {
        email: 'una@example.com',
        firstName: 'Una',
        lastName: 'Opdal',
        updatedAt: started().sandbox.clock.now() - HOUR_MS,
      },
      { email: 'UNA@example.com', firstName: 'Una-Mae', lastName: 'Opdal' },
      { email: 'vic@example.com', firstName: 'Vic', lastName: 'Prag' },
    ]);
    started().givenContacts([
      { Email: 'vic@example.com', FirstName: 'Victor' },
      { Email: 'vic@example.com', FirstName: 'Vico' },
    ]);

    const { later, laterWrites } = await rounds(await bothWays(RULES));

    expect(laterWrites).toEqual([]);
    expect(later.at(-1)?.there.outcomes.filter(({ reason }) => reason === 'ambiguous').length).toBeLessThanOrEqual(1);
    expect(marketoPeople(started().marketo)).toHaveLength(3);
    expect(await salesforceRows(started().salesforce, 'SELECT Id FROM Contact')).toHaveLength(3);
  });

  const changeContact = (id: string, values: Record<string, unknown>) =>
    salesforceWrite(started().salesforce, 'PATCH', `Contact/${id}`, values);
});
