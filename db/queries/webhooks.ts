import { randomUUID } from 'node:crypto';
import { and, asc, count, eq, gt, inArray, ne, sql } from 'drizzle-orm';
import type { WebhookEvent } from '../../src/domain/webhooks';
import type { Database } from '../client';
import { syncs } from '../schema/definitions';
import { webhookDeliveries, webhooks } from '../schema/webhooks';
import type { Sealer } from './connections';

/** The place that a signing secret is bound to: one that was moved to another row does not open. */
export const placeOfSigningSecret = (webhookId: string): string => `webhooks/${webhookId}/secret`;

/** What a person sets of a webhook. */
export interface WebhookSettings {
  name: string;
  url: string;
  events: WebhookEvent[];
  /** Null: all. */
  syncIds: string[] | null;
  failurePercent: number;
  enabled: boolean;
}

/** A webhook without its secrets. */
export type WebhookRow = Omit<typeof webhooks.$inferSelect, 'secret' | 'previousSecret' | 'previousUntil'>;

const shown = {
  webhookId: webhooks.webhookId,
  name: webhooks.name,
  url: webhooks.url,
  events: webhooks.events,
  syncIds: webhooks.syncIds,
  failurePercent: webhooks.failurePercent,
  isEnabled: webhooks.isEnabled,
  offReason: webhooks.offReason,
  version: webhooks.version,
  failingSince: webhooks.failingSince,
  failuresInRow: webhooks.failuresInRow,
  holdUntil: webhooks.holdUntil,
  lastDeliveredAt: webhooks.lastDeliveredAt,
  createdAt: webhooks.createdAt,
  updatedAt: webhooks.updatedAt,
};

/** By name. @param after the last one of the page before */
export const listWebhooks = (db: Database, after: string | null, limit: number): Promise<WebhookRow[]> =>
  db
    .select(shown)
    .from(webhooks)
    .where(after === null ? undefined : gt(webhooks.name, after))
    .orderBy(asc(webhooks.name))
    .limit(limit);

export async function findWebhook(db: Database, webhookId: string): Promise<WebhookRow | null> {
  const [row] = await db.select(shown).from(webhooks).where(eq(webhooks.webhookId, webhookId));
  return row ?? null;
}

/** Of these syncs, those that there are none of. */
export async function missingSyncs(db: Database, syncIds: readonly string[]): Promise<string[]> {
  if (syncIds.length === 0) return [];
  const rows = await db
    .select({ syncId: syncs.syncId })
    .from(syncs)
    .where(inArray(syncs.syncId, [...syncIds]));
  const found = new Set(rows.map(({ syncId }) => syncId));
  return syncIds.filter((syncId) => !found.has(syncId));
}

/**
 * Saves a new webhook, within a transaction.
 * @param most how many there may be
 */
