import type { Connector, ReadRequest, SourceRecord } from '../../src/connectors/connector';
import type { Filter } from '../../src/domain/definition';
import { compileFilter, filterProblems } from '../../src/domain/filter';
import type { ObjectDescription } from '../../src/domain/object-description';
import fc from '../support/fast-check';
import { batchOf, idsOf, readAll, readPart, requestFor, signal, useMarketo } from '../support/marketo-rig';
import { propertyRuns } from '../support/property-runs';
import {
  conditionsIn,
  conditionsOnDates,
  type FilterColumn,
  filtersOver,
  OPERATORS_OF,
} from '../support/random-filters';

const CASES = 200;
const PEOPLE = 120;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

const rig = useMarketo();
let lead: ObjectDescription;
/** The run's start; people were created over the hundred days before it. */
let asOfMs: number;
let lists: number[];

beforeEach(async () => {
  rig.marketo.vendor.stores.settings.change({
    callsPerWindow: 0,
    callsPerDay: 0,
    exportBytesPerDay: 0,
    jobMs: 0,
    jobsInQueue: 0,
    jobsAtOnce: 20,
  });
  for (const field of [
    { name: 'reviewedAt', dataType: 'datetime' },
    { name: 'segment', dataType: 'integer' },
  ] as const)
    rig.marketo.vendor.stores.fields.add(field);
  givenPeople();
  lead = await connect().describe('Lead', signal);
  await changeSome();
  asOfMs = rig.sandbox.clock.now() + SECOND_MS;
});
afterEach(() => expect(rig.brokenRules()).toEqual([]));

const connect = () => rig.connect({ firstPollMs: 5, secondPollMs: 120 });
/** All parts side by side. */
const readAtOnce = async (connector: Connector, request: ReadRequest): Promise<SourceRecord[]> => {
  const parts = await connector.planRead(request, signal);
  return (await Promise.all(parts.map((first) => readPart(connector, request, first)))).flat();
};
const iso = (epochMs: number) => new Date(epochMs).toISOString();
const atIndex = <Item>(items: readonly Item[], index: number): Item | null => items[index % items.length] ?? null;

const EMAILS = [
  'Ana+news@example.com',
  "o'neil@example.org",
  'a&b@example.com',
  'x%2By@example.com',
  'A_B@example.com',
];
const CODES = ["O'Brien \\ Sons", '100% Juice_Co', 'Smith, Jones Ltd', 'groß', 'ÉTÉ', '007', 'x;y', 'two  blanks'];
const NAMES = ['Zoë', 'zoe', "x') OR (1=1", 'İpek', 'null and void', '%'];
const PHONES = ['+43 1 5550100', '111'];
const URLS = ['https://example.com/a?b=c&d=%20', 'http://EXAMPLE.com'];
const NUMBERS = [-12.5, 0, 3, 0.1, 123_456_789.25];
const SCORES = [-3, 0, 7, 7, 12];
const DAYS = ['2026-02-28', '2026-03-01', '2026-10-25', '1988-03-27'];
const INSTANTS = ['2026-02-28T23:00:00.000Z', '2026-03-01T10:00:00.000Z', '2026-03-29T01:00:00.000Z'];

function givenPeople(): void {
  const now = Math.floor(rig.sandbox.clock.now() / SECOND_MS) * SECOND_MS;
  rig.givenPeople(
    Array.from({ length: PEOPLE }, (_, index) => {
      const createdMs = now - Math.round(((index * 100) / PEOPLE) * DAY_MS);
      return {
        email: atIndex([...EMAILS, null], index),
        crmKey: atIndex([...CODES, null], index),
        firstName: atIndex([...NAMES, null], index),
        phone: atIndex([...PHONES, null], index),
        website: atIndex([...URLS, null], index),
        urgency: atIndex([...NUMBERS, null], index),
        segment: atIndex([...SCORES, null], index),
        doNotCall: atIndex([true, false, null], index),
        dateOfBirth: atIndex([...DAYS, null], index),
        reviewedAt: atIndex([...INSTANTS.map((instant) => instant.replace('.000', '')), null], index),
        leadPartitionId: 1,
        createdAt: iso(createdMs),
        // some since they were made, some never
        updatedAt: iso(index % 3 === 0 ? createdMs : createdMs + Math.round((now - createdMs) / 3)),
      };
    }),
  );
  const { lists: stored } = rig.marketo.vendor.stores;
  lists = ['One', 'Two'].map((name) => stored.add({ name }).id);
  for (let id = 1; id <= PEOPLE; id += 1) {
    const list = lists[id % 3];
    if (list) stored.addMember(list, id);
    if (list && id % 5 === 0) stored.addMember(list === lists[0] ? (lists[1] ?? list) : (lists[0] ?? list), id);
  }
}

/** A change of a custom field does not show in `updatedAt`, yet it moves a person out of an earlier window of exports. */
async function changeSome(): Promise<void> {
  const records = [4, 9, 25].map((id) => ({ destinationId: String(id), key: null, values: { externalRef: 'x' } }));
  await connect().write(batchOf(lead, { operation: 'update', records }), null, signal);
}

