import { asEdited, isSame } from '../../sync-editor/lib/merge-drafts';
import type { Version } from '../api';

/** Saves of one person that follow each other so closely may be steps of one change. */
const ONE_SITTING_MS = 10 * 60_000;

type Saved = Pick<Version, 'version' | 'savedBy' | 'savedAt' | 'definition'>;

/** A change as it came about: the version that it ended with, and the first on the way to it. */
interface Sitting<V> {
  last: V;
  first: V;
}

/**
 * Versions without the steps on the way to them: the editor saves while one types, and what is half typed is of no interest later. A
 * step is what the same person soon changed again, all of it, and not back to what it had been: who goes back may want to have it again.
 * @param versions the newest first
 * @returns the same order
 */
export function sittings<V extends Saved>(versions: readonly V[]): Sitting<V>[] {
  const found: Sitting<V>[] = [];
  versions.forEach((version, index) => {
    const sitting = found.at(-1);
    const before = versions[index + 1];
    if (sitting && before && isStepTo(sitting, version, before)) sitting.first = version;
    else found.push({ last: version, first: version });
  });
  return found;
}

/** `Saved 9 times (versions 2 to 10)` */
export const savesInWords = (first: number, last: number): string =>
  first === last ? `Saved (version ${last})` : `Saved ${last - first + 1} times (versions ${first} to ${last})`;

function isStepTo({ last, first }: Sitting<Saved>, version: Saved, before: Saved): boolean {
  if (first.savedBy !== version.savedBy) return false;
  if (Date.parse(first.savedAt) - Date.parse(version.savedAt) >= ONE_SITTING_MS) return false;
  const changedAgain = changed(version, last);
  const differs = changed(before, last);
  return changed(before, version).every((member) => changedAgain.includes(member) && differs.includes(member));
}

/** The members of the definition that differ. */
function changed(before: Saved, after: Saved): string[] {
  const [one, other] = [asEdited(before.definition), asEdited(after.definition)];
  const members = Object.keys({ ...one, ...other }) as (keyof typeof one)[];
  return members.filter((member) => !isSame(one[member], other[member]));
}
