import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'csv-stringify/sync';
import type { Response } from 'express';
import { noteAudit } from '../../../db/queries/audit';
import {
  cancelRunning,
  type ExecutionRow,
  findExecution,
  listExecutions,
  listOutcomes,
  type OutcomeRow,
  type RecordFilter,
} from '../../../db/queries/executions-read';
import { changeStatus, findSync } from '../../../db/queries/syncs';
import { noteWish } from '../../../db/queries/wishes';
import { neutralised } from '../../domain/csv-cell';
import { progressOf } from '../../domain/progress';
import { LIVE_STATUSES } from '../../domain/sync-status';
import type { ApiDeps } from '../deps';
import { executionLinks } from '../links';
import { fromCursor, page, pageOf, pageQuery } from '../paging';
import { notFound, Problem } from '../problem';
import { route } from '../route';
import {
  type ExecutionAnswer,
  executionAnswer,
  executionParams,
  recordAnswer,
  recordsQuery,
} from '../schemas/executions';
import { syncParams } from '../schemas/syncs';

/** An execution as it is shown. */
export const toExecution = (deps: ApiDeps, row: ExecutionRow): ExecutionAnswer => ({
  id: row.executionId,
  syncId: row.syncId,
  number: row.number,
  version: row.version,
  trigger: row.trigger,
  scheduledFor: row.scheduledFor,
  startedAt: row.startedAt,
  finishedAt: row.finishedAt,
  state: row.state,
  phase: row.phase,
  counts: {
    read: row.read,
    filteredOut: row.filteredOut,
    duplicates: row.duplicates,
    created: row.created,
    updated: row.updated,
    unchanged: row.unchanged,
    skipped: row.skipped,
    failed: row.failed,
  },
  progress: progressOf(row, row.finishedAt ?? deps.now()),
  problem: row.problem,
  links: executionLinks(deps, row.executionId, row.syncId, row.number),
});

const existing = async (deps: ApiDeps, executionId: string): Promise<ExecutionRow> => {
  const row = await findExecution(deps.database.db, executionId);
  if (!row) throw notFound('execution');
  return row;
};

const toRecord = ({ sourceId, matchKey, outcome, reason, message, field, destinationId }: OutcomeRow) => ({
  sourceId,
  matchKey,
  outcome,
  reason,
  message,
  field,
  destinationId,
});

