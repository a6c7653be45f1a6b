import { bigint, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import type { Phase } from '../../src/domain/outcome';
import type { TimelineKind } from '../../src/domain/timeline';
import { instant } from './columns';
import { executions } from './executions';

/** What happened in an execution, in order. What comes again and again (a failed attempt, a wait) is one row that counts. */
export const timeline = pgTable(
  'timeline',
  {
    entryId: bigint('entry_id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    executionId: uuid('execution_id')
      .notNull()
      .references(() => executions.executionId, { onDelete: 'cascade' }),
    at: instant('at').notNull(),
    kind: text('kind').$type<TimelineKind>().notNull(),
    phase: text('phase').$type<Phase>(),
    /** Why an attempt failed, what is waited for, or the wish that stopped it. */
    text: text('text'),
    /** When a wait is expected to end. */
    waitsUntil: instant('waits_until'),
    /** When a wait ended, or when what came again came last. */
    endedAt: instant('ended_at'),
    /** Records that a phase had gone over at its end. */
    records: bigint('records', { mode: 'number' }),
    times: integer('times').notNull().default(1),
  },
  (table) => [index('timeline_by_execution').on(table.executionId, table.entryId)],
);
