import { and, eq, isNull, notInArray, sql } from 'drizzle-orm';
import { FOLLOW_UP_TRIGGERS } from '../../src/domain/outcome';
import type { Database } from '../client';
import { syncs, syncWishes, type WishKind } from '../schema/definitions';
import { executions } from '../schema/executions';

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

/** True while a run has been asked for that no worker has come to yet. */
export async function isRunAsked(tx: Database, syncId: string): Promise<boolean> {
  const wishes = await tx
    .select({ wishId: syncWishes.wishId })
    .from(syncWishes)
    .innerJoin(syncs, and(eq(syncs.syncId, syncWishes.syncId), eq(syncs.activation, syncWishes.activation)))
    .where(and(eq(syncWishes.syncId, syncId), eq(syncWishes.kind, 'runNow'), isNull(syncWishes.deliveredAt)))
    .limit(1);
  return wishes.length > 0;
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