const COLUMNS = (everything: readonly SourceRecord[]): FilterColumn[] => [
  { name: 'id', type: 'id', held: [1, 7, '7', '007', 30, 'x'] },
  { name: 'email', type: 'email', held: EMAILS },
  { name: 'crmKey', type: 'text', held: CODES },
  { name: 'firstName', type: 'text', held: NAMES },
  { name: 'phone', type: 'phone', held: PHONES },
  { name: 'website', type: 'url', held: URLS },
  { name: 'urgency', type: 'number', held: NUMBERS },
  { name: 'segment', type: 'integer', held: SCORES },
  { name: 'doNotCall', type: 'boolean', held: [true] },
  { name: 'dateOfBirth', type: 'date', held: DAYS },
  { name: 'reviewedAt', type: 'datetime', held: INSTANTS },
  { name: 'leadPartitionId', type: 'reference', held: [1, '1', 2] },
  { name: 'createdAt', type: 'datetime', held: everything.flatMap(({ createdAt }) => createdAt ?? []) },
  { name: 'updatedAt', type: 'datetime', held: everything.flatMap(({ updatedAt }) => updatedAt ?? []) },
];
const FIELDS = COLUMNS([]).map(({ name }) => name);
const namedValues = ({ values }: SourceRecord) =>
  Object.fromEntries(FIELDS.map((name, index) => [name, values[index] ?? null]));

type Case = [pushable: Filter[], rest: Filter | null, listIds: number[] | null, timeZone: string];

test('whoever evaluates a filter of people, it selects the same', async () => {
  const connector = connect();
  const asOf = iso(asOfMs);
  const everything = await readAll(connector, requestFor(lead, FIELDS, { asOf }));
  expect(idsOf(everything)).toHaveLength(PEOPLE);
  const days = Array.from({ length: 102 }, (_, ago) => iso(asOfMs - ago * DAY_MS).slice(0, 10));
  const columns = COLUMNS(everything);
  const stamps = columns.filter(({ name }) => name === 'createdAt' || name === 'updatedAt');
  const keys = columns.filter(({ name }) => lead.keyFields.includes(name));
  const examples = stamps
    .flatMap(({ name, held }) => {
      const [from = '', to = ''] = [held[20], held[40]].map(String).sort();
      return conditionsOnDates(name, [days[70] ?? '', days[30] ?? ''], [from, to]);
    })
    .map((condition): Case => [[condition], null, null, 'Europe/Vienna']);
  const { lists: members } = rig.marketo.vendor.stores;
  const tried = { columns: new Set<string>(), operators: new Set<string>(), ways: new Set<string>() };

  await fc.assert(
    fc.asyncProperty(
      // what Marketo can evaluate, beside anything else
      fc.array(fc.oneof(filtersOver(stamps, days), filtersOver(keys, days)), { maxLength: 2 }),
      fc.option(filtersOver(columns, [...days, ...DAYS])),
      fc.option(fc.subarray(lists, { minLength: 1 }), { nil: null, freq: 5 }),
      fc.constantFrom<string>('UTC', 'Europe/Vienna', 'Pacific/Apia', 'America/Sao_Paulo'),
      async (pushable, rest, listIds, timeZone) => {
        const plain: Filter = { all: rest ? [...pushable, rest] : pushable };
        expect(filterProblems(plain, lead)).toEqual([]);
        const context = { asOf, timeZone };
        const holds = compileFilter(plain, lead, context);
        const isListed = (id: number) => !listIds || listIds.some((list) => members.isMember(list, id));
        const filter: Filter = listIds ? { all: [...withLists(listIds), plain] } : plain;
        const request = requestFor(lead, FIELDS, { ...context, filter });

        const { local, query } = connector.splitFilter(request);
        const holdsLocally = local ? compileFilter(local, lead, context) : () => true;
        const read = await readAtOnce(connector, request);

        expect(idsOf(read.filter((record) => holdsLocally(namedValues(record))))).toEqual(
          idsOf(everything.filter((record) => holds(namedValues(record)) && isListed(Number(record.sourceId)))),
        );
        tried.ways.add(/"(createdAt|updatedAt|staticListId)":/.exec(query)?.[1] ?? 'keys');
        for (const { column, operator } of conditionsIn(plain)) {
          tried.columns.add(column);
          tried.operators.add(operator);
        }
      },
    ),
    { ...propertyRuns(CASES), examples },
  );

  expect([...tried.ways].sort()).toEqual(['createdAt', 'keys', 'staticListId', 'updatedAt']);
  expect([...tried.columns].sort()).toEqual([...FIELDS].sort());
  expect(tried.operators).toEqual(new Set(columns.flatMap(({ type }) => OPERATORS_OF[type])));
}, 1_800_000);

const withLists = (value: number[]): Filter[] => [{ column: 'staticListId', operator: 'in', value }];
