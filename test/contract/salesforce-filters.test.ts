import fc from 'fast-check';
import type { SourceRecord } from '../../src/connectors/connector';
import type { Filter } from '../../src/domain/definition';
import { compileFilter } from '../../src/domain/filter';
import type { Value } from '../../src/domain/object-description';
import { created, load, person, readAll, signal, updates, useSalesforce } from '../support/salesforce-rig';

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
  const names = [
    "O'Brien \\ Sons",
    'Edge\\Communications',
    '100% Juice_Co',
    '100x JuiceACo',
    "x') OR (LastName LIKE '%",
    'groß',
    'ÉTÉ',
  ];
  const phones: Value[] = [null, '111', '+43 1 5550100'];
  const days: Value[] = [null, '2026-02-28', '2026-03-01', '2026-05-25', '2026-05-31', '2026-06-01', '2027-01-01'];
  const text = fc.oneof(
    fc.constantFrom(...names, 'juice', '%', '_', 'o', 'Edge\\', '_co', '111'),
    fc.string({ maxLength: 4, minLength: 1 }),
  );
  const scalarCondition = fc.oneof(
    fc.record({
      column: fc.constantFrom('LastName', 'Phone'),
      operator: fc.constantFrom('equals', 'notEquals', 'contains', 'notContains', 'startsWith', 'endsWith'),
      value: text,
    }),
    fc.record({
      column: fc.constantFrom('LastName', 'Phone'),
      operator: fc.constantFrom('in', 'notIn'),
      value: fc.array(text, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      column: fc.constantFrom('LastName', 'Phone', 'EmailBouncedDate', 'MailingLatitude', 'Birthdate'),
      operator: fc.constantFrom('isEmpty', 'isNotEmpty'),
    }),
    fc.record({
      column: fc.constant('MailingLatitude'),
      operator: fc.constantFrom('equals', 'notEquals', 'lessThan', 'lessOrEqual', 'greaterThan', 'greaterOrEqual'),
      value: fc.constantFrom(-12.5, 0, 3),
    }),
    fc.record({
      column: fc.constant('Birthdate'),
      operator: fc.constantFrom('equals', 'lessThan', 'greaterOrEqual'),
      value: fc.constantFrom('2026-02-28', '2026-03-01'),
    }),
    fc.record({
      column: fc.constant('EmailBouncedDate'),
      operator: fc.constantFrom('equals', 'notEquals', 'lessThan', 'lessOrEqual', 'greaterThan', 'greaterOrEqual'),
      value: fc.constantFrom(
        '2026-02-28',
        '2026-03-01',
        '2026-05-31',
        '2026-03-01T10:00:00Z',
        '2026-03-01T10:00:00.500Z',
      ),
    }),
    fc.record({
      column: fc.constant('EmailBouncedDate'),
      operator: fc.constantFrom('inLast', 'inNext'),
      value: fc.record({
        amount: fc.integer({ min: 1, max: 100 }),
        unit: fc.constantFrom('minute', 'hour', 'day', 'week', 'month'),
      }),
    }),
  ) as fc.Arbitrary<Filter>;
  const filters = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3 },
      scalarCondition,
      fc.record({ all: fc.array(tie('filter'), { maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('filter'), { maxLength: 3 }) }),
      fc.record({ not: tie('filter') }),
    ),
  })).filter;

  test('a filter that is split gives what the whole one gives', async () => {
    const records = names.flatMap((LastName, index) =>
      days.map((Birthdate, day) =>
        person(null, {
          LastName,
          Phone: phones[(index + day) % phones.length] ?? null,
          Birthdate,
          MailingLatitude: day % 3 === 0 ? null : index % 2 === 0 ? -12.5 : 3,
        }),
      ),
    );
    const ids = created(await load(rig.connector, rig.batchOf('create', records)));
    const bounced = [
      null,
      '2026-02-28T22:59:59.000Z',
      '2026-02-28T23:00:00.000Z',
      '2026-03-01T10:00:00.000Z',
      '2026-05-31T22:00:00.000Z',
      '2026-06-01T11:30:00.000Z',
    ];
    await load(
      rig.connector,
      rig.batchOf(
        'update',
        updates(ids, (index) => ({ EmailBouncedDate: bounced[index % bounced.length] ?? null })),
      ),
    );
    const fields = ['LastName', 'Phone', 'Birthdate', 'MailingLatitude', 'EmailBouncedDate'];
    const everything = await readAll(rig.connector, rig.requestFor(fields));
    const context = { asOf: '2026-06-01T12:00:00.000Z', timeZone: 'Europe/Vienna' };
    const selected = (among: SourceRecord[], filter: Filter | null) => {
      const holds = filter ? compileFilter(filter, rig.contact, context) : () => true;
      const named = ({ values }: SourceRecord) =>
        Object.fromEntries(fields.map((name, index) => [name, values[index] ?? null]));
      return among
        .filter((record) => holds(named(record)))
        .map(({ sourceId }) => sourceId)
        .sort();
    };

    await fc.assert(
      fc.asyncProperty(filters, async (filter) => {
        const request = rig.requestFor(fields, filter);
        const { local } = rig.connector.splitFilter(request);

        expect(selected(await readAll(rig.connector, request), local)).toEqual(selected(everything, filter));
      }),
      { numRuns: 150 },
    );
  });
});
