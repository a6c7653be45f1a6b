import { relativeDays, relativeRange } from '../../domain/day-range';
import { type AmountOfTime, amountOfTime, type Condition, type Filter } from '../../domain/definition';
import type { FieldDescription, ObjectDescription } from '../../domain/object-description';
import { ConnectorError } from '../connector-error';
import { likeLiteral, textLiteral } from './soql-literal';
import { instantOf, isDay, isPlainText, operandOf, wholeSeconds } from './soql-operand';

/** A query takes 100,000 characters in all (SOQL and SOSL Reference, "SOQL Statement Limits"); the rest is for its fields and keys. */
const MOST_CHARACTERS = 60_000;

export interface FilterContext {
  object: ObjectDescription;
  /** ISO 8601 UTC; relative conditions go by it. */
  asOf: string;
  timeZone: string;
}

export interface CompiledFilter {
  /** What Salesforce evaluates, and what is left; they may overlap, and together mean the whole filter. */
  pushed: Filter | null;
  local: Filter | null;
  /** `pushed` as conditions of a WHERE clause, to be joined by AND. */
  clauses: string[];
}

/** A condition in SOQL, and its opposite: neither depends on how Salesforce treats a blank in a comparison. */
interface Clause {
  holds: string;
  fails: string;
}

/**
 * Compiles a filter to SOQL. Only what means exactly the same is pushed: of conditions joined by AND each by itself, of those
 * joined by OR all or none.
 */
export function compileFilter(filter: Filter | null, context: FilterContext): CompiledFilter {
  const pushed: Filter[] = [];
  const local: Filter[] = [];
  const clauses: string[] = [];
  let room = MOST_CHARACTERS;
  const push = (part: Filter, clause: string | null): boolean => {
    if (clause === null || clause.length > room) return false;
    room -= clause.length;
    pushed.push(part);
    clauses.push(clause);
    return true;
  };
  for (const part of filter ? conjuncts(filter, false) : []) {
    if (push(part, compile(part, false, context))) continue;
    local.push(part);
    const wider = widened(part, context);
    if (wider) push(wider, compile(wider, false, context));
  }
  return { pushed: joined(pushed), local: joined(local), clauses };
}

const joined = (parts: Filter[]): Filter | null => {
  const [first] = parts;
  if (!first) return null;
  return parts.length === 1 ? first : { all: parts };
};

/** The parts of a filter that all have to hold. */
function conjuncts(filter: Filter, negated: boolean): Filter[] {
  if ('not' in filter) return conjuncts(filter.not, !negated);
  if ('all' in filter && !negated) return filter.all.flatMap((part) => conjuncts(part, false));
  if ('any' in filter && negated) return filter.any.flatMap((part) => conjuncts(part, true));
  return [negated ? { not: filter } : filter];
}

/** @returns null when a part of it cannot be said exactly in SOQL */
function compile(filter: Filter, negated: boolean, context: FilterContext): string | null {
  if ('not' in filter) return compile(filter.not, !negated, context);
  if ('all' in filter) return group(filter.all, negated ? 'OR' : 'AND', negated, context);
  if ('any' in filter) return group(filter.any, negated ? 'AND' : 'OR', negated, context);
  const clause = compileCondition(filter, context);
  return clause && (negated ? clause.fails : clause.holds);
}

function group(parts: Filter[], operator: 'AND' | 'OR', negated: boolean, context: FilterContext): string | null {
  const clauses: string[] = [];
  for (const part of parts) {
    const clause = compile(part, negated, context);
    if (clause === null) return null;
    clauses.push(clause);
  }
  if (clauses.length === 0) return operator === 'AND' ? ALWAYS : NEVER;
  return clauses.length === 1 ? (clauses[0] ?? null) : `(${clauses.join(` ${operator} `)})`;
}

const NEVER = 'Id = null';
const ALWAYS = 'Id != null';
const never: Clause = { holds: NEVER, fails: ALWAYS };
const opposite = ({ holds, fails }: Clause): Clause => ({ holds: fails, fails: holds });
const either = (clauses: Clause[]): Clause => {
  const [first] = clauses;
  if (!first) return never;
  if (clauses.length === 1) return first;
  return {
    holds: `(${clauses.map(({ holds }) => holds).join(' OR ')})`,
    fails: `(${clauses.map(({ fails }) => fails).join(' AND ')})`,
  };
};
const isBlank = (field: FieldDescription): Clause =>
  // a boolean is never blank, but SOQL takes `= null` for false
  field.type === 'boolean' ? never : { holds: `${field.name} = null`, fails: `${field.name} != null` };
const is = (name: string, literal: string): Clause => ({
  holds: `${name} = ${literal}`,
  fails: `(${name} != ${literal} OR ${name} = null)`,
});
const within = (name: string, from: string, end: '<' | '<=', to: string): Clause => ({
  holds: `(${name} >= ${from} AND ${name} ${end} ${to})`,
  fails: `(${name} < ${from} OR ${name} ${end === '<' ? '>=' : '>'} ${to} OR ${name} = null)`,
});
const OPPOSITE_ORDER = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' } as const;
type Order = keyof typeof OPPOSITE_ORDER;
const ordered = (name: string, order: Order, literal: string): Clause => ({
  holds: `(${name} ${order} ${literal} AND ${name} != null)`,
  fails: `(${name} ${OPPOSITE_ORDER[order]} ${literal} OR ${name} = null)`,
});

