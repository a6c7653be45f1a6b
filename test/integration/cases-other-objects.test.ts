import { AT, type CaseRun, fields, useCaseRuns } from '../support/case-runs';
import {
  ACCOUNT,
  COMPANY,
  declareOtherObjects,
  type End,
  givenThings,
  MACHINE,
  MACHINE_OF_SALESFORCE,
  MARKETO_OPPORTUNITY,
  OPPORTUNITY_OF_SALESFORCE,
  type Thing,
  thingsAt,
} from '../support/other-objects';
import { marketoPeople } from '../support/vendor-rows';

const started = useCaseRuns();
beforeEach(() => {
  declareOtherObjects(started());
  // custom objects are exported from the day on which the first person came
  started().givenLeads([{ email: 'first@example.com' }]);
});

/** Every way that an object can take; opportunities of Marketo are read by their keys alone. */
const WAYS: [string, End, End][] = [
  ['companies to accounts', COMPANY, ACCOUNT],
  ['accounts to companies', ACCOUNT, COMPANY],
  ['opportunities of Marketo to Salesforce', MARKETO_OPPORTUNITY, OPPORTUNITY_OF_SALESFORCE],
  ['opportunities of Salesforce to Marketo', OPPORTUNITY_OF_SALESFORCE, MARKETO_OPPORTUNITY],
  ['custom objects of Marketo to Salesforce', MACHINE, MACHINE_OF_SALESFORCE],
  ['custom objects of Salesforce to Marketo', MACHINE_OF_SALESFORCE, MACHINE],
];

const thing = (key: string, name: string, size = 10): Thing => ({ key, name, size });
const KEYS = ['K-1', 'K-2', 'K-3', 'K-4'];

const endpoint = ({ system, object }: End) => ({ connectionId: AT[system], object });

/** Saves a sync of things by their keys. */
function movesThings(from: End, to: End, more: Record<string, unknown> = {}): Promise<string> {
  // a key of Marketo can be set at creation alone
  const moved = more.importRule === 'update' ? (['name', 'size'] as const) : (['key', 'name', 'size'] as const);
  const pairs = moved.map((of) => [from.fields[of], to.fields[of]]);
  const constants = Object.entries(to.required).map(([field, constant]) => ({ from: { constant }, to: field }));
  return started().runs.sync({
    name: 'Things',
    source: endpoint(from),
    destination: endpoint(to),
    match: { source: from.fields.key, destination: to.fields.key },
    mappings: [...fields(Object.fromEntries(pairs)), ...constants],
    ...(from === MARKETO_OPPORTUNITY ? { filter: { column: from.fields.key, operator: 'in', value: KEYS } } : {}),
    ...more,
  });
}

const writesTo = ({ system }: End, after = 0) => started()[system].writeLog({ after });
const placeIn = (end: End) => writesTo(end).at(-1)?.sequence ?? 0;
const outcomesOf = ({ outcomes }: CaseRun) =>
  Object.fromEntries(outcomes.map(({ matchKey, outcome, reason }) => [matchKey, reason ?? outcome]));

describe.each(WAYS)('%s', (_way, from, to) => {
  const given = () => {
    givenThings(started(), from, [thing('K-1', 'New'), thing('K-2', 'Renamed'), thing('K-3', 'Same')]);
    givenThings(started(), to, [thing('K-2', 'Old', 20), thing('K-3', 'Same'), thing('K-9', 'Not ours')]);
  };

  test('what is new is created, what differs is updated, the same is unchanged, and a second run writes nothing', async () => {
    given();
    const syncId = await movesThings(from, to);

    const first = await started().run(syncId);
    const place = placeIn(to);
    const again = await started().run(syncId);

    expect(outcomesOf(first)).toEqual({ 'k-1': 'created', 'k-2': 'updated', 'k-3': 'unchanged' });
    expect(first.state).toBe('succeeded');
    expect(await thingsAt(started(), to)).toEqual([
      thing('K-1', 'New'),
      thing('K-2', 'Renamed'),
      thing('K-3', 'Same'),
      thing('K-9', 'Not ours'),
    ]);
    expect(again.counts).toMatchObject({ read: 3, unchanged: 3 });
    expect(writesTo(to, place)).toEqual([]);
    expect(writesTo(from)).toEqual([]);
  });

  test.each([
    ['create', { 'k-1': 'created', 'k-2': 'exists', 'k-3': 'exists' }, 'Old'],
    ['update', { 'k-1': 'notFound', 'k-2': 'updated', 'k-3': 'unchanged' }, 'Renamed'],
  ])('under the rule "%s" what it does not allow is skipped', async (importRule, expected, nameOfSecond) => {
    given();

    const run = await started().run(await movesThings(from, to, { importRule }));

    expect(outcomesOf(run)).toEqual(expected);
    const things = await thingsAt(started(), to);
    expect(things.map(({ key }) => key).includes('K-1')).toBe(importRule === 'create');
    expect(things.find(({ key }) => key === 'K-2')?.name).toBe(nameOfSecond);
  });

  test('a filter leaves the others out', async () => {
    given();
    const filter = { column: from.fields.key, operator: 'in', value: ['K-2', 'K-3'] };

    const run = await started().run(await movesThings(from, to, { filter }));

    expect(outcomesOf(run)).toEqual({ 'k-2': 'updated', 'k-3': 'unchanged' });
    expect((await thingsAt(started(), to)).map(({ key }) => key)).toEqual(['K-2', 'K-3', 'K-9']);
  });

  test('where only changes are read, the second run finds none', async () => {
    given();
    const syncId = await movesThings(from, to, { records: 'changed' });
    await started().run(syncId);
    started().sandbox.clock.advance(3_600_000);
    const place = placeIn(to);

    const again = await started().run(syncId);

    expect(again.counts).toMatchObject({ created: 0, updated: 0, failed: 0 });
    expect(writesTo(to, place)).toEqual([]);
  });
});

