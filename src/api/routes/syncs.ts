import type { z } from 'zod';
import { noteAudit } from '../../../db/queries/audit';
import { findConnection } from '../../../db/queries/connections';
import { type ExecutionRow, lastExecutions } from '../../../db/queries/executions-read';
import { deleteSync, insertSync, listSyncs, type SyncRow, saveVersion } from '../../../db/queries/syncs';
import { noteWish } from '../../../db/queries/wishes';
import { type DraftDefinition, draftDefinition, type Filter } from '../../domain/definition';
import { filterProblems } from '../../domain/filter';
import { LIVE_STATUSES } from '../../domain/sync-status';
import type { ApiDeps } from '../deps';
import { syncLinks } from '../links';
import { fromCursor, page, pageOf } from '../paging';
import { invalidInput, Problem } from '../problem';
import { route } from '../route';
import { queryAnswer, queryBody, syncAnswer, syncParams, syncsQuery } from '../schemas/syncs';
import { toExecution } from './executions';
import { complete, existingSync } from './sync-controls';

const toSync = (deps: ApiDeps, row: SyncRow, last: ExecutionRow | undefined): z.input<typeof syncAnswer> => ({
  ...row.definition,
  id: row.syncId,
  version: row.version,
  status: row.status,
  problem: row.problem,
  nextRunAt: row.nextRunAt,
  lastExecution: last ? toExecution(deps, last) : null,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  links: syncLinks(deps, row.syncId),
});

async function shown(deps: ApiDeps, row: SyncRow): Promise<z.input<typeof syncAnswer>> {
  const last = await lastExecutions(deps.database.db, [row.syncId]);
  return toSync(deps, row, last.get(row.syncId));
}

/** `"3"`, as the header of an earlier answer gave it, or `3`. */
function versionOf(ifMatch: string | null, present: number): number {
  if (ifMatch === null || ifMatch === '*') return present;
  const version = Number(ifMatch.replaceAll('"', ''));
  if (version !== present) {
    throw new Problem(
      412,
      `The sync has version ${present} by now, not ${ifMatch}. Read it again, and repeat your change.`,
    );
  }
  return version;
}

const withVersion = <Body>(status: number, version: number, body: Body) => ({
  status,
  headers: { ETag: `"${version}"` },
  body,
});

async function viewQuery(deps: ApiDeps, given: unknown, signal: AbortSignal): Promise<z.input<typeof queryAnswer>> {
  const parsed = queryBody.safeParse(given);
  if (!parsed.success) throw invalidInput(parsed.error);
  const { source, filter, mappings, match, schedule } = parsed.data;
  if (!(await findConnection(deps.database.db, source.connectionId))) {
    throw new Problem(422, 'There is no such connection.', [
      { path: 'source.connectionId', message: 'There is no such connection.' },
    ]);
  }
  const { connector, describe } = await deps.connect(source.connectionId);
  const object = await describe(source.object, signal);
  const problems = filter ? filterProblems(filter, object) : [];
  if (problems.length > 0) throw new Problem(422, 'The filter cannot be evaluated; each problem is named.', problems);
  const fields = mappings ? mappings.flatMap(({ from }) => ('field' in from ? [from.field] : [])) : [];
  const wanted = [...new Set([...fields, ...(match ? [match.source] : [])])];
  const split = connector.splitFilter({
    object,
    fields: wanted,
    filter: filter ?? null,
    changedSince: null,
    asOf: deps.now(),
    timeZone: schedule?.timeZone ?? deps.settings.timeZone,
  });
  return {
    pushed: { query: split.query, filter: split.pushed },
    local: split.local,
    cost: { apiCalls: split.apiCalls, megabytes: split.megabytes },
    text: inWords(object.label, split.pushed, split.local),
  };
}

const inWords = (label: string, pushed: Filter | null, local: Filter | null): string => {
  if (!pushed && !local) return `All records of ${label} are read.`;
  if (!local) return `Only the records of ${label} that fit are read.`;
  const read = pushed ? `The records of ${label} that fit the first part are read` : `All records of ${label} are read`;
  return `${read}; Sync applies the rest of the filter to them.`;
};