/** Object Reference, Contact: "Filtering on Birthdate ignores the year"; a person account carries the same field. */
const isBirthdate = ({ name }: FieldDescription): boolean => name === 'Birthdate' || name === 'PersonBirthdate';

function compileCondition(condition: Condition, context: FilterContext): Clause | null {
  const field = context.object.fields.find(({ name }) => name === condition.column);
  if (!field) throw unknownField(condition.column);
  if (!field.filterable || field.type === 'other') return null;
  if (condition.operator === 'isEmpty') return isBlank(field);
  if (condition.operator === 'isNotEmpty') return opposite(isBlank(field));
  if (isBirthdate(field)) return null;
  return byOperator(condition, field, context);
}

/** @throws when a definition names a field that the object does not have, or that the user may not see */
export const unknownField = (name: string): ConnectorError =>
  new ConnectorError(
    `The object has no field ${/^[\w.]{1,80}$/.test(name) ? name : '(of that name)'}, or the user may not see it. Compare the sync with the fields that Salesforce has today.`,
    'UNKNOWN_FIELD',
    { retry: 'never' },
  );

function byOperator(condition: Condition, field: FieldDescription, context: FilterContext): Clause | null {
  const { operator, value } = condition;
  switch (operator) {
    case 'equals':
      return equal(value, field, context);
    case 'notEquals':
      return negation(equal(value, field, context));
    case 'in':
      return oneOf(value, field, context);
    case 'notIn':
      return negation(oneOf(value, field, context));
    case 'contains':
      return like('%', value, '%', field);
    case 'notContains':
      return negation(like('%', value, '%', field));
    case 'startsWith':
      return like('', value, '%', field);
    case 'endsWith':
      return like('%', value, '', field);
    case 'lessThan':
      return compared('<', value, field, context);
    case 'lessOrEqual':
      return compared('<=', value, field, context);
    case 'greaterThan':
      return compared('>', value, field, context);
    case 'greaterOrEqual':
      return compared('>=', value, field, context);
    case 'between':
      return between(value, field, context);
    case 'inLast':
      return relative('last', value, field, context);
    case 'inNext':
      return relative('next', value, field, context);
    case 'includesAny':
      return includes(
        value,
        field,
        ({ length }) => length > 0,
        (texts) => texts.map(textLiteral),
      );
    case 'includesAll':
      return includes(
        value,
        field,
        ({ length }) => length > 0,
        (texts) => [textLiteral(texts.join(';'))],
      );
    default:
      return null;
  }
}

const negation = (clause: Clause | null): Clause | null => clause && opposite(clause);

function equal(value: Condition['value'], field: FieldDescription, { timeZone }: FilterContext): Clause | null {
  const operand = operandOf(value, field, timeZone);
  if (operand === null) return null;
  if (operand === 'blank') return isBlank(field);
  if (operand === 'none') return never;
  if ('day' in operand) return within(field.name, operand.day.from, '<', operand.day.to);
  // a boolean is one or the other, so its opposite needs no word of blanks
  if (field.type === 'boolean') {
    return { holds: `${field.name} = ${operand.literal}`, fails: `${field.name} != ${operand.literal}` };
  }
  return is(field.name, operand.literal);
}

function oneOf(value: Condition['value'], field: FieldDescription, context: FilterContext): Clause | null {
  if (!Array.isArray(value)) return null;
  const literals: string[] = [];
  const others: Clause[] = [];
  for (const item of value) {
    const operand = operandOf(item, field, context.timeZone);
    if (operand === null) return null;
    if (operand === 'none') continue;
    if (operand !== 'blank' && 'literal' in operand && field.type !== 'boolean') literals.push(operand.literal);
    else {
      const clause = equal(item, field, context);
      if (clause) others.push(clause);
    }
  }
  const [first] = literals;
  if (!first) return either(others);
  const list = `(${literals.join(', ')})`;
  const listed: Clause =
    literals.length === 1
      ? is(field.name, first)
      : { holds: `${field.name} IN ${list}`, fails: `(${field.name} NOT IN ${list} OR ${field.name} = null)` };
  return either([listed, ...others]);
}

const LIKE_TYPES = new Set(['text', 'email', 'phone', 'url', 'picklist']);

function like(before: '' | '%', value: Condition['value'], after: '' | '%', field: FieldDescription): Clause | null {
  // LIKE has no word on the case of a case-sensitive field
  if (
    !LIKE_TYPES.has(field.type) ||
    field.caseSensitive ||
    typeof value !== 'string' ||
    value === '' ||
    !isPlainText(value)
  )
    return null;
  const pattern = likeLiteral(before, value, after);
  return {
    holds: `${field.name} LIKE ${pattern}`,
    fails: `((NOT ${field.name} LIKE ${pattern}) OR ${field.name} = null)`,
  };
}