describe.each(WAYS)('%s: duplicates', (_way, from, to) => {
  // by their names, since Marketo has none of its own keys twice
  const byName = (more: Record<string, unknown>) => {
    const constants = Object.entries(to.required).map(([field, constant]) => ({ from: { constant }, to: field }));
    return movesThings(from, to, {
      match: { source: from.fields.name, destination: to.fields.key },
      mappings: [
        { from: { field: from.fields.name }, to: to.fields.key },
        { from: { field: from.fields.name }, to: to.fields.name },
        { from: { field: from.fields.size }, to: to.fields.size },
        ...constants,
      ],
      ...more,
    });
  };
  const given = () =>
    givenThings(started(), from, [thing('K-1', 'Twin', 1), thing('K-2', 'TWIN ', 2), thing('K-3', 'Single', 3)]);

  test('none of those that share a key is loaded under "ignore duplicates"', async () => {
    given();

    const { counts } = await started().run(await byName({ deduplicate: 'ignoreDuplicates' }));

    expect(counts).toMatchObject({ read: 3, duplicates: 2, created: 1, failed: 0 });
    expect((await thingsAt(started(), to)).map(({ key }) => key)).toEqual(['Single']);
  });

  test.each(['youngestByLastUpdate', 'oldestByCreation'])('one of them is kept under "%s"', async (deduplicate) => {
    given();

    const { counts } = await started().run(await byName({ deduplicate }));

    expect(counts).toMatchObject({ read: 3, duplicates: 1, created: 2, failed: 0 });
    expect(await thingsAt(started(), to)).toHaveLength(2);
  });

  test('all of them are loaded into one record, one after the other, under "import everything"', async () => {
    given();

    const { counts } = await started().run(await byName({ deduplicate: 'importEverything' }));

    expect(counts).toMatchObject({ read: 3, created: 2, updated: 1, failed: 0 });
    expect(await thingsAt(started(), to)).toHaveLength(2);
  });
});

describe('records of Marketo by the ids that Marketo gives', () => {
  /** Contacts that tell by the field of an external Id which person of Marketo they are. */
  const byId = (more: Record<string, unknown>) =>
    started().contactsToLeads({ match: { source: 'Crm_Key__c', destination: 'id' }, ...more });

  test('people are found by their id, and one that is not there is neither made nor taken for another', async () => {
    started().givenContacts([
      { Crm_Key__c: '1', LastName: 'Renamed', Email: 'first@example.com' },
      { Crm_Key__c: '77', LastName: 'Nobody' },
    ]);

    const updated = await started().run(await byId({ importRule: 'update' }));
    const upserted = await started().run(await byId({}));

    expect(outcomesOf(updated)).toEqual({ 1: 'updated', 77: 'notFound' });
    expect(outcomesOf(upserted)).toEqual({ 1: 'unchanged', 77: 'keyNotWritable' });
    expect(marketoPeople(started().marketo)).toMatchObject([{ id: 1, lastName: 'Renamed' }]);
  });

  test('people become members of a program by their id, and are moved on in it', async () => {
    const program = started().marketo.vendor.programs.add({ name: 'Spring webinar' });
    const withStatus = (constant: string) =>
      started().runs.sync({
        name: 'Members',
        source: { connectionId: AT.marketo, object: 'Lead' },
        destination: { connectionId: AT.marketo, object: `ProgramMember:${program.id}` },
        match: { source: 'id', destination: 'leadId' },
        mappings: [{ from: { constant }, to: 'statusName' }],
      });

    const joined = await started().run(await withStatus('Invited'));
    const moved = await started().run(await withStatus('Attended'));

    expect([outcomesOf(joined), outcomesOf(moved)]).toEqual([{ 1: 'created' }, { 1: 'updated' }]);
    expect(started().marketo.vendor.programs.member(program.id, 1)?.values).toMatchObject({ statusName: 'Attended' });
  });
});
