import { type LoadBatch, markSettled, type PlannedRecord, planBatch } from '../db/queries/batches';
import { type Sql, saveCursor } from '../db/queries/executions';
import { appendOutcomes } from '../db/queries/ledger';
import { laterWrites, type UndoRow, unlearn } from '../db/queries/undo';
import type { RecordResult, WriteBatch } from '../src/connectors/connector';
import type { Existing } from '../src/domain/import-decision';
import { isDeletion, type Outcome, outcomeOf } from '../src/domain/outcome';
import { decideUndos, type Effect, effectOf, fieldsOfTrace, type UndoDecision } from '../src/domain/undo';
import { exhaustedText, MOST_ATTEMPTS } from './load-batch';
import { intoBatches } from './load-plan';
import { lookUp } from './look-up';
import type { ActivityDeps, Watch } from './run';
import { askAbout, type BatchEnd, demandAll, isToBeAskedAbout, lookLater, sendBatch } from './send-batch';
import type { Undo } from './undo';

/** What was decided of some records of the destination, before anything is stored or sent. */
interface Plan {
  outcomes: Outcome[];
  deletions: PlannedRecord[];
  restorations: PlannedRecord[];
}

/** A record of the destination that is to be as before, with the source records that it was written for. */
interface Unit {
  destinationId: string;
  effect: Effect;
  record: Member;
  others: Member[];
  mayBeApplied: boolean;
}
type Member = Pick<PlannedRecord, 'sortKey' | 'sourceId' | 'matchKey'>;

const membersOf = ({ record, others }: Pick<Unit, 'record' | 'others'>): Member[] => [record, ...others];

/** Looks at the records of a window as they are now, decides for each what is done, and stores that. @returns what is to be sent */
export async function planUndo(
  deps: ActivityDeps,
  undo: Undo,
  watch: Watch,
  window: readonly UndoRow[][],
  cursor: string,
): Promise<{ batches: LoadBatch[]; ended: number }> {
  const units: Unit[] = [];
  const plan: Plan = { outcomes: [], deletions: [], restorations: [] };
  for (const rows of window) {
    const [first, ...others] = rows as [UndoRow, ...UndoRow[]]; // each group has its first
    const { destinationId } = first;
    if (destinationId === null) plan.outcomes.push(outcomeOf(first, 'skipped', UNKNOWN_ID));
    else units.push({ destinationId, effect: effectOf(rows), record: first, others, mayBeApplied: false });
  }
  await decideUnits(deps, undo, watch, units, plan);
  const batches = await deps.sql.begin(async (tx) => {
    const stored = await storePlan(tx, undo, plan, { attempt: 1, at: deps.now() });
    await saveCursor(tx, undo.attempt, { load: { round: 1, cursor } });
    await appendOutcomes(tx, undo.attempt, plan.outcomes, { progress: plan.outcomes.length });
    return stored;
  });
  return { batches, ended: plan.outcomes.length };
}

const UNKNOWN_ID = {
  reason: 'unknownId',
  message:
    'It was created by a sending whose answer was lost, so its Id is not known. Look for it in the destination and delete it there.',
};

/** @param plan takes what is decided */
async function decideUnits(
  { sql }: Pick<ActivityDeps, 'sql'>,
  undo: Undo,
  watch: Pick<Watch, 'readSignal'>,
  units: readonly Unit[],
  plan: Plan,
): Promise<void> {
  const present = await presentOf(undo, watch, units);
  const { destinationObject: object, destination, origin } = undo;
  const undoable = units.map((unit) => ({ ...unit, sortKeys: membersOf(unit).map(({ sortKey }) => sortKey) }));
  const decisions = await decideUndos(undoable, present, object, destination.traceOfOthers(object), (open) =>
    laterWrites(sql, origin.executionId, open),
  );
  for (const [index, unit] of units.entries()) {
    const decision = decisions[index] as UndoDecision; // one for each
    if (decision.action === 'delete') plan.deletions.push(planned(unit, {}, unit.effect.written));
    else if (decision.action === 'restore') plan.restorations.push(planned(unit, decision.values, decision.written));
    else plan.outcomes.push(...endOf(unit, decision));
  }
}

