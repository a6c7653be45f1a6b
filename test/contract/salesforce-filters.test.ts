import type { SourceRecord } from '../../src/connectors/connector';
import { type Filter, OPERATORS } from '../../src/domain/definition';
import { compileFilter, filterProblems } from '../../src/domain/filter';
import type { FieldDeclarationInput } from '../../src/sandbox/salesforce/declarations';
import fc from '../support/fast-check';
import { propertyRuns } from '../support/property-runs';
import {
  conditionsIn,
  conditionsOfAll,
  conditionsOnDates,
  type FilterColumn,
  filtersOver,
} from '../support/random-filters';
import { created, load, person, readAll, signal, useSalesforce } from '../support/salesforce-rig';
import { givenSalesforceRecords } from '../support/vendor-rows';

const rig = useSalesforce();

describe('looking up keys', () => {
  const keys = ['ana+news@example.com', "o'neil@example.org", 'a&b@example.com', 'x%2by@example.com', 'a.@example.com'];

  test('finds what Salesforce holds equal, and nothing else', async () => {
    const ids = created(
      await load(
        rig.connector,
        rig.batchOf(
          'create',
          keys.map((key) => person(key, { Phone: key })),
        ),
      ),
    );

    const found = await rig.connector.findByKey(
      {
        object: rig.contact,
        field: 'Email',
        keys: [...keys.map((key) => key.toUpperCase()), 'nobody@example.com'],
        fields: ['Phone'],
      },
      signal,
    );

    expect(found).toHaveLength(keys.length);
    for (const [index, key] of keys.entries()) {
      expect(found).toContainEqual({ destinationId: ids[index], key, values: { Phone: key } });
    }
  });

  test('a key that several records hold gives all of them; by Id there is no key', async () => {
    const ids = created(
      await load(
        rig.connector,
        rig.batchOf('create', [person('same@example.com'), person('same@example.com', { LastName: 'Other' })]),
      ),
    );

    const byEmail = await rig.connector.findByKey(
      { object: rig.contact, field: 'Email', keys: ['same@example.com'], fields: [] },
      signal,
    );
    const byId = await rig.connector.findByKey(
      { object: rig.contact, field: 'Id', keys: [ids[0]?.slice(0, 15) ?? ''], fields: [] },
      signal,
    );

    expect(byEmail.map(({ destinationId }) => destinationId).sort()).toEqual([...ids].sort());
    expect(byId).toEqual([{ destinationId: ids[0], key: null, values: {} }]);
  });
});

