import { z } from 'zod';
import { connectionAnswer, connectionPage } from '../api/schemas/connections';
import { type ExecutionAnswer, executionAnswer, executionPage } from '../api/schemas/executions';
import { syncAnswer, syncPage } from '../api/schemas/syncs';
import { type ApiClient, Refusal } from './api-client';
import { CliError, EXIT } from './world';

export type Sync = z.output<typeof syncAnswer>;
export type Connection = z.output<typeof connectionAnswer>;

const isId = (text: string): boolean => z.uuid().safeParse(text).success;
const NOT_FOUND = 404;

/** The sync of an id or a name. @throws CliError when there is none, or several have the name */
export async function findSync(client: ApiClient, wanted: string): Promise<Sync> {
  if (isId(wanted)) return client.get(`/syncs/${wanted}`, syncAnswer);
  const found: Sync[] = [];
  for await (const sync of client.all('/syncs', syncPage, { search: wanted }))
    if (sync.name === wanted) found.push(sync);
  const [sync] = found;
  if (!sync) throw new CliError(`There is no sync "${wanted}". See \`syncctl syncs list\`.`, EXIT.problem);
  if (found.length === 1) return sync;
  const details = found.map(({ id, status }) => ({ place: id, message: status }));
  throw new CliError(`${found.length} syncs are called "${wanted}". Give the id of one.`, EXIT.usage, details);
}

/** The connection of an id or a name. @throws CliError when there is none */
export async function findConnection(client: ApiClient, wanted: string): Promise<Connection> {
  if (isId(wanted)) return client.get(`/connections/${wanted}`, connectionAnswer);
  for await (const connection of client.all('/connections', connectionPage))
    if (connection.name === wanted) return connection;
  throw new CliError(`There is no connection "${wanted}". See \`syncctl connections list\`.`, EXIT.problem);
}

/** The execution of an id, or the newest one of a sync. @throws CliError when there is none */
export async function findExecution(client: ApiClient, wanted: string): Promise<ExecutionAnswer> {
  const known = isId(wanted) ? await orNothing(client.get(`/executions/${wanted}`, executionAnswer)) : undefined;
  if (known) return known;
  const sync = isId(wanted)
    ? await orNothing(client.get(`/syncs/${wanted}`, syncAnswer))
    : await findSync(client, wanted);
  if (!sync) throw new CliError(`There is no execution and no sync with the id ${wanted}.`, EXIT.problem);
  const newest = await newestExecution(client, sync);
  if (newest) return newest;
  throw new CliError(`"${wanted}" has not run yet.`, EXIT.problem);
}

/** What the server answers; undefined where it says that there is no such thing. */
async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refusal && error.status === NOT_FOUND) return undefined;
    throw error;
  }
}

/** The newest execution of a sync; undefined where there is none. */
export async function newestExecution(client: ApiClient, sync: Pick<Sync, 'id'>): Promise<ExecutionAnswer | undefined> {
  const { items } = await client.get(`/syncs/${sync.id}/executions`, executionPage, { limit: 1 });
  return items[0];
}
