import { z } from 'zod';
import { connectionNames } from '../../../db/queries/connections';
import { letSignInAgain } from '../../../db/queries/sign-ins';
import { activateSync, changeStatus, findSync, type SyncRow } from '../../../db/queries/syncs';
import { forgetUsedFields, noteUsedFields } from '../../../db/queries/used-fields';
import {
  isEnding,
  isExecuting,
  isRunAsked,
  listWishes,
  noteWish,
  type WishRow,
  wishToStop,
} from '../../../db/queries/wishes';
import { syncWorkflowId } from '../../../workflows/messages';
import type { Definition } from '../../domain/definition';
import { describeSchedule } from '../../domain/schedule';
import { SYNC_TRANSITIONS, type SyncControl, whyNot } from '../../domain/sync-status';
import { routeOf } from '../../engine/route';
import { type Checked, demandComplete } from '../definition-check';
import type { ApiDeps } from '../deps';
import { syncLinks } from '../links';
import { fromCursor, page } from '../paging';
import { notFound, Problem } from '../problem';
import { type Call, route } from '../route';
import { pageQuery } from '../schemas/page';
import { controlAnswer, syncParams, wishPage } from '../schemas/syncs';

type SyncCall = Call<{ syncId: string }, undefined, undefined>;

export const existingSync = async (deps: Pick<ApiDeps, 'database'>, syncId: string): Promise<SyncRow> => {
  const row = await findSync(deps.database.db, syncId);
  if (!row) throw notFound('sync');
  return row;
};

const control = (deps: ApiDeps, syncId: string, status: SyncRow['status']) => ({
  id: syncId,
  status,
  workflowId: syncWorkflowId(syncId),
  links: { self: syncLinks(deps, syncId).self, temporal: syncLinks(deps, syncId).temporal },
});

async function activate(deps: ApiDeps, syncId: string, { change, signal }: Pick<SyncCall, 'change' | 'signal'>) {
  const row = await existingSync(deps, syncId);
  demandActivatable(row);
  await letSignInAgain(deps.database.sql, syncId);
  const checked = await demandComplete(deps, row.definition, signal);
  return activateAs(deps, row, checked, { change, applies: null });
}

const { from } = SYNC_TRANSITIONS.activate;

/** @throws Problem 409 */
export function demandActivatable({ status }: Pick<SyncRow, 'status'>): void {
  if (!(from as readonly string[]).includes(status)) throw new Problem(409, whyNot('activate', status));
}

/**
 * Activates a sync whose definition has been checked, and starts its workflow.
 * @param checked the definition as it is to run
 * @param how.applies the preview whose plan is carried out; null where the sync goes by its schedule
 */
export async function activateAs(
  deps: ApiDeps,
  { syncId, version }: Pick<SyncRow, 'syncId' | 'version'>,
  checked: Checked,
  { change, applies }: Pick<SyncCall, 'change'> & { applies: string | null },
) {
  let activation = 0;
  const answer = await change(async (tx, note) => {
    if (await isEnding(tx, syncId)) throw stillEnding();
    const number = await activateSync(tx, syncId, { version, applies }, from, deps.now());
    if (number === null) throw new Problem(409, 'Someone else has activated or changed the sync meanwhile.');
    await noteUsedFields(tx, { syncId, version }, checked.usedFields);
    await note('sync.activate', `sync/${syncId}`, { version, ...(applies ? { applies } : {}) });
    activation = number;
    return control(deps, syncId, 'active');
  });
  await start(deps, { syncId, activation }, checked.definition);
  return answer;
}

/** Starts the workflow of a sync that has been made active. */
async function start(
  deps: ApiDeps,
  { syncId, activation }: { syncId: string; activation: number },
  definition: Definition,
): Promise<void> {
  try {
    const route = await routeOf(definition, connectionNames(deps.database.db));
    const scheduleInWords = describeSchedule(definition.schedule, deps.settings.timeZone);
    await deps.engine.startSync({ syncId, activation, name: definition.name, route, scheduleInWords });
  } catch (error) {
    // it is active; a worker starts the workflow as soon as Temporal can be reached
    deps.log.warn({ err: error, syncId }, 'the workflow could not be started now');
  }
}

