import type { DefinitionProblem, DraftDefinition } from '../../../../domain/definition';
import type { ObjectDescription } from '../../../../domain/object-description';
import { ApiProblem } from '../../../lib/api';

/** What the server says of conditions that are not finished; null where a problem is of another kind, or of something else besides. */
export function unfinishedConditions(problem: unknown): readonly DefinitionProblem[] | null {
  if (!(problem instanceof ApiProblem) || problem.status !== 422 || problem.errors.length === 0) return null;
  return problem.errors.every(({ path }) => /^filter\b/.test(path)) ? problem.errors : null;
}

/**
 * What people call the condition of a filter that a path such as `filter.all[1].value` leads into: the label of its column; null where it
 * has none.
 */
export function conditionName(
  path: string,
  { filter }: Pick<Partial<DraftDefinition>, 'filter'>,
  object: Pick<ObjectDescription, 'fields'> | null,
): string | null {
  let place: unknown = { filter };
  let column: string | null = null;
  for (const step of path.split(/[.[\]]+/).filter(Boolean)) {
    if (typeof place !== 'object' || place === null) break;
    place = (place as Record<string, unknown>)[step];
    if (typeof place === 'object' && place !== null && 'column' in place) column = String(place.column);
  }
  return object?.fields.find(({ name }) => name === column)?.label ?? column;
}

/** `Finish the condition on Country to count.` @param names of the columns that are known */
export function finishInWords(names: readonly (string | null)[], purpose: string): string {
  const known = [...new Set(names.filter((name) => name !== null))];
  return known.length === 0
    ? `Finish the condition ${purpose}.`
    : `Finish the condition on ${known.join(' and on ')} ${purpose}.`;
}
