import {
  askedInVain,
  askLater,
  forgetAsked,
  type LoadBatch,
  markSent,
  markSettled,
  noteAsked,
  noteLost,
  unclaimedOf,
  unsend,
} from '../db/queries/batches';
import { claimRecords } from '../db/queries/claimed-records';
import { appendOutcomes } from '../db/queries/ledger';
import type { Claim, Connector, RecordResult, WriteBatch, WriteHandle } from '../src/connectors/connector';
import { ConnectorError } from '../src/connectors/connector-error';
import { endOfArrival, LATE_EFFECT_MS } from '../src/domain/late-effects';
import type { ActivityDeps, Run, Watch } from './run';

/** What became of a batch: what is to be sent because of it, or when to ask again. */
export interface BatchEnd {
  follow: LoadBatch[];
  askAgainAt?: string;
  /** Records that have an outcome now, and how many of them have failed. */
  ended: number;
  failed: number;
  /** How many records of it are to be decided about in a later round. */
  putBack?: number;
}

export const NOTHING_ENDED = { ended: 0, failed: 0 } as const;

/** What sends: a run or an undo. */
export interface Sender {
  attempt: Run['attempt'];
  destination: Connector;
  definition: Run['definition'];
}

/** Whether a batch is to be asked about: its answer is missing, or it may have been applied once and is not sent again after a cancel. */
export const isToBeAskedAbout = ({ state, sentAt }: LoadBatch, watch: Watch): boolean =>
  state === 'sent' || (sentAt !== null && watch.stop() === 'cancel');

/**
 * Asks the destination what became of a batch whose answer is missing. One that is to be sent again is planned again, one that cannot be
 * told about yet is noted.
 * @param lookAt looks, after a cancel, at the records of a batch that may have been applied and will not be repeated
 */
export async function askAbout(
  { sql, now }: Pick<ActivityDeps, 'sql' | 'now'>,
  { attempt, destination, definition }: Sender,
  watch: Watch,
  batch: LoadBatch,
  request: WriteBatch,
  lookAt: (batch: LoadBatch) => Promise<BatchEnd>,
): Promise<{ results: RecordResult[]; asked: LoadBatch } | { end: BatchEnd } | { unsent: LoadBatch }> {
  const asked = await withLoss({ sql, now }, attempt, batch);
  const { arrivesUntil, handle } = asked;
  const claim: Claim = (ids, choose) => claimRecords(sql, attempt, asked, definition.destination, ids, choose);
  const settlement = await destination.settle({ ...request, arrivesUntil }, handle, watch.writeSignal, claim);
  if ('results' in settlement) return { ...settlement, asked };
  if ('askAgainAt' in settlement) {
    await askLater(sql, attempt, batch.batchId, settlement.askAgainAt);
    return { end: { ...NOTHING_ENDED, follow: [], askAgainAt: settlement.askAgainAt } };
  }
  const mayArrive = 'mayBeRepeated' in settlement;
  if (mayArrive && watch.stop() === 'cancel') return { end: await lookAt(asked) };
  await unsend(sql, attempt, batch.batchId, { mayArrive });
  const sentAt = mayArrive ? batch.sentAt : null;
  return { unsent: { ...asked, state: 'planned', handle: null, askAgainAt: null, sentAt } };
}

/**
 * Notes, at the first look after a sending, until when it may take effect: the last of its calls may have left long after its first one. A
 * job is known by its identity, but for what an update sent beside it.
 */
async function withLoss(
  { sql, now }: Pick<ActivityDeps, 'sql' | 'now'>,
  attempt: Sender['attempt'],
  batch: LoadBatch,
): Promise<LoadBatch> {
  const isKnownByJob = batch.handle !== null && batch.operation !== 'update';
  if (batch.state !== 'sent' || batch.askAgainAt !== null || isKnownByJob) return batch;
  const arrivesUntil = endOfArrival(now());
  await noteLost(sql, attempt, batch.batchId, arrivesUntil);
  return { ...batch, arrivesUntil };
}

/** It is looked for soon at first, since the call may only be slow, then less and less often. */
const LOOK_AGAIN_MS = { least: 2_000, most: 15_000 };

