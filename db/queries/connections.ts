import { randomUUID } from 'node:crypto';
import { and, asc, eq, gt, inArray, isNull, ne, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type NewConnection, newConnection, SECRET_PATHS } from '../../src/domain/connection';
import { SecretError } from '../../src/domain/secret-error';
import type { Database } from '../client';
import { connections } from '../schema/definitions';

/** What seals and opens secrets, bound to the place where they are stored. */
export interface Sealer {
  seal(secret: string, place: string): string;
  open(sealed: string, place: string): string;
}

/** A connection with its secrets in their places, for whoever signs in with it. */
export type LoadedConnection = NewConnection & {
  connectionId: string;
  /** The org or instance of its first sign-in. */
  identity: string | null;
  /** Changes with each change of the settings or secrets. */
  fingerprint: string;
  /** Grows when a person saves settings. */
  settingsVersion: number;
};

/** The places that sealed texts are bound to: what was moved to another row does not open. */
export const placeOfSecrets = (connectionId: string): string => `connections/${connectionId}/secrets`;
export const placeOfSession = (connectionId: string): string => `connections/${connectionId}/session`;

/** A connection as it stands before a change. */
export interface StoredConnection {
  connectionId: string;
  name: string;
  kind: NewConnection['kind'];
  /** With the secrets in their places; without them where no key opens them any more. */
  settings: Settings;
  identity: string | null;
  fingerprint: string;
}

type Settings = Record<string, unknown>;
const secretsSchema = z.record(z.string(), z.string());

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Takes the secrets out of settings. @returns the settings without them, and the secrets by their path */
export function splitSecrets(
  kind: NewConnection['kind'],
  settings: Settings,
): { plain: Settings; secrets: Record<string, string> } {
  const plain = structuredClone(settings);
  const secrets: Record<string, string> = {};
  for (const path of SECRET_PATHS[kind]) {
    const [parent, name] = parentOf(plain, path);
    const value = parent?.[name];
    if (parent === undefined || typeof value !== 'string') continue;
    secrets[path] = value;
    delete parent[name];
  }
  return { plain, secrets };
}

/** The reverse of `splitSecrets`. */
export function joinSecrets(plain: Settings, secrets: Record<string, string>): Settings {
  const settings = structuredClone(plain);
  for (const [path, value] of Object.entries(secrets)) {
    const [parent, name] = parentOf(settings, path);
    if (parent) parent[name] = value;
  }
  return settings;
}

/** The object that holds the last member of a path such as `auth.password`, and that member's name. */
function parentOf(settings: Settings, path: string): [Settings | undefined, string] {
  const names = path.split('.');
  const last = names.pop() ?? path;
  let parent: Settings | undefined = settings;
  for (const name of names) {
    const next: unknown = parent?.[name];
    parent = isSettings(next) ? next : undefined;
  }
  return [parent, last];
}

/** Seals the secrets of a connection for its row. */
export const sealSecrets = (sealer: Sealer, connectionId: string, secrets: Record<string, string>): string =>
  sealer.seal(JSON.stringify(secrets), placeOfSecrets(connectionId));

export const openSecrets = (sealer: Sealer, connectionId: string, sealed: string): Record<string, string> =>
  secretsSchema.parse(JSON.parse(sealer.open(sealed, placeOfSecrets(connectionId))));

async function rowOf(db: Database, connectionId: string): Promise<typeof connections.$inferSelect> {
  const [row] = await db.select().from(connections).where(eq(connections.connectionId, connectionId));
  if (!row) throw new Error(`Connection ${connectionId} is gone.`);
  return row;
}

/**
 * Reads a connection that is about to be changed. Secrets that no key opens are left out: they can be entered anew.
 * @throws Error when there is none of this id
 */
export async function loadForChange(
  db: Database,
  sealer: Sealer,
  connectionId: string,
): Promise<StoredConnection & { areSecretsLost: boolean }> {
  const row = await rowOf(db, connectionId);
  const { name, kind, identity } = row;
  const secrets = secretsIfOpen(sealer, connectionId, row.secrets);
  const settings = joinSecrets(row.settings, secrets ?? {});
  return {
    ...{ connectionId, name, kind, settings, identity },
    fingerprint: fingerprintOf(row),
    areSecretsLost: secrets === null,
  };
}

function secretsIfOpen(sealer: Sealer, connectionId: string, sealed: string): Record<string, string> | null {
  try {
    return openSecrets(sealer, connectionId, sealed);
  } catch (error) {
    if (error instanceof SecretError) return null;
    throw error;
  }
}

/**
 * Reads a connection with its secrets.
 * @throws Error when there is none of this id
 * @throws SecretError when no key opens its secrets
 */
export async function loadConnection(db: Database, sealer: Sealer, connectionId: string): Promise<LoadedConnection> {
  const row = await rowOf(db, connectionId);
  const settings = joinSecrets(row.settings, openSecrets(sealer, connectionId, row.secrets));
  const connection = newConnection.parse({ name: row.name, kind: row.kind, settings });
  const { identity, settingsVersion } = row;
  return { ...connection, connectionId, identity, settingsVersion, fingerprint: fingerprintOf(row) };
}

/** Each save seals the secrets with a new nonce. */
const fingerprintOf = (row: { updatedAt: string; secrets: string }): string => `${row.updatedAt}/${row.secrets}`;

export interface ConnectionRow {
  connectionId: string;
  name: string;
  kind: NewConnection['kind'];
  /** Without secrets. */
  settings: Settings;
  identity: string | null;
  createdAt: string;
  updatedAt: string;
}

