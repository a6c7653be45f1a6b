import { isBlank, withoutNul } from './blank';
import { dayRange, relativeDays, relativeRange } from './day-range';
import type { AmountOfTime, Condition, DefinitionProblem, Filter, Operator } from './definition';
import type { FieldDescription, FieldType, ObjectDescription, Value } from './object-description';
import { salesforceId18 } from './salesforce-id';
import { timeOf } from './values';

type Test = (value: Value) => boolean;
export interface FilterContext {
  /** ISO 8601 UTC: relative filters go by it. */
  asOf: string;
  /** The zone in which a day begins and ends. */
  timeZone: string;
}

/** Names of all columns that a filter looks at, each once. */
export function filterColumns(filter: Filter): string[] {
  return [...new Set(conditionsOf(filter, 'filter').map(({ condition }) => condition.column))];
}

interface PlacedCondition {
  condition: Condition;
  path: string;
}

/** All conditions of a filter with their paths (`filter.all[0]`). */
function conditionsOf(filter: Filter, path: string): PlacedCondition[] {
  if ('all' in filter) return filter.all.flatMap((part, index) => conditionsOf(part, `${path}.all[${index}]`));
  if ('any' in filter) return filter.any.flatMap((part, index) => conditionsOf(part, `${path}.any[${index}]`));
  if ('not' in filter) return conditionsOf(filter.not, `${path}.not`);
  return [{ condition: filter, path }];
}

const TEXT: ReadonlySet<FieldType> = new Set(['text', 'email', 'phone', 'url', 'picklist', 'id', 'reference', 'other']);
const ORDERED: ReadonlySet<FieldType> = new Set(['integer', 'number', 'date', 'datetime', 'time']);
const DATES: ReadonlySet<FieldType> = new Set(['date', 'datetime']);

const TAKES: Record<Operator, (type: FieldType) => boolean> = {
  equals: () => true,
  notEquals: () => true,
  in: () => true,
  notIn: () => true,
  isEmpty: () => true,
  isNotEmpty: () => true,
  contains: (type) => TEXT.has(type),
  notContains: (type) => TEXT.has(type),
  startsWith: (type) => TEXT.has(type),
  endsWith: (type) => TEXT.has(type),
  lessThan: (type) => ORDERED.has(type),
  lessOrEqual: (type) => ORDERED.has(type),
  greaterThan: (type) => ORDERED.has(type),
  greaterOrEqual: (type) => ORDERED.has(type),
  between: (type) => ORDERED.has(type),
  inLast: (type) => DATES.has(type),
  inNext: (type) => DATES.has(type),
  includesAny: (type) => type === 'multipicklist',
  includesAll: (type) => type === 'multipicklist',
};

/** @returns what is wrong with a filter over an object: unknown columns, operators that a type does not take, values that do not fit */
export function filterProblems(filter: Filter, object: ObjectDescription): DefinitionProblem[] {
  return conditionsOf(filter, 'filter').flatMap(({ condition, path }) => {
    const field = object.fields.find((candidate) => candidate.name === condition.column);
    if (!field) return [{ path: `${path}.column`, message: `${object.name} has no field ${condition.column}.` }];
    if (!TAKES[condition.operator](field.type)) {
      return [
        {
          path: `${path}.operator`,
          message: `${condition.operator} cannot be used with a field of type ${field.type}.`,
        },
      ];
    }
    const message = valueProblem(condition, field);
    return message ? [{ path: `${path}.value`, message }] : [];
  });
}

const isList = (value: Condition['value']): value is Value[] => Array.isArray(value);
const isAmount = (value: Condition['value']): value is AmountOfTime =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function valueProblem({ operator, value }: Condition, field: FieldDescription): string | null {
  if (operator === 'isEmpty' || operator === 'isNotEmpty')
    return value === undefined ? null : `${operator} takes no value.`;
  if (operator === 'inLast' || operator === 'inNext') {
    return isAmount(value) ? null : 'Give an amount of time, such as {"amount": 30, "unit": "day"}.';
  }
  if (['in', 'notIn', 'includesAny', 'includesAll'].includes(operator)) {
    if (!isList(value) || value.length === 0)
      return 'Give a list of at least one value; "is empty" (isEmpty) selects blanks.';
    return firstProblem(value, field);
  }
  if (operator === 'between') {
    if (!isList(value) || value.length !== 2) return 'Give a list of two values: from and to.';
    return firstProblem(value, field) ?? orderProblem(value, field);
  }
  if (value === undefined || isList(value) || isAmount(value)) return 'Give one value.';
  return scalarProblem(value, field);
}

