import { noteAudit, noteAuditOnce } from '../../db/queries/audit';
import type { LOOKS } from '../domain/looks';
import type { ApiDeps } from './deps';
import type { Call } from './route';

/** A list that is scrolled, or shown anew as a run goes on, is one look. */
const ONE_LOOK_MS = 3_600_000;

/** What somebody looks at. */
export interface Look {
  /** Of files each one is noted. */
  action: (typeof LOOKS)[number];
  /** Whose records: `execution/<id>`. */
  subject: string;
  /** Ids, and which records were asked for: see `wanted`. */
  details?: Record<string, unknown>;
}

/**
 * Notes in the audit that somebody looks at records, before they are told. Viewers see masked values, and nothing is noted.
 * @param call who looks, and from where
 */
export async function noteLook(
  { database }: Pick<ApiDeps, 'database'>,
  { caller, address }: Pick<Call<unknown, unknown, unknown>, 'caller' | 'address'>,
  { action, subject, details = {} }: Look,
): Promise<void> {
  if (caller.role === 'viewer') return;
  const entry = { who: caller.name, address, action, subject, details };
  if (action.endsWith('.download')) await noteAudit(database.db, entry);
  else await noteAuditOnce(database.db, entry, ONE_LOOK_MS);
}

/** The member of a filter that holds what was searched for, which may be a value of a record. */
const SEARCHED = 'search';
/** How a page is asked for says nothing of what is looked at. */
const OF_PAGES: readonly string[] = ['limit', 'cursor'];

/** Which records were asked for, as the audit may keep it: of what was searched for only that something was. */
export const wanted = (filter: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(filter)
      .filter(([name, value]) => value !== undefined && !OF_PAGES.includes(name))
      .map(([name, value]) => [name, name === SEARCHED ? true : value]),
  );
