import type { z } from 'zod';
import { connectionNames } from '../../../db/queries/connections';
import type { ExecutionRow } from '../../../db/queries/executions-read';
import { dueBeside, dueRecords, failedAmong, saveCorrections, wasUndone } from '../../../db/queries/failed-records';
import { giveUp, lockSync, openFollowUp, undoneBy } from '../../../db/queries/follow-ups';
import { findSync, loadDefinition } from '../../../db/queries/syncs';
import { isExecuting, isRunAsked } from '../../../db/queries/wishes';
import { asRun, type Definition, definition as definitionSchema } from '../../domain/definition';
import { isFollowUp } from '../../domain/outcome';
import { fieldsReadBy } from '../../domain/read-fields';
import { LIVE_STATUSES } from '../../domain/sync-status';
import { routeOf } from '../../engine/route';
import { type Correction, MOST_NAMED, placeOf, readCorrections } from '../corrections';
import { demandComplete } from '../definition-check';
import type { ApiDeps } from '../deps';
import { toExecution } from '../execution-answer';
import { Problem } from '../problem';
import { type Answer, type Call, route } from '../route';
import { EXECUTION, type ExecutionAnswer, executionAnswer, executionParams } from '../schemas/executions';
import { giveUpAnswer, giveUpBody, retryBody, type UndoForetold, undoBody, undoForetold } from '../schemas/follow-ups';
import { describeBoth } from '../source-values';
import { foretellUndo } from '../undo-preview';
import { existing } from './executions';
import { withoutTime } from './previews';
import { existingSync } from './sync-controls';

type UndoCall = Call<{ executionId: string }, undefined, z.output<typeof undoBody>>;

/** Undoes an execution, or tells what that would do. */
async function undo(
  deps: ApiDeps,
  { params, body, change, signal }: UndoCall,
): Promise<ExecutionAnswer | Answer<UndoForetold>> {
  const origin = await existing(deps, params.executionId);
  demandUndoable(origin);
  if (body.preview) {
    await demandNotUndone(deps.database.db, origin);
    const { destination } = definitionSchema.parse(
      asRun(await loadDefinition(deps.database.db, origin.syncId, origin.version)),
    );
    return { status: 200, body: await foretellUndo(deps, origin, destination, signal) };
  }
  const row = await change(async (tx, note) => {
    await lockSync(tx, origin.syncId);
    await demandNotUndone(tx, origin);
    await demandIdle(tx, origin.syncId);
    const { version } = origin;
    const wanted = { reasons: null, field: null, sourceIds: null };
    const opened = await openFollowUp(tx, { origin, trigger: 'undo', version, wanted, now: deps.now() });
    await note('execution.undo', `execution/${origin.executionId}`, { number: origin.number, by: opened.number });
    return toExecution(deps, opened);
  });
  await start(deps, row);
  return row;
}

/** @throws Problem 409 */
function demandUndoable({ state, trigger, created, updated, valuesGoneAt }: ExecutionRow): void {
  if (state === 'running') throw new Problem(409, 'The execution still runs. Cancel it, or wait for its end.');
  if (trigger === 'undo') throw new Problem(409, 'It is an undo itself. Run the sync again to load its records again.');
  if (created + updated === 0) throw new Problem(409, 'The execution has created and updated nothing.');
  if (valuesGoneAt !== null) {
    throw new Problem(409, 'What was there before the execution is kept no longer (SYNC_RETENTION_DAYS).');
  }
}

async function demandNotUndone(tx: ApiDeps['database']['db'], { executionId }: ExecutionRow): Promise<void> {
  const number = await undoneBy(tx, executionId);
  if (number !== null) throw new Problem(409, `Execution ${number} undoes it, or has undone it.`);
}

/** @throws Problem 409 while something else of the sync runs, or is about to */
async function demandIdle(tx: ApiDeps['database']['db'], syncId: string): Promise<void> {
  if (await isExecuting(tx, syncId)) {
    throw new Problem(409, 'Another execution of the sync is running. Try again when it has ended.');
  }
  const sync = await findSync(tx, syncId);
  const isLive = sync !== null && LIVE_STATUSES.includes(sync.status);
  const isDue = isLive && sync.definition.schedule?.type !== 'interval';
  if (isDue || (await isRunAsked(tx, syncId))) {
    throw new Problem(
      409,
      'The sync is about to run, or does so when it is resumed. Cancel it first, or wait until it has run.',
    );
  }
}

