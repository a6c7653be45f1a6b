import { Context } from '@temporalio/activity';
import type postgres from 'postgres';
import { type DueDelivery, dueDeliveries, nextDueInMs, noteAttempt } from '../db/queries/webhook-deliveries';
import type { Attempt } from '../src/domain/webhooks';
import type { SendEvent } from '../src/webhooks/event-sending';
import { inParallel } from './in-parallel';

/** So many events are on their way to one receiver at a time. */
const AT_ONCE = 8;
/** So many are looked up together. */
const AT_A_LOOK = 64;
/** After so long the activity ends, and is called again: histories tell how it goes. */
const ROUND_MS = 60_000;

/** What a round of deliveries leaves. */
export interface DeliveryRound {
  /** In so many milliseconds the next one is due; null where none waits. */
  waitMs: number | null;
}

interface WebhookDeps {
  sql: postgres.Sql;
  /** Sends an event once. */
  sendEvent: SendEvent;
}

/** How webhooks are told of events. */
export const webhookActivities = (deps: WebhookDeps) => ({
  /**
   * Sends what is due to a webhook, and notes what came of it. An attempt whose end was not noted is made again: receivers drop repeats by
   * the id of the event.
   */
  async deliverEvents({ webhookId }: { webhookId: string }): Promise<DeliveryRound> {
    const { cancellationSignal: signal } = Context.current();
    const until = performance.now() + ROUND_MS;
    while (performance.now() < until && !signal.aborted) {
      const due = await dueDeliveries(deps.sql, webhookId, AT_A_LOOK);
      if (due.length === 0) return { waitMs: await nextDueInMs(deps.sql, webhookId) };
      let hasFailed = false;
      await inParallel(due, AT_ONCE, async (delivery) => {
        // the rest is looked up again: the webhook may be held, or off
        if (hasFailed || signal.aborted) return;
        const made = await attempt(deps, delivery, signal);
        hasFailed ||= made?.problem !== null;
      });
    }
    return { waitMs: 0 };
  },
});

export type WebhookActivities = ReturnType<typeof webhookActivities>;

/** @returns what came of it; null where it was broken off by the end of the worker (another one makes it), or the webhook is gone */
async function attempt(
  { sql, sendEvent }: WebhookDeps,
  delivery: DueDelivery,
  signal: AbortSignal,
): Promise<Attempt | null> {
  try {
    const made = await sendEvent(delivery, delivery.event, signal);
    if (made) await noteAttempt(sql, delivery, made);
    return made;
  } catch (error) {
    if (!signal.aborted) throw error;
    return null;
  }
}
