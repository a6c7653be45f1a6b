import type { Definition } from './definition';
import type { ObjectDescription } from './object-description';

/** The pair of fields by which records are recognised: what the definition says, or the defaults of its objects, which may be none. */
export const matchOf = (
  definition: Pick<Definition, 'match'>,
  source: Pick<ObjectDescription, 'defaultMatchField'>,
  destination: Pick<ObjectDescription, 'defaultMatchField'>,
): { source: string | null; destination: string | null } =>
  definition.match ?? { source: source.defaultMatchField, destination: destination.defaultMatchField };