type RetryCall = Call<{ executionId: string }, undefined, z.output<typeof retryBody>>;

/** Tries failed records of an execution again, by the definition of today. */
async function retry(deps: ApiDeps, { params, body, csv, change, signal }: RetryCall): Promise<ExecutionAnswer> {
  const origin = await existing(deps, params.executionId);
  demandRetryable(origin);
  const { version, definition } = await existingSync(deps, origin.syncId);
  const { definition: complete } = await demandComplete(deps, withoutTime(definition), signal);
  const corrections = csv === null ? [] : await correctionsIn(deps, csv, complete, signal);
  const named = csv === null ? namedIn(body.sourceIds ?? []) : corrections.map(inFile);
  await demandFailed(deps, origin, named);
  const isChosen = csv !== null || body.sourceIds !== undefined;
  const { reasons = null, field = null } = body;
  const wanted = { reasons, field, sourceIds: isChosen ? named.map(({ sourceId }) => sourceId) : null };
  if ((await dueRecords(deps.database.sql, origin.executionId, wanted, null, 1)).length === 0) {
    throw new Problem(409, await whyNoneIsDue(deps, origin));
  }
  const row = await change(async (tx, note) => {
    await lockSync(tx, origin.syncId);
    await demandIdle(tx, origin.syncId);
    const opened = await openFollowUp(tx, { origin, trigger: 'retry', version, wanted, now: deps.now() });
    await saveCorrections(tx, opened.executionId, corrections);
    await note('execution.retryFailed', `execution/${origin.executionId}`, {
      number: origin.number,
      by: opened.number,
    });
    return toExecution(deps, opened);
  });
  await start(deps, row);
  return row;
}

/** @throws Problem 409 */
function demandRetryable({ state, trigger, failed }: ExecutionRow): void {
  if (state === 'running') throw new Problem(409, 'The execution still runs. Cancel it, or wait for its end.');
  if (trigger === 'undo') throw new Problem(409, 'It is an undo. Undo the execution again, to try what has failed.');
  if (failed === 0) throw new Problem(409, 'No record of the execution has failed.');
}

async function whyNoneIsDue({ database }: ApiDeps, { executionId }: ExecutionRow): Promise<string> {
  return (await wasUndone(database.sql, executionId))
    ? 'The run was undone. What failed in it comes with the next run of the sync, like its other records.'
    : 'No such record is still due: what failed has been loaded since, or given up.';
}

/** Reads a file of corrected records. @throws Problem see `readCorrections` */
async function correctionsIn(
  deps: ApiDeps,
  csv: string,
  definition: Definition,
  signal: AbortSignal,
): Promise<Correction[]> {
  const [source, destination] = await describeBoth(deps, definition, signal);
  const names = new Set(fieldsReadBy(definition, source, destination));
  const fields = source.fields.filter(({ name }) => names.has(name));
  return readCorrections(csv, fields, { timeZone: definition.schedule.timeZone ?? deps.settings.timeZone });
}

/** A record that a person has chosen, and where. */
interface NamedRecord {
  sourceId: string;
  path: string;
}

const namedIn = (sourceIds: readonly string[]): NamedRecord[] =>
  sourceIds.map((sourceId, index) => ({ sourceId, path: `sourceIds[${index}]` }));
const inFile = ({ sourceId, line }: Correction): NamedRecord => ({ sourceId, path: placeOf(line, 'sourceId') });

/** @throws Problem 422 that names the records that have not failed in the execution */
async function demandFailed(
  deps: ApiDeps,
  { executionId }: ExecutionRow,
  records: readonly NamedRecord[],
): Promise<void> {
  const sourceIds = records.map(({ sourceId }) => sourceId);
  const failed = await failedAmong(deps.database.sql, executionId, sourceIds);
  const errors = records.flatMap(({ sourceId, path }) =>
    failed.has(sourceId) ? [] : [{ path, message: `No record ${sourceId} has failed in this execution.` }],
  );
  if (errors.length > 0) throw new Problem(422, 'Only failed records can be named.', errors.slice(0, MOST_NAMED));
}

type GiveUpCall = Call<{ executionId: string }, undefined, z.output<typeof giveUpBody>>;

