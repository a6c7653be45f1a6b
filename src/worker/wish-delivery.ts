import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { presentOf, settleWish, undeliveredWishes, type Wish } from '../../db/queries/wish-delivery';
import { FailureType } from '../domain/failures';
import { LIVE_STATUSES } from '../domain/sync-status';
import type { TemporalEngine } from '../engine/temporal-engine';
import { Repeating } from './repeating';

/** Each look is one query by an index that holds undelivered wishes alone. */
const LOOK_EVERY_MS = 300;

/** What became of the delivery of a wish. */
type Delivery = { state: 'taken' } | { state: 'refused'; why: string } | { state: 'later' };

/**
 * Brings wishes from the database to the workflows, each again until it has arrived. Several workers may deliver the same wish; the
 * workflow takes it once.
 */
export const deliveringWishes = (sql: postgres.Sql, engine: Pick<TemporalEngine, 'deliver'>, log: Logger): Repeating =>
  new Repeating(
    'deliver wishes',
    LOOK_EVERY_MS,
    async () => {
      const wishes = await undeliveredWishes(sql);
      await Promise.all([...perSync(wishes)].map((some) => deliverInOrder(sql, engine, log, some)));
    },
    log,
  );

/** Wishes of one sync keep their order; those of different syncs do not wait for each other. */
function perSync(wishes: readonly Wish[]): Iterable<Wish[]> {
  const grouped = new Map<string, Wish[]>();
  for (const wish of wishes) grouped.set(wish.syncId, [...(grouped.get(wish.syncId) ?? []), wish]);
  return grouped.values();
}

/** A wish that does not come through keeps back those of its own sync that follow, and no other. */
async function deliverInOrder(
  sql: postgres.Sql,
  engine: Pick<TemporalEngine, 'deliver'>,
  log: Logger,
  wishes: readonly Wish[],
): Promise<void> {
  for (const wish of wishes) {
    try {
      const delivery = await deliver(sql, engine, wish);
      if (delivery.state === 'later') return;
      await settleWish(sql, wish.wishId, delivery.state === 'refused' ? delivery.why : null);
    } catch (error) {
      log.warn({ err: error, syncId: wish.syncId, wishId: wish.wishId }, 'a wish was not delivered; it is tried again');
      return;
    }
  }
}

async function deliver(sql: postgres.Sql, engine: Pick<TemporalEngine, 'deliver'>, wish: Wish): Promise<Delivery> {
  try {
    await engine.deliver(wish);
    return { state: 'taken' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undeliverable(sql, wish, 'The sync has ended.');
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const why = error.cause?.message ?? error.message;
    switch (error.cause instanceof ApplicationFailure ? error.cause.type : undefined) {
      case FailureType.OtherActivation:
        return undeliverable(sql, wish, why);
      case FailureType.AlreadyRunning:
        return whileRunning(sql, wish, why);
      default:
        return { state: 'refused', why };
    }
  }
}

/**
 * A run was asked for when none was open. If one has begun since, it is as good as that; else the last one has ended, which the
 * workflow has not heard of yet.
 */
async function whileRunning(sql: postgres.Sql, { syncId }: Wish, why: string): Promise<Delivery> {
  const present = await presentOf(sql, syncId);
  return present?.isExecuting ? { state: 'refused', why } : { state: 'later' };
}

/** The workflow that a wish is for does not run: it is still to be started, or it has come to its end. */
async function undeliverable(sql: postgres.Sql, wish: Wish, why: string): Promise<Delivery> {
  const present = await presentOf(sql, wish.syncId);
  const isToCome = present?.activation === wish.activation && LIVE_STATUSES.includes(present.status);
  return isToCome ? { state: 'later' } : { state: 'refused', why };
}