export const executionRoutes = [
  route({
    method: 'get',
    path: '/syncs/:syncId/executions',
    summary: 'List the executions of a sync, the newest first',
    tag: 'Executions',
    role: 'viewer',
    params: syncParams,
    query: pageQuery,
    status: 200,
    answer: pageOf(executionAnswer),
    refusals: [404],
    async handle({ params, query }, deps) {
      if (!(await findSync(deps.database.db, params.syncId))) throw notFound('sync');
      const [before] = fromCursor(query.cursor) ?? [];
      const rows = await listExecutions(
        deps.database.db,
        params.syncId,
        before === undefined ? null : Number(before),
        query.limit + 1,
      );
      return page(
        rows,
        query.limit,
        (row) => toExecution(deps, row),
        (row) => [row.number],
      );
    },
  }),
  route({
    method: 'get',
    path: '/executions/:executionId',
    summary: 'Show an execution',
    tag: 'Executions',
    role: 'viewer',
    params: executionParams,
    status: 200,
    answer: executionAnswer,
    refusals: [404],
    handle: async ({ params }, deps) => toExecution(deps, await existing(deps, params.executionId)),
  }),
  route({
    method: 'get',
    path: '/executions/:executionId/events',
    summary: 'Follow an execution: server-sent events with the execution as it changes, until it ends',
    tag: 'Executions',
    role: 'viewer',
    params: executionParams,
    status: 200,
    answer: null,
    refusals: [404],
    stream: {
      type: 'text/event-stream',
      async write({ params, signal }, response, deps) {
        let last = '';
        for (
          let row = await existing(deps, params.executionId);
          !signal.aborted;
          row = await existing(deps, params.executionId)
        ) {
          const text = JSON.stringify(toExecution(deps, row));
          if (text !== last) response.write(`event: execution\ndata: ${text}\n\n`);
          last = text;
          if (row.state !== 'running') break;
          // an abort ends the wait, and with it the loop
          await sleep(EVENTS_EVERY_MS, undefined, { signal }).catch(() => undefined);
        }
        response.end();
      },
    },
  }),
  route({
    method: 'get',
    path: '/executions/:executionId/records',
    summary: 'List what became of each record, in source order',
    tag: 'Executions',
    role: 'viewer',
    params: executionParams,
    query: recordsQuery,
    status: 200,
    answer: pageOf(recordAnswer),
    refusals: [404],
    async handle({ params, query }, deps) {
      await existing(deps, params.executionId);
      const [after] = fromCursor(query.cursor) ?? [];
      const from = after === undefined ? null : String(after);
      const rows = await listOutcomes(deps.database.db, params.executionId, from, query.limit + 1, query);
      return page(rows, query.limit, toRecord, (row) => [row.sortKey]);
    },
  }),
  route({
    method: 'get',
    path: '/executions/:executionId/records.csv',
    summary: 'Download what became of each record as CSV; a cell that looks like a formula begins with an apostrophe',
    tag: 'Executions',
    role: 'viewer',
    params: executionParams,
    query: recordsQuery.omit({ limit: true, cursor: true }),
    status: 200,
    answer: null,
    refusals: [404],
    stream: {
      type: 'text/csv',
      async write({ params, query, signal }, response, deps) {
        await existing(deps, params.executionId);
        await streamRecords(deps, params.executionId, query, response, signal);
      },
    },
  }),
  route({
    method: 'post',
    path: '/executions/:executionId/cancel',
    summary: 'End an execution; an interval sync goes on with its next tick',
    tag: 'Executions',
    role: 'operator',
    params: executionParams,
    status: 202,
    answer: executionAnswer,
    refusals: [404, 409],
    async handle({ params, caller }, deps) {
      const { executionId } = params;
      const row = await existing(deps, executionId);
      await deps.database.db.transaction(async (tx) => {
        if (!(await cancelRunning(tx, executionId)))
          throw new Problem(409, `The execution has ended already: ${row.state}.`);
        const sync = await findSync(tx, row.syncId);
        if (sync?.definition.schedule?.type !== 'interval')
          await changeStatus(tx, row.syncId, LIVE_STATUSES, 'cancelled', deps.now());
        await noteWish(tx, { syncId: row.syncId, executionId, kind: 'cancelExecution', askedBy: caller.name });
        await noteAudit(tx, { who: caller.name, action: 'execution.cancel', subject: `execution/${executionId}` });
      });
      return toExecution(deps, await existing(deps, executionId));
    },
  }),
];

const EVENTS_EVERY_MS = 500;
const CSV_ROWS = 5_000;
const CSV_COLUMNS = ['sourceId', 'matchKey', 'outcome', 'reason', 'message', 'field', 'destinationId'] as const;

/** Writes page by page, so that a million rows need no more memory than one page. */
async function streamRecords(
  deps: ApiDeps,
  executionId: string,
  filter: RecordFilter,
  response: Response,
  signal: AbortSignal,
): Promise<void> {
  response.write(stringify([CSV_COLUMNS]));
  for (let after: string | null = null; !signal.aborted; ) {
    const rows: OutcomeRow[] = await listOutcomes(deps.database.db, executionId, after, CSV_ROWS, filter);
    const last = rows.at(-1);
    if (!last) break;
    const text = stringify(rows.map((row) => CSV_COLUMNS.map((column) => neutralised(row[column] ?? ''))));
    if (!response.write(text)) await once(response, 'drain', { signal });
    after = last.sortKey;
  }
  response.end();
}
