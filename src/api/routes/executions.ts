import { z } from 'zod';
import {
  cancelRunning,
  type ExecutionRow,
  findExecution,
  findShownExecution,
  listExecutions,
  listOutcomes,
  type OutcomeRow,
  type ShownExecution,
} from '../../../db/queries/executions-read';
import { causesOf } from '../../../db/queries/failed-records';
import { NOTHING_DUE, stillDueOf } from '../../../db/queries/still-due';
import { changeStatus, findSync } from '../../../db/queries/syncs';
import { noteWish } from '../../../db/queries/wishes';
import { isFollowUp } from '../../domain/outcome';
import { LIVE_STATUSES } from '../../domain/sync-status';
import type { ApiDeps } from '../deps';
import { toExecution } from '../execution-answer';
import { sendEvents } from '../execution-events';
import { noteLook, wanted } from '../looks';
import { fromCursor, page } from '../paging';
import { notFound, Problem } from '../problem';
import { fatesOf } from '../record-fates';
import { RECORD_COLUMNS, sendRecords, sourceColumn } from '../records-csv';
import { type Call, route } from '../route';
import {
  causeList,
  executionAnswer,
  executionEvent,
  executionPage,
  executionParams,
  executionsQuery,
  recordPage,
  recordsDownload,
  recordsQuery,
  stillDueAnswer,
  stillDueList,
  stillDueQuery,
} from '../schemas/executions';
import { csvOptions } from '../schemas/page';
import { syncParams } from '../schemas/syncs';
import { NO_VALUES, valuesRead } from '../source-values';

/** @throws Problem 404 */
export const existing = async (deps: ApiDeps, executionId: string): Promise<ExecutionRow> => {
  const row = await findExecution(deps.database.db, executionId);
  if (!row) throw notFound('execution');
  return row;
};

/** @throws Problem 404 */
const shown = async (deps: ApiDeps, executionId: string): Promise<ShownExecution> => {
  const row = await findShownExecution(deps.database.sql, executionId);
  if (!row) throw notFound('execution');
  return row;
};

const subjectOf = ({ executionId }: ExecutionRow): string => `execution/${executionId}`;

/** Ends an execution. One that goes over an earlier run has a workflow of its own, and its sync stays as it is. */
async function cancel(deps: ApiDeps, { params, caller, change }: Call<{ executionId: string }, undefined, undefined>) {
  const { executionId } = params;
  const { syncId, number, trigger, follows = null } = await shown(deps, executionId);
  const answer = await change(async (tx, note) => {
    const running = await cancelRunning(tx, executionId);
    if (!running) throw new Problem(409, 'The execution has ended already.');
    await note('execution.cancel', `execution/${executionId}`, { number });
    if (isFollowUp(trigger)) return toExecution(deps, { ...running, follows });
    const sync = await findSync(tx, syncId);
    if (sync?.definition.schedule?.type !== 'interval') {
      await changeStatus(tx, syncId, LIVE_STATUSES, 'cancelled', deps.now());
    }
    await noteWish(tx, { syncId, executionId, kind: 'cancelExecution', askedBy: caller.name });
    return toExecution(deps, running);
  });
  if (isFollowUp(trigger)) await tellToEnd(deps, { syncId, number });
  return answer;
}

async function tellToEnd(deps: ApiDeps, followUp: { syncId: string; number: number }): Promise<void> {
  try {
    await deps.engine.stopFollowUp(followUp);
  } catch (error) {
    // its activities notice by themselves, or a worker tells it later
    deps.log.warn({ err: error, ...followUp }, 'the workflow of an execution could not be told to end now');
  }
}

