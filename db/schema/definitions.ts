import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { ConnectionKind } from '../../src/domain/connection';
import type { DraftDefinition } from '../../src/domain/definition';
import type { UsedField } from '../../src/domain/field-types';
import type { SyncStatus } from '../../src/domain/outcome';
import type { WishKind } from '../../src/domain/sync-status';
import { instant } from './columns';

export const connections = pgTable(
  'connections',
  {
    connectionId: uuid('connection_id').primaryKey().default(sql`gen_random_uuid()`),
    name: text('name').notNull(),
    kind: text('kind').$type<ConnectionKind>().notNull(),
    /** The settings without their secrets. */
    settings: jsonb('settings').$type<Record<string, unknown>>().notNull(),
    /** The secrets by their path in the settings, encrypted together: `v1.<key id>.<nonce>.<ciphertext>`. */
    secrets: text('secrets').notNull(),
    /** The org or instance of the first sign-in; settings that lead to another are refused while the connection is used. */
    identity: text('identity'),
    /** Grows when a person saves settings; a refresh token that is replaced is no such change. */
    settingsVersion: integer('settings_version').notNull().default(1),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    updatedAt: instant('updated_at').notNull().default(sql`now()`),
  },
  (table) => [uniqueIndex('connections_name').on(table.name)],
);

export const syncs = pgTable(
  'syncs',
  {
    syncId: uuid('sync_id').primaryKey().default(sql`gen_random_uuid()`),
    name: text('name').notNull(),
    status: text('status').$type<SyncStatus>().notNull().default('draft'),
    /** The newest version; the rows of `sync_versions` hold them all. */
    version: integer('version').notNull().default(1),
    /** What a person has to do, while the status is `needsAttention`. */
    problem: text('problem'),
    nextRunAt: instant('next_run_at'),
    /** The number of the last execution; the next one takes the number after it. */
    lastExecutionNumber: integer('last_execution_number').notNull().default(0),
    /** When that began, or was to begin and was missed: what lists are ordered by. */
    lastRunAt: instant('last_run_at'),
    /** Grows with each activation, so that a workflow of an earlier one is recognised. */
    activation: integer('activation').notNull().default(0),
    activatedAt: instant('activated_at'),
    /** The preview whose plan the present activation carries out, once and at once; null where it goes by its schedule. */
    applies: uuid('applies'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    updatedAt: instant('updated_at').notNull().default(sql`now()`),
  },
  (table) => [
    index('syncs_by_status_and_age').on(table.status, table.createdAt, table.syncId),
    index('syncs_by_age').on(table.createdAt, table.syncId),
  ],
);

export const syncVersions = pgTable(
  'sync_versions',
  {
    syncId: uuid('sync_id')
      .notNull()
      .references(() => syncs.syncId, { onDelete: 'cascade' }),
    version: integer('version').notNull(),
    definition: jsonb('definition').$type<DraftDefinition>().notNull(),
    savedBy: text('saved_by').notNull(),
    savedAt: instant('saved_at').notNull().default(sql`now()`),
    /** The fields that it uses, with their types as they were when it was checked or first run; null until then. */
    usedFields: jsonb('used_fields').$type<UsedField[]>(),
  },
  (table) => [primaryKey({ columns: [table.syncId, table.version] })],
);

/** What someone wants of a running sync: stored before it is answered, delivered to the workflow as soon as a worker runs. */
export const syncWishes = pgTable(
  'sync_wishes',
  {
    wishId: uuid('wish_id').primaryKey().default(sql`gen_random_uuid()`),
    syncId: uuid('sync_id')
      .notNull()
      .references(() => syncs.syncId, { onDelete: 'cascade' }),
    /** The execution that is to be cancelled, or the run that was asked for, as soon as it has begun. */
    executionId: uuid('execution_id'),
    /** The activation that it was made of: the workflow of another one does not take it. */
    activation: integer('activation').notNull().default(0),
    kind: text('kind').$type<WishKind>().notNull(),
    askedBy: text('asked_by').notNull(),
    askedAt: instant('asked_at').notNull().default(sql`now()`),
    deliveredAt: instant('delivered_at'),
    /** Why the workflow refused it; null when it was taken. */
    refusal: text('refusal'),
  },
  (table) => [
    index('sync_wishes_undelivered').on(table.askedAt).where(sql`delivered_at is null`),
    index('sync_wishes_of_sync').on(table.syncId, table.askedAt, table.wishId),
  ],
);

/** The first answer to a POST with an `Idempotency-Key`; a repeat gets it again. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    key: text('key').notNull(),
    route: text('route').notNull(),
    requestHash: text('request_hash').notNull(),
    status: integer('status'),
    body: jsonb('body').$type<unknown>(),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.key, table.route] })],
);

export const apiKeys = pgTable('api_keys', {
  apiKeyId: uuid('api_key_id').primaryKey().default(sql`gen_random_uuid()`),
  name: text('name').notNull(),
  role: text('role').$type<'viewer' | 'operator' | 'admin'>().notNull(),
  /** SHA-256 of the key, hexadecimal; the key itself is shown once and kept nowhere. */
  keyHash: text('key_hash').notNull().unique(),
  revoked: boolean('revoked').notNull().default(false),
  /** From then on it is refused; null for one that holds until it is revoked. */
  expiresAt: instant('expires_at'),
  lastUsedAt: instant('last_used_at'),
  createdAt: instant('created_at').notNull().default(sql`now()`),
});

/** Who did what; rows are only ever added. */
export const audit = pgTable(
  'audit',
  {
    auditId: uuid('audit_id').primaryKey().default(sql`gen_random_uuid()`),
    at: instant('at').notNull().default(sql`now()`),
    who: text('who').notNull(),
    action: text('action').notNull(),
    subject: text('subject').notNull(),
    /** From where, as the API sees it; null for what Sync does by itself, and in entries of earlier releases. */
    address: text('address'),
    /** What changed, without secrets and record values. */
    details: jsonb('details').$type<Record<string, unknown>>().notNull().default({}),
  },
  (table) => [
    index('audit_by_time').on(table.at, table.auditId),
    index('audit_by_subject').on(table.subject, table.at),
    index('audit_by_who').on(table.who, table.at, table.auditId),
  ],
);
