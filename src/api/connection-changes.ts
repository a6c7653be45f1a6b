import { type StoredConnection, splitSecrets } from '../../db/queries/connections';
import { type NewConnection, SECRET_PATHS } from '../domain/connection';
import { type MemberChange, memberChanges } from '../domain/member-changes';

/** A change as the audit keeps it; of a secret only that it was changed. */
export type NotedChange = MemberChange | { path: string; isSecret: true };

/**
 * What a saved connection has otherwise than before, for the audit: name and settings with their values, secrets without.
 * @param before null for a new one
 */
export function notedChanges(
  before: Pick<StoredConnection, 'name' | 'kind' | 'settings'> | null,
  after: NewConnection,
): NotedChange[] {
  const [old, present] = [
    before && splitSecrets(before.kind, before.settings),
    splitSecrets(after.kind, after.settings),
  ];
  const secrets = SECRET_PATHS[after.kind]
    .filter((path) => old?.secrets[path] !== present.secrets[path])
    .map((path) => ({ path: `settings.${path}`, isSecret: true as const }));
  return [
    ...memberChanges(before?.name, after.name, 'name'),
    ...memberChanges(old?.plain ?? {}, present.plain, 'settings'),
    ...secrets,
  ];
}