/** Puts off a batch that is not there as it was sent, as long as it may yet be applied. @returns null when that time is over */
export async function lookLater(
  { sql, now }: Pick<ActivityDeps, 'sql' | 'now'>,
  { attempt }: Sender,
  { batchId, sentAt, arrivesUntil }: LoadBatch,
): Promise<BatchEnd | null> {
  const presentMs = Date.parse(now());
  const until = arrivesUntil ?? (sentAt && endOfArrival(sentAt));
  const untilMs = until === null ? Number.NEGATIVE_INFINITY : Date.parse(until);
  if (presentMs >= untilMs) return null;
  const sinceMs = presentMs - (untilMs - LATE_EFFECT_MS);
  const waitMs = Math.min(Math.max(sinceMs / 4, LOOK_AGAIN_MS.least), LOOK_AGAIN_MS.most);
  const askAgainAt = new Date(Math.min(presentMs + waitMs, untilMs)).toISOString();
  await askLater(sql, attempt, batchId, askAgainAt);
  return { ...NOTHING_ENDED, follow: [], askAgainAt };
}

/**
 * Sends a planned batch, unless the phase is to stop.
 * @param settle takes the results, with the batch as it was sent
 * @param keep takes the results of those records whose answers are not lost with those of the others (null), and when the batch was sent first;
 * without it, all of the batch is asked about
 */
export async function sendBatch(
  deps: Pick<ActivityDeps, 'sql' | 'now'>,
  sender: Sender,
  watch: Watch,
  batch: LoadBatch,
  request: WriteBatch,
  settle: (results: readonly RecordResult[]) => Promise<BatchEnd>,
  keep?: (answers: readonly (RecordResult | null)[], sentAt: string) => Promise<unknown>,
): Promise<BatchEnd> {
  const { attempt, destination } = sender;
  if (watch.shouldStop()) {
    // what may have been applied is asked about
    if (watch.stop() === 'cancel' && batch.sentAt === null) await abandon(deps, sender, batch);
    return { ...NOTHING_ENDED, follow: [] };
  }
  if (destination.leavesBehind(request)) await noteAsked(deps.sql, attempt, batch.batchId, deps.now());
  const handle = await destination.prepare(request, watch.writeSignal);
  const at = deps.now();
  await markSent(deps.sql, attempt, batch.batchId, { handle, asked: batch.asked, at });
  let results: readonly RecordResult[];
  try {
    results = await destination.write(request, handle, watch.writeSignal);
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error;
    // refused as a whole: nothing of it was applied, unless it was sent before
    if (!error.answerLost) await unsend(deps.sql, attempt, batch.batchId, { mayArrive: batch.sentAt !== null });
    else if (error.answers) await keep?.(error.answers, batch.sentAt ?? at);
    watch.writeSignal.throwIfAborted();
    throw error;
  }
  // what fails from here on says nothing of the batch: it was answered
  return settle(results);
}

/** Whether an attempt has nothing left to send, now or later. */
export const isThrough = (watch: Watch, askAgainAt: string | undefined): boolean =>
  askAgainAt === undefined && (!watch.shouldStop() || watch.stop() === 'cancel');

/** Removes from the destination what was made for batches of an execution that never learnt of it; a call only where something was lost. */
export async function clearAwayLost(
  { sql }: Pick<ActivityDeps, 'sql'>,
  { attempt, destination, destinationObject }: Sender & Pick<Run, 'destinationObject'>,
  watch: Watch,
): Promise<void> {
  const lost = await askedInVain(sql, attempt.executionId);
  if (lost.length === 0) return;
  const unclaimed = (handles: readonly WriteHandle[]) => unclaimedOf(sql, attempt.executionId, handles);
  await destination.clearAway(destinationObject, lost, unclaimed, watch.writeSignal);
  await forgetAsked(sql, attempt);
}

/** A batch that will not be sent any more: its records keep no outcome, and the end of the run skips them as cancelled. */
async function abandon(
  deps: Pick<ActivityDeps, 'sql' | 'now'>,
  { attempt }: Sender,
  { batchId }: LoadBatch,
): Promise<void> {
  await deps.sql.begin(async (tx) => {
    await markSettled(tx, batchId, deps.now());
    await appendOutcomes(tx, attempt, []);
  });
}

/** @throws Error where the destination has not given one result per record */
export function demandAll({ batchId, records }: LoadBatch, results: readonly unknown[]): void {
  if (results.length === records.length) return;
  throw new Error(`Batch ${batchId} has ${records.length} records, but ${results.length} results came back.`);
}
