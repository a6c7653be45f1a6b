import type { Condition, Filter } from '../../domain/definition';
import type { Value } from '../../domain/object-description';
import { ConnectorError } from '../connector-error';
import { STATIC_LIST_COLUMN } from './describe';

const isCondition = (filter: Filter): filter is Condition => 'operator' in filter;

/** The parts of a filter that all have to hold: each of them can be asked of Marketo by itself. */
export const conjuncts = (filter: Filter | null): Filter[] => {
  if (filter === null) return [];
  return 'all' in filter ? filter.all.flatMap(conjuncts) : [filter];
};

/** Those parts that are conditions, and not groups. */
export const conditionsAmong = (parts: readonly Filter[]): Condition[] => parts.filter(isCondition);

/** One filter of several parts; null for none. */
export const together = (parts: readonly Filter[]): Filter | null => {
  const [only] = parts;
  if (only === undefined) return null;
  return parts.length === 1 ? only : { all: [...parts] };
};

/** The values of a condition `equals` or `in`; null for other operators. */
export function valuesOf({ operator, value }: Condition): Value[] | null {
  if (operator === 'in') return Array.isArray(value) ? value : null;
  if (operator !== 'equals' || Array.isArray(value)) return null;
  return value === undefined || (typeof value === 'object' && value !== null) ? null : [value];
}

/** @throws ConnectorError `FILTER_NOT_POSSIBLE` when the filter looks at static lists where Marketo cannot evaluate it */
export function refuseListsIn(rest: Filter | null): void {
  if (rest === null || !mentions(rest, STATIC_LIST_COLUMN)) return;
  throw new ConnectorError(
    `A filter can select the members of static lists once, beside conditions that hold as well: use "${STATIC_LIST_COLUMN}" with "equals" or "in", not inside "any" or "not".`,
    'FILTER_NOT_POSSIBLE',
    { retry: 'never' },
  );
}

function mentions(filter: Filter, column: string): boolean {
  if ('all' in filter) return filter.all.some((part) => mentions(part, column));
  if ('any' in filter) return filter.any.some((part) => mentions(part, column));
  if ('not' in filter) return mentions(filter.not, column);
  return filter.column === column;
}
