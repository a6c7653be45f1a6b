import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { settleWish, undeliveredWishes, type Wish } from '../../db/queries/wish-delivery';
import type { TemporalEngine } from '../engine/temporal-engine';
import { Repeating } from './repeating';

const LOOK_EVERY_MS = 1_000;

/**
 * Brings wishes from the database to the workflows: at once when one is noted, and again until it has arrived. Several workers
 * may deliver the same wish; the workflow takes it once.
 * @returns ends the delivery
 */
export async function deliverWishes(
  sql: postgres.Sql,
  engine: TemporalEngine,
  log: Logger,
): Promise<() => Promise<void>> {
  const delivery = new Repeating(
    'deliver wishes',
    LOOK_EVERY_MS,
    async () => {
      const wishes = await undeliveredWishes(sql);
      await Promise.all([...perSync(wishes)].map((some) => deliverInOrder(sql, engine, some)));
    },
    log,
  );
  const listening = await sql.listen('sync_wishes', () => delivery.hurry());
  delivery.start();
  return async () => {
    await listening.unlisten();
    await delivery.stop();
  };
}

/** Wishes of one sync keep their order; those of different syncs do not wait for each other. */
function perSync(wishes: readonly Wish[]): Iterable<Wish[]> {
  const grouped = new Map<string, Wish[]>();
  for (const wish of wishes) grouped.set(wish.syncId, [...(grouped.get(wish.syncId) ?? []), wish]);
  return grouped.values();
}

async function deliverInOrder(sql: postgres.Sql, engine: TemporalEngine, wishes: readonly Wish[]): Promise<void> {
  for (const wish of wishes) await settleWish(sql, wish.wishId, await deliver(engine, wish));
}

/** @returns why the workflow did not take it; null when it did */
async function deliver(engine: TemporalEngine, wish: Wish): Promise<string | null> {
  try {
    await engine.deliver(wish);
    return null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'The sync has ended.';
    if (error instanceof WorkflowUpdateFailedError) return error.cause?.message ?? error.message;
    throw error;
  }
}
