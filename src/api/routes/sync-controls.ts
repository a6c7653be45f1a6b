import { noteAudit } from '../../../db/queries/audit';
import { findConnection } from '../../../db/queries/connections';
import { activateSync, changeStatus, findSync, type SyncRow } from '../../../db/queries/syncs';
import { noteWish, wishToStop } from '../../../db/queries/wishes';
import { syncWorkflowId } from '../../../workflows/messages';
import { ConnectorError } from '../../connectors/connector-error';
import { checkDefinition } from '../../domain/check-definition';
import { type Definition, definition as definitionSchema } from '../../domain/definition';
import { describeSchedule } from '../../domain/schedule';
import { SYNC_TRANSITIONS, type SyncControl, whyNot } from '../../domain/sync-status';
import { routeOf } from '../../engine/route';
import type { ApiDeps } from '../deps';
import { syncLinks } from '../links';
import { invalidInput, notFound, Problem } from '../problem';
import { type Caller, route } from '../route';
import { controlAnswer, syncParams } from '../schemas/syncs';

export const existingSync = async (deps: Pick<ApiDeps, 'database'>, syncId: string): Promise<SyncRow> => {
  const row = await findSync(deps.database.db, syncId);
  if (!row) throw notFound('sync');
  return row;
};

/**
 * Checks a whole definition against the systems that it names.
 * @throws Problem 422 with every problem and its path
 */
export async function complete(deps: ApiDeps, given: unknown, signal: AbortSignal): Promise<Definition> {
  const parsed = definitionSchema.safeParse(given);
  if (!parsed.success) throw invalidInput(parsed.error);
  const definition = parsed.data;
  const missing = [];
  for (const end of ['source', 'destination'] as const) {
    const row = await findConnection(deps.database.db, definition[end].connectionId);
    if (!row) missing.push({ path: `${end}.connectionId`, message: 'There is no such connection.' });
  }
  if (missing.length > 0) throw new Problem(422, 'The definition names a connection that is not there.', missing);
  const [source, destination] = await Promise.all([
    describe(deps, definition, 'source', signal),
    describe(deps, definition, 'destination', signal),
  ]);
  const problems = checkDefinition(definition, source, destination, {
    now: deps.now(),
    defaultTimeZone: deps.settings.timeZone,
  });
  if (problems.length > 0)
    throw new Problem(422, 'The definition cannot run as it is; each problem is named.', problems);
  return definition;
}

async function describe(deps: ApiDeps, definition: Definition, end: 'source' | 'destination', signal: AbortSignal) {
  const { connectionId, object } = definition[end];
  try {
    return await (await deps.connect(connectionId)).describe(object, signal);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    const path = error.code === 'UNKNOWN_OBJECT' ? `${end}.object` : `${end}.connectionId`;
    throw new Problem(422, 'The definition cannot be checked against its systems.', [{ path, message: error.message }]);
  }
}

const control = (deps: ApiDeps, syncId: string, status: SyncRow['status']) => ({
  id: syncId,
  status,
  workflowId: syncWorkflowId(syncId),
  links: { self: syncLinks(deps, syncId).self, temporal: syncLinks(deps, syncId).temporal },
});

async function activate(deps: ApiDeps, syncId: string, caller: Caller, signal: AbortSignal) {
  const row = await existingSync(deps, syncId);
  const { from } = SYNC_TRANSITIONS.activate;
  if (!(from as readonly string[]).includes(row.status)) throw new Problem(409, whyNot('activate', row.status));
  const definition = await complete(deps, row.definition, signal);
  const activation = await deps.database.db.transaction(async (tx) => {
    const number = await activateSync(tx, syncId, from, deps.now());
    if (number === null) throw new Problem(409, 'The sync was activated by another call meanwhile.');
    const details = { version: row.version };
    await noteAudit(tx, { who: caller.name, action: 'sync.activate', subject: `sync/${syncId}`, details });
    return number;
  });
  const nameOf = async (connectionId: string) => (await findConnection(deps.database.db, connectionId))?.name ?? '?';
  const route = await routeOf(definition, nameOf);
  const scheduleInWords = describeSchedule(definition.schedule, deps.settings.timeZone);
  try {
    await deps.engine.startSync({ syncId, activation, name: definition.name, route, scheduleInWords });
  } catch (error) {
    // it is active; a worker starts the workflow as soon as Temporal can be reached
    deps.log.warn({ err: error, syncId }, 'the workflow could not be started now');
  }
  return control(deps, syncId, 'active');
}

const STOPS = { pause: 'pause', resume: null, cancel: 'cancel' } as const;

/** Notes a wish and changes the status in one transaction; a worker delivers the wish to the workflow. */
async function ask(deps: ApiDeps, syncId: string, kind: Exclude<SyncControl, 'activate'>, caller: Caller) {
  const row = await existingSync(deps, syncId);
  const { from, to } = SYNC_TRANSITIONS[kind];
  await deps.database.db.transaction(async (tx) => {
    if (!(await changeStatus(tx, syncId, from, to, deps.now()))) {
      const now = await findSync(tx, syncId);
      throw new Problem(409, whyNot(kind, now?.status ?? row.status));
    }
    if (kind !== 'runNow') await wishToStop(tx, syncId, STOPS[kind]);
    await noteWish(tx, { syncId, kind, askedBy: caller.name });
    await noteAudit(tx, { who: caller.name, action: `sync.${kind}`, subject: `sync/${syncId}` });
  });
  return control(deps, syncId, to);
}

const controlRoute = (path: string, kind: Exclude<SyncControl, 'activate'>, summary: string) =>
  route({
    method: 'post',
    path: `/syncs/:syncId/${path}`,
    summary,
    tag: 'Syncs',
    role: 'operator',
    params: syncParams,
    status: 202,
    answer: controlAnswer,
    refusals: [404, 409],
    handle: ({ params, caller }, deps) => ask(deps, params.syncId, kind, caller),
  });

export const syncControlRoutes = [
  route({
    method: 'post',
    path: '/syncs/:syncId/activate',
    summary: 'Activate a sync: check the whole definition, and start its workflow',
    tag: 'Syncs',
    role: 'operator',
    params: syncParams,
    status: 202,
    answer: controlAnswer,
    refusals: [404, 409],
    handle: ({ params, caller, signal }, deps) => activate(deps, params.syncId, caller, signal),
  }),
  controlRoute('pause', 'pause', 'Pause a sync; what runs stops between two batches'),
  controlRoute('resume', 'resume', 'Resume a sync that is paused or waits for a person'),
  controlRoute('run-now', 'runNow', 'Run an active sync once now; its schedule stays'),
  controlRoute('cancel', 'cancel', 'Cancel a sync; what was loaded stays, records not reached are skipped'),
];