/** What became of a record, as it is shown. */
export const toRecord = ({ sourceId, matchKey, outcome, reason, message, field, destinationId }: OutcomeRow) => ({
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
    query: executionsQuery,
    status: 200,
    answer: executionPage,
    refusals: [404],
    async handle({ params, query }, deps) {
      const [before = null] = fromCursor(query.cursor, z.tuple([z.int32()])) ?? [];
      if (!(await findSync(deps.database.db, params.syncId))) throw notFound('sync');
      const rows = await listExecutions(deps.database.sql, params.syncId, before, query.limit + 1, query.state);
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
    path: '/syncs/:syncId/still-due',
    summary:
      'Tell how many failed records of a sync are still to be loaded, over all its executions, and whose retry takes them',
    description:
      'What failed in a run that was undone as a whole, or in a retry of that, is none of it: it comes with the next run, like the others.',
    tag: 'Executions',
    role: 'viewer',
    params: syncParams,
    status: 200,
    answer: stillDueAnswer,
    refusals: [404],
    async handle({ params }, deps) {
      if (!(await findSync(deps.database.db, params.syncId))) throw notFound('sync');
      return (await stillDueOf(deps.database.sql, [params.syncId])).get(params.syncId) ?? NOTHING_DUE;
    },
  }),
  route({
    method: 'get',
    path: '/still-due',
    summary:
      'Tell the same of several syncs at once, such as those of a page; those of which nothing is due are left out',
    tag: 'Executions',
    role: 'viewer',
    query: stillDueQuery,
    status: 200,
    answer: stillDueList,
    async handle({ query }, deps) {
      const due = await stillDueOf(deps.database.sql, query.syncIds);
      return { items: [...due].map(([syncId, ofSync]) => ({ syncId, ...ofSync })), nextCursor: null };
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
    async handle({ params }, deps) {
      return toExecution(deps, await shown(deps, params.executionId));
    },
  }),
  route({
    method: 'get',
    path: '/executions/:executionId/events',
    summary: 'Follow an execution',
    description:
      'Server-sent events of the type `execution`, each with the execution as it is by then, until it ends; then the answer ends too. 429 where ' +
      'the key or session, or all together, have as many streams open as they may (SYNC_EVENT_STREAMS).',
    tag: 'Executions',
    role: 'viewer',
    params: executionParams,
    status: 200,
    answer: null,
    refusals: [404],
    stream: {
      type: 'text/event-stream',
      schema: executionEvent,
      example: executionEvent.meta()?.example,
      async write({ params, signal, caller, isStillKnown }, { open }, deps) {
        const first = await shown(deps, params.executionId);
        const end = deps.stopping ? AbortSignal.any([signal, deps.stopping]) : signal;
        await deps.streams.during(caller, () =>
          sendEvents(deps.feed, first, (row) => toExecution(deps, row), open(), end, { isStillKnown }),
        );
      },
    },
  }),
  route({
    method: 'get',
    path: '/executions/:executionId/records',
    summary: 'List what became of each record, in source order',
    description:
      'With `values=source` also what was read of each, masked for viewers; of records that were left out or unchanged nothing is kept, and 409 once the values ' +
      'of the execution are gone.',
    tag: 'Executions',
    role: 'viewer',
    params: executionParams,
    query: recordsQuery,
    status: 200,
    answer: recordPage,
    refusals: [404, 409, 502, 503, 504],
    async handle(call, deps) {
      const { params, query, signal, caller } = call;
      const [after = null] = fromCursor(query.cursor, z.tuple([z.string()])) ?? [];
      const execution = await existing(deps, params.executionId);
      const reader = { role: caller.role, signal };
      const read = query.values === 'source' ? await valuesRead(deps, execution, reader) : NO_VALUES;
      const action = query.values === 'source' ? 'values.show' : 'records.show';
      await noteLook(deps, call, { action, subject: subjectOf(execution), details: wanted(query) });
      const listed = await listOutcomes(deps.database.sql, params.executionId, after, query.limit + 1, query);
      const rows = await read.withValues(listed);
      const fateOf = await fatesOf(deps, params.executionId, rows);
      const toShown = ({ values, ...row }: (typeof rows)[number]) => ({
        ...toRecord(row),
        ...fateOf(row),
        values: Object.keys(values).length > 0 ? values : null,
      });
      return page(rows, query.limit, toShown, (row) => [row.sortKey]);
    },
  }),
  route({
    method: 'get',
    path: '/executions/:executionId/records.csv',
    summary: 'Download what became of each record, in source order',
    description:
      'A cell that a spreadsheet would take for a formula begins with an apostrophe more than the value. With `values=source` the values ' +
      '(masked for viewers) that were read of each record follow, in columns such as `source.lastName`: corrected, such a file is what `retry-failed` takes. Of ' +
      'records that were left out or unchanged no values are kept; 409 once the values of the execution are gone.',
    tag: 'Executions',
    role: 'viewer',
    params: executionParams,
    query: recordsDownload.extend(csvOptions),
    status: 200,
    answer: null,
    refusals: [404, 409, 502, 503, 504],
    stream: {
      type: 'text/csv',
      example:
        'sourceId,matchKey,outcome,reason,message,field,destinationId\r\n1042,jane.doe@example.com,created,,,,003…\r\n',
      async write(call, { open }, deps) {
        const { params, query, signal, caller } = call;
        const execution = await existing(deps, params.executionId);
        const { values, bom, ...filter } = query;
        const reader = { role: caller.role, signal };
        const read = values === 'source' ? await valuesRead(deps, execution, reader) : NO_VALUES;
        const action = values === 'source' ? 'values.download' : 'records.download';
        await noteLook(deps, call, { action, subject: subjectOf(execution), details: wanted(filter) });
        const response = open().attachment(`execution-${execution.number}-records.csv`);
        const list = (after: string | null, limit: number) =>
          listOutcomes(deps.database.sql, params.executionId, after, limit, filter).then(read.withValues);
        const cells = (row: OutcomeRow & { values: Record<string, string> }) => [
          ...RECORD_COLUMNS.map((column) => row[column]),
          ...read.fields.map((field) => row.values[field] ?? null),
        ];
        const columns = [...RECORD_COLUMNS, ...read.fields.map(sourceColumn)];
        await sendRecords({ columns, page: list, cells }, response, { signal, bom });
      },
    },
  }),
  route({
    method: 'get',
    path: '/executions/:executionId/causes',
    summary: 'Tell why records were not loaded: failed and skipped ones by reason and field, what failed first',
    tag: 'Executions',
    role: 'viewer',
    params: executionParams,
    status: 200,
    answer: causeList,
    refusals: [404],
    async handle({ params }, deps) {
      const execution = await existing(deps, params.executionId);
      return { items: await causesOf(deps.database.sql, execution.executionId), nextCursor: null };
    },
  }),
  route({
    method: 'post',
    path: '/executions/:executionId/cancel',
    summary: 'End an execution; an interval sync goes on with its next tick, any other sync is cancelled with it',
    tag: 'Executions',
    role: 'operator',
    params: executionParams,
    status: 202,
    answer: executionAnswer,
    refusals: [404, 409],
    handle: (call, deps) => cancel(deps, call),
  }),
];
