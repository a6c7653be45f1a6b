import { z } from 'zod';
import { connectionNames } from '../../../db/queries/connections';
import {
  cancelPreview,
  findPreview,
  listPlanned,
  openPreview,
  type PlannedFilter,
  type PlannedRow,
  type PreviewRow,
} from '../../../db/queries/previews-read';
import type { DraftDefinition } from '../../domain/definition';
import { outcomeOfAction, samplingOf } from '../../domain/preview';
import type { PreviewStart } from '../../engine/engine';
import { routeOf } from '../../engine/route';
import { demandComplete } from '../definition-check';
import type { ApiDeps } from '../deps';
import type { Rows } from '../download';
import { previewLinks } from '../links';
import { noteLook, wanted } from '../looks';
import { fromCursor, page } from '../paging';
import { toCells, toPlanned, toPreview } from '../preview-answer';
import { notFound, Problem } from '../problem';
import { recordLinksOf } from '../record-links';
import { sendRecords } from '../records-csv';
import { sendRecordsAsJson } from '../records-json';
import { type Call, route } from '../route';
import { csvOptions } from '../schemas/page';
import {
  askedAnswer,
  plannedFilter,
  plannedList,
  plannedPage,
  plannedQuery,
  previewAnswer,
  previewBody,
  previewParams,
} from '../schemas/previews';
import { controlAnswer, syncParams } from '../schemas/syncs';
import { activateAs, demandActivatable, existingSync } from './sync-controls';

const existing = async (deps: ApiDeps, previewId: string): Promise<PreviewRow> => {
  const row = await findPreview(deps.database.db, previewId);
  if (!row) throw notFound('preview');
  return row;
};

const subjectOf = ({ previewId }: PreviewRow): string => `preview/${previewId}`;

/** Activates a run that does what a preview has planned, and nothing else. */
async function apply(deps: ApiDeps, { params, change, signal }: Call<{ previewId: string }, undefined, undefined>) {
  const preview = await existing(deps, params.previewId);
  if (preview.state !== 'completed') throw new Problem(409, 'Only a preview that is completed can be applied.');
  if (!preview.exact) throw new Problem(409, 'The preview is a sample. Ask for a full one, and apply that.');
  const sync = await existingSync(deps, preview.syncId);
  demandActivatable(sync);
  if (sync.version !== preview.version) {
    throw new Problem(409, 'The sync has been changed since the preview. Preview it again, and apply that.');
  }
  const checked = await demandComplete(deps, withoutTime(sync.definition), signal);
  return activateAs(deps, sync, checked, { change, applies: preview.previewId });
}

type AskCall = Call<{ syncId: string }, undefined, z.output<typeof previewBody>>;

async function ask(deps: ApiDeps, { params, body, change, signal }: AskCall) {
  const { syncId } = params;
  const { version, definition } = await existingSync(deps, syncId);
  const { definition: complete } = await demandComplete(deps, withoutTime(definition), signal);
  const sampling = samplingOf(body.mode, body.limit ?? null);
  let previewId: string | null = null;
  const answer = await change(async (tx, note) => {
    previewId = await openPreview(tx, { syncId, version, mode: body.mode, sampling, now: deps.now() });
    if (!previewId) throw new Problem(409, 'Someone else has saved the sync meanwhile. Ask again.');
    await note('sync.preview', `sync/${syncId}`, { version, mode: body.mode });
    return { previewId, links: previewLinks(deps, previewId, syncId) };
  });
  const route = await routeOf(complete, connectionNames(deps.database.db));
  await start(deps, { previewId: answer.previewId, syncId, name: complete.name, route, sampling });
  return answer;
}

/** A preview is the same whenever the sync runs: it may have no schedule yet, or one whose time has passed. */
export const withoutTime = (definition: DraftDefinition): DraftDefinition => {
  const timeZone = definition.schedule?.timeZone;
  return { ...definition, schedule: { type: 'now', ...(timeZone === undefined ? {} : { timeZone }) } };
};

async function start(deps: ApiDeps, preview: PreviewStart): Promise<void> {
  try {
    await deps.engine.startPreview(preview);
  } catch (error) {
    // it is open; a worker starts the workflow as soon as Temporal can be reached
    deps.log.warn({ err: error, previewId: preview.previewId }, 'the workflow of a preview could not be started now');
  }
}

async function cancel(deps: ApiDeps, { params, change, caller }: Call<{ previewId: string }, undefined, undefined>) {
  const { previewId } = params;
  const row = await existing(deps, previewId);
  const answer = await change(async (tx, note) => {
    if (!(await cancelPreview(tx, previewId))) throw new Problem(409, 'The preview has ended already.');
    await note('preview.cancel', subjectOf(row));
    return toPreview(deps, row, caller.role);
  });
  try {
    await deps.engine.stopPreview(previewId);
  } catch (error) {
    // its activities have noticed by now, or a worker tells it later
    deps.log.warn({ err: error, previewId }, 'the workflow of a preview could not be told to end now');
  }
  return answer;
}

const toFilter = ({ action, ...filter }: z.output<typeof plannedFilter>): PlannedFilter => ({
  ...filter,
  outcome: action && outcomeOfAction[action],
});

/** Where a download of a preview's records comes from. */
const rowsOf = (
  { database }: ApiDeps,
  preview: PreviewRow,
  filter: z.output<typeof plannedFilter>,
): Rows<PlannedRow> => ({
  page: (after, limit) => listPlanned(database.db, preview, after, limit, toFilter(filter)),
});

const COLUMNS = [
  'sourceId',
  'matchKey',
  'action',
  'reason',
  'message',
  'field',
  'destinationId',
  'before',
  'after',
] as const;

