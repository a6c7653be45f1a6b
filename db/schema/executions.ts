import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { Cursor, WriteHandle } from '../../src/connectors/connector';
import type { ReadsAllBecause } from '../../src/domain/changed-only';
import type { ExecutionState, OutcomeKind, Phase, Trigger } from '../../src/domain/outcome';
import type { PreviewPhase, PreviewState } from '../../src/domain/preview';
import { bytesText, count, instant } from './columns';
import { syncs } from './definitions';

export const STOP_KINDS = ['cancel', 'pause'] as const;
export type StopKind = (typeof STOP_KINDS)[number];

/** Runs load; previews go the same way up to the load, and write nothing to any system. */
export type Purpose = 'run' | 'preview';

/** Runs and previews. A preview has numbers and states of its own, so that nothing takes it for a run (`src/domain/preview.ts`). */
export const executions = pgTable(
  'executions',
  {
    executionId: uuid('execution_id').primaryKey().default(sql`gen_random_uuid()`),
    syncId: uuid('sync_id')
      .notNull()
      .references(() => syncs.syncId, { onDelete: 'cascade' }),
    purpose: text('purpose').$type<Purpose>().notNull().default('run'),
    number: integer('number').notNull(),
    /** The version of the definition that it runs. */
    version: integer('version').notNull(),
    /** The activation of the sync in which it was opened. */
    activation: integer('activation').notNull().default(0),
    /** The preview to whose plan it keeps: what would be written otherwise than planned is held back. */
    applies: uuid('applies'),
    trigger: text('trigger').$type<Trigger>().notNull(),
    scheduledFor: instant('scheduled_for').notNull(),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    state: text('state').$type<ExecutionState | PreviewState>().notNull(),
    phase: text('phase').$type<Phase | PreviewPhase>(),
    /** The day that its staged rows are filed under: one partition holds them all. */
    stagedOn: date('staged_on', { mode: 'string' }).notNull(),
    /** Relative filters and the end of what is read go by this instant. */
    asOf: instant('as_of').notNull(),
    /** Only records changed at this instant or later are read; null: all are. */
    changedSince: instant('changed_since'),
    /** What a later run compares the definition with, to know whether it may read only what changed; null: no run may build on this one. */
    readingSignature: text('reading_signature'),
    /** Why a sync that reads what changed read everything this time. */
    readsAllBecause: text('reads_all_because').$type<ReadsAllBecause>(),
    /** Each attempt of an activity takes the next; every commit carries it, so an attempt believed dead cannot write. */
    epoch: integer('epoch').notNull().default(0),
    /** The epoch, while what it knows of keys is hashed (see `sync_records`); null where it knows the keys themselves, or needs none. */
    hashedEpoch: integer('hashed_epoch'),
    /** A wish that activities notice between batches. */
    stop: text('stop').$type<StopKind>(),
    problem: text('problem'),
    read: count('read'),
    filteredOut: count('filtered_out'),
    duplicates: count('duplicates'),
    created: count('created'),
    updated: count('updated'),
    unchanged: count('unchanged'),
    skipped: count('skipped'),
    failed: count('failed'),
    /** Of those that count as updated: what an undo has deleted. */
    deleted: count('deleted'),
    /** How far the present phase is, in records; null where the whole is not known. */
    progressDone: count('progress_done'),
    progressTotal: bigint('progress_total', { mode: 'number' }),
    phaseStartedAt: instant('phase_started_at'),
    /** How far the phases that walk over staged rows have come: the last row that is done. */
    filterCursor: text('filter_cursor'),
    mapCursor: text('map_cursor'),
    /** Load goes round by round; records with an equal key are in different rounds. */
    loadRound: integer('load_round').notNull().default(1),
    loadCursor: text('load_cursor'),
    /** When the staged values of what it left out or found unchanged were deleted, after its end. */
    trimmedAt: instant('trimmed_at'),
    /** When its values were deleted, and its outcomes relieved of personal data: they had been kept long enough. */
    valuesGoneAt: instant('values_gone_at'),
  },
  (table) => [
    uniqueIndex('executions_by_number').on(table.syncId, table.number),
    index('executions_running').on(table.state).where(sql`state = 'running'`),
    index('executions_untrimmed').on(table.finishedAt).where(sql`trimmed_at is null`),
    index('executions_with_values').on(table.finishedAt).where(sql`values_gone_at is null`),
  ],
);

