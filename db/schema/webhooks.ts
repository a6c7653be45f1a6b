import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { SyncStatus } from '../../src/domain/outcome';
import type { DeliveryState, TEST_EVENT, WebhookEvent } from '../../src/domain/webhooks';
import { instant } from './columns';

/** Addresses that are told what happens. */
export const webhooks = pgTable(
  'webhooks',
  {
    webhookId: uuid('webhook_id').primaryKey().default(sql`gen_random_uuid()`),
    name: text('name').notNull(),
    url: text('url').notNull(),
    events: text('events').array().$type<WebhookEvent[]>().notNull(),
    /** The syncs that it is told of; null: all. */
    syncIds: uuid('sync_ids').array(),
    /** `execution.failuresPassed` is told when more than this share of an execution's records has failed. */
    failurePercent: integer('failure_percent').notNull().default(5),
    isEnabled: boolean('is_enabled').notNull().default(true),
    /** Why Sync has switched it off; null where it is on, or a person did. */
    offReason: text('off_reason'),
    /** Grows with each change that a person makes. */
    version: integer('version').notNull().default(1),
    /** What events are signed with, encrypted. */
    secret: text('secret').notNull(),
    /** The one before, by which events are signed as well until then: receivers change theirs meanwhile. */
    previousSecret: text('previous_secret'),
    previousUntil: instant('previous_until'),
    /** The first attempt that failed since one was taken; null while all goes well. */
    failingSince: instant('failing_since'),
    failuresInRow: integer('failures_in_row').notNull().default(0),
    /** Nothing is sent before: the receiver is away. */
    holdUntil: instant('hold_until'),
    lastDeliveredAt: instant('last_delivered_at'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    updatedAt: instant('updated_at').notNull().default(sql`now()`),
  },
  (table) => [uniqueIndex('webhooks_name').on(table.name)],
);

/**
 * What webhooks are told: written by the database itself in the transaction that makes the change (in the migration), where a webhook
 * listens. Syncs and executions may be gone when it is sent, so it holds what they were.
 */
export const webhookEvents = pgTable(
  'webhook_events',
  {
    eventId: uuid('event_id').primaryKey().default(sql`gen_random_uuid()`),
    type: text('type').$type<WebhookEvent | typeof TEST_EVENT>().notNull(),
    at: instant('at').notNull().default(sql`now()`),
    syncId: uuid('sync_id'),
    syncName: text('sync_name'),
    syncStatus: text('sync_status').$type<SyncStatus>(),
    syncProblem: text('sync_problem'),
    /** The row of the execution as it was. */
    execution: jsonb('execution').$type<Record<string, unknown>>(),
    /** What this type of event tells besides. */
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
    /** What happens once is told once. */
    onceKey: text('once_key').unique(),
  },
  (table) => [index('webhook_events_by_time').on(table.at)],
);

/** An event on its way to a webhook, and what became of it. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    deliveryId: uuid('delivery_id').primaryKey().default(sql`gen_random_uuid()`),
    /** No foreign key: a run that tells of its end does not fail because the webhook is deleted in that moment. */
    webhookId: uuid('webhook_id').notNull(),
    eventId: uuid('event_id')
      .notNull()
      .references(() => webhookEvents.eventId, { onDelete: 'cascade' }),
    syncId: uuid('sync_id'),
    /** Order in which events of a sync are sent. */
    position: bigint('position', { mode: 'number' }).generatedAlwaysAsIdentity(),
    state: text('state').$type<DeliveryState>().notNull().default('waiting'),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: instant('next_attempt_at').default(sql`now()`),
    /** When its workflow was last told of it; null: not yet. */
    announcedAt: instant('announced_at'),
    lastAttemptAt: instant('last_attempt_at'),
    /** Status of the last answer; null where there was none. */
    status: integer('status'),
    problem: text('problem'),
    /** The beginning of the last answer that was no success. */
    answer: text('answer'),
    durationMs: integer('duration_ms'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    endedAt: instant('ended_at'),
  },
  (table) => [
    index('webhook_deliveries_by_webhook').on(table.webhookId, table.position),
    index('webhook_deliveries_of_event').on(table.eventId),
    index('webhook_deliveries_waiting').on(table.nextAttemptAt).where(sql`state = 'waiting'`),
    index('webhook_deliveries_in_order')
      .on(table.webhookId, table.syncId, table.position)
      .where(sql`state = 'waiting'`),
    index('webhook_deliveries_ended').on(table.endedAt),
  ],
);