export const previewRoutes = [
  route({
    method: 'post',
    path: '/syncs/:syncId/preview',
    summary:
      'Preview a sync, active or not: what a run would do now with each record. Nothing is written to any system',
    description:
      'It goes by the saved definition, which must be complete but for its schedule: 422 lists every problem with its path. 409 says what a ' +
      'person has to mend of a connection; 502 and 504 that a vendor cannot be reached, 503 that its limits are used up for now.',
    tag: 'Previews',
    role: 'operator',
    params: syncParams,
    body: previewBody,
    isBodyOptional: true,
    status: 202,
    answer: askedAnswer,
    refusals: [404, 409, 502, 503, 504],
    handle: (call, deps) => ask(deps, call),
  }),
  route({
    method: 'get',
    path: '/previews/:previewId',
    summary: 'Show a preview: figures, samples, problems by rule, duplicates, what a run costs',
    tag: 'Previews',
    role: 'viewer',
    params: previewParams,
    status: 200,
    answer: previewAnswer,
    refusals: [404],
    async handle(call, deps) {
      const preview = await existing(deps, call.params.previewId);
      // only then it has samples
      if (preview.state === 'completed')
        await noteLook(deps, call, { action: 'values.show', subject: subjectOf(preview) });
      return toPreview(deps, preview, call.caller.role);
    },
  }),
  route({
    method: 'get',
    path: '/previews/:previewId/records',
    summary: 'List what a run would do with each record, in source order',
    description: 'Values are masked for viewers.',
    tag: 'Previews',
    role: 'viewer',
    params: previewParams,
    query: plannedQuery,
    status: 200,
    answer: plannedPage,
    refusals: [404],
    async handle(call, deps) {
      const { params, query, caller } = call;
      const [after = null] = fromCursor(query.cursor, z.tuple([z.string()])) ?? [];
      const preview = await existing(deps, params.previewId);
      const { cursor: _, limit, ...filter } = query;
      const rows = await listPlanned(deps.database.db, preview, after, limit + 1, toFilter(filter));
      const linksOf = await recordLinksOf(deps, preview);
      await noteLook(deps, call, {
        action: 'values.show',
        subject: `${subjectOf(preview)}/records`,
        details: wanted(filter),
      });
      return page(
        rows,
        limit,
        (row) => toPlanned(preview, row, caller.role, linksOf),
        (row) => [row.sortKey],
      );
    },
  }),
  route({
    method: 'get',
    path: '/previews/:previewId/records.csv',
    summary: 'Download what a run would do with each record, in source order',
    description:
      'Values before and after are JSON. A cell that a spreadsheet would take for a formula begins with an apostrophe more than the value.',
    tag: 'Previews',
    role: 'viewer',
    params: previewParams,
    query: plannedFilter.extend(csvOptions),
    status: 200,
    answer: null,
    refusals: [404],
    stream: {
      type: 'text/csv',
      example:
        'sourceId,matchKey,action,reason,message,field,destinationId,before,after\r\n1042,jane.doe@example.com,update,,,,003…,"{""MailingCity"":""Linz""}","{""MailingCity"":""Wien""}"\r\n',
      async write(call, { open }, deps) {
        const { params, query, signal, caller } = call;
        const { bom, ...filter } = query;
        const preview = await existing(deps, params.previewId);
        await noteLook(deps, call, { action: 'values.download', subject: subjectOf(preview), details: wanted(filter) });
        const response = open().attachment(`preview-${preview.number}-records.csv`);
        const cells = (row: PlannedRow) => {
          const texts = toCells(row, caller.role);
          return COLUMNS.map((column) => texts[column]);
        };
        await sendRecords({ columns: COLUMNS, ...rowsOf(deps, preview, filter), cells }, response, { signal, bom });
      },
    },
  }),
  route({
    method: 'get',
    path: '/previews/:previewId/records.json',
    summary: 'Download what a run would do with each record as one list, in source order',
    description: 'Values are masked for viewers.',
    tag: 'Previews',
    role: 'viewer',
    params: previewParams,
    query: plannedFilter,
    status: 200,
    answer: null,
    refusals: [404],
    stream: {
      type: 'application/json',
      schema: plannedList,
      example: plannedList.meta()?.example,
      async write(call, { open }, deps) {
        const { params, query, signal, caller } = call;
        const preview = await existing(deps, params.previewId);
        await noteLook(deps, call, { action: 'values.download', subject: subjectOf(preview), details: wanted(query) });
        const linksOf = await recordLinksOf(deps, preview);
        const response = open().attachment(`preview-${preview.number}-records.json`);
        const toItem = (row: PlannedRow) => toPlanned(preview, row, caller.role, linksOf);
        await sendRecordsAsJson(rowsOf(deps, preview, query), toItem, response, signal);
      },
    },
  }),
  route({
    method: 'post',
    path: '/previews/:previewId/apply',
    summary: 'Activate a run that does exactly what a preview has planned, once and at once',
    description:
      'What would be written otherwise than planned, since the record or what the destination has of it has changed, is held back: it is skipped as ' +
      '`changedSincePreview`. 409 for a sample, for a sync that is active or was changed since the preview, and for what a person has to mend of a connection.',
    tag: 'Previews',
    role: 'operator',
    params: previewParams,
    status: 202,
    answer: controlAnswer,
    refusals: [404, 409, 422, 502, 503, 504],
    handle: (call, deps) => apply(deps, call),
  }),
  route({
    method: 'post',
    path: '/previews/:previewId/cancel',
    summary: 'End a preview',
    tag: 'Previews',
    role: 'operator',
    params: previewParams,
    status: 202,
    answer: previewAnswer,
    refusals: [404, 409],
    handle: (call, deps) => cancel(deps, call),
  }),
];
