import { fields, useCaseRuns } from '../support/case-runs';
import { marketoPost } from '../support/marketo-calls';
import { marketoPeople, salesforceRows, salesforceWrite } from '../support/vendor-rows';

const started = useCaseRuns();

const contacts = () =>
  salesforceRows(started().salesforce, 'SELECT Email, FirstName, LastName FROM Contact ORDER BY Email, LastName');
const contactIds = async () =>
  new Map(
    (await salesforceRows(started().salesforce, 'SELECT Id, Email FROM Contact')).map(({ Id, Email }) => [
      String(Email).split('@')[0],
      String(Id),
    ]),
  );
const people = () =>
  marketoPeople(started().marketo).map(({ email, firstName, lastName }) => ({ email, firstName, lastName }));

const wordsOf = (outcomes: readonly { matchKey: string | null; outcome: string; reason: string | null }[]) =>
  Object.fromEntries(
    outcomes.map(({ matchKey, outcome, reason }) => [matchKey?.split('@')[0], `${outcome} ${reason}`]),
  );

const lead = (name: string, more: Record<string, unknown> = {}) => ({
  email: `${name}@example.com`,
  firstName: 'New',
  lastName: name,
  ...more,
});
const contact = (name: string) => ({ Email: `${name}@example.com`, FirstName: 'Old', LastName: name });

