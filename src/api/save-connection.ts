import type { z } from 'zod';
import type { Database } from '../../db/client';
import {
  type ConnectionRow,
  insertConnection,
  type StoredConnection,
  syncsUsing,
  updateConnection,
} from '../../db/queries/connections';
import { ConnectorError } from '../connectors/connector-error';
import type { NewConnection } from '../domain/connection';
import { signsInElsewhere } from './changed-settings';
import { notedChanges } from './connection-changes';
import type { ApiDeps } from './deps';
import { connectorProblem, Problem } from './problem';
import type { Note } from './route';
import type { connectionAnswer } from './schemas/connections';
import { patiently } from './vendor';

/** What the audit calls a connection. */
export const connectionSubject = (connectionId: string): string => `connection/${connectionId}`;

export const nameTaken = () =>
  new Problem(409, 'Another connection has this name. Choose a different one.', [
    { path: 'name', message: 'The name is taken.' },
  ]);

/** Why settings that sign in elsewhere than before are refused. */
export const otherInstance = (before: string, now: string): string =>
  `These settings lead to another instance (${now}) than before (${before}). Add a new connection for it.`;

/** A connection as the API shows it. */
export const toConnectionAnswer = (row: ConnectionRow): z.input<typeof connectionAnswer> => ({
  id: row.connectionId,
  name: row.name,
  kind: row.kind,
  settings: row.settings,
  identity: row.identity,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  links: { self: `/api/v1/connections/${row.connectionId}` },
});

/**
 * Adds a connection, within a transaction, and notes it in the audit.
 * @param connectionId where something refers to it already
 * @throws Problem 409 when its name is taken
 */
export async function createConnection(
  tx: Database,
  note: Note,
  { secrets }: Pick<ApiDeps, 'secrets'>,
  connection: NewConnection,
  connectionId?: string,
): Promise<ConnectionRow> {
  const row = await insertConnection(tx, secrets, connection, connectionId);
  if (!row) throw nameTaken();
  const noted = { name: row.name, kind: row.kind, changes: notedChanges(null, connection) };
  await note('connection.create', connectionSubject(row.connectionId), noted);
  return row;
}

/** Settings of a connection that may be saved. */
export interface ConnectionChange {
  before: StoredConnection;
  after: NewConnection;
  /** The instance that they lead to, as far as it is known. */
  identity: string | null;
  /** Names of the settings that were given, for the audit. */
  given: readonly string[];
}

/**
 * Checks changed settings: while a sync uses the connection, those to sign in with are tried.
 * @throws Problem when syncs rely on it and it leads to another instance, or that cannot be told
 */
export async function checkConnectionChange(
  deps: ApiDeps,
  change: Pick<ConnectionChange, 'before' | 'after' | 'given'>,
  signal: AbortSignal,
): Promise<ConnectionChange> {
  return { ...change, identity: await identityOf(deps, change.after, change.before, signal) };
}

/**
 * Saves settings that were checked, within a transaction, and notes it in the audit.
 * @throws Problem 409 when its name is taken, or someone else has changed it meanwhile
 */
export async function saveConnectionChange(
  tx: Database,
  note: Note,
  { secrets }: Pick<ApiDeps, 'secrets'>,
  { before, after, identity, given }: ConnectionChange,
): Promise<ConnectionRow> {
  const changed = await updateConnection(tx, secrets, before, after, identity);
  if (changed === 'nameTaken') throw nameTaken();
  if (changed === 'changedMeanwhile') throw new Problem(409, 'Someone else has changed it meanwhile. Try again.');
  const noted = { name: changed.name, settings: given, changes: notedChanges(before, after) };
  await note('connection.change', connectionSubject(before.connectionId), noted);
  return changed;
}

/** What a vendor answered, or why it could not be asked. */
export const outcomeOf = <Answer>(asked: Promise<Answer>): Promise<Answer | ConnectorError> =>
  asked.catch((error: unknown) => {
    if (error instanceof ConnectorError) return error;
    throw error;
  });

/** The instance that changed settings lead to: the same while they sign in as before; asked of the vendor while syncs rely on it; otherwise left to the next test. */
async function identityOf(
  deps: ApiDeps,
  changed: NewConnection,
  before: StoredConnection,
  signal: AbortSignal,
): Promise<string | null> {
  if (!signsInElsewhere(before, changed)) return before.identity;
  const users = await syncsUsing(deps.database.db, before.connectionId);
  if (before.identity === null || users.length === 0) return null;
  const tested = await outcomeOf(patiently(signal, (limited) => deps.createConnector(changed).test(limited)));
  if (tested instanceof ConnectorError) throw connectorProblem(tested, before.name);
  if (tested.identity !== before.identity) throw new Problem(409, otherInstance(before.identity, tested.identity));
  return before.identity;
}
