import { dayRange, relativeRange } from '../../domain/day-range';
import type { AmountOfTime, Condition, Filter } from '../../domain/definition';
import type { ObjectDescription, Value } from '../../domain/object-description';
import type { ReadRequest, SplitFilter } from '../connector';
import { STATIC_LIST_COLUMN } from './objects';
import { toSeconds } from './values';

/** Values of one call by filter (Marketo developer guide, "Leads": 300 filter values). */
export const FILTER_VALUES = 300;
/** With more keys than this, an export of all costs less than asking for each. */
const MOST_KEYS = 3_000;

/** How people are read: by keys, by a static list, or by windows over a date. */
export type ReadPlan =
  | { by: 'keys'; field: string; values: string[] }
  | { by: 'list'; listId: number }
  | { by: 'windows'; field: 'createdAt' | 'updatedAt'; from: string | null; to: string };

/** A plan, and what of the filter it fulfils already. */
export interface PlannedRead {
  plan: ReadPlan;
  fulfilled: readonly Condition[];
  rest: Filter | null;
}

const isCondition = (filter: Filter): filter is Condition => 'operator' in filter;

/** The conditions that all have to hold, and can therefore be asked of Marketo one by one. */
const conjuncts = (filter: Filter | null): Filter[] => {
  if (filter === null) return [];
  return 'all' in filter ? filter.all.flatMap(conjuncts) : [filter];
};

const asList = (value: Condition['value']): Value[] => (Array.isArray(value) ? value : [value as Value]);

/** A value with a comma cannot be asked for: the list is separated by commas, and there is no escape. */
const canBeAsked = (values: readonly Value[]): boolean =>
  values.every((value) => value !== null && !String(value).includes(','));

/** Decides how people are read, and which conditions that fulfils. */
export function planLeads(request: ReadRequest): PlannedRead {
  const parts = conjuncts(request.filter);
  const conditions = parts.filter(isCondition);
  const planned = (plan: ReadPlan, fulfilled: readonly Condition[]): PlannedRead => ({
    plan,
    fulfilled,
    rest: together(parts.filter((part) => !(fulfilled as Filter[]).includes(part))),
  });
  const list = conditions.find(
    (condition) => condition.column === STATIC_LIST_COLUMN && condition.operator === 'equals',
  );
  if (list) return planned({ by: 'list', listId: Number(list.value) }, [list]);
  const keyed = conditions.find((condition) => isKeyCondition(condition, request.object));
  if (keyed && request.changedSince === null) {
    return planned({ by: 'keys', field: keyed.column, values: asList(keyed.value).map(String) }, [keyed]);
  }
  return planned(windowsOf(request, conditions), []);
}

const together = (filters: readonly Filter[]): Filter | null => {
  const [only] = filters;
  if (only === undefined) return null;
  return filters.length === 1 ? only : { all: [...filters] };
};

function isKeyCondition(condition: Condition, object: ObjectDescription): boolean {
  if (condition.operator !== 'equals' && condition.operator !== 'in') return false;
  const values = asList(condition.value);
  return object.keyFields.includes(condition.column) && values.length <= MOST_KEYS && canBeAsked(values);
}

/**
 * The span of the export. It is only narrowed, never relied upon: the conditions are evaluated again, since the export's filter
 * by `updatedAt` looks at changes that the column does not show.
 */
function windowsOf(request: ReadRequest, conditions: readonly Condition[]): ReadPlan {
  if (request.changedSince !== null)
    return { by: 'windows', field: 'updatedAt', from: request.changedSince, to: request.asOf };
  let from: string | null = null;
  let to = request.asOf;
  for (const condition of conditions) {
    if (condition.column !== 'createdAt') continue;
    const span = spanOf(condition, request);
    if (span.from !== null && (from === null || span.from > from)) from = span.from;
    if (span.to !== null && span.to < to) to = span.to;
  }
  return { by: 'windows', field: 'createdAt', from, to };
}

function spanOf({ operator, value }: Condition, request: ReadRequest): { from: string | null; to: string | null } {
  const range = (one: Value | undefined) => {
    const text = String(one);
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return dayRange(text, request.timeZone);
    const instant = new Date(text).toISOString();
    return { from: instant, to: instant };
  };
  switch (operator) {
    case 'equals':
      return range(value as Value);
    case 'greaterThan':
    case 'greaterOrEqual':
      return { from: range(value as Value).from, to: null };
    case 'lessThan':
    case 'lessOrEqual':
      return { from: null, to: range(value as Value).to };
    case 'between': {
      const [first, last] = asList(value);
      return { from: range(first).from, to: range(last).to };
    }
    case 'inLast':
      return { from: relativeRange(value as AmountOfTime, 'last', request.asOf, request.timeZone).from, to: null };
    default:
      return { from: null, to: null };
  }
}

const PART_DAYS = 31;
const DAY_MS = 86_400_000;

/** What is asked of Marketo for people, in words and as a request. */
export function splitLeadFilter(request: ReadRequest): SplitFilter {
  const { plan, fulfilled, rest } = planLeads(request);
  return { pushed: together(fulfilled), local: rest, query: queryText(plan), apiCalls: callsOf(plan), megabytes: null };
}

function queryText(plan: ReadPlan): string {
  switch (plan.by) {
    case 'keys':
      return `POST /rest/v1/leads.json?_method=GET filterType=${plan.field}, ${plan.values.length} values`;
    case 'list':
      return `Bulk export of people, {"filter": {"staticListId": ${plan.listId}}}`;
    case 'windows': {
      const from = plan.from === null ? 'the first person' : toSeconds(plan.from);
      return `Bulk export of people by ${plan.field}, from ${from} to ${toSeconds(plan.to)}, in windows of ${PART_DAYS} days`;
    }
  }
}

function callsOf(plan: ReadPlan): number | null {
  if (plan.by === 'keys') return Math.ceil(plan.values.length / FILTER_VALUES);
  if (plan.by === 'list') return 5;
  if (plan.from === null) return null;
  return 5 * Math.ceil((Date.parse(plan.to) - Date.parse(plan.from)) / (PART_DAYS * DAY_MS));
}