describe('an undo', () => {
  const given = async (created: readonly string[], updated: readonly string[]) => {
    started().givenContacts(updated.map(contact));
    started().givenLeads([...created, ...updated].map((name) => lead(name)));
    const before = await contacts();
    const run = await started().run(await started().leadsToContacts());
    expect(run.counts).toMatchObject({ created: created.length, updated: updated.length });
    return { run, before };
  };

  test('deletes what was created and gives back what was there, but for what others have changed since', async () => {
    const { run } = await given(['made1', 'made2', 'made3'], ['had1', 'had2', 'had3']);
    const ids = await contactIds();
    await salesforceWrite(started().salesforce, 'PATCH', `Contact/${ids.get('made2')}`, { FirstName: 'Theirs' });
    await salesforceWrite(started().salesforce, 'PATCH', `Contact/${ids.get('had2')}`, { FirstName: 'Theirs' });
    await salesforceWrite(started().salesforce, 'DELETE', `Contact/${ids.get('made3')}`);
    await salesforceWrite(started().salesforce, 'DELETE', `Contact/${ids.get('had3')}`);

    const undo = await started().undo(run);

    expect(wordsOf(undo.outcomes)).toEqual({
      made1: 'updated deleted',
      made2: 'skipped changedSince',
      made3: 'skipped deletedSince',
      had1: 'updated restored',
      had2: 'skipped changedSince',
      had3: 'skipped deletedSince',
    });
    expect(undo.state).toBe('succeeded');
    expect((await contacts()).map(({ LastName, FirstName }) => `${LastName} ${FirstName}`)).toEqual([
      'had1 Old',
      'had2 Theirs',
      'made2 Theirs',
    ]);
  });

  test('leaves a created record of which others have filled what it never wrote, and says when', async () => {
    const { run } = await given(['made1', 'made2'], []);
    const ids = await contactIds();
    started().sandbox.clock.advance(5_000);
    await salesforceWrite(started().salesforce, 'PATCH', `Contact/${ids.get('made2')}`, { Phone: '12345' });

    const undo = await started().undo(run);

    expect(wordsOf(undo.outcomes)).toEqual({ made1: 'updated deleted', made2: 'skipped changedSince' });
    const spared = undo.outcomes.find(({ outcome }) => outcome === 'skipped');
    expect(spared?.message).toMatch(/user has changed the record since, at 20\d\d-/);
    expect(await salesforceRows(started().salesforce, 'SELECT LastName, Phone FROM Contact')).toEqual([
      { LastName: 'made2', Phone: '12345' },
    ]);
  });

  test('leaves a created person of whom others have filled what it never wrote, and names the field', async () => {
    started().givenContacts(['made1', 'made2'].map((name) => ({ Email: `${name}@example.com`, FirstName: 'New' })));
    const run = await started().run(await started().contactsToLeads());
    expect(run.counts).toMatchObject({ created: 2 });
    const theirs = marketoPeople(started().marketo).find(({ email }) => email === 'made2@example.com');
    await marketoPost(started().marketo, '/rest/v1/leads.json', {
      action: 'updateOnly',
      lookupField: 'id',
      input: [{ id: theirs?.id, phone: '12345' }],
    });

    const undo = await started().undo(run);

    expect(wordsOf(undo.outcomes)).toEqual({ made1: 'updated deleted', made2: 'skipped changedSince' });
    expect(undo.outcomes.find(({ outcome }) => outcome === 'skipped')).toMatchObject({ field: 'phone' });
    expect(marketoPeople(started().marketo)).toMatchObject([{ email: 'made2@example.com', phone: '12345' }]);
  });

  test('deletes what a later run has changed, once that run is undone', async () => {
    started().givenLeads([lead('made')]);
    const syncId = await started().leadsToContacts();
    const first = await started().run(syncId);
    started().sandbox.clock.advance(60_000);
    await marketoPost(started().marketo, '/rest/v1/leads.json', {
      action: 'updateOnly',
      lookupField: 'id',
      input: [{ id: 1, firstName: 'Newer' }],
    });
    const second = await started().run(syncId);
    expect(second.counts).toMatchObject({ updated: 1 });
    started().sandbox.clock.advance(60_000);
    await started().undo(second);
    started().sandbox.clock.advance(60_000);

    const undo = await started().undo(first);

    expect(wordsOf(undo.outcomes)).toEqual({ made: 'updated deleted' });
    expect(await contacts()).toEqual([]);
  });

  test('of a run into Marketo leaves its people as they were', async () => {
    started().givenLeads([{ email: 'had@example.com', firstName: 'Old', lastName: 'Sample' }]);
    started().givenContacts(['had', 'made'].map((name) => ({ Email: `${name}@example.com`, FirstName: 'New' })));
    const before = people();
    const run = await started().run(await started().contactsToLeads());
    expect(run.counts).toMatchObject({ created: 1, updated: 1 });

    const undo = await started().undo(run);

    expect(wordsOf(undo.outcomes)).toEqual({ had: 'updated restored', made: 'updated deleted' });
    expect(people()).toEqual(before);
  });

  test.each([
    ['a deletion', 'DELETE', 'resetAfter'],
    ['a deletion', 'DELETE', 'resetBefore'],
    ['an update', 'PATCH', 'resetAfter'],
  ] as const)(
    'when the answer to %s (%s, %s) is lost and an attempt dies, what was our doing is not taken for that of others',
    async (_what, method, type) => {
      const { run, before } = await given(['made1', 'made2'], ['had1', 'had2']);
      started().salesforce.addFault({ match: { method, path: '*/composite/sobjects*' }, nth: 1, action: { type } });

      await expect(started().undo(run)).rejects.toThrow();
      const undo = await started().goOnUndoing(run);

      expect(wordsOf(undo.outcomes)).toEqual({
        made1: 'updated deleted',
        made2: 'updated deleted',
        had1: 'updated restored',
        had2: 'updated restored',
      });
      expect(await contacts()).toEqual(before);
    },
  );

  test('that goes on after an interruption spares what was changed meanwhile', async () => {
    const { run } = await given([], ['had1', 'had2']);
    const ids = await contactIds();
    started().salesforce.addFault({
      match: { method: 'PATCH', path: '*/composite/sobjects*' },
      nth: 1,
      action: { type: 'resetBefore' },
    });
    await expect(started().undo(run)).rejects.toThrow();
    await salesforceWrite(started().salesforce, 'PATCH', `Contact/${ids.get('had1')}`, { FirstName: 'Theirs' });

    const undo = await started().goOnUndoing(run);

    expect(wordsOf(undo.outcomes)).toEqual({ had1: 'skipped changedSince', had2: 'updated restored' });
  });

  test('each of whose phases is attempted once more comes to the same end', async () => {
    const { run, before } = await given(['made1'], ['had1']);

    const undo = await started().undo(run, { twice: ['extract', 'load'] });

    expect(undo.counts).toMatchObject({ read: 2, updated: 2 });
    expect(await contacts()).toEqual(before);
  });

  test('of records that shared a key goes back behind the first of their writes', async () => {
    started().givenContacts([contact('had')]);
    started().givenLeads([
      lead('made', { firstName: 'One' }),
      lead('had', { firstName: 'One' }),
      lead('made', { firstName: 'Two' }),
      lead('had', { firstName: 'Two' }),
    ]);
    const before = await contacts();
    const run = await started().run(await started().leadsToContacts({ deduplicate: 'importEverything' }));
    expect(run.counts).toMatchObject({ created: 1, updated: 3 });

    const undo = await started().undo(run);

    expect(undo.counts).toMatchObject({ read: 4, updated: 4 });
    expect(await contacts()).toEqual(before);
  });

  test('of a cancelled run takes back what it had loaded', async () => {
    started().givenLeads([lead('made')]);
    const run = await started().run(await started().leadsToContacts(), { until: 'load' });
    expect(run).toMatchObject({ state: 'cancelled', counts: { created: 1 } });

    await started().undo(run);

    expect(await contacts()).toEqual([]);
  });
});

describe('after an undo', () => {
  test('a run that reads what changed loads again what a run that reads everything would', async () => {
    started().givenLeads([lead('made'), { firstName: 'New', lastName: 'keyless' }]);
    const syncId = await started().leadsToContacts({
      records: 'changed',
      mappings: fields({ email: 'Email', firstName: 'FirstName', lastName: 'LastName' }),
    });
    const run = await started().run(syncId);
    expect(run.counts).toMatchObject({ created: 2 });
    const loaded = await contacts();
    await started().undo(run);
    expect(await contacts()).toEqual([]);

    const next = await started().run(syncId);

    expect(next.counts).toMatchObject({ read: 2, created: 2 });
    expect(await contacts()).toEqual(loaded);
  });

  test('a run that reads everything loads what is there then', async () => {
    started().givenLeads([lead('made')]);
    const syncId = await started().leadsToContacts();
    await started().undo(await started().run(syncId));
    await marketoPost(started().marketo, '/rest/v1/leads.json', {
      action: 'updateOnly',
      lookupField: 'id',
      input: [{ id: 1, firstName: 'Newer' }],
    });

    expect((await started().run(syncId)).counts).toMatchObject({ created: 1 });
    expect(await contacts()).toMatchObject([{ FirstName: 'Newer' }]);
  });
});
