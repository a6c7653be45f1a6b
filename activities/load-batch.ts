import { type LoadBatch, markSettled, type PlannedRecord } from '../db/queries/batches';
import { appendOutcomes, rememberLinks } from '../db/queries/ledger';
import { postpone } from '../db/queries/planning-leases';
import { mappedOf } from '../db/queries/staging';
import type { RecordResult, WriteBatch } from '../src/connectors/connector';
import { fieldsOf } from '../src/domain/import-decision';
import { type Outcome, outcomeOf } from '../src/domain/outcome';
import { sameMeaning } from '../src/domain/values';
import { type Decisions, decideAll, findExisting, storeDecisions, toCandidate } from './load-plan';
import { lookUp } from './look-up';
import { type ActivityDeps, pause, type Run, type Watch } from './run';
import {
  askAbout,
  type BatchEnd,
  demandAll,
  isToBeAskedAbout,
  lookLater,
  NOTHING_ENDED,
  sendBatch,
} from './send-batch';

/** How often a record is sent that the destination did not get to, or whose row was locked; then it fails with that reason. */
export const MOST_ATTEMPTS = 6;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;

/** @param message what the destination said last */
export const exhaustedText = (message: string): string =>
  `${message} Sync has sent it ${MOST_ATTEMPTS} times. Run the sync again when no other program is at work on the record or on those ` +
  'it belongs to.';

type Sendable = Pick<LoadBatch, 'batchId' | 'operation' | 'sentAt'> & { records: readonly PlannedRecord[] };

const toWriteBatch = (run: Run, batch: Sendable): WriteBatch => ({
  batchId: batch.batchId,
  object: run.destinationObject,
  operation: batch.operation,
  matchField: run.match.destination.name,
  records: batch.records.map(({ destinationId, key, values }) => ({ destinationId, key, values })),
  options: {
    assignmentRules: run.definition.salesforce?.assignmentRules ?? false,
    allowDuplicates: run.definition.salesforce?.allowDuplicates ?? false,
  },
  sentAt: batch.sentAt,
  arrivesUntil: null,
});

/** The outcome of each record that a run would have refused without sending it; null for the others. */
export function endWithoutSending(
  run: Run,
  operation: LoadBatch['operation'],
  records: readonly PlannedRecord[],
): (Outcome | null)[] {
  const batch = toWriteBatch(run, { batchId: '', operation, records, sentAt: null });
  const refusals = run.destination.refusals(batch);
  return records.map((record, index) => {
    const refusal = refusals[index];
    return refusal?.result === 'failed' ? failedBy(record, refusal) : null;
  });
}

const failedBy = (
  record: PlannedRecord,
  { code, message, field }: Extract<RecordResult, { result: 'failed' }>,
): Outcome => outcomeOf(record, 'failed', { reason: code, message, field });

/** Brings one batch to its end: a planned one is sent, one whose answer is missing is asked about first. */
export async function finishBatch(deps: ActivityDeps, run: Run, watch: Watch, batch: LoadBatch): Promise<BatchEnd> {
  const request = toWriteBatch(run, batch);
  if (isToBeAskedAbout(batch, watch)) {
    const lookAt = (asked: LoadBatch) => lookAtApplied(deps, run, watch, asked);
    const answer = await askAbout(deps, run, watch, batch, request, lookAt);
    if ('end' in answer) return answer.end;
    // what exists by now is not ours: of what is, the destination has told that we created it
    if ('results' in answer) return settle(deps, run, watch, answer.asked, answer.results, { takesExisting: false });
    batch = answer.unsent;
  }
  const takesExisting = batch.sentAt !== null;
  return sendBatch(deps, run, watch, batch, request, (results) =>
    settle(deps, run, watch, batch, results, { takesExisting }),
  );
}

/** Tells what became of a batch that will not be repeated: what is there as it was sent is our doing. */
async function lookAtApplied(deps: ActivityDeps, run: Run, watch: Watch, batch: LoadBatch): Promise<BatchEnd> {
  const ended = batch.operation === 'update' ? await appliedOf(run, watch, batch.records) : [];
  const later = ended.length < batch.records.length ? await lookLater(deps, run, batch) : null;
  if (later) return later;
  await deps.sql.begin(async (tx) => {
    await markSettled(tx, batch.batchId, deps.now());
    await appendOutcomes(tx, run.attempt, ended, { progress: ended.length });
  });
  return { ...NOTHING_ENDED, follow: [], ended: ended.length };
}

