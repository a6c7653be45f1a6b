import type postgres from 'postgres';
import type { WriteHandle, WriteOperation } from '../../src/connectors/connector';
import type { Value, Values } from '../../src/domain/object-description';
import type { BatchState } from '../schema/executions';
import { noteDone } from './committed';
import { type Attempt, type Sql, SupersededError } from './executions';
import { iso } from './instant';

/** One record of a batch: what is written, and what was there before (for undo, and to tell created from updated). */
export interface PlannedRecord {
  sortKey: string;
  sourceId: string;
  matchKey: string | null;
  destinationId: string | null;
  key: Value;
  values: Values;
  /** The values of the same fields before an update. */
  previous?: Values;
  /** What people are told of the record although it is loaded. */
  note?: string | null;
  /** How often it was sent in earlier plans that came to nothing. */
  putBack?: number;
  /** Of an undo: further source records that the same record of the destination was written for. */
  others?: Pick<PlannedRecord, 'sortKey' | 'sourceId' | 'matchKey'>[];
  /** Of an undo: it was sent in an earlier batch, whose answer was lost. */
  mayBeApplied?: boolean;
  /** Of an undo: until when Sync itself is known to have written it. */
  writtenUntil?: string;
}

export interface LoadBatch {
  batchId: string;
  operation: WriteOperation;
  round: number;
  state: BatchState;
  handle: WriteHandle | null;
  /** When an identity was asked for in vain so far: ISO 8601 UTC, separated by blanks. */
  asked: string | null;
  attempt: number;
  sentAt: string | null;
  /** The earliest moment at which it can be asked about; of an undo's batch that is *planned*: put off, nothing has been decided about it. */
  askAgainAt: string | null;
  /** Until when a sending whose answer was lost may take effect yet. */
  arrivesUntil: string | null;
  /** @throws Error while the batch does without them: see `withoutRecords` */
  readonly records: PlannedRecord[];
  /** Takes these records for its own from now on, or has none for the time being. */
  hold(records: PlannedRecord[] | null): void;
}

interface Row {
  batch_id: string;
  operation: WriteOperation;
  round: number;
  state: BatchState;
  /** `claimed`: see `claimRecords`; only where the batch has no identity. */
  handle: (WriteHandle & { asked?: string; claimed?: string }) | null;
  attempt: number;
  sent_at: string | null;
  ask_again_at: string | null;
  arrives_until: string | null;
}

/**
 * Stores a batch before anything of it is sent; within the transaction that moves the load cursor past its records.
 * @param batch.sentAt when its records were sent first in a batch before it that may take effect yet; null where they were not
 * @param batch.arrivesUntil until when that may be
 * @param batch.state `sent`: they are a part of a batch that was sent, and have no answer
 * @param batch.askAgainAt see `LoadBatch`
 * @param batch.at present time, ISO 8601 UTC
 */
export async function planBatch(
  sql: Sql,
  attempt: Attempt & { stagedOn: string },
  batch: {
    operation: WriteOperation;
    round: number;
    records: readonly PlannedRecord[];
    attempt?: number;
    state?: 'planned' | 'sent';
    sentAt?: string | null;
    arrivesUntil?: string | null;
    askAgainAt?: string | null;
    at: string;
  },
): Promise<LoadBatch> {
  const [row] = await sql<Row[]>`
    insert into load_batches (execution_id, operation, round, state, records, attempt, planned_at, sent_at, arrives_until, ask_again_at)
    values (${attempt.executionId}, ${batch.operation}, ${batch.round}, ${batch.state ?? 'planned'}, ${batch.records.length},
      ${batch.attempt ?? 1}, ${batch.at}, ${batch.sentAt ?? null}, ${batch.arrivesUntil ?? null}, ${batch.askAgainAt ?? null})
    returning *`;
  if (!row) throw new Error('A batch that was just inserted is missing.');
  await sql`
    insert into batch_plans (staged_on, batch_id, plan)
    values (${attempt.stagedOn}, ${row.batch_id}, ${JSON.stringify(batch.records)})`;
  return toBatch(row, [...batch.records]);
}

