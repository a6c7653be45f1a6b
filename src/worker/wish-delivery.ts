import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { Logger } from 'pino';
import type postgres from 'postgres';
import { settleWish, undeliveredWishes } from '../../db/queries/wish-delivery';
import type { TemporalEngine } from '../engine/temporal-engine';

const LOOK_EVERY_MS = 1_000;

/**
 * Brings wishes from the database to the workflows: at once when one is noted, and again until it has arrived. Several workers
 * may deliver the same wish; the workflow takes it once.
 */
export class WishDelivery {
  private timer: NodeJS.Timeout | undefined;
  private listening: { unlisten(): Promise<void> } | undefined;
  private busy: Promise<void> | undefined;
  private askedAgain = false;

  constructor(
    private readonly sql: postgres.Sql,
    private readonly engine: TemporalEngine,
    private readonly log: Logger,
  ) {}

  async start(): Promise<void> {
    this.listening = await this.sql.listen('sync_wishes', () => this.look());
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.look();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.listening?.unlisten();
    await this.busy;
  }

  private look(): void {
    if (this.busy) {
      this.askedAgain = true;
      return;
    }
    this.busy = this.deliverAll()
      .catch((error: unknown) => this.log.warn({ err: error }, 'wishes could not be delivered; they are tried again'))
      .finally(() => {
        this.busy = undefined;
        if (!this.askedAgain) return;
        this.askedAgain = false;
        this.look();
      });
  }

  private async deliverAll(): Promise<void> {
    for (const wish of await undeliveredWishes(this.sql)) {
      try {
        await this.engine.deliver(wish);
        await settleWish(this.sql, wish.wishId, null);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) await settleWish(this.sql, wish.wishId, 'The sync has ended.');
        else if (error instanceof WorkflowUpdateFailedError) {
          await settleWish(this.sql, wish.wishId, error.cause?.message ?? error.message);
        } else throw error;
      }
    }
  }
}