describe('whoever evaluates a filter, it selects the same records', () => {
  /** With those that name each operator on each type. */
  const CASES = 260;
  const CASES_BY_BULK = 25;
  const RECORDS = 84;
  const NAMES = [
    "O'Brien \\ Sons",
    'Edge\\Communications',
    '100% Juice_Co',
    '100x JuiceACo',
    "x') OR (LastName LIKE '%",
    'groß',
    'ÉTÉ',
    'İpek',
    'two  blanks',
    'line\none',
  ];
  const PLAIN = ['Edge', 'edge', '%', 'a_b', '7', 'Zoë'];
  const EMAILS = ['ana+news@example.com', "o'neil@example.org", 'a_b@example.com'];
  const PHONES = ['111', '+43 1 5550100'];
  const URLS = ['https://example.com/?a=b%20c', 'http://EXAMPLE.com'];
  const NUMBERS = [-12.5, 0, 0.1, 3, 123_456_789.25];
  const COUNTS = [-3, 0, 7, 12];
  const DAYS = ['2026-02-28', '2026-03-01', '2026-05-25', '2026-05-31', '2026-06-01', '2027-01-01'];
  const INSTANTS = [
    '2026-02-28T22:59:59.000Z',
    '2026-02-28T23:00:00.000Z',
    '2026-03-01T10:00:00.000Z',
    '2026-03-29T01:00:00.000Z',
    '2026-05-31T22:00:00.000Z',
    '2026-06-01T11:30:00.000Z',
    '2026-06-02T00:00:00.000Z',
  ] as const;
  const TIMES = ['09:30:00.000', '12:00:00.000'];
  const CHOICES = ['Web', 'Other', 'Phone Inquiry'];
  const SETS = ['Red', 'Red;Green', 'Blue;Green', 'Light Blue'];

  const field = (name: string, type: FieldDeclarationInput['type'], more: object = {}) => ({ name, type, ...more });
  const DECLARED = [
    field('Code__c', 'string', { length: 20, externalId: true, unique: false, caseSensitive: true }),
    field('Site__c', 'url'),
    field('Amount__c', 'currency', { precision: 18, scale: 2 }),
    field('Count__c', 'int'),
    field('Go_Live__c', 'datetime'),
    field('Joined__c', 'date'),
    field('Opens__c', 'time'),
    field('Colours__c', 'multipicklist', { picklist: ['Red', 'Green', 'Blue', 'Light Blue'] }),
    field('Notes__c', 'textarea', { length: 32_000 }),
  ];

  /** Records that hold each value in many combinations, and none of it in some. */
  async function givenRecords(): Promise<FilterColumn[]> {
    for (const declaration of DECLARED) rig.sandbox.salesforce.vendor.org.declareField('Contact', declaration);
    const accounts = await givenSalesforceRecords(rig.sandbox.salesforce, 'Account', [{ Name: 'A' }, { Name: 'B' }]);
    const columns: FilterColumn[] = [
      { name: 'LastName', type: 'text', held: NAMES },
      { name: 'Code__c', type: 'text', held: PLAIN },
      { name: 'Notes__c', type: 'text', held: PLAIN },
      { name: 'Email', type: 'email', held: EMAILS },
      { name: 'Phone', type: 'phone', held: PHONES },
      { name: 'Site__c', type: 'url', held: URLS },
      { name: 'LeadSource', type: 'picklist', held: CHOICES },
      { name: 'Colours__c', type: 'multipicklist', held: SETS },
      { name: 'DoNotCall', type: 'boolean', held: [true, false] },
      { name: 'Amount__c', type: 'number', held: NUMBERS },
      { name: 'Count__c', type: 'integer', held: COUNTS },
      { name: 'Birthdate', type: 'date', held: DAYS },
      { name: 'Joined__c', type: 'date', held: DAYS },
      { name: 'Go_Live__c', type: 'datetime', held: INSTANTS },
      { name: 'Opens__c', type: 'time', held: TIMES },
      { name: 'AccountId', type: 'reference', held: accounts },
    ];
    const records = Array.from({ length: RECORDS }, (_none, index) =>
      Object.fromEntries(
        columns.map(({ name, held }, column) => {
          // another step for each column, so that values meet in ever new combinations; the last name cannot be blank
          const at = (index * (column + 1) + Math.floor(index / 7)) % (held.length + (name === 'LastName' ? 0 : 1));
          const value = held[at] ?? (name === 'DoNotCall' ? false : null);
          return [name, name === 'Opens__c' && value ? `${value}Z` : value];
        }),
      ),
    );
    const ids = await givenSalesforceRecords(rig.sandbox.salesforce, 'Contact', records);
    const filler = (index: number) => `0015g00000${String(index).padStart(5, '0')}`;
    const shortened = (id: string) => id.slice(0, 15);
    return columns
      .map((column) =>
        column.name === 'AccountId' ? { ...column, held: [...accounts, ...accounts.map(shortened)], filler } : column,
      )
      .concat({ name: 'Id', type: 'id', held: [...ids.slice(0, 3), ...ids.slice(2, 4).map(shortened)], filler });
  }

  test.each([
    ['by REST', CASES, {}],
    ['by Bulk behind the first record', CASES_BY_BULK, { bulkFrom: 0, firstPollMs: 10 }],
  ])(
    'what is read %s and judged by the rest of a filter is what the whole filter selects',
    async (_way, cases, tuning) => {
      if ('bulkFrom' in tuning) rig.sandbox.salesforce.vendor.org.changeSettings({ queryPageRows: 1 });
      const reader = rig.connect(tuning);
      const columns = await givenRecords();
      const object = await reader.describe('Contact', signal);
      const fields = columns.map(({ name }) => name);
      const everything = await readAll(rig.connector, rig.requestFor(fields, null, { object }));
      expect(everything).toHaveLength(RECORDS);
      const named = ({ values }: SourceRecord) =>
        Object.fromEntries(fields.map((name, index) => [name, values[index] ?? null]));
      const examples = [
        ...conditionsOfAll(columns, DAYS),
        ...conditionsOnDates('Go_Live__c', ['2026-03-01', '2026-06-01'], [INSTANTS[2], INSTANTS[5]]),
      ].map((condition): [Filter, string, string] => [condition, 'Europe/Vienna', '2026-06-01T12:00:00.000Z']);
      const tried = { columns: new Set<string>(), operators: new Set<string>() };

      await fc.assert(
        fc.asyncProperty(
          filtersOver(columns, DAYS),
          fc.constantFrom('UTC', 'Europe/Vienna', 'Asia/Kolkata', 'America/Sao_Paulo'),
          fc.constantFrom('2026-06-01T12:00:00.000Z', '2026-06-01T11:30:00.400Z', '2026-03-29T01:30:00.000Z'),
          async (filter, timeZone, asOf) => {
            expect(filterProblems(filter, object)).toEqual([]);
            const context = { timeZone, asOf };
            const selected = (among: SourceRecord[], by: Filter | null) => {
              const holds = by ? compileFilter(by, object, context) : () => true;
              return among
                .filter((record) => holds(named(record)))
                .map(({ sourceId }) => sourceId)
                .sort();
            };
            const request = rig.requestFor(fields, filter, { object, ...context });

            const { local } = reader.splitFilter(request);
            expect(selected(await readAll(reader, request), local)).toEqual(selected(everything, filter));

            for (const { column, operator } of conditionsIn(filter)) {
              tried.columns.add(column);
              tried.operators.add(operator);
            }
          },
        ),
        { ...propertyRuns(cases), examples: cases === CASES ? examples : [] },
      );

      const jobs = rig.sandbox.salesforce.counters().filter(({ endpoint }) => /^POST .*\/jobs\/query$/.test(endpoint));
      expect(jobs.length > 0).toBe(cases === CASES_BY_BULK);
      if (cases === CASES_BY_BULK) return;
      expect([...tried.columns].sort()).toEqual([...fields].sort());
      expect(tried.operators).toEqual(new Set(OPERATORS));
    },
    600_000,
  );
});