/** Where each part of a read stands: the checkpoint, committed together with the page that led to it. */
export const extractParts = pgTable(
  'extract_parts',
  {
    executionId: uuid('execution_id')
      .notNull()
      .references(() => executions.executionId, { onDelete: 'cascade' }),
    part: integer('part').notNull(),
    /** Null when the part has been read to its end. */
    cursor: jsonb('cursor').$type<Cursor>(),
    records: count('records'),
    total: bigint('total', { mode: 'number' }),
    /** The part reads these records by their Ids, whether or not they changed; null: it is a part of the execution's own reading. */
    sourceIds: jsonb('source_ids').$type<string[]>(),
  },
  (table) => [primaryKey({ columns: [table.executionId, table.part] })],
);

/** The source records as they were read. Partitioned by `staged_on` (in the migration), so that retention drops whole days. */
export const stagedRecords = pgTable(
  'staged_records',
  {
    stagedOn: date('staged_on', { mode: 'string' }).notNull(),
    executionId: uuid('execution_id').notNull(),
    /** The source Id in a form whose byte order is the source order. */
    sortKey: bytesText('sort_key').notNull(),
    sourceId: text('source_id').notNull(),
    matchKey: text('match_key'),
    /** Keyed hash of the match key, by which it is found in the index; null where the sync keeps none. */
    keyHash: text('key_hash'),
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
    /** JSON array of values, in the order of the fields that the execution reads. */
    body: text('body').notNull(),
  },
  (table) => [primaryKey({ columns: [table.stagedOn, table.executionId, table.sortKey] })],
);

/** Records that share their key with an earlier one and therefore go in a later round. Partitioned like the staged records. */
export const laterRounds = pgTable(
  'later_rounds',
  {
    stagedOn: date('staged_on', { mode: 'string' }).notNull(),
    executionId: uuid('execution_id').notNull(),
    sortKey: bytesText('sort_key').notNull(),
    round: integer('round').notNull(),
  },
  (table) => [primaryKey({ columns: [table.stagedOn, table.executionId, table.sortKey] })],
);

/** What is to be written of each record. Partitioned like the staged records. */
export const mappedRecords = pgTable(
  'mapped_records',
  {
    stagedOn: date('staged_on', { mode: 'string' }).notNull(),
    executionId: uuid('execution_id').notNull(),
    round: integer('round').notNull(),
    sortKey: bytesText('sort_key').notNull(),
    sourceId: text('source_id').notNull(),
    matchKey: text('match_key'),
    /** JSON object: destination field → value. */
    body: text('body').notNull(),
    /** What people are told of the record although it is loaded. */
    note: text('note'),
  },
  (table) => [primaryKey({ columns: [table.stagedOn, table.executionId, table.round, table.sortKey] })],
);

export const BATCH_STATES = ['planned', 'sent', 'settled'] as const;
export type BatchState = (typeof BATCH_STATES)[number];

export const loadBatches = pgTable(
  'load_batches',
  {
    batchId: uuid('batch_id').primaryKey().default(sql`gen_random_uuid()`),
    executionId: uuid('execution_id')
      .notNull()
      .references(() => executions.executionId, { onDelete: 'cascade' }),
    operation: text('operation').$type<'create' | 'update'>().notNull(),
    round: integer('round').notNull(),
    state: text('state').$type<BatchState>().notNull().default('planned'),
    /** The batch's identity at the destination (a bulk job's id), stored before any data leaves. */
    handle: jsonb('handle').$type<WriteHandle>(),
    records: integer('records').notNull(),
    /** How often its records have been sent because the destination did not get to them or a lock was in the way. */
    attempt: integer('attempt').notNull().default(1),
    plannedAt: instant('planned_at').notNull().default(sql`now()`),
    sentAt: instant('sent_at'),
    settledAt: instant('settled_at'),
    /** The earliest moment at which asking about it makes sense; set of a planned one where an undo has put it off. */
    askAgainAt: instant('ask_again_at'),
    /** The answer to a sending of it was lost, and until then that may yet take effect. */
    arrivesUntil: instant('arrives_until'),
  },
  (table) => [
    index('load_batches_unsettled').on(table.executionId).where(sql`state <> 'settled'`),
    index('load_batches_arriving').on(table.arrivesUntil).where(sql`arrives_until is not null`),
  ],
);