/** Why a sync is left alone whose status already says that it is over. */
export const stillEnding = (): Problem =>
  new Problem(409, 'Its last execution is still ending. Try again in a moment.');

/** Notes a wish and changes the status in one transaction; a worker delivers the wish to the workflow. */
async function ask(
  deps: ApiDeps,
  syncId: string,
  kind: Exclude<SyncControl, 'activate'>,
  { change, caller }: Pick<SyncCall, 'change' | 'caller'>,
) {
  const row = await existingSync(deps, syncId);
  const { from, to } = SYNC_TRANSITIONS[kind];
  return change(async (tx, note) => {
    if (!(await changeStatus(tx, syncId, from, to, deps.now()))) {
      const now = await findSync(tx, syncId);
      throw new Problem(409, whyNot(kind, now?.status ?? row.status));
    }
    if (kind !== 'runNow') await wishToStop(tx, syncId, kind);
    else if (await isExecuting(tx, syncId)) throw new Problem(409, 'The sync is running already.');
    else if (await isRunAsked(tx, syncId))
      throw new Problem(409, 'A run has been asked for already, and is about to begin.');
    if (kind === 'resume' && row.status === 'needsAttention') await forgetUsedFields(tx, syncId);
    await noteWish(tx, { syncId, kind, askedBy: caller.name });
    await note(`sync.${kind}`, `sync/${syncId}`);
    return control(deps, syncId, to);
  });
}

const controlRoute = (path: string, kind: Exclude<SyncControl, 'activate'>, summary: string) =>
  route({
    method: 'post',
    path: `/syncs/:syncId/${path}`,
    summary,
    description: 'Answered as soon as the wish is noted; it takes effect as soon as a worker runs.',
    tag: 'Syncs',
    role: 'operator',
    params: syncParams,
    status: 202,
    answer: controlAnswer,
    refusals: [404, 409],
    handle: (call, deps) => ask(deps, call.params.syncId, kind, call),
  });

const toWish = ({ wishId, kind, isToCome, refusal, askedAt, askedBy, executionId }: WishRow) => ({
  id: wishId,
  kind,
  state: refusal === null ? (isToCome ? ('waiting' as const) : ('taken' as const)) : ('refused' as const),
  why: refusal,
  askedAt,
  askedBy,
  executionId,
});

export const syncControlRoutes = [
  route({
    method: 'post',
    path: '/syncs/:syncId/activate',
    summary: 'Activate a sync: check the whole definition, and start its workflow',
    description:
      '422 lists every problem of the definition with its path. 409 says why the status forbids it, or what a person has to mend of a ' +
      'connection (its credentials); 502 and 504 that a vendor cannot be reached, 503 that its limits are used up for now.',
    tag: 'Syncs',
    role: 'operator',
    params: syncParams,
    status: 202,
    answer: controlAnswer,
    refusals: [404, 409, 422, 502, 503, 504],
    handle: (call, deps) => activate(deps, call.params.syncId, call),
  }),
  controlRoute('pause', 'pause', 'Pause a sync; what runs stops between two batches'),
  controlRoute('resume', 'resume', 'Resume a sync that is paused or waits for a person'),
  controlRoute('run-now', 'runNow', 'Run an active sync once now; its schedule stays'),
  controlRoute('cancel', 'cancel', 'Cancel a sync; what was loaded stays, records not reached are skipped'),
  route({
    method: 'get',
    path: '/syncs/:syncId/wishes',
    summary: 'List what was asked of a sync (pause, resume, a run …) and what became of it, the newest first',
    tag: 'Syncs',
    role: 'viewer',
    params: syncParams,
    query: pageQuery,
    status: 200,
    answer: wishPage,
    refusals: [404],
    async handle({ params: { syncId }, query }, deps) {
      await existingSync(deps, syncId);
      const position = fromCursor(query.cursor, z.tuple([z.iso.datetime(), z.uuid()]));
      const before = position && { askedAt: position[0], wishId: position[1] };
      const rows = await listWishes(deps.database.db, syncId, before, query.limit + 1);
      return page(rows, query.limit, toWish, ({ askedAt, wishId }) => [askedAt, wishId]);
    },
  }),
];
