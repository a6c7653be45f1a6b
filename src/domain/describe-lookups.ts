import type { Mapping } from './definition';
import type { ObjectDescription } from './object-description';

/** What a connector's error carries where there is no such object. */
const UNKNOWN_OBJECT = 'UNKNOWN_OBJECT';

/**
 * Describes the objects of a destination in which mappings look up references.
 * @param describe asks the destination
 * @returns object name → its description; null where there is no such object
 */
export async function describeLookups(
  mappings: readonly Pick<Mapping, 'lookup'>[],
  describe: (objectName: string) => Promise<ObjectDescription>,
): Promise<Map<string, ObjectDescription | null>> {
  const names = new Set(mappings.flatMap(({ lookup }) => lookup?.object ?? []));
  const described = new Map<string, ObjectDescription | null>();
  for (const name of names) {
    try {
      described.set(name, await describe(name));
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== UNKNOWN_OBJECT) throw error;
      described.set(name, null);
    }
  }
  return described;
}
