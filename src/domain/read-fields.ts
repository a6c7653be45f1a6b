import type { Definition } from './definition';
import { filterColumns } from './filter';
import { compileMappings } from './mapping';
import { matchOf } from './match';
import type { ObjectDescription } from './object-description';

/** A column that only serves to select (Marketo's static list) is never read. */
export const isReadable = (object: ObjectDescription, column: string): boolean =>
  object.fields.some((field) => field.name === column && !(field.type === 'other'));

/** The fields of the source that are read of each record, in the order in which their values are staged. */
export function fieldsToRead(
  { filter }: Pick<Definition, 'filter'>,
  source: ObjectDescription,
  { mapped, match }: { mapped: readonly string[]; match: string },
): string[] {
  const selecting = filter ? filterColumns(filter).filter((column) => isReadable(source, column)) : [];
  return [...new Set([...mapped, match, ...selecting])];
}

/**
 * The same, from the definition alone; none where nothing is matched by.
 * @throws InvalidDefinition see `compileMappings`
 */
export function fieldsReadBy(
  definition: Definition,
  source: ObjectDescription,
  destination: ObjectDescription,
): string[] {
  const match = matchOf(definition, source, destination).source;
  if (match === null) return [];
  const { sourceFields } = compileMappings(definition, source, destination, { timeZone: 'UTC' });
  return fieldsToRead(definition, source, { mapped: sourceFields, match });
}
