import type { Condition, DefinitionProblem, Filter, Operator } from '../../../../domain/definition';

/** A line of the filter as it is edited: its column or value may still be missing. */
export interface FilterLine {
  id?: string;
  field: string;
  operator: string;
  value: unknown;
}

/** A group of lines as it is edited; its shape is that of the query builder. */
export interface FilterGroup {
  id?: string;
  combinator: string;
  not?: boolean;
  rules: (FilterLine | FilterGroup)[];
}

/** A part of the edited filter that is not finished, by the id that the query builder gave it. */
export interface UnfinishedPart extends DefinitionProblem {
  id: string | undefined;
}

/** A filter as the API takes it, and where in it each edited part has gone. */
export interface FilterOfQuery {
  filter: Filter | undefined;
  /** Path in the definition (`filter.all[0]`) → id of the line. */
  places: ReadonlyMap<string, string>;
  unfinished: UnfinishedPart[];
}

/** All conditions of a filter that is edited, whatever the groups around them. */
export const linesOf = (group: FilterGroup): FilterLine[] =>
  group.rules.flatMap((part) => (isGroup(part) ? linesOf(part) : [part]));

export const isGroup = (part: FilterLine | FilterGroup): part is FilterGroup => 'rules' in part;

/**
 * A filter with one more condition at its end, in place of a last one that has no column yet.
 * @param newId makes the ids of what is new
 */
export function withLine(filter: FilterGroup | null, line: FilterLine, newId: () => string): FilterGroup {
  const { rules = [], ...group } = filter ?? { id: newId(), combinator: 'and' };
  const last = rules.at(-1);
  const isBegun = last !== undefined && !isGroup(last) && last.field === '';
  return { ...group, rules: [...(isBegun ? rules.slice(0, -1) : rules), { ...line, id: newId() }] };
}

/** The filter of a definition as the query builder edits it: the outermost part is always a group. Each part has an id by its place. */
export function queryOfFilter(filter: Filter): FilterGroup {
  const part = partOf(filter, 'saved');
  return isGroup(part) ? part : { id: 'saved-whole', combinator: 'and', rules: [part] };
}

function partOf(filter: Filter, id: string): FilterLine | FilterGroup {
  const parts = (filters: readonly Filter[]) => filters.map((part, index) => partOf(part, `${id}-${index}`));
  if ('all' in filter) return { id, combinator: 'and', rules: parts(filter.all) };
  if ('any' in filter) return { id, combinator: 'or', rules: parts(filter.any) };
  if (!('not' in filter)) return { id, field: filter.column, operator: filter.operator, value: filter.value };
  const inner = partOf(filter.not, `${id}-not`);
  return isGroup(inner) && !inner.not ? { ...inner, not: true } : { id, combinator: 'and', not: true, rules: [inner] };
}

/**
 * The edited filter as the API takes it. What has no column yet is left out, and told as unfinished.
 * @param query null where there is no filter
 */
export function filterOfQuery(query: FilterGroup | null): FilterOfQuery {
  const places = new Map<string, string>();
  const unfinished: UnfinishedPart[] = [];
  const filter = query ? filterOfGroup(query, 'filter', { places, unfinished }) : undefined;
  return { filter, places, unfinished };
}

interface Found {
  places: Map<string, string>;
  unfinished: UnfinishedPart[];
}

function filterOfGroup(group: FilterGroup, path: string, found: Found): Filter {
  const { not = false, rules, combinator, id } = group;
  if (id) found.places.set(path, id);
  if (rules.length === 0) {
    found.unfinished.push({ id, path, message: 'This group is empty. Add a condition to it, or remove it.' });
  }
  const member = combinator === 'or' ? 'any' : 'all';
  const [only] = rules;
  // "not" of a single condition needs no group around it
  if (not && rules.length === 1 && only && !isGroup(only) && only.field !== '') {
    return { not: filterOfLine(only, `${path}.not`, found) ?? { all: [] } };
  }
  const inner = not ? `${path}.not.${member}` : `${path}.${member}`;
  const parts: Filter[] = [];
  for (const part of rules) {
    const place = `${inner}[${parts.length}]`;
    const filter = isGroup(part) ? filterOfGroup(part, place, found) : filterOfLine(part, place, found);
    if (filter) parts.push(filter);
  }
  const filter = member === 'any' ? { any: parts } : { all: parts };
  return not ? { not: filter } : filter;
}

function filterOfLine({ id, field, operator, value }: FilterLine, path: string, found: Found): Condition | null {
  if (field === '') {
    found.unfinished.push({ id, path, message: 'Choose a column, or remove this condition.' });
    return null;
  }
  if (id) found.places.set(path, id);
  const condition = { column: field, operator: operator as Operator };
  if (operator === 'isEmpty' || operator === 'isNotEmpty' || isNothing(value)) return condition;
  return { ...condition, value: value as Condition['value'] };
}

const isNothing = (value: unknown): boolean => value === undefined || value === '' || value === null;

/**
 * The id of the line or group that a problem of the filter belongs to.
 * @param path such as `filter.all[0].value`
 */
export function placeOfProblem(path: string, places: ReadonlyMap<string, string>): string | undefined {
  for (let place = path; place !== ''; place = place.replace(/(\.[^.[\]]+|\[\d+\])$/, '')) {
    const id = places.get(place);
    if (id) return id;
    if (!/[.[]/.test(place)) return undefined;
  }
  return undefined;
}
