import { z } from 'zod';
import {
  deleteConnection,
  listConnections,
  loadForChange,
  rememberIdentity,
  syncsUsing,
} from '../../../db/queries/connections';
import { ConnectorError } from '../../connectors/connector-error';
import { newConnection } from '../../domain/connection';
import { mergedSettings } from '../changed-settings';
import { fromCursor, page } from '../paging';
import { invalidInput, Problem } from '../problem';
import { route } from '../route';
import {
  checkConnectionChange,
  connectionSubject,
  createConnection,
  otherInstance,
  outcomeOf,
  saveConnectionChange,
  toConnectionAnswer,
} from '../save-connection';
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

/** What is wrong with changed settings; secrets that are lost have to be entered anew whatever is changed. */
const notAsTheyAre = (problem: Problem, areSecretsLost: boolean): Problem =>
  areSecretsLost
    ? new Problem(
        problem.status,
        'The secrets of this connection cannot be opened: they were encrypted with a key that SYNC_SECRET_KEY lacks. Enter them again with the change.',
        problem.errors,
      )
    : problem;

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
      return page(rows, query.limit, toConnectionAnswer, (row) => [row.name]);
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
    handle: ({ body, change }, deps) =>
      change(async (tx, note) => {
        const answer = toConnectionAnswer(await createConnection(tx, note, deps, body));
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
    handle: async ({ params }, deps) => toConnectionAnswer(await existingConnection(deps, params.connectionId)),
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
      const before = await loadForChange(database.db, secrets, params.connectionId);
      const settings = mergedSettings(before.settings, body.settings ?? {});
      const parsed = newConnection.safeParse({ name: body.name ?? row.name, kind: row.kind, settings });
      if (!parsed.success) throw notAsTheyAre(invalidInput(parsed.error), before.areSecretsLost);
      const given = { before, after: parsed.data, given: Object.keys(body.settings ?? {}) };
      const checked = await checkConnectionChange(deps, given, signal);
      return change(async (tx, note) => toConnectionAnswer(await saveConnectionChange(tx, note, deps, checked)));
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
        await note('connection.delete', connectionSubject(params.connectionId), { name });
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
      const tested = await outcomeOf(
        patiently(signal, async (limited) => (await deps.connect(connectionId)).connector.test(limited)),
      );
      if (tested instanceof ConnectorError) return { ok: false, account: null, quota: null, problem: tested.message };
      const { account, quota, identity } = tested;
      if (row.identity !== null && row.identity !== identity) {
        return { ok: false, account, quota, problem: otherInstance(row.identity, identity) };
      }
      const answer = { ok: true, account, quota, problem: null };
      if (row.identity !== null) return answer;
      return change(async (tx, note) => {
        await rememberIdentity(tx, connectionId, identity);
        await note('connection.identify', connectionSubject(connectionId), { identity });
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
      const items = await askConnection(deps, params.connectionId, signal, ({ objects }, limited) => objects(limited));
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
