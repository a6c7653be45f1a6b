import type { Condition, Filter, Operator } from '../../src/domain/definition';
import type { FieldType } from '../../src/domain/object-description';
import fc from './fast-check';

type Scalar = string | number | boolean;

/** A column that conditions are made for, and values that its records hold. */
export interface FilterColumn {
  name: string;
  type: FieldType;
  held: readonly Scalar[];
  /** Makes values that no record holds, where those of the type are not such. */
  filler?: (index: number) => Scalar;
}

const ALL: readonly Operator[] = ['equals', 'notEquals', 'in', 'notIn', 'isEmpty', 'isNotEmpty'];
const OF_TEXT: readonly Operator[] = ['contains', 'notContains', 'startsWith', 'endsWith'];
const OF_ORDER: readonly Operator[] = ['lessThan', 'lessOrEqual', 'greaterThan', 'greaterOrEqual', 'between'];
const OF_DATES: readonly Operator[] = [...OF_ORDER, 'inLast', 'inNext'];

/** The operators of each type, as the API's contract tells them; "text" is everything that is spelt in letters. */
export const OPERATORS_OF: Readonly<Record<FieldType, readonly Operator[]>> = {
  text: [...ALL, ...OF_TEXT],
  email: [...ALL, ...OF_TEXT],
  phone: [...ALL, ...OF_TEXT],
  url: [...ALL, ...OF_TEXT],
  picklist: [...ALL, ...OF_TEXT],
  id: [...ALL, ...OF_TEXT],
  reference: [...ALL, ...OF_TEXT],
  other: [...ALL, ...OF_TEXT],
  multipicklist: [...ALL, 'includesAny', 'includesAll'],
  boolean: ALL,
  integer: [...ALL, ...OF_ORDER],
  number: [...ALL, ...OF_ORDER],
  time: [...ALL, ...OF_ORDER],
  date: [...ALL, ...OF_DATES],
  datetime: [...ALL, ...OF_DATES],
};

/**
 * Filters of every operator over every column, nested up to three deep.
 * @param days calendar days near the dates that records hold
 */
export function filtersOver(columns: readonly FilterColumn[], days: readonly string[]): fc.Arbitrary<Filter> {
  const conditions = columns.map((column) =>
    fc.oneof(...OPERATORS_OF[column.type].map((operator) => conditionOn(column, operator, days))),
  );
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3 },
      { arbitrary: fc.oneof(...conditions), weight: 3 },
      { arbitrary: fc.record({ all: fc.array(tie('filter'), { maxLength: 3 }) }), weight: 2 },
      { arbitrary: fc.record({ any: fc.array(tie('filter'), { maxLength: 3 }) }), weight: 1 },
      { arbitrary: fc.record({ not: tie('filter') }), weight: 1 },
    ),
  })).filter;
}

/** Each operator on each type, over the columns of that type in turn: what is left to chance alone is often not tried. */
export function conditionsOfAll(columns: readonly FilterColumn[], days: readonly string[]): Condition[] {
  const types = [...new Set(columns.map(({ type }) => type))];
  return types.flatMap((type) => {
    const own = columns.filter((column) => column.type === type);
    return OPERATORS_OF[type].flatMap((operator, index) => {
      const column = own[index % own.length];
      return column ? fc.sample(conditionOn(column, operator, days), { numRuns: 1, seed: index }) : [];
    });
  });
}

/** Each operator on a date-time, by days and by instants: what is asked of a system differs between the two. */
export function conditionsOnDates(
  column: string,
  days: readonly [from: string, to: string],
  instants: readonly [from: string, to: string],
): Condition[] {
  return OPERATORS_OF.datetime.flatMap((operator): Condition[] => {
    switch (operator) {
      case 'isEmpty':
      case 'isNotEmpty':
        return [{ column, operator }];
      case 'inLast':
      case 'inNext':
        return (['hour', 'day', 'month'] as const).map((unit) => ({ column, operator, value: { amount: 2, unit } }));
      case 'in':
      case 'notIn':
      case 'between':
        return [days, instants].map((value) => ({ column, operator, value: [...value] }));
      default:
        return [days, instants].map(([, value]) => ({ column, operator, value }));
    }
  });
}

function conditionOn(column: FilterColumn, operator: Operator, days: readonly string[]): fc.Arbitrary<Condition> {
  const common = { column: fc.constant(column.name), operator: fc.constant(operator) };
  const value = valueFor(column, days);
  switch (operator) {
    case 'isEmpty':
    case 'isNotEmpty':
      return fc.record(common);
    case 'inLast':
    case 'inNext':
      return fc.record({ ...common, value: AMOUNT });
    case 'between':
      return fc.record({ ...common, value: fc.array(value, { minLength: 2, maxLength: 2 }).map(inOrder) });
    case 'contains':
    case 'notContains':
    case 'startsWith':
    case 'endsWith':
      return fc.record({ ...common, value: partOf(column) });
    case 'in':
    case 'notIn':
      return fc.record({ ...common, value: listOf(column, value) });
    case 'includesAny':
    case 'includesAll':
      return fc.record({ ...common, value: fc.array(choiceOf(column), { minLength: 1, maxLength: 3 }) });
    default:
      return fc.record({ ...common, value });
  }
}

