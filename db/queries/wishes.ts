import { and, desc, eq, isNull, notInArray, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { FOLLOW_UP_TRIGGERS } from '../../src/domain/outcome';
import type { WishKind } from '../../src/domain/sync-status';
import type { Database } from '../client';
import { syncs, syncWishes } from '../schema/definitions';
import { executions } from '../schema/executions';
import { NOT_BEGUN } from './asked-runs';

/**
 * Notes what someone wants of a sync; a worker brings it to the workflow. Within the transaction that changes the status, and after that, so
 * that neither is ever there without the other, and wishes come in the order in which the status has changed.
 */
export async function noteWish(
  db: Database,
  wish: { syncId: string; kind: WishKind; askedBy: string; executionId?: string },
): Promise<void> {
  const activation = sql`(select ${syncs.activation} from ${syncs} where ${syncs.syncId} = ${wish.syncId})`;
  // the moment at which a transaction began tells nothing of that order
  await db.insert(syncWishes).values({ ...wish, activation, askedAt: sql`clock_timestamp()` });
}

/** How each control shows to the activities of a running execution: what it sets, and over which earlier wish. */
const STOPS = {
  /** A cancel is never taken back. */
  pause: { stop: 'pause', over: isNull(executions.stop) },
  resume: { stop: null, over: eq(executions.stop, 'pause') },
  cancel: { stop: 'cancel', over: undefined },
} as const;

/** Leaves a wish for the activities of the run of a sync, if there is one; what goes over an earlier run is none of the schedule's. */
export async function wishToStop(tx: Database, syncId: string, kind: keyof typeof STOPS): Promise<void> {
  const { stop, over } = STOPS[kind];
  await tx
    .update(executions)
    .set({ stop })
    .where(
      and(
        eq(executions.syncId, syncId),
        eq(executions.state, 'running'),
        notInArray(executions.trigger, [...FOLLOW_UP_TRIGGERS]),
        over,
      ),
    );
}

/** True while an execution of a sync is open. */
export async function isExecuting(tx: Database, syncId: string): Promise<boolean> {
  const rows = await tx
    .select({ executionId: executions.executionId })
    .from(executions)
    .where(and(eq(executions.syncId, syncId), eq(executions.state, 'running')))
    .limit(1);
  return rows.length > 0;
}

/** True while a run has been asked for that has not begun: no worker has come to it yet, or the sync was paused meanwhile. */
export async function isRunAsked(tx: Database, syncId: string): Promise<boolean> {
  const rows = await tx.execute(sql`
    select 1 from sync_wishes w join syncs s on s.sync_id = w.sync_id and s.activation = w.activation
    where s.sync_id = ${syncId} and ${sql.raw(NOT_BEGUN)} limit 1`);
  return rows.length > 0;
}

/** True while the end of a sync has not come to its workflow, or its last execution is still open. */
export async function isEnding(tx: Database, syncId: string): Promise<boolean> {
  const wishes = await tx
    .select({ wishId: syncWishes.wishId })
    .from(syncWishes)
    .where(and(eq(syncWishes.syncId, syncId), eq(syncWishes.kind, 'cancel'), isNull(syncWishes.deliveredAt)))
    .limit(1);
  return wishes.length > 0 || isExecuting(tx, syncId);
}

/** A wish as it stands. */
export interface WishRow {
  wishId: string;
  kind: WishKind;
  askedBy: string;
  askedAt: string;
  /** The execution that it is about, or that it has led to. */
  executionId: string | null;
  /** No workflow has come to it, or the run that it asks for has not begun. */
  isToCome: boolean;
  refusal: string | null;
}

/** What was asked of a sync, the newest first. @param before only what was asked before this one */
export async function listWishes(
  db: Database,
  syncId: string,
  before: { askedAt: string; wishId: string } | null,
  limit: number,
): Promise<WishRow[]> {
  const w = alias(syncWishes, 'w');
  const isToCome = sql<boolean>`${w.refusal} is null and (${w.deliveredAt} is null or (${sql.raw(NOT_BEGUN)}))`;
  const { wishId, kind, askedBy, askedAt, executionId, refusal } = w;
  // as a cursor can hold it
  const at = sql`date_trunc('milliseconds', ${askedAt})`;
  return db
    .select({ wishId, kind, askedBy, askedAt, executionId, refusal, isToCome })
    .from(w)
    .where(
      and(
        eq(w.syncId, syncId),
        before === null
          ? undefined
          : sql`(${at}, ${wishId}) < (${before.askedAt}::timestamptz, ${before.wishId}::uuid)`,
      ),
    )
    .orderBy(desc(at), desc(wishId))
    .limit(limit);
}
