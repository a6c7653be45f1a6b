import { Context } from '@temporalio/activity';
import type postgres from 'postgres';
import { type DueDelivery, dueDeliveries, nextDueInMs, noteAttempt } from '../db/queries/webhook-deliveries';
import type { SendEvent } from '../src/webhooks/event-sending';

/** So many events are on their way to one receiver at a time, each of another sync. */
const AT_ONCE = 8;
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
      const due = await dueDeliveries(deps.sql, webhookId, AT_ONCE);
      if (due.length === 0) return { waitMs: await nextDueInMs(deps.sql, webhookId) };
      await Promise.all(due.map((delivery) => attempt(deps, delivery, signal)));
    }
    return { waitMs: 0 };
  },
});

export type WebhookActivities = ReturnType<typeof webhookActivities>;

async function attempt({ sql, sendEvent }: WebhookDeps, delivery: DueDelivery, signal: AbortSignal): Promise<void> {
  try {
    const made = await sendEvent(delivery, delivery.event, signal);
    if (made) await noteAttempt(sql, delivery, made);
  } catch (error) {
    // broken off by the end of the worker: another one makes it
    if (!signal.aborted) throw error;
  }
}
