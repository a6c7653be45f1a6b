import { condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { WebhookActivities } from '../activities/webhooks';
import { shortOptions } from './activity-options';
import { summary } from './summary';
import { type WebhookInput, wakeWebhook } from './webhook-messages';

const { deliverEvents } = proxyActivities<WebhookActivities>(shortOptions('Send the events that are due', '5 minutes'));

/** A webhook that never comes to rest goes on as a new run before its history grows long. */
const MOST_EVENTS = 2_000;

/** Sends events to one webhook, each again until it is taken or given up, and ends when none waits. What is sent is in the database alone. */
export async function webhook({ webhookId }: WebhookInput): Promise<void> {
  let isWoken = false;
  setHandler(
    wakeWebhook,
    () => {
      isWoken = true;
    },
    { description: 'There is something to be sent' },
  );
  for (;;) {
    isWoken = false;
    const { waitMs } = await deliverEvents({ webhookId });
    if (waitMs === null && !isWoken) return;
    if (workflowInfo().historyLength > MOST_EVENTS) await continueAsNew<typeof webhook>({ webhookId });
    if (waitMs !== null && waitMs > 0 && !isWoken) {
      await condition(() => isWoken, waitMs, { summary: summary('Until the next attempt, or an event') });
    }
  }
}
