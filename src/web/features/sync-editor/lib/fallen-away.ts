import { filterColumns } from '../../../../domain/filter';
import type { ObjectDescription } from '../../../../domain/object-description';
import { draftOf, type SyncForm } from './sync-form';

/** What no longer fits after an object was changed; the names are those of the fields that are gone. */
export interface FallenAway {
  sourceFields: string[];
  destinationFields: string[];
  filterColumns: string[];
}

/**
 * Tells what of mappings and filter refers to fields that the chosen objects do not have. Nothing is taken away: with the former object
 * chosen again all is as it was.
 */
export function fallenAway(
  form: SyncForm,
  source: ObjectDescription | null,
  destination: ObjectDescription | null,
): FallenAway {
  const { filter } = draftOf(form).filter;
  // suggestions that nobody has confirmed give way to others
  const chosen = form.mappings.filter(({ confidence }) => confidence === null);
  const read = chosen.flatMap((row) => (row.kind === 'field' && row.field !== '' ? [row.field] : []));
  const written = chosen.flatMap(({ to }) => (to === '' ? [] : [to]));
  return {
    sourceFields: lacking(read, source),
    destinationFields: lacking(written, destination),
    filterColumns: lacking(filter ? filterColumns(filter) : [], source),
  };
}

function lacking(names: readonly string[], object: ObjectDescription | null): string[] {
  if (!object) return [];
  const there = new Set(object.fields.map(({ name }) => name));
  return [...new Set(names)].filter((name) => !there.has(name));
}

/** What fell away, in sentences: "2 mappings refer to fields that Contact does not have: company, country." */
export function fallenAwayInWords(fallen: FallenAway, sourceLabel: string, destinationLabel: string): string[] {
  const told = (names: readonly string[], one: string, many: string, label: string): string[] => {
    if (names.length === 0) return [];
    const what = names.length === 1 ? `One ${one} refers to a field` : `${names.length} ${many} refer to fields`;
    return [`${what} that ${label} does not have: ${names.join(', ')}.`];
  };
  return [
    ...told(fallen.sourceFields, 'mapping', 'mappings', sourceLabel),
    ...told(fallen.destinationFields, 'mapping', 'mappings', destinationLabel),
    ...told(fallen.filterColumns, 'condition of the filter', 'conditions of the filter', sourceLabel),
  ];
}
