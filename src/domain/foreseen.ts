import type { Existing } from './import-decision';
import type { Values } from './object-description';

/** Stands for the Id of a record that is planned and not made yet. */
export const ID_TO_COME = '';

/**
 * What a key would fit once everything has been written that is planned under it already: records with an equal key go in rounds,
 * and each finds what the rounds before it have left.
 * @param found what the destination holds under the key at present
 * @param planned the values that earlier rounds would write, in their order
 */
export function afterPlanned<Found extends Existing>(
  found: readonly Found[],
  planned: readonly Values[],
): readonly (Found | Existing)[] {
  // a key that fits several changes none of them, in any round
  if (planned.length === 0 || found.length > 1) return found;
  const [only = { destinationId: ID_TO_COME, values: {} }] = found;
  return [{ ...only, values: Object.assign({}, only.values, ...planned) as Values }];
}