/** A range that ends before it begins is refused. */
const inOrder = <Value>(values: Value[]): Value[] =>
  values.toSorted((one, other) => {
    const [first, second] = [one, other].map((value) =>
      typeof value === 'number' ? value : Date.parse(String(value)),
    );
    if (first === undefined || second === undefined || Number.isNaN(first - second)) return one < other ? -1 : 1;
    return first - second;
  });

const AMOUNT = fc.record({
  amount: fc.integer({ min: 1, max: 100 }),
  unit: fc.constantFrom('minute' as const, 'hour' as const, 'day' as const, 'week' as const, 'month' as const),
});
/** Whole and fractions of a second, before, at and behind each date that is held; in UTC and with an offset. */
const SHIFTS_MS = [0, 0, 0, -1_000, 1_000, 500, -86_400_000, 3_600_000];
const LETTERS = fc.string({ minLength: 1, maxLength: 4, unit: 'grapheme' });

function valueFor({ type, held }: FilterColumn, days: readonly string[]): fc.Arbitrary<Scalar> {
  const holds = fc.constantFrom(...held);
  switch (type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.oneof(holds, fc.integer({ min: -20, max: 40 }));
    case 'number':
      return fc.oneof(holds, fc.constantFrom(0, -0, 0.1, -12.5, 1e-7, 123_456_789.25));
    case 'date':
      return fc.oneof(holds, fc.constantFrom(...days));
    case 'datetime':
      return fc.oneof(
        fc.constantFrom(...days),
        fc.tuple(holds, fc.constantFrom(...SHIFTS_MS), fc.boolean()).map(([instant, shiftMs, asOffset]) => {
          const text = new Date(Date.parse(String(instant)) + shiftMs).toISOString();
          return asOffset ? text.replace('Z', '+00:00') : text;
        }),
      );
    case 'time':
      return fc.oneof(holds, fc.constantFrom('00:00:00.000', '12:00:00.000'));
    default:
      return fc.oneof(
        holds,
        holds.map((value) => (typeof value === 'string' ? otherCase(value) : value)),
        holds.map((value) => ` ${value} `),
        LETTERS,
      );
  }
}

const otherCase = (text: string): string => (text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase());

const partOf = ({ held }: FilterColumn): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(fc.constantFrom(...held), fc.nat({ max: 5 }), fc.integer({ min: 1, max: 6 }))
      .map(([value, from, length]) => String(value).slice(from, from + length) || '%'),
    fc.constantFrom(...held).map((value) => otherCase(String(value))),
    fc.constantFrom('%', '_', '\\', "'", '"', '_co', "x' OR Id != '"),
    LETTERS,
  );

const choiceOf = ({ held }: FilterColumn): fc.Arbitrary<string> =>
  fc.oneof(fc.constantFrom(...held.flatMap((value) => String(value).split(';'))), fc.constantFrom('other', 'a;b'));

/** Some values; once in a while more than a thousand. */
function listOf(column: FilterColumn, value: fc.Arbitrary<Scalar>): fc.Arbitrary<Scalar[]> {
  const few = fc.array(value, { minLength: 1, maxLength: 4 });
  const filler = column.filler ?? FILLERS[column.type];
  if (!filler) return few;
  const many = fc
    .tuple(few, fc.constantFrom(400, 1_200))
    .map(([some, count]) => [...some, ...Array.from({ length: count }, (_, index) => filler(index))]);
  return fc.oneof({ arbitrary: few, weight: 9 }, { arbitrary: many, weight: 1 });
}

const word = (index: number): string => `nobody${index}@example.com`;
/** Values that no record holds. */
const FILLERS: Readonly<Partial<Record<FieldType, (index: number) => Scalar>>> = {
  text: word,
  email: word,
  phone: word,
  url: word,
  picklist: word,
  id: (index) => 5_000_000 + index,
  reference: (index) => 5_000_000 + index,
  integer: (index) => 5_000_000 + index,
  number: (index) => 5_000_000.5 + index,
  date: (index) => new Date(Date.UTC(1970, 0, 1 + index)).toISOString().slice(0, 10),
  datetime: (index) => new Date(Date.UTC(1990, 0, 1 + index, 9, 30)).toISOString(),
};

/** Every condition of a filter, wherever it stands. */
export function conditionsIn(filter: Filter): Condition[] {
  if ('all' in filter) return filter.all.flatMap(conditionsIn);
  if ('any' in filter) return filter.any.flatMap(conditionsIn);
  if ('not' in filter) return conditionsIn(filter.not);
  return [filter];
}
