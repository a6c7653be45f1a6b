import type { DraftDefinition } from '../../../../domain/definition';
import { draftOf, formOf, type SyncForm } from './sync-form';
import { uncheckedOf, withUnchecked } from './unchecked-rows';

/** What becomes of two changes that were made to the same version side by side. */
export interface MergedDrafts {
  /** Their version with our changes put upon it. */
  merged: DraftDefinition;
  /** Members that both have changed, differently; ours are taken. */
  conflicts: (keyof DraftDefinition)[];
}

/**
 * A definition as it would be saved if nothing of it were changed: it may be stored in another form that says the same, with a default left
 * out or a single condition without a group.
 */
export const asEdited = (draft: DraftDefinition): DraftDefinition => draftOf(formOf(draft, '')).draft;

/**
 * Puts our changes upon what somebody else has saved meanwhile, member by member.
 * @param base what both began with
 */
export function mergeDrafts(base: DraftDefinition, ours: DraftDefinition, theirs: DraftDefinition): MergedDrafts {
  const members = [
    ...new Set([base, ours, theirs].flatMap((draft) => Object.keys(draft))),
  ] as (keyof DraftDefinition)[];
  const merged: Record<string, unknown> = { ...theirs };
  const conflicts: (keyof DraftDefinition)[] = [];
  for (const member of members) {
    if (isSame(base[member], ours[member])) continue;
    if (!isSame(base[member], theirs[member]) && !isSame(ours[member], theirs[member])) conflicts.push(member);
    if (ours[member] === undefined) delete merged[member];
    else merged[member] = ours[member];
  }
  // each member is one of the three's own
  return { merged: merged as DraftDefinition, conflicts };
}

/**
 * The form with a draft put upon it. Members that say the same stay as they are being edited, with what is unfinished in them and what a
 * draft has no place for.
 * @param sent what the form said when the draft was made of it: what was changed since stays too
 */
export function withMerged(
  form: SyncForm,
  draft: DraftDefinition,
  timeZone: string,
  sent: DraftDefinition | null = null,
): SyncForm {
  const ours = draftOf(form).draft;
  // a form has the members of a definition
  const members = Object.keys(form) as (keyof SyncForm & keyof DraftDefinition)[];
  const kept = members.filter(
    (member) => isSame(ours[member], draft[member]) || (sent && !isSame(ours[member], sent[member])),
  );
  const anew = formOf(draft, timeZone);
  const mappings = withUnchecked(anew.mappings, uncheckedOf(form.mappings));
  return { ...anew, mappings, ...Object.fromEntries(kept.map((member) => [member, form[member]])) };
}

/** Whether two parts of definitions say the same, however their members are ordered. */
export const isSame = (one: unknown, other: unknown): boolean => canonical(one) === canonical(other);

const canonical = (value: unknown): string | undefined =>
  JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