const ORDERED_TYPES = new Set(['integer', 'number', 'date', 'datetime']);

function compared(
  order: Order,
  value: Condition['value'],
  field: FieldDescription,
  context: FilterContext,
): Clause | null {
  if (!ORDERED_TYPES.has(field.type)) return null;
  const operand = operandOf(value, field, context.timeZone);
  if (operand === null || typeof operand === 'string') return null;
  if ('literal' in operand) return ordered(field.name, order, operand.literal);
  // before a day ends, or after it has begun
  const { from, to } = operand.day;
  if (order === '<') return ordered(field.name, '<', from);
  if (order === '<=') return ordered(field.name, '<', to);
  return ordered(field.name, '>=', order === '>' ? to : from);
}

function between(value: Condition['value'], field: FieldDescription, context: FilterContext): Clause | null {
  if (!ORDERED_TYPES.has(field.type) || !Array.isArray(value) || value.length !== 2) return null;
  const from = operandOf(value[0], field, context.timeZone);
  const to = operandOf(value[1], field, context.timeZone);
  if (from === null || to === null || typeof from === 'string' || typeof to === 'string') return null;
  const start = 'day' in from ? from.day.from : from.literal;
  return 'day' in to ? within(field.name, start, '<', to.day.to) : within(field.name, start, '<=', to.literal);
}

function relative(
  direction: 'last' | 'next',
  value: Condition['value'],
  field: FieldDescription,
  { asOf, timeZone }: FilterContext,
): Clause | null {
  const amount = amountOf(value);
  if (!amount) return null;
  if (field.type === 'date') {
    const { first, last } = relativeDays(amount, direction, asOf, timeZone);
    return within(field.name, first, '<=', last);
  }
  if (field.type !== 'datetime') return null;
  const range = relativeRange(amount, direction, asOf, timeZone);
  if (!range.from.endsWith('.000Z') || !range.to.endsWith('.000Z')) return null;
  const { from, to } = wholeSeconds(range);
  return within(field.name, from, direction === 'last' ? '<=' : '<', to);
}

const amountOf = (value: Condition['value']): AmountOfTime | null => amountOfTime.safeParse(value).data ?? null;

function includes(
  value: Condition['value'],
  field: FieldDescription,
  isUsable: (texts: string[]) => boolean,
  literals: (texts: string[]) => string[],
): Clause | null {
  if (field.type !== 'multipicklist' || !Array.isArray(value)) return null;
  const texts = value.filter((item): item is string => typeof item === 'string' && item !== '' && isPlainText(item));
  // a semicolon separates values, so it cannot be part of one
  if (texts.length !== value.length || !isUsable(texts) || texts.some((text) => text.includes(';'))) return null;
  const list = `(${literals(texts).join(', ')})`;
  return { holds: `${field.name} INCLUDES ${list}`, fails: `(${field.name} EXCLUDES ${list} OR ${field.name} = null)` };
}

/**
 * A condition on a date-time within a second, made wider to whole seconds: Salesforce then gives every record that fits, and Sync
 * drops those that do not.
 */
function widened(filter: Filter, context: FilterContext): Filter | null {
  if (!('operator' in filter)) return null;
  const { column, operator, value } = filter;
  const field = context.object.fields.find(({ name }) => name === column);
  if (field?.type !== 'datetime' || !field.filterable) return null;
  const range = rangeOf(operator, value, context);
  if (!range) return null;
  const from = range.from && floorToSecond(range.from);
  const to = range.to && ceilToSecond(range.to);
  if (from && to) return { column, operator: 'between', value: [from, to] };
  if (from) return { column, operator: 'greaterOrEqual', value: from };
  return to ? { column, operator: 'lessOrEqual', value: to } : null;
}

function rangeOf(
  operator: Condition['operator'],
  value: Condition['value'],
  { asOf, timeZone }: FilterContext,
): { from?: string | null; to?: string | null } | null {
  if (operator === 'inLast' || operator === 'inNext') {
    const amount = amountOf(value);
    return amount && relativeRange(amount, operator === 'inLast' ? 'last' : 'next', asOf, timeZone);
  }
  if (operator === 'between' && Array.isArray(value)) {
    const [from, to] = value;
    return { from: isDay(from) ? null : instantOf(from), to: isDay(to) ? null : instantOf(to) };
  }
  const instant = instantOf(value);
  if (operator === 'equals') return { from: instant, to: instant };
  if (operator === 'greaterThan' || operator === 'greaterOrEqual') return { from: instant };
  return operator === 'lessThan' || operator === 'lessOrEqual' ? { to: instant } : null;
}

const floorToSecond = (instant: string): string => instant.replace(/\.\d{3}Z$/, '.000Z');
const ceilToSecond = (instant: string): string =>
  new Date(Math.ceil(Date.parse(instant) / 1_000) * 1_000).toISOString();
