import { z } from 'zod';
import {
  type ConnectionRow,
  deleteConnection,
  insertConnection,
  type LoadedConnection,
  listConnections,
  loadConnection,
  rememberIdentity,
  syncsUsing,
  updateConnection,
} from '../../../db/queries/connections';
import { ConnectorError } from '../../connectors/connector-error';
import { type NewConnection, newConnection } from '../../domain/connection';
import { mergedSettings, signsInElsewhere } from '../changed-settings';
import type { ApiDeps } from '../deps';
import { fromCursor, page } from '../paging';
import { connectorProblem, invalidInput, Problem } from '../problem';
import { route } from '../route';
import {
  connectionAnswer,
  connectionBody,
  connectionPage,
  connectionParams,
  connectionPatch,
  connectionsQuery,
  connectionTestAnswer,
  objectAnswer,
  objectPage,
  objectParams,
} from '../schemas/connections';
import { askConnection, existingConnection, patiently } from '../vendor';

const toAnswer = (row: ConnectionRow): z.input<typeof connectionAnswer> => ({
  id: row.connectionId,
  name: row.name,
  kind: row.kind,
  settings: row.settings,
  identity: row.identity,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  links: { self: `/api/v1/connections/${row.connectionId}` },
});

const subjectOf = (connectionId: string): string => `connection/${connectionId}`;

const nameTaken = () =>
  new Problem(409, 'Another connection has this name. Choose a different one.', [
    { path: 'name', message: 'The name is taken.' },
  ]);

const otherInstance = (before: string, now: string): string =>
  `These settings lead to another instance (${now}) than before (${before}). Add a new connection for it.`;

