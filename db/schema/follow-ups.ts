import { sql } from 'drizzle-orm';
import { index, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytesText, instant } from './columns';
import { executions } from './executions';

/** Executions that go over what an earlier one has done: they undo it, or try again what failed. */
export const followUps = pgTable(
  'follow_ups',
  {
    executionId: uuid('execution_id')
      .primaryKey()
      .references(() => executions.executionId, { onDelete: 'cascade' }),
    /** The execution that it undoes, or whose failed records it tries again. */
    originId: uuid('origin_id')
      .notNull()
      .references(() => executions.executionId, { onDelete: 'cascade' }),
    /** Only records that failed for one of these reasons; null: for whatever reason. */
    reasons: jsonb('reasons').$type<string[]>(),
    /** Only records that failed because of this field; empty: because of none; null: of whichever. */
    field: text('field'),
    /** Only these records; null: all of them. */
    sourceIds: jsonb('source_ids').$type<string[]>(),
  },
  (table) => [index('follow_ups_by_origin').on(table.originId)],
);

/** What a person has put in place of values that were read; kept as long as the values of the execution that uses it. */
export const corrections = pgTable(
  'corrections',
  {
    executionId: uuid('execution_id')
      .notNull()
      .references(() => executions.executionId, { onDelete: 'cascade' }),
    sourceId: text('source_id').notNull(),
    /** JSON object, source field → value; as text, since it may hold what `jsonb` refuses. */
    cells: text('cells').notNull(),
    /** What the source said of the same fields, in the same form; null until the execution has read the record. */
    sourceCells: text('source_cells'),
  },
  (table) => [primaryKey({ columns: [table.executionId, table.sourceId] })],
);

/** Failed records that a person has given up: they are not tried again. The ledger itself only grows. */
export const givenUpRecords = pgTable(
  'given_up_records',
  {
    executionId: uuid('execution_id')
      .notNull()
      .references(() => executions.executionId, { onDelete: 'cascade' }),
    sortKey: bytesText('sort_key').notNull(),
    by: text('by').notNull(),
    at: instant('at').notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.executionId, table.sortKey] })],
);