function toBatch(row: Row, records: PlannedRecord[]): LoadBatch {
  let held: PlannedRecord[] | null = records;
  const { asked = null, claimed: _claimed, ...handle } = row.handle ?? {};
  return {
    batchId: row.batch_id,
    operation: row.operation,
    round: row.round,
    state: row.state,
    handle: Object.keys(handle).length > 0 ? (handle as WriteHandle) : null, // what is left beside them
    asked,
    attempt: row.attempt,
    sentAt: iso(row.sent_at),
    askAgainAt: iso(row.ask_again_at),
    arrivesUntil: iso(row.arrives_until),
    get records() {
      if (held === null) throw new Error(`Batch ${row.batch_id} does without its records.`);
      return held;
    },
    hold: (others) => {
      held = others;
    },
  };
}

/** Ids of the batches that are planned or sent and not settled, the oldest first. */
export async function unsettledBatchIds(sql: Sql, executionId: string): Promise<string[]> {
  const rows = await sql<{ batch_id: string }[]>`
    select batch_id from load_batches where execution_id = ${executionId} and state <> 'settled' order by planned_at, batch_id`;
  return rows.map((row) => row.batch_id);
}

/** @returns until when (ISO 8601 UTC) what an execution has sent may take effect yet, as answers were lost; undefined when that is over */
export async function allArrivesUntil(sql: Sql, executionId: string, at: string): Promise<string | undefined> {
  const [row] = await sql<{ until: string | null }[]>`
    select max(arrives_until) as until from load_batches where execution_id = ${executionId} and arrives_until > ${at}`;
  return iso(row?.until ?? null) ?? undefined;
}

/** Those of them that were planned before a moment: what they were planned by may hold no more. */
export async function outdatedBatchIds(sql: Sql, executionId: string, before: string): Promise<Set<string>> {
  const rows = await sql<{ batch_id: string }[]>`
    select batch_id from load_batches
    where execution_id = ${executionId} and state <> 'settled' and planned_at < ${before}`;
  return new Set(rows.map((row) => row.batch_id));
}

/** A batch with its plan. */
export async function readBatch(sql: Sql, stagedOn: string, batchId: string): Promise<LoadBatch> {
  const [row] = await sql<Row[]>`select * from load_batches where batch_id = ${batchId}`;
  if (!row) throw new Error(`There is no batch ${batchId}.`);
  return toBatch(row, await planOf(sql, stagedOn, batchId));
}

/** Does without the records of a batch for as long as something lasts, and reads its plan again afterwards. */
export async function withoutRecords<T>(
  sql: Sql,
  stagedOn: string,
  batch: Pick<LoadBatch, 'batchId' | 'hold'>,
  work: () => Promise<T>,
): Promise<T> {
  batch.hold(null);
  try {
    return await work();
  } finally {
    batch.hold(await planOf(sql, stagedOn, batch.batchId));
  }
}

async function planOf(sql: Sql, stagedOn: string, batchId: string): Promise<PlannedRecord[]> {
  const [row] = await sql<{ plan: string }[]>`
    select plan from batch_plans where batch_id = ${batchId} and staged_on = ${stagedOn}`;
  if (!row) throw new Error(`The plan of batch ${batchId} is gone.`);
  return JSON.parse(row.plan) as PlannedRecord[]; // written by planBatch, above
}

/**
 * Changes a batch under the fence: the execution's row is locked while its epoch is compared, so that an attempt that takes over
 * either waits for this change or has made it impossible.
 */
export const changeBatch = async (
  sql: Sql,
  attempt: Attempt,
  batchId: string,
  set: postgres.PendingQuery<postgres.Row[]>,
): Promise<void> => {
  const result = await sql`
    with fence as (
      select execution_id from executions where execution_id = ${attempt.executionId} and epoch = ${attempt.epoch} for no key update
    )
    update load_batches b set ${set} from fence f where b.execution_id = f.execution_id and b.batch_id = ${batchId} and b.state <> 'settled'`;
  if (result.count !== 1) throw new SupersededError(attempt.executionId);
};

/**
 * Notes that an identity is about to be asked for. The note is kept beside the identity until the answer has come: what was asked for in
 * vain may have been made all the same.
 */
export const noteAsked = (sql: Sql, attempt: Attempt, batchId: string, at: string): Promise<void> =>
  changeBatch(
    sql,
    attempt,
    batchId,
    sql`handle = jsonb_build_object('asked', concat_ws(' ', b.handle ->> 'asked', ${at}::text))`,
  );