/** Gives up failed records. */
async function giveUpRecords(deps: ApiDeps, { params, body, change, caller }: GiveUpCall) {
  const origin = await existing(deps, params.executionId);
  demandRetryable(origin);
  const { reasons = null, field = null, sourceIds = null } = body;
  await demandFailed(deps, origin, namedIn(sourceIds ?? []));
  const named = { reasons, field, sourceIds };
  const due = await dueBeside(deps.database.sql, origin.executionId, named);
  return change(async (tx, note) => {
    const givenUp = await giveUp(tx, origin, named, caller.name);
    await note('execution.giveUp', `execution/${origin.executionId}`, { number: origin.number, records: givenUp });
    return { givenUp, due };
  });
}

/** Starts the workflow of an execution that has been opened. */
async function start(deps: ApiDeps, { id, syncId, number, version, trigger }: ExecutionAnswer): Promise<void> {
  if (!isFollowUp(trigger)) return;
  try {
    const definition = definitionSchema.parse(asRun(await loadDefinition(deps.database.db, syncId, version)));
    const followUp = { executionId: id, syncId, number, trigger, name: definition.name };
    await deps.engine.startFollowUp({
      ...followUp,
      route: await routeOf(definition, connectionNames(deps.database.db)),
    });
  } catch (error) {
    // it is open; a worker starts the workflow as soon as Temporal can be reached
    deps.log.warn({ err: error, executionId: id }, 'the workflow of an execution could not be started now');
  }
}

export const followUpRoutes = [
  route({
    method: 'post',
    path: '/executions/:executionId/retry-failed',
    summary:
      'Try failed records of an execution again: all of them, those that failed for some reasons or because of a field, or chosen ones',
    description:
      'An execution of its own reads them again by their Ids, and takes them the way of any run, by the definition of today. What has been ' +
      'loaded since, or given up, is not tried again; what is in doubt and has no key only when it is chosen. Records that the source has not ' +
      'any more are skipped as `deletedInSource`. In place of choosing records, send a corrected file as `text/csv` (UTF-8), as ' +
      '`records.csv?outcome=failed&values=source` gives it: the records of its rows are tried with the values of its columns such as ' +
      '`source.lastName` in place of those that the source has; an empty cell is a blank, and what has no column is read from the source. ' +
      '409 where nothing is due (also once the run was undone), and while an execution of the sync runs; 422 names records that have not failed, and line and column of ' +
      'what is wrong in a file.',
    tag: 'Executions',
    role: 'operator',
    params: executionParams,
    body: retryBody,
    isBodyOptional: true,
    csvExample: 'sourceId,source.email,source.lastName\r\n1042,jane.doe@example.com,Doe\r\n',
    status: 202,
    answer: executionAnswer,
    refusals: [404, 409, 422, 502, 503, 504],
    handle: (call, deps) => retry(deps, call),
  }),
  route({
    method: 'post',
    path: '/executions/:executionId/give-up',
    summary: 'Give up failed records, named or by reason: they are not tried again',
    description: 'Records that are given up already stay so. 422 names records that have not failed in the execution.',
    tag: 'Executions',
    role: 'operator',
    params: executionParams,
    body: giveUpBody,
    status: 200,
    answer: giveUpAnswer,
    refusals: [404, 409, 422],
    handle: (call, deps) => giveUpRecords(deps, call),
  }),
  route({
    method: 'post',
    path: '/executions/:executionId/undo',
    summary: 'Undo an execution, or tell what that would do',
    description:
      'An execution of its own deletes what was created and gives what was updated its values back, but only where the destination still has ' +
      'the values that were written: what somebody has changed or deleted since is left alone, and listed as skipped with the reason ' +
      '`changedSince` or `deletedSince`. Records dealt with are listed as updated, with the reason `deleted` or `restored`. With ' +
      '`{"preview": true}` the answer has status 200 and tells, from the first 10,000 records, what would be done. 409 while an execution of ' +
      'the sync runs, for what has been undone or has written nothing, and where what was there before is kept no longer.',
    tag: 'Executions',
    role: 'operator',
    params: executionParams,
    body: undoBody,
    isBodyOptional: true,
    status: 202,
    answer: executionAnswer.or(undoForetold).meta({ example: EXECUTION }),
    refusals: [404, 409, 502, 503, 504],
    handle: (call, deps) => undo(deps, call),
  }),
];
