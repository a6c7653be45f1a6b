import type { Filter } from './definition';
import { compileRowFilter, type FilterContext, filterColumns } from './filter';
import { filterInWords } from './filter-words';
import type { ObjectDescription, Value } from './object-description';

/** What a column holds in the records that were looked at. */
export interface ColumnFinding {
  column: string;
  label: string;
  /** The most frequent values, null for blank. */
  values: { value: Value; records: number }[];
}

/** For how many records one of the conditions of a filter holds. */
export interface FilterFinding {
  /** The condition in words. */
  text: string;
  holds: number;
  /** Records that were looked at. */
  of: number;
  columns: ColumnFinding[];
}

const MOST_VALUES = 5;

/** @returns for each condition that has to hold, how many records it lets through, and what its columns hold instead */
export function filterFindings(
  filter: Filter,
  object: ObjectDescription,
  context: FilterContext & { fields: readonly string[] },
  rows: readonly (readonly Value[])[],
): FilterFinding[] {
  return conjuncts(filter).map((part) => {
    const holds = compileRowFilter(part, object, context);
    return {
      text: filterInWords(part, object),
      holds: rows.filter(holds).length,
      of: rows.length,
      columns: filterColumns(part).map((column) => ({
        column,
        label: object.fields.find(({ name }) => name === column)?.label ?? column,
        values: mostFrequent(rows.map((row) => row[context.fields.indexOf(column)] ?? null)),
      })),
    };
  });
}

const conjuncts = (filter: Filter): Filter[] => ('all' in filter ? filter.all.flatMap(conjuncts) : [filter]);

function mostFrequent(values: readonly Value[]): ColumnFinding['values'] {
  const counts = new Map<Value, number>();
  for (const value of values) {
    const known = value === '' ? null : value;
    counts.set(known, (counts.get(known) ?? 0) + 1);
  }
  return [...counts]
    .map(([value, records]) => ({ value, records }))
    .sort((one, other) => other.records - one.records)
    .slice(0, MOST_VALUES);
}
