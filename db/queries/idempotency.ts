import { and, eq } from 'drizzle-orm';
import type { Database } from '../client';
import { idempotencyKeys } from '../schema/definitions';

export interface FirstAnswer {
  requestHash: string;
  /** Null while the first call is still being answered. */
  status: number | null;
  body: unknown;
}

/**
 * Claims a key for a call.
 * @returns null when it is ours now; the call that has it otherwise
 */
export async function claimKey(
  db: Database,
  call: { key: string; route: string; requestHash: string },
): Promise<FirstAnswer | null> {
  const claimed = await db
    .insert(idempotencyKeys)
    .values(call)
    .onConflictDoNothing()
    .returning({ key: idempotencyKeys.key });
  if (claimed.length > 0) return null;
  const [first] = await db.select().from(idempotencyKeys).where(sameKey(call));
  return first ?? null;
}

const sameKey = (call: { key: string; route: string }) =>
  and(eq(idempotencyKeys.key, call.key), eq(idempotencyKeys.route, call.route));

export async function keepAnswer(
  db: Database,
  call: { key: string; route: string },
  status: number,
  body: unknown,
): Promise<void> {
  await db.update(idempotencyKeys).set({ status, body }).where(sameKey(call));
}

/** A call that failed on our side may be made again with the same key. */
export async function releaseKey(db: Database, call: { key: string; route: string }): Promise<void> {
  await db.delete(idempotencyKeys).where(sameKey(call));
}
