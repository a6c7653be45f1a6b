import { bigint, boolean, date, index, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { PreviewMode } from '../../src/domain/preview';
import { bytesText } from './columns';
import { executions } from './executions';

/** What a preview was asked for, and what it has found; how far it is stands in its row among the executions. */
export const previews = pgTable('previews', {
  previewId: uuid('preview_id')
    .primaryKey()
    .references(() => executions.executionId, { onDelete: 'cascade' }),
  mode: text('mode').$type<PreviewMode>().notNull(),
  /** With more records than `sampleAbove` at the source, the first `sampleRecords` of them are read; null: all are, however many. */
  sampleAbove: integer('sample_above'),
  sampleRecords: integer('sample_records'),
  /** Whether all were read; null until that is known. */
  exact: boolean('exact'),
  /** Records that the filters select; null while, or where, that is not known. */
  total: bigint('total', { mode: 'number' }),
  /** JSON of a `PreviewReport`, as text, since examples may hold half of a character pair; null until it is complete. */
  report: text('report'),
});

/**
 * The values of the records that a preview would create or update; what would become of each record stands in the ledger. Partitioned
 * like the staged records.
 */
export const plannedRecords = pgTable(
  'planned_records',
  {
    stagedOn: date('staged_on', { mode: 'string' }).notNull(),
    executionId: uuid('execution_id').notNull(),
    sortKey: bytesText('sort_key').notNull(),
    round: integer('round').notNull(),
    matchKey: text('match_key'),
    /** JSON object, destination field → present value, of the fields that change; null for a record to be created. */
    before: text('before'),
    /** JSON object: destination field → value to be written. */
    after: text('after').notNull(),
    /** JSON array of what the destination takes but what is probably not meant; null where there is nothing. */
    warnings: text('warnings'),
  },
  (table) => [
    primaryKey({ columns: [table.stagedOn, table.executionId, table.sortKey] }),
    index('planned_records_by_key').on(table.executionId, table.matchKey),
  ],
);
