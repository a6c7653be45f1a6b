import { type LoadBatch, markSettled, type PlannedRecord, withoutRecords } from '../db/queries/batches';
import { appendOutcomes, rememberLinks } from '../db/queries/ledger';
import { postpone } from '../db/queries/planning-leases';
import type { RecordResult, WriteBatch } from '../src/connectors/connector';
import { fieldsOf } from '../src/domain/import-decision';
import { type Outcome, outcomeOf } from '../src/domain/outcome';
import { sameMeaning } from '../src/domain/values';
import { type Decisions, findExisting, storeDecisions } from './load-plan';
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

const toWriteBatch = (run: Run, batch: Sendable, how: Pick<WriteBatch, 'whileAwaited'> = {}): WriteBatch => ({
  ...how,
  batchId: batch.batchId,
  object: run.destinationObject,
  operation: batch.operation,
  matchField: run.match.destination.name,
  get records() {
    return batch.records;
  },
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

/** A batch whose plan may hold no more: it is to be planned anew, but for what is written already. */
interface Outdated {
  applied: Outcome[];
}

/**
 * Brings one batch to its end: a planned one is sent, one whose answer is missing is asked about first.
 * @param how.isOutdated what it was planned by may hold no more: it is not sent (again) without a look
 */
export async function finishBatch(
  deps: ActivityDeps,
  run: Run,
  watch: Watch,
  batch: LoadBatch,
  { isOutdated }: { isOutdated: boolean },
): Promise<BatchEnd | Outdated> {
  const planned = batch;
  const request = toWriteBatch(run, planned, {
    whileAwaited: (work) => withoutRecords(deps.sql, run.attempt.stagedOn, planned, work),
  });
  if (isToBeAskedAbout(batch, watch)) {
    const lookAt = (asked: LoadBatch) => lookAtApplied(deps, run, watch, asked);
    const answer = await askAbout(deps, run, watch, batch, request, lookAt);
    if ('end' in answer) return answer.end;
    // what exists by now is not ours: of what is, the destination has told that we created it
    if ('results' in answer)
      return settle(deps, run, watch, answer.asked, answer.results, { takesExisting: false, sentAt: deps.now() });
    batch = answer.unsent;
  }
  if (isOutdated && !watch.shouldStop()) {
    const end = await lookAtOutdated(deps, run, watch, batch);
    if (end) return end;
  }
  const how = { takesExisting: batch.sentAt !== null, sentAt: deps.now() };
  return sendBatch(
    deps,
    run,
    watch,
    batch,
    request,
    (results) => settle(deps, run, watch, batch, results, how),
    (answers, sentAt) => settle(deps, run, watch, { ...batch, sentAt }, answers, how),
  );
}

/**
 * Looks at the records of a batch that was planned long ago: what is there as it was sent is our doing, all others are to be decided about anew, once
 * nothing of the batch can arrive any more.
 * @returns null where it can be sent again all the same: a repeated creation shows by its answer what there is
 */
async function lookAtOutdated(
  deps: ActivityDeps,
  run: Run,
  watch: Watch,
  batch: LoadBatch,
): Promise<BatchEnd | Outdated | null> {
  if (batch.sentAt === null) return { applied: [] };
  if (batch.operation !== 'update') return null;
  const applied = await appliedOf(run, watch, batch.records);
  const later = applied.length < batch.records.length ? await lookLater(deps, run, batch) : null;
  return later ?? { applied };
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
    const { destinationId, note = null } = record;
    return isApplied ? [outcomeOf(record, 'updated', { destinationId, message: note })] : [];
  });
}

/**
 * Writes the outcomes of a batch into the ledger, plans what is to be sent again, and puts back behind the last round what is to be decided about
 * again: in turn, since others may be at work on the same records. All of it in one transaction. A pause does not break it off, since the answers
 * would be lost; neither does a look-up that fails: what it was for is left to the next attempt.
 * @param results null for a record whose answer is lost: it becomes a batch of its own that is asked about
 * @param how see `endOf`
 * @throws the error of a look-up, when all else has been stored
 */
async function settle(
  deps: ActivityDeps,
  run: Run,
  { stop, writeSignal: readSignal }: Watch,
  batch: LoadBatch,
  results: readonly (RecordResult | null)[],
  how: { takesExisting: boolean; sentAt: string },
): Promise<BatchEnd> {
  demandAll(batch, results);
  const stopped = stop() === 'cancel';
  const { anew, repeats, ...sorted } = sortEnds(batch, results, how);
  const { ended, open, error } = await nameOurs(deps, run, { readSignal }, batch, sorted);
  const { round, sentAt, arrivesUntil, attempt } = batch;
  const follow = await deps.sql.begin(async (tx) => {
    const next = { round, cursor: null, attempt: attempt + 1, at: deps.now() };
    const store = (records: readonly PlannedRecord[], place: Partial<Parameters<typeof storeDecisions>[3]>) =>
      storeDecisions(tx, run, writesOf(batch, records), { ...next, ...place });
    await markSettled(tx, batch.batchId, deps.now());
    await rememberLinks(tx, run.execution.syncId, linksMade(ended));
    await appendOutcomes(tx, run.attempt, ended, { progress: ended.length });
    if (anew.length > 0) await postpone(tx, run.execution, anew, { round, after: null, attempts: attempt });
    await store(open, { state: 'sent', sentAt, arrivesUntil, attempt });
    const stored: LoadBatch[][] = [];
    for (const { records, isCounted, mayArrive } of repeats) {
      if (stopped && !mayArrive) continue;
      const sending = mayArrive ? { sentAt, arrivesUntil } : {};
      stored.push(await store(records, { ...sending, ...(isCounted ? {} : { attempt }) }));
    }
    return stored.flat();
  });
  if (error !== undefined) throw error;
  const failed = ended.filter(({ outcome: kind }) => kind === 'failed').length;
  return { follow, ended: ended.length, failed, putBack: anew.length };
}

