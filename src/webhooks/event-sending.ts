import type { Database } from '../../db/client';
import type { Sealer } from '../../db/queries/connections';
import type { EventRow } from '../../db/queries/webhook-deliveries';
import { signingSecrets } from '../../db/queries/webhooks';
import { SecretError } from '../domain/secret-error';
import type { Attempt } from '../domain/webhooks';
import { type PayloadSettings, payloadOf } from './payload';
import type { WebhookSender } from './send';

/**
 * Sends an event to a webhook, signed by its secrets.
 * @returns null where the webhook is gone
 */
export type SendEvent = (
  webhook: { webhookId: string; url: string },
  event: EventRow,
  signal: AbortSignal,
) => Promise<Attempt | null>;

export const eventSending =
  (deps: { db: Database; secrets: Sealer; sender: WebhookSender; settings: PayloadSettings }): SendEvent =>
  async ({ webhookId, url }, event, signal) => {
    try {
      const secrets = await signingSecrets(deps.db, deps.secrets, webhookId);
      if (secrets.length === 0) return null;
      const body = JSON.stringify(payloadOf(deps.settings, event));
      return await deps.sender.send({ url, secrets }, { eventId: event.eventId, body }, signal);
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      return { status: null, problem: error.message, answer: null, durationMs: 0, retryAfterMs: null };
    }
  };
