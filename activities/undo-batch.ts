import { type LoadBatch, markSettled } from '../db/queries/batches';
import type { RecordResult, WriteBatch } from '../src/connectors/connector';
import { type Outcome, outcomeOf } from '../src/domain/outcome';
import { exhaustedText, MOST_ATTEMPTS, mayHoldRow } from './load-batch';
import type { Turns } from './planning-turn';
import type { ActivityDeps, Watch } from './run';
import { askAbout, type BatchEnd, demandAll, isToBeAskedAbout, lookLater, sendBatch } from './send-batch';
import type { Undo } from './undo';
import {
  decideUnits,
  endOf,
  endUndone,
  membersOf,
  noPlan,
  type Plan,
  type PutOff,
  planUndoAnew,
  storePlan,
  type Unit,
  unitOf,
  unitsOf,
} from './undo-plan';

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

/** What became of a batch of an undo. */
export interface UndoBatchEnd extends BatchEnd {
  /** When its records were looked at, where it has been decided about anew. */
  lookedMs?: number;
  /** What of it waits for others. */
  putOff?: PutOff | null;
}

/**
 * Brings a batch to its end. One that was planned long ago, or by an earlier attempt, is decided about anew first, since others may have been
 * at work on its records meanwhile.
 */
export async function finishUndoBatch(
  deps: ActivityDeps,
  undo: Undo,
  watch: Watch,
  batch: LoadBatch,
  { isFresh, turns }: { isFresh: boolean; turns: Turns },
): Promise<UndoBatchEnd> {
  const request = toWriteBatch(undo, batch);
  if (isToBeAskedAbout(batch, watch)) {
    const answer = await askAbout(deps, undo, watch, batch, request, (asked) =>
      lookAtApplied(deps, undo, watch, asked),
    );
    if ('end' in answer) return answer.end;
    if ('results' in answer)
      return settle(deps, undo, answer.asked, answer.results, { sentAt: deps.now(), earlier: NEVER_SENT });
    batch = answer.unsent;
  }
  const planned = isFresh || watch.shouldStop() ? null : await planUndoAnew(deps, undo, watch, turns, batch);
  if (planned) {
    const { batches: follow, outcomes, putOff, lookedMs } = planned;
    return { ...endBy(outcomes), follow, putOff, lookedMs };
  }
  const sentAt = deps.now();
  return sendBatch(deps, undo, watch, batch, request, (results) =>
    settle(deps, undo, batch, results, { sentAt, earlier: batch }),
  );
}

const endBy = (outcomes: readonly Outcome[]): Pick<BatchEnd, 'ended' | 'failed'> => ({
  ended: outcomes.length,
  failed: outcomes.filter(({ outcome }) => outcome === 'failed').length,
});

/** Tells what became of a batch that will not be repeated: what is as before is our doing. */
async function lookAtApplied(deps: ActivityDeps, undo: Undo, watch: Watch, batch: LoadBatch): Promise<BatchEnd> {
  const plan = await decideUnits(deps, undo, { readSignal: watch.writeSignal }, unitsOf(batch));
  const isOpen = plan.deletions.length + plan.restorations.length > 0;
  const later = isOpen ? await lookLater(deps, undo, batch) : null;
  return later ?? close(deps, undo, batch, { ...noPlan(), outcomes: plan.outcomes }, batch.attempt);
}

const NEVER_SENT = { sentAt: null, arrivesUntil: null } as const;

/**
 * @param how.sentAt when it was sent this time, ISO 8601 UTC
 * @param how.earlier what is known of a sending before that, which may take effect yet
 */
async function settle(
  deps: ActivityDeps,
  undo: Undo,
  batch: LoadBatch,
  results: readonly RecordResult[],
  how: { sentAt: string; earlier: Pick<LoadBatch, 'sentAt' | 'arrivesUntil'> },
): Promise<BatchEnd> {
  demandAll(batch, results);
  const plan = noPlan();
  batch.records.forEach((record, index) => {
    const unit = unitOf(record, batch);
    const end = endOfRecord(unit, batch, results[index] as RecordResult, how.sentAt); // as many, see above
    if (end !== 'again') plan.outcomes.push(...end);
    else plan[batch.operation === 'delete' ? 'deletions' : 'restorations'].push(record);
  });
  const isCounted = results.some((result) => result.result === 'again' && !result.notSent);
  return close(deps, undo, batch, plan, batch.attempt + (isCounted ? 1 : 0), how.earlier);
}

/** What a result means for the ledger. */
function endOfRecord(unit: Unit, batch: LoadBatch, result: RecordResult, sentAt: string): Outcome[] | 'again' {
  const { destinationId } = unit;
  const isExhausted = batch.attempt >= MOST_ATTEMPTS && !mayHoldRow(batch, sentAt);
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
      return isExhausted && !result.notSent ? failed(result.code, exhaustedText(result.message)) : 'again';
    case 'failed':
      return failed(result.code, result.message, result.field);
    case 'inDoubt':
      return failed('inDoubt', result.message);
    case 'created':
    case 'exists':
      throw new Error('An undo creates nothing.');
  }
}

/** Closes a batch with what has ended, and plans once more what is to be sent again, all in one transaction. */
async function close(
  deps: ActivityDeps,
  undo: Undo,
  batch: LoadBatch,
  plan: Plan,
  attempt: number,
  { sentAt, arrivesUntil }: Pick<LoadBatch, 'sentAt' | 'arrivesUntil'> = NEVER_SENT,
): Promise<BatchEnd> {
  const follow = await deps.sql.begin(async (tx) => {
    await markSettled(tx, batch.batchId, deps.now());
    const stored = await storePlan(tx, undo, plan, { attempt, at: deps.now(), sentAt, arrivesUntil });
    await endUndone(tx, undo, plan.outcomes);
    return stored;
  });
  return { follow, ...endBy(plan.outcomes) };
}
