import { z } from 'zod';
import { noteAudit } from '../../../db/queries/audit';
import {
  type ConnectionRow,
  deleteConnection,
  findConnection,
  insertConnection,
  listConnections,
  loadConnection,
  rememberIdentity,
  syncsUsing,
  updateConnection,
} from '../../../db/queries/connections';
import { ConnectorError } from '../../connectors/connector-error';
import { newConnection } from '../../domain/connection';
import { objectDescription, objectSummary } from '../../domain/object-description';
import type { ApiDeps } from '../deps';
import { fromCursor, page, pageOf, pageQuery } from '../paging';
import { invalidInput, notFound, Problem } from '../problem';
import { route } from '../route';
import {
  connectionAnswer,
  connectionParams,
  connectionPatch,
  connectionTestAnswer,
  objectParams,
} from '../schemas/connections';

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

const existing = async (deps: ApiDeps, connectionId: string): Promise<ConnectionRow> => {
  const row = await findConnection(deps.database.db, connectionId);
  if (!row) throw notFound('connection');
  return row;
};

const nameTaken = () =>
  new Problem(409, 'Another connection has this name. Choose a different one.', [
    { path: 'name', message: 'The name is taken.' },
  ]);

/** Members of `changes` replace those of `settings`, in nested objects too; null takes a member away. */
function merged(settings: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> {
  const result = { ...settings };
  for (const [name, value] of Object.entries(changes)) {
    const before = result[name];
    if (value === null) delete result[name];
    else result[name] = isObject(value) && isObject(before) && sameType(before, value) ? merged(before, value) : value;
  }
  return result;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Another way to sign in has other members: it replaces the old one as a whole. */
const sameType = (before: Record<string, unknown>, after: Record<string, unknown>): boolean =>
  after.type === undefined || before.type === after.type;

export const connectionRoutes = [
  route({
    method: 'get',
    path: '/connections',
    summary: 'List connections',
    tag: 'Connections',
    role: 'viewer',
    query: pageQuery,
    status: 200,
    answer: pageOf(connectionAnswer),
    async handle({ query }, { database }) {
      const [after] = fromCursor(query.cursor) ?? [];
      const rows = await listConnections(database.db, after === undefined ? null : String(after), query.limit + 1);
      return page(rows, query.limit, toAnswer, (row) => [row.name]);
    },
  }),
  route({
    method: 'post',
    path: '/connections',
    summary: 'Add a connection',
    description: 'Secrets are stored encrypted and never returned.',
    tag: 'Connections',
    role: 'admin',
    body: newConnection,
    status: 201,
    answer: connectionAnswer,
    refusals: [409],
    async handle({ body, caller }, { database, secrets }) {
      const row = await insertConnection(database.db, secrets, body);
      if (!row) throw nameTaken();
      const details = { name: row.name, kind: row.kind };
      await noteAudit(database.db, {
        who: caller.name,
        action: 'connection.create',
        subject: `connection/${row.connectionId}`,
        details,
      });
      return toAnswer(row);
    },
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
    handle: async ({ params }, deps) => toAnswer(await existing(deps, params.connectionId)),
  }),
  route({
    method: 'patch',
    path: '/connections/:connectionId',
    summary: 'Change a connection',
    description:
      'Members that are left out stay as they are, secrets among them. While a sync uses it, it cannot be led to another instance.',
    tag: 'Connections',
    role: 'admin',
    params: connectionParams,
    body: connectionPatch,
    status: 200,
    answer: connectionAnswer,
    refusals: [404, 409],
    async handle({ params, body, caller }, deps) {
      const { database, secrets } = deps;
      const { connectionId } = params;
      const row = await existing(deps, connectionId);
      const before = await loadConnection(database.db, secrets, connectionId);
      const settings = merged(before.settings, body.settings ?? {});
      const parsed = newConnection.safeParse({ name: body.name ?? row.name, kind: row.kind, settings });
      if (!parsed.success) throw invalidInput(parsed.error);
      const changed = await updateConnection(database.db, secrets, connectionId, parsed.data, row.identity);
      if (!changed) throw nameTaken();
      if (body.settings && row.identity !== null) await refuseOtherInstance(deps, connectionId, row.identity, before);
      const details = { members: Object.keys(body.settings ?? {}), name: changed.name };
      await noteAudit(database.db, {
        who: caller.name,
        action: 'connection.change',
        subject: `connection/${connectionId}`,
        details,
      });
      return toAnswer(changed);
    },
  }),
  route({
    method: 'delete',
    path: '/connections/:connectionId',
    summary: 'Delete a connection',
    tag: 'Connections',
    role: 'admin',
    params: connectionParams,
    status: 204,
    answer: null,
    refusals: [404, 409],
    async handle({ params, caller }, deps) {
      await existing(deps, params.connectionId);
      const users = await syncsUsing(deps.database.db, params.connectionId);
      if (users.length > 0) {
        const names = users.map(({ name }) => `"${name}"`).join(', ');
        throw new Problem(
          409,
          `The connection is used by ${names}. Delete those syncs first, or give them another connection.`,
        );
      }
      await deleteConnection(deps.database.db, params.connectionId);
      const subject = `connection/${params.connectionId}`;
      await noteAudit(deps.database.db, { who: caller.name, action: 'connection.delete', subject });
      return undefined;
    },
  }),
  route({
    method: 'post',
    path: '/connections/:connectionId/test',
    summary: 'Test a connection: sign in and read the limits',
    tag: 'Connections',
    role: 'operator',
    params: connectionParams,
    status: 200,
    answer: connectionTestAnswer,
    refusals: [404],
    async handle({ params, signal }, deps) {
      const row = await existing(deps, params.connectionId);
      try {
        const { connector } = await deps.connect(params.connectionId);
        const tested = await connector.test(signal);
        if (row.identity !== null && row.identity !== tested.identity) {
          return {
            ok: false,
            account: tested.account,
            quota: tested.quota,
            problem: otherInstance(row.identity, tested.identity),
          };
        }
        await rememberIdentity(deps.database.db, params.connectionId, tested.identity);
        return { ok: true, account: tested.account, quota: tested.quota, problem: null };
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error;
        return { ok: false, account: null, quota: null, problem: error.message };
      }
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
    answer: z.object({ items: z.array(objectSummary), nextCursor: z.null() }),
    refusals: [404, 502],
    async handle({ params, signal }, deps) {
      await existing(deps, params.connectionId);
      const { connector } = await deps.connect(params.connectionId);
      return { items: await connector.objects(signal), nextCursor: null };
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
    answer: objectDescription,
    refusals: [404, 502],
    async handle({ params, signal }, deps) {
      await existing(deps, params.connectionId);
      const { describe } = await deps.connect(params.connectionId);
      try {
        return await describe(params.object, signal);
      } catch (error) {
        if (error instanceof ConnectorError && error.code === 'UNKNOWN_OBJECT') throw new Problem(404, error.message);
        throw error;
      }
    },
  }),
];

const otherInstance = (before: string, now: string): string =>
  `These settings lead to another instance (${now}) than before (${before}). Add a new connection for it.`;

/** Puts the old settings back when the new ones sign in to another instance; settings that cannot sign in are kept to be mended. */
async function refuseOtherInstance(
  deps: ApiDeps,
  connectionId: string,
  identity: string,
  before: Awaited<ReturnType<typeof loadConnection>>,
): Promise<void> {
  const { database, secrets } = deps;
  if (!(await syncsUsing(database.db, connectionId)).length) return;
  try {
    const { connector } = await deps.connect(connectionId);
    const tested = await connector.test(AbortSignal.timeout(SIGN_IN_MS));
    if (tested.identity === identity) return;
    await updateConnection(database.db, secrets, connectionId, before, identity);
    throw new Problem(409, otherInstance(identity, tested.identity));
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
  }
}

const SIGN_IN_MS = 30_000;
