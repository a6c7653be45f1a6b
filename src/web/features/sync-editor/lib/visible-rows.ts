import type { DefinitionProblem } from '../../../../domain/definition';
import type { FieldDescription, ObjectDescription } from '../../../../domain/object-description';
import { type MappingRow, mappingOfRow } from './sync-form';

/** What the grid of mappings shows. */
export const GRID_VIEWS = ['all', 'mapped', 'unmapped', 'problems'] as const;
export type GridView = (typeof GRID_VIEWS)[number];

/** What of the mappings is shown, and how much there is of each view. */
export interface VisibleRows {
  rows: { row: MappingRow /** Its place among all, from 1. */; number: number }[];
  /** Destination fields that nothing is mapped to; in the view of the unmapped alone. */
  unmapped: FieldDescription[];
  counts: Record<GridView, number>;
}

interface Ends {
  source: ObjectDescription;
  destination: ObjectDescription;
}

/**
 * @param search a part of a label, an API name, a constant or an expression of either side
 * @param kept the key of the row that is worked at: it stays in sight when it does not belong to the view any more
 * @param unmappedRequired fields without which no record can be created and that nothing is mapped to: they are shown above the rows
 * @param doubtful keys of rows of which examples would be refused
 */
export function visibleRows(
  all: readonly MappingRow[],
  problems: readonly DefinitionProblem[],
  { source, destination }: Ends,
  { view, search, kept }: { view: GridView; search: string; kept: string | null },
  unmappedRequired: number,
  doubtful: ReadonlySet<string> = new Set(),
): VisibleRows {
  const wrong = new Set([...doubtful, ...problems.flatMap(({ path }) => /^rows\.([^.]+)/.exec(path)?.[1] ?? [])]);
  const numbered = all.map((row, index) => ({ row, number: index + 1 }));
  const written = new Set(all.map(({ to }) => to));
  const free = destination.fields.filter(
    ({ name, createable, updateable }) => (createable || updateable) && !written.has(name),
  );
  const mapped = new Set(all.filter((row) => mappingOfRow(row) !== null).map(({ key }) => key));
  const isIn = (key: string): boolean =>
    ({ all: true, mapped: mapped.has(key), unmapped: false, problems: wrong.has(key) })[view];
  const wanted = search.trim().toLowerCase();
  const fits = (texts: readonly string[]) => texts.some((text) => text.toLowerCase().includes(wanted));
  return {
    rows: numbered.filter(({ row }) => row.key === kept || (isIn(row.key) && fits(textsOf(row, source, destination)))),
    unmapped: view === 'unmapped' ? free.filter(({ name, label }) => fits([name, label])) : [],
    counts: {
      all: all.length,
      mapped: mapped.size,
      unmapped: free.length,
      problems: all.filter(({ key }) => wrong.has(key)).length + unmappedRequired,
    },
  };
}

/** What a row can be found by. */
function textsOf(row: MappingRow, source: ObjectDescription, destination: ObjectDescription): string[] {
  const labels = (name: string, { fields }: ObjectDescription) => [
    name,
    fields.find((field) => field.name === name)?.label ?? '',
  ];
  const from = {
    field: () => labels(row.field, source),
    constant: () => [String(row.constant ?? '')],
    expression: () => [row.expression],
  }[row.kind]();
  return [...from, ...labels(row.to, destination)];
}
