import type { DefinitionsPlan } from '../../../../api/schemas/definitions';
import { LIVE_STATUSES } from '../../../../domain/sync-status';

type Change = DefinitionsPlan['syncs'][number]['changes'][number];

const MOST_LETTERS = 200;

/** A value of JSON as it stands beside another one. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text === '') return 'blank';
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}…` : text;
}

/** A change of a member: its path, what it was and what it will be. A secret is never shown. */
export const changeInWords = ({ path, before, after, isSecret }: Change): { path: string; text: string } => ({
  path,
  text: isSecret ? 'another secret' : `${shown(before)} → ${shown(after)}`,
});

type Planned = Pick<DefinitionsPlan['syncs'][number], 'action'> & Partial<DefinitionsPlan['syncs'][number]>;

/** What follows for whoever looks at a sync: when the change counts. */
export function effectOf({ action, status = null }: Planned): string | null {
  if (action === 'create') return 'Saved as a draft: nothing runs before it is activated.';
  if (action === 'unchanged' || status === null) return null;
  return LIVE_STATUSES.includes(status) ? 'Counts from the next execution on.' : null;
}
