import type { EventRow } from '../../db/queries/webhook-deliveries';
import { toExecution } from '../api/execution-answer';
import type { LinkDeps } from '../api/links';
import type { WebhookPayload } from '../api/schemas/webhooks';

/** What is needed of the settings for links. */
export interface PayloadSettings {
  /** Where people reach the UI, without a trailing slash. */
  publicUrl: string;
  temporal: LinkDeps['settings']['temporal'];
}

/** What a webhook is told of an event: the same whenever it is asked for. */
export function payloadOf(settings: PayloadSettings, event: EventRow): WebhookPayload {
  const { execution, syncId, syncName: name, syncStatus: status } = event;
  const page = (path: string, id: string | undefined) =>
    id === undefined ? null : `${settings.publicUrl}/${path}/${id}`;
  return {
    id: event.eventId,
    type: event.type,
    time: event.at,
    sync: syncId && name !== null && status ? { id: syncId, name, status, problem: event.syncProblem } : null,
    execution: execution && toExecution({ settings, now: () => event.at }, execution),
    details: event.details,
    links: { sync: page('syncs', syncId ?? undefined), execution: page('executions', execution?.executionId) },
  };
}