/** The outcomes of the records that hold now what an update was to write. */
async function appliedOf(run: Run, watch: Watch, records: readonly PlannedRecord[]): Promise<Outcome[]> {
  const { destinationObject: object } = run;
  const { byName } = fieldsOf(object);
  const field = { name: object.idField, type: 'id', caseSensitive: true } as const;
  const fields = [...new Set(records.flatMap(({ values }) => Object.keys(values)))];
  const keys = records.flatMap(({ destinationId }) => destinationId ?? []);
  const found = await lookUp(run, { readSignal: watch.writeSignal }, { object, field, keys, fields });
  const present = new Map([...found.values()].flat().map((each) => [each.destinationId, each.values]));
  return records.flatMap((record) => {
    const now = present.get(record.destinationId ?? '');
    const isApplied = Object.entries(record.values).every(([name, value]) => {
      const described = byName.get(name);
      return now !== undefined && described !== undefined && sameMeaning(described, value, now[name] ?? null);
    });
    return isApplied ? [outcomeOf(record, 'updated', { destinationId: record.destinationId })] : [];
  });
}

/**
 * Writes the outcomes of a batch into the ledger and plans anew what has to be sent again, all in one transaction. A pause does not break
 * it off, since the answers would be lost.
 * @param how see `endOf`
 */
async function settle(
  deps: ActivityDeps,
  run: Run,
  { stop, writeSignal: readSignal }: Watch,
  batch: LoadBatch,
  results: readonly RecordResult[],
  how: { takesExisting: boolean },
): Promise<BatchEnd> {
  demandAll(batch, results);
  const ended: Outcome[] = [];
  const again: PlannedRecord[] = [];
  const arriving: PlannedRecord[] = [];
  const anew: string[] = [];
  batch.records.forEach((record, index) => {
    const result = results[index] as RecordResult; // of the same length, see above
    const end = endOf(record, batch, result, { ...how, at: deps.now() });
    if (end === 'again') (mayArrive(result, how) ? arriving : again).push(record);
    else if (end === 'anew') anew.push(record.sortKey);
    else ended.push(end);
  });
  await nameOurs(deps, run, { readSignal }, ended);
  const stopped = stop() === 'cancel';
  const { putBack, ...redecided } = await decideAnew(deps, run, { readSignal }, batch, stopped ? [] : anew);
  const list = batch.operation === 'create' ? 'creates' : 'updates';
  redecided[list].push(...(stopped ? [] : again));
  const late = { outcomes: [], creates: [], updates: [], [list]: arriving };
  const follow = await deps.sql.begin(async (tx) => {
    await markSettled(tx, batch.batchId, deps.now());
    await rememberLinks(tx, run.execution.syncId, linksMade(ended));
    await appendOutcomes(tx, run.attempt, ended, { progress: ended.length });
    if (putBack.length > 0)
      await postpone(tx, run.execution, putBack, { round: batch.round, after: null, attempts: batch.attempt });
    const next = { round: batch.round, cursor: null, attempt: batch.attempt + 1, at: deps.now() };
    const stored = await storeDecisions(tx, run, redecided, next);
    return [
      ...stored,
      ...(await storeDecisions(tx, run, late, { ...next, sentAt: batch.sentAt, arrivesUntil: batch.arrivesUntil })),
    ];
  });
  const outcomes = [...ended, ...redecided.outcomes];
  const failed = outcomes.filter(({ outcome: kind }) => kind === 'failed').length;
  return { follow, ended: outcomes.length, failed, hasPutBack: putBack.length > 0 };
}

/**
 * Decides again about some records of a batch, with all that is to be written of them: its plan may have a part of it alone. Keys that are
 * to be created are put back behind the last round, since another execution may be creating them: that is decided in turn.
 */
