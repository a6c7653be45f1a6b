import type { Logger } from 'pino';
import type postgres from 'postgres';
import { dueSyncs } from '../../db/queries/figures';
import { noteAnnounced, tellOverdue, unannounced } from '../../db/queries/webhook-deliveries';
import { overdueSince } from '../domain/sync-status';
import { isToldOverdue } from '../domain/webhooks';
import type { TemporalEngine } from '../engine/temporal-engine';
import { Repeating } from './repeating';

/** Each look is one query by an index that holds what waits alone. */
const LOOK_EVERY_MS = 500;
const LOOK_FOR_OVERDUE_EVERY_MS = 15_000;

/**
 * Tells the workflows of webhooks that events wait for them, and starts those that do not run. Several workers may tell the same; what is
 * still there after a while, since a workflow was terminated or knows an older backup, is told again.
 */
export const announcingEvents = (
  sql: postgres.Sql,
  engine: Pick<TemporalEngine, 'wakeWebhook'>,
  log: Logger,
): Repeating =>
  new Repeating(
    'announce events to webhooks',
    LOOK_EVERY_MS,
    async () => {
      for (const { webhookId, deliveryIds } of await unannounced(sql)) {
        await engine.wakeWebhook(webhookId);
        await noteAnnounced(sql, deliveryIds);
      }
    },
    log,
  );

/** Tells webhooks of syncs that should have run and did not. @param now present time, ISO 8601 UTC */
export const tellingOverdue = (sql: postgres.Sql, now: () => string, log: Logger): Repeating =>
  new Repeating('tell of overdue syncs', LOOK_FOR_OVERDUE_EVERY_MS, () => tellOfOverdue(sql, now()), log);

/** One look for syncs that are late, see `tellingOverdue`. */
export async function tellOfOverdue(sql: postgres.Sql, now: string): Promise<void> {
  for (const { syncId, last, ...sync } of await dueSyncs(sql, now)) {
    const since = overdueSince(sync, last, now);
    if (since !== null && isToldOverdue(since, now)) await tellOverdue(sql, syncId, since);
  }
}
