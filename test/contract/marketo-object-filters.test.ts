import type { SourceRecord } from '../../src/connectors/connector';
import type { Filter } from '../../src/domain/definition';
import { compileFilter, filterProblems } from '../../src/domain/filter';
import fc from '../support/fast-check';
import { batchOf, readAll, requestFor, signal, useMarketo } from '../support/marketo-rig';
import { propertyRuns } from '../support/property-runs';
import { type FilterColumn, filtersOver } from '../support/random-filters';

const CASES = 40;
const COUNT = 40;

const rig = useMarketo();
beforeEach(() => void rig.marketo.vendor.stores.settings.change({ callsPerWindow: 0, callsPerDay: 0 }));
afterEach(() => expect(rig.brokenRules()).toEqual([]));

const KEYS = ["O'Brien \\ Sons", 'a,b', '007', 'Zoë', 'x&y=z%20', 'KEY', 'plain'];
const NAMES = ['Acme', 'ACME', '100% Juice_Co', 'groß'];
const NUMBERS = [-12.5, 0, 0.1, 1_000_000.25];
const COUNTS = [0, 7, 12];
const at = <Item>(items: readonly Item[], index: number): Item | null => items[index % (items.length + 1)] ?? null;

/** Reads what a request selects by each random filter, and holds it to what the evaluator selects among all. */
async function holdToEvaluator(
  objectName: string,
  columns: readonly FilterColumn[],
  everything: (fields: string[]) => Promise<SourceRecord[]>,
  filterOf: (filter: Filter) => Filter,
): Promise<void> {
  const connector = rig.connect({ emptyBlocks: 1, blocksAtOnce: 1 });
  const object = await connector.describe(objectName, signal);
  const fields = columns.map(({ name }) => name);
  const all = await everything(fields);
  expect(all).toHaveLength(COUNT);
  const named = ({ values }: SourceRecord) =>
    Object.fromEntries(fields.map((name, index) => [name, values[index] ?? null]));
  const selected = (among: readonly SourceRecord[], holds: (values: ReturnType<typeof named>) => boolean) =>
    [...new Set(among.filter((record) => holds(named(record))).map(({ sourceId }) => sourceId))].sort();

  await fc.assert(
    fc.asyncProperty(filtersOver(columns, ['2026-03-01']), async (given) => {
      const filter = filterOf(given);
      expect(filterProblems(filter, object)).toEqual([]);
      const request = requestFor(object, fields, { filter });
      const { local } = connector.splitFilter(request);

      expect(
        selected(await readAll(connector, request), local ? compileFilter(local, object, request) : () => true),
      ).toEqual(selected(all, compileFilter(filter, object, request)));
    }),
    propertyRuns(CASES),
  );
}

test('whoever evaluates a filter of companies, it selects the same', async () => {
  rig.marketo.vendor.stores.insertRecords(
    'companies',
    Array.from({ length: COUNT }, (_none, index) => ({
      externalCompanyId: `${at(KEYS, index) ?? 'none'} ${index}`,
      company: at(NAMES, index),
      annualRevenue: at(NUMBERS, index),
      numberOfEmployees: at(COUNTS, index),
    })),
  );
  const columns: FilterColumn[] = [
    { name: 'id', type: 'id', held: [1, '7', '007', 'x'] },
    { name: 'externalCompanyId', type: 'text', held: KEYS.map((key, index) => `${key} ${index}`) },
    { name: 'company', type: 'text', held: NAMES },
    { name: 'annualRevenue', type: 'number', held: NUMBERS },
    { name: 'numberOfEmployees', type: 'integer', held: COUNTS },
  ];

  await holdToEvaluator(
    'Company',
    columns,
    async (fields) => {
      const connector = rig.connect({ emptyBlocks: 1, blocksAtOnce: 1 });
      return readAll(connector, requestFor(await connector.describe('Company', signal), fields));
    },
    (filter) => filter,
  );
}, 600_000);

test('whoever evaluates a filter of opportunities, which are read by their keys alone, it selects the same', async () => {
  const connector = rig.connect();
  const object = await connector.describe('Opportunity', signal);
  const keys = Array.from({ length: COUNT }, (_none, index) => `O-${index}`);
  const records = keys.map((key, index) => ({
    destinationId: null,
    key,
    values: { externalOpportunityId: key, name: at(NAMES, index) ?? 'None', amount: at(NUMBERS, index) },
  }));
  await connector.write(batchOf(object, { matchField: 'externalOpportunityId', records }), null, signal);
  const byKeys: Filter = { column: 'externalOpportunityId', operator: 'in', value: [...keys, 'O-none'] };
  const columns: FilterColumn[] = [
    { name: 'externalOpportunityId', type: 'text', held: keys },
    { name: 'name', type: 'text', held: NAMES },
    { name: 'amount', type: 'number', held: NUMBERS },
  ];

  await holdToEvaluator(
    'Opportunity',
    columns,
    (fields) => readAll(connector, requestFor(object, fields, { filter: byKeys })),
    (filter) => ({ all: [byKeys, filter] }),
  );
}, 600_000);