async function decideAnew(
  deps: ActivityDeps,
  run: Run,
  watch: Pick<Watch, 'readSignal'>,
  { round }: LoadBatch,
  sortKeys: readonly string[],
): Promise<Decisions & { putBack: PlannedRecord[] }> {
  if (sortKeys.length === 0) return { outcomes: [], creates: [], updates: [], putBack: [] };
  const rows = await mappedOf(deps.sql, run.execution, round, sortKeys);
  const decisions = await decideAll(deps, run, watch, rows.map(toCandidate));
  const putBack = decisions.creates.filter(({ matchKey }) => matchKey !== null);
  return { ...decisions, creates: decisions.creates.filter(({ matchKey }) => matchKey === null), putBack };
}

/** Whether an earlier sending of a record may take effect yet, so that what is there at the next one can be ours. */
const mayArrive = (result: RecordResult, { takesExisting }: { takesExisting: boolean }): boolean =>
  takesExisting || (result.result === 'again' && result.mayArrive === true);

/** What was created by a sending whose answer was lost has a name only where the destination is asked for it. */
async function nameOurs(
  deps: ActivityDeps,
  run: Run,
  watch: Pick<Watch, 'readSignal'>,
  ended: Outcome[],
): Promise<void> {
  const nameless = ended.filter(({ outcome: kind, destinationId }) => kind === 'created' && destinationId === null);
  if (nameless.length === 0) return;
  const found = await findExisting(
    deps,
    run,
    watch,
    nameless.map((outcome) => ({ ...outcome, values: {} })),
  );
  for (const outcome of nameless) outcome.destinationId = found.get(outcome.sortKey)?.[0]?.destinationId ?? null;
}

const linksMade = (ended: readonly Outcome[]) =>
  ended.flatMap(({ outcome: kind, matchKey, sortKey, sourceId, destinationId }) =>
    kind === 'created' && matchKey === null && destinationId !== null ? [{ sortKey, sourceId, destinationId }] : [],
  );

/**
 * What a result means for the ledger. `again`: the same write once more; `anew`: the destination changed since the look-up, so
 * look again and decide again.
 * @param how.takesExisting an earlier sending of this batch may have been applied without our seeing its answer: what a repeat finds there is
 * ours
 * @param how.at present time, ISO 8601 UTC
 */
function endOf(
  record: PlannedRecord,
  batch: LoadBatch,
  result: RecordResult,
  { takesExisting, at }: { takesExisting: boolean; at: string },
): Outcome | 'again' | 'anew' {
  const exhausted = attemptOf(batch, record) >= MOST_ATTEMPTS;
  switch (result.result) {
    case 'created':
    case 'updated':
      return outcomeOf(record, result.result, { destinationId: result.destinationId, message: record.note ?? null });
    case 'deleted':
      throw new Error('A run deletes nothing.');
    case 'exists':
      // it was not there when we looked, and we had sent it before: it is ours
      if (takesExisting && !result.ofOthers)
        return outcomeOf(record, 'created', { destinationId: result.destinationId, message: record.note ?? null });
      return exhausted ? outcomeOf(record, 'failed', { reason: 'exists', message: result.message }) : 'anew';
    case 'notFound':
      return exhausted ? outcomeOf(record, 'failed', { reason: 'notFound', message: result.message }) : 'anew';
    case 'failed':
      return failedBy(record, result);
    case 'again':
      // it may be the first sending that holds the row, and it would be applied after all
      return exhausted && (batch.arrivesUntil === null || batch.arrivesUntil <= at)
        ? outcomeOf(record, 'failed', { reason: result.code, message: exhaustedText(result.message) })
        : 'again';
    case 'inDoubt':
      return outcomeOf(record, 'failed', { reason: 'inDoubt', message: result.message });
  }
}

/** The how manieth time it is that a record of a batch is sent, with its plans before. */
const attemptOf = ({ attempt }: LoadBatch, { putBack = 0 }: PlannedRecord): number => attempt + putBack;

/** Waits before a batch is sent for the second time or later, longer each time. */
export const waitForTurn = async (batch: LoadBatch, watch: Watch): Promise<void> => {
  const attempt = Math.max(...batch.records.map((record) => attemptOf(batch, record)));
  if (attempt <= 1 || watch.shouldStop()) return;
  await pause(Math.min(FIRST_RETRY_MS * 2 ** (attempt - 2), LONGEST_RETRY_MS), watch.readSignal).catch(() => undefined); // a stop is noticed by the caller
};
