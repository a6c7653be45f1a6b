import { fields, useCaseRuns } from '../support/case-runs';
import { marketoPost } from '../support/marketo-calls';
import { marketoPeople } from '../support/vendor-rows';

const started = useCaseRuns();

const CREATION = { method: 'POST', path: '/rest/v1/leads.json', bodyContains: 'createDuplicate' };
type Action = Parameters<ReturnType<typeof started>['marketo']['addFault']>[0]['action'];
const creationIs = (nth: number, action: Action) => started().marketo.addFault({ match: CREATION, nth, action });

const ofCode = (value: string) => ({ filter: { column: 'Code__c', operator: 'equals', value } });

/** So that a call that is lost is not one that was refused for its token. */
async function signIn(): Promise<void> {
  started().givenContacts([{ FirstName: 'Known', Email: 'known@example.com', Code__c: 'known' }]);
  await started().run(await started().contactsToLeads({ name: 'Signing in', ...ofCode('known') }));
}

/** Contacts without an address, who are the same to all that is mapped, for each of some syncs. */
async function givenSyncsOfSame(names: readonly string[]): Promise<string[]> {
  await signIn();
  started().givenContacts(names.map((Code__c) => ({ FirstName: 'Same', Code__c })));
  return Promise.all(names.map((name) => started().contactsToLeads({ name, ...ofCode(name) })));
}
const broken = (syncId: string) => expect(started().run(syncId)).rejects.toThrow();

/** How many people there are, and what the ledgers say of them. */
function told(runs: readonly Awaited<ReturnType<ReturnType<typeof started>['run']>>[]) {
  const outcomes = runs.flatMap((run) => run.outcomes);
  const ids = outcomes.flatMap(({ destinationId }) => destinationId ?? []);
  const created = outcomes.filter(({ outcome }) => outcome === 'created').length;
  const inDoubt = outcomes.filter(({ reason }) => reason === 'inDoubt').length;
  const people = marketoPeople(started().marketo).filter(({ firstName }) => firstName === 'Same').length;
  return { people, created, distinct: new Set(ids).size, inDoubt };
}

test('people of a call that was answered are not taken for those of a lost one', async () => {
  started().givenContacts(Array.from({ length: 301 }, () => ({ FirstName: 'Same' })));
  const syncId = await started().contactsToLeads();
  creationIs(2, { type: 'resetBefore' });
  await broken(syncId);

  const run = await started().run(syncId);

  // two calls are made side by side: which of them comes second, and is lost, is open
  const { people, ...ledger } = told([run]);
  expect([1, 300]).toContain(people);
  expect(ledger).toEqual({ created: people, distinct: people, inDoubt: 301 - people });
});

test('people of another sync are not taken for those of a lost call', async () => {
  const [one, another] = (await givenSyncsOfSame(['one', 'another'])) as [string, string];
  creationIs(1, { type: 'resetBefore' });
  await broken(one);

  const runs = [await started().run(another), await started().run(one)];

  expect(told(runs)).toEqual({ people: 1, created: 1, distinct: 1, inDoubt: 1 });
});

test.each([
  ['both of which were applied', 'resetAfter', { people: 2, created: 2, distinct: 2, inDoubt: 0 }],
  ['one of which was applied', 'resetBefore', { people: 1, created: 1, distinct: 1, inDoubt: 1 }],
] as const)(
  'two lost calls that are settled at the same moment, %s, have no person in common',
  async (_name, type, expected) => {
    const [one, another] = (await givenSyncsOfSame(['one', 'another'])) as [string, string];
    creationIs(1, { type: 'resetAfter' });
    await broken(one);
    creationIs(1, { type });
    await broken(another);

    const runs = await Promise.all([started().run(one), started().run(another)]);

    expect(told(runs)).toEqual(expected);
  },
);

test('the person of a call whose answer is on its way is not taken for that of a lost one', async () => {
  const [one, another] = (await givenSyncsOfSame(['one', 'another'])) as [string, string];
  creationIs(1, { type: 'resetBefore' });
  await broken(one);
  const slow = creationIs(1, { type: 'slowBody', bytesPerSecond: 30 });
  const answered = started().run(another);
  await started().untilActed(started().marketo, slow.id);

  const lost = await started().run(one);

  expect(told([lost, await answered])).toEqual({ people: 1, created: 1, distinct: 1, inDoubt: 1 });
  expect(lost.outcomes).toMatchObject([{ outcome: 'failed', reason: 'inDoubt' }]);
});

test('a person with a key is not taken for one without, nor one with more values for one with fewer', async () => {
  started().givenContacts([
    { FirstName: 'Same' },
    { FirstName: 'Same', Title: 'Chair' },
    { FirstName: 'Same', Email: 'ann@example.com' },
  ]);
  const syncId = await started().contactsToLeads({
    mappings: fields({ Email: 'email', FirstName: 'firstName', Title: 'title', LastName: 'lastName' }),
  });
  creationIs(1, { type: 'resetBefore' });
  await broken(syncId);
  // as if the second of them had arrived
  const chair = { firstName: 'Same', title: 'Chair', lastName: 'Sample' };
  const [made] = await marketoPost(started().marketo, CREATION.path, { action: 'createDuplicate', input: [chair] });

  const { outcomes } = await started().run(syncId);

  expect(outcomes).toMatchObject([
    { outcome: 'failed', reason: 'inDoubt' },
    { outcome: 'created', destinationId: String(made?.id) },
    { outcome: 'created', matchKey: 'ann@example.com' },
  ]);
});

test('the person of a lost call that was asked about, and may arrive yet, is not taken for that of one that told less', async () => {
  await signIn();
  const mappings = fields({ Email: 'email', FirstName: 'firstName', Title: 'title', LastName: 'lastName' });
  started().givenContacts([
    { FirstName: 'Same', Code__c: 'less' },
    { FirstName: 'Same', Title: 'Chair', Code__c: 'more' },
  ]);
  const [less, more] = [
    await started().contactsToLeads({ name: 'less', mappings, ...ofCode('less') }),
    await started().contactsToLeads({ name: 'more', mappings, ...ofCode('more') }),
  ];
  creationIs(1, { type: 'late', afterMs: 60_000 });
  await broken(more);
  // it is asked about, and not there yet
  await expect(started().run(more, { wait: null })).rejects.toThrow('A phase is not through');
  creationIs(1, { type: 'resetBefore' });
  await broken(less);
  started().sandbox.clock.advance(61_000);
  await started().marketo.lateEffects.settled();

  const runs = [await started().run(less), await started().run(more)];

  expect(runs.map(({ outcomes }) => outcomes.map(({ outcome, reason }) => `${outcome} ${reason}`))).toEqual([
    ['failed inDoubt'],
    ['created null'],
  ]);
});
