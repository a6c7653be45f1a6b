import { defineSignal } from '@temporalio/workflow';

export interface WebhookInput {
  webhookId: string;
}

/** Id of the workflow that sends events to a webhook; it is there while any wait. */
export const webhookWorkflowId = (webhookId: string): string => `webhook/${webhookId}`;

/** There is something to be sent. */
export const wakeWebhook = defineSignal('wake');