/** The records as they are now, by their Ids. */
async function presentOf(
  undo: Undo,
  watch: Pick<Watch, 'readSignal'>,
  units: readonly Unit[],
): Promise<Map<string, Existing>> {
  const { destinationObject: object } = undo;
  const names = new Set(object.fields.map(({ name }) => name));
  const traced = units.some(({ effect }) => effect.wasCreated)
    ? fieldsOfTrace(undo.destination.traceOfOthers(object))
    : [];
  const written = units.flatMap(({ effect }) => Object.keys(effect.written));
  const fields = new Set([...written, ...traced].filter((name) => names.has(name)));
  const field = { name: object.idField, type: 'id', caseSensitive: true } as const;
  const keys = units.map(({ destinationId }) => destinationId);
  const found = await lookUp(undo, watch, { object, field, keys, fields: [...fields] });
  return new Map([...found.values()].flat().map((record) => [record.destinationId, record]));
}

const planned = (
  { record, others, destinationId, mayBeApplied, effect: { writtenUntil } }: Unit,
  values: Effect['before'],
  written: Effect['written'],
) => ({
  ...record,
  destinationId,
  key: null,
  values,
  previous: written,
  ...(others.length > 0 ? { others } : {}),
  ...(mayBeApplied ? { mayBeApplied } : {}),
  ...(writtenUntil === null ? {} : { writtenUntil }),
});

/** What nothing is sent for. That which is as before after a sending whose answer was lost is of our own doing. */
function endOf(unit: Unit, decision: Exclude<UndoDecision, { action: 'delete' | 'restore' }>): Outcome[] {
  const { destinationId, mayBeApplied, effect } = unit;
  const isOurs =
    mayBeApplied && (decision.action === 'unchanged' || (effect.wasCreated && decision.reason === 'deletedSince'));
  return membersOf(unit).map((member) => {
    if (isOurs)
      return outcomeOf(member, 'updated', { reason: effect.wasCreated ? 'deleted' : 'restored', destinationId });
    if (decision.action === 'unchanged') return outcomeOf(member, 'unchanged', { destinationId });
    const field = decision.reason === 'changedSince' ? decision.field : null;
    return outcomeOf(member, 'skipped', { reason: decision.reason, message: decision.message, field, destinationId });
  });
}

/** Stores what is to be sent as planned batches, within a transaction. */
async function storePlan(
  tx: Sql,
  undo: Undo,
  plan: Plan,
  { attempt, at }: { attempt: number; at: string },
): Promise<LoadBatch[]> {
  const batches: LoadBatch[] = [];
  for (const operation of ['delete', 'update'] as const) {
    const records = operation === 'delete' ? plan.deletions : plan.restorations;
    for (const some of intoBatches(records, operation, undo.destination.limits)) {
      batches.push(await planBatch(tx, undo.attempt, { operation, round: 1, records: some, attempt, at }));
    }
  }
  return batches;
}

const toWriteBatch = (undo: Undo, { batchId, operation, records, sentAt }: LoadBatch): WriteBatch => ({
  batchId,
  object: undo.destinationObject,
  operation,
  matchField: undo.destinationObject.idField,
  records: records.map(({ destinationId, key, values }) => ({ destinationId, key, values })),
  options: {
    assignmentRules: false,
    allowDuplicates: operation === 'update' && (undo.definition.salesforce?.allowDuplicates ?? false),
  },
  sentAt,
  arrivesUntil: null,
});

/**
 * Brings a batch to its end. One of an earlier attempt is looked at again first, since others may have been at work on its records
 * meanwhile.
 */
export async function finishUndoBatch(
  deps: ActivityDeps,
  undo: Undo,
  watch: Watch,
  batch: LoadBatch,
  { isFresh }: { isFresh: boolean },
): Promise<BatchEnd> {
  const request = toWriteBatch(undo, batch);
  if (isToBeAskedAbout(batch, watch)) {
    const answer = await askAbout(deps, undo, watch, batch, request, (asked) =>
      lookAtApplied(deps, undo, watch, asked),
    );
    if ('end' in answer) return answer.end;
    if ('results' in answer) return settle(deps, undo, answer.asked, answer.results);
    batch = answer.unsent;
  }
  if (!isFresh && !watch.shouldStop()) {
    return close(deps, undo, batch, await reviewed(deps, undo, watch, batch), batch.attempt);
  }
  return sendBatch(deps, undo, watch, batch, request, (results) => settle(deps, undo, batch, results));
}

