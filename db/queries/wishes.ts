import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../client';
import { syncWishes, type WishKind } from '../schema/definitions';
import { executions, type StopKind } from '../schema/executions';

/**
 * Notes what someone wants of a sync, and wakes the workers. Within the transaction that changes the status, so that neither is
 * ever there without the other.
 */
export async function noteWish(
  db: Database,
  wish: { syncId: string; kind: WishKind; askedBy: string; executionId?: string },
): Promise<string> {
  const [row] = await db.insert(syncWishes).values(wish).returning({ wishId: syncWishes.wishId });
  await db.execute(sql`notify sync_wishes`);
  return row?.wishId ?? '';
}

/** Leaves a wish for the activities of the running execution of a sync, if there is one; null takes it back. */
export async function wishToStop(db: Database, syncId: string, stop: StopKind | null): Promise<void> {
  await db
    .update(executions)
    .set({ stop })
    .where(and(eq(executions.syncId, syncId), eq(executions.state, 'running')));
}