export const connectionRoutes = [
  route({
    method: 'get',
    path: '/connections',
    summary: 'List connections by name',
    tag: 'Connections',
    role: 'viewer',
    query: connectionsQuery,
    status: 200,
    answer: connectionPage,
    async handle({ query }, { database }) {
      const [after = null] = fromCursor(query.cursor, z.tuple([z.string()])) ?? [];
      const rows = await listConnections(database.db, after, query.limit + 1);
      return page(rows, query.limit, toAnswer, (row) => [row.name]);
    },
  }),
  route({
    method: 'post',
    path: '/connections',
    summary: 'Add a connection',
    description: 'Secrets are stored encrypted and never returned. Nothing is asked of the vendor yet: test it.',
    tag: 'Connections',
    role: 'admin',
    body: connectionBody,
    status: 201,
    answer: connectionAnswer,
    refusals: [409],
    handle: ({ body, change }, { secrets }) =>
      change(async (tx, note) => {
        const row = await insertConnection(tx, secrets, body);
        if (!row) throw nameTaken();
        await note('connection.create', subjectOf(row.connectionId), { name: row.name, kind: row.kind });
        const answer = toAnswer(row);
        return { status: 201, headers: { Location: answer.links.self }, body: answer };
      }),
  }),
  route({
    method: 'get',
    path: '/connections/:connectionId',
    summary: 'Show a connection',
    tag: 'Connections',
    role: 'viewer',
    params: connectionParams,
    status: 200,
    answer: connectionAnswer,
    refusals: [404],
    handle: async ({ params }, deps) => toAnswer(await existingConnection(deps, params.connectionId)),
  }),
  route({
    method: 'patch',
    path: '/connections/:connectionId',
    summary: 'Change a connection',
    description:
      'Members that are left out stay as they are, secrets among them; null takes an optional one away. While a sync uses the connection, ' +
      'settings to sign in with are tried before they are saved, and refused (409) where they lead to another instance or do not work.',
    tag: 'Connections',
    role: 'admin',
    params: connectionParams,
    body: connectionPatch,
    status: 200,
    answer: connectionAnswer,
    refusals: [404, 409, 502, 503, 504],
    async handle({ params, body, signal, change }, deps) {
      const { database, secrets } = deps;
      const row = await existingConnection(deps, params.connectionId);
      const before = await loadConnection(database.db, secrets, params.connectionId);
      const settings = mergedSettings(before.settings, body.settings ?? {});
      const parsed = newConnection.safeParse({ name: body.name ?? row.name, kind: row.kind, settings });
      if (!parsed.success) throw invalidInput(parsed.error);
      const identity = await identityOf(deps, parsed.data, before, signal);
      return change(async (tx, note) => {
        const changed = await updateConnection(tx, secrets, before, parsed.data, identity);
        if (changed === 'nameTaken') throw nameTaken();
        if (changed === 'changedMeanwhile') throw new Problem(409, 'Someone else has changed it meanwhile. Try again.');
        const details = { name: changed.name, settings: Object.keys(body.settings ?? {}) };
        await note('connection.change', subjectOf(params.connectionId), details);
        return toAnswer(changed);
      });
    },
  }),
  route({
    method: 'delete',
    path: '/connections/:connectionId',
    summary: 'Delete a connection that no sync uses',
    tag: 'Connections',
    role: 'admin',
    params: connectionParams,
    status: 204,
    answer: null,
    refusals: [404, 409],
    async handle({ params, change }, deps) {
      const { name } = await existingConnection(deps, params.connectionId);
      return change(async (tx, note) => {
        const users = await syncsUsing(tx, params.connectionId);
        if (users.length > 0) {
          const names = users.map((user) => `"${user}"`).join(', ');
          const remedy = 'Delete those syncs first, or give them another connection.';
          throw new Problem(409, `The connection is used by ${names}. ${remedy}`);
        }
        await deleteConnection(tx, params.connectionId);
        await note('connection.delete', subjectOf(params.connectionId), { name });
        return undefined;
      });
    },
  }),
  route({
    method: 'post',
    path: '/connections/:connectionId/test',
    summary: 'Test a connection: sign in and read the limits',
    description: 'Always 200 for a connection that is there; `ok` and `problem` tell how it went.',
    tag: 'Connections',
    role: 'operator',
    params: connectionParams,
    status: 200,
    answer: connectionTestAnswer,
    refusals: [404],
    async handle({ params, signal, change }, deps) {
      const { connectionId } = params;
      const row = await existingConnection(deps, connectionId);
      const { connector } = await deps.connect(connectionId);
      const tested = await outcomeOf(patiently(signal, (limited) => connector.test(limited)));
      if (tested instanceof ConnectorError) return { ok: false, account: null, quota: null, problem: tested.message };
      const { account, quota, identity } = tested;
      if (row.identity !== null && row.identity !== identity) {
        return { ok: false, account, quota, problem: otherInstance(row.identity, identity) };
      }
      const answer = { ok: true, account, quota, problem: null };
      if (row.identity !== null) return answer;
      return change(async (tx, note) => {
        await rememberIdentity(tx, connectionId, identity);
        await note('connection.identify', subjectOf(connectionId), { identity });
        return answer;
      });
    },
  }),
  route({
    method: 'get',
    path: '/connections/:connectionId/objects',
    summary: 'List the objects of a connection',
    tag: 'Connections',
    role: 'viewer',
    params: connectionParams,
    status: 200,
    answer: objectPage,
    refusals: [404, 409, 502, 503, 504],
    async handle({ params, signal }, deps) {
      const items = await askConnection(deps, params.connectionId, signal, ({ connector }, limited) =>
        connector.objects(limited),
      );
      return { items, nextCursor: null };
    },
  }),
  route({
    method: 'get',
    path: '/connections/:connectionId/objects/:object',
    summary: 'Describe an object and its fields',
    tag: 'Connections',
    role: 'viewer',
    params: objectParams,
    status: 200,
    answer: objectAnswer,
    refusals: [404, 409, 502, 503, 504],
    handle: ({ params, signal }, deps) =>
      askConnection(deps, params.connectionId, signal, ({ describe }, limited) => describe(params.object, limited)),
  }),
];

/** What a vendor answered, or why it could not be asked. */
const outcomeOf = <Answer>(asked: Promise<Answer>): Promise<Answer | ConnectorError> =>
  asked.catch((error: unknown) => {
    if (error instanceof ConnectorError) return error;
    throw error;
  });

/**
 * The instance that changed settings lead to, as far as it is known: the same while they sign in as before; asked of the vendor
 * while syncs rely on it; otherwise left to the next test.
 * @throws Problem when syncs rely on it and it is another, or cannot be told
 */
async function identityOf(
  deps: ApiDeps,
  changed: NewConnection,
  before: LoadedConnection,
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