const writesOf = ({ operation }: LoadBatch, records: readonly PlannedRecord[]): Decisions => ({
  outcomes: [],
  creates: operation === 'create' ? [...records] : [],
  updates: operation === 'create' ? [] : [...records],
});

/** The records of a batch by what comes next for them. */
interface Sorted {
  ended: Outcome[];
  /** To be decided about again. */
  anew: PlannedRecord[];
  /** To be sent once more, by whether this sending counts, and whether one may take effect yet. */
  repeats: { records: PlannedRecord[]; isCounted: boolean; mayArrive: boolean }[];
  /** Sent, and their answer is lost. */
  open: PlannedRecord[];
}

function sortEnds(
  batch: LoadBatch,
  results: readonly (RecordResult | null)[],
  how: { takesExisting: boolean; sentAt: string },
): Sorted {
  const sorted: Sorted = { ended: [], anew: [], repeats: [], open: [] };
  for (const [index, record] of batch.records.entries()) {
    const result = results[index] ?? null;
    const end = result && endOf(record, batch, result, how);
    if (result === null || end === null) sorted.open.push(record);
    else if (end === 'anew') sorted.anew.push(record);
    else if (end !== 'again') sorted.ended.push(end);
    else {
      const [isCounted, isArriving] = [!isNotSent(result), mayArrive(result, how)];
      const repeat = sorted.repeats.find((one) => one.isCounted === isCounted && one.mayArrive === isArriving);
      if (repeat) repeat.records.push(record);
      else sorted.repeats.push({ records: [record], isCounted, mayArrive: isArriving });
    }
  }
  return sorted;
}

const isNotSent = (result: RecordResult): boolean => result.result === 'again' && result.notSent === true;

/** Whether an earlier sending of a record may take effect yet, so that what is there at the next one can be ours. */
const mayArrive = (result: RecordResult, { takesExisting }: { takesExisting: boolean }): boolean =>
  takesExisting || (result.result === 'again' && result.mayArrive === true);

/**
 * What was created by a sending whose answer was lost has a name only where the destination is asked for it.
 * @returns with the error of a look-up that failed: then what it was for stays open
 */
async function nameOurs(
  deps: ActivityDeps,
  run: Run,
  watch: Pick<Watch, 'readSignal'>,
  { records }: LoadBatch,
  { ended, open }: Pick<Sorted, 'ended' | 'open'>,
): Promise<Pick<Sorted, 'ended' | 'open'> & { error?: unknown }> {
  const nameless = new Set(ended.filter(isNameless).map(({ sortKey }) => sortKey));
  if (nameless.size === 0) return { ended, open };
  const unnamed = records.filter(({ sortKey }) => nameless.has(sortKey));
  const candidates = unnamed.map((record) => ({
    ...record,
    values: { [run.match.destination.name]: record.key },
  }));
  try {
    const found = await findExisting(deps, run, watch, candidates);
    const idOf = ({ sortKey }: Outcome) => found.get(sortKey)?.[0]?.destinationId ?? null;
    return { ended: ended.map((each) => (isNameless(each) ? { ...each, destinationId: idOf(each) } : each)), open };
  } catch (error) {
    return { ended: ended.filter((outcome) => !isNameless(outcome)), open: [...open, ...unnamed], error };
  }
}

const isNameless = ({ outcome: kind, destinationId }: Outcome): boolean => kind === 'created' && destinationId === null;

const linksMade = (ended: readonly Outcome[]) =>
  ended.flatMap(({ outcome: kind, matchKey, sortKey, sourceId, destinationId }) =>
    kind === 'created' && matchKey === null && destinationId !== null ? [{ sortKey, sourceId, destinationId }] : [],
  );

/**
 * What a result means for the ledger. `again`: the same write once more; `anew`: the destination changed since the look-up, so
 * look again and decide again.
 * @param how.takesExisting an earlier sending of this batch may have been applied without our seeing its answer: what a repeat finds there is
 * ours
 * @param how.sentAt when it was sent this time, ISO 8601 UTC
 */
function endOf(
  record: PlannedRecord,
  batch: LoadBatch,
  result: RecordResult,
  { takesExisting, sentAt }: { takesExisting: boolean; sentAt: string },
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
      if (isNotSent(result)) return 'again';
      return exhausted && !mayHoldRow(batch, sentAt)
        ? outcomeOf(record, 'failed', { reason: result.code, message: exhaustedText(result.message) })
        : 'again';
    case 'inDoubt':
      return outcomeOf(record, 'failed', { reason: 'inDoubt', message: result.message });
  }
}

/**
 * Whether it may be an earlier sending of a batch that holds a row which another one found locked: it would be applied after all.
 * @param sentAt when that other one began, ISO 8601 UTC
 */
export const mayHoldRow = ({ arrivesUntil }: LoadBatch, sentAt: string): boolean =>
  arrivesUntil !== null && arrivesUntil > sentAt;

/** The how manieth time it is that a record of a batch is sent, with its plans before. */
const attemptOf = ({ attempt }: LoadBatch, { putBack = 0 }: PlannedRecord): number => attempt + putBack;

/** Waits before a batch is sent for the second time or later, longer each time. */
export const waitForTurn = async (batch: LoadBatch, watch: Watch): Promise<void> => {
  const attempt = Math.max(...batch.records.map((record) => attemptOf(batch, record)));
  if (attempt <= 1 || watch.shouldStop()) return;
  await pause(Math.min(FIRST_RETRY_MS * 2 ** (attempt - 2), LONGEST_RETRY_MS), watch.readSignal).catch(() => undefined); // a stop is noticed by the caller
};
