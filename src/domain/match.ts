import type { Definition, Mapping } from './definition';
import type { ObjectDescription } from './object-description';

/** The pair of fields by which records are recognised: what the definition says, or the defaults of its objects, which may be none. */
export const matchOf = (
  definition: Pick<Definition, 'match'>,
  source: Pick<ObjectDescription, 'defaultMatchField'>,
  destination: Pick<ObjectDescription, 'defaultMatchField'>,
): { source: string | null; destination: string | null } =>
  definition.match ?? { source: source.defaultMatchField, destination: destination.defaultMatchField };

/**
 * What is mapped besides what the definition maps: the match key itself where nothing is mapped to it, so that the next run recognises
 * what this one creates.
 * @param match names of the fields, both of which are there
 */
export function keyMappings(
  { importRule, mappings }: Pick<Definition, 'importRule' | 'mappings'>,
  match: { source: string; destination: string },
  destination: Pick<ObjectDescription, 'fields'>,
): Mapping[] {
  const isMapped = mappings.some(({ to }) => to === match.destination);
  const field = destination.fields.find(({ name }) => name === match.destination);
  if (importRule === 'update' || isMapped || !field?.createable) return [];
  return [{ from: { field: match.source }, to: match.destination }];
}