/** Tells what became of a batch that will not be repeated: what is as before is our doing. */
async function lookAtApplied(deps: ActivityDeps, undo: Undo, watch: Watch, batch: LoadBatch): Promise<BatchEnd> {
  const plan = await reviewed(deps, undo, { readSignal: watch.writeSignal }, batch);
  const isOpen = plan.deletions.length + plan.restorations.length > 0;
  const later = isOpen ? await lookLater(deps, undo, batch) : null;
  return later ?? close(deps, undo, batch, { ...plan, deletions: [], restorations: [] }, batch.attempt);
}

/** Decides anew about the records of a batch, as they are now. */
async function reviewed(
  deps: Pick<ActivityDeps, 'sql'>,
  undo: Undo,
  watch: Pick<Watch, 'readSignal'>,
  batch: LoadBatch,
): Promise<Plan> {
  const wasSent = batch.sentAt !== null;
  const units = batch.records.map((record) => {
    const unit = unitOf(record, batch);
    return { ...unit, mayBeApplied: unit.mayBeApplied || wasSent };
  });
  const plan: Plan = { outcomes: [], deletions: [], restorations: [] };
  await decideUnits(deps, undo, watch, units, plan);
  return plan;
}

const unitOf = (record: PlannedRecord, { operation }: LoadBatch): Unit => {
  const {
    sortKey,
    sourceId,
    matchKey,
    destinationId,
    values,
    previous = {},
    others = [],
    mayBeApplied = false,
    writtenUntil = null,
  } = record;
  return {
    destinationId: destinationId ?? '',
    effect: { wasCreated: operation === 'delete', written: previous, before: values, writtenUntil },
    record: { sortKey, sourceId, matchKey },
    others,
    mayBeApplied,
  };
};

async function settle(
  deps: ActivityDeps,
  undo: Undo,
  batch: LoadBatch,
  results: readonly RecordResult[],
): Promise<BatchEnd> {
  demandAll(batch, results);
  const plan: Plan = { outcomes: [], deletions: [], restorations: [] };
  batch.records.forEach((record, index) => {
    const unit = unitOf(record, batch);
    const end = endBy(unit, batch, results[index] as RecordResult); // as many, see above
    if (end !== 'again') plan.outcomes.push(...end);
    else plan[batch.operation === 'delete' ? 'deletions' : 'restorations'].push(record);
  });
  const isCounted = results.some((result) => result.result === 'again' && !result.notSent);
  return close(deps, undo, batch, plan, batch.attempt + (isCounted ? 1 : 0));
}

/** What a result means for the ledger. */
function endBy(unit: Unit, batch: LoadBatch, result: RecordResult): Outcome[] | 'again' {
  const { destinationId } = unit;
  const failed = (reason: string, message: string, field: string | null = null) =>
    membersOf(unit).map((member) => outcomeOf(member, 'failed', { reason, message, field, destinationId }));
  switch (result.result) {
    case 'deleted':
    case 'updated':
      return membersOf(unit).map((member) =>
        outcomeOf(member, 'updated', { reason: result.result === 'deleted' ? 'deleted' : 'restored', destinationId }),
      );
    case 'notFound':
      return endOf(unit, { action: 'spare', reason: 'deletedSince', message: result.message });
    case 'again':
      return batch.attempt >= MOST_ATTEMPTS && !result.notSent
        ? failed(result.code, exhaustedText(result.message))
        : 'again';
    case 'failed':
      return failed(result.code, result.message, result.field);
    case 'inDoubt':
      return failed('inDoubt', result.message);
    case 'created':
    case 'exists':
      throw new Error('An undo creates nothing.');
  }
}

/** Closes a batch with what has ended, and plans anew what is still to be sent, all in one transaction. */
async function close(deps: ActivityDeps, undo: Undo, batch: LoadBatch, plan: Plan, attempt: number): Promise<BatchEnd> {
  const { outcomes } = plan;
  const follow = await deps.sql.begin(async (tx) => {
    await markSettled(tx, batch.batchId, deps.now());
    const stored = await storePlan(tx, undo, plan, { attempt, at: deps.now() });
    await unlearn(tx, undo.execution.syncId, undone(outcomes));
    await appendOutcomes(tx, undo.attempt, outcomes, { progress: outcomes.length });
    return stored;
  });
  return { follow, ended: outcomes.length, failed: outcomes.filter(({ outcome }) => outcome === 'failed').length };
}

const undone = (outcomes: readonly Outcome[]) =>
  outcomes
    .filter(({ outcome }) => outcome === 'updated')
    .map((outcome) => ({ sortKey: outcome.sortKey, isDeleted: isDeletion(outcome) }));
