import { z } from 'zod';
import {
  type ExecutionRow,
  lastExecutions,
  type RecentExecution,
  recentExecutions,
} from '../../../db/queries/executions-read';
import { deleteSync, listSyncs, listVersions, type SyncRow } from '../../../db/queries/syncs';
import { scheduleInWords } from '../../domain/schedule';
import { LIVE_STATUSES, overdueSince } from '../../domain/sync-status';
import { demandStorable } from '../definition-check';
import type { ApiDeps } from '../deps';
import { etagOf, expectedVersion, withVersion } from '../etag';
import { toExecution } from '../execution-answer';
import { syncLinks } from '../links';
import { fromCursor, page } from '../paging';
import { Problem } from '../problem';
import { route } from '../route';
import { checkSyncChange, createSync, saveSyncChange } from '../save-sync';
import { pageQuery } from '../schemas/page';
import { queryAnswer, syncAnswer, syncBody, syncPage, syncParams, syncsQuery, versionPage } from '../schemas/syncs';
import { viewQuery } from '../view-query';
import { existingSync, stillEnding } from './sync-controls';

/** How a sync has run. */
interface Runs {
  last: ExecutionRow | undefined;
  recent: RecentExecution[];
}
const NO_RUNS: Runs = { last: undefined, recent: [] };

async function runsOf(deps: ApiDeps, syncIds: readonly string[]): Promise<(syncId: string) => Runs> {
  const [last, recent] = await Promise.all([
    lastExecutions(deps.database.db, syncIds),
    recentExecutions(deps.database.sql, syncIds),
  ]);
  return (syncId) => ({ last: last.get(syncId), recent: recent.get(syncId) ?? [] });
}

const toSync = (deps: ApiDeps, row: SyncRow, { last, recent }: Runs): z.input<typeof syncAnswer> => ({
  ...row.definition,
  id: row.syncId,
  version: row.version,
  status: row.status,
  problem: row.problem,
  nextRunAt: row.nextRunAt,
  overdueSince: overdueSince(row, last, deps.now()),
  scheduleText: scheduleInWords(row.definition.schedule, deps.settings.timeZone),
  lastExecution: last ? toExecution(deps, last) : null,
  recentExecutions: recent,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  links: syncLinks(deps, row.syncId),
});

async function shown(deps: ApiDeps, row: SyncRow): Promise<z.input<typeof syncAnswer>> {
  const runs = await runsOf(deps, [row.syncId]);
  return toSync(deps, row, runs(row.syncId));
}

export const syncRoutes = [
  route({
    method: 'get',
    path: '/syncs',
    summary: 'List syncs',
    tag: 'Syncs',
    role: 'viewer',
    query: syncsQuery,
    status: 200,
    answer: syncPage,
    async handle({ query }, deps) {
      const position = fromCursor(query.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
      const after = position && { createdAt: position[0], syncId: position[1] };
      const rows = await listSyncs(deps.database.db, after, query.limit + 1, query);
      const runs = await runsOf(
        deps,
        rows.map((row) => row.syncId),
      );
      return page(
        rows,
        query.limit,
        (row) => toSync(deps, row, runs(row.syncId)),
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
    body: syncBody,
    takesDefinition: true,
    status: 201,
    answer: syncAnswer,
    async handle({ body, caller, change }, deps) {
      demandStorable(body);
      return change(async (tx, note) => {
        const row = await createSync(tx, note, body, caller.name);
        const answer = toSync(deps, row, NO_RUNS);
        const headers = { ETag: etagOf(row.version), Location: answer.links.self };
        return { status: 201, headers, body: answer };
      });
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
    body: syncBody,
    takesDefinition: true,
    status: 200,
    answer: syncAnswer,
    refusals: [404, 409, 412, 502, 503, 504],
    async handle({ params, body, caller, ifMatch, signal, change }, deps) {
      const { syncId } = params;
      const before = await existingSync(deps, syncId);
      const expected = expectedVersion('sync', ifMatch, before.version);
      const checked = await checkSyncChange(deps, before, body, signal);
      const runs = await runsOf(deps, [syncId]);
      return change(async (tx, note) => {
        const saved = await saveSyncChange(tx, note, checked, { expected, by: caller.name });
        return withVersion(200, saved.version, toSync(deps, saved, runs(syncId)));
      });
    },
  }),
  route({
    method: 'delete',
    path: '/syncs/:syncId',
    summary: 'Delete a sync with its executions',
    description: 'What it has loaded stays in the destination.',
    tag: 'Syncs',
    role: 'operator',
    params: syncParams,
    status: 204,
    answer: null,
    refusals: [404, 409],
    async handle({ params, change }, deps) {
      const { syncId, name } = await existingSync(deps, params.syncId);
      return change(async (tx, note) => {
        const kept = await deleteSync(tx, syncId, LIVE_STATUSES);
        if (kept === 'executing') throw stillEnding();
        if (kept === 'previewing') throw new Problem(409, 'A preview of it is running. Cancel that first, or wait.');
        if (kept !== null) throw new Problem(409, `The sync is not over yet: ${kept}. Cancel it first.`);
        await note('sync.delete', `sync/${syncId}`, { name });
        return undefined;
      });
    },
  }),
  route({
    method: 'get',
    path: '/syncs/:syncId/versions',
    summary: 'List the versions of a sync as they were saved, the newest first',
    tag: 'Syncs',
    role: 'viewer',
    params: syncParams,
    query: pageQuery,
    status: 200,
    answer: versionPage,
    refusals: [404],
    async handle({ params, query }, deps) {
      const [before = null] = fromCursor(query.cursor, z.tuple([z.int32()])) ?? [];
      await existingSync(deps, params.syncId);
      const rows = await listVersions(deps.database.db, params.syncId, before, query.limit + 1);
      return page(
        rows,
        query.limit,
        (row) => ({ ...row, scheduleText: scheduleInWords(row.definition.schedule, deps.settings.timeZone) }),
        (row) => [row.version],
      );
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
    refusals: [404, 409, 422, 502, 503, 504],
    async handle({ params, signal }, deps) {
      const { definition } = await existingSync(deps, params.syncId);
      return viewQuery(deps, definition, signal);
    },
  }),
];
