import type { Everything } from './everything';

/** Activations side by side. */
const AT_ONCE = 8;

/**
 * Activates syncs, some at once.
 * @param save saves each, by its number from 0, and gives its id
 * @returns their ids in that order
 */
export async function activateSyncs(
  everything: Everything,
  count: number,
  save: (index: number) => Promise<string>,
): Promise<string[]> {
  const ids: string[] = [];
  const activated = async (index: number): Promise<string> => {
    const syncId = await save(index);
    await everything.call('POST', `/syncs/${syncId}/activate`);
    return syncId;
  };
  while (ids.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - ids.length) }, (_none, index) => ids.length + index);
    ids.push(...(await Promise.all(some.map(activated))));
  }
  return ids;
}
