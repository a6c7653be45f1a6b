import { and, eq, lt } from 'drizzle-orm';
import type { Database } from '../client';
import { idempotencyKeys } from '../schema/definitions';

/** A call that is made with a key: whose key, on which path, and what was sent. */
export interface KeyedCall {
  key: string;
  route: string;
  requestHash: string;
}

export interface FirstAnswer {
  requestHash: string;
  /** Null only within the transaction that makes the answer. */
  status: number | null;
  body: unknown;
}

const sameKey = (call: Pick<KeyedCall, 'key' | 'route'>) =>
  and(eq(idempotencyKeys.key, call.key), eq(idempotencyKeys.route, call.route));

/** The answer that a key has got; null when it has got none. */
export async function firstAnswer(db: Database, call: Pick<KeyedCall, 'key' | 'route'>): Promise<FirstAnswer | null> {
  const [first] = await db.select().from(idempotencyKeys).where(sameKey(call));
  return first ?? null;
}

/**
 * Claims a key within the transaction that does the work, so that key, work and answer are there together or not at all. Waits
 * while another transaction holds the key.
 * @returns null when it is ours; the answer that it has got otherwise
 */
export async function claimKey(tx: Database, call: KeyedCall): Promise<FirstAnswer | null> {
  const claimed = await tx
    .insert(idempotencyKeys)
    .values(call)
    .onConflictDoNothing()
    .returning({ key: idempotencyKeys.key });
  return claimed.length > 0 ? null : firstAnswer(tx, call);
}

/** Keeps the answer of a key that was claimed in the same transaction. */
export async function keepAnswer(
  tx: Database,
  call: Pick<KeyedCall, 'key' | 'route'>,
  status: number,
  body: unknown,
): Promise<void> {
  await tx.update(idempotencyKeys).set({ status, body }).where(sameKey(call));
}

/** Forgets keys that were first used before a moment (ISO 8601 UTC). */
export async function forgetKeys(db: Database, before: string): Promise<void> {
  await db.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, before));
}