const shown = {
  connectionId: connections.connectionId,
  name: connections.name,
  kind: connections.kind,
  settings: connections.settings,
  identity: connections.identity,
  createdAt: connections.createdAt,
  updatedAt: connections.updatedAt,
};

export const listConnections = (db: Database, after: string | null, limit: number): Promise<ConnectionRow[]> =>
  db
    .select(shown)
    .from(connections)
    .where(after === null ? undefined : gt(connections.name, after))
    .orderBy(asc(connections.name))
    .limit(limit);

export async function findConnection(db: Database, connectionId: string): Promise<ConnectionRow | null> {
  const [row] = await db.select(shown).from(connections).where(eq(connections.connectionId, connectionId));
  return row ?? null;
}

/** The connections of these ids or names that are there. */
export const connectionsOf = (
  db: Database,
  wanted: { ids: readonly string[]; names: readonly string[] },
): Promise<ConnectionRow[]> =>
  db
    .select(shown)
    .from(connections)
    .where(or(inArray(connections.connectionId, [...wanted.ids]), inArray(connections.name, [...wanted.names])));

/** Tells the names of connections by their ids, for people; `?` for one that is gone. */
export const connectionNames =
  (db: Database) =>
  async (connectionId: string): Promise<string> =>
    (await findConnection(db, connectionId))?.name ?? '?';

/** @returns null when the name is taken */
export async function insertConnection(
  db: Database,
  sealer: Sealer,
  connection: NewConnection,
  connectionId: string = randomUUID(),
): Promise<ConnectionRow | null> {
  const { plain, secrets } = splitSecrets(connection.kind, connection.settings);
  const sealed = sealSecrets(sealer, connectionId, secrets);
  const [row] = await db
    .insert(connections)
    .values({ connectionId, name: connection.name, kind: connection.kind, settings: plain, secrets: sealed })
    .onConflictDoNothing()
    .returning(shown);
  return row ?? null;
}

/**
 * Saves changed settings, within a transaction.
 * @param before as it was loaded; what was changed since is not overwritten
 */
export async function updateConnection(
  tx: Database,
  sealer: Sealer,
  before: Pick<LoadedConnection, 'connectionId' | 'fingerprint'>,
  connection: NewConnection,
  identity: string | null,
): Promise<ConnectionRow | 'nameTaken' | 'changedMeanwhile'> {
  const { connectionId } = before;
  const [stored] = await tx
    .select({ updatedAt: connections.updatedAt, secrets: connections.secrets })
    .from(connections)
    .where(eq(connections.connectionId, connectionId))
    .for('update');
  if (!stored || fingerprintOf(stored) !== before.fingerprint) return 'changedMeanwhile';
  if (await isNameTaken(tx, connection.name, connectionId)) return 'nameTaken';
  const { plain, secrets } = splitSecrets(connection.kind, connection.settings);
  const sealed = sealSecrets(sealer, connectionId, secrets);
  const [row] = await tx
    .update(connections)
    .set({
      name: connection.name,
      settings: plain,
      secrets: sealed,
      identity,
      settingsVersion: sql`${connections.settingsVersion} + 1`,
      updatedAt: sql`now()`,
    })
    .where(eq(connections.connectionId, connectionId))
    .returning(shown);
  return row ?? 'changedMeanwhile';
}

/** Keeps the refresh token that replaces the one before; whoever else has the connection open opens it anew. */
export async function storeRefreshToken(
  db: Database,
  sealer: Sealer,
  connectionId: string,
  refreshToken: string,
): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx
      .select({ secrets: connections.secrets })
      .from(connections)
      .where(eq(connections.connectionId, connectionId))
      .for('update');
    if (!row) return;
    const secrets = { ...openSecrets(sealer, connectionId, row.secrets), 'auth.refreshToken': refreshToken };
    await tx
      .update(connections)
      .set({ secrets: sealSecrets(sealer, connectionId, secrets), updatedAt: sql`now()` })
      .where(eq(connections.connectionId, connectionId));
  });
}

/** @param exceptId the connection that may have the name: its own */
export async function isNameTaken(db: Database, name: string, exceptId?: string): Promise<boolean> {
  const isOther = exceptId === undefined ? undefined : ne(connections.connectionId, exceptId);
  const [taken] = await db
    .select({ id: connections.connectionId })
    .from(connections)
    .where(and(eq(connections.name, name), isOther));
  return taken !== undefined;
}

/** @returns whether it was not known before */
export async function rememberIdentity(db: Database, connectionId: string, identity: string): Promise<boolean> {
  const rows = await db
    .update(connections)
    .set({ identity })
    .where(and(eq(connections.connectionId, connectionId), isNull(connections.identity)))
    .returning({ connectionId: connections.connectionId });
  return rows.length > 0;
}

/** Names of the syncs that use a connection: by their newest definition, or by the one that an execution or a preview goes by just now. */
export async function syncsUsing(db: Database, connectionId: string): Promise<string[]> {
  const rows = await db.execute<{ name: string }>(sql`
    select distinct s.name
    from syncs s join sync_versions v on v.sync_id = s.sync_id
    where ${connectionId} in (v.definition->'source'->>'connectionId', v.definition->'destination'->>'connectionId')
      and (v.version = s.version or exists (
        select 1 from executions e where e.state in ('running', 'previewing') and e.sync_id = v.sync_id and e.version = v.version))
    order by s.name`);
  return rows.map((row) => row.name);
}

export async function deleteConnection(db: Database, connectionId: string): Promise<void> {
  await db.delete(connections).where(eq(connections.connectionId, connectionId));
}