export async function insertWebhook(
  tx: Database,
  sealer: Pick<Sealer, 'seal'>,
  { enabled, ...settings }: WebhookSettings,
  secret: string,
  most: number,
): Promise<WebhookRow | 'nameTaken' | 'tooMany'> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('webhooks'))`);
  const [present] = await tx.select({ count: count() }).from(webhooks);
  if ((present?.count ?? 0) >= most) return 'tooMany';
  const webhookId = randomUUID();
  const sealed = sealer.seal(secret, placeOfSigningSecret(webhookId));
  const [row] = await tx
    .insert(webhooks)
    .values({ webhookId, ...settings, isEnabled: enabled, secret: sealed })
    .onConflictDoNothing()
    .returning(shown);
  return row ?? 'nameTaken';
}

/**
 * Saves changed settings, within a transaction. Switched on, it begins anew; switched off, what waits for it is given up.
 * @param expected the version that the change was made on
 */
export async function updateWebhook(
  tx: Database,
  webhookId: string,
  expected: number,
  { enabled, ...settings }: WebhookSettings,
): Promise<WebhookRow | 'nameTaken' | 'changedMeanwhile'> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('webhooks'))`);
  const [taken] = await tx
    .select({ webhookId: webhooks.webhookId })
    .from(webhooks)
    .where(and(eq(webhooks.name, settings.name), ne(webhooks.webhookId, webhookId)));
  if (taken) return 'nameTaken';
  const isSwitchedOn = sql`${enabled} and not ${webhooks.isEnabled}`;
  const isNew = sql`(${isSwitchedOn} or ${webhooks.url} <> ${settings.url})`;
  const [row] = await tx
    .update(webhooks)
    .set({
      ...settings,
      isEnabled: enabled,
      offReason: sql`case when ${enabled} then null else ${webhooks.offReason} end`,
      failingSince: sql`case when ${isNew} then null else ${webhooks.failingSince} end`,
      failuresInRow: sql`case when ${isNew} then 0 else ${webhooks.failuresInRow} end`,
      holdUntil: sql`case when ${isNew} then null else ${webhooks.holdUntil} end`,
      version: expected + 1,
      updatedAt: sql`now()`,
    })
    .where(and(eq(webhooks.webhookId, webhookId), eq(webhooks.version, expected)))
    .returning(shown);
  if (!row) return 'changedMeanwhile';
  if (!enabled) await giveUpWaiting(tx, webhookId);
  return row;
}

/** What waits for a webhook that was switched off is not sent; it can be sent again by hand. */
const giveUpWaiting = (tx: Database, webhookId: string) =>
  tx
    .update(webhookDeliveries)
    .set({ state: 'failed', problem: SWITCHED_OFF, nextAttemptAt: null, endedAt: sql`now()` })
    .where(and(eq(webhookDeliveries.webhookId, webhookId), eq(webhookDeliveries.state, 'waiting')));

/** Why what waited was not sent. */
export const SWITCHED_OFF = 'The webhook was switched off.';

/** Deletes a webhook with its deliveries, within a transaction. @returns its name; null where there is none */
export async function deleteWebhook(tx: Database, webhookId: string): Promise<string | null> {
  const [row] = await tx.delete(webhooks).where(eq(webhooks.webhookId, webhookId)).returning({ name: webhooks.name });
  if (!row) return null;
  await tx.delete(webhookDeliveries).where(eq(webhookDeliveries.webhookId, webhookId));
  return row.name;
}

/** So long events are signed with the secret before as well. */
const OVERLAP = sql`interval '24 hours'`;

/** Replaces the signing secret, within a transaction. @returns null where there is no such webhook */
export async function replaceSigningSecret(
  tx: Database,
  sealer: Pick<Sealer, 'seal'>,
  webhookId: string,
  secret: string,
): Promise<WebhookRow | null> {
  const [row] = await tx
    .update(webhooks)
    .set({
      secret: sealer.seal(secret, placeOfSigningSecret(webhookId)),
      previousSecret: sql`${webhooks.secret}`,
      previousUntil: sql`now() + ${OVERLAP}`,
      version: sql`${webhooks.version} + 1`,
      updatedAt: sql`now()`,
    })
    .where(eq(webhooks.webhookId, webhookId))
    .returning(shown);
  return row ?? null;
}

/** The secrets that events of a webhook are signed with now, the newest first; none where there is no such webhook. */
export async function signingSecrets(db: Database, sealer: Pick<Sealer, 'open'>, webhookId: string): Promise<string[]> {
  const [row] = await db
    .select({
      secret: webhooks.secret,
      previous: sql<string | null>`case when ${webhooks.previousUntil} > now() then ${webhooks.previousSecret} end`,
    })
    .from(webhooks)
    .where(eq(webhooks.webhookId, webhookId));
  if (!row) return [];
  const sealed = row.previous === null ? [row.secret] : [row.secret, row.previous];
  return sealed.map((each) => sealer.open(each, placeOfSigningSecret(webhookId)));
}