/** What a day and an instant may be apart although they seem to be in the wrong order: the day is that of a zone, and counts to its end. */
const DAY_AND_INSTANT_MS = 2 * 24 * 3_600_000;

/** A range that ends before it begins selects nothing, which nobody means. */
function orderProblem([from = null, to = null]: readonly Value[], { type }: FieldDescription): string | null {
  const message = 'The first value is after the second: no record would fit.';
  if (type === 'time') return String(from) > String(to) ? message : null;
  if (type !== 'date' && type !== 'datetime') return Number(from) > Number(to) ? message : null;
  const apart = Date.parse(String(from)) - Date.parse(String(to));
  const isMixed = DAY.test(String(from)) !== DAY.test(String(to));
  return apart > (isMixed ? DAY_AND_INSTANT_MS : 0) ? message : null;
}

const firstProblem = (values: readonly Value[], field: FieldDescription): string | null =>
  values.map((value) => scalarProblem(value, field)).find((problem) => problem !== null) ?? null;

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

const isDay = (text: string): boolean =>
  DAY.test(text) && new Date(`${text}T00:00:00Z`).toISOString().slice(0, 10) === text;

const isInstant = (text: string): boolean =>
  // a parsed 30 February would be the second of March
  INSTANT.test(text) && isDay(text.slice(0, 'yyyy-mm-dd'.length)) && !Number.isNaN(Date.parse(text));

function safely(test: () => boolean): boolean {
  try {
    return test();
  } catch (error) {
    if (error instanceof RangeError) return false; // an impossible date
    throw error;
  }
}

function scalarProblem(value: Value, field: FieldDescription): string | null {
  if (value === null || value === '') return 'A blank is no value; "is empty" (isEmpty) selects blanks.';
  const text = String(value);
  switch (field.type) {
    case 'boolean':
      return typeof value === 'boolean' ? null : `${field.name} is true or false.`;
    case 'integer':
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? null : `${field.name} takes a number.`;
    case 'date':
      return safely(() => isDay(text)) ? null : `${field.name} takes a day such as 2026-03-01.`;
    case 'datetime':
      return safely(() => isDay(text) || isInstant(text))
        ? null
        : `${field.name} takes a day such as 2026-03-01 or an instant such as 2026-03-01T09:30:00Z.`;
    case 'time':
      return timeOf(text) !== null ? null : `${field.name} takes a time of day such as 09:30.`;
    case 'id':
    case 'reference':
    case 'other':
      // Ids of Marketo are numbers
      return typeof value === 'boolean' ? `${field.name} takes text or a number.` : null;
    default:
      return typeof value === 'string' ? null : `${field.name} takes text.`;
  }
}

/**
 * Compiles a filter to a test of records. The meaning is SOQL's: text compares without case; an empty text is an empty value;
 * `notEquals`, `notIn` and `notContains` hold for an empty value, comparisons of order do not; a day against a date-time
 * means that day in the zone.
 * @throws Error for a filter that `filterProblems` would have refused
 */
export function compileFilter(
  filter: Filter,
  object: ObjectDescription,
  context: FilterContext,
): (values: Record<string, Value>) => boolean {
  return compileOver(filter, object, context, (column) => (values: Record<string, Value>) => values[column] ?? null);
}

/**
 * The same for records whose values come in the order of `fields`, as they are staged; a column that is none of them is blank.
 * @throws Error for a filter that `filterProblems` would have refused
 */
