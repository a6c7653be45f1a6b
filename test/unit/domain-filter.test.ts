import type { Filter } from '../../src/domain/definition';
import { compileFilter, compileRowFilter, filterColumns, filterProblems } from '../../src/domain/filter';
import type { Value } from '../../src/domain/object-description';
import { field, object } from '../support/described';
import fc from '../support/fast-check';

const thing = object([
  field('text'),
  field('number', { type: 'number' }),
  field('flag', { type: 'boolean' }),
  field('day', { type: 'date' }),
  field('at', { type: 'datetime' }),
  field('opens', { type: 'time' }),
  field('many', { type: 'multipicklist' }),
]);
const context = { asOf: '2026-03-10T12:00:00.000Z', timeZone: 'Asia/Kolkata' };
const selects = (filter: Filter, values: Record<string, Value>): boolean =>
  compileFilter(filter, thing, context)(values);

test('a day and an instant of it make a range in either order: the day counts to its end, in some zone', () => {
  const range = (from: string, to: string) =>
    filterProblems({ column: 'at', operator: 'between', value: [from, to] }, thing).map(({ message }) => message);

  expect(range('2026-03-01T10:00:00Z', '2026-03-01')).toEqual([]);
  expect(range('2026-03-02', '2026-03-01T23:30:00Z')).toEqual([]);
  expect(range('2026-03-09', '2026-03-01T23:30:00Z')).toHaveLength(1);
});

test.each([
  ['text', 'equals', 'ÄPFEL', 'äpfel', true],
  ['text', 'equals', 'x', null, false],
  ['text', 'equals', 'ab', 'a\u0000b', true],
  ['text', 'isEmpty', undefined, '\u0000', true],
  ['text', 'notEquals', 'x', null, true],
  ['text', 'notIn', ['x'], null, true],
  ['text', 'in', ['a', 'B'], 'b', true],
  ['text', 'isEmpty', undefined, '', true],
  ['text', 'isEmpty', undefined, ' \u00a0', true],
  ['text', 'isNotEmpty', undefined, null, false],
  ['text', 'contains', '100% Juice_', '100% juice_co', true],
  ['text', 'contains', '100% Juice_', '100x JuiceACo', false],
  ['text', 'notContains', 'x', null, true],
  ['text', 'startsWith', 'Edge\\', 'edge\\communications', true],
  ['text', 'endsWith', '_Co', 'JuiceACo', false],
  ['number', 'lessThan', 5, null, false],
  ['number', 'between', [1, 2], 2, true],
  ['number', 'greaterOrEqual', 2, 1.99, false],
  ['flag', 'equals', false, null, true],
  ['day', 'between', ['2026-03-01', '2026-03-31'], '2026-03-31', true],
  ['day', 'inLast', { amount: 1, unit: 'week' }, '2026-03-03', true],
  ['day', 'inLast', { amount: 1, unit: 'week' }, '2026-03-02', false],
  ['at', 'inNext', { amount: 1, unit: 'hour' }, '2026-03-10T12:59:59.000Z', true],
  ['opens', 'equals', '09:30', '09:30:00.000', true],
  ['opens', 'in', ['08:00:00', '09:30:00Z'], '09:30:00.000', true],
  ['opens', 'lessOrEqual', '09:30', '09:30:00.000', true],
  ['opens', 'greaterThan', '09:30', '09:30:00.000', false],
  ['many', 'includesAny', ['A;B', 'C'], 'B;A', true],
  ['many', 'includesAll', ['A', 'C'], 'A;B', false],
] as const)('%s %s %j against %j is %s', (column, operator, value, actual, expected) => {
  const filter = { column, operator, ...(value === undefined ? {} : { value }) } as Filter;

  expect(filterProblems(filter, thing)).toEqual([]);
  expect(selects(filter, { [column]: actual })).toBe(expected);
});

test.each(['(a+)+$', '^(a|a)*$', '.*.*.*', '[a-', 'a{1000000}', '\\', 'a?a?a?aaa'])(
  'to a filter, the pattern %j is a text like any other, and takes no time (ASVS 1.3.12)',
  (value) => {
    const repeated = 'a'.repeat(200_000);
    const startedAt = performance.now();
    for (const operator of ['contains', 'startsWith', 'endsWith', 'equals', 'in'] as const) {
      const filter = { column: 'text', operator, value: operator === 'in' ? [value] : value } as Filter;

      expect(selects(filter, { text: `${repeated}!` })).toBe(false);
      expect(selects(filter, { text: value })).toBe(true);
    }
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  },
);

