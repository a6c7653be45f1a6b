import type { DraftDefinition } from '../../../../domain/definition';

/** What becomes of two changes that were made to the same version side by side. */
export interface MergedDrafts {
  /** Their version with our changes put upon it. */
  merged: DraftDefinition;
  /** Members that both have changed, differently; ours are taken. */
  conflicts: string[];
}

/**
 * Puts our changes upon what somebody else has saved meanwhile, member by member.
 * @param base what both began with
 */
export function mergeDrafts(base: DraftDefinition, ours: DraftDefinition, theirs: DraftDefinition): MergedDrafts {
  const members = [
    ...new Set([base, ours, theirs].flatMap((draft) => Object.keys(draft))),
  ] as (keyof DraftDefinition)[];
  const merged: Record<string, unknown> = { ...theirs };
  const conflicts: string[] = [];
  for (const member of members) {
    if (isSame(base[member], ours[member])) continue;
    if (!isSame(base[member], theirs[member]) && !isSame(ours[member], theirs[member])) conflicts.push(member);
    if (ours[member] === undefined) delete merged[member];
    else merged[member] = ours[member];
  }
  // each member is one of the three's own
  return { merged: merged as DraftDefinition, conflicts };
}

/** Whether two parts of definitions say the same, however their members are ordered. */
export const isSame = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

const canonical = (value: unknown): string | undefined =>
  JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
