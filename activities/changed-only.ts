import type { RunningExecution } from '../db/queries/executions';
import {
  dropUnchanged,
  forgetMissing,
  forgetRecords,
  type IndexOf,
  lastCompleteRun,
  rememberReading,
  setReading,
  signatureOf,
  toBeReadAgain,
} from '../db/queries/record-index';
import { type ExtractPart, type NewPart, saveParts } from '../db/queries/staging';
import type { ReadRequest } from '../src/connectors/connector';
import { canBeBuiltOn, decidingParts, type Reading, readingOf } from '../src/domain/changed-only';
import { filterColumns } from '../src/domain/filter';
import { isReadable } from '../src/domain/read-fields';
import { sortKey } from '../src/domain/source-order';
import type { ActivityDeps, Run, Watch } from './run';

/** Records that are read by their Ids at once; their Ids fit into one query of either system. */
export const IDS_OF_PART = 200;

export const indexOf = ({ execution, definition }: Pick<Run, 'execution' | 'definition'>): IndexOf => ({
  syncId: execution.syncId,
  rule: definition.deduplicate,
  key: execution.hashesKeys ? 'key_hash' : 'match_key',
});

/** Whether a run leaves an index behind, on which the next one builds. */
export const keepsIndex = ({ execution, definition }: Pick<Run, 'execution' | 'definition'>): boolean =>
  execution.purpose === 'run' && execution.applies === null && canBeBuiltOn(definition);

/**
 * Decides, before anything is read, whether a run reads everything or what changed, and stores that. What was deleted since leaves the
 * index, since no stamp tells of it; where the source cannot tell either, everything is read.
 * @returns whether that is something else than what the run was opened with
 */
export async function decideReading({ sql, keyHashes }: ActivityDeps, run: Run, watch: Watch): Promise<boolean> {
  const { definition, execution, attempt } = run;
  if (execution.purpose !== 'run' || execution.applies !== null || definition.records === 'all') return false;
  const signature = signatureOf(decidingParts(definition, run.timeZone), keyHashes.id);
  let reading = readingOf(definition, signature, await lastCompleteRun(sql, execution.syncId));
  if (reading.deletedSince !== null && !(await followDeletions({ sql }, run, watch, reading.deletedSince))) {
    reading = { changedSince: null, deletedSince: null, readsAllBecause: 'sourceCannotTell' };
  }
  await setReading(sql, attempt, { ...reading, signature: keepsIndex(run) ? signature : null });
  return reading.changedSince !== execution.changedSince;
}

/** Takes out of the index what was deleted. @returns false where the source cannot tell what changed and what was deleted */
async function followDeletions(
  { sql }: Pick<ActivityDeps, 'sql'>,
  run: Run,
  watch: Watch,
  since: NonNullable<Reading['deletedSince']>,
): Promise<boolean> {
  const { definition, execution, sourceObject: object, source } = run;
  const columns = definition.filter ? filterColumns(definition.filter) : [];
  // a column that is never read (Marketo's static list) selects others without a change of theirs
  if (object.updatedAtField === null || !columns.every((column) => isReadable(object, column))) return false;
  const deleted = await source.deletedIds({ object, since, until: execution.asOf }, watch.readSignal);
  if (!deleted) return false;
  await forgetRecords(
    sql,
    { ...indexOf(run), key: 'key_hash' },
    deleted.map((id) => sortKey(object.idOrder, id)),
  );
  return true;
}

/** What a part reads: its own records by their Ids, or what the execution reads. */
export const requestOf = ({ readRequest }: Run, { sourceIds }: Pick<ExtractPart, 'sourceIds'>): ReadRequest =>
  sourceIds === null
    ? readRequest
    : {
        ...readRequest,
        changedSince: null,
        filter: { column: readRequest.object.idField, operator: 'in', value: sourceIds },
      };

/**
 * When everything that changed has been read: drops what has not changed after all, and plans to read by their Ids those that have to be
 * looked at although they did not change. Planned once; done again, it finds the same.
 */
export async function planReadAgain(
  { sql }: ActivityDeps,
  run: Run,
  watch: Watch,
  parts: readonly ExtractPart[],
): Promise<void> {
  const index = indexOf(run);
  await dropUnchanged(sql, run.attempt, index);
  const mayLeave = run.definition.filter !== undefined;
  const ids = await toBeReadAgain(sql, run.attempt, index, { mayLeave });
  const planned: NewPart[] = [];
  for (let from = 0; from < ids.length; from += IDS_OF_PART) {
    const sourceIds = ids.slice(from, from + IDS_OF_PART);
    for (const cursor of await run.source.planRead(requestOf(run, { sourceIds }), watch.readSignal)) {
      planned.push({ part: parts.length + planned.length, cursor, sourceIds });
    }
  }
  if (planned.length > 0) await saveParts(sql, run.attempt, planned);
}

/** What was asked for by its Id and did not come is there no more. */
export async function forgetWhatDidNotCome(
  { sql }: ActivityDeps,
  run: Run,
  parts: readonly ExtractPart[],
): Promise<void> {
  const asked = parts.flatMap(({ sourceIds }) => sourceIds ?? []);
  await forgetMissing(
    sql,
    run.attempt,
    indexOf(run),
    asked.map((id) => sortKey(run.sourceObject.idOrder, id)),
  );
}

/** At the end of a run that has read everything it wanted: what the next one builds on. */
export async function rememberWhatWasRead(
  deps: ActivityDeps,
  { execution, epoch }: { execution: RunningExecution; epoch: number },
): Promise<void> {
  if (execution.readingSignature === null) return;
  const definition = await deps.definitionOf(execution.syncId, execution.version);
  // a retry reads some records by their Ids, and knows nothing of the others
  const wasChangedOnly = execution.changedSince !== null || execution.trigger === 'retry';
  await rememberReading(deps.sql, { ...execution, epoch }, indexOf({ execution, definition }), { wasChangedOnly });
}