export function compileRowFilter(
  filter: Filter,
  object: ObjectDescription,
  context: FilterContext & { fields: readonly string[] },
): (values: readonly Value[]) => boolean {
  return compileOver(filter, object, context, (column) => {
    const position = context.fields.indexOf(column);
    return (values: readonly Value[]) => values[position] ?? null;
  });
}

/** @param columnOf makes what reads a column of a record */
function compileOver<Source>(
  filter: Filter,
  object: ObjectDescription,
  context: FilterContext,
  columnOf: (column: string) => (source: Source) => Value,
): (source: Source) => boolean {
  if ('all' in filter) {
    const parts = filter.all.map((part) => compileOver(part, object, context, columnOf));
    return (source) => parts.every((part) => part(source));
  }
  if ('any' in filter) {
    const parts = filter.any.map((part) => compileOver(part, object, context, columnOf));
    return (source) => parts.some((part) => part(source));
  }
  if ('not' in filter) {
    const part = compileOver(filter.not, object, context, columnOf);
    return (source) => !part(source);
  }
  const field = object.fields.find((candidate) => candidate.name === filter.column);
  if (!field) throw new Error(`${object.name} has no field ${filter.column}.`);
  const test = compileCondition(filter, field, context);
  const read = columnOf(filter.column);
  // Marketo and Salesforce know no blank of a boolean: it is false
  if (field.type === 'boolean') return (source) => test(read(source) ?? false);
  return (source) => test(emptyAsNull(read(source)));
}

const emptyAsNull = (value: Value): Value => {
  const text = withoutNul(value);
  return isBlank(text) ? null : text;
};

function compileCondition(condition: Condition, field: FieldDescription, context: FilterContext): Test {
  const { operator, value } = condition;
  const one = value as Value; // its shape was checked by filterProblems
  const list = value as Value[];
  switch (operator) {
    case 'isEmpty':
      return (actual) => actual === null;
    case 'isNotEmpty':
      return (actual) => actual !== null;
    case 'equals':
      return equalTo(one, field, context);
    case 'notEquals':
      return not(equalTo(one, field, context));
    case 'in':
      return amongst(list, field, context);
    case 'notIn':
      return not(amongst(list, field, context));
    case 'includesAny':
      return includesOneOf(list.map((item) => String(item).split(';')));
    case 'includesAll':
      return includesOneOf([list.map(String)]);
    case 'inLast':
    case 'inNext':
      return withinRelative(value as AmountOfTime, operator === 'inLast' ? 'last' : 'next', field, context);
    case 'between':
      return both(
        ordered('greaterOrEqual', list[0] ?? null, field, context),
        ordered('lessOrEqual', list[1] ?? null, field, context),
      );
    case 'lessThan':
    case 'lessOrEqual':
    case 'greaterThan':
    case 'greaterOrEqual':
      return ordered(operator, one, field, context);
    default:
      return textTest(operator, String(one), field);
  }
}

const not =
  (test: Test): Test =>
  (value) =>
    !test(value);
const both =
  (one: Test, other: Test): Test =>
  (value) =>
    one(value) && other(value);
const anyOf =
  (tests: readonly Test[]): Test =>
  (value) =>
    tests.some((test) => test(value));

const folded = (text: string, field: FieldDescription): string => (field.caseSensitive ? text : text.toLowerCase());

function equalTo(wanted: Value, field: FieldDescription, context: FilterContext): Test {
  if (wanted === null || wanted === '') return (value) => value === null;
  if (field.type === 'datetime') {
    const text = String(wanted);
    if (DAY.test(text)) {
      const day = dayRange(text, context.timeZone);
      return (value) => value !== null && String(value) >= day.from && String(value) < day.to;
    }
    const instant = new Date(text).toISOString();
    return (value) => value === instant;
  }
  if (field.type === 'id' || field.type === 'reference') {
    const id = salesforceId18(String(wanted)) ?? String(wanted);
    return (value) => value !== null && (salesforceId18(String(value)) ?? String(value)) === id;
  }
  if (field.type === 'multipicklist') {
    const set = valueSet(String(wanted));
    return (value) => value !== null && valueSet(String(value)) === set;
  }
  if (field.type === 'time') {
    const time = timeOf(String(wanted));
    return (value) => value !== null && value === time;
  }
  if (typeof wanted !== 'string') return (value) => value === wanted;
  const text = folded(wanted, field);
  return (value) => value !== null && folded(String(value), field) === text;
}

