import type { Database } from 'better-sqlite3';
import { z } from 'zod';

/** Permissions of an API role (Marketo guide, "Custom services"), in the spelling of the admin screen. */
export const PERMISSIONS = [
  'Read-Only Lead',
  'Read-Write Lead',
  'Read-Only Activity',
  'Read-Write Activity',
  'Read-Only Activity Metadata',
  'Read-Write Activity Metadata',
  'Read-Only Company',
  'Read-Write Company',
  'Read-Only Opportunity',
  'Read-Write Opportunity',
  'Read-Only Sales Person',
  'Read-Write Sales Person',
  'Read-Only Custom Object',
  'Read-Write Custom Object',
  'Read-Write Custom Object Type',
  'Read-Only Named Account',
  'Read-Write Named Account',
  'Read-Only Assets',
  'Read-Write Assets',
  'Read-Write Schema Standard Field',
  'Read-Write Schema Custom Field',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** A custom service: the client id that signs in, and the API-only user that owns it and that bulk jobs belong to. */
export const apiUserSchema = z.strictObject({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  userName: z.string().min(1).default('sync-api@example.com'),
  /** Left out: every permission. */
  permissions: z.array(z.enum(PERMISSIONS)).optional(),
});
export type ApiUser = z.infer<typeof apiUserSchema>;

export interface ApiUsers {
  find(clientId: string): ApiUser | undefined;
  /** Adds a custom service, or replaces the one of this client id. */
  keep(user: ApiUser): void;
  all(): ApiUser[];
}

interface StoredUser {
  client_id: string;
  client_secret: string;
  user_name: string;
  permissions: string | null;
}

export function createApiUsers(database: Database): ApiUsers {
  const find = database.prepare('select * from mk_api_users where client_id = ?');
  const all = database.prepare('select * from mk_api_users order by client_id');
  const keep = database.prepare(
    'insert or replace into mk_api_users (client_id, client_secret, user_name, permissions) values (?, ?, ?, ?)',
  );
  const toUser = ({ client_id, client_secret, user_name, permissions }: StoredUser): ApiUser =>
    apiUserSchema.parse({
      clientId: client_id,
      clientSecret: client_secret,
      userName: user_name,
      ...(permissions === null ? {} : { permissions: JSON.parse(permissions) as unknown }),
    });
  return {
    find(clientId) {
      const stored = find.get(clientId) as StoredUser | undefined;
      return stored && toUser(stored);
    },
    keep({ clientId, clientSecret, userName, permissions }) {
      keep.run(clientId, clientSecret, userName, permissions === undefined ? null : JSON.stringify(permissions));
    },
    all: () => (all.all() as StoredUser[]).map(toUser),
  };
}

/** A read-write permission includes reading. */
export function mayUse({ permissions }: ApiUser, needed: Permission): boolean {
  if (permissions === undefined || permissions.includes(needed)) return true;
  return (
    needed.startsWith('Read-Only') && permissions.includes(needed.replace('Read-Only', 'Read-Write') as Permission)
  );
}