/** What an execution has asked for in vain, batch by batch. */
export async function askedInVain(
  sql: Sql,
  executionId: string,
): Promise<{ operation: WriteOperation; askedAt: string }[]> {
  const rows = await sql<{ operation: WriteOperation; asked: string }[]>`
    select operation, handle ->> 'asked' as asked from load_batches
    where execution_id = ${executionId} and handle ->> 'asked' is not null`;
  return rows.flatMap(({ operation, asked }) => asked.split(' ').map((askedAt) => ({ operation, askedAt })));
}

/** What was asked for in vain has been dealt with. */
export async function forgetAsked(sql: Sql, attempt: Attempt): Promise<void> {
  await sql`
    with fence as (
      select execution_id from executions where execution_id = ${attempt.executionId} and epoch = ${attempt.epoch} for no key update
    )
    update load_batches b set handle = nullif(b.handle - 'asked', '{}'::jsonb)
    from fence f where b.execution_id = f.execution_id and b.handle ->> 'asked' is not null`;
}

/** Which of some identities no batch of any execution has, and when batches of other executions asked for one and wait for it. */
export async function unclaimedOf(
  sql: Sql,
  executionId: string,
  handles: readonly WriteHandle[],
): Promise<{ handles: WriteHandle[]; othersAskedAt: string[] }> {
  const others = await sql<{ asked: string }[]>`
    select handle ->> 'asked' as asked from load_batches
    where execution_id <> ${executionId} and state = 'planned' and handle ->> 'asked' is not null`;
  const unknown = await sql<{ handle: string }[]>`
    select h.handle from unnest(${handles.map((handle) => JSON.stringify(handle))}::text[]) as h (handle)
    where not exists (select 1 from load_batches b where b.handle @> h.handle::jsonb)`;
  return {
    handles: unknown.map(({ handle }) => JSON.parse(handle) as WriteHandle), // as it was given
    othersAskedAt: others.flatMap(({ asked }) => asked.split(' ')),
  };
}

/** Marks a batch as sent; committed before the request leaves. The moment of the first sending is kept. */
export async function markSent(
  sql: Sql,
  attempt: Attempt,
  batchId: string,
  sent: { handle: WriteHandle | null; asked?: string | null; at: string },
): Promise<void> {
  const asked = sent.asked ? { asked: sent.asked } : {};
  const handle = sent.handle === null ? null : JSON.stringify({ ...sent.handle, ...asked });
  const change = sql`state = 'sent', sent_at = coalesce(b.sent_at, ${sent.at}), handle = ${handle}::text::jsonb`;
  await changeBatch(sql, attempt, batchId, change);
  noteDone(sql, { batchesSent: 1 });
}

/** The answer to its sending is lost: until then (ISO 8601 UTC) it may take effect. */
export const noteLost = (sql: Sql, attempt: Attempt, batchId: string, arrivesUntil: string): Promise<void> =>
  changeBatch(sql, attempt, batchId, sql`arrives_until = ${arrivesUntil}`);

/** It is too early to tell what became of it: it stays *sent*. */
export const askLater = (sql: Sql, attempt: Attempt, batchId: string, askAgainAt: string): Promise<void> =>
  changeBatch(sql, attempt, batchId, sql`ask_again_at = ${askAgainAt}`);

/**
 * The batch did not arrive: it is *planned* again, without the identity it had.
 * @param mayArrive a sending whose answer was lost may take effect yet; otherwise it is as if the batch had never been sent, so that what
 * is there at the next sending is not taken for its own
 */
export const unsend = (
  sql: Sql,
  attempt: Attempt,
  batchId: string,
  { mayArrive }: { mayArrive: boolean },
): Promise<void> =>
  changeBatch(
    sql,
    attempt,
    batchId,
    sql`state = 'planned', ask_again_at = null,
      handle = case when b.handle ->> 'asked' is null then null else jsonb_build_object('asked', b.handle ->> 'asked') end,
      sent_at = ${mayArrive ? sql`b.sent_at` : null}`,
  );

/** Closes a batch; within the transaction that appends the outcomes of its records. A settled one cannot be settled again. */
export async function markSettled(sql: Sql, batchId: string, at: string): Promise<void> {
  const result = await sql`
    update load_batches set state = 'settled', settled_at = ${at}, ask_again_at = null where batch_id = ${batchId} and state <> 'settled'`;
  if (result.count !== 1) throw new Error(`Batch ${batchId} has been settled already.`);
  noteDone(sql, { batchesSettled: 1 });
}