/** Texts are looked for in a set: a list of theirs can be long. */
function amongst(list: readonly Value[], field: FieldDescription, context: FilterContext): Test {
  const isText = TEXT.has(field.type) && field.type !== 'id' && field.type !== 'reference';
  if (!isText || !list.every((item) => typeof item === 'string' && item !== '')) {
    return anyOf(list.map((item) => equalTo(item, field, context)));
  }
  const texts = new Set(list.map((item) => folded(String(item), field)));
  return (value) => value !== null && texts.has(folded(String(value), field));
}

const valueSet = (text: string): string => text.toLowerCase().split(';').sort().join(';');

/** @param wanted sets of values; holds for what has each value of one of them */
const includesOneOf = (wanted: readonly (readonly string[])[]): Test => {
  const sets = wanted.map((items) => items.map((item) => item.toLowerCase()));
  return (value) => {
    if (value === null) return false;
    const has = new Set(String(value).toLowerCase().split(';'));
    return sets.some((items) => items.every((item) => has.has(item)));
  };
};

type OrderOperator = 'lessThan' | 'lessOrEqual' | 'greaterThan' | 'greaterOrEqual';

const COMPARE: Record<OrderOperator, <T extends string | number>(actual: T, bound: T) => boolean> = {
  lessThan: (actual, bound) => actual < bound,
  lessOrEqual: (actual, bound) => actual <= bound,
  greaterThan: (actual, bound) => actual > bound,
  greaterOrEqual: (actual, bound) => actual >= bound,
};

function ordered(operator: OrderOperator, bound: Value, field: FieldDescription, context: FilterContext): Test {
  if (bound === null) return () => false;
  const compare = COMPARE[operator];
  if (field.type === 'integer' || field.type === 'number') {
    const number = Number(bound);
    return (value) => value !== null && compare(Number(value), number);
  }
  const text = (field.type === 'time' && timeOf(String(bound))) || String(bound);
  if (field.type !== 'datetime') return (value) => value !== null && compare(String(value), text);
  if (!DAY.test(text)) {
    const instant = new Date(text).toISOString();
    return (value) => value !== null && compare(String(value), instant);
  }
  // before a day is before its beginning; up to and including it is before the next one
  const day = dayRange(text, context.timeZone);
  switch (operator) {
    case 'lessThan':
      return (value) => value !== null && String(value) < day.from;
    case 'lessOrEqual':
      return (value) => value !== null && String(value) < day.to;
    case 'greaterThan':
      return (value) => value !== null && String(value) >= day.to;
    case 'greaterOrEqual':
      return (value) => value !== null && String(value) >= day.from;
  }
}

function withinRelative(
  amount: AmountOfTime,
  direction: 'last' | 'next',
  field: FieldDescription,
  context: FilterContext,
): Test {
  if (field.type === 'date') {
    const days = relativeDays(amount, direction, context.asOf, context.timeZone);
    return (value) => value !== null && String(value) >= days.first && String(value) <= days.last;
  }
  const range = relativeRange(amount, direction, context.asOf, context.timeZone);
  if (direction === 'last')
    return (value) => value !== null && String(value) >= range.from && String(value) <= range.to;
  return (value) => value !== null && String(value) >= range.from && String(value) < range.to;
}

function textTest(
  operator: 'contains' | 'notContains' | 'startsWith' | 'endsWith',
  wanted: string,
  field: FieldDescription,
): Test {
  const text = folded(wanted, field);
  switch (operator) {
    case 'contains':
      return (value) => value !== null && folded(String(value), field).includes(text);
    case 'notContains':
      return (value) => value === null || !folded(String(value), field).includes(text);
    case 'startsWith':
      return (value) => value !== null && folded(String(value), field).startsWith(text);
    case 'endsWith':
      return (value) => value !== null && folded(String(value), field).endsWith(text);
  }
}
