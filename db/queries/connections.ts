import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { type NewConnection, newConnection, SECRET_PATHS } from '../../src/domain/connection';
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
};

const placeOf = (connectionId: string): string => `connections/${connectionId}/secrets`;

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
  sealer.seal(JSON.stringify(secrets), placeOf(connectionId));

export const openSecrets = (sealer: Sealer, connectionId: string, sealed: string): Record<string, string> =>
  secretsSchema.parse(JSON.parse(sealer.open(sealed, placeOf(connectionId))));

/**
 * Reads a connection with its secrets.
 * @throws Error when there is none of this id
 */
export async function loadConnection(db: Database, sealer: Sealer, connectionId: string): Promise<LoadedConnection> {
  const [row] = await db.select().from(connections).where(eq(connections.connectionId, connectionId));
  if (!row) throw new Error(`Connection ${connectionId} is gone.`);
  const settings = joinSecrets(row.settings, openSecrets(sealer, connectionId, row.secrets));
  const connection = newConnection.parse({ name: row.name, kind: row.kind, settings });
  return { ...connection, connectionId, identity: row.identity, fingerprint: `${row.updatedAt}/${row.secrets}` };
}
