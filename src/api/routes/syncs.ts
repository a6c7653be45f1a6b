import { z } from 'zod';
import {
  countSyncs,
  findShownSync,
  listShownSyncs,
  type Runs,
  type ShownSync,
  type SyncFilter,
  type SyncPosition,
} from '../../../db/queries/shown-syncs';
import { deleteSync, listVersions, type SyncRow } from '../../../db/queries/syncs';
import type { DraftDefinition } from '../../domain/definition';
import { scheduleInWords } from '../../domain/schedule';
import { LIVE_STATUSES, overdueSince } from '../../domain/sync-status';
import { demandStorable } from '../definition-check';
import type { ApiDeps } from '../deps';
import { etagOf, expectedVersion, withVersion } from '../etag';
import { toExecution } from '../execution-answer';
import { withMembers, writtenPage } from '../json-text';
import { syncLinks } from '../links';
import { fromCursor, page } from '../paging';
import { notFound, Problem } from '../problem';
import { route } from '../route';
import { checkSyncChange, createSync, saveSyncChange } from '../save-sync';
import { pageQuery } from '../schemas/page';
import {
  queryAnswer,
  syncAnswer,
  syncBody,
  syncCountsAnswer,
  syncCountsQuery,
  syncPage,
  syncParams,
  syncsQuery,
  versionPage,
} from '../schemas/syncs';
import { viewQuery } from '../view-query';
import { existingSync, stillEnding } from './sync-controls';

const NO_RUNS: Runs = { last: null, lastRun: null, recent: [] };

/** What an answer has besides the definition. */
const stateOf = (
  deps: ApiDeps,
  row: Omit<SyncRow, 'definition'> & { schedule: DraftDefinition['schedule'] },
  { last, lastRun, recent }: Runs,
): Omit<z.input<typeof syncAnswer>, keyof DraftDefinition> => ({
  id: row.syncId,
  version: row.version,
  status: row.status,
  problem: row.problem,
  nextRunAt: row.nextRunAt,
  overdueSince: overdueSince(row, last ?? undefined, deps.now()),
  scheduleText: scheduleInWords(row.schedule, deps.settings.timeZone),
  lastExecution: last ? toExecution(deps, last) : null,
  lastRun: lastRun ? { ...toExecution(deps, lastRun), loadedLater: lastRun.loadedLater } : null,
  recentExecutions: recent,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  links: syncLinks(deps, row.syncId),
});

const toSync = (deps: ApiDeps, row: SyncRow, runs: Runs): z.input<typeof syncAnswer> => ({
  ...row.definition,
  ...stateOf(deps, { ...row, schedule: row.definition.schedule }, runs),
});

/** @throws Problem 404 */
async function shownSync(deps: ApiDeps, syncId: string): Promise<ShownSync> {
  const row = await findShownSync(deps.database.sql, syncId);
  if (!row) throw notFound('sync');
  return row;
}

type SyncsQuery = z.output<typeof syncsQuery>;

/** What a list is asked for, as its query says it. */
const filterOf = (query: z.output<typeof syncCountsQuery>, now: string): SyncFilter => ({
  status: query.status,
  search: query.search,
  words: query.words?.split(/\s+/).filter(Boolean),
  connectionId: query.connectionId,
  direction: query.direction,
  lastExecution: query.lastExecution,
  overdueAt: query.overdue && now,
});

const named = (key: z.ZodType<string>) => z.tuple([key.nullable(), z.string(), z.uuid()]);
/** What cursors hold, by the order of the list. */
const POSITIONS: Record<SyncsQuery['sort'], z.ZodType<[string | null, string, string]>> = {
  age: named(z.iso.datetime()),
  name: named(z.never()),
  status: named(z.string().regex(/^\d$/)),
  nextRun: named(z.iso.datetime()),
  lastRun: named(z.iso.datetime()),
};

function positionOf({ cursor, sort }: SyncsQuery): SyncPosition | null {
  const position = fromCursor(cursor, POSITIONS[sort]);
  return position && { key: position[0], name: position[1], syncId: position[2] };
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
      const rows = await listShownSyncs(deps.database.sql, {
        filter: filterOf(query, deps.now()),
        sort: query.sort,
        isDescending: query.order === 'descending',
        after: positionOf(query),
        limit: query.limit + 1,
      });
      return writtenPage(
        page(
          rows,
          query.limit,
          (row) =>
            withMembers<DraftDefinition, ReturnType<typeof stateOf>>(row.definitionText, stateOf(deps, row, row)),
          ({ position: { key, name, syncId } }) => [query.sort === 'name' ? null : key, name, syncId],
        ),
      );
    },
  }),
  route({
    method: 'get',
    path: '/sync-counts',
    summary: 'Count the syncs: all, those of each status, and those that a list would hold',
    tag: 'Syncs',
    role: 'viewer',
    query: syncCountsQuery,
    status: 200,
    answer: syncCountsAnswer,
    handle: ({ query }, deps) => countSyncs(deps.database.sql, filterOf(query, deps.now())),
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
      const row = await shownSync(deps, params.syncId);
      return withVersion(200, row.version, toSync(deps, row, row));
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
      const before = await shownSync(deps, syncId);
      const expected = expectedVersion('sync', ifMatch, before.version);
      const checked = await checkSyncChange(deps, before, body, signal);
      return change(async (tx, note) => {
        const saved = await saveSyncChange(tx, note, checked, { expected, by: caller.name });
        return withVersion(200, saved.version, toSync(deps, saved, before));
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
