/** @jest-environment <rootDir>/test/support/set-up/zoned-environment.ts */
import { AT, fields, PATHS, useCaseRuns } from '../support/case-runs';
import { otherZone, PROCESS_ZONES, setProcessZone } from '../support/process-zone';
import { marketoPeople, salesforceRows } from '../support/vendor-rows';

const started = useCaseRuns();

const afterOf = ({ after }: { after: string | null }): Record<string, unknown> => JSON.parse(after ?? '{}');

describe('C01: calendar days never pass through a time zone', () => {
  const DAYS = ['1988-03-27', '2024-02-29', '1969-12-31'];
  const addresses = DAYS.map((day) => `born-${day}@example.com`);
  const schedule = { type: 'now', timeZone: 'Europe/Vienna' };
  const combinations = PATHS.flatMap((path) => PROCESS_ZONES.map((zone) => [path, zone] as const));
  const born = (column: string) => ({ column, operator: 'equals', value: DAYS[0] });

  afterAll(() => setProcessZone('UTC'));

  test.each(combinations)('from contacts read by %s to leads, on a machine in %s', async (path, zone) => {
    setProcessZone(zone);
    started().givenContacts([
      { Email: 'first@example.com' },
      ...DAYS.map((Birthdate, index) => ({ Email: addresses[index], Birthdate })),
    ]);
    const definition = {
      source: started().contactsBy(path),
      schedule,
      mappings: fields({ Email: 'email', LastName: 'lastName', Birthdate: 'dateOfBirth' }),
    };
    const syncId = await started().contactsToLeads(definition);

    const { plan } = await started().runAsForetold(syncId);
    const found = await started().run(await started().contactsToLeads({ ...definition, filter: born('Birthdate') }));
    setProcessZone(otherZone(zone));
    const again = await started().run(syncId);

    expect(plan.map((record) => afterOf(record).dateOfBirth)).toEqual([undefined, ...DAYS]);
    const leads = marketoPeople(started().marketo);
    expect(leads.map(({ dateOfBirth }) => dateOfBirth ?? null)).toEqual([null, ...DAYS]);
    expect(found.counts).toMatchObject({ read: 4, filteredOut: 3, unchanged: 1 });
    expect(again.counts).toMatchObject({ read: 4, unchanged: 4 });
  });

  test.each(combinations)('from leads to contacts written by %s, on a machine in %s', async (path, zone) => {
    setProcessZone(zone);
    started().givenLeads(
      DAYS.map((dateOfBirth, index) => ({ email: addresses[index], lastName: 'Sample', dateOfBirth })),
    );
    // what is there is updated by REST, what is new is created by Bulk
    if (path === 'REST') started().givenContacts(addresses.map((Email) => ({ Email, Birthdate: '2000-01-01' })));
    const definition = {
      schedule,
      mappings: [
        ...fields({ email: 'Email', lastName: 'LastName', dateOfBirth: 'Birthdate' }),
        { from: { constant: '2027-03-28' }, to: 'Go_Live__c' },
      ],
    };
    const syncId = await started().leadsToContacts(definition);

    const { plan, counts } = await started().runAsForetold(syncId);
    const found = await started().run(await started().leadsToContacts({ ...definition, filter: born('dateOfBirth') }));
    setProcessZone(otherZone(zone));
    const again = await started().run(syncId);

    expect(counts).toMatchObject(path === 'REST' ? { updated: 3 } : { created: 3 });
    expect(plan.map((record) => afterOf(record).Birthdate)).toEqual(DAYS);
    const rows = await salesforceRows(started().salesforce, 'SELECT Birthdate, Go_Live__c FROM Contact ORDER BY Id');
    expect(rows.map(({ Birthdate }) => Birthdate)).toEqual(DAYS);
    // that day begins in the zone of the sync
    expect(rows.map(({ Go_Live__c }) => Go_Live__c)).toEqual(DAYS.map(() => '2027-03-27T23:00:00.000+0000'));
    expect(found.counts).toMatchObject({ read: 3, filteredOut: 2, unchanged: 1 });
    expect(again.counts).toMatchObject({ unchanged: 3 });
  });
});