export const syncRoutes = [
  route({
    method: 'get',
    path: '/syncs',
    summary: 'List syncs',
    tag: 'Syncs',
    role: 'viewer',
    query: syncsQuery,
    status: 200,
    answer: pageOf(syncAnswer),
    async handle({ query }, deps) {
      const [createdAt, syncId] = fromCursor(query.cursor) ?? [];
      const after = createdAt === undefined ? null : { createdAt: String(createdAt), syncId: String(syncId) };
      const rows = await listSyncs(deps.database.db, after, query.limit + 1, query);
      const last = await lastExecutions(
        deps.database.db,
        rows.map((row) => row.syncId),
      );
      return page(
        rows,
        query.limit,
        (row) => toSync(deps, row, last.get(row.syncId)),
        (row) => [row.createdAt, row.syncId],
      );
    },
  }),
  route({
    method: 'post',
    path: '/syncs',
    summary: 'Save a new sync; it may be incomplete until it is activated',
    tag: 'Syncs',
    role: 'operator',
    body: draftDefinition,
    status: 201,
    answer: syncAnswer,
    async handle({ body, caller }, deps) {
      const row = await insertSync(deps.database.db, body as DraftDefinition, caller.name);
      await noteAudit(deps.database.db, { who: caller.name, action: 'sync.create', subject: `sync/${row.syncId}` });
      return withVersion(201, row.version, await shown(deps, row));
    },
  }),
  route({
    method: 'get',
    path: '/syncs/:syncId',
    summary: 'Show a sync',
    tag: 'Syncs',
    role: 'viewer',
    params: syncParams,
    status: 200,
    answer: syncAnswer,
    refusals: [404],
    async handle({ params }, deps) {
      const row = await existingSync(deps, params.syncId);
      return withVersion(200, row.version, await shown(deps, row));
    },
  }),
  route({
    method: 'put',
    path: '/syncs/:syncId',
    summary: 'Save a new version; on an active sync it must be complete, and holds from the next execution',
    tag: 'Syncs',
    role: 'operator',
    params: syncParams,
    body: draftDefinition,
    status: 200,
    answer: syncAnswer,
    refusals: [404, 412],
    async handle({ params, body, caller, ifMatch, signal }, deps) {
      const { syncId } = params;
      const before = await existingSync(deps, syncId);
      const expected = versionOf(ifMatch, before.version);
      const isLive = LIVE_STATUSES.includes(before.status);
      if (isLive) await complete(deps, body, signal);
      const row = await deps.database.db.transaction(async (tx) => {
        const saved = await saveVersion(tx, syncId, expected, body as DraftDefinition, caller.name);
        if (!saved)
          throw new Problem(412, 'Someone else has saved the sync meanwhile. Read it again, and repeat your change.');
        if (isLive) await noteWish(tx, { syncId, kind: 'changeSchedule', askedBy: caller.name });
        const details = { version: saved.version };
        await noteAudit(tx, { who: caller.name, action: 'sync.change', subject: `sync/${syncId}`, details });
        return saved;
      });
      return withVersion(200, row.version, await shown(deps, row));
    },
  }),
  route({
    method: 'delete',
    path: '/syncs/:syncId',
    summary: 'Delete a sync with its executions',
    tag: 'Syncs',
    role: 'operator',
    params: syncParams,
    status: 204,
    answer: null,
    refusals: [404, 409],
    async handle({ params, caller }, deps) {
      const row = await existingSync(deps, params.syncId);
      if (LIVE_STATUSES.includes(row.status)) throw new Problem(409, 'The sync is active. Cancel it first.');
      await deleteSync(deps.database.db, params.syncId);
      const details = { name: row.name };
      await noteAudit(deps.database.db, {
        who: caller.name,
        action: 'sync.delete',
        subject: `sync/${params.syncId}`,
        details,
      });
      return undefined;
    },
  }),
  route({
    method: 'get',
    path: '/syncs/:syncId/query',
    summary: 'View Query of a saved sync: what the vendor evaluates, what Sync evaluates, what reading costs',
    tag: 'Syncs',
    role: 'viewer',
    params: syncParams,
    status: 200,
    answer: queryAnswer,
    refusals: [404, 502],
    async handle({ params, signal }, deps) {
      const { definition } = await existingSync(deps, params.syncId);
      const { source, filter, records, mappings, match, schedule } = definition;
      return viewQuery(deps, { source, filter, records, mappings, match, schedule }, signal);
    },
  }),
  route({
    method: 'post',
    path: '/query',
    summary: 'View Query of a definition that is not saved',
    tag: 'Syncs',
    role: 'viewer',
    body: queryBody,
    status: 200,
    answer: queryAnswer,
    refusals: [502],
    handle: ({ body, signal }, deps) => viewQuery(deps, body, signal),
  }),
];