test.each([
  ['equals', '2026-03-01', 'cd'],
  ['between', ['2026-02-28', '2026-03-01'], 'abcd'],
  ['lessThan', '2026-03-01', 'ab'],
  ['lessOrEqual', '2026-03-01', 'abcd'],
  ['greaterThan', '2026-03-01', 'e'],
] as const)(
  'a day against an instant means that day in the zone of the sync: %s %j selects %s',
  (operator, value, expected) => {
    const instants = {
      a: '2026-02-28T13:29:59.000Z',
      b: '2026-02-28T18:29:59.000Z',
      c: '2026-02-28T18:30:00.000Z',
      d: '2026-03-01T18:29:59.000Z',
      e: '2026-03-01T18:30:00.000Z',
    };
    // the first of the five lies before the day of 28 February in Kolkata ends, like the second
    const selected = Object.entries(instants).filter(([, at]) =>
      selects({ column: 'at', operator, value } as Filter, { at }),
    );

    expect(selected.map(([name]) => name).join('')).toBe(expected);
  },
);

test.each([
  [{ column: 'nothing', operator: 'equals', value: 'x' }, 'filter.column'],
  [{ column: 'flag', operator: 'contains', value: 'x' }, 'filter.operator'],
  [{ all: [{ not: { column: 'text', operator: 'in', value: [] } }] }, 'filter.all[0].not.value'],
  [{ column: 'text', operator: 'in', value: [null] }, 'filter.value'],
  [{ column: 'text', operator: 'equals', value: '' }, 'filter.value'],
  [{ column: 'day', operator: 'equals', value: '2026-02-30' }, 'filter.value'],
  [{ column: 'at', operator: 'equals', value: '2026-02-30T10:00:00Z' }, 'filter.value'],
  [{ column: 'opens', operator: 'lessThan', value: 'noon' }, 'filter.value'],
  [{ column: 'number', operator: 'equals', value: '5' }, 'filter.value'],
  [{ column: 'number', operator: 'between', value: [1] }, 'filter.value'],
  [{ column: 'number', operator: 'between', value: [2, 1] }, 'filter.value'],
  [{ column: 'day', operator: 'between', value: ['2026-12-31', '2026-01-01'] }, 'filter.value'],
  [{ column: 'at', operator: 'inLast', value: 5 }, 'filter.value'],
] as [Filter, string][])('%j is refused at %s', (filter, path) => {
  expect(filterProblems(filter, thing).map((problem) => problem.path)).toEqual([path]);
});

test('not, all and any mean what logic says, however they are nested', () => {
  const leaf = fc.constantFrom<Filter>(
    { column: 'text', operator: 'equals', value: 'x' },
    { column: 'number', operator: 'greaterThan', value: 1 },
  );
  const { filter: anyFilter } = fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('filter'), { maxLength: 3 }).map((all) => ({ all })),
      fc.array(tie('filter'), { maxLength: 3 }).map((any) => ({ any })),
      tie('filter').map((not) => ({ not })),
    ),
  }));
  const meaning = (filter: Filter, values: Record<string, Value>): boolean => {
    if ('all' in filter) return filter.all.every((part) => meaning(part, values));
    if ('any' in filter) return filter.any.some((part) => meaning(part, values));
    if ('not' in filter) return !meaning(filter.not, values);
    return selects(filter, values);
  };
  const values = fc.record({ text: fc.constantFrom('x', 'y', null), number: fc.constantFrom(1, 2, null) });
  fc.assert(fc.property(anyFilter, values, (filter, record) => selects(filter, record) === meaning(filter, record)));
  expect(
    filterColumns({ any: [{ column: 'a', operator: 'isEmpty' }, { not: { column: 'a', operator: 'isEmpty' } }] }),
  ).toEqual(['a']);
});

test.each([
  [['2026-03-01', null, 'a'], true],
  [['2026-03-01', false, 'b'], true],
  [['2026-03-01', true, 'b'], false],
  [['2026-03-01', null, 'c'], false],
  [['2026-03-02', null, 'a'], false],
] as const)(
  'a row is read by the places of its fields, and a column that was not read is blank: %j',
  (row, expected) => {
    const filter: Filter = {
      all: [
        { column: 'flag', operator: 'equals', value: false },
        { column: 'text', operator: 'in', value: ['A', 'B'] },
        { not: { column: 'day', operator: 'notEquals', value: '2026-03-01' } },
        { column: 'many', operator: 'isEmpty' },
      ],
    };

    const holds = compileRowFilter(filter, thing, { ...context, fields: ['day', 'flag', 'text'] });

    expect(holds(row)).toBe(expected);
  },
);
