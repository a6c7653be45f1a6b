import type { AmountOfTime, Condition, Filter, Operator } from './definition';
import type { FieldDescription, ObjectDescription } from './object-description';

/** Each operator as a sentence has it. */
const OPERATOR_WORDS: Record<Operator, string> = {
  equals: 'is',
  notEquals: 'is not',
  in: 'is one of',
  notIn: 'is none of',
  isEmpty: 'is empty',
  isNotEmpty: 'is not empty',
  contains: 'contains',
  notContains: 'does not contain',
  startsWith: 'starts with',
  endsWith: 'ends with',
  lessThan: 'is less than',
  lessOrEqual: 'is at most',
  greaterThan: 'is more than',
  greaterOrEqual: 'is at least',
  between: 'is between',
  inLast: 'is in the last',
  inNext: 'is in the next',
  includesAny: 'includes any of',
  includesAll: 'includes all of',
};

/** Columns that lie in time are compared in words of time. */
const WORDS_OF_TIME: Partial<Record<Operator, string>> = {
  lessThan: 'is before',
  lessOrEqual: 'is on or before',
  greaterThan: 'is after',
  greaterOrEqual: 'is on or after',
};

/** An operator in words, as they fit a column; undefined stands for a column that is not known. */
export function operatorInWords(operator: Operator, field: Pick<FieldDescription, 'type'> | undefined): string {
  const isTime = field?.type === 'date' || field?.type === 'datetime';
  return (isTime ? WORDS_OF_TIME[operator] : undefined) ?? OPERATOR_WORDS[operator];
}

/** Values that a sentence still names one by one. */
const MOST_NAMED = 5;

/**
 * A filter as a person would say it, with the labels of the fields: `Country is one of "DE", "AT" and (Updated At is in the last 30
 * days or not (Unsubscribed is true))`.
 */
export function filterInWords(filter: Filter, object: ObjectDescription): string {
  if ('all' in filter) return joined(filter.all, 'and', object, 'everything');
  if ('any' in filter) return joined(filter.any, 'or', object, 'nothing');
  if ('not' in filter) return `not (${filterInWords(filter.not, object)})`;
  return conditionInWords(filter, object);
}

const joined = (parts: readonly Filter[], word: string, object: ObjectDescription, ofNone: string): string =>
  parts.length === 0
    ? ofNone
    : parts
        .map((part) =>
          isGroup(part) && parts.length > 1 ? `(${filterInWords(part, object)})` : filterInWords(part, object),
        )
        .join(` ${word} `);

const isGroup = (filter: Filter): boolean =>
  ('all' in filter && filter.all.length > 1) || ('any' in filter && filter.any.length > 1);

function conditionInWords({ column, operator, value }: Condition, object: ObjectDescription): string {
  const field = object.fields.find(({ name }) => name === column);
  const words = `${field?.label ?? column} ${operatorInWords(operator, field)}`;
  if (operator === 'isEmpty' || operator === 'isNotEmpty') return words;
  return `${words} ${valueInWords(value, operator)}`;
}

function valueInWords(value: Condition['value'], operator: Operator): string {
  // not entered yet
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '…';
  if (!Array.isArray(value)) return typeof value === 'object' && value !== null ? timeInWords(value) : quoted(value);
  if (operator === 'between') return value.map(quoted).join(' and ');
  const named = value.slice(0, MOST_NAMED).map(quoted).join(', ');
  return value.length > MOST_NAMED ? `${named} and ${value.length - MOST_NAMED} more` : named;
}

const timeInWords = ({ amount, unit }: AmountOfTime): string => (amount === 1 ? unit : `${amount} ${unit}s`);

const quoted = (value: string | number | boolean | null): string => {
  if (value === null || value === '') return 'empty';
  return typeof value === 'string' ? `"${value}"` : String(value);
};