/** What a batch writes, and the values that were there before; kept as long as staged values are. Partitioned by day. */
export const batchPlans = pgTable(
  'batch_plans',
  {
    stagedOn: date('staged_on', { mode: 'string' }).notNull(),
    batchId: uuid('batch_id').notNull(),
    /** JSON array of planned records. */
    plan: text('plan').notNull(),
  },
  (table) => [primaryKey({ columns: [table.stagedOn, table.batchId] })],
);

/**
 * The ledger: what became of each record. Rows are appended, once per record and execution. They go with their execution, by a trigger
 * in the migration: a foreign key would lock the execution's row again for each record, a quarter of what an append costs, and every
 * transaction that appends ends with `account`, which finds out whether the execution is there.
 */
export const outcomes = pgTable(
  'outcomes',
  {
    executionId: uuid('execution_id').notNull(),
    sortKey: bytesText('sort_key').notNull(),
    sourceId: text('source_id').notNull(),
    matchKey: text('match_key'),
    outcome: text('outcome').$type<OutcomeKind>().notNull(),
    reason: text('reason'),
    message: text('message'),
    field: text('field'),
    destinationId: text('destination_id'),
  },
  (table) => [
    primaryKey({ columns: [table.executionId, table.sortKey] }),
    index('outcomes_by_kind').on(table.executionId, table.outcome, table.sortKey),
  ],
);

/**
 * Who may look up keys in an object of a destination and plan what follows, so that two executions never plan to create one key. A lease:
 * it ends by itself when its holder is gone.
 */
export const planningLeases = pgTable('planning_leases', {
  /** Instance and object, see `destinationOf`. */
  destination: text('destination').primaryKey(),
  executionId: uuid('execution_id')
    .notNull()
    .references(() => executions.executionId, { onDelete: 'cascade' }),
  epoch: integer('epoch').notNull(),
  until: instant('until').notNull(),
});

/**
 * What a sync knows of each source record beyond one execution: the record it made in the destination of one without a key, and, where it
 * reads what changed, how the record stood when it was last read in full.
 */
export const syncRecords = pgTable(
  'sync_records',
  {
    syncId: uuid('sync_id')
      .notNull()
      .references(() => syncs.syncId, { onDelete: 'cascade' }),
    sortKey: bytesText('sort_key').notNull(),
    sourceId: text('source_id').notNull(),
    /** Filled by workers of an earlier release alone. */
    matchKey: text('match_key'),
    /** Keyed hash of the match key: it tells which records share one, and nothing else. */
    keyHash: text('key_hash'),
    createdAt: instant('created_at'),
    updatedAt: instant('updated_at'),
    destinationId: text('destination_id'),
    /** Tells whether the values that were read are others than before; null for a record that is no part of the index (any more). */
    digest: bigint('digest', { mode: 'bigint' }),
    /** The next run reads it whether or not it changed: it failed, or has become the one to be kept of those with its key. */
    due: boolean('due').notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.syncId, table.sortKey] }),
    index('sync_records_by_key').on(table.syncId, table.matchKey),
    index('sync_records_by_key_hash').on(table.syncId, table.keyHash),
    index('sync_records_due').on(table.syncId).where(sql`due`),
    index('sync_records_by_destination').on(table.destinationId).where(sql`destination_id is not null`),
  ],
);