describe('C02: a day is that day in the zone of the sync', () => {
  const at = (instant: string) => Date.parse(instant);
  const SOURCES = [
    ['Salesforce', AT.salesforce, 'CreatedDate'],
    // not the first one: a connection remembers when the oldest person of its instance was created, and that one has been read from
    ['Marketo', AT.secondMarketo, 'createdAt'],
  ] as const;
  const given = (instants: readonly string[]) => {
    const names = instants.map((_instant, index) => String.fromCharCode(97 + index));
    // they are no people of the future, whenever this is run
    started().sandbox.clock.set(Math.max(started().sandbox.clock.now(), at('2026-11-15T00:00:00Z')));
    started().givenRecords(
      'Lead',
      names.map((LastName) => ({ LastName, Company: 'Acme' })),
      started().salesforce,
      (index) => at(instants[index] ?? ''),
    );
    started().givenLeads(
      names.map((lastName, index) => ({
        lastName,
        createdAt: at(instants[index] ?? ''),
        updatedAt: at(instants[index] ?? ''),
      })),
      started().secondMarketo,
    );
  };
  const sync = (connectionId: string, filter: Record<string, unknown>, timeZone: string) =>
    started().contactsToLeads({
      source: { connectionId, object: 'Lead' },
      mappings: fields({ [connectionId === AT.salesforce ? 'LastName' : 'lastName']: 'lastName' }),
      schedule: { type: 'now', timeZone },
      filter,
    });
  /** The names of those that are selected. */
  const selected = async (syncId: string) => {
    await started().run(syncId);
    return marketoPeople(started().marketo)
      .map(({ lastName }) => lastName)
      .join(', ');
  };

  const CONDITIONS = [
    ['equals', '2026-03-01', 'c, d'],
    ['between', ['2026-02-28', '2026-03-01'], 'a, b, c, d'],
    ['lessThan', '2026-03-01', 'a, b'],
    ['lessOrEqual', '2026-03-01', 'a, b, c, d'],
    ['greaterThan', '2026-03-01', 'e'],
    ['greaterOrEqual', '2026-03-01', 'c, d, e'],
  ] as const;

  describe.each(SOURCES)('in %s', (_vendor, connectionId, column) => {
    test.each(CONDITIONS)('%s %j selects %s', async (operator, value, expected) => {
      given([
        '2026-02-28T13:29:59Z',
        '2026-02-28T18:29:59Z',
        '2026-02-28T18:30:00Z',
        '2026-03-01T18:29:59Z',
        '2026-03-01T18:30:00Z',
      ]);

      expect(await selected(await sync(connectionId, { column, operator, value }, 'Asia/Kolkata'))).toBe(expected);
    });

    test.each([
      [
        '2026-03-29',
        'is 23 hours long',
        '2026-03-28T22:59:59Z',
        '2026-03-28T23:00:00Z',
        '2026-03-29T21:59:59Z',
        '2026-03-29T22:00:00Z',
      ],
      [
        '2026-10-25',
        'is 25 hours long',
        '2026-10-24T21:59:59Z',
        '2026-10-24T22:00:00Z',
        '2026-10-25T22:59:59Z',
        '2026-10-25T23:00:00Z',
      ],
    ])('%s %s where clocks change', async (value, _length, ...instants) => {
      given(instants);

      expect(await selected(await sync(connectionId, { column, operator: 'equals', value }, 'Europe/Vienna'))).toBe(
        'b, c',
      );
    });
  });

  test('View Query shows where the day begins, and that it ends before the next one', async () => {
    const filter = { column: 'CreatedDate', operator: 'equals', value: '2026-03-01' };

    const { query } = await started().runs.queryOf(await sync(AT.salesforce, filter, 'Asia/Kolkata'));

    expect(query).toContain('CreatedDate >= 2026-02-28T18:30:00Z');
    expect(query).toContain('CreatedDate < 2026-03-01T18:30:00Z');
  });
});

describe('C04: numbers keep their digits', () => {
  const NUMBERS = [99213206, 115056052, 0.0001, 0.1];
  const addresses = NUMBERS.map((_number, index) => `person${index}@example.com`);

  test.each(PATHS)('from contacts read by %s', async (path) => {
    started().givenContacts([
      { Email: 'first@example.com' },
      ...NUMBERS.map((Amount__c, index) => ({ Email: addresses[index], Amount__c })),
    ]);
    const syncId = await started().contactsToLeads({
      source: started().contactsBy(path),
      mappings: [
        ...fields({ Email: 'email', LastName: 'lastName', Amount__c: 'amount' }),
        { from: { field: 'Amount__c' }, to: 'externalRef' },
      ],
    });

    await started().runAsForetold(syncId);
    const again = await started().run(syncId);

    const [, ...leads] = marketoPeople(started().marketo);
    expect(leads.map(({ amount }) => amount)).toEqual(NUMBERS);
    expect(leads.map(({ externalRef }) => externalRef)).toEqual(['99213206', '115056052', '0.0001', '0.1']);
    expect(again.counts).toMatchObject({ unchanged: NUMBERS.length + 1 });
  });

  test.each(PATHS)('from leads to contacts written by %s', async (path) => {
    const texts = ['00501', '1e5', '+43660000001'];
    started().givenLeads(
      texts.map((externalRef, index) => ({
        email: addresses[index],
        lastName: 'Sample',
        share: 12.5,
        externalRef,
        isPartner__c: true,
      })),
    );
    if (path === 'REST') started().givenContacts(texts.map((_text, index) => ({ Email: addresses[index] })));
    const syncId = await started().leadsToContacts({
      mappings: fields({
        email: 'Email',
        lastName: 'LastName',
        share: 'Score__c',
        externalRef: 'Department',
        isPartner__c: 'Checked__c',
      }),
    });

    const { counts } = await started().runAsForetold(syncId);
    const again = await started().run(syncId);

    expect(counts).toMatchObject(path === 'REST' ? { updated: 3 } : { created: 3 });
    const soql = 'SELECT Score__c, Department, Checked__c FROM Contact ORDER BY Email';
    expect(await salesforceRows(started().salesforce, soql)).toEqual(
      texts.map((Department) => ({ Score__c: 12.5, Department, Checked__c: true })),
    );
    expect(again.counts).toMatchObject({ unchanged: 3 });
  });

  test.each(PATHS)(
    'a fraction from contacts read by %s is refused by a field of whole numbers, and never cut',
    async (path) => {
      started().givenContacts([
        { Email: 'whole@example.com', Score__c: 12 },
        { Email: 'fraction@example.com', Score__c: 12.5 },
      ]);

      const { plan, outcomes } = await started().runAsForetold(
        await started().contactsToLeads({
          source: started().contactsBy(path),
          mappings: fields({ Email: 'email', LastName: 'lastName', Score__c: 'score__c' }),
        }),
      );

      for (const record of [plan[1], outcomes[1]]) {
        expect(record).toMatchObject({ outcome: 'failed', reason: 'notWhole', field: 'score__c' });
        expect(record?.message).toContain('whole numbers');
      }
      expect(marketoPeople(started().marketo)).toMatchObject([{ email: 'whole@example.com', score__c: 12 }]);
    },
  );
});
